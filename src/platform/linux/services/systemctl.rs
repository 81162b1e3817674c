//! Asks a service manager about its units.

use std::path::Path;
use std::time::Duration;

use super::properties::{NAMES, Properties};
use crate::platform::PlatformError;
use crate::platform::command;

/// How long systemd may take to answer. On a computer that swaps it takes seconds.
const LIMIT: Duration = Duration::from_secs(20);

/// The service managers that can be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manager {
    /// The system's.
    System,
    /// That of the user who runs PortMedic.
    User,
}

impl Manager {
    /// The system's, and the user's own where one runs.
    pub fn all() -> Vec<Self> {
        let own = std::env::var_os("XDG_RUNTIME_DIR").is_some_and(|dir| Path::new(&dir).join("systemd/private").exists());
        if own { vec![Self::System, Self::User] } else { vec![Self::System] }
    }

    const fn option(self) -> Option<&'static str> {
        match self {
            Self::System => None,
            Self::User => Some("--user"),
        }
    }

    /// Its units in words.
    pub const fn units_in_words(self) -> &'static str {
        match self {
            Self::System => "the services",
            Self::User => "the services that this user runs",
        }
    }

    /// The command that reaches it.
    pub const fn systemctl(self) -> &'static str {
        match self {
            Self::System => "systemctl",
            Self::User => "systemctl --user",
        }
    }

    /// Shows every unit that fits one of `patterns`: one question for all.
    ///
    /// # Errors
    /// Where systemctl cannot be run or cannot reach the manager.
    pub fn show(self, patterns: &[String]) -> Result<Vec<Properties>, PlatformError> {
        let mut tool = command::tool("systemctl")?;
        tool.env("TZ", "UTC").args(self.option()).args(["show", "--no-pager", "-p", &NAMES.join(","), "--"]).args(patterns);
        let output = command::output(tool, "systemctl", LIMIT)?;
        let units = Properties::parse_all(&output.stdout);
        // It shows what it can, and complains in the end of the rest.
        if !output.success() && units.is_empty() {
            return Err(PlatformError::Failed {
                what: "could not ask systemd for its units".to_owned(),
                why: output.complaint(),
            });
        }
        Ok(units)
    }
}
