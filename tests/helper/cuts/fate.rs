//! A helper that is killed at a chosen moment: right before and right after everything it writes down or changes, and in the middle of it.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use portmedic::helper::Executor;
use portmedic::helper::journal::{Asker, Entry, Journal, JournalError, Record};
use portmedic::helper::protocol::Request;
use portmedic::machine::{BindTest, Port, Protocol, Snapshot, System};
use portmedic::platform::practice::PracticePlatform;
use portmedic::platform::{BindQuestion, Platform, PlatformError, Scope};
use portmedic::remedy::{Operation, OperationState, Stores, one_by_one};

/// What a killed helper unwinds with. It runs nothing of the product on its way out, as the product holds nothing that acts when dropped.
struct Killed;

/// How many moments the helper still has, and what the computer refuses it meanwhile.
pub struct Fate {
    left: AtomicUsize,
    refused: Option<Operation>,
}

impl Fate {
    /// It lives through so many moments.
    pub const fn after(moments: usize) -> Self {
        Self { left: AtomicUsize::new(moments), refused: None }
    }

    /// The computer does not do this for it.
    pub fn refusing(self, operation: Operation) -> Self {
        Self { refused: Some(operation), ..self }
    }

    /// A moment at which it may be killed.
    fn moment(&self) {
        self.moment_after(|| ());
    }

    /// A moment at which it may be killed in the middle of something: then `half` is what it has done of it.
    fn moment_after(&self, half: impl FnOnce()) {
        let left = self.left.load(Ordering::Relaxed);
        if left == 0 {
            half();
            resume_unwind(Box::new(Killed));
        }
        self.left.store(left - 1, Ordering::Relaxed);
    }
}

/// Runs a request until its end or the moment of `fate`; true where it came to its end.
pub fn run_until(fate: &Fate, computer: &PracticePlatform, journal: &mut dyn Journal, request: &Request) -> bool {
    let system = computer.observe(&Scope::default()).expect("a look").host.system;
    let platform = Mortal { platform: computer, system, fate };
    let mut journal = Paper { journal, fate };
    let mut executor =
        Executor { platform: &platform, journal: &mut journal, asker: Asker::default(), stop: &|| false, reply: &mut |_| Ok(()) };
    match catch_unwind(AssertUnwindSafe(|| executor.run(request))) {
        Ok(_) => true,
        Err(why) if why.is::<Killed>() => false,
        Err(why) => resume_unwind(why),
    }
}

struct Paper<'a> {
    journal: &'a mut dyn Journal,
    fate: &'a Fate,
}

impl Journal for Paper<'_> {
    fn append(&mut self, record: &Record) -> Result<(), JournalError> {
        self.fate.moment();
        self.journal.append(record)?;
        self.fate.moment();
        Ok(())
    }

    fn entries(&mut self) -> Result<Vec<Entry>, JournalError> {
        self.journal.entries()
    }
}

struct Mortal<'a> {
    platform: &'a PracticePlatform,
    system: System,
    fate: &'a Fate,
}

/// What may have been done of an operation when its middle is reached. Linux changes the running kernel first and then our file; Windows
/// changes one list after the other, and in each what it keeps for the next start first.
fn halves(operation: &Operation, system: System) -> Vec<Operation> {
    let half = |protocol: Option<Protocol>, stores: Stores| match *operation {
        Operation::AddExclusion { range, .. } => Some(Operation::AddExclusion { range, protocol, stores }),
        Operation::RemoveExclusion { range, .. } => Some(Operation::RemoveExclusion { range, protocol, stores }),
        Operation::SetDynamicRange { range, family, .. } => Some(Operation::SetDynamicRange { range, protocol, family, stores }),
        _ => None,
    };
    let first = |protocol| match system {
        System::Linux => half(protocol, Stores::Active),
        System::Windows => half(protocol, Stores::Persistent),
    };
    match operation {
        Operation::AddExclusion { protocol: None, .. } | Operation::RemoveExclusion { protocol: None, .. }
            if system == System::Windows =>
        {
            let tcp = Some(Protocol::Tcp);
            [first(tcp), half(tcp, Stores::Both)].into_iter().flatten().collect()
        }
        Operation::AddExclusion { protocol, .. }
        | Operation::RemoveExclusion { protocol, .. }
        | Operation::SetDynamicRange { protocol, .. } => first(*protocol).into_iter().collect(),
        Operation::RestartService { service } => vec![Operation::StopService { service: service.clone() }],
        _ => Vec::new(),
    }
}

/// What a state of both protocols of Windows says of the one that is meant.
fn part(state: &OperationState, half: &Operation) -> OperationState {
    match (state, half) {
        (
            OperationState::Exclusions { active, persistent, own_file: Some(text) },
            Operation::AddExclusion { protocol: Some(protocol), .. }
            | Operation::RemoveExclusion { protocol: Some(protocol), .. },
        ) => OperationState::Exclusions {
            active: one_by_one::value(text, protocol.as_str(), "active").unwrap_or_else(|| active.clone()),
            persistent: one_by_one::value(text, protocol.as_str(), "persistent").unwrap_or_else(|| persistent.clone()),
            own_file: None,
        },
        (state, _) => state.clone(),
    }
}

impl Platform for Mortal<'_> {
    fn perform(&self, operation: &Operation) -> Result<(), PlatformError> {
        self.fate.moment();
        if self.fate.refused.as_ref() == Some(operation) {
            return Err(PlatformError::Failed { what: operation.to_string(), why: "the port is in use".to_owned() });
        }
        for half in halves(operation, self.system) {
            self.fate.moment_after(|| self.platform.perform(&half).expect("half of it"));
        }
        self.platform.perform(operation)?;
        self.fate.moment();
        Ok(())
    }

    fn restore(&self, operation: &Operation, before: &OperationState, after: &OperationState) -> Result<(), PlatformError> {
        self.fate.moment();
        for half in halves(operation, self.system) {
            let (before, after) = (part(before, &half), part(after, &half));
            self.fate.moment_after(|| self.platform.restore(&half, &before, &after).expect("half of it"));
        }
        self.platform.restore(operation, before, after)?;
        self.fate.moment();
        Ok(())
    }

    fn observe(&self, scope: &Scope) -> Result<Snapshot, PlatformError> {
        self.platform.observe(scope)
    }

    fn bind_test(&self, question: &BindQuestion) -> BindTest {
        self.platform.bind_test(question)
    }

    fn sample_dynamic_ports(&self, protocol: Protocol, count: usize) -> Result<Vec<Port>, PlatformError> {
        self.platform.sample_dynamic_ports(protocol, count)
    }

    fn state_of(&self, operation: &Operation) -> Result<OperationState, PlatformError> {
        self.platform.state_of(operation)
    }

    fn now(&self) -> Timestamp {
        self.platform.now()
    }

    fn clock(&self) -> Duration {
        self.platform.clock()
    }

    fn wait(&self, time: Duration) {
        self.platform.wait(time);
    }
}
