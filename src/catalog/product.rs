//! What is known about one product, as its entry in `assets/catalog` has it.

use serde::Deserialize;

use crate::machine::{Port, Protocol, System};

/// A product.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Product {
    /// Its short name for programs, never shown: `sqlserver`.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// Other names that people use.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// Its systemd units without `.service`. Instances (`postgresql@15-main`) belong to the unit before the `@`.
    #[serde(default)]
    pub units: Vec<String>,
    /// Its Windows services by the names that `sc query` takes; a `*` stands for the name of an instance.
    #[serde(default)]
    pub windows_services: Vec<String>,
    /// The ports it takes unless told otherwise, the main one first.
    pub ports: Vec<ProductPort>,
    /// Where its port is set on Linux: the files that PortMedic reads.
    #[serde(default)]
    pub config: Vec<ConfigPlace>,
    /// Where its port is set on Windows, the best place for people first.
    #[serde(default)]
    pub windows_config: Vec<WindowsSetting>,
    /// Its own log files on Linux; a `*` stands for any part of a name.
    #[serde(default)]
    pub logs: Vec<String>,
    /// Its own log files on Windows, with variables such as `%ProgramData%`; a `*` stands for any part of a name.
    #[serde(default)]
    pub windows_logs: Vec<String>,
    /// Texts that only the log lines of this product have.
    #[serde(default)]
    pub marks: Vec<String>,
    /// What people who repair it should know, a plain sentence each.
    #[serde(default)]
    pub notes: Vec<String>,
    /// The page of its makers that tells of its ports.
    pub source: String,
}

/// A port that a product takes unless told otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProductPort {
    /// The port.
    pub port: Port,
    /// The protocol.
    pub protocol: Protocol,
    /// What it is for.
    #[serde(rename = "use")]
    pub purpose: String,
}

/// A setting in a file of Linux that moves a product to another port.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConfigPlace {
    /// The file; a `*` stands for any part of a name.
    pub file: String,
    /// The section of the file, where it has sections.
    #[serde(default)]
    pub section: Option<String>,
    /// The name of the setting.
    pub setting: String,
    /// How the file is written.
    #[serde(default)]
    pub format: ConfigFormat,
    /// The purpose of the port that it moves, as in [`ProductPort::purpose`]; that of the main port where it is absent.
    #[serde(default, rename = "use")]
    pub purpose: Option<String>,
}

/// How a configuration file is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ConfigFormat {
    /// One `name = value`, `name: value` or `name value` a line, in sections or not.
    #[default]
    Settings,
    /// nginx: blocks in braces, with includes.
    Nginx,
    /// Apache: directives and includes.
    Apache,
    /// PostgreSQL: settings with includes.
    Postgresql,
    /// MySQL and MariaDB: groups with includes.
    Mysql,
    /// Redis: directives with includes.
    Redis,
    /// OpenSSH: directives with includes.
    Sshd,
    /// HAProxy: sections with `bind` lines.
    Haproxy,
}

/// A setting on Windows that moves a product to another port.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WindowsSetting {
    /// What keeps it.
    pub place: WindowsPlace,
    /// The name of the value or setting there.
    pub setting: String,
    /// The purpose of the port that it moves, as in [`ProductPort::purpose`]; that of the main port where it is absent.
    #[serde(default, rename = "use")]
    pub purpose: Option<String>,
}

/// What keeps a setting on Windows.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WindowsPlace {
    /// A file, from a drive or a variable on: `%ProgramData%\…`. A `*` stands for any part of a name.
    File(String),
    /// A key of the registry, from `HKLM\` on. A `*` stands for any part of a name.
    Registry(String),
    /// A program with a window, by its name, or a command.
    Tool(String),
}

impl Product {
    /// Every name that people use for it.
    pub fn names(&self) -> impl Iterator<Item = &String> {
        [&self.id, &self.name].into_iter().chain(&self.aliases)
    }

    /// The protocol, where all its ports have the same one.
    pub fn only_protocol(&self) -> Option<Protocol> {
        let first = self.ports.first()?.protocol;
        self.ports.iter().all(|port| port.protocol == first).then_some(first)
    }

    /// Where people set the port that is usually `port`, to stand after "Change": "tcpport in /var/opt/mssql/mssql.conf".
    ///
    /// A port that is not usual stands for the main one. `None` where no place is known on `system`.
    pub fn place_of_port(&self, port: Port, system: System) -> Option<String> {
        let purpose = |port: &ProductPort| port.purpose.clone();
        let main = self.ports.first().map(purpose);
        let usual = self.ports.iter().find(|usual| usual.port == port).map(purpose).or_else(|| main.clone());
        let moves = |purpose: &Option<String>| purpose.as_ref().or(main.as_ref()) == usual.as_ref();
        match system {
            System::Linux => self.config.iter().find(|config| moves(&config.purpose)).map(|config| match &config.section {
                Some(section) => format!("{} in the section {section} of {}", config.setting, config.file),
                None => format!("{} in {}", config.setting, config.file),
            }),
            System::Windows => {
                self.windows_config.iter().find(|config| moves(&config.purpose)).map(|config| match &config.place {
                    WindowsPlace::File(place) | WindowsPlace::Tool(place) => format!("{} in {place}", config.setting),
                    WindowsPlace::Registry(key) => format!("the value {} of the registry key {key}", config.setting),
                })
            }
        }
    }
}

/// A name reduced to its letters and digits.
pub(super) fn plain(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}
