//! The network settings of SQL Server and its clients, as the registry has them.
//! <https://learn.microsoft.com/sql/database-engine/configure-windows/configure-client-protocols>

use super::services::registry::{Registry, Value, keys_like};
use super::services::sql_server::Instance;
use crate::machine::connect::{ClientAlias, SqlClient, SqlServer};

/// Where the clients' settings are: those of 64-bit and of 32-bit programs.
const CLIENTS: [&str; 2] =
    [r"HKLM\SOFTWARE\Microsoft\MSSQLServer\Client", r"HKLM\SOFTWARE\Wow6432Node\Microsoft\MSSQLServer\Client"];

/// How clients of this computer connect.
pub fn client(registry: &dyn Registry) -> SqlClient {
    let mut client = SqlClient::default();
    for root in CLIENTS {
        let key = format!(r"{root}\ConnectTo");
        for (name, value) in registry.values(&key) {
            client.aliases.extend(alias(&name, &value.to_text(), &key));
        }
        if client.source.is_none()
            && let Some((order, source)) = protocol_order(registry, root)
        {
            client.protocol_order = order;
            client.source = Some(source);
        }
    }
    // Both kinds of programs are usually given the same alias.
    let mut known: Vec<ClientAlias> = Vec::new();
    for own in std::mem::take(&mut client.aliases) {
        let same = |other: &ClientAlias| (&other.name, &other.host, other.port) == (&own.name, &own.host, own.port);
        if !known.iter().any(same) {
            known.push(own);
        }
    }
    client.aliases = known;
    client
}

/// An alias: `DBMSSOCN,db1,1433` for TCP, `DBNMPNTW,\\db1\pipe\sql\query` for named pipes; the first part is the library.
fn alias(name: &str, value: &str, key: &str) -> Option<ClientAlias> {
    let mut parts = value.split(',').map(str::trim);
    let library = parts.next()?;
    let target = parts.next()?;
    let source = format!(r"{key}\{name}");
    let alias = |is_pipe, host: &str, port| ClientAlias { name: name.to_owned(), is_pipe, host: host.to_owned(), port, source };
    if library.eq_ignore_ascii_case("DBNMPNTW") {
        let host = target.trim_start_matches('\\').split('\\').next().filter(|host| !host.is_empty())?;
        return Some(alias(true, host, None));
    }
    let host = target.split('\\').next().filter(|host| !host.is_empty())?;
    Some(alias(false, host, parts.next().and_then(|port| port.parse().ok()).filter(|port| *port > 0)))
}

/// The order in which clients try the protocols: that of the native client of the highest version, else that of MDAC.
fn protocol_order(registry: &dyn Registry, root: &str) -> Option<(Vec<String>, String)> {
    let mut keys = keys_like(registry, &format!(r"{root}\SNI*"));
    keys.sort();
    keys.reverse();
    keys.push(format!(r"{root}\SuperSocketNetLib"));
    keys.into_iter().find_map(|key| {
        let order = match registry.value(&key, "ProtocolOrder")? {
            Value::List(order) => order,
            Value::Text(order) => order.split([' ', ',', '\0']).map(str::to_owned).collect(),
            Value::Number(_) => return None,
        };
        let order: Vec<String> = order.into_iter().filter(|name| !name.trim().is_empty()).collect();
        (!order.is_empty()).then(|| (order, format!(r"{key}\ProtocolOrder")))
    })
}

/// The instances of this computer.
pub fn servers(registry: &dyn Registry) -> Vec<SqlServer> {
    let server = |(instance, own): (String, Instance)| SqlServer {
        instance,
        tcp: own.is_enabled("Tcp", registry),
        pipes: own.is_enabled("Np", registry),
        ports: own.ports(registry).unwrap_or_default(),
        source: own.network_key(),
    };
    Instance::all(registry).into_iter().map(server).collect()
}

#[cfg(test)]
mod tests {
    use super::super::services::registry::testing::Tree;
    use super::{client, servers};

    const CONNECT_TO: &str = r"HKLM\SOFTWARE\Microsoft\MSSQLServer\Client\ConnectTo";

    #[test]
    fn aliases_lead_to_ports_and_pipes() {
        let tree = Tree::new(&[
            (CONNECT_TO, "db1", "DBMSSOCN,db9.corp.example,1444"),
            (CONNECT_TO, "old", r"DBNMPNTW,\\db8\pipe\sql\query"),
            (CONNECT_TO, "named", r"DBMSSOCN,db7\SALES"),
            (CONNECT_TO, "DSQUERY", "DBNETLIB"),
            (CONNECT_TO, "broken", "DBMSSOCN,"),
            (r"HKLM\SOFTWARE\Wow6432Node\Microsoft\MSSQLServer\Client\ConnectTo", "db1", "DBMSSOCN,db9.corp.example,1444"),
        ]);
        let found: Vec<_> = client(&tree).aliases.into_iter().map(|own| (own.name, own.host, own.port, own.is_pipe)).collect();
        let text = |text: &str| text.to_owned();
        assert_eq!(
            found,
            [
                (text("db1"), text("db9.corp.example"), Some(1444), false),
                (text("old"), text("db8"), None, true),
                (text("named"), text("db7"), None, false),
            ]
        );
    }

    #[test]
    fn the_newest_client_tells_the_order_of_protocols() {
        let tree = Tree::new(&[
            (r"HKLM\SOFTWARE\Microsoft\MSSQLServer\Client\SuperSocketNetLib", "ProtocolOrder", "tcp np"),
            (r"HKLM\SOFTWARE\Microsoft\MSSQLServer\Client\SNI11.0", "ProtocolOrder", "np tcp"),
        ]);
        let found = client(&tree);
        assert_eq!(found.protocol_order, ["np", "tcp"]);
        assert!(found.source.unwrap().contains("SNI11.0"));
        assert_eq!(client(&Tree::default()).protocol_order, [""; 0]);
    }

    #[test]
    fn what_each_instance_takes_is_read() {
        let server = r"HKLM\SOFTWARE\Microsoft\Microsoft SQL Server\MSSQL16.SALES\MSSQLServer\SuperSocketNetLib";
        let (tcp, pipes, all) = (format!(r"{server}\Tcp"), format!(r"{server}\Np"), format!(r"{server}\Tcp\IPAll"));
        let tree = Tree::new(&[
            (r"HKLM\SOFTWARE\Microsoft\Microsoft SQL Server\Instance Names\SQL", "SALES", "MSSQL16.SALES"),
            (&tcp, "Enabled", "#1"),
            (&all, "TcpDynamicPorts", "50123"),
            (&pipes, "Enabled", "#0"),
        ]);
        let found = servers(&tree);
        assert_eq!((found[0].instance.as_str(), found[0].tcp, found[0].pipes), ("SALES", Some(true), Some(false)));
        assert_eq!(found[0].ports[0].port, 50123);
    }
}
