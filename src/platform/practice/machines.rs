//! The practice machines: those that come with PortMedic, and those that somebody wrote.

use std::fs;
use std::path::Path;

use super::check::check;
use super::form::{Form, Lesson};
use super::state::State;
use super::{Behaviour, build};
use crate::machine::{System, visible};

/// The machines that come with PortMedic, in the order of their names.
const FILES: &[(&str, &str)] = &[
    ("apache-on-80", include_str!("../../../assets/practice/apache-on-80.toml")),
    ("blackberry-lsass-3101", include_str!("../../../assets/practice/blackberry-lsass-3101.toml")),
    ("cockpit-socket-9090", include_str!("../../../assets/practice/cockpit-socket-9090.toml")),
    ("connect-alias", include_str!("../../../assets/practice/connect-alias.toml")),
    ("connect-browser", include_str!("../../../assets/practice/connect-browser.toml")),
    ("connect-dns", include_str!("../../../assets/practice/connect-dns.toml")),
    ("connect-firewall", include_str!("../../../assets/practice/connect-firewall.toml")),
    ("connect-hosts", include_str!("../../../assets/practice/connect-hosts.toml")),
    ("connect-instance", include_str!("../../../assets/practice/connect-instance.toml")),
    ("connect-ipsec", include_str!("../../../assets/practice/connect-ipsec.toml")),
    ("connect-loopback", include_str!("../../../assets/practice/connect-loopback.toml")),
    ("connect-log", include_str!("../../../assets/practice/connect-log.toml")),
    ("connect-lost-port", include_str!("../../../assets/practice/connect-lost-port.toml")),
    ("connect-name", include_str!("../../../assets/practice/connect-name.toml")),
    ("connect-other-port", include_str!("../../../assets/practice/connect-other-port.toml")),
    ("connect-queue", include_str!("../../../assets/practice/connect-queue.toml")),
    ("connect-reject", include_str!("../../../assets/practice/connect-reject.toml")),
    ("connect-tcp-off", include_str!("../../../assets/practice/connect-tcp-off.toml")),
    ("connect-turned-away", include_str!("../../../assets/practice/connect-turned-away.toml")),
    ("connect-web", include_str!("../../../assets/practice/connect-web.toml")),
    ("docker-8080", include_str!("../../../assets/practice/docker-8080.toml")),
    ("group-policy-windows", include_str!("../../../assets/practice/group-policy-windows.toml")),
    ("httpsys-80", include_str!("../../../assets/practice/httpsys-80.toml")),
    ("leak-linux", include_str!("../../../assets/practice/leak-linux.toml")),
    ("leak-windows", include_str!("../../../assets/practice/leak-windows.toml")),
    ("low-port-443", include_str!("../../../assets/practice/low-port-443.toml")),
    ("nginx-certificate", include_str!("../../../assets/practice/nginx-certificate.toml")),
    ("nps-dns-1645", include_str!("../../../assets/practice/nps-dns-1645.toml")),
    ("ports-at-risk", include_str!("../../../assets/practice/ports-at-risk.toml")),
    ("portproxy", include_str!("../../../assets/practice/portproxy.toml")),
    ("postgresql-client", include_str!("../../../assets/practice/postgresql-client.toml")),
    ("redis-leftover", include_str!("../../../assets/practice/redis-leftover.toml")),
    ("resting-linux", include_str!("../../../assets/practice/resting-linux.toml")),
    ("shares-windows", include_str!("../../../assets/practice/shares-windows.toml")),
    ("sign-in-windows", include_str!("../../../assets/practice/sign-in-windows.toml")),
    ("sql-client", include_str!("../../../assets/practice/sql-client.toml")),
    ("sql-instances", include_str!("../../../assets/practice/sql-instances.toml")),
    ("sql-listener", include_str!("../../../assets/practice/sql-listener.toml")),
    ("winnat-block", include_str!("../../../assets/practice/winnat-block.toml")),
];

/// A practice machine as it is at the beginning.
#[derive(Debug, Clone)]
pub struct Machine {
    /// Its short name: `sql-client`.
    pub name: String,
    /// One line: what happened.
    pub title: String,
    /// What the trainee is told at the beginning.
    pub story: String,
    /// What is to be learned.
    pub lesson: Lesson,
    /// What people and luck do, unless somebody chooses otherwise.
    pub behaviour: Behaviour,
    pub(super) state: State,
}

