//! Redis and Valkey: `port`, `tls-port` and `bind`, with includes. <https://redis.io/docs/latest/operate/oss_and_stack/management/config/>

use super::{DEEPEST, Files, Setting, absolute, endpoint, folder_of};
use crate::machine::{Port, Protocol};

/// The port of a server whose file names none.
const USUAL: Port = 6379;
/// How far above the port the nodes of a cluster talk to each other.
const CLUSTER_BUS: Port = 10000;

/// The ports of the server; `None` where the file cannot be read. Empty where the server has a socket in the file system only.
pub(super) fn read(file: &str, files: &dyn Files) -> Option<Vec<Setting>> {
    let mut state = State::default();
    if !state.file(file, files, 0) {
        return None;
    }
    let (port, at) = state.port.unwrap_or((USUAL, None));
    let mut ports = vec![(port, at), state.tls_port.unwrap_or((0, None))];
    if state.cluster {
        ports
            .extend(ports.first().filter(|(port, _)| *port > 0).map(|(port, at)| (port.saturating_add(CLUSTER_BUS), at.clone())));
    }
    let every = vec!["*".to_owned()];
    let addresses = if state.addresses.is_empty() { &every } else { &state.addresses };
    let mut settings = Vec::new();
    for (port, at) in ports.into_iter().filter(|(port, _)| *port > 0) {
        let (file, line) = at.map_or((file.to_owned(), None), |(file, line)| (file, Some(line)));
        // A leading '-' means that the address may be missing.
        settings.extend(addresses.iter().map(|name| Setting {
            port,
            address: endpoint::address(name.trim_start_matches('-')),
            protocol: Protocol::Tcp,
            file: file.clone(),
            line,
        }));
    }
    Some(settings)
}

/// What the files say so far: the last one holds. Port 0 means none.
#[derive(Debug, Default)]
struct State {
    port: Option<(Port, Option<(String, usize)>)>,
    tls_port: Option<(Port, Option<(String, usize)>)>,
    addresses: Vec<String>,
    cluster: bool,
}

impl State {
    /// Reads a file; whether it is there.
    fn file(&mut self, path: &str, files: &dyn Files, depth: usize) -> bool {
        let Some(text) = files.read(path).filter(|_| depth <= DEEPEST) else { return false };
        for (index, line) in text.lines().enumerate() {
            let words: Vec<&str> = line.split_whitespace().map(|word| word.trim_matches(['"', '\''])).collect();
            let Some(name) = words.first().map(|name| name.to_ascii_lowercase()) else { continue };
            let place = |port: &str| port.parse().ok().map(|port| (port, Some((path.to_owned(), index + 1))));
            match (name.as_str(), &words[1..]) {
                ("port", [port]) => self.port = place(port).or(self.port.take()),
                ("tls-port", [port]) => self.tls_port = place(port).or(self.tls_port.take()),
                ("bind", addresses) => self.addresses = addresses.iter().map(|&address| address.to_owned()).collect(),
                ("cluster-enabled", [value]) => self.cluster = value.eq_ignore_ascii_case("yes"),
                ("include", [pattern]) => {
                    for path in files.matching(&absolute(pattern, folder_of(path))) {
                        self.file(&path, files, depth + 1);
                    }
                }
                _ => {}
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Folder, shown};
    use super::read;

    #[test]
    fn reads_ports_and_addresses_with_includes() {
        let files = Folder::new(&[
            (
                "/etc/redis/redis.conf",
                "# port 1\nbind 127.0.0.1 -::1\nport 6379\ncluster-enabled yes\ninclude /etc/redis/site.conf\n",
            ),
            ("/etc/redis/site.conf", "port 6380\ntls-port 6390\n"),
        ]);
        assert_eq!(
            shown(&read("/etc/redis/redis.conf", &files).unwrap()),
            [
                "tcp 127.0.0.1 6380 site.conf:1",
                "tcp ::1 6380 site.conf:1",
                "tcp 127.0.0.1 6390 site.conf:2",
                "tcp ::1 6390 site.conf:2",
                "tcp 127.0.0.1 16380 site.conf:1",
                "tcp ::1 16380 site.conf:1",
            ]
        );
    }

    #[test]
    fn port_zero_is_none_and_silence_the_usual_one() {
        assert_eq!(read("/r.conf", &Folder::new(&[("/r.conf", "port 0\nunixsocket /run/r.sock\n")])), Some(Vec::new()));
        assert_eq!(shown(&read("/r.conf", &Folder::new(&[("/r.conf", "")])).unwrap()), ["tcp * 6379 r.conf:default"]);
    }
}
