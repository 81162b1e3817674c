//! Runs the system's own tools: by absolute path, with a fixed language, a time limit and no input. The only place that starts one.

use std::ffi::OsStr;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use super::PlatformError;
use crate::remedy::shell::quote;

/// Where the system keeps its own tools. Never `PATH`: whoever sets it would choose what runs as administrator.
#[cfg(unix)]
const TOOL_DIRS: [&str; 4] = ["/usr/bin", "/bin", "/usr/sbin", "/sbin"];

/// The most text that is taken from a tool; what is longer is cut.
const MAX_OUTPUT: u64 = 64 << 20;

/// How much of it is taken at a time.
const AT_ONCE: usize = 64 << 10;

/// How long what a tool said may take to reach us after its end, however late that was. On a busy computer whoever reads waits for its turn:
/// what is given up too early looks as if the tool had said nothing.
const LAST_WORDS: Duration = Duration::from_secs(10);

/// What a tool answered.
#[derive(Debug, Clone)]
pub struct Output {
    /// The exit code; `None` where a signal ended it.
    pub code: Option<i32>,
    /// Standard output. Bytes that are no UTF-8 are replaced.
    pub stdout: String,
    /// Standard error, likewise.
    pub stderr: String,
}

impl Output {
    /// Whether the exit code is 0.
    pub const fn success(&self) -> bool {
        matches!(self.code, Some(0))
    }

    /// The first line of what it complained about, else the exit code in words.
    pub fn complaint(&self) -> String {
        let said =
            [&self.stderr, &self.stdout].into_iter().find_map(|text| text.lines().map(str::trim).find(|line| !line.is_empty()));
        match (said, self.code) {
            (Some(line), _) => crate::machine::visible(line),
            (None, Some(code)) => format!("exit code {code}"),
            (None, None) => "ended by a signal".to_owned(),
        }
    }
}

/// The absolute path of one of the system's tools; `None` where it is not installed.
#[cfg(unix)]
pub fn find(tool: &str) -> Option<PathBuf> {
    TOOL_DIRS.iter().map(|dir| Path::new(dir).join(tool)).find(|path| path.is_file())
}

/// The absolute path of one of the system's tools; `None` where it is not installed. Never by `PATH` or the folder of our own executable:
/// whoever can write there would choose what runs as administrator.
#[cfg(windows)]
pub fn find(tool: &str) -> Option<PathBuf> {
    let path = super::windows::ffi::system_directory()?.join(tool).with_extension("exe");
    path.is_file().then_some(path)
}

/// A command line as a user would type it, for evidence and previews.
pub fn as_typed(tool: &str, arguments: &[&str]) -> String {
    std::iter::once(tool.to_owned()).chain(arguments.iter().map(|argument| quote(argument))).collect::<Vec<_>>().join(" ")
}

/// Prepares one of the system's tools: absolute path, English, UTF-8, no pager, no colours, and nothing else from our environment.
///
/// # Errors
/// Where the tool is not installed.
pub fn tool(tool: &str) -> Result<Command, PlatformError> {
    let path = find(tool).ok_or_else(|| PlatformError::Failed {
        what: format!("could not run {tool}"),
        why: "it is not installed on this computer".to_owned(),
    })?;
    Ok(program(&path))
}

/// Prepares a program by its path, in the clean environment of [`tool`].
#[expect(clippy::disallowed_methods, reason = "this is the one place that starts programs")]
pub fn program(path: &Path) -> Command {
    let mut command = Command::new(path);
    command.env_clear();
    surroundings(&mut command);
    command.stdin(Stdio::null());
    command
}

#[cfg(unix)]
fn surroundings(command: &mut Command) {
    command
        .env("PATH", "/usr/bin:/bin:/usr/sbin:/sbin")
        .env("LC_ALL", "C.UTF-8")
        .env("SYSTEMD_COLORS", "0")
        .env("SYSTEMD_PAGER", "");
    // Where the user's own service manager is. Root takes no folder from the environment that somebody else can change.
    for name in ["XDG_RUNTIME_DIR", "HOME"] {
        if let Some(folder) = super::folder(name) {
            command.env(name, folder);
        }
    }
    // An address of a bus can name a program that is then run to reach it (D-Bus specification, "Executed Subprocesses on Unix"): root of a
    // session that `su` left as it was would run what that user wants. Its own manager is found without.
    if let Some(bus) = std::env::var_os(BUS).filter(|_| !super::is_root_of_the_computer()) {
        command.env(BUS, bus);
    }
}

