//! Runs requests the way the helper does, and keeps what it says.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};

use portmedic::helper::journal::{Asker, Entry, Journal, JournalError, MemoryJournal, Record};
use portmedic::helper::protocol::{Job, PlannedStep, Reply, Request, VERSION};
use portmedic::helper::{Ended, Executor};
use portmedic::machine::ProcessId;
use portmedic::platform::Platform;
use portmedic::remedy::{Operation, StepRecord, StepResult, Stores};

use crate::computer::Computer;

pub fn add(ports: &str) -> Operation {
    Operation::AddExclusion { range: ports.parse().expect("ports"), protocol: None, stores: Stores::Both }
}

pub fn restart(service: &str) -> Operation {
    Operation::RestartService { service: service.to_owned() }
}

pub fn stop(service: &str) -> Operation {
    Operation::StopService { service: service.to_owned() }
}

pub fn start(service: &str) -> Operation {
    Operation::StartService { service: service.to_owned() }
}

pub fn close() -> Operation {
    let end = |text: &str| text.parse().expect("an address");
    Operation::CloseConnection {
        protocol: portmedic::machine::Protocol::Tcp,
        local: end("127.0.0.1:1433"),
        remote: end("127.0.0.1:9000"),
        cookie: Some(7),
    }
}

pub fn end_process() -> Operation {
    Operation::EndProcess { process: ProcessId { pid: 4711, started: 1 }, name: "leaky".to_owned() }
}

pub fn set_range(ports: &str) -> Operation {
    Operation::SetDynamicRange { range: ports.parse().expect("ports"), protocol: None, family: None, stores: Stores::Both }
}

/// The plan of the article: keep the port, close the client's connection, start the service.
pub fn article() -> Vec<Operation> {
    vec![add("1433"), close(), restart("db.service")]
}

/// A journal that stops working after so many records.
#[derive(Default)]
pub struct Ledger {
    pub memory: MemoryJournal,
    pub room_for: Option<usize>,
}

impl Journal for Ledger {
    fn append(&mut self, record: &Record) -> Result<(), JournalError> {
        match &mut self.room_for {
            Some(0) => {
                Err(JournalError::Io { place: "in memory".to_owned(), error: io::Error::from(io::ErrorKind::StorageFull) })
            }
            Some(left) => {
                *left -= 1;
                self.memory.append(record)
            }
            None => self.memory.append(record),
        }
    }

    fn entries(&mut self) -> Result<Vec<Entry>, JournalError> {
        self.memory.entries()
    }
}

/// What a run said and left behind.
#[derive(Debug)]
pub struct Heard {
    pub ended: Ended,
    pub replies: Vec<Reply>,
}

impl Heard {
    pub fn records(&self) -> Vec<&StepRecord> {
        let record = |reply: &'_ Reply| matches!(reply, Reply::StepFinished { .. });
        self.replies
            .iter()
            .filter(|reply| record(reply))
            .map(|reply| match reply {
                Reply::StepFinished { record, .. } => record.as_ref(),
                other => panic!("{other:?}"),
            })
            .collect()
    }

    pub fn results(&self) -> Vec<StepResult> {
        self.records().iter().map(|record| record.result).collect()
    }

    pub fn refusal(&self) -> &str {
        match self.replies.as_slice() {
            [Reply::Refused { because }] => because,
            other => panic!("not refused: {other:?}"),
        }
    }

    pub fn entry(&self) -> Option<&str> {
        match self.replies.last() {
            Some(Reply::Finished { entry }) => entry.as_deref(),
            other => panic!("no last word: {other:?}"),
        }
    }
}

/// A request with an id of its own.
pub fn request(job: Job) -> Request {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    Request { version: VERSION, id: format!("test-{}", NEXT.fetch_add(1, Ordering::Relaxed)), job }
}

/// Plans these operations for the computer as it is now.
pub fn plan(computer: &Computer, operations: &[Operation]) -> Request {
    let step = |action: &Operation| PlannedStep { action: action.clone(), before: computer.state_of(action).ok() };
    let steps = operations.iter().map(step).collect();
    request(Job::Apply { title: "Fix it".to_owned(), steps, purpose: None })
}

/// Runs a request; `listens` says how many replies somebody takes before the pipe breaks.
pub fn run_for(computer: &Computer, ledger: &mut Ledger, request: &Request, listens: usize) -> Heard {
    let mut replies = Vec::new();
    let ended = Executor {
        platform: computer,
        journal: ledger,
        asker: Asker::default(),
        stop: &|| false,
        reply: &mut |reply| {
            if replies.len() == listens {
                return Err(io::ErrorKind::BrokenPipe.into());
            }
            replies.push(reply);
            Ok(())
        },
    }
    .run(request);
    Heard { ended, replies }
}

pub fn run(computer: &Computer, ledger: &mut Ledger, request: &Request) -> Heard {
    run_for(computer, ledger, request, usize::MAX)
}

/// Plans and runs.
pub fn apply(computer: &Computer, ledger: &mut Ledger, operations: &[Operation]) -> Heard {
    let request = plan(computer, operations);
    run(computer, ledger, &request)
}

/// Takes an entry back.
pub fn undo(computer: &Computer, ledger: &mut Ledger, entry: &str) -> Heard {
    run(computer, ledger, &request(Job::undo(entry.to_owned())))
}
