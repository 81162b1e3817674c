//! The computers of the window's tests: practice machines, so that the real engine works under the window, and every call is counted.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use portmedic::app::change::Wish;
use portmedic::app::connect::{Checked, Checking, Progress};
use portmedic::app::exhaustion::{Exhaustion, Monitor};
use portmedic::app::recheck::{Outlook, Rechecked};
use portmedic::app::recorder::Recorded;
use portmedic::app::undo::UndoPlan;
use portmedic::app::{AskedChange, Audit, Backend, Cancel, Computer as Session, Investigation, RunProgress};
use portmedic::case::Case;
use portmedic::diagnosis::Target;
use portmedic::diagnosis::connect::Wanted;
use portmedic::helper::journal::Entry;
use portmedic::machine::{Boot, Snapshot};
use portmedic::platform::practice::{Behaviour, Fault, Machine, Prompt, StepFault};
use portmedic::remedy::{OperationState, Outcome, Purpose, Recheck, UndoMode, Verification};

/// How the computer behaves.
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
    /// A change was lost after a restart of the computer, another one waits for the next.
    Restarted,
    /// A Windows computer, on which a client has the port of SQL Server.
    Windows,
    /// A Windows computer without a dynamic port left: a program leaks connections.
    Exhausted,
    /// A Linux computer whose dynamic ports go, more at every look.
    FillsUp,
    /// A Windows server whose clients are refused: SQL Server lost its port.
    LostPort,
    /// A Windows server behind its own firewall. Whoever is asked for a connection answers when nobody waits any more.
    NobodyAnswers,
    /// A Linux computer on which services may lose their ports at the next restart.
    AtRisk,
}

impl Script {
    fn behaviour(self) -> Behaviour {
        let usual = Behaviour::default();
        let fault = |number, fault| Behaviour { step: vec![StepFault { number, fault }], ..Behaviour::default() };
        match self {
            Self::Healed
            | Self::NothingFound
            | Self::CannotLook
            | Self::Restarted
            | Self::Windows
            | Self::Exhausted
            | Self::FillsUp
            | Self::LostPort
            | Self::NobodyAnswers
            | Self::AtRisk => usual,
            Self::Declined => Behaviour { prompt: Prompt::Declined, ..usual },
            Self::WaitsForEver => Behaviour { prompt: Prompt::Unanswered, ..usual },
            Self::SecondStepFails => {
                fault(2, Fault::Fails("the kernel refused to close the connection (95, Operation not supported)".to_owned()))
            }
            Self::NotFixed => Behaviour { service_stays_down: true, ..usual },
            Self::RunsForEver => fault(3, Fault::Slow(u64::MAX)),
        }
    }

    const fn machine(self) -> &'static str {
        match self {
            Self::NothingFound => include_str!("free.toml"),
            Self::Windows => include_str!("../../assets/practice/sql-client.toml"),
            Self::Exhausted => include_str!("../../assets/practice/leak-windows.toml"),
            Self::LostPort => include_str!("../../assets/practice/connect-lost-port.toml"),
            Self::NobodyAnswers => include_str!("../../assets/practice/connect-firewall.toml"),
            Self::AtRisk => include_str!("../../assets/practice/ports-at-risk.toml"),
            _ => include_str!("taken.toml"),
        }
    }
}

/// The computer.
pub struct Computer {
    script: Script,
    session: Session,
    /// What the recorder has seen.
    recorded: Recorded,
    /// How often a plan was run.
    pub runs: AtomicUsize,
    /// How often a target was looked into.
    pub looks: AtomicUsize,
}

impl Computer {
    pub fn new(script: Script) -> Self {
        Self::looked_at(script, script.behaviour())
    }

    /// The same, looked at by an administrator.
    pub fn as_administrator(script: Script) -> Self {
        Self::looked_at(script, Behaviour { elevated: Some(true), ..script.behaviour() })
    }

    fn looked_at(script: Script, behaviour: Behaviour) -> Self {
        let machine = Machine::parse("srv1", "the machine of this test", script.machine()).unwrap();
        let session = Session::practice(&machine, behaviour);
        Self { script, session, recorded: Recorded::default(), runs: AtomicUsize::new(0), looks: AtomicUsize::new(0) }
    }

    /// The same with a recorder that has seen this.
    pub fn with_recorded(self, recorded: Recorded) -> Self {
        Self { recorded, ..self }
    }

    fn can_look(&self, problem: &str) -> Result<(), String> {
        if self.script == Script::CannotLook { Err(problem.to_owned()) } else { Ok(()) }
    }
}

