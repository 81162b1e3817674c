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

    /// Those of `names` for which there is a unit file. To show a unit that nobody has installed, systemd searches all its folders, for each
    /// anew: that takes so long that this is asked before (2 ms a unit against 10 ms for all of them, systemd 252).
    ///
    /// # Errors
    /// See [`Self::show`].
    pub fn installed(self, names: &[String]) -> Result<Vec<String>, PlatformError> {
        let mut tool = command::tool("systemctl")?;
        tool.args(self.option()).args(["list-unit-files", "--no-pager", "--no-legend", "--full", "--"]).args(names);
        let output = command::output(tool, "systemctl", LIMIT)?;
        // Where none is installed, some versions end with 1 and say nothing.
        if !output.success() && (output.code != Some(1) || !output.stderr.trim().is_empty()) {
            return Err(PlatformError::Failed {
                what: "could not ask systemd which units are installed".to_owned(),
                why: output.complaint(),
            });
        }
        Ok(listed(&output.stdout).filter(|unit| names.iter().any(|name| name == unit)).map(str::to_owned).collect())
    }
}

/// The units of a list of unit files: the first word of each line.
fn listed(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter_map(|line| line.split_whitespace().next())
}

#[cfg(test)]
mod tests {
    use super::listed;

    #[test]
    fn a_list_of_unit_files_names_the_units_whatever_their_state() {
        let text = "mysql.service          alias     -\nnginx.service          disabled  enabled\npostgresql@.service    indirect  enabled\n";
        assert_eq!(listed(text).collect::<Vec<_>>(), ["mysql.service", "nginx.service", "postgresql@.service"]);
    }
}
