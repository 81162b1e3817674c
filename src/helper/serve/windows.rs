//! What the helper needs of Windows, and the pipe that it comes in by.

use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::helper::journal::{Asker, FileJournal, JournalError};
use crate::helper::launch::Method;
use crate::helper::pipe::{Both, is_name};
use crate::platform::windows::ffi::{self, Pipe, RunningProcess};

/// How long whoever started us may take to say what to do. PortMedic says it at once.
const PATIENCE: Duration = Duration::from_secs(20);

/// Leaves the folder of whoever started us, and looks whether the rights are there.
pub fn prepare() -> Result<(), String> {
    if !ffi::is_administrator() {
        return Err("the helper needs administrator rights; PortMedic starts it itself when a fix is applied".to_owned());
    }
    let folder = ffi::system_directory().ok_or("could not find the folder of Windows")?;
    std::env::set_current_dir(&folder).map_err(|error| format!("could not go to the folder of Windows: {error}"))?;
    // Where a rule takes this right from administrators, processes of other users are refused, each with its reason.
    let _refused_later = ffi::look_at_all_processes();
    Ok(())
}

/// Who it runs as.
pub fn user() -> String {
    account(None).unwrap_or_else(|| "administrator".to_owned())
}

/// The journal.
pub fn open_journal() -> Result<FileJournal, JournalError> {
    FileJournal::system()
}

/// Who asked: the same account, since nobody had to be asked.
pub fn asker() -> Asker {
    Asker { uid: None, name: account(None), by: Method::Administrator.as_str().to_owned() }
}

/// The name of the account of a process, else its SID; `None` where Windows tells neither.
fn account(process: Option<&RunningProcess>) -> Option<String> {
    let sid = ffi::account_of(process).ok()?;
    Some(ffi::account_name(&sid).unwrap_or(sid))
}

/// Where whoever started us waits.
#[derive(Debug)]
pub struct Door {
    /// The name of the pipe.
    pub pipe: String,
    /// The process that made it.
    pub parent: u32,
}

/// What the helper hears and speaks through.
pub struct Opened {
    pub input: Patient,
    pub output: Attended,
    pub asker: Asker,
}

impl Door {
    /// Opens the pipe, where its other end is PortMedic itself: the process that we were told, and the same executable.
    ///
    /// # Errors
    /// Why nothing is said to whoever is there, one plain sentence.
    pub fn open(&self) -> Result<Opened, String> {
        if !is_name(&self.pipe) {
            return Err("this is no pipe of PortMedic".to_owned());
        }
        let parent =
            RunningProcess::open(self.parent).map_err(|error| format!("whoever started the helper is not there: {error}"))?;
        let pipe = Pipe::open(&self.pipe).map_err(|error| format!("the pipe could not be opened: {error}"))?;
        let server = pipe.server().map_err(|error| format!("whose pipe it is could not be found out: {error}"))?;
        if server != self.parent {
            return Err(format!("the pipe belongs to process {server}, not to the one that started the helper"));
        }
        let theirs = parent.executable().map_err(|error| format!("what started the helper could not be found out: {error}"))?;
        let own = RunningProcess::open(std::process::id())
            .and_then(|own| own.executable())
            .map_err(|error| format!("the helper could not find its own file: {error}"))?;
        if !is_same(&own, &theirs) {
            return Err(format!("{} started the helper, and not PortMedic itself", theirs.display()));
        }
        let asker = Asker { uid: None, name: account(Some(&parent)), by: Method::Uac.as_str().to_owned() };
        let pipe = Arc::new(pipe);
        let gone = end_of(parent)?;
        let input = Patient { pipe: Arc::clone(&pipe), until: Some(Instant::now() + PATIENCE) };
        Ok(Opened { input, output: Attended { pipe: Both(pipe), gone }, asker })
    }
}

/// Whether both are one file. Windows tells both paths in the same form; letter case means nothing to it.
fn is_same(one: &Path, other: &Path) -> bool {
    one.to_string_lossy().to_lowercase() == other.to_string_lossy().to_lowercase()
}

/// Becomes true when the process ends.
fn end_of(process: RunningProcess) -> Result<Arc<AtomicBool>, String> {
    let gone = Arc::new(AtomicBool::new(false));
    let noted = Arc::clone(&gone);
    thread::Builder::new()
        .name("end of PortMedic".to_owned())
        .spawn(move || noted.store(process.wait(None), Ordering::Release))
        .map_err(|error| format!("could not watch whoever started the helper: {error}"))?;
    Ok(gone)
}

/// The request must come soon. After it, the word to stop may come at any time.
pub struct Patient {
    pipe: Arc<Pipe>,
    until: Option<Instant>,
}

impl Read for Patient {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.until.map(|until| until.saturating_duration_since(Instant::now()));
        let length = self.pipe.read_within(buffer, left)?;
        if buffer.get(..length).is_some_and(|bytes| bytes.contains(&b'\n')) {
            self.until = None;
        }
        Ok(length)
    }
}

/// Takes replies as long as whoever asked is there.
pub struct Attended {
    pipe: Both,
    gone: Arc<AtomicBool>,
}

impl Write for Attended {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.gone.load(Ordering::Acquire) { Err(io::ErrorKind::BrokenPipe.into()) } else { self.pipe.write(bytes) }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.pipe.flush()
    }
}
