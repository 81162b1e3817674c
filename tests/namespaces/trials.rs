//! Which scenarios can run here, and how each is let into a new room.

use std::io::Read;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use libtest_mimic::{Arguments, Completion, Failed, Trial};

use crate::room::{INSIDE, Kind, Scenario};
use crate::scenarios;

/// No scenario takes a quarter of it.
const LIMIT: Duration = Duration::from_mins(4);
/// Every fault of every call takes longer (see `scenarios::faults`).
const LIMIT_OF_ALL: Duration = Duration::from_hours(2);

/// Whether rooms of one kind can be made here.
#[derive(Debug, Clone)]
enum Answer {
    /// They can.
    Yes,
    /// They cannot, and it is to be told as ignored.
    Ignore(String),
    /// They cannot, although they should.
    Fail(String),
}

/// Runs all tests that the command line asks for.
pub fn run() -> ExitCode {
    let arguments = Arguments::from_args();
    let trials = [Kind::Private, Kind::Shared].into_iter().flat_map(|kind| {
        let answer = if arguments.list { Answer::Yes } else { can_be_made(kind) };
        scenarios::of(kind).map(move |scenario| trial(scenario, kind, answer.clone()))
    });
    let trials = trials.collect();
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// Tries it, with a room in which nothing happens.
fn can_be_made(kind: Kind) -> Answer {
    if kind == Kind::Shared && !rustix::process::geteuid().is_root() {
        return Answer::Ignore("only root can make a room with several users".to_owned());
    }
    match enter(kind, kind.empty()).map_err(|said| said.lines().next().unwrap_or_default().to_owned()) {
        Ok(()) => Answer::Yes,
        Err(reason) if is_required() => Answer::Fail(format!("namespaces are required here, and there are none: {reason}")),
        Err(reason) => Answer::Ignore(format!("no namespaces here: {reason}")),
    }
}

/// The first of these tools that is not installed.
fn missing(tools: &[&'static str]) -> Option<&'static str> {
    let is_there =
        |tool: &str| ["/usr/sbin", "/sbin", "/usr/bin", "/bin"].iter().any(|folder| Path::new(folder).join(tool).is_file());
    tools.iter().copied().find(|tool| !is_there(tool))
}

/// Ignored for this reason, unless everything must run.
fn because(reason: String) -> Answer {
    if is_required() { Answer::Fail(reason) } else { Answer::Ignore(reason) }
}

fn is_required() -> bool {
    std::env::var_os("PORTMEDIC_LABS").is_some_and(|value| value == "required")
}

fn trial(scenario: &Scenario, kind: Kind, answer: Answer) -> Trial {
    let name = scenario.0;
    let answer = match (answer, missing(scenarios::tools_of(name))) {
        (Answer::Yes, Some(tool)) => because(format!("{tool} is not installed here")),
        (answer, _) => answer,
    };
    Trial::ignorable_test(name, move || match answer {
        Answer::Yes => enter(kind, name).map(|()| Completion::Completed).map_err(Failed::from),
        Answer::Ignore(reason) => Ok(Completion::ignored_with(reason)),
        Answer::Fail(reason) => Err(Failed::from(reason)),
    })
}

/// Runs one scenario in a new room; what went wrong is what it said on standard error.
fn enter(kind: Kind, name: &str) -> Result<(), String> {
    let own = std::env::current_exe().map_err(|error| error.to_string())?;
    let mut child = Command::new("unshare")
        .args(kind.namespaces())
        .args(["--fork", "--kill-child", "--mount-proc", "--"])
        .arg(own)
        .args([INSIDE, name])
        .env("RUST_BACKTRACE", "0")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("unshare (util-linux) could not be started: {error}"))?;
    let mut stderr = child.stderr.take().ok_or("no standard error")?;
    let (said, hear) = mpsc::channel();
    let listener = thread::Builder::new().name(name.to_owned()).spawn(move || {
        let mut text = String::new();
        let read = stderr.read_to_string(&mut text);
        said.send(read.map(|_| text)).ok();
    });
    listener.map_err(|error| error.to_string())?;
    let limit = if std::env::var_os("PORTMEDIC_FAULTS").is_some() { LIMIT_OF_ALL } else { LIMIT };
    let heard = hear.recv_timeout(limit);
    if heard.is_err() {
        child.kill().map_err(|error| error.to_string())?;
    }
    let status = child.wait().map_err(|error| error.to_string())?;
    match heard {
        Err(_) => Err(format!("it did not end within {} s", limit.as_secs())),
        Ok(_) if status.success() => Ok(()),
        Ok(Ok(said)) if said.trim().is_empty() => Err(format!("it ended with {status}")),
        Ok(said) => Err(said.unwrap_or_else(|error| error.to_string())),
    }
}
