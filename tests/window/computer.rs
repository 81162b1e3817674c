//! A computer made up for the window's tests: a database whose port an outgoing connection of a backup program took.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use portmedic::app::{AskedChange, Backend, Cancel, Investigation, RunProgress};
use portmedic::case::Case;
use portmedic::diagnosis::{Symptom, Target, diagnose};
use portmedic::helper::journal::{Asker, Entry, EntryStep};
use portmedic::machine::{
    BindResult, Evidence, FailureKind, Gap, KnownFrom, PortRange, ProcessId, Protocol, Service, ServicePort, ServiceState,
    Snapshot, StartFailure,
};
use portmedic::remedy::{
    Change, Check, CheckOutcome, FixOption, Operation, OperationState, Outcome, Plan, PreviewKind, Risk, Step, StepRecord,
    StepResult, Stores, Verification,
};

use super::machine::{With as _, connection, end, failed, linux, running, service_port, unit, unit_process};

/// How the made-up computer behaves when a plan runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Script {
    /// Every step works.
    Healed,
    /// Nobody gives the rights.
    Declined,
    /// The second step cannot be done.
    SecondStepFails,
    /// Every step works, but the service does not come up.
    NotFixed,
    /// The port is free and nothing fails.
    NothingFound,
    /// The system does not answer.
    CannotLook,
    /// The prompt is never answered.
    WaitsForEver,
    /// The last step never ends.
    RunsForEver,
}

/// The made-up computer.
pub struct Computer {
    script: Script,
    elevated: bool,
    /// How often a plan was run.
    pub runs: AtomicUsize,
    /// How often a target was looked into.
    pub looks: AtomicUsize,
    history: Mutex<Vec<Entry>>,
}

impl Computer {
    pub fn new(script: Script) -> Self {
        Self { script, elevated: false, runs: AtomicUsize::new(0), looks: AtomicUsize::new(0), history: Mutex::new(Vec::new()) }
    }

    /// The same, looked at by an administrator.
    pub fn as_administrator(script: Script) -> Self {
        Self { elevated: true, ..Self::new(script) }
    }

    fn snapshot(&self) -> Snapshot {
        let mut snapshot = linux()
            .with_process(unit_process(4312, "bkagent", "backup-agent.service"))
            .with_service(Service { description: "Nightly backup agent".to_owned(), ..running("backup-agent.service", 4312) })
            .with_service(unit("atd.service"))
            .with_service(Service { description: "OpenBSD Secure Shell server".to_owned(), ..running("ssh.service", 812) })
            .with_service(Service { description: "Daily apt download activities".to_owned(), ..unit("apt-daily.service") });
        snapshot.host.elevated = self.elevated;
        if !self.elevated {
            "m.weber".clone_into(&mut snapshot.host.user);
        }
        if self.script == Script::NothingFound {
            let database = Service { ports: vec![service_port(5432, Protocol::Tcp)], ..database(unit("postgresql.service")) };
            return snapshot.with_service(database).with_bind_tests(Protocol::Tcp, 5432, BindResult::Free);
        }
        let failure = StartFailure {
            kind: FailureKind::InUse,
            message: "could not bind IPv4 address \"0.0.0.0\": Address already in use".to_owned(),
            source: "journal of postgresql.service".to_owned(),
            time: Some("2026-11-20T02:58:14Z".parse().unwrap()),
            port: Some(5432),
            protocol: Some(Protocol::Tcp),
            address: None,
        };
        let from_log = ServicePort {
            known_from: KnownFrom::Log,
            source: "LOG:  could not bind IPv4 address \"0.0.0.0\": Address already in use".to_owned(),
            ..service_port(5432, Protocol::Tcp)
        };
        let from_file = ServicePort {
            source: "/etc/postgresql/16/main/postgresql.conf:64 port = 5432".to_owned(),
            ..service_port(5432, Protocol::Tcp)
        };
        let postgres = Service { ports: vec![from_log, from_file], ..database(failed("postgresql.service", failure)) };
        let web = StartFailure {
            kind: FailureKind::InUse,
            message: "bind() to 0.0.0.0:80 failed (98: Address already in use)".to_owned(),
            source: "journal of nginx.service".to_owned(),
            time: Some("2026-11-19T23:10:02Z".parse().unwrap()),
            port: Some(80),
            protocol: Some(Protocol::Tcp),
            address: None,
        };
        let nginx = Service {
            product: Some("nginx".to_owned()),
            since: Some("2026-11-19T23:10:02Z".parse().unwrap()),
            ports: vec![ServicePort { known_from: KnownFrom::Log, ..service_port(80, Protocol::Tcp) }],
            ..failed("nginx.service", web)
        };
        snapshot
            .with_service(postgres)
            .with_service(nginx)
            .with_dynamic_range(1024, 15000)
            .with_socket(connection("10.20.0.15:5432", "10.20.0.40:9392", &[4312]))
            .with_bind_test(Protocol::Tcp, "0.0.0.0", 5432, BindResult::InUse)
            .with_bind_test(Protocol::Tcp, "127.0.0.1", 5432, BindResult::Free)
            .with_bind_test(Protocol::Tcp, "::", 5432, BindResult::InUse)
            .with_bind_test(Protocol::Tcp, "::1", 5432, BindResult::Free)
    }
}