#[cfg(unix)]
const BUS: &str = "DBUS_SESSION_BUS_ADDRESS";

/// A tool must not open a console of its own over the window.
#[cfg(windows)]
const CREATE_NO_WINDOW: u32 = 0x0800_0000;

#[cfg(windows)]
fn surroundings(command: &mut Command) {
    use std::os::windows::process::CommandExt as _;

    command.creation_flags(CREATE_NO_WINDOW);
    // Without these two, sockets and the registry's paths do not work in the tool.
    if let Some(system) = super::windows::ffi::system_directory() {
        if let Some(windows) = system.parent() {
            command.env("SystemRoot", windows).env("windir", windows);
        }
        command.env("PATH", system);
    }
}

/// Runs one of the system's tools and takes its output.
///
/// # Errors
/// Where it is not installed, cannot be started or takes longer than `limit` (it is ended then).
pub fn run<S: AsRef<OsStr>>(name: &str, arguments: &[S], limit: Duration) -> Result<Output, PlatformError> {
    let mut command = tool(name)?;
    command.args(arguments);
    output(command, name, limit)
}

/// Runs a prepared command and takes its output, within `limit`. For what it leaves running and keeps its output open it waits ten seconds more,
/// and no longer.
///
/// # Errors
/// Where it cannot be started, or takes longer (it is ended then).
pub fn output(mut command: Command, name: &str, limit: Duration) -> Result<Output, PlatformError> {
    let failed = |why: String| PlatformError::Failed { what: format!("could not run {name}"), why };
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().map_err(|error| failed(error.to_string()))?;
    let mut tool = Tool(child);
    let end = Instant::now() + limit;
    // Both pipes are read at the same time, or a tool that fills one while we read the other would never end.
    let stdout = tool.0.stdout.take().map(|pipe| listen(pipe, name));
    let stderr = tool.0.stderr.take().map(|pipe| listen(pipe, name));
    let heard = |pipe: Option<io::Result<Receiver<Vec<u8>>>>| {
        pipe.ok_or_else(|| failed("its output could not be read".to_owned()))?.map_err(|error| failed(error.to_string()))
    };
    let (stdout, stderr) = (heard(stdout)?, heard(stderr)?);
    let status = tool.wait(end).map_err(|error| failed(error.to_string()))?;
    let Some(status) = status else {
        return Err(failed(format!("it did not answer within {} s and was ended", limit.as_secs())));
    };
    let last_words = Instant::now() + LAST_WORDS;
    Ok(Output { code: status.code(), stdout: whole(&stdout, last_words), stderr: whole(&stderr, last_words) })
}

/// A tool on its way. It does not go on when nobody listens to it any more.
struct Tool(Child);

impl Tool {
    /// Waits for its end; `None` where it runs at `end` still.
    fn wait(&mut self, end: Instant) -> io::Result<Option<ExitStatus>> {
        let mut pause = Duration::from_micros(200);
        loop {
            if let Some(status) = self.0.try_wait()? {
                return Ok(Some(status));
            }
            if Instant::now() >= end {
                return Ok(None);
            }
            thread::sleep(pause);
            pause = (pause * 2).min(Duration::from_millis(20));
        }
    }
}

impl Drop for Tool {
    fn drop(&mut self) {
        // It may have ended; that is not known to be wrong.
        let _ended = self.0.kill();
        let _code = self.0.wait();
    }
}

/// Reads a pipe to its end, and passes on what comes.
fn listen(pipe: impl Read + Send + 'static, name: &str) -> io::Result<Receiver<Vec<u8>>> {
    let (pass_on, heard) = channel();
    let mut pipe = pipe.take(MAX_OUTPUT);
    thread::Builder::new().name(format!("{name} output")).spawn(move || {
        let mut part = vec![0; AT_ONCE];
        loop {
            match pipe.read(&mut part) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                // What arrived before an error is still worth having; the exit code tells of the error.
                Ok(0) | Err(_) => break,
                Ok(length) => {
                    if pass_on.send(part[..length].to_vec()).is_err() {
                        // Nobody waits for it any more where the tool took too long.
                        break;
                    }
                }
            }
        }
    })?;
    Ok(heard)
}

