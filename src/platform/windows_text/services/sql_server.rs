//! An instance of SQL Server: its ports in the registry, and its ERRORLOG.
//! <https://learn.microsoft.com/sql/database-engine/configure-windows/configure-a-server-to-listen-on-a-specific-tcp-port>

use super::registry::{Registry, Value};
use crate::machine::{KnownFrom, Port, Protocol, ServicePort};

/// Where SQL Server is in the registry: its own place, and that of 32-bit versions.
const ROOTS: [&str; 2] =
    [r"HKLM\SOFTWARE\Microsoft\Microsoft SQL Server", r"HKLM\SOFTWARE\Wow6432Node\Microsoft\Microsoft SQL Server"];

/// An installed instance, by its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instance {
    key: String,
}

impl Instance {
    /// The instance that a service runs: `MSSQLSERVER` or `MSSQL$SALES`. `None` where it is none, or not in the registry.
    pub fn of_service(service: &str, registry: &dyn Registry) -> Option<Self> {
        let name = instance_name(service)?;
        ROOTS.iter().find_map(|root| {
            let id = registry.value(&format!(r"{root}\Instance Names\SQL"), name)?.to_text();
            Some(Self { key: format!(r"{root}\{id}\MSSQLServer") })
        })
    }

    /// Every installed instance with its name.
    pub fn all(registry: &dyn Registry) -> Vec<(String, Self)> {
        let of_root = |root: &&str| {
            let names = registry.values(&format!(r"{root}\Instance Names\SQL"));
            let instance = |(name, id): (String, Value)| (name, Self { key: format!(r"{root}\{}\MSSQLServer", id.to_text()) });
            names.into_iter().map(instance).collect::<Vec<_>>()
        };
        ROOTS.iter().flat_map(of_root).collect()
    }

    /// The key of its network protocols.
    pub fn network_key(&self) -> String {
        format!(r"{}\SuperSocketNetLib", self.key)
    }

    /// Whether a protocol (`Tcp`, `Np`) is enabled; `None` where that is not set.
    pub fn is_enabled(&self, protocol: &str, registry: &dyn Registry) -> Option<bool> {
        number(registry, &format!(r"{}\{protocol}", self.network_key()), "Enabled").map(|number| number != 0)
    }

    /// Its TCP ports; `None` where the registry does not tell, empty where it does without TCP.
    pub fn ports(&self, registry: &dyn Registry) -> Option<Vec<ServicePort>> {
        let tcp = format!(r"{}\Tcp", self.network_key());
        if number(registry, &tcp, "Enabled")? == 0 {
            return Some(Vec::new());
        }
        if number(registry, &tcp, "ListenOnAllIPs").unwrap_or(1) != 0 {
            return Some(ports_of(registry, &format!(r"{tcp}\IPAll"), None));
        }
        let addresses = registry.keys(&tcp).into_iter().filter(|name| !name.eq_ignore_ascii_case("IPAll"));
        let keys = addresses.map(|name| format!(r"{tcp}\{name}"));
        let enabled = keys.filter(|key| number(registry, key, "Enabled") == Some(1));
        Some(enabled.flat_map(|key| ports_of(registry, &key, registry.value(&key, "IpAddress"))).collect())
    }

    /// Its log: what its start parameters name, else the usual file in its folder.
    pub fn error_log(&self, registry: &dyn Registry) -> Option<String> {
        let arguments = registry.values(&format!(r"{}\Parameters", self.key)).into_iter();
        let mut arguments =
            arguments.filter(|(name, _)| name.to_lowercase().starts_with("sqlarg")).map(|(_, value)| value.to_text());
        let named = arguments.find_map(|argument| argument.strip_prefix("-e").map(str::to_owned));
        let usual = || {
            let folder = registry.value(&format!(r"{}\Setup", self.key.rsplit_once('\\')?.0), "SQLPath")?.to_text();
            Some(format!(r"{}\Log\ERRORLOG", folder.trim_end_matches('\\')))
        };
        named.or_else(usual)
    }
}

/// The name of the instance that a service runs; `None` where it is no service of SQL Server's engine.
pub fn instance_name(service: &str) -> Option<&str> {
    if service.eq_ignore_ascii_case("MSSQLSERVER") {
        return Some(service);
    }
    let (prefix, name) = service.split_at_checked("MSSQL$".len())?;
    prefix.eq_ignore_ascii_case("MSSQL$").then_some(name)
}

/// The ports of one address: fixed ones, and the one that the instance has given itself. `0` only says that it will.
fn ports_of(registry: &dyn Registry, key: &str, address: Option<Value>) -> Vec<ServicePort> {
    let address = address.and_then(|address| address.to_text().trim().parse().ok());
    let named = |name: &str| registry.value(key, name).map(|value| value.to_text()).unwrap_or_default();
    let of_value = |name: &'static str| {
        let ports: Vec<Port> =
            named(name).split(',').filter_map(|port| port.trim().parse().ok()).filter(|port| *port > 0).collect();
        ports.into_iter().map(move |port| ServicePort {
            port,
            protocol: Protocol::Tcp,
            address,
            known_from: KnownFrom::Configuration,
            source: format!("{name} of {key}"),
        })
    };
    of_value("TcpPort").chain(of_value("TcpDynamicPorts")).collect()
}