fn database(service: Service) -> Service {
    Service {
        product: Some("PostgreSQL".to_owned()),
        description: "PostgreSQL database server".to_owned(),
        since: Some("2026-11-20T02:58:14Z".parse().unwrap()),
        ..service
    }
}

fn step(operation: Operation, title: &str, preview: &str, kind: PreviewKind, undo: Option<&str>) -> Step {
    Step {
        operation,
        title: title.to_owned(),
        preview: preview.to_owned(),
        preview_kind: kind,
        elevation: true,
        risk: Risk::Low,
        undo: undo.map(str::to_owned),
        check: "read back".to_owned(),
        before: None,
    }
}

fn plan() -> Plan {
    let close = Operation::CloseConnection {
        protocol: Protocol::Tcp,
        local: end("10.20.0.15:5432"),
        remote: end("10.20.0.40:9392"),
        cookie: Some(42),
    };
    let exclude = Operation::AddExclusion { range: PortRange::single(5432), protocol: None, stores: Stores::Both };
    let start = Operation::StartService { service: "postgresql.service".to_owned() };
    let stop = Operation::StopService { service: "backup-agent.service".to_owned() };
    let end_process = Operation::EndProcess { process: ProcessId { pid: 4312, started: 431_200 }, name: "bkagent".to_owned() };
    let start_step = step(
        start,
        "Start PostgreSQL",
        "systemctl start postgresql.service",
        PreviewKind::Command,
        Some("systemctl stop postgresql.service"),
    );
    let change = |what: &str, before: &str, after: &str| Change {
        what: what.to_owned(),
        before: before.to_owned(),
        after: after.to_owned(),
    };
    Plan {
        options: vec![
            FixOption {
                title: "Close the connection and exclude port 5432".to_owned(),
                effect: "Frees the port now and keeps Linux from handing it out again. The backup agent reconnects by itself."
                    .to_owned(),
                recommended: true,
                risk: Risk::Low,
                reversible: "Yes, except the connection".to_owned(),
                interrupts: "One connection".to_owned(),
                restart: "Not needed".to_owned(),
                changes: vec![
                    change("Port 5432", "held by bkagent", "free for PostgreSQL"),
                    change("Excluded ports", "none", "5432"),
                    change("PostgreSQL", "failed", "running"),
                ],
                steps: vec![
                    step(
                        exclude,
                        "Exclude port 5432",
                        "sysctl -w net.ipv4.ip_local_reserved_ports=5432",
                        PreviewKind::Command,
                        Some("sysctl -w net.ipv4.ip_local_reserved_ports="),
                    ),
                    step(
                        close,
                        "Close the connection of bkagent",
                        "ss --kill dst 10.20.0.40 dport = 9392 sport = 5432",
                        PreviewKind::SystemCall,
                        None,
                    ),
                    start_step.clone(),
                ],
            },
            FixOption {
                title: "Stop the backup agent, then start PostgreSQL".to_owned(),
                effect: "Backups pause until someone starts it. The port can be taken again.".to_owned(),
                recommended: false,
                risk: Risk::Medium,
                reversible: "Yes".to_owned(),
                interrupts: "backup-agent.service".to_owned(),
                restart: "Not needed".to_owned(),
                changes: Vec::new(),
                steps: vec![
                    step(
                        stop,
                        "Stop the backup agent",
                        "systemctl stop backup-agent.service",
                        PreviewKind::Command,
                        Some("systemctl start backup-agent.service"),
                    ),
                    start_step.clone(),
                ],
            },
            FixOption {
                title: "End process bkagent".to_owned(),
                effect: "Last resort. A running backup is lost, and systemd may start it again.".to_owned(),
                recommended: false,
                risk: Risk::High,
                reversible: "No".to_owned(),
                interrupts: "bkagent".to_owned(),
                restart: "Not needed".to_owned(),
                changes: Vec::new(),
                steps: vec![step(end_process, "End process bkagent", "kill 4312", PreviewKind::Command, None), start_step],
            },
        ],
    }
}

