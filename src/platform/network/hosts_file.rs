//! The hosts file, which has the same form on every system.

use crate::machine::connect::HostsEntry;

/// Reads its lines; `file` is what the source of each line is called. Lines without an address and a name tell nothing.
pub fn read(text: &str, file: &str) -> Vec<HostsEntry> {
    let entry = |(index, line): (usize, &str)| {
        let line = line.trim_start_matches('\u{FEFF}');
        let mut words = line.split('#').next().unwrap_or_default().split_whitespace();
        let address = words.next()?.split('%').next()?.parse().ok()?;
        let names: Vec<String> = words.map(str::to_owned).collect();
        (!names.is_empty()).then(|| HostsEntry { address, names, source: format!("{file}, line {}", index + 1) })
    };
    text.lines().enumerate().filter_map(entry).collect()
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn names_are_read_with_their_line_and_comments_are_not() {
        let text = "\u{FEFF}# hosts\r\n127.0.0.1\tlocalhost\r\n\r\n10.0.0.9  db1 db1.corp.example # old\n::1 localhost\n10.0.0.1\nx y\nfe80::1%eth0 gw\n";
        let entries = read(text, "/etc/hosts");
        let shown: Vec<String> = entries.iter().map(|own| format!("{} {:?} {}", own.address, own.names, own.source)).collect();
        assert_eq!(
            shown,
            [
                "127.0.0.1 [\"localhost\"] /etc/hosts, line 2",
                "10.0.0.9 [\"db1\", \"db1.corp.example\"] /etc/hosts, line 4",
                "::1 [\"localhost\"] /etc/hosts, line 5",
                "fe80::1 [\"gw\"] /etc/hosts, line 8",
            ]
        );
        assert!(entries[1].is_for("DB1.corp.example.") && !entries[1].is_for("old"));
    }
}