/// A fix that did not outlive a restart.
fn lost() -> Rechecked {
    let verification =
        Verification { outcome: Outcome::NotFixed, headline: "Not fixed: it does not run".to_owned(), checks: Vec::new() };
    let time = "2026-03-14T02:41:00Z".parse().unwrap();
    let verdict = Some("backup has port 5432".to_owned());
    Rechecked {
        entry: "20260313-1".to_owned(),
        changed: "2026-03-13T03:02:00Z".parse().unwrap(),
        title: "Close the connection and exclude port 5432".to_owned(),
        purpose: Some(Purpose { service: Some("postgresql.service".to_owned()), port: Some(5432), ..Purpose::default() }),
        check: Some(Recheck { time, boot: Boot::new("0f", 2), verification, verdict }),
        holds_since: None,
        is_news: true,
    }
}

/// That it is a practice machine is not said: these tests are about what everybody sees.
impl Backend for Computer {
    fn services(&self) -> Result<Snapshot, String> {
        self.can_look("systemd did not answer within 10 s")?;
        self.session.services()
    }

    fn ports(&self, searched: Option<Arc<HashSet<u64>>>) -> Result<Snapshot, String> {
        self.can_look("the socket table could not be read: Operation not permitted (os error 1)")?;
        self.session.ports(searched)
    }

    fn ranges(&self) -> Result<Snapshot, String> {
        self.can_look("the port ranges could not be read: Operation not permitted (os error 1)")?;
        self.session.ranges()
    }

    fn audit(&self) -> Result<Audit, String> {
        self.can_look("the services could not be read: Operation not permitted (os error 1)")?;
        self.session.audit()
    }

    fn exhaustion(&self, monitor: &mut Monitor, since: Duration) -> Result<Exhaustion, String> {
        self.can_look("the socket table could not be read: Operation not permitted (os error 1)")?;
        if self.script == Script::FillsUp {
            return super::filling::look(monitor, since);
        }
        self.session.exhaustion(monitor, since)
    }

    fn connect(&self, wanted: Wanted, cancel: &Cancel, told: &mut dyn FnMut(&Progress<'_>)) -> Result<Checked, String> {
        self.can_look("the addresses of this computer could not be read: Operation not permitted (os error 1)")?;
        let mut held = |progress: &Progress<'_>| {
            told(progress);
            let waits = self.script == Script::NobodyAnswers && progress.checking == Checking::Connection;
            while waits && !cancel.is_cancelled() {
                std::thread::yield_now();
            }
        };
        self.session.connect(wanted, cancel, &mut held)
    }

    fn investigate(&self, target: &Target, doing: &mut dyn FnMut(String)) -> Result<Investigation, String> {
        self.looks.fetch_add(1, Ordering::SeqCst);
        self.can_look("the socket table could not be read: Operation not permitted (os error 1)")?;
        self.session.investigate(target, doing)
    }

    fn apply(
        &self,
        case: &mut Case,
        option: usize,
        cancel: &Cancel,
        progress: &mut dyn FnMut(RunProgress),
    ) -> Result<(), String> {
        self.runs.fetch_add(1, Ordering::SeqCst);
        self.session.apply(case, option, cancel, progress)
    }

    fn verify(&self, found: &mut Investigation, cancel: &Cancel, doing: &mut dyn FnMut(String)) -> Result<(), String> {
        self.session.verify(found, cancel, doing)
    }

    fn prepare_change(&self, wish: Wish) -> Result<AskedChange, String> {
        self.session.prepare_change(wish)
    }

    fn prove_change(&self, change: &mut AskedChange) {
        self.session.prove_change(change);
    }

    fn history(&self) -> Result<Vec<Entry>, String> {
        self.session.history()
    }

    fn outlook(&self) -> Result<Outlook, String> {
        if self.script != Script::Restarted {
            return self.session.outlook();
        }
        let waiting = self.session.history()?.into_iter().map(|entry| Rechecked {
            entry: entry.id,
            changed: entry.time,
            title: entry.title,
            purpose: entry.purpose,
            check: None,
            holds_since: None,
            is_news: false,
        });
        Ok(Outlook { changes: waiting.chain([lost()]).collect(), task: Some(false), not_kept: None })
    }

    fn recorded(&self) -> Result<Recorded, String> {
        Ok(self.recorded.clone())
    }

    fn way_back(&self, entry: &str) -> Result<UndoPlan, String> {
        self.session.way_back(entry)
    }

    fn undo(&self, entry: &str, mode: UndoMode, seen: &[OperationState]) -> Result<String, String> {
        self.session.undo(entry, mode, seen)
    }
}