fn record(step: &Step, result: StepResult) -> StepRecord {
    let (before, after) = match &step.operation {
        Operation::AddExclusion { range, .. } => {
            let set = |range: Option<PortRange>| range.into_iter().collect::<portmedic::machine::PortSet>();
            let lists = |range| OperationState::Exclusions { active: set(range), persistent: set(range), own_file: None };
            (lists(None), lists(Some(*range)))
        }
        Operation::CloseConnection { .. } => {
            (OperationState::Connection { present: true }, OperationState::Connection { present: false })
        }
        Operation::EndProcess { .. } => (OperationState::Process { alive: true }, OperationState::Process { alive: false }),
        _ => (
            OperationState::Service { state: ServiceState::Failed, main_pid: None },
            OperationState::Service { state: ServiceState::Running, main_pid: Some(7120) },
        ),
    };
    let ran = result.is_success();
    StepRecord {
        operation: step.operation.clone(),
        before: (result != StepResult::NotRun).then_some(before),
        after: ran.then_some(after),
        result,
        message: (result == StepResult::Failed)
            .then(|| "the kernel refused to close the connection (95, Operation not supported)".to_owned()),
        duration_ms: if ran { 620 } else { 80 },
    }
}

impl Backend for Computer {
    fn services(&self) -> Result<Snapshot, String> {
        match self.script {
            Script::CannotLook => Err("systemd did not answer within 10 s".to_owned()),
            _ => Ok(self.snapshot()),
        }
    }

    fn ranges(&self) -> Result<Snapshot, String> {
        self.services()
    }

    fn investigate(&self, target: &Target, doing: &mut dyn FnMut(String)) -> Result<Investigation, String> {
        self.looks.fetch_add(1, Ordering::SeqCst);
        if self.script == Script::CannotLook {
            return Err("the socket table could not be read: Operation not permitted (os error 1)".to_owned());
        }
        doing("Looking at the port and who has it".to_owned());
        let mut snapshot = self.snapshot();
        let symptom = match target {
            Target::Name(name) => {
                let service = snapshot.services.iter().find(|service| service.name.starts_with(name.as_str()));
                Symptom::of_service(service.ok_or_else(|| format!("no service is called \"{name}\""))?)
            }
            Target::Port { port, protocol } => {
                Symptom { port: Some(*port), protocol: *protocol, port_known_from: Some(KnownFrom::User), ..Symptom::default() }
            }
            Target::ErrorText(_) => Symptom::of_service(snapshot.service("postgresql.service").unwrap()),
        };
        snapshot.gaps.push(Gap::new(
            "Command line of bkagent",
            "it needs administrator rights",
            "sudo portmedic diagnose postgresql",
        ));
        let mut diagnosis = diagnose(&snapshot, &symptom);
        for evidence in &mut diagnosis.verdict.evidence {
            evidence.time.get_or_insert(snapshot.taken_at);
        }
        if let Some(Evidence { raw, .. }) = diagnosis.verdict.evidence.first_mut() {
            raw.get_or_insert_with(|| {
                "tcp ESTAB 10.20.0.15:5432 -> 10.20.0.40:9392 users:((\"bkagent\",pid=4312,fd=9))".to_owned()
            });
        }
        let plan = if diagnosis.owners.is_empty() { Plan::default() } else { plan() };
        let (taken_at, host, gaps) = (snapshot.taken_at, snapshot.host.clone(), snapshot.gaps.clone());
        let case = Case::new(taken_at, host, target.to_string(), symptom, diagnosis, plan, gaps);
        Ok(Investigation { case, snapshot })
    }

