//! What a client wants to reach, as people and connection strings write it.

use serde::Serialize;

use crate::catalog::{self, Product};
use crate::machine::{Port, Protocol, Service, is_hidden};

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
    /// (`tcp:db1\SALES,1433`, `[::1]:5432`, `https://db1/`).
    ///
    /// # Errors
    /// Where it tells no computer, no port, or a port that is none.
    pub fn parse(host: &str, what: Option<&str>) -> Result<Self, WantedError> {
        let asked = what.map_or_else(|| host.trim().to_owned(), |what| format!("{} {}", host.trim(), what.trim()));
        let mut parts = Parts::read(host.trim(), &asked)?;
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
        let Some(best) = service.ports.iter().find(|port| port.protocol == Protocol::Tcp) else { return };
        self.product = service.product.clone().or_else(|| Some(service.name.clone()));
        if self.port.is_none() {
            self.port = Some(best.port);
            self.port_from = Some(PortFrom::Service);
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

/// The parts of what was typed.
#[derive(Debug, Default)]
struct Parts {
    host: String,
    port: Option<Port>,
    instance: Option<String>,
    /// The name of a product or scheme.
    name: Option<String>,
    pipe: bool,
}

impl Parts {
    /// Reads the first word, which may hold everything.
    fn read(text: &str, asked: &str) -> Result<Self, WantedError> {
        if text.to_ascii_lowercase().starts_with("(localdb)") {
            return Err(WantedError::LocalDb(asked.to_owned()));
        }
        let mut parts = Self::default();
        let mut rest = text;
        if let Some((scheme, after)) = text.split_once("://") {
            parts.name = Some(scheme.to_owned());
            rest = after.split(['/', '?', '#']).next().unwrap_or_default();
            rest = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
        } else if let Some(after) = without_prefix(rest, "tcp:").or_else(|| without_prefix(rest, "admin:")) {
            rest = after;
        } else if let Some(after) = without_prefix(rest, "np:").or_else(|| rest.starts_with(r"\\").then_some(rest)) {
            parts.pipe = true;
            // \\host\pipe\MSSQL$SALES\sql\query
            let mut path = after.trim_start_matches('\\').split('\\');
            rest = path.next().unwrap_or_default();
            let pipe = path.nth(1).unwrap_or_default();
            parts.instance = pipe
                .get(.."MSSQL$".len())
                .filter(|own| own.eq_ignore_ascii_case("MSSQL$"))
                .map(|own| pipe[own.len()..].to_owned());
        }
        if let Some((before, port)) = rest.split_once(',') {
            parts.port = Some(port_of(port)?);
            rest = before;
        }
        if let Some((before, instance)) = rest.split_once('\\') {
            parts.instance = Some(instance.trim().to_owned()).filter(|name| !name.is_empty());
            rest = before;
        }
        let (host, port) = split_port(rest.trim())?;
        parts.set_port(port, asked)?;
        parts.host = match host.trim() {
            "." | "(local)" => "localhost".to_owned(),
            "" => return Err(WantedError::NoHost(asked.to_owned())),
            host if is_host(host) => host.to_owned(),
            host => return Err(WantedError::NotAHost(host.to_owned())),
        };
        if parts.instance.as_deref().is_some_and(|name| !is_instance(name)) {
            return Err(WantedError::NotAHost(text.to_owned()));
        }
        Ok(parts)
    }

    /// Takes the second word: a port, or a name.
    fn take(&mut self, what: &str, asked: &str) -> Result<(), WantedError> {
        let number = what.strip_suffix("/tcp").unwrap_or(what);
        if number.starts_with(|c: char| c.is_ascii_digit() || "+-".contains(c))
            && !number[1..].contains(|c: char| c.is_alphabetic())
        {
            let port = port_of(number)?;
            return self.set_port(Some(port), asked);
        }
        if catalog::product_called(what).is_some() {
            self.name = Some(what.to_owned());
        } else if is_instance(what) {
            self.instance = Some(what.to_owned());
        } else {
            return Err(WantedError::NotAPort(what.to_owned()));
        }
        Ok(())
    }

    fn set_port(&mut self, port: Option<Port>, asked: &str) -> Result<(), WantedError> {
        match (self.port, port) {
            (Some(own), Some(other)) if own != other => Err(WantedError::TwoPorts(asked.to_owned())),
            _ => {
                self.port = self.port.or(port);
                Ok(())
            }
        }
    }

    /// The port that the scheme of a URL stands for.
    fn port_of_scheme(&self) -> Option<Port> {
        match self.name.as_deref()?.to_ascii_lowercase().as_str() {
            "http" => Some(80),
            "https" => Some(443),
            _ => None,
        }
    }

    fn product(&self) -> Option<&'static Product> {
        let name = self.name.as_deref()?;
        // The scheme of a URL names a protocol.
        let known = match name.to_ascii_lowercase().as_str() {
            "http" | "https" => None,
            "postgres" => Some("postgresql"),
            _ => Some(name),
        };
        known.and_then(catalog::product_called)
    }
}

fn without_prefix<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let (head, rest) = text.split_at_checked(prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then_some(rest)
}

/// Splits `host:port`, `[::1]:port`, and an IPv6 address with no port.
fn split_port(text: &str) -> Result<(&str, Option<Port>), WantedError> {
    if let Some(inside) = text.strip_prefix('[') {
        let Some((host, after)) = inside.split_once(']') else { return Err(WantedError::NotAHost(text.to_owned())) };
        return match after.strip_prefix(':') {
            Some(port) => Ok((host, Some(port_of(port)?))),
            None if after.is_empty() => Ok((host, None)),
            None => Err(WantedError::NotAHost(text.to_owned())),
        };
    }
    match text.split_once(':') {
        Some((host, port)) if !port.contains(':') => Ok((host, Some(port_of(port)?))),
        _ => Ok((text, None)),
    }
}

fn port_of(text: &str) -> Result<Port, WantedError> {
    let text = text.trim();
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let port = digits.then(|| text.parse::<Port>().ok()).flatten().filter(|port| *port > 0);
    port.ok_or_else(|| WantedError::NotAPort(text.to_owned()))
}

/// What names of computers and addresses are made of; a leading `-` is a mistyped option.
fn is_host(text: &str) -> bool {
    let fits = |c: char| c.is_alphanumeric() || "-_.:%".contains(c);
    text.len() <= 255 && !text.starts_with('-') && text.chars().all(|c| fits(c) && !is_hidden(c))
}

/// What instances of SQL Server, and services, are called.
fn is_instance(text: &str) -> bool {
    let fits = |c: char| c.is_alphanumeric() || "-_.@#$".contains(c);
    !text.is_empty() && text.len() <= 128 && !text.starts_with('-') && text.chars().all(|c| fits(c) && !is_hidden(c))
}

#[cfg(test)]
mod tests {
    use super::{PortFrom, Wanted, WantedError};

    fn read(host: &str, what: Option<&str>) -> (String, Option<u16>, Option<String>) {
        let wanted = Wanted::parse(host, what).unwrap_or_else(|error| panic!("{host} {what:?}: {error}"));
        (wanted.host, wanted.port, wanted.instance)
    }

    #[test]
    fn every_way_of_writing_a_server_is_read() {
        let sales = || Some("SALES".to_owned());
        for (host, what, expected) in [
            ("db1", Some("1433"), ("db1", Some(1433), None)),
            ("db1:5432", None, ("db1", Some(5432), None)),
            ("[::1]:5432", None, ("::1", Some(5432), None)),
            ("::1", Some("80"), ("::1", Some(80), None)),
            ("fe80::1%2", Some("22"), ("fe80::1%2", Some(22), None)),
            (r"db1\SALES", None, ("db1", None, sales())),
            ("db1", Some("SALES"), ("db1", None, sales())),
            (r"tcp:db1\SALES,1500", None, ("db1", Some(1500), sales())),
            ("TCP:db1,1500", None, ("db1", Some(1500), None)),
            (r"np:\\db1\pipe\MSSQL$SALES\sql\query", None, ("db1", None, sales())),
            (r"\\db1\pipe\sql\query", None, ("db1", None, None)),
            (r".\SALES", None, ("localhost", None, sales())),
            ("(local)", Some("MSSQLSERVER"), ("localhost", Some(1433), None)),
            ("db1", Some("postgresql"), ("db1", Some(5432), None)),
            (r"db1\MSSQLSERVER", None, ("db1", Some(1433), Some("MSSQLSERVER".to_owned()))),
            ("db1", Some("SQL Server"), ("db1", Some(1433), None)),
            ("postgres://app:secret@db1/orders?x=1", None, ("db1", Some(5432), None)),
            ("https://db1:8443/x", None, ("db1", Some(8443), None)),
            ("https://web1", None, ("web1", Some(443), None)),
            ("db1", Some("443/tcp"), ("db1", Some(443), None)),
        ] {
            let (name, port, instance) = expected;
            assert_eq!(read(host, what), (name.to_owned(), port, instance), "{host} {what:?}");
        }
    }

    #[test]
    fn the_password_of_a_url_is_not_kept_as_the_host() {
        let wanted = Wanted::parse("redis://:secret@cache:6380/0", None).unwrap();
        assert_eq!((wanted.host.as_str(), wanted.port), ("cache", Some(6380)));
    }

    #[test]
    fn what_names_nothing_is_refused_with_a_reason() {
        for (host, what) in [
            ("", None),
            ("db1", None),
            ("db1", Some("0")),
            ("db1", Some("70000")),
            ("db1", Some("-5")),
            ("db1", Some("80 81")),
            ("db1", Some("53/udp")),
            ("db1:", None),
            ("db1,x", None),
            ("-h", Some("80")),
            ("a b", Some("80")),
            ("a;b", Some("80")),
            ("[::1", Some("80")),
            (r"db1\", None),
            ("db1:80", Some("81")),
            ("db1", Some("é$(x)")),
            ("a\u{202E}b", Some("80")),
        ] {
            assert!(Wanted::parse(host, what).is_err(), "{host} {what:?}: {:?}", Wanted::parse(host, what));
        }
        assert!(matches!(Wanted::parse(r"(localdb)\MSSQLLocalDB", None), Err(WantedError::LocalDb(_))));
    }

    #[test]
    fn sql_server_is_known_by_name_port_or_instance() {
        let sql = |host: &str, what: Option<&str>| Wanted::parse(host, what).unwrap().is_sql();
        assert!(sql("db1", Some("1433")) && sql(r"db1\SALES", None) && sql("db1", Some("SQL Server")));
        assert!(!sql("db1", Some("5432")) && !sql("db1", Some("postgresql")));
        let default = Wanted::parse("db1", Some("MSSQLSERVER")).unwrap();
        assert_eq!((default.named_instance(), default.port_from), (None, Some(PortFrom::Catalogue)));
    }
}
