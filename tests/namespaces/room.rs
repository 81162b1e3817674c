//! One room a test: new namespaces, in which nothing of the computer outside can be changed.
//!
//! Most rooms have a user namespace of their own, so anyone may make them; those with other users in them only root can make.

use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use libtest_mimic::{Arguments, Completion, Failed, Trial};

use crate::{kernel, scenarios};

/// The first argument with which this executable runs one scenario in the room it is in.
pub const INSIDE: &str = "--inside";

/// The scenarios that only enter the room: the probes.
const EMPTY: &str = "empty room";
const EMPTY_OF_ROOT: &str = "empty room of root";

/// The command line before that of a program that `nobody` shall run.
pub const AS_NOBODY: [&str; 5] = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"];

/// No scenario takes a tenth of it.
const LIMIT: Duration = Duration::from_mins(2);

/// The name of a test and what it does inside its room.
pub type Scenario = (&'static str, fn());

/// Whose room it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Maker {
    /// Anyone's: there is one user in it, who has all rights in it.
    Anyone,
    /// Root's: all users are in it.
    Root,
}

/// Runs all tests that the command line asks for.
pub fn run_all() -> ExitCode {
    let arguments = Arguments::from_args();
    let required = std::env::var_os("PORTMEDIC_LABS").is_some_and(|value| value == "required");
    let mut trials = Vec::new();
    for (maker, probe, scenarios) in
        [(Maker::Anyone, EMPTY, scenarios::for_anyone()), (Maker::Root, EMPTY_OF_ROOT, scenarios::for_root())]
    {
        if maker == Maker::Root && !rustix::process::geteuid().is_root() {
            let ignored = |(name, _): &Scenario| {
                Trial::ignorable_test(*name, || Ok(Completion::ignored_with("only root can make a room with several users")))
            };
            trials.extend(scenarios.map(ignored));
            continue;
        }
        let denied = if arguments.list {
            None
        } else {
            enter(probe, maker).err().map(|text| text.lines().next().unwrap_or_default().to_owned())
        };
        trials.extend(scenarios.map(|(name, _)| {
            let denied = denied.clone();
            Trial::ignorable_test(*name, move || match denied {
                None => enter(name, maker).map(|()| Completion::Completed).map_err(Failed::from),
                Some(reason) if required => {
                    Err(Failed::from(format!("no such namespaces here, and they are required: {reason}")))
                }
                Some(reason) => Ok(Completion::ignored_with(reason)),
            })
        }));
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// Runs one scenario in a new room.
fn enter(name: &str, maker: Maker) -> Result<(), String> {
    let own = std::env::current_exe().map_err(|error| error.to_string())?;
    let users: &[&str] = if maker == Maker::Anyone { &["--user", "--map-root-user"] } else { &[] };
    let mut child = Command::new("unshare")
        .args(users)
        .args(["--net", "--pid", "--mount", "--fork", "--kill-child", "--mount-proc", "--"])
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
    let reader = thread::Builder::new().name(name.to_owned()).spawn(move || {
        let mut text = String::new();
        let read = stderr.read_to_string(&mut text);
        said.send(read.map(|_| text)).ok();
    });
    reader.map_err(|error| error.to_string())?;
    let heard = hear.recv_timeout(LIMIT);
    if heard.is_err() {
        child.kill().map_err(|error| error.to_string())?;
    }
    let status = child.wait().map_err(|error| error.to_string())?;
    match heard {
        Err(_) => Err(format!("it did not end within {} s", LIMIT.as_secs())),
        Ok(_) if status.success() => Ok(()),
        Ok(Ok(text)) if text.trim().is_empty() => Err(format!("unshare ended with {status}")),
        Ok(text) => Err(text.unwrap_or_else(|error| error.to_string())),
    }
}

/// What runs in the room, as its first process.
pub fn inside(name: &str) -> ExitCode {
    furnish();
    match name {
        EMPTY => {}
        EMPTY_OF_ROOT => {
            let second = [&AS_NOBODY[1..], &["true"]].concat();
            let status = Command::new(AS_NOBODY[0]).args(second).status().expect("setpriv (util-linux) starts");
            assert!(status.success(), "there is no second user here");
        }
        name => {
            let mut all = scenarios::for_anyone().chain(scenarios::for_root());
            let (_, scenario) = all.find(|(own, _)| *own == name).expect("a scenario of this name");
            scenario();
        }
    }
    ExitCode::SUCCESS
}

/// Gives the room a loopback interface and files of its own where the product writes.
fn furnish() {
    kernel::bring_loopback_up();
    let kept: Vec<_> = ["passwd", "group", "nsswitch.conf", "services", "ld.so.cache"]
        .iter()
        .map(|name| Path::new("/etc").join(name))
        .filter_map(|path| fs::read(&path).ok().map(|bytes| (path, bytes)))
        .collect();
    for folder in ["/etc", "/run", "/var/lib"] {
        let status = Command::new("mount").args(["-t", "tmpfs", "tmpfs", folder]).status().expect("mount (util-linux) starts");
        assert!(status.success(), "{folder} of the room could not be made");
    }
    for (path, bytes) in kept {
        fs::write(path, bytes).expect("the room's own /etc");
    }
    for folder in ["/etc/sysctl.d", "/var/lib/home"] {
        fs::create_dir(folder).expect("an empty folder");
    }
    // Files of the distribution would add to the lists that the tests compare.
    for folder in ["/usr/lib/sysctl.d", "/usr/local/lib/sysctl.d"] {
        if Path::new(folder).is_dir() {
            let status =
                Command::new("mount").args(["-t", "tmpfs", "tmpfs", folder]).status().expect("mount (util-linux) starts");
            assert!(status.success(), "{folder} of the room could not be made");
        }
    }
}
