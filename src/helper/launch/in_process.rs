//! The helper's work inside this very process: on practice machines, and in tests of everything above.

use std::sync::{Arc, Mutex, PoisonError};

use super::{Elevator, LaunchError, Method};
use crate::helper::Executor;
use crate::helper::journal::{Asker, Entry, Journal, JournalError, MemoryJournal};
use crate::helper::protocol::{Reply, Request, VERSION};
use crate::platform::Platform;

/// Runs requests on a computer that needs no rights.
pub struct InProcessElevator {
    platform: Arc<dyn Platform>,
    journal: Mutex<Box<dyn Journal>>,
}

impl InProcessElevator {
    /// On this computer, with an empty journal.
    pub fn new(platform: Arc<dyn Platform>) -> Self {
        Self::with_journal(platform, Box::new(MemoryJournal::default()))
    }

    /// On this computer, with this journal.
    pub fn with_journal(platform: Arc<dyn Platform>, journal: Box<dyn Journal>) -> Self {
        Self { platform, journal: Mutex::new(journal) }
    }

    /// What was changed, the oldest first.
    ///
    /// # Errors
    /// None: it is in memory.
    pub fn history(&self) -> Result<Vec<Entry>, JournalError> {
        self.journal.lock().unwrap_or_else(PoisonError::into_inner).entries()
    }
}

impl Elevator for InProcessElevator {
    fn method(&self) -> Method {
        Method::InProcess
    }

    fn run(
        &self,
        request: &Request,
        cancelled: &(dyn Fn() -> bool + Sync),
        on_reply: &mut dyn FnMut(Reply),
    ) -> Result<(), LaunchError> {
        on_reply(Reply::Hello { version: VERSION, id: request.id.clone(), user: "practice".to_owned() });
        let mut journal = self.journal.lock().unwrap_or_else(PoisonError::into_inner);
        let mut executor = Executor {
            platform: self.platform.as_ref(),
            journal: &mut **journal,
            asker: Asker { uid: None, name: None, by: Method::InProcess.as_str().to_owned() },
            stop: &|| cancelled(),
            reply: &mut |reply| {
                on_reply(reply);
                Ok(())
            },
        };
        executor.run(request);
        Ok(())
    }
}
