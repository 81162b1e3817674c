//! HAProxy: `bind` lines. <https://docs.haproxy.org/2.8/configuration.html#4.2-bind>

use super::endpoint::endpoints;
use super::{Files, Setting};
use crate::machine::Protocol;

/// The ports of every section; `None` where nothing can be read. The configuration may be a folder: its `.cfg` files in order.
pub(super) fn read(file: &str, files: &dyn Files) -> Option<Vec<Setting>> {
    let paths = if files.is_folder(file) {
        files.matching(&format!("{}/*.cfg", file.trim_end_matches('/')))
    } else {
        vec![file.to_owned()]
    };
    let texts: Vec<(&String, String)> = paths.iter().filter_map(|path| Some((path, files.read(path)?))).collect();
    (!texts.is_empty()).then(|| texts.iter().flat_map(|(path, text)| sections(text, path)).collect())
}

fn sections(text: &str, path: &str) -> Vec<Setting> {
    let mut settings = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let mut words = line.split_whitespace().take_while(|word| !word.starts_with('#'));
        let name = words.next();
        let Some(binds) = words.next().filter(|_| matches!(name, Some("bind" | "dgram-bind"))) else { continue };
        for bind in binds.split(',') {
            let (bind, protocol) = family(bind, name == Some("dgram-bind"));
            let setting = |(port, address)| Setting { port, address, protocol, file: path.to_owned(), line: Some(index + 1) };
            settings.extend(endpoints(bind).into_iter().map(setting));
        }
    }
    settings
}

/// Takes off the prefix that tells the family: `ipv4@`, `quic6@`. Those of sockets without a port stay, and are no endpoint then.
fn family(bind: &str, datagram: bool) -> (&str, Protocol) {
    let usual = if datagram { Protocol::Udp } else { Protocol::Tcp };
    match bind.split_once('@') {
        Some(("ipv4" | "ipv6" | "tcp" | "tcp4" | "tcp6", rest)) => (rest, usual),
        Some(("udp" | "udp4" | "udp6" | "quic" | "quic4" | "quic6", rest)) => (rest, Protocol::Udp),
        // Without a colon it is a name of a socket, not a port.
        Some(_) => ("", usual),
        None => (if bind.contains(':') { bind } else { "" }, usual),
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Folder, shown};
    use super::read;

    #[test]
    fn reads_bind_lines_with_lists_and_ranges() {
        let files = Folder::new(&[(
            "/etc/haproxy/haproxy.cfg",
            "global\n  stats socket /run/haproxy/admin.sock\nfrontend web\n  bind *:80\n  bind :443,quic4@:443 ssl crt /etc/x.pem alpn h3\n  # bind *:1\n  default_backend app\nbackend app\n  server s1 10.0.0.9:8080\nlisten db\n  bind 10.0.0.1:5000-5001\n  bind ipv6@:::5002\n  bind /run/x.sock\n  bind abns@name:1\n",
        )]);
        assert_eq!(
            shown(&read("/etc/haproxy/haproxy.cfg", &files).unwrap()),
            [
                "tcp * 80 haproxy.cfg:4",
                "tcp * 443 haproxy.cfg:5",
                "udp * 443 haproxy.cfg:5",
                "tcp 10.0.0.1 5000 haproxy.cfg:11",
                "tcp 10.0.0.1 5001 haproxy.cfg:11",
                "tcp :: 5002 haproxy.cfg:12",
            ]
        );
    }

    #[test]
    fn a_folder_is_read_file_by_file() {
        let files = Folder::new(&[
            ("/etc/h/b.cfg", "listen b\nbind :2"),
            ("/etc/h/a.cfg", "listen a\nbind :1"),
            ("/etc/h/c.txt", "bind :3"),
        ]);
        assert_eq!(shown(&read("/etc/h/", &files).unwrap()), ["tcp * 1 a.cfg:2", "tcp * 2 b.cfg:2"]);
    }
}
