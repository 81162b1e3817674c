//! What SQL Server Browser answers over UDP port 1434.
//! <https://learn.microsoft.com/openspecs/windows_protocols/mc-sqlr/1ea6e25f-bff9-4364-ba21-5dc449a601b7>

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

use crate::machine::Port;

/// The answer of one computer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BrowserAnswer {
    /// Who was asked.
    pub at: SocketAddr,
    /// What came back.
    pub result: BrowserResult,
}

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BrowserResult {
    /// These instances.
    Instances(Vec<SqlInstance>),
    /// Nothing, within the time.
    Silent,
    /// That nobody receives there.
    Refused,
    /// Something that is no answer of SQL Server Browser; why it is none.
    Nonsense(String),
    /// It could not be asked, in the system's own words.
    NotAsked(String),
}

/// An instance of SQL Server, as its Browser tells of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SqlInstance {
    /// The computer.
    #[serde(default)]
    pub server: String,
    /// The instance: `MSSQLSERVER` for the default one.
    pub name: String,
    /// Its version: `16.0.1000.6`.
    #[serde(default)]
    pub version: Option<String>,
    /// The TCP port it listens on; `None` where it takes no TCP.
    #[serde(default)]
    pub tcp: Option<Port>,
    /// The named pipe it listens on; `None` where it takes none.
    #[serde(default)]
    pub pipe: Option<String>,
}
