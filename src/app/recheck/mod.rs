//! The checks after a restart: whether what was changed before it is still so.
//!
//! The journal tells what was changed and for what; the proof is the one that every fix has. Nothing is changed on the computer.

mod case;
mod standing;

use std::time::Duration;

use jiff::Timestamp;

use standing::holds_since;
pub use standing::{Standing, standing};

use super::Cancel;
use super::files;
use super::investigate::investigate;
use super::verify::{Waiting, verify};
use crate::case::{Case, CaseTarget};
use crate::diagnosis::{Cause, Target};
use crate::helper::journal::{self, Entry, JournalError, Record};
use crate::machine::{Boot, Port, ServiceState, Snapshot};
use crate::platform::{Platform, PlatformError};
use crate::remedy::{Operation, Outcome, Purpose, Recheck, Task, Verification};

/// How long services may take to come up after a start of the computer.
const START_UP: Duration = Duration::from_mins(5);

/// The pause between two checks meanwhile.
const PAUSE: Duration = Duration::from_secs(5);

/// How the changes that shall outlive a restart stand in this run of the computer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rechecked {
    /// The entry of the journal.
    pub entry: String,
    /// When the change was made.
    pub changed: Timestamp,
    /// What it was.
    pub title: String,
    /// What it was for.
    pub purpose: Option<Purpose>,
    /// The check; `None` where the change waits for the next restart.
    pub check: Option<Recheck>,
    /// Since when it is known to hold.
    pub holds_since: Option<Timestamp>,
    /// Whether the journal has no such check of this run of the computer yet.
    pub is_news: bool,
}

impl Rechecked {
    /// How it stands, in a sentence.
    pub fn headline(&self) -> String {
        self.check.as_ref().map_or_else(|| "Waits for the next restart".to_owned(), Recheck::headline)
    }

    /// Whether it was looked at and does not hold, or that could not be seen.
    pub fn is_problem(&self) -> bool {
        self.check.as_ref().is_some_and(|check| !check.holds())
    }
}

/// How the changes stand, and whether the system checks them by itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outlook {
    /// The changes that shall outlive a restart, the oldest first.
    pub changes: Vec<Rechecked>,
    /// Whether the check after each restart is installed; `None` where the system cannot start one.
    pub task: Option<bool>,
    /// Why the last Case could not be told of it, one plain sentence.
    pub not_kept: Option<String>,
}

/// The outlook of a computer with these changes. `keep` adds the checks to the last Case.
///
/// # Errors
/// Where the computer cannot be looked at, one plain sentence.
pub fn outlook(
    platform: &dyn Platform,
    entries: &[Entry],
    keep: impl FnOnce(&[Rechecked]) -> Result<(), String>,
) -> Result<Outlook, String> {
    let changes = recheck(platform, entries, false, &mut |_| {}).map_err(|error| error.to_string())?;
    let not_kept = keep(&changes).err();
    let install = Operation::InstallTask { task: Task::Recheck };
    // Where the system starts no tasks, the wish for one is not offered.
    let task = platform.state_of(&install).ok().map(|state| install.is_reached_in(&state));
    Ok(Outlook { changes, task, not_kept })
}

