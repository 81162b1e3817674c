//! A computer of facts that obeys operations, behind the real investigation, the real helper and the real proof.

use std::sync::{Arc, Mutex};

use portmedic::app::Computer;
use portmedic::helper::launch::{Elevator, InProcessElevator, LaunchError, Method};
use portmedic::helper::protocol::{Reply, Request};
use portmedic::machine::{
    BindResult, BindTest, Exclusion, FailureKind, KnownFrom, Port, PortSet, Protocol, Service, ServicePort, ServiceState,
    Snapshot, SocketState, StartFailure, Store,
};
use portmedic::platform::{BindQuestion, Platform, PlatformError, Scope, ServiceScope, SocketScope};
use portmedic::remedy::{Operation, OperationState, Task};

use super::machine::{With as _, connection, failed, linux, listener, process, running, service_port, unit_process};

/// What the computer does when it is to be changed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Manner {
    /// What it is told.
    #[default]
    Obeys,
    /// Nobody gives the rights.
    Declines,
    /// The prompt is never answered.
    WaitsForEver,
    /// It refuses the step.
    Fails,
    /// It cannot be looked at.
    Blind,
    /// It can be read, but nothing can be kept for the next start.
    ReadOnly,
}

/// The facts, changed by what is done to them.
pub struct Facts {
    snapshot: Mutex<Snapshot>,
    manner: Manner,
    /// What the system starts by itself.
    task: Mutex<Option<Task>>,
}

impl Facts {
    /// A computer with a failing database whose port an outgoing connection has.
    pub fn new(manner: Manner) -> Arc<Self> {
        Arc::new(Self { snapshot: Mutex::new(Self::database()), manner, task: Mutex::new(None) })
    }

    /// The same with a way to act on it and a journal.
    pub fn computer(self: &Arc<Self>) -> Arc<Computer> {
        let platform: Arc<dyn Platform> = Arc::clone(self) as Arc<dyn Platform>;
        let elevator = Arc::new(InProcessElevator::new(Arc::clone(&platform)));
        let journal = Arc::clone(&elevator);
        let elevator: Arc<dyn Elevator> = Arc::new(Prompt { manner: self.manner, approved: elevator });
        Arc::new(Computer { platform, elevator, journal: Box::new(move || journal.history()), practice: None })
    }

    /// What the system starts by itself.
    pub fn task(&self) -> Option<Task> {
        self.task.lock().unwrap().clone()
    }

    /// What is excluded now.
    pub fn excluded_now(&self) -> String {
        self.change(|facts| Self::excluded(facts, Store::Active).to_string())
    }

    fn database() -> Snapshot {
        let failure = StartFailure {
            kind: FailureKind::InUse,
            message: "could not bind: Address already in use".to_owned(),
            source: "journal of db.service".to_owned(),
            time: None,
            port: Some(5432),
            protocol: Some(Protocol::Tcp),
            address: None,
        };
        let port = ServicePort { known_from: KnownFrom::Log, ..service_port(5432, Protocol::Tcp) };
        let db = Service { ports: vec![port], ..failed("db.service", failure) };
        linux()
            .with_dynamic_range(1024, 9000)
            .with_service(db)
            .with_service(running("backup.service", 4312))
            .with_process(unit_process(4312, "bkagent", "backup.service"))
            .with_socket(connection("10.0.0.5:5432", "10.0.0.9:9392", &[4312]))
    }

    /// Changes the facts, or looks at them.
    pub fn change<R>(&self, change: impl FnOnce(&mut Snapshot) -> R) -> R {
        change(&mut self.snapshot.lock().unwrap())
    }

    fn excluded(snapshot: &Snapshot, store: Store) -> PortSet {
        snapshot.excluded(Protocol::Tcp, store)
    }
}

/// The prompt for the rights.
struct Prompt {
    manner: Manner,
    approved: Arc<InProcessElevator>,
}

impl Elevator for Prompt {
    fn method(&self) -> Method {
        Method::Pkexec
    }

    fn run(
        &self,
        request: &Request,
        cancelled: &(dyn Fn() -> bool + Sync),
        on_reply: &mut dyn FnMut(Reply),
    ) -> Result<(), LaunchError> {
        while self.manner == Manner::WaitsForEver && !cancelled() {
            std::thread::yield_now();
        }
        match self.manner {
            Manner::Declines | Manner::WaitsForEver => Err(LaunchError::Declined { method: self.method() }),
            Manner::Obeys | Manner::Fails | Manner::ReadOnly | Manner::Blind => self.approved.run(request, cancelled, on_reply),
        }
    }
}

