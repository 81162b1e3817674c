//! Every other product: files of settings, one a line, flat, in sections, or nested as in YAML.

use super::Files;
use super::endpoint::{address, endpoints, port};
use crate::machine::Port;
use std::net::IpAddr;

/// A port that a setting tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    pub port: Port,
    pub address: Option<IpAddr>,
    pub line: usize,
}

/// The ports of the setting `name` in `section`; a product may have it several times. `None` where the file is not there.
pub(super) fn read(file: &str, section: Option<&str>, name: &str, files: &dyn Files) -> Option<Vec<Found>> {
    let text = files.read(file)?;
    // YAML writes "http.port: 1" as "http:" with "port: 1" below, too.
    let (nested, last) = match (section, name.rsplit_once('.')) {
        (None, Some((above, last))) => (Some(above), last),
        _ => (section, name),
    };
    let mut found = Vec::new();
    let mut section_now = "";
    let mut above: Vec<(usize, &str)> = Vec::new();
    for (index, raw) in text.lines().enumerate() {
        let line = raw.trim();
        if line.is_empty() || line.starts_with(['#', ';', '!']) || line.starts_with("//") {
            continue;
        }
        if let Some(header) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            section_now = header.trim();
            continue;
        }
        let indent = raw.len() - raw.trim_start().len();
        above.retain(|(own, _)| *own < indent);
        let (key, value) = assignment(line, name);
        let here = || above.iter().map(|(_, key)| *key).collect::<Vec<_>>().join(".");
        let inside = |wanted: &str| section_now.eq_ignore_ascii_case(wanted) || here().eq_ignore_ascii_case(wanted);
        let flat = section.is_none() && key.eq_ignore_ascii_case(name);
        if flat || key.eq_ignore_ascii_case(last) && nested.is_some_and(inside) {
            found.extend(ports(value).into_iter().map(|(port, address)| Found { port, address, line: index + 1 }));
        } else if value.is_empty() {
            above.push((indent, key));
        }
    }
    Some(found)
}

/// `key = value`, `key: value`, `key value`. A name with a blank in it ("smb ports") is found only before `=`.
fn assignment<'a>(line: &'a str, name: &str) -> (&'a str, &'a str) {
    let (key, value) = if name.contains(' ') {
        line.split_once('=').unwrap_or((line, ""))
    } else {
        let end = line.find(|c: char| c == '=' || c.is_whitespace() || c == ':').unwrap_or(line.len());
        line.split_at(end)
    };
    let value = value.trim_start_matches(|c: char| c == '=' || c == ':' || c.is_whitespace());
    (key.trim().trim_matches(['"', '\'']), value)
}

/// The ports of a value: a number or an endpoint, a list of them, or a number with an address after it (`1883 0.0.0.0`).
fn ports(value: &str) -> Vec<(Port, Option<IpAddr>)> {
    let value = value.split(" #").next().unwrap_or_default().trim().trim_matches(['"', '\'']);
    let words: Vec<&str> = value.split([',', ' ', '\t', '[', ']']).filter(|word| !word.is_empty()).collect();
    if let [digits, host] = words.as_slice()
        && let (Some(port), Some(address)) = (port(digits), address(host))
    {
        return vec![(port, Some(address))];
    }
    if value.starts_with('[') && value.contains("]:") {
        return endpoints(value.split_whitespace().next().unwrap_or_default());
    }
    words.into_iter().flat_map(endpoints).collect()
}

#[cfg(test)]
mod tests {
    use super::super::testing::Folder;
    use super::read;

    fn found(text: &str, section: Option<&str>, name: &str) -> Vec<String> {
        let files = Folder::new(&[("/f", text)]);
        let found = read("/f", section, name, &files).unwrap();
        found
            .iter()
            .map(|f| format!("{} {:?} {}", f.port, f.address.map(|a| a.to_string()).unwrap_or_default(), f.line))
            .collect()
    }

    #[test]
    fn reads_sections() {
        let text = "tcpport = 1\n[language]\ntcpport = 2\n[network]\n; tcpport = 3\ntcpport = 1435\n[other]\ntcpport = 4\n";
        assert_eq!(found(text, Some("network"), "tcpport"), ["1435 \"\" 6"]);
        assert_eq!(found("[server]\nHTTP_PORT: 3001 # moved\n", Some("server"), "http_port"), ["3001 \"\" 2"]);
    }

    #[test]
    fn reads_yaml_flat_and_nested() {
        assert_eq!(found("http.port: 9201\ntransport.port: 9301\n", None, "http.port"), ["9201 \"\" 1"]);
        assert_eq!(found("http:\n  host: a\n  port: 9201\ntransport:\n  port: 9301\n", None, "http.port"), ["9201 \"\" 3"]);
        assert_eq!(
            found("storage:\n  port: 1\nnet:\n  tls:\n    port: 2\n  port: 27018\n", Some("net"), "port"),
            ["27018 \"\" 6"]
        );
    }

    #[test]
    fn reads_every_form_of_value() {
        assert_eq!(
            found("http_port 3128\nhttp_port 10.0.0.1:3129 intercept\n", None, "http_port"),
            ["3128 \"\" 1", "3129 \"10.0.0.1\" 2"]
        );
        assert_eq!(found("listener 1883 0.0.0.0\n", None, "listener"), ["1883 \"0.0.0.0\" 1"]);
        assert_eq!(found("smb ports = 445 139\n", None, "smb ports"), ["445 \"\" 1", "139 \"\" 1"]);
        assert_eq!(
            found("listeners=PLAINTEXT://:9092,SSL://10.0.0.1:9093\n", None, "listeners"),
            ["9092 \"\" 1", "9093 \"10.0.0.1\" 1"]
        );
        assert_eq!(
            found("ETCD_LISTEN_CLIENT_URLS=\"http://127.0.0.1:2379\"\n", None, "etcd_listen_client_urls"),
            ["2379 \"127.0.0.1\" 1"]
        );
        assert_eq!(found("Listen [::1]:631\nListen /run/cups.sock\n", None, "Listen"), ["631 \"::1\" 1"]);
        assert_eq!(found("-p 11212\n-l 127.0.0.1\n", None, "-p"), ["11212 \"\" 1"]);
        assert_eq!(found("http-bind-address = \":8087\"\n", None, "http-bind-address"), ["8087 \"\" 1"]);
    }

    #[test]
    fn a_longer_name_is_another_setting() {
        assert!(found("portrange 1-2\nsport = 3\n", None, "port").is_empty());
    }
}