/// What a tool that has ended said. Its pipe closes with it, but where it left something running that keeps it open: then it is what came
/// until `last_words`.
fn whole(heard: &Receiver<Vec<u8>>, last_words: Instant) -> String {
    let mut bytes = Vec::new();
    let left = || last_words.saturating_duration_since(Instant::now());
    while let Ok(part) = heard.recv_timeout(left()) {
        bytes.extend(part);
        // Who was left running may never stop talking.
        if left().is_zero() {
            break;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(all(test, unix))]
mod tests {
    use std::path::Path;
    use std::thread;
    use std::time::{Duration, Instant};

    use rustix::process::{Pid, Signal};

    use super::{LAST_WORDS, MAX_OUTPUT, PlatformError, find, output, program, whole};

    const LONG: Duration = Duration::from_mins(1);

    fn shell(script: &str, limit: Duration) -> Result<super::Output, PlatformError> {
        let mut shell = program(Path::new("/bin/sh"));
        shell.args(["-c", script]);
        output(shell, "sh", limit)
    }

    #[test]
    fn a_tool_that_hangs_is_ended_at_its_limit() {
        let begin = Instant::now();
        let why = shell("echo begun; exec sleep 60", Duration::from_millis(50)).unwrap_err().to_string();
        assert!(why.contains("was ended") && begin.elapsed() < LONG / 4, "{why} after {:?}", begin.elapsed());
    }

    #[test]
    fn what_a_tool_leaves_running_does_not_hold_us_up() {
        let begin = Instant::now();
        let said = shell("sleep 120 & echo $!; exit 3", LONG).unwrap();
        let left = said.stdout.trim().parse().ok().and_then(Pid::from_raw).unwrap();
        rustix::process::kill_process(left, Signal::KILL).unwrap();
        assert!(said.code == Some(3) && begin.elapsed() < LONG / 4, "{said:?} after {:?}", begin.elapsed());
    }

    #[test]
    fn what_reaches_us_a_second_after_the_end_was_said() {
        let (pass_on, heard) = std::sync::mpsc::channel();
        thread::scope(|threads| {
            threads.spawn(move || {
                thread::sleep(Duration::from_secs(1));
                pass_on.send(b"said".to_vec()).unwrap();
            });
            assert_eq!(whole(&heard, Instant::now() + LAST_WORDS), "said");
        });
    }

    #[test]
    fn a_tool_that_says_much_on_both_ways_is_heard_whole() {
        let said = shell("head -c 300000 /dev/zero; head -c 300000 /dev/zero >&2; exit 3", LONG).unwrap();
        assert_eq!((said.stdout.len(), said.stderr.len(), said.code), (300_000, 300_000, Some(3)));
    }

    #[test]
    fn a_tool_that_does_not_stop_talking_is_cut_off_and_ended() {
        let said = shell("exec yes", LONG).unwrap();
        assert!(said.code.is_none() && said.stdout.len() as u64 == MAX_OUTPUT, "{:?}, {} bytes", said.code, said.stdout.len());
    }

    #[test]
    fn a_tool_gets_no_input_and_little_of_our_environment() {
        let said = shell("cat; env", LONG).unwrap().stdout;
        let allowed = [
            "PATH=/usr/bin:/bin:/usr/sbin:/sbin",
            "LC_ALL=C.UTF-8",
            "SYSTEMD_COLORS=0",
            "SYSTEMD_PAGER=",
            "XDG_RUNTIME_DIR=",
            "HOME=",
            "DBUS_SESSION_BUS_ADDRESS=",
            "PWD=",
            "SHLVL=",
            "_=",
            "OLDPWD",
        ];
        for line in said.lines() {
            assert!(allowed.iter().any(|allowed| line.starts_with(allowed)), "{line}");
        }
    }

    #[test]
    fn an_ending_by_a_signal_is_no_success_and_no_tool_is_found_by_path() {
        let said = shell("kill -9 $$", LONG).unwrap();
        assert_eq!((said.code, said.success(), said.complaint().as_str()), (None, false, "ended by a signal"));
        // `cargo` is in the PATH of these tests.
        assert!(find("sh").is_some_and(|path| path.is_absolute()) && find("rustc-of-nowhere").is_none());
    }
}
