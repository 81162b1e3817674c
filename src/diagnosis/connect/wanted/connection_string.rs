//! The server that a connection string names: `Server=tcp:db1\SALES,1433;Database=orders`, `host=db1 port=5432 dbname=orders`.

use super::DEFAULT_INSTANCE;

/// The keys under which drivers take the computer.
const SERVER: [&str; 9] =
    ["server", "data source", "datasource", "address", "addr", "network address", "host", "hostname", "servername"];
/// Keys that only drivers of SQL Server know. With them a computer alone means its default instance.
const OF_SQL_SERVER: [&str; 5] =
    ["data source", "initial catalog", "integrated security", "trusted_connection", "network address"];

/// What the names of its drivers have in them.
const DRIVERS: [&str; 4] = ["sql server", "sqloledb", "sqlncli", "msoledbsql"];

/// The computer, and what is wanted there; nothing else of the text, which may hold a password. `None` where it is no connection string.
pub(super) fn server(text: &str) -> Option<(String, Option<String>)> {
    // The pairs of a URL stand behind its scheme.
    if text.split_once('=').is_none_or(|(key, _)| key.contains("://")) {
        return None;
    }
    let pairs = pairs(text);
    let of = |keys: &[&str]| pairs.iter().find(|(key, value)| keys.contains(&key.as_str()) && !value.is_empty());
    // Without a computer it stays a connection string, and its values stay where they are.
    let server = of(&SERVER).map(|(_, value)| value.clone()).unwrap_or_default();
    let port = of(&["port"]).map(|(_, port)| port.clone());
    let driver = of(&["driver", "provider"]).map(|(_, name)| name.to_ascii_lowercase()).unwrap_or_default();
    let of_sql_server = of(&OF_SQL_SERVER).is_some() || DRIVERS.iter().any(|own| driver.contains(own));
    let bare = !server.contains([',', '\\']);
    let what = port.or_else(|| (of_sql_server && bare).then(|| DEFAULT_INSTANCE.to_owned()));
    Some((server, what))
}

/// The keys, in small letters, with their values. Between them are semicolons, and blanks where libpq reads it.
fn pairs(text: &str) -> Vec<(String, String)> {
    let parts: Vec<&str> = if text.contains(';') { text.split(';').collect() } else { text.split_whitespace().collect() };
    let pair = |part: &str| {
        let (key, value) = part.split_once('=')?;
        let value = value.trim().trim_matches(['"', '\'', '{', '}']).trim();
        Some((key.trim().to_ascii_lowercase(), value.to_owned()))
    };
    parts.into_iter().filter_map(pair).collect()
}
