//! What a client wants to reach, as people and connection strings write it.

mod connection_string;
mod parts;
#[cfg(test)]
mod tests;

use std::net::IpAddr;

use serde::Serialize;

use self::parts::{Parts, without_secrets};
use crate::catalog::{self, Product};
use crate::machine::{Port, Protocol, Service};

/// The port of SQL Server's default instance.
pub const SQL_PORT: Port = 1433;
/// The catalogue's name for SQL Server.
const SQL_SERVER: &str = "sqlserver";
/// How clients write the default instance.
pub const DEFAULT_INSTANCE: &str = "MSSQLSERVER";

/// Where the port is known from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PortFrom {
    /// The user named it.
    Asked,
    /// The catalogue tells the usual one of the product.
    Catalogue,
    /// The service of that name on this computer wants it.
    Service,
    /// SQL Server Browser told it.
    Browser,
    /// The settings of the instance on this computer tell it.
    Settings,
}

impl PortFrom {
    /// The origin, to stand after "from".
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Asked => "you",
            Self::Catalogue => "the catalogue: it is the usual one",
            Self::Service => "the service on this computer",
            Self::Browser => "SQL Server Browser",
            Self::Settings => "the settings of the instance on this computer",
        }
    }
}

/// What a client wants to reach.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Wanted {
    /// What the user typed.
    pub asked: String,
    /// The computer: a name or an address.
    pub host: String,
    /// The port; `None` where it is not known (yet).
    pub port: Option<Port>,
    /// Where the port is known from.
    pub port_from: Option<PortFrom>,
    /// The instance of SQL Server, or the service, that was named beside the computer.
    pub instance: Option<String>,
    /// The product's name from the catalogue, where one was named.
    pub product: Option<String>,
    /// Whether a named pipe was asked for (`np:`), which is no matter of ports.
    pub pipe: bool,
}

/// Why a text tells no place to connect to. Each text says what and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WantedError {
    /// It has no computer.
    #[error("\"{0}\" names no computer; {HELP}")]
    NoHost(String),
    /// The computer's name has characters that no name has.
    #[error("\"{0}\" is no name or address of a computer; {HELP}")]
    NotAHost(String),
    /// The address belongs to every network, and it is not told which one is meant.
    #[error("{0} is an address that every network has; write the network interface behind it: {0}%eth0")]
    NoInterface(String),
    /// The port is none.
    #[error("\"{0}\" is not a port: ports go from 1 to 65535; {HELP}")]
    NotAPort(String),
    /// Neither a port nor an instance is told.
    #[error("\"{0}\" names no port; {HELP}")]
    NoPort(String),
    /// The port is told twice, and not alike.
    #[error("\"{0}\" names two ports; {HELP}")]
    TwoPorts(String),
    /// SQL Server's LocalDB takes no connection from a network.
    #[error(
        "\"{0}\" is LocalDB, which takes no connection over TCP, only by a pipe of the same user; there is nothing to check here"
    )]
    LocalDb(String),
}

const HELP: &str =
    "write a computer and a port (db1 1433), an instance of SQL Server (db1 SALES, db1\\SALES) or a product (db1 postgresql)";

impl Wanted {
    /// Reads what the user typed: a computer, and a port, instance or product beside it or in the forms of connection strings
    /// (`tcp:db1\SALES,1433`, `[::1]:5432`, `https://db1/`, `Server=db1,1433;Database=orders`).
    ///
    /// # Errors
    /// Where it tells no computer, no port, or a port that is none.
    pub fn parse(host: &str, what: Option<&str>) -> Result<Self, WantedError> {
        match connection_string::server(host) {
            Some((server, own)) => Self::of(&server, what.or(own.as_deref())),
            None => Self::of(host, what),
        }
    }

