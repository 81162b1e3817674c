//! One room a test: new namespaces, in which nothing of the computer outside can be changed.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use crate::{kernel, scenarios};

/// The first argument with which this executable runs one scenario in the room it is in.
pub const INSIDE: &str = "--inside";

/// The command line before that of a program that `nobody` shall run.
pub const AS_NOBODY: [&str; 5] = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"];

/// The name of a test and what it does inside its room.
pub type Scenario = (&'static str, fn());

/// What a room has of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Its users too: there is one, who has all rights in it. Anyone may make such a room.
    Private,
    /// All but its users. Only root can make such a room.
    Shared,
}

impl Kind {
    /// The scenario in which nothing happens.
    pub const fn empty(self) -> &'static str {
        match self {
            Self::Private => "empty private room",
            Self::Shared => "empty shared room",
        }
    }

    /// The options of `unshare`.
    pub const fn namespaces(self) -> &'static [&'static str] {
        match self {
            Self::Private => &["--user", "--map-root-user", "--net", "--pid", "--mount"],
            Self::Shared => &["--net", "--pid", "--mount"],
        }
    }
}

/// What runs in the room, as its first process.
pub fn inside(name: &str) -> ExitCode {
    furnish();
    if name == Kind::Shared.empty() {
        run(Command::new(AS_NOBODY[0]).args(&AS_NOBODY[1..]).arg("true"));
    } else if name != Kind::Private.empty() {
        let mut all = scenarios::of(Kind::Private).chain(scenarios::of(Kind::Shared));
        let (_, scenario) = all.find(|(own, _)| *own == name).expect("a scenario of this name");
        scenario();
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
    let tools = links(ALTERNATIVES);
    for folder in ["/etc", "/run", "/var/lib"] {
        empty(folder);
    }
    fs::create_dir(ALTERNATIVES).expect("the room's own /etc");
    for (link, target) in tools {
        symlink(target, link).expect("a link to a tool");
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
            empty(folder);
        }
    }
}

/// Where Debian links tools of which there are several, such as iptables.
const ALTERNATIVES: &str = "/etc/alternatives";

/// The links in a folder with their targets; none where it is not there.
fn links(folder: &str) -> Vec<(PathBuf, PathBuf)> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.filter_map(|entry| Some((entry.path(), fs::read_link(entry.path()).ok()?))).collect()
}

/// Lays an empty folder over one of the computer outside.
fn empty(folder: &str) {
    run(Command::new("mount").args(["-t", "tmpfs", "tmpfs", folder]));
}

/// Runs a command that must succeed.
pub fn run(command: &mut Command) {
    let status = command.status().unwrap_or_else(|error| panic!("{command:?} could not be started: {error}"));
    assert!(status.success(), "{command:?} ended with {status}");
}
