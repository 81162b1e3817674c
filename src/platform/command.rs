//! Runs the system's own tools: by absolute path, with a fixed language, a time limit and no input. The only place that starts one.

use std::ffi::OsStr;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::PlatformError;
use crate::remedy::shell::quote;

/// Where the system keeps its own tools. Never `PATH`: whoever sets it would choose what runs as administrator.
#[cfg(unix)]
const TOOL_DIRS: [&str; 4] = ["/usr/bin", "/bin", "/usr/sbin", "/sbin"];

/// The most text that is taken from a tool; what is longer is cut.
const MAX_OUTPUT: u64 = 64 << 20;

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
    // The bus of the user's own service manager; harmless for the helper, which has neither.
    for name in ["XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS", "HOME"] {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
}

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

/// Runs a prepared command and takes its output, within `limit`.
///
/// # Errors
/// Where it cannot be started, or takes longer (it is ended then).
pub fn output(mut command: Command, name: &str, limit: Duration) -> Result<Output, PlatformError> {
    let failed = |why: String| PlatformError::Failed { what: format!("could not run {name}"), why };
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().map_err(|error| failed(error.to_string()))?;
    // Both pipes are read at the same time, or a tool that fills one while we read the other would never end.
    let reader = |pipe: Option<Box<dyn Read + Send>>| {
        let pipe = pipe.ok_or_else(|| failed("its output could not be read".to_owned()))?;
        thread::Builder::new()
            .name(format!("{name} output"))
            .spawn(move || {
                let mut bytes = Vec::new();
                // What arrived before an error is still worth having; the exit code tells of the error.
                let _read = pipe.take(MAX_OUTPUT).read_to_end(&mut bytes);
                String::from_utf8_lossy(&bytes).into_owned()
            })
            .map_err(|error| failed(error.to_string()))
    };
    let stdout = reader(child.stdout.take().map(|pipe| Box::new(pipe) as Box<dyn Read + Send>))?;
    let stderr = reader(child.stderr.take().map(|pipe| Box::new(pipe) as Box<dyn Read + Send>))?;
    let status = wait(&mut child, limit).map_err(|error| failed(error.to_string()))?;
    let Some(status) = status else {
        return Err(failed(format!("it did not answer within {} s and was ended", limit.as_secs())));
    };
    Ok(Output { code: status.code(), stdout: stdout.join().unwrap_or_default(), stderr: stderr.join().unwrap_or_default() })
}

/// Waits for the end of `child`, and ends it after `limit`; `None` then.
fn wait(child: &mut std::process::Child, limit: Duration) -> std::io::Result<Option<ExitStatus>> {
    let end = Instant::now() + limit;
    let mut pause = Duration::from_micros(200);
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if Instant::now() >= end {
            child.kill()?;
            child.wait()?;
            return Ok(None);
        }
        thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(20));
    }
}
