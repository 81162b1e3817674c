//! The network settings of SQL Server and its clients on Windows.

use serde::{Deserialize, Serialize};

use crate::machine::{Port, ServicePort};

/// An alias: clients of SQL Server on this computer that ask for its name go to another place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClientAlias {
    /// The name that clients ask for.
    pub name: String,
    /// Whether it leads to a named pipe and not to a port.
    #[serde(default)]
    pub is_pipe: bool,
    /// The computer it leads to.
    pub host: String,
    /// The port it leads to; `None` where the client finds it out.
    #[serde(default)]
    pub port: Option<Port>,
    /// Where it is set.
    pub source: String,
}

/// How clients of SQL Server on this computer connect.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SqlClient {
    /// The aliases.
    pub aliases: Vec<ClientAlias>,
    /// The protocols in the order in which clients try them: `sm`, `tcp`, `np`. Empty where nobody has set it.
    pub protocol_order: Vec<String>,
    /// Where the order is set.
    pub source: Option<String>,
}

/// What an instance of SQL Server on this computer is set to listen on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SqlServer {
    /// The instance: `MSSQLSERVER` for the default one.
    pub instance: String,
    /// Whether TCP is enabled; `None` where that is not set.
    #[serde(default)]
    pub tcp: Option<bool>,
    /// Whether named pipes are enabled; `None` where that is not set.
    #[serde(default)]
    pub pipes: Option<bool>,
    /// The ports, fixed and self-given.
    #[serde(default)]
    pub ports: Vec<ServicePort>,
    /// Where it is set.
    pub source: String,
}