    fn apply(
        &self,
        case: &mut Case,
        option: usize,
        cancel: &Cancel,
        progress: &mut dyn FnMut(RunProgress),
    ) -> Result<(), String> {
        self.runs.fetch_add(1, Ordering::SeqCst);
        while self.script == Script::WaitsForEver && !cancel.is_cancelled() {
            std::thread::yield_now();
        }
        if matches!(self.script, Script::Declined | Script::WaitsForEver) {
            case.outcome = Some(Outcome::Declined);
            case.message = Some("The prompt was dismissed, so no step ran. Nothing was changed.".to_owned());
            return Ok(());
        }
        if !self.elevated {
            progress(RunProgress::Approved { user: "root".to_owned() });
        }
        let steps = case.plan.options[option].steps.clone();
        let mut ended = false;
        for (index, step) in steps.iter().enumerate() {
            let fails = self.script == Script::SecondStepFails && index == 1;
            let result = if ended {
                StepResult::NotRun
            } else if fails {
                StepResult::Failed
            } else {
                StepResult::Done
            };
            if !ended {
                progress(RunProgress::StepStarted(index));
                while self.script == Script::RunsForEver && index + 1 == steps.len() && !cancel.is_cancelled() {
                    std::thread::yield_now();
                }
            }
            ended |= fails;
            let record = record(step, result);
            progress(RunProgress::StepFinished(index, Box::new(record.clone())));
            case.steps.push(record);
        }
        case.journal_entry = Some("20261120-031402-1".to_owned());
        self.history.lock().unwrap().push(Entry {
            id: "20261120-031402-1".to_owned(),
            time: "2026-11-20T03:14:02Z".parse().unwrap(),
            asker: Asker { uid: Some(1000), name: Some("m.weber".to_owned()), by: "pkexec".to_owned() },
            title: case.plan.options[option].title.clone(),
            undoes: None,
            steps: case.steps.iter().map(|record| EntryStep { record: record.clone(), interrupted: false }).collect(),
            finished: true,
            undone: None,
        });
        Ok(())
    }

    fn verify(&self, found: &mut Investigation, _cancel: &Cancel, _doing: &mut dyn FnMut(String)) -> Result<(), String> {
        let case = &mut found.case;
        let fixed = matches!(self.script, Script::Healed | Script::RunsForEver);
        let check = |what: &str, before: &str, now: &str, passed: bool| Check {
            what: what.to_owned(),
            before: before.to_owned(),
            now: now.to_owned(),
            outcome: if passed { CheckOutcome::Passed } else { CheckOutcome::Failed },
            source: "systemctl show postgresql.service".to_owned(),
        };
        let (outcome, headline) = if fixed {
            (Outcome::Fixed, "Fixed: PostgreSQL runs and listens on 5432")
        } else {
            (Outcome::NotFixed, "Not fixed: PostgreSQL does not run")
        };
        case.outcome = Some(outcome);
        case.verification = Some(Verification {
            outcome,
            headline: headline.to_owned(),
            checks: vec![
                check("PostgreSQL", "failed", if fixed { "running, PID 7120" } else { "failed" }, fixed),
                check("Port 5432 TCP, any address", "in use", if fixed { "listening, PostgreSQL" } else { "free" }, fixed),
                check("Excluded ports, running", "none", "5432", true),
                check("Excluded ports, after a restart", "none", "5432", true),
                check("200 ports from the dynamic range", "5432 possible", "5432 never among them", true),
            ],
        });
        Ok(())
    }

    fn prepare_change(&self, operation: Operation) -> Result<AskedChange, String> {
        Err(format!("{operation} is for a computer of facts"))
    }

    fn prove_change(&self, _change: &mut AskedChange) {}

    fn history(&self) -> Result<Vec<Entry>, String> {
        Ok(self.history.lock().unwrap().clone())
    }

    fn way_back(&self, _entry: &str) -> Result<FixOption, String> {
        let remove = Operation::RemoveExclusion { range: PortRange::single(5432), protocol: None, stores: Stores::Both };
        let preview = "sysctl -w net.ipv4.ip_local_reserved_ports=";
        let step = step(remove, "Take port 5432 out of the exclusions", preview, PreviewKind::Command, None);
        Ok(FixOption { steps: vec![step], effect: "What was there before is put back.".to_owned(), ..plan().options.remove(0) })
    }

    fn undo(&self, entry: &str) -> Result<String, String> {
        let mut history = self.history.lock().unwrap();
        let found = history.iter_mut().find(|known| known.id == entry).ok_or("no such journal entry")?;
        found.undone = Some("2026-11-20T03:14:10Z".parse().unwrap());
        Ok("The change was taken back".to_owned())
    }
}
