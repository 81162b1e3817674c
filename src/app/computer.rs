//! The session's computer: a platform to look at and act on, a door to administrator rights, and the journal of changes.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use super::apply::{apply, started_again};
use super::audit::{Audit, audit};
use super::change::{AskedChange, Wish};
use super::connect::{self, Checked, Progress};
use super::exhaustion::{Exhaustion, Monitor};
use super::investigate::{Investigation, investigate};
use super::recheck::{Outlook, add_to_last_case, outlook};
use super::recorder::{Recorded, recorded};
use super::undo::{self, UndoPlan, Undone};
use super::verify::verify;
use super::{Backend, Cancel, Practice, RunProgress};
use crate::case::Case;
use crate::diagnosis::Target;
use crate::diagnosis::connect::Wanted;
use crate::helper::journal::{Entry, JournalError};
use crate::helper::launch::{Elevator, PracticeElevator, SystemElevator};
use crate::machine::Snapshot;
use crate::platform::practice::{Behaviour, Machine, PracticePlatform};
use crate::platform::{OwnerSearch, Platform, Scope, ServiceScope, SocketScope};
use crate::remedy::{OperationState, Outcome, UndoMode};

/// Reads the journal, the oldest entry first.
pub type ReadJournal = Box<dyn Fn() -> Result<Vec<Entry>, JournalError> + Send + Sync>;

/// A computer with everything a session needs of it.
pub struct Computer {
    /// To look at it.
    pub platform: Arc<dyn Platform>,
    /// To act on it.
    pub elevator: Arc<dyn Elevator>,
    /// What was changed on it.
    pub journal: ReadJournal,
    /// The story of the practice machine that it is; `None` for a real computer.
    pub practice: Option<Practice>,
}

impl Computer {
    /// A practice machine, with a journal of its own that nothing outlives. Nothing real is looked at or changed.
    pub fn practice(machine: &Machine, behaviour: Behaviour) -> Self {
        let platform = Arc::new(PracticePlatform::new(machine, &behaviour));
        let elevator = Arc::new(PracticeElevator::new(Arc::clone(&platform), behaviour));
        let journal = Arc::clone(&elevator);
        let practice = Some(Practice::from(machine));
        Self { platform, elevator, journal: Box::new(move || journal.history()), practice }
    }

    /// The computer that PortMedic runs on.
    pub fn live() -> Self {
        Self {
            platform: Arc::from(crate::platform::live()),
            elevator: Arc::new(SystemElevator::in_window()),
            journal: Box::new(crate::helper::journal::history),
            practice: None,
        }
    }
}

impl Backend for Computer {
    fn practice(&self) -> Option<Practice> {
        self.practice.clone()
    }

    fn services(&self) -> Result<Snapshot, String> {
        let scope = Scope { services: ServiceScope::All, owners: OwnerSearch::None, ..Scope::default() };
        self.platform.observe(&scope).map_err(|error| error.to_string())
    }

    fn ports(&self, searched: Option<Arc<HashSet<u64>>>) -> Result<Snapshot, String> {
        // Where nothing searched has an inode, as on Windows, every owner is told with every look.
        let searched = searched.filter(|searched| !searched.is_empty());
        let scope = Scope { sockets: SocketScope::All, searched, ..Scope::default() };
        self.platform.observe(&scope).map_err(|error| error.to_string())
    }

    fn ranges(&self) -> Result<Snapshot, String> {
        let scope = Scope { sockets: SocketScope::All, ranges: true, ..Scope::default() };
        self.platform.observe(&scope).map_err(|error| error.to_string())
    }

    fn audit(&self) -> Result<Audit, String> {
        audit(&*self.platform, &[]).map_err(|error| error.to_string())
    }

    fn exhaustion(&self, monitor: &mut Monitor, since: Duration) -> Result<Exhaustion, String> {
        if self.practice.is_some() && monitor.history().last().is_some() {
            self.platform.wait(since);
        }
        let look = monitor.look(&*self.platform, None).map_err(|error| error.to_string())?;
        Ok(monitor.answer(&*self.platform, look))
    }