impl Platform for Facts {
    fn observe(&self, scope: &Scope) -> Result<Snapshot, PlatformError> {
        if self.manner == Manner::Blind {
            return Err(PlatformError::Refused("the kernel does not answer".to_owned()));
        }
        let mut seen = self.change(|facts| facts.clone());
        seen.services.retain(|service| match &scope.services {
            ServiceScope::None => false,
            ServiceScope::Named(name) => service.name == *name || service.name.strip_suffix(".service") == Some(name),
            ServiceScope::Failing => service.is_failing(),
            _ => true,
        });
        seen.sockets.retain(|socket| match scope.sockets {
            SocketScope::None => false,
            SocketScope::Port { port, .. } => socket.local.port() == port,
            SocketScope::Listeners => socket.is_listener(),
            SocketScope::All => true,
        });
        if scope.bind_tests {
            for address in ["0.0.0.0", "127.0.0.1"] {
                let question = BindQuestion {
                    protocol: Protocol::Tcp,
                    address: address.parse().unwrap(),
                    port: 5432,
                    v6only: false,
                    reuse_address: false,
                };
                seen.bind_tests.push(self.bind_test(&question));
            }
        }
        Ok(seen)
    }

    fn bind_test(&self, question: &BindQuestion) -> BindTest {
        let held = self.change(|facts| facts.sockets_on(question.port, question.protocol).next().is_some());
        BindTest {
            protocol: question.protocol,
            address: question.address,
            port: question.port,
            v6only: question.v6only,
            reuse_address: question.reuse_address,
            result: if held { BindResult::InUse } else { BindResult::Free },
            error: held.then(|| "98 (Address already in use)".to_owned()),
        }
    }

    fn sample_dynamic_ports(&self, _protocol: Protocol, count: usize) -> Result<Vec<Port>, PlatformError> {
        let excluded = self.change(|facts| facts.excluded(Protocol::Tcp, Store::Active));
        Ok((6000..).filter(|port| !excluded.contains(*port)).take(count).collect())
    }

    fn state_of(&self, operation: &Operation) -> Result<OperationState, PlatformError> {
        if self.manner == Manner::ReadOnly {
            return Err(PlatformError::Refused("/etc/sysctl.d is on a file system that is mounted read-only".to_owned()));
        }
        Ok(self.change(|facts| match operation {
            Operation::StopService { service } | Operation::StartService { service } | Operation::RestartService { service } => {
                let service = facts.service(service).unwrap();
                OperationState::Service { state: service.state, main_pid: service.main_pid, dependants: Vec::new() }
            }
            Operation::CloseConnection { local, .. } => {
                OperationState::Connection { present: facts.sockets.iter().any(|socket| socket.local == *local) }
            }
            Operation::InstallTask { .. } | Operation::RemoveTask { .. } => {
                let works = self.task.lock().unwrap().clone();
                OperationState::Task { enabled: works.is_some(), own_file: works.as_ref().map(ToString::to_string), works }
            }
            _ => OperationState::Exclusions {
                active: Self::excluded(facts, Store::Active),
                persistent: Self::excluded(facts, Store::Persistent),
                own_file: None,
            },
        }))
    }

    fn perform(&self, operation: &Operation) -> Result<(), PlatformError> {
        if self.manner == Manner::Fails {
            let what = "could not write net.ipv4.ip_local_reserved_ports".to_owned();
            return Err(PlatformError::Failed { what, why: "Input/output error (os error 5)".to_owned() });
        }
        self.change(|facts| match operation {
            Operation::CloseConnection { local, .. } => facts.sockets.retain(|socket| socket.local != *local),
            Operation::AddExclusion { range, .. } => {
                for store in [Store::Active, Store::Persistent] {
                    let source = "a list".to_owned();
                    let owner = (store == Store::Persistent).then(|| "PortMedic".to_owned());
                    let (protocol, family) = (None, None);
                    facts.exclusions.push(Exclusion {
                        range: *range,
                        protocol,
                        family,
                        store,
                        administered: true,
                        owner,
                        source,
                    });
                }
            }
            Operation::InstallTask { task } => *self.task.lock().unwrap() = Some(task.clone()),
            Operation::RemoveExclusion { range, .. } => facts.exclusions.retain(|row| !range.contains(row.range.start())),
            Operation::StartService { service } | Operation::RestartService { service } => {
                let at = facts.services.iter().position(|known| known.name == *service).unwrap();
                let before = facts.services[at].clone();
                facts.services[at] = Service { ports: before.ports, ..running(service, 7120) };
                facts.processes.insert(7120, process(7120, "db"));
                facts.sockets.push(listener("0.0.0.0:5432", &[7120]));
            }
            other => panic!("this plan should not need {other:?}"),
        });
        Ok(())
    }

    fn restore(&self, operation: &Operation, _: &OperationState, _: &OperationState) -> Result<(), PlatformError> {
        if let Operation::RemoveExclusion { range, protocol, stores } = operation {
            return self.perform(&Operation::AddExclusion { range: *range, protocol: *protocol, stores: *stores });
        }
        self.change(|facts| {
            if let Operation::AddExclusion { range, .. } = operation {
                facts.exclusions.retain(|row| row.range != *range);
                return;
            }
            let at = facts.services.iter().position(|known| known.name == "db.service").unwrap();
            facts.services[at].state = ServiceState::Stopped;
            facts.services[at].main_pid = None;
            facts.sockets.retain(|socket| socket.state != SocketState::Listen);
        });
        Ok(())
    }
}
