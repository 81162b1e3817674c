//! One watch from its begin to its end: looks, notes who takes a port and who leaves it, and keeps the log.

use std::collections::BTreeMap;
use std::time::Duration;

use super::Cancel;
use crate::machine::{Gap, Sighting, Snapshot, WatchedPort};
use crate::platform::recorder::{Log, Note, Pace, Watch, read_all, unread};
use crate::platform::{Platform, PlatformError};

/// So often the log says that the recorder still watches.
const ALIVE_EVERY: Duration = Duration::from_mins(10);
/// A wait ends this soon after somebody asked for the end.
const PATIENCE: Duration = Duration::from_millis(200);
/// So many sightings are kept at hand; the log has more.
const MOST: usize = 4096;

/// What was recorded on this computer, as far as this user may see it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recorded {
    /// Who took a port, the newest first.
    pub sightings: Vec<Sighting>,
    /// Whether ports were watched at all.
    pub watched: bool,
    /// What could not be read.
    pub gaps: Vec<Gap>,
}

/// Reads what was recorded.
pub fn recorded() -> Recorded {
    let mut recorded = Recorded::default();
    for (_, findings) in read_all() {
        match findings {
            Ok(findings) => {
                recorded.watched |= !findings.periods.is_empty();
                recorded.sightings.extend(findings.sightings);
            }
            Err(error) => recorded.gaps.push(unread(&error)),
        }
    }
    recorded.sightings.sort_by_key(|sighting| std::cmp::Reverse(sighting.first_seen));
    recorded
}

/// What a watch tells while it goes on.
#[derive(Debug, Clone)]
pub enum Seen {
    /// Somebody took a port, or had it when the watch began.
    Taken(Sighting),
    /// Somebody left it.
    Left(Sighting),
    /// This could not be seen.
    NotSeen(Gap),
    /// The log could not be written; the watch goes on.
    NotWritten(String),
}

/// When to end.
#[derive(Debug, Clone, Default)]
pub struct Until {
    /// After this time; `None` for never.
    pub over: Option<Duration>,
    /// As soon as somebody takes a port.
    pub taken: bool,
}

/// What came of a watch.
#[derive(Debug, Default)]
pub struct Watched {
    /// Who took a port, in the order of time; the first some thousand.
    pub sightings: Vec<Sighting>,
    /// What could not be seen.
    pub gaps: Vec<Gap>,
    /// How often was looked.
    pub looks: u64,
    /// The longest time between two looks: whoever had a port for less may have been missed.
    pub longest_pause: Duration,
}

impl Watched {
    /// Whether somebody took a port while it was watched.
    pub fn was_taken(&self) -> bool {
        self.sightings.iter().any(|sighting| sighting.not_before.is_some())
    }
}

/// Watches until the end that was asked for, or until somebody cancels.
///
/// # Errors
/// Where the ports cannot be watched on this computer.
pub fn watch(
    platform: &dyn Platform,
    ports: &[WatchedPort],
    log: Option<Log>,
    until: &Until,
    cancel: &Cancel,
    told: &mut dyn FnMut(Seen),
) -> Result<Watched, PlatformError> {
    let mut eyes = platform.watch(ports)?;
    let boot = platform.boot();
    let mut session = Session { log, watched: Watched::default(), numbers: BTreeMap::new(), could_write: true, told };
    session.write(&Note::Begin { time: platform.now(), ports: ports.to_vec(), boot: boot.clone() });
    let (mut watch, mut pace) = (Watch::new(boot), Pace::default());
    let begin = platform.clock();
    let (mut alive, mut last) = (begin, begin);
    while !cancel.is_cancelled() && until.over.is_none_or(|over| platform.clock().saturating_sub(begin) < over) {
        let (started, before) = (platform.clock(), platform.effort());
        let time = platform.now();
        let new = watch.look(eyes.look()?, time);
        let (looked, effort) = (platform.clock(), platform.effort().saturating_sub(before));
        // Most looks find nothing new, and ask for nobody.
        let seen = (!new.is_empty()).then(|| eyes.holders(new));
        for note in watch.note(seen.as_ref()) {
            session.write(&note);
            session.tell(note);
        }
        session.cannot_see(seen);
        let searched = platform.clock();
        session.watched.looks += 1;
        session.watched.longest_pause = session.watched.longest_pause.max(started.saturating_sub(last));
        last = started;
        if until.taken && session.watched.was_taken() {
            break;
        }
        if searched.saturating_sub(alive) >= ALIVE_EVERY {
            session.write(&Note::Alive { time });
            alive = searched;
        }
        let end = searched + pace.after(effort, searched.saturating_sub(looked));
        let end = until.over.map_or(end, |over| end.min(begin + over));
        while !cancel.is_cancelled() && platform.clock() < end {
            platform.wait(PATIENCE.min(end.saturating_sub(platform.clock())));
        }
    }
    session.write(&Note::End { time: platform.now() });
    Ok(session.watched)
}

/// Where what is noted goes.
struct Session<'a> {
    log: Option<Log>,
    watched: Watched,
    /// The sightings by their numbers in the log.
    numbers: BTreeMap<u64, usize>,
    could_write: bool,
    told: &'a mut dyn FnMut(Seen),
}

impl Session<'_> {
    /// Writes into the log. That it could not be written is told once, until it can be again.
    fn write(&mut self, note: &Note) {
        let Some(log) = &mut self.log else { return };
        let written = log.append(note);
        let could_write = written.is_ok();
        if let Err(error) = written
            && self.could_write
        {
            (self.told)(Seen::NotWritten(error.to_string()));
        }
        self.could_write = could_write;
    }

    fn tell(&mut self, note: Note) {
        match note {
            Note::Taken { id, sighting } => {
                if self.watched.sightings.len() < MOST {
                    self.numbers.insert(id, self.watched.sightings.len());
                    self.watched.sightings.push((*sighting).clone());
                }
                (self.told)(Seen::Taken(*sighting));
            }
            Note::Left { id, time } => {
                let left = self.numbers.remove(&id).and_then(|index| self.watched.sightings.get_mut(index));
                if let Some(sighting) = left {
                    sighting.gone = Some(time);
                    (self.told)(Seen::Left(sighting.clone()));
                }
            }
            Note::Begin { .. } | Note::Alive { .. } | Note::End { .. } => {}
        }
    }

    /// Tells of each kind of gap once: the same right is missing every time.
    fn cannot_see(&mut self, seen: Option<Snapshot>) {
        for gap in seen.into_iter().flat_map(|seen| seen.gaps) {
            if self.watched.gaps.iter().all(|known| known.because != gap.because) {
                self.watched.gaps.push(gap.clone());
                (self.told)(Seen::NotSeen(gap));
            }
        }
    }
}