/// Why nothing can be checked here.
#[derive(Debug, thiserror::Error)]
pub enum RecheckError {
    /// The computer cannot be restarted, or does not tell.
    #[error("nothing waits for a restart here: this computer does not tell one run from the next")]
    NoBoot,
    /// It could not be looked at.
    #[error(transparent)]
    Platform(#[from] PlatformError),
}

/// Checks every change of `entries` (the oldest first) that shall outlive a restart and has seen one. With `patience` it waits for services
/// that still come up.
///
/// # Errors
/// Where nothing could be seen at all.
pub fn recheck(
    platform: &dyn Platform,
    entries: &[Entry],
    patience: bool,
    progress: &mut dyn FnMut(Waiting),
) -> Result<Vec<Rechecked>, RecheckError> {
    let boot = platform.boot().ok_or(RecheckError::NoBoot)?;
    // All changes share the time: what has not come up for the first one is not waited for again.
    let patient_until = patience.then(|| platform.clock() + START_UP);
    let mut all = Vec::new();
    for (index, entry) in entries.iter().enumerate() {
        let later = entries.get(index + 1..).unwrap_or_default();
        let Some(standing) = standing(entry, later, &boot) else { continue };
        let mut found = Rechecked {
            entry: entry.id.clone(),
            changed: entry.time,
            title: entry.title.clone(),
            purpose: entry.purpose.clone(),
            check: None,
            holds_since: None,
            is_news: false,
        };
        if standing != Standing::WaitsForRestart {
            let Some(check) = check(platform, entry, later, &boot, patient_until, progress)? else { continue };
            let known = entry.rechecks.last().filter(|last| last.boot == boot);
            found.is_news = known.is_none_or(|last| last.verification.outcome != check.verification.outcome);
            found.holds_since = check.holds().then(|| holds_since(&entry.rechecks, check.time));
            found.check = Some(check);
        }
        all.push(found);
    }
    Ok(all)
}

/// Checks one entry; `None` where it promises nothing after all, because its service does not start with the computer.
fn check(
    platform: &dyn Platform,
    entry: &Entry,
    later: &[Entry],
    boot: &Boot,
    patient_until: Option<Duration>,
    progress: &mut dyn FnMut(Waiting),
) -> Result<Option<Recheck>, PlatformError> {
    let Some((mut case, before)) = case::case_of(platform, entry, later)? else { return Ok(None) };
    loop {
        let after = match verify(platform, &mut case, &before, &Cancel::default(), progress) {
            Ok(after) => after,
            Err(error) => return Ok(Some(unseen(platform, boot, &error))),
        };
        let is_patient = patient_until.is_some_and(|until| platform.clock() < until);
        if case.outcome == Some(Outcome::Fixed) || !is_patient || !may_still_come(&case, &after) {
            break;
        }
        progress(Waiting::ForStart);
        platform.wait(PAUSE);
    }
    let verdict = if case.outcome == Some(Outcome::NotFixed) { what_is_wrong(platform, &case) } else { None };
    let check = case.verification.map(|verification| Recheck { time: platform.now(), boot: boot.clone(), verification, verdict });
    Ok(check)
}

/// The check where nothing could be looked at: the service may be gone altogether.
fn unseen(platform: &dyn Platform, boot: &Boot, error: &PlatformError) -> Recheck {
    let outcome = Outcome::CouldNotCheck;
    let verification = Verification { outcome, headline: format!("{outcome}: {error}"), checks: Vec::new() };
    Recheck { time: platform.now(), boot: boot.clone(), verification, verdict: None }
}

/// Whether the service is still on its way up: one that runs may be about to listen.
fn may_still_come(case: &Case, after: &Snapshot) -> bool {
    let Some(service) = case.target.service.as_deref().and_then(|name| after.service(name)) else { return false };
    match service.state {
        ServiceState::Starting | ServiceState::Restarting | ServiceState::Stopping => true,
        ServiceState::Running => case.target.port.is_some_and(|port| !has_listener(after, port)),
        _ => false,
    }
}

fn has_listener(look: &Snapshot, port: Port) -> bool {
    look.sockets.iter().any(|socket| socket.local.port() == port && socket.is_listener())
}

/// The headline of a new diagnosis; `None` where that finds nothing wrong with the port or nothing could be asked.
fn what_is_wrong(platform: &dyn Platform, case: &Case) -> Option<String> {
    let found = investigate(platform, &target(&case.target)?, &mut |_| {}).ok()?;
    let verdict = found.case.verdict;
    let nothing = matches!(verdict.cause, Cause::PortFree | Cause::NotAPortProblem | Cause::Unknown);
    (!nothing).then_some(verdict.headline)
}

fn target(about: &CaseTarget) -> Option<Target> {
    let by_port = || about.port.map(|port| Target::Port { port, protocol: about.protocol });
    about.service.clone().map(Target::Name).or_else(by_port)
}

/// Writes down in the journal what is new. Needs the rights.
///
/// # Errors
/// Where the journal cannot be written.
pub fn note(found: &[Rechecked]) -> Result<(), JournalError> {
    let record = |one: &Rechecked| {
        let check = one.check.clone().filter(|_| one.is_news)?;
        Some(Record::Rechecked { entry: one.entry.clone(), check: Box::new(check) })
    };
    let records: Vec<Record> = found.iter().filter_map(record).collect();
    if records.is_empty() { Ok(()) } else { journal::add(&records) }
}

/// Adds the check to the last Case of this user, where it was about that change, so that its report tells of it.
///
/// # Errors
/// Where it cannot be written, one plain sentence.
pub fn add_to_last_case(found: &[Rechecked]) -> Result<(), String> {
    let Some(path) = files::last_case().filter(|path| path.exists()) else { return Ok(()) };
    // One that cannot be read is none to add to.
    let Ok(mut case) = files::open(&path) else { return Ok(()) };
    if add_to(&mut case, found) { files::keep(&case) } else { Ok(()) }
}

/// Whether there was something to add.
fn add_to(case: &mut Case, found: &[Rechecked]) -> bool {
    let own = found.iter().find(|one| case.journal_entry.as_ref() == Some(&one.entry));
    let Some(check) = own.and_then(|one| one.check.clone()) else { return false };
    let known = case
        .rechecks
        .last()
        .is_some_and(|last| last.boot == check.boot && last.verification.outcome == check.verification.outcome);
    if !known {
        case.rechecks.push(check);
    }
    !known
}