    fn connect(&self, wanted: Wanted, cancel: &Cancel, told: &mut dyn FnMut(&Progress<'_>)) -> Result<Checked, String> {
        connect::check(&*self.platform, wanted, connect::USUAL_LIMIT, cancel.flag(), told).map_err(|error| error.to_string())
    }

    fn investigate(&self, target: &Target, doing: &mut dyn FnMut(String)) -> Result<Investigation, String> {
        let mut told = |looking: super::investigate::Looking| doing(looking.as_str().to_owned());
        investigate(&*self.platform, target, &mut told).map_err(|error| error.to_string())
    }

    fn apply(
        &self,
        case: &mut Case,
        option: usize,
        cancel: &Cancel,
        progress: &mut dyn FnMut(RunProgress),
    ) -> Result<(), String> {
        apply(&*self.platform, &*self.elevator, case, option, cancel, progress).map_err(|error| error.to_string())
    }

    fn verify(&self, found: &mut Investigation, cancel: &Cancel, doing: &mut dyn FnMut(String)) -> Result<(), String> {
        let mut told = |waiting: super::verify::Waiting| doing(waiting.as_str().to_owned());
        verify(&*self.platform, &mut found.case, &found.snapshot, cancel, &mut told)
            .map(|_after| ())
            .map_err(|error| error.to_string())
    }

    fn prepare_change(&self, wish: Wish) -> Result<AskedChange, String> {
        AskedChange::of(&*self.platform, wish).map_err(|error| error.to_string())
    }

    fn prove_change(&self, change: &mut AskedChange) {
        change.prove(&*self.platform);
    }

    fn keep(&self, case: &Case) -> Result<(), String> {
        // What happened in practice is no last case.
        if self.practice.is_none() { super::files::keep(case) } else { Ok(()) }
    }

    fn recorded(&self) -> Result<Recorded, String> {
        Ok(if self.practice.is_none() { recorded() } else { Recorded::default() })
    }

    fn history(&self) -> Result<Vec<Entry>, String> {
        let mut entries = (self.journal)().map_err(|error| error.to_string())?;
        entries.reverse();
        Ok(entries)
    }

    fn outlook(&self) -> Result<Outlook, String> {
        if self.practice.is_some() || self.platform.boot().is_none() {
            return Ok(Outlook::default());
        }
        let entries = (self.journal)().map_err(|error| error.to_string())?;
        outlook(&*self.platform, &entries, add_to_last_case)
    }

    fn way_back(&self, entry: &str) -> Result<UndoPlan, String> {
        let entries = (self.journal)().map_err(|error| error.to_string())?;
        let entry = undo::choose(&entries, Some(entry))?;
        undo::plan(&*self.platform, &entries, entry).map_err(|error| error.to_string())
    }

    fn undo(&self, entry: &str, mode: UndoMode, seen: &[OperationState]) -> Result<String, String> {
        let entries = (self.journal)().map_err(|error| error.to_string())?;
        let entry = undo::choose(&entries, Some(entry))?;
        let mut case = undo::plan(&*self.platform, &entries, entry).map_err(|error| error.to_string())?.case;
        let undone = undo::undo(&*self.elevator, entry, (mode, seen), &Cancel::default(), &mut |_| {})
            .map_err(|error| error.to_string())?;
        match &undone {
            Undone::Ran { .. } if undone.is_complete() => {
                undo::prove(&*self.platform, entry, mode, &mut case);
                match case.verification {
                    Some(proof) if proof.outcome != Outcome::Fixed => Err(proof.headline),
                    _ if mode == UndoMode::OwnOnly => {
                        Ok("PortMedic's part of the change was taken back; what others changed stays".to_owned())
                    }
                    _ => Ok("The change was taken back, and everything is as before".to_owned()),
                }
            }
            Undone::Ran { steps, lost, .. } => {
                let why = steps.iter().filter(|step| !step.result.is_success()).find_map(|step| step.message.clone());
                let why = lost.clone().or(why).unwrap_or_else(|| "the journal tells how far it came".to_owned());
                let again = started_again(steps).map(|again| format!(". {again}")).unwrap_or_default();
                Err(format!("Not everything was taken back: {why}{again}"))
            }
            Undone::Declined(why) => Err(why.clone()),
        }
    }
}
