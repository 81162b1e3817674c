//! The log of the recorder: one JSON document a line, in two files of bounded length.

use std::collections::{BTreeMap, VecDeque};
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::Serialize;

use super::Note;
use super::place::{self, Readers};
use crate::machine::{Boot, Sighting, WatchedPort};
use crate::platform::kept_files;

/// One file; the older one is as long at most. That is some ten thousand takings.
const LONGEST: u64 = 2 << 20;
/// No line of ours is longer than this, but a command line may be.
const LONGEST_LINE: usize = 64 << 10;
/// How many lines wait for room on a full disk.
const MAX_WAITING: usize = 256;

/// Why the log could not be opened, read or written.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// Another recorder writes it.
    #[error("another recorder writes {0} already")]
    Busy(String),
    /// Somebody else could have written it.
    #[error("{0}")]
    Unsafe(String),
    /// The rights to it are missing.
    #[error("only administrators may read {0}")]
    NotPermitted(String),
    /// The system refused.
    #[error("{place} could not be used: {error}")]
    Io {
        /// Its path.
        place: String,
        /// What the system said.
        error: io::Error,
    },
}

impl LogError {
    pub(super) fn io(place: &Path, error: io::Error) -> Self {
        Self::Io { place: place.display().to_string(), error }
    }
}

/// The log, open for the one recorder that writes it.
#[derive(Debug)]
pub struct Log {
    path: PathBuf,
    readers: Readers,
    /// `None` where it could not be opened again after it became too long.
    file: Option<File>,
    /// Held as long as this lives.
    _lock: File,
    /// Lines that found no room on the disk.
    waiting: VecDeque<String>,
    /// What a log that begins anew begins with: the watch, and who holds a port.
    begin: Option<Note>,
    held: BTreeMap<u64, Note>,
}

impl Log {
    /// Opens or makes the log at this path, for these readers.
    ///
    /// # Errors
    /// Where another recorder has it, others could write it, or the system refuses.
    pub fn open(path: &Path, readers: Readers) -> Result<Self, LogError> {
        place::make_folder(path)?;
        let lock = place::lock(path)?;
        let mut file = place::open(path, readers)?;
        kept_files::end_the_last_line(&mut file).map_err(|error| LogError::io(path, error))?;
        let (path, waiting, held) = (path.to_owned(), VecDeque::new(), BTreeMap::new());
        Ok(Self { path, readers, file: Some(file), _lock: lock, waiting, begin: None, held })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Adds a line; it is on the disk when this returns.
    ///
    /// # Errors
    /// Where it could not be written. It is kept, and written with a later one as soon as there is room.
    pub fn append(&mut self, note: &Note) -> Result<(), LogError> {
        match note {
            Note::Begin { .. } => {
                self.begin = Some(note.clone());
                self.held.clear();
            }
            Note::Taken { id, sighting } if sighting.gone.is_none() => drop(self.held.insert(*id, note.clone())),
            Note::Left { id, .. } => drop(self.held.remove(id)),
            Note::Taken { .. } | Note::Alive { .. } | Note::End { .. } => {}
        }
        self.waiting.push_back(line(note)?);
        if self.waiting.len() > MAX_WAITING {
            self.waiting.pop_front();
        }
        self.write()
    }

    fn write(&mut self) -> Result<(), LogError> {
        while let Some(line) = self.waiting.front() {
            let room = LONGEST.saturating_sub(u64::try_from(line.len()).unwrap_or(LONGEST));
            if !self.file.as_ref().is_some_and(|file| file.metadata().is_ok_and(|facts| facts.len() <= room)) {
                self.begin_anew()?;
            }
            if let (Some(file), Some(line)) = (&mut self.file, self.waiting.front()) {
                kept_files::add_line(file, line).map_err(|error| LogError::io(&self.path, error))?;
                self.waiting.pop_front();
            }
        }
        Ok(())
    }

    /// Puts the file in the place of the older one and begins another, with as many of those who hold a port as half of it takes.
    fn begin_anew(&mut self) -> Result<(), LogError> {
        let io = |error| LogError::io(&self.path, error);
        // Windows renames no file that is open.
        if self.file.take().is_some() {
            fs::rename(&self.path, older(&self.path)).map_err(io)?;
        }
        let mut file = place::open(&self.path, self.readers)?;
        let mut room = LONGEST / 2;
        for note in self.begin.iter().chain(self.held.values()) {
            let line = line(note)?;
            let Some(left) = u64::try_from(line.len()).ok().and_then(|length| room.checked_sub(length)) else { continue };
            room = left;
            kept_files::add_line(&mut file, &line).map_err(io)?;
        }
        self.file = Some(file);
        Ok(())
    }
}

fn line(note: &Note) -> Result<String, LogError> {
    let text =
        |note: &Note| serde_json::to_string(note).map_err(|error| LogError::io(Path::new("a line of the log"), error.into()));
    let mut line = text(note)?;
    if line.len() > LONGEST_LINE
        && let Note::Taken { id, sighting } = note
    {
        let mut short = sighting.clone();
        if let Some(process) = &mut short.process {
            process.command_line = None;
        }
        line = text(&Note::Taken { id: *id, sighting: short })?;
    }
    line.push('\n');
    Ok(line)
}

/// The file before this one.
fn older(path: &Path) -> PathBuf {
    path.with_extension("1.jsonl")
}

/// A time in which the recorder watched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Period {
    /// The ports.
    pub ports: Vec<WatchedPort>,
    /// When it began.
    pub from: Timestamp,
    /// The last that is known of it.
    pub until: Timestamp,
    /// Whether it came to an end; otherwise it goes on, or was cut off.
    pub ended: bool,
    /// The run of the computer.
    pub boot: Option<Boot>,
}