/// Why there is no such practice machine. Each text says what, why and what to do.
#[derive(Debug, thiserror::Error)]
pub enum MachineError {
    /// No machine that comes with PortMedic has the name.
    #[error("no practice machine is called \"{asked}\"; there are {known}, and a path to a .toml file is taken, too")]
    NoSuchMachine {
        /// The name that was asked for.
        asked: String,
        /// The names that there are.
        known: String,
    },
    /// The file cannot be read.
    #[error("the practice machine {file} could not be read: {why}")]
    Unreadable {
        /// The file.
        file: String,
        /// What the system said.
        why: String,
    },
    /// The file cannot be one by its name.
    #[error(
        "{file} is no practice machine: such a file ends in .toml; `portmedic practice` lists those that come with PortMedic"
    )]
    NotToml {
        /// The file.
        file: String,
    },
    /// The file is not in the form of a practice machine.
    #[error("{file} is no practice machine: {why}; the machines in assets/practice show the form")]
    Form {
        /// The file.
        file: String,
        /// The place and what is wrong there, over several lines.
        why: String,
    },
    /// The facts in the file do not fit together.
    #[error("{file}, line {line}: {what}")]
    Fact {
        /// The file.
        file: String,
        /// The line, counted from 1.
        line: usize,
        /// What is wrong and what to do.
        what: String,
    },
}

/// The largest file that is read: a machine needs a few kilobytes.
const LARGEST: u64 = 1 << 20;

impl Machine {
    /// The machines that come with PortMedic.
    ///
    /// # Errors
    /// None in practice: a test reads each.
    pub fn all() -> Result<Vec<Self>, MachineError> {
        FILES.iter().map(|(name, text)| Self::parse(name, &format!("{name}.toml"), text)).collect()
    }

    /// The machine with this name, or in the file at this path.
    ///
    /// # Errors
    /// Where there is none, or its file is not right.
    pub fn find(asked: &str) -> Result<Self, MachineError> {
        if let Some((name, text)) = FILES.iter().find(|(name, _)| *name == asked) {
            return Self::parse(name, &format!("{name}.toml"), text);
        }
        let path = Path::new(asked);
        if path.extension().is_some_and(|kind| kind == "toml") {
            return Self::read(path);
        }
        if path.components().count() > 1 {
            return Err(MachineError::NotToml { file: visible(asked) });
        }
        let known: Vec<&str> = FILES.iter().map(|(name, _)| *name).collect();
        Err(MachineError::NoSuchMachine { asked: visible(asked), known: known.join(", ") })
    }

    fn read(path: &Path) -> Result<Self, MachineError> {
        let file = visible(&path.display().to_string());
        let unreadable = |why: String| MachineError::Unreadable { file: file.clone(), why };
        let size = fs::metadata(path).map_err(|error| unreadable(error.to_string()))?.len();
        if size > LARGEST {
            return Err(unreadable(format!("it has {size} bytes, and a practice machine has at most {LARGEST}")));
        }
        let bytes = fs::read(path).map_err(|error| unreadable(error.to_string()))?;
        let text = String::from_utf8(bytes).map_err(|_| unreadable("it is not written in UTF-8".to_owned()))?;
        let name = path.file_stem().map_or_else(|| "file".to_owned(), |stem| visible(&stem.to_string_lossy()));
        Self::parse(&name, &file, &text)
    }

    /// Reads the text of a machine; `file` is what errors call it.
    ///
    /// # Errors
    /// Where the text is not in the form of a machine, or its facts do not fit together.
    pub fn parse(name: &str, file: &str, text: &str) -> Result<Self, MachineError> {
        let form: Form = toml::from_str(text)
            .map_err(|error| MachineError::Form { file: file.to_owned(), why: error.to_string().trim_end().to_owned() })?;
        check(&form).map_err(|wrong| {
            let line = text.bytes().take(wrong.at).filter(|byte| *byte == b'\n').count() + 1;
            MachineError::Fact { file: file.to_owned(), line, what: visible(&wrong.what) }
        })?;
        let state = build(&form, name);
        let Form { title, story, lesson, behaviour, .. } = form;
        Ok(Self { name: name.to_owned(), title, story: story.trim().to_owned(), lesson, behaviour, state })
    }

    /// Its operating system.
    pub const fn system(&self) -> System {
        self.state.host.system
    }
}
