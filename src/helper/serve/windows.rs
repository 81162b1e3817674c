//! What the helper needs of Windows, and the pipe that it comes in by.

use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use crate::helper::journal::{Asker, FileJournal, JournalError};
use crate::helper::launch::Method;
use crate::helper::pipe::{Both, is_name};
use crate::platform::windows::ffi::{self, Pipe, RunningProcess};

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
    pub input: Both,
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
        Ok(Opened { input: Both(Arc::clone(&pipe)), output: Attended { pipe: Both(pipe), gone }, asker })
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

#[cfg(test)]
mod tests {
    use std::io::{ErrorKind, Write as _};
    use std::process::{Child, Stdio};
    use std::sync::Arc;
    use std::sync::atomic::Ordering;
    use std::thread;
    use std::time::{Duration, Instant};

    use super::{Attended, Both, Door, Opened, end_of};
    use crate::helper::pipe::{NAME, descriptor};
    use crate::helper::protocol::{MAX_LINE, VERSION};
    use crate::helper::serve::line::{PATIENCE, write_to};
    use crate::helper::serve::run;
    use crate::platform::command;
    use crate::platform::windows::ffi::{Pipe, RunningProcess, account_of, unguessable_name};

    const SOON: Duration = Duration::from_secs(10);

    fn pipe() -> (Pipe, String) {
        let name = format!("{NAME}{}", unguessable_name().unwrap());
        let pipe = Pipe::create(&name, &descriptor(&account_of(None).unwrap())).unwrap();
        (pipe, name)
    }

    /// Another program, which waits for its input as long as it is held.
    fn somebody() -> Child {
        command::tool("cmd").unwrap().stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap()
    }

    fn refusal(pipe: &str, parent: u32) -> String {
        let door = Door { pipe: pipe.to_owned(), parent };
        match door.open() {
            Ok(_) => panic!("it came in"),
            Err(because) => because,
        }
    }

    #[test]
    fn it_comes_in_to_portmedic_and_knows_who_asks() {
        let (pipe, name) = pipe();
        let opened = Door { pipe: name, parent: std::process::id() }.open().unwrap();
        assert!(pipe.accept(SOON).unwrap());
        assert_eq!((opened.asker.by.as_str(), opened.asker.name.is_some()), ("uac", true));
    }

    #[test]
    fn a_pipe_of_another_process_or_name_is_not_spoken_to() {
        let (_pipe, name) = pipe();
        let mut other = somebody();
        assert!(refusal(&name, other.id()).contains("belongs to process"));
        other.kill().unwrap();
        other.wait().unwrap();
        assert!(refusal("anything", std::process::id()).contains("no pipe of PortMedic"));
        assert!(refusal(&format!("{NAME}{}", "0".repeat(32)), std::process::id()).contains("could not be opened"));
        assert!(refusal(&name, u32::MAX).contains("is not there"));
    }

    #[test]
    fn nothing_further_is_done_when_whoever_asked_is_gone() {
        let (pipe, name) = pipe();
        let helper = Arc::new(Pipe::open(&name).unwrap());
        assert!(pipe.accept(SOON).unwrap());
        let mut parent = somebody();
        let gone = end_of(RunningProcess::open(parent.id()).unwrap()).unwrap();
        let mut replies = Attended { pipe: Both(helper), gone: Arc::clone(&gone) };
        assert!(replies.write_all(b"{}\n").is_ok());
        parent.kill().unwrap();
        parent.wait().unwrap();
        let begin = Instant::now();
        while !gone.load(Ordering::Acquire) && begin.elapsed() < SOON {
            thread::yield_now();
        }
        assert_eq!(replies.write_all(b"{}\n").unwrap_err().kind(), ErrorKind::BrokenPipe);
    }

    /// What the helper replies, line by line, to what is said through the pipe.
    fn replies_to(said: Vec<u8>) -> Vec<String> {
        let (pipe, name) = pipe();
        let helper = thread::Builder::new().name("helper".to_owned()).spawn(move || {
            let Opened { input, output, asker } = Door { pipe: name, parent: std::process::id() }.open().unwrap();
            run(Ok((input, asker)), &mut write_to(output, PATIENCE).unwrap())
        });
        let helper = helper.unwrap();
        assert!(pipe.accept(SOON).unwrap());
        let pipe = Arc::new(pipe);
        let mut writer = Both(Arc::clone(&pipe));
        // The helper may end before it has heard all.
        let talker = thread::Builder::new().name("talker".to_owned()).spawn(move || writer.write_all(&said)).unwrap();
        let mut lines = Vec::new();
        let mut bytes = [0; 4096];
        while let Ok(length @ 1..) = pipe.read_within(&mut bytes, Some(SOON)) {
            lines.extend_from_slice(&bytes[..length]);
            if String::from_utf8_lossy(&lines).contains("\"refused\"") && lines.ends_with(b"\n") {
                break;
            }
        }
        helper.join().unwrap();
        drop(pipe);
        let _cut_off = talker.join().unwrap();
        String::from_utf8(lines).unwrap().lines().map(str::to_owned).collect()
    }

    #[test]
    fn an_operation_that_is_not_known_is_refused() {
        let step = r#"{"action":{"operation":"run_command","command":"cmd"},"before":null}"#;
        let request = format!(r#"{{"version":{VERSION},"id":"a","job":{{"job":"apply","title":"t","steps":[{step}]}}}}"#);
        let replies = replies_to(format!("{request}\n").into_bytes());
        assert!(replies.len() == 1 && replies[0].contains("refused") && replies[0].contains("run_command"), "{replies:?}");
    }

    #[test]
    fn a_request_without_end_is_refused() {
        let replies = replies_to(vec![b'x'; MAX_LINE]);
        assert!(replies.len() == 1 && replies[0].contains("too long"), "{replies:?}");
    }

    #[test]
    fn a_request_that_is_said_again_is_not_done_again() {
        let request = format!("{{\"version\":{VERSION},\"id\":\"a\",\"job\":{{\"job\":\"undo\",\"entry\":\"none\"}}}}\n");
        let replies = replies_to(request.repeat(2).into_bytes());
        let count = |word: &str| replies.iter().filter(|reply| reply.contains(word)).count();
        assert_eq!((replies.len(), count("\"hello\""), count("\"refused\"")), (2, 1, 1), "{replies:?}");
    }
}