/// What a log tells.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Findings {
    /// Who took a port, the oldest first.
    pub sightings: Vec<Sighting>,
    /// When was watched, the oldest first.
    pub periods: Vec<Period>,
}

impl Findings {
    /// Reads the log at this path. No log is one that tells nothing.
    ///
    /// # Errors
    /// Where it is there and may not or cannot be read.
    pub fn of(path: &Path) -> Result<Self, LogError> {
        let text = read_file(&older(path))? + &read_file(path)?;
        Ok(Self::read(text.lines()))
    }

    /// Reads lines; one that is broken or of a newer version costs that line only.
    pub fn read<'a>(lines: impl IntoIterator<Item = &'a str>) -> Self {
        let mut found = Self::default();
        // The sightings of the period by their numbers.
        let mut held: BTreeMap<u64, usize> = BTreeMap::new();
        for note in lines.into_iter().filter_map(|line| serde_json::from_str::<Note>(line).ok()) {
            let time = note.time();
            match note {
                Note::Begin { time, ports, boot } => {
                    let goes_on = found.periods.last().is_some_and(|last| last.from == time && last.boot == boot);
                    if !goes_on {
                        held.clear();
                        found.periods.push(Period { ports, from: time, until: time, ended: false, boot });
                    }
                }
                Note::Taken { id, sighting } => {
                    held.entry(id).or_insert_with(|| {
                        found.sightings.push(*sighting);
                        found.sightings.len() - 1
                    });
                }
                Note::Left { id, time } => {
                    if let Some(left) = held.remove(&id).and_then(|index| found.sightings.get_mut(index)) {
                        left.gone = Some(time);
                    }
                }
                Note::Alive { .. } => {}
                Note::End { time } => {
                    found.seen_until(time, held.values());
                    for index in std::mem::take(&mut held).into_values() {
                        if let Some(sighting) = found.sightings.get_mut(index) {
                            sighting.unwatched = true;
                        }
                    }
                    if let Some(period) = found.periods.last_mut() {
                        period.ended = true;
                    }
                }
            }
            found.seen_until(time, held.values());
        }
        found
    }

    /// At this time the recorder watched, and whoever is not gone was there.
    fn seen_until<'a>(&mut self, time: Timestamp, held: impl Iterator<Item = &'a usize>) {
        if let Some(period) = self.periods.last_mut() {
            period.until = period.until.max(time);
        }
        for index in held {
            if let Some(sighting) = self.sightings.get_mut(*index).filter(|sighting| sighting.gone.is_none()) {
                sighting.last_seen = sighting.last_seen.max(time);
            }
        }
    }
}

