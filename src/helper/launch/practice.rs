//! The way to administrator rights on a practice machine: a prompt that is answered as the trainee wishes, and a helper that can fail.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::{Elevator, InProcessElevator, LaunchError, Method};
use crate::helper::journal::{Entry, Journal, JournalError, MemoryJournal, Record};
use crate::helper::protocol::{Job, Reply, Request};
use crate::platform::practice::{Behaviour, Fault, PracticePlatform, Prompt};

/// How often one who waits looks whether it was cancelled.
const PAUSE: Duration = Duration::from_millis(20);

/// Why the helper tells of no more.
const ENDED: &str = "the practice machine ended it";

/// Runs requests on a practice machine through the real helper's work.
pub struct PracticeElevator {
    platform: Arc<PracticePlatform>,
    behaviour: Behaviour,
    life: Arc<Life>,
    helper: InProcessElevator,
}

impl PracticeElevator {
    /// On this machine, with an empty journal.
    pub fn new(platform: Arc<PracticePlatform>, behaviour: Behaviour) -> Self {
        let life = Arc::new(Life::default());
        let journal = MortalJournal { written: MemoryJournal::default(), life: Arc::clone(&life) };
        let helper = InProcessElevator::with_journal(platform.clone(), Box::new(journal));
        Self { platform, behaviour, life, helper }
    }

    /// What was changed, the oldest first.
    ///
    /// # Errors
    /// None: it is in memory.
    pub fn history(&self) -> Result<Vec<Entry>, JournalError> {
        self.helper.history()
    }

    /// Whether the rights are given. Who has them already is not asked.
    fn ask(&self, cancelled: &(dyn Fn() -> bool + Sync)) -> Result<(), LaunchError> {
        let declined = Err(LaunchError::Declined { method: Method::InProcess });
        match self.behaviour.prompt {
            _ if self.platform.is_elevated() => Ok(()),
            Prompt::Approved => Ok(()),
            Prompt::Declined => declined,
            Prompt::Unanswered => {
                while !cancelled() {
                    thread::sleep(PAUSE);
                }
                declined
            }
        }
    }

    /// What goes wrong in a step that begins.
    fn begin_step(&self, index: usize, cancelled: &(dyn Fn() -> bool + Sync)) {
        match self.behaviour.fault_in(index) {
            Some(Fault::Fails(why)) => self.platform.refuse_changes(Some(why.clone())),
            Some(Fault::Slow(seconds)) => {
                let begin = Instant::now();
                while begin.elapsed() < Duration::from_secs(*seconds) && !cancelled() {
                    thread::sleep(PAUSE);
                }
            }
            Some(Fault::HelperDies) => self.life.will_end_in(index),
            None => {}
        }
    }
}

impl Elevator for PracticeElevator {
    fn method(&self) -> Method {
        Method::InProcess
    }

    fn run(
        &self,
        request: &Request,
        cancelled: &(dyn Fn() -> bool + Sync),
        on_reply: &mut dyn FnMut(Reply),
    ) -> Result<(), LaunchError> {
        self.ask(cancelled)?;
        self.life.begin();
        let disturbed = match &request.job {
            Job::Apply { steps, .. } => {
                if self.behaviour.somebody_else_changes {
                    let operations: Vec<_> = steps.iter().map(|step| &step.action).collect();
                    self.platform.change_as_somebody_else(&operations);
                }
                true
            }
            // Taking back is practised undisturbed.
            Job::Undo { .. } => false,
        };
        let mut last = None;
        let ran = self.helper.run(request, &|| cancelled() || self.life.is_over(), &mut |reply| {
            if let Reply::StepFinished { index, .. } = reply {
                self.platform.refuse_changes(None);
                self.life.step_is_over(index);
            }
            if self.life.is_over() {
                // Nobody does anything any more.
                self.platform.refuse_changes(Some(ENDED.to_owned()));
                return;
            }
            let began = if let Reply::StepStarted { index } = reply { Some(index) } else { None };
            last = began.or(last);
            on_reply(reply);
            if let Some(index) = began.filter(|_| disturbed) {
                self.begin_step(index, cancelled);
            }
        });
        self.platform.refuse_changes(None);
        ran?;
        if self.life.is_over() {
            return Err(LaunchError::HelperDied { step: last, said: ENDED.to_owned() });
        }
        Ok(())
    }
}

/// How long the helper lives.
#[derive(Debug)]
struct Life {
    /// The step in which it ends; `usize::MAX` for none.
    last_step: AtomicUsize,
    over: AtomicBool,
}

impl Default for Life {
    fn default() -> Self {
        Self { last_step: AtomicUsize::new(usize::MAX), over: AtomicBool::new(false) }
    }
}

impl Life {
    fn begin(&self) {
        self.last_step.store(usize::MAX, Ordering::Release);
        self.over.store(false, Ordering::Release);
    }

    fn will_end_in(&self, step: usize) {
        self.last_step.store(step, Ordering::Release);
    }

    fn is_over(&self) -> bool {
        self.over.load(Ordering::Acquire)
    }

    /// Ends it where this is its last step.
    fn step_is_over(&self, step: usize) {
        if self.last_step.load(Ordering::Acquire) == step {
            self.over.store(true, Ordering::Release);
        }
    }
}

/// A journal that nobody writes any more once the helper has ended: what it was about to do is the last that stands there.
struct MortalJournal {
    written: MemoryJournal,
    life: Arc<Life>,
}

impl Journal for MortalJournal {
    fn append(&mut self, record: &Record) -> Result<(), JournalError> {
        if self.life.is_over() {
            return Err(JournalError::Io { place: "in memory".to_owned(), error: io::ErrorKind::BrokenPipe.into() });
        }
        self.written.append(record)?;
        if let Record::Intent { index, .. } = record {
            self.life.step_is_over(*index);
        }
        Ok(())
    }

    fn entries(&mut self) -> Result<Vec<Entry>, JournalError> {
        self.written.entries()
    }
}
