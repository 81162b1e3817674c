//! The names of computers that a text tells by where they stand.

use super::{host_name, login_end, path};

/// What stands before the name of a computer, in small letters.
const BEFORE: [&str; 16] = [
    "server at ",
    "server: ",
    "server=",
    "server = ",
    "\"server\":",
    "host ",
    "host: ",
    "host=",
    "host name ",
    "\"host\":",
    "data source=",
    "econnrefused ",
    "enotfound ",
    "dial tcp ",
    "connect to ",
    "connecting to ",
];
/// Behind these stands nothing else.
const SURE: [&str; 4] = ["server=", "server = ", "host=", "data source="];
/// What a connection string may have in front of the name.
const WAYS: [&str; 4] = ["tcp:", "np:", "lpc:", "admin:"];
/// What logs write in the place of a name.
const PROTOCOLS: [&str; 4] = ["http", "https", "tcp", "udp"];
/// Files and units have names with a dot as well.
const FILES: [&str; 14] = ["cfg", "conf", "dll", "exe", "go", "java", "js", "log", "py", "rb", "service", "sock", "socket", "ts"];

/// The computers that a text names by their place: `\\SERVER\share`, `http://server/`, `Server=db01`, `connect to host db01 port 22`.
pub fn servers(text: &str) -> Vec<String> {
    let shares = text.match_indices("\\\\").filter_map(|(at, _)| path::server_of_share(text, at));
    let urls = text.match_indices("://").map(|(at, sign)| {
        let behind = at + sign.len();
        host_name(&text[login_end(text, behind).unwrap_or(behind)..])
    });
    // Ascii only: offsets into the text stay true.
    let lower = text.to_ascii_lowercase();
    let told = BEFORE.iter().flat_map(|before| {
        let begins = |at: usize| !lower[..at].ends_with(|c: char| c.is_alphanumeric());
        let places = lower.match_indices(before).filter(move |(at, _)| begins(*at));
        places.filter_map(|(at, _)| named(&text[at + before.len()..], SURE.contains(before))).collect::<Vec<_>>()
    });
    let names = shares.chain(urls).chain(told).map(|name| name.trim_end_matches(['.', '-']).to_owned());
    names.filter(|name| name.chars().any(char::is_alphabetic)).collect()
}

/// The name at the begin of a text, where its form says that it is one: it is in quotes, has a domain, or a port stands behind it.
fn named(text: &str, sure: bool) -> Option<&str> {
    let text = text.trim_start_matches(' ');
    let inside = text.trim_start_matches(['"', '\'']);
    let quoted = inside.len() < text.len();
    let inside = if quoted { inside.trim_start_matches(' ') } else { inside };
    // Connection strings name the way in front.
    let inside = WAYS.iter().find_map(|way| inside.strip_prefix(way)).unwrap_or(inside);
    let name = host_name(inside);
    let behind = &inside[name.len()..];
    let has_port = [":", " port ", ", port ", ","]
        .iter()
        .any(|sign| behind.strip_prefix(sign).is_some_and(|rest| rest.trim_start().starts_with(|c: char| c.is_ascii_digit())));
    let last = name.rsplit_once('.').map(|(_, last)| last);
    let is_file = last.is_some_and(|last| FILES.contains(&last.to_ascii_lowercase().as_str()));
    let has_domain = last.is_some_and(|last| last.len() > 1 && last.starts_with(|c: char| c.is_ascii_alphabetic()));
    let is_protocol = PROTOCOLS.contains(&name.to_ascii_lowercase().as_str());
    (!name.is_empty() && !is_file && !is_protocol && (sure || quoted || has_port || has_domain)).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::servers;

    #[test]
    fn servers_are_told_by_where_they_stand() {
        let cases: [(&str, &[&str]); 14] = [
            (r"\\FILES01\share and \\\\files02\\share and \\.\pipe\sql", &["FILES01", "files02"]),
            ("http://db01.example.net:8080/x and http://10.0.0.5/", &["db01.example.net"]),
            ("postgres://anna:s3cr@t@db01/shop", &["db01"]),
            ("Server=db01;User Id=anna; Data Source=db02,1433", &["db01", "db02"]),
            ("psql: connection to server at \"db1\" (192.0.2.7), port 5432 failed", &["db1"]),
            ("ssh: connect to host web1 port 22: Connection refused", &["web1"]),
            ("Error: connect ECONNREFUSED srv9.example.net:3000", &["srv9.example.net"]),
            ("dial tcp cache1:6379: connect: connection refused", &["cache1"]),
            ("upstream timed out, client: 192.0.2.1, server: portal.example.net, request", &["portal.example.net"]),
            ("Server=tcp:db01.example.net,1433;Database=shop", &["db01.example.net"]),
            (r#"could not translate host name "db01" to address"#, &["db01"]),
            (r#"{"server": "db01", "host":"db02"}"#, &["db01", "db02"]),
            ("Failed to connect to db3.example.net port 8443", &["db3.example.net"]),
            ("Server=' db04';Database=shop", &["db04"]),
        ];
        for (text, wanted) in cases {
            assert_eq!(servers(text), wanted, "{text}");
        }
    }

    #[test]
    fn other_words_are_no_servers() {
        for text in [
            "could not connect to the server: no route to host",
            "Is the server running on that host and accepting connections?",
            "server: nginx.service, host key verification failed",
            "connect to unix:/run/x.sock failed; server: 1.24.0",
            "server=http msg=\"serving http://10.1.1.1\"",
            "server: [emerg] bind() failed",
            "host:   up, server:  standby",
        ] {
            assert_eq!(servers(text), [""; 0], "{text}");
        }
    }
}
