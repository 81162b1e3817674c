//! MySQL and MariaDB: `port`, `bind-address` and the X Protocol's port, with includes.
//! <https://dev.mysql.com/doc/refman/8.4/en/option-files.html>

use super::{DEEPEST, Files, Setting, absolute, endpoint, folder_of};
use crate::machine::{Port, Protocol};

/// The port of a server whose files name none.
const USUAL: Port = 3306;

/// The ports of the server; `None` where the file cannot be read. Empty where the server does without the network.
pub(super) fn read(file: &str, files: &dyn Files) -> Option<Vec<Setting>> {
    let mut state = State::default();
    if !state.file(file, files, 0) {
        return None;
    }
    if state.skip_networking {
        return Some(Vec::new());
    }
    let mut settings = Vec::new();
    let mut add = |place: Option<Place>, usual: Option<Port>, addresses: Option<&String>| {
        let fallback = usual.map(|port| Place { port, file: file.to_owned(), line: None });
        let Some(Place { port, file, line }) = place.or(fallback) else { return };
        let names = addresses.map_or("*", String::as_str).split(',').map(str::trim);
        settings.extend(names.map(|name| Setting {
            port,
            address: endpoint::address(name),
            protocol: Protocol::Tcp,
            file: file.clone(),
            line,
        }));
    };
    add(state.port, Some(USUAL), state.addresses.as_ref());
    add(state.x_port, None, state.x_addresses.as_ref());
    add(state.admin_port, None, state.admin_address.as_ref());
    add(state.extra_port, None, state.addresses.as_ref());
    Some(settings)
}

/// A port and where it stands.
#[derive(Debug)]
struct Place {
    port: Port,
    file: String,
    line: Option<usize>,
}

/// What the files say so far: the last one holds.
#[derive(Debug, Default)]
struct State {
    port: Option<Place>,
    x_port: Option<Place>,
    admin_port: Option<Place>,
    extra_port: Option<Place>,
    addresses: Option<String>,
    x_addresses: Option<String>,
    admin_address: Option<String>,
    skip_networking: bool,
}

impl State {
    /// Reads a file; whether it is there.
    fn file(&mut self, path: &str, files: &dyn Files, depth: usize) -> bool {
        let Some(text) = files.read(path).filter(|_| depth <= DEEPEST) else { return false };
        let mut ours = false;
        for (index, line) in text.lines().enumerate() {
            let line = line.trim();
            if let Some(group) = line.strip_prefix('[') {
                ours = is_server(group.split(']').next().unwrap_or_default());
            } else if let Some(file) = line.strip_prefix("!include ") {
                self.file(&absolute(file.trim(), folder_of(path)), files, depth + 1);
            } else if let Some(folder) = line.strip_prefix("!includedir ") {
                let pattern = format!("{}/*.cnf", absolute(folder.trim(), folder_of(path)).trim_end_matches('/'));
                for path in files.matching(&pattern) {
                    self.file(&path, files, depth + 1);
                }
            } else if ours && !line.starts_with(['#', ';']) {
                self.option(line, path, index + 1);
            }
        }
        true
    }

    fn option(&mut self, line: &str, path: &str, number: usize) {
        let (name, value) = line.split_once('=').unwrap_or((line, ""));
        // Hyphens and underscores are the same in names of options.
        let name = name.trim().replace('_', "-");
        let value = value.split(" #").next().unwrap_or_default().trim().trim_matches(['"', '\'']);
        let place = || endpoint::port(value).map(|port| Place { port, file: path.to_owned(), line: Some(number) });
        match name.as_str() {
            "port" => self.port = place().or(self.port.take()),
            "mysqlx-port" | "loose-mysqlx-port" => self.x_port = place().or(self.x_port.take()),
            "admin-port" => self.admin_port = place().or(self.admin_port.take()),
            "extra-port" => self.extra_port = place().or(self.extra_port.take()),
            "bind-address" => self.addresses = Some(value.to_owned()),
            "mysqlx-bind-address" | "loose-mysqlx-bind-address" => self.x_addresses = Some(value.to_owned()),
            "admin-address" => self.admin_address = Some(value.to_owned()),
            "skip-networking" => self.skip_networking = !matches!(value.to_ascii_lowercase().as_str(), "0" | "off" | "false"),
            _ => {}
        }
    }
}

/// Whether the server reads the group: `mysqld`, `server`, `mariadb`, `mysqld-8.0`, `mariadb-10.11`.
fn is_server(group: &str) -> bool {
    let name = group.trim().split_once('-').map_or(group.trim(), |(name, _)| name);
    matches!(name, "mysqld" | "server" | "mariadb" | "mariadbd")
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Folder, shown};
    use super::read;

    #[test]
    fn reads_groups_of_the_server_in_all_files() {
        let files = Folder::new(&[
            (
                "/etc/mysql/my.cnf",
                "[client]\nport = 1\n[mysqld]\nport=3306\n!includedir /etc/mysql/conf.d/\n!include /etc/mysql/extra.cnf\n",
            ),
            ("/etc/mysql/conf.d/50-server.cnf", "[mariadb-10.11]\n# port = 2\nport = 3307 # moved\nbind_address = 127.0.0.1\n"),
            ("/etc/mysql/extra.cnf", "[mysqld]\nmysqlx-port=33070\nloose_mysqlx_bind_address = *\n"),
        ]);
        assert_eq!(
            shown(&read("/etc/mysql/my.cnf", &files).unwrap()),
            ["tcp 127.0.0.1 3307 50-server.cnf:3", "tcp * 33070 extra.cnf:2"]
        );
    }

    #[test]
    fn a_silent_file_means_the_usual_port() {
        let files = Folder::new(&[("/etc/my.cnf", "[mysqld]\ndatadir=/var/lib/mysql\n")]);
        assert_eq!(shown(&read("/etc/my.cnf", &files).unwrap()), ["tcp * 3306 my.cnf:default"]);
    }

    #[test]
    fn a_server_without_network_has_no_port() {
        let files = Folder::new(&[("/etc/my.cnf", "[mysqld]\nport=3306\nskip-networking\n")]);
        assert_eq!(read("/etc/my.cnf", &files), Some(Vec::new()));
        let files = Folder::new(&[("/etc/my.cnf", "[mysqld]\nskip-networking=0\n")]);
        assert_eq!(read("/etc/my.cnf", &files).unwrap().len(), 1);
    }
}