fn read_file(path: &Path) -> Result<String, LogError> {
    let file = match kept_files::open_to_read(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(String::new()),
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            return Err(LogError::NotPermitted(path.display().to_string()));
        }
        Err(error) => return Err(LogError::io(path, error)),
    };
    if !file.metadata().is_ok_and(|facts| facts.is_file()) {
        return Err(LogError::Unsafe(format!("{} is no ordinary file", path.display())));
    }
    let mut bytes = Vec::new();
    file.take(2 * LONGEST).read_to_end(&mut bytes).map_err(|error| LogError::io(path, error))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::{Path, PathBuf};

    use jiff::{SignedDuration, Timestamp};
    use tempfile::TempDir;

    use super::{Findings, LONGEST, Log, LogError, older};
    use crate::machine::{Protocol, SeenProcess, Sighting, SocketState, WatchedPort};
    use crate::platform::recorder::{Note, Readers};

    fn at(seconds: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_secs(seconds)
    }

    fn begin(seconds: i64) -> Note {
        let ports = vec![WatchedPort { port: 1433, protocol: Protocol::Tcp }];
        Note::Begin { time: at(seconds), ports, boot: None }
    }

    fn taken(id: u64, seconds: i64) -> Note {
        let id_of_process = crate::machine::ProcessId { pid: 812, started: 5 };
        let command_line = Some(vec!["backup".to_owned(), "x".repeat(100)]);
        let process = SeenProcess { id: id_of_process, name: "backup".to_owned(), exe: None, command_line, user: None };
        let sighting = Sighting {
            local: "127.0.0.1:1433".parse().unwrap(),
            protocol: Protocol::Tcp,
            remote: None,
            state: SocketState::Established,
            not_before: None,
            first_seen: at(seconds),
            last_seen: at(seconds),
            gone: None,
            unwatched: false,
            process: Some(process),
            parent: None,
            service: None,
            container: None,
            boot: None,
        };
        Note::Taken { id, sighting: Box::new(sighting) }
    }

    fn room() -> (TempDir, PathBuf) {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("recorder.jsonl");
        (root, path)
    }

    fn write(path: &Path, notes: &[Note]) {
        let mut log = Log::open(path, Readers::Owner).unwrap();
        for note in notes {
            log.append(note).unwrap();
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        let (_root, path) = room();
        write(&path, &[begin(0), taken(0, 1), Note::Left { id: 0, time: at(4) }, taken(1, 5), Note::Alive { time: at(600) }]);
        let found = Findings::of(&path).unwrap();
        let [first, second] = &found.sightings[..] else { panic!("{found:?}") };
        assert_eq!((first.gone, second.gone, second.last_seen), (Some(at(4)), None, at(600)));
        assert_eq!((found.periods.len(), found.periods[0].until, found.periods[0].ended), (1, at(600), false));
    }

    #[test]
    fn a_later_watch_says_nothing_of_those_whom_an_earlier_one_left_behind() {
        let (_root, path) = room();
        write(&path, &[begin(0), taken(0, 1)]);
        write(&path, &[begin(100), Note::Left { id: 0, time: at(101) }, Note::End { time: at(102) }]);
        let found = Findings::of(&path).unwrap();
        assert_eq!((found.sightings[0].gone, found.sightings[0].last_seen), (None, at(1)));
        assert_eq!(found.periods.iter().map(|period| period.ended).collect::<Vec<_>>(), [false, true]);
    }

    #[test]
    fn nobody_is_vouched_for_after_the_recorder_ended() {
        let (_root, path) = room();
        let end = [begin(0), taken(0, 1), Note::Left { id: 0, time: at(2) }, taken(1, 3), Note::End { time: at(9) }];
        write(&path, &end);
        let found = Findings::of(&path).unwrap();
        let told: Vec<_> = found.sightings.iter().map(|own| (own.gone, own.last_seen, own.unwatched)).collect();
        assert_eq!(told, [(Some(at(2)), at(1), false), (None, at(9), true)]);
    }

    #[test]
    fn no_log_is_one_that_tells_nothing() {
        let (_root, path) = room();
        assert_eq!(Findings::of(&path).unwrap(), Findings::default());
    }

    #[test]
    fn broken_lines_and_those_of_newer_versions_cost_themselves_only() {
        let (_root, path) = room();
        write(&path, &[begin(0), taken(0, 1)]);
        let mut bytes = fs::read(&path).unwrap();
        bytes.extend(b"{\"record\":\"dreamt\",\"time\":1}\n\xff\xfe\n{\"record\":\"taken\",\"id\":1,\"sigh");
        fs::write(&path, bytes).unwrap();
        write(&path, &[begin(10), taken(0, 11)]);
        let found = Findings::of(&path).unwrap();
        assert_eq!(found.sightings.iter().map(|sighting| sighting.first_seen).collect::<Vec<_>>(), [at(1), at(11)]);
    }

    #[test]
    fn only_one_recorder_writes_and_everybody_reads_meanwhile() {
        let (_root, path) = room();
        let first = Log::open(&path, Readers::Owner).unwrap();
        assert!(matches!(Log::open(&path, Readers::Owner), Err(LogError::Busy(_))));
        assert!(Findings::of(&path).is_ok());
        drop(first);
        assert!(Log::open(&path, Readers::Owner).is_ok());
    }

    #[test]
    fn the_log_stays_short_and_knows_who_is_still_there_when_it_begins_anew() {
        let (root, path) = room();
        let mut log = Log::open(&path, Readers::Owner).unwrap();
        log.append(&begin(0)).unwrap();
        log.append(&taken(0, 1)).unwrap();
        for (id, second) in (1..).zip(2..150) {
            let Note::Taken { id, mut sighting } = taken(id, second) else { panic!() };
            sighting.process.as_mut().unwrap().command_line = Some(vec!["x".repeat(60_000)]);
            log.append(&Note::Taken { id, sighting }).unwrap();
            log.append(&Note::Left { id, time: at(second + 1) }).unwrap();
        }
        drop(log);
        let length = |path: &Path| fs::metadata(path).unwrap().len();
        assert!(length(&path) <= LONGEST && length(&older(&path)) <= LONGEST);
        assert_eq!(fs::read_dir(root.path()).unwrap().count(), 3, "two files and a lock");
        let found = Findings::of(&path).unwrap();
        let still: Vec<_> = found.sightings.iter().filter(|sighting| sighting.gone.is_none()).collect();
        assert_eq!(still.iter().map(|sighting| sighting.first_seen).collect::<Vec<_>>(), [at(1)]);
        assert_eq!(found.periods.len(), 1, "it is one watch");
    }

    #[test]
    fn a_command_line_without_end_is_left_out_and_the_rest_is_kept() {
        let (_root, path) = room();
        let Note::Taken { id, mut sighting } = taken(0, 1) else { panic!() };
        sighting.process.as_mut().unwrap().command_line = Some(vec!["x".repeat(1 << 20)]);
        write(&path, &[begin(0), Note::Taken { id, sighting }]);
        let found = Findings::of(&path).unwrap();
        assert_eq!(found.sightings[0].process.as_ref().unwrap().command_line, None);
        assert!(fs::metadata(&path).unwrap().len() < 2000);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn links_are_not_written_through_and_only_the_owner_reads_an_own_log() {
        use std::os::unix::fs::{MetadataExt as _, symlink};
        let (root, path) = room();
        let target = root.path().join("precious");
        fs::write(&target, "precious").unwrap();
        symlink(&target, &path).unwrap();
        assert!(matches!(Log::open(&path, Readers::Owner), Err(LogError::Unsafe(_))));
        assert_eq!(fs::read(&target).unwrap(), b"precious");
        fs::remove_file(&path).unwrap();
        drop(Log::open(&path, Readers::Owner).unwrap());
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
    }
}
