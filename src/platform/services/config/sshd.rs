//! OpenSSH: `Port` and `ListenAddress`, with includes. <https://man.openbsd.org/sshd_config>

use super::{DEEPEST, Files, Setting, absolute, endpoint};
use crate::machine::{Port, Protocol};

/// The port of a server whose files name none.
const USUAL: Port = 22;

/// The ports of the server; `None` where the file cannot be read.
pub(super) fn read(file: &str, files: &dyn Files) -> Option<Vec<Setting>> {
    let mut state = State::default();
    if !state.file(file, files, 0) {
        return None;
    }
    if state.ports.is_empty() {
        state.ports.push((USUAL, file.to_owned(), None));
    }
    if state.addresses.is_empty() {
        state.addresses.push(Listen { address: None, port: None, file: file.to_owned(), line: 0 });
    }
    let mut settings = Vec::new();
    for Listen { address, port, file, line } in state.addresses {
        let address = address.as_deref().and_then(endpoint::address);
        let setting = |port, file, line| Setting { port, address, protocol: Protocol::Tcp, file, line };
        match port {
            Some(port) => settings.push(setting(port, file, Some(line))),
            // An address alone takes every port of the whole configuration, whichever comes first.
            None => settings.extend(state.ports.iter().map(|(port, file, line)| setting(*port, file.clone(), *line))),
        }
    }
    Some(settings)
}

/// What the files say.
#[derive(Debug, Default)]
struct State {
    ports: Vec<(Port, String, Option<usize>)>,
    addresses: Vec<Listen>,
}

/// One `ListenAddress`.
#[derive(Debug)]
struct Listen {
    address: Option<String>,
    port: Option<Port>,
    file: String,
    line: usize,
}

impl State {
    /// Reads a file; whether it is there.
    fn file(&mut self, path: &str, files: &dyn Files, depth: usize) -> bool {
        let Some(text) = files.read(path).filter(|_| depth <= DEEPEST) else { return false };
        for (index, line) in text.lines().enumerate() {
            let words: Vec<&str> = line.split(|c: char| c.is_whitespace() || c == '=').filter(|word| !word.is_empty()).collect();
            let Some(name) = words.first().map(|name| name.to_ascii_lowercase()) else { continue };
            match (name.as_str(), &words[1..]) {
                // What follows holds for some clients only, and neither ports nor addresses may stand there.
                ("match", _) => break,
                ("port", [port, ..]) => {
                    self.ports.extend(endpoint::port(port).map(|port| (port, path.to_owned(), Some(index + 1))));
                }
                ("listenaddress", [value, ..]) => self.addresses.push(listen(value, path, index + 1)),
                ("include", patterns) => {
                    for path in patterns.iter().flat_map(|pattern| files.matching(&absolute(pattern, "/etc/ssh"))) {
                        self.file(&path, files, depth + 1);
                    }
                }
                _ => {}
            }
        }
        true
    }
}

/// `10.0.0.1`, `10.0.0.1:22`, `::1`, `[::1]:22`, `host`.
fn listen(value: &str, file: &str, line: usize) -> Listen {
    let (address, port) = match value.rsplit_once(':') {
        Some((host, digits)) if !host.contains(':') || host.ends_with(']') => (host, endpoint::port(digits)),
        _ => (value, None),
    };
    Listen { address: Some(address.to_owned()), port, file: file.to_owned(), line }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Folder, shown};
    use super::read;

    #[test]
    fn combines_ports_and_addresses() {
        let files = Folder::new(&[
            (
                "/etc/ssh/sshd_config",
                "Include /etc/ssh/sshd_config.d/*.conf\n#Port 1\nListenAddress 10.0.0.5\nListenAddress [::1]:2200\nMatch User git\n  Port 5\n",
            ),
            ("/etc/ssh/sshd_config.d/port.conf", "port 22\nPort=2222\n"),
        ]);
        assert_eq!(
            shown(&read("/etc/ssh/sshd_config", &files).unwrap()),
            ["tcp 10.0.0.5 22 port.conf:1", "tcp 10.0.0.5 2222 port.conf:2", "tcp ::1 2200 sshd_config:4"]
        );
    }

    #[test]
    fn a_silent_file_means_the_usual_port() {
        let files = Folder::new(&[("/etc/ssh/sshd_config", "PermitRootLogin no\n")]);
        assert_eq!(shown(&read("/etc/ssh/sshd_config", &files).unwrap()), ["tcp * 22 sshd_config:default"]);
    }

    #[test]
    fn an_ipv6_address_alone_is_no_port() {
        let files = Folder::new(&[("/s", "ListenAddress ::1\n")]);
        assert_eq!(shown(&read("/s", &files).unwrap()), ["tcp ::1 22 s:default"]);
    }
}