fn number(registry: &dyn Registry, key: &str, name: &str) -> Option<u64> {
    match registry.value(key, name)? {
        Value::Number(number) => Some(number),
        Value::Text(text) => text.trim().parse().ok(),
        Value::List(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::registry::testing::Tree;
    use super::Instance;

    const NAMES: &str = r"HKLM\SOFTWARE\Microsoft\Microsoft SQL Server\Instance Names\SQL";
    const SERVER: &str = r"HKLM\SOFTWARE\Microsoft\Microsoft SQL Server\MSSQL16.SALES\MSSQLServer";

    /// The instance SALES with these values below its key.
    fn sales(values: &[(&str, &str, &str)]) -> Tree {
        let values: Vec<(String, &str, &str)> = std::iter::once((NAMES.to_owned(), "SALES", "MSSQL16.SALES"))
            .chain(values.iter().map(|(key, name, value)| (format!(r"{SERVER}\{key}"), *name, *value)))
            .collect();
        Tree::new(&values.iter().map(|(key, name, value)| (key.as_str(), *name, *value)).collect::<Vec<_>>())
    }

    fn ports(tree: &Tree) -> Option<Vec<String>> {
        let ports = Instance::of_service("mssql$SALES", tree).unwrap().ports(tree)?;
        let show = |port: &crate::machine::ServicePort| {
            format!("{} {:?} {}", port.port, port.address.map(|own| own.to_string()), port.source.split(' ').next().unwrap())
        };
        Some(ports.iter().map(show).collect())
    }

    const TCP: &str = r"SuperSocketNetLib\Tcp";
    const ALL: &str = r"SuperSocketNetLib\Tcp\IPAll";
    const FIRST: &str = r"SuperSocketNetLib\Tcp\IP1";
    const SECOND: &str = r"SuperSocketNetLib\Tcp\IP2";

    #[test]
    fn fixed_and_chosen_ports_of_every_address_are_read() {
        let tree = sales(&[
            (TCP, "Enabled", "#1"),
            (TCP, "ListenOnAllIPs", "#1"),
            (ALL, "TcpPort", "1500, 1501"),
            (ALL, "TcpDynamicPorts", "50123"),
            (FIRST, "TcpPort", "9"),
        ]);
        assert_eq!(ports(&tree).unwrap(), ["1500 None TcpPort", "1501 None TcpPort", "50123 None TcpDynamicPorts"]);
    }

    #[test]
    fn single_addresses_count_where_not_all_are_meant() {
        let tree = sales(&[
            (TCP, "Enabled", "#1"),
            (TCP, "ListenOnAllIPs", "#0"),
            (ALL, "TcpPort", "1433"),
            (FIRST, "Enabled", "#1"),
            (FIRST, "IpAddress", "10.0.0.5"),
            (FIRST, "TcpPort", "1500"),
            (FIRST, "TcpDynamicPorts", "0"),
            (SECOND, "Enabled", "#0"),
            (SECOND, "TcpPort", "1600"),
        ]);
        assert_eq!(ports(&tree).unwrap(), ["1500 Some(\"10.0.0.5\") TcpPort"]);
    }

    #[test]
    fn an_instance_without_tcp_has_no_port() {
        assert_eq!(ports(&sales(&[(TCP, "Enabled", "#0"), (ALL, "TcpPort", "1433")])), Some(Vec::new()));
        assert_eq!(ports(&sales(&[])), None);
    }

    #[test]
    fn the_log_is_where_the_start_parameters_say() {
        let tree =
            sales(&[("Parameters", "SQLArg0", r"-dC:\Data\master.mdf"), ("Parameters", "SQLArg1", r"-eD:\Log files\ERRORLOG")]);
        let instance = Instance::of_service("MSSQL$SALES", &tree).unwrap();
        assert_eq!(instance.error_log(&tree).unwrap(), r"D:\Log files\ERRORLOG");
        let setup = r"HKLM\SOFTWARE\Microsoft\Microsoft SQL Server\MSSQL16.SALES\Setup";
        let tree = Tree::new(&[(NAMES, "SALES", "MSSQL16.SALES"), (setup, "SQLPath", r"C:\SQL\")]);
        assert_eq!(instance.error_log(&tree).unwrap(), r"C:\SQL\Log\ERRORLOG");
    }

    #[test]
    fn a_32_bit_instance_is_found_and_other_services_are_none() {
        let old = r"HKLM\SOFTWARE\Wow6432Node\Microsoft\Microsoft SQL Server\Instance Names\SQL";
        let tree = Tree::new(&[(old, "MSSQLSERVER", "MSSQL10.MSSQLSERVER")]);
        assert!(Instance::of_service("MSSQLSERVER", &tree).is_some());
        for service in ["MSSQL$SALES", "SQLAgent$SALES", "MSSQLFDLauncher", "ö"] {
            assert_eq!(Instance::of_service(service, &tree), None, "{service}");
        }
    }
}