    /// Reads the same from one line, with a blank before the second part.
    ///
    /// # Errors
    /// As [`Wanted::parse`].
    pub fn read(line: &str) -> Result<Self, WantedError> {
        if connection_string::server(line).is_some() {
            return Self::parse(line, None);
        }
        let line = line.trim().replace(", ", ",");
        let (host, what) = line.split_once(char::is_whitespace).map_or((line.as_str(), None), |(host, what)| (host, Some(what)));
        Self::of(host, what)
    }

    fn of(host: &str, what: Option<&str>) -> Result<Self, WantedError> {
        let host = without_secrets(host.trim());
        let asked = what.map_or_else(|| host.clone(), |what| format!("{host} {}", what.trim()));
        let mut parts = Parts::read(&host, &asked)?;
        if let Some(what) = what.map(str::trim) {
            parts.take(what, &asked)?;
        }
        let product = parts.product();
        let is_sql = parts.instance.is_some() || product.is_some_and(|product| product.id == SQL_SERVER);
        let usual = product.and_then(|own| own.ports.iter().find(|port| port.protocol == Protocol::Tcp)).map(|port| port.port);
        let default_instance = parts.instance.as_deref().is_some_and(|name| name.eq_ignore_ascii_case(DEFAULT_INSTANCE));
        let usual = usual.filter(|_| parts.instance.is_none()).or_else(|| default_instance.then_some(SQL_PORT));
        let usual = usual.or_else(|| parts.port_of_scheme());
        let port_from = match (parts.port, usual) {
            (Some(_), _) => Some(PortFrom::Asked),
            (None, Some(_)) => Some(PortFrom::Catalogue),
            (None, None) => None,
        };
        let port = parts.port.or(usual);
        if port.is_none() && parts.instance.is_none() && !parts.pipe {
            return Err(WantedError::NoPort(asked));
        }
        let product = product.or_else(|| catalog::product_called(SQL_SERVER).filter(|_| is_sql));
        Ok(Self {
            asked,
            host: parts.host,
            port,
            port_from,
            instance: parts.instance,
            product: product.map(|product| product.name.clone()),
            pipe: parts.pipe,
        })
    }

    /// The address, where one was typed in place of a name. One of a single network has the interface to it behind it: `fe80::1%eth0`.
    pub fn address(&self) -> Option<IpAddr> {
        address_of(&self.host)
    }

    /// The product in the catalogue.
    pub fn known_product(&self) -> Option<&'static Product> {
        self.product.as_deref().and_then(catalog::product_called)
    }

    /// Whether SQL Server is asked for: by its name, its port or an instance.
    pub fn is_sql(&self) -> bool {
        let named = self.known_product().is_some_and(|product| product.id == SQL_SERVER);
        let by_port = self.port == Some(SQL_PORT) && self.product.is_none();
        named || by_port || self.pipe
    }

    /// The named instance; `None` for the default one and for everything that is no SQL Server.
    pub fn named_instance(&self) -> Option<&str> {
        self.instance.as_deref().filter(|name| !name.eq_ignore_ascii_case(DEFAULT_INSTANCE))
    }

    /// What was named beside the computer is a service of this computer, and not an instance.
    pub fn take_service(&mut self, service: &Service) {
        self.product = service.product.clone().or_else(|| Some(service.name.clone()));
        if let Some(best) = service.ports.iter().find(|port| port.protocol == Protocol::Tcp) {
            self.learn_port(best.port, PortFrom::Service);
        }
        if !self.is_sql() {
            self.instance = None;
        }
    }

    /// What was found out about the port. A port that the user named stays.
    pub fn learn_port(&mut self, port: Port, from: PortFrom) {
        if self.port.is_none() {
            self.port = Some(port);
            self.port_from = Some(from);
        }
    }
}

/// The address that a text is, with the interface behind it or without.
pub(super) fn address_of(host: &str) -> Option<IpAddr> {
    let (address, interface) = host.split_once('%').map_or((host, None), |(address, interface)| (address, Some(interface)));
    let address: IpAddr = address.parse().ok()?;
    (interface.is_none() || address.is_ipv6()).then_some(address)
}
