//! Apache: `Listen`, with includes, `Define` and `<IfModule>`. <https://httpd.apache.org/docs/2.4/mod/mpm_common.html#listen>

use std::collections::{BTreeMap, BTreeSet};

use super::endpoint::endpoints;
use super::{DEEPEST, Files, Setting, absolute};
use crate::machine::Protocol;

/// The ports of the server; `None` where the file cannot be read.
pub(super) fn read(file: &str, files: &dyn Files) -> Option<Vec<Setting>> {
    files.read(file)?;
    let folder = super::folder_of(file);
    // Red Hat's main file lies one folder below the root of the server.
    let root = folder.strip_suffix("/conf").unwrap_or(folder).to_owned();
    let mut reader =
        Reader { root, files, modules: BTreeSet::new(), variables: BTreeMap::new(), skipped: 0, settings: Vec::new() };
    reader.file(file, 0);
    Some(reader.settings)
}

struct Reader<'a> {
    root: String,
    files: &'a dyn Files,
    modules: BTreeSet<String>,
    variables: BTreeMap<String, String>,
    /// How many blocks that do not hold are open.
    skipped: usize,
    settings: Vec<Setting>,
}

impl Reader<'_> {
    fn file(&mut self, path: &str, depth: usize) {
        let Some(text) = self.files.read(path).filter(|_| depth <= DEEPEST) else { return };
        let mut whole = String::new();
        for (index, line) in text.lines().enumerate() {
            if let Some(begun) = line.strip_suffix('\\') {
                whole.push_str(begun);
                continue;
            }
            whole.push_str(line);
            let words: Vec<String> = whole.split_whitespace().map(|word| self.filled(word.trim_matches('"'))).collect();
            self.directive(&words.iter().map(String::as_str).collect::<Vec<_>>(), path, index + 1, depth);
            whole.clear();
        }
    }

    fn directive(&mut self, words: &[&str], path: &str, line: usize, depth: usize) {
        let Some(name) = words.first().map(|name| name.to_ascii_lowercase()) else { return };
        let condition = words.get(1).map_or("", |word| word.trim_end_matches('>'));
        match (name.as_str(), words) {
            ("</ifmodule>" | "</ifdefine>", _) => self.skipped = self.skipped.saturating_sub(1),
            ("<ifmodule" | "<ifdefine", _) if self.skipped > 0 => self.skipped += 1,
            ("<ifmodule", _) => self.block(condition, |reader, name| reader.modules.contains(&module(name))),
            ("<ifdefine", _) => self.block(condition, |reader, name| reader.variables.contains_key(name)),
            _ if self.skipped > 0 => {}
            ("loadmodule", [_, name, ..]) => {
                self.modules.insert(module(name));
            }
            ("define", [_, name, rest @ ..]) => {
                self.variables.insert((*name).to_owned(), rest.join(" "));
            }
            ("serverroot", [_, root, ..]) => (*root).clone_into(&mut self.root),
            ("include" | "includeoptional", [_, pattern, ..]) => {
                let pattern = absolute(pattern, &self.root);
                let pattern = if self.files.is_folder(&pattern) { format!("{pattern}/*") } else { pattern };
                for path in self.files.matching(&pattern) {
                    self.file(&path, depth + 1);
                }
            }
            ("listen", [_, endpoint, ..]) => {
                let setting =
                    |(port, address)| Setting { port, address, protocol: Protocol::Tcp, file: path.to_owned(), line: Some(line) };
                self.settings.extend(endpoints(endpoint).into_iter().map(setting));
            }
            _ => {}
        }
    }

    /// Opens a block that counts only where `holds` says so; `!` in front turns it round. An open block that counts needs no note:
    /// its end finds nothing skipped.
    fn block(&mut self, condition: &str, holds: impl Fn(&Self, &str) -> bool) {
        let wanted = match condition.strip_prefix('!') {
            Some(name) => !holds(self, name),
            None => holds(self, condition),
        };
        if !wanted {
            self.skipped = 1;
        }
    }

    /// The word with its `${NAME}` filled in.
    fn filled(&self, word: &str) -> String {
        let mut filled = word.to_owned();
        for (name, value) in &self.variables {
            filled = filled.replace(&format!("${{{name}}}"), value);
        }
        filled
    }
}

/// A module by one name: `ssl_module` and `mod_ssl.c` are the same.
fn module(name: &str) -> String {
    let name = name.strip_suffix(".c").unwrap_or(name);
    let name = name.strip_prefix("mod_").or_else(|| name.strip_suffix("_module")).unwrap_or(name);
    name.to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Folder, shown};
    use super::read;

    const PORTS: &str = "# Listen 1\nListen 80\n<IfModule ssl_module>\n\tListen 443\n</IfModule>\n<IfModule mod_gnutls.c>\n  <IfModule ssl_module>\n  Listen 444\n  </IfModule>\nListen 445\n</IfModule>\nListen [::1]:8080 https\n";

    #[test]
    fn reads_the_files_of_debian() {
        let files = Folder::new(&[
            (
                "/etc/apache2/apache2.conf",
                "IncludeOptional mods-enabled/*.load\nInclude ports.conf\nIncludeOptional sites-enabled/*.conf\n",
            ),
            ("/etc/apache2/mods-enabled/ssl.load", "LoadModule ssl_module /usr/lib/apache2/modules/mod_ssl.so\n"),
            ("/etc/apache2/ports.conf", PORTS),
            (
                "/etc/apache2/sites-enabled/x.conf",
                "Define PORT 8443\n<VirtualHost *:80>\n</VirtualHost>\nlisten 10.0.0.1:${PORT}\n",
            ),
        ]);
        assert_eq!(
            shown(&read("/etc/apache2/apache2.conf", &files).unwrap()),
            ["tcp * 80 ports.conf:2", "tcp * 443 ports.conf:4", "tcp ::1 8080 ports.conf:12", "tcp 10.0.0.1 8443 x.conf:4"]
        );
    }

    #[test]
    fn leaves_out_what_a_missing_module_would_open() {
        let files = Folder::new(&[("/etc/apache2/apache2.conf", PORTS)]);
        assert_eq!(
            shown(&read("/etc/apache2/apache2.conf", &files).unwrap()),
            ["tcp * 80 apache2.conf:2", "tcp ::1 8080 apache2.conf:12"]
        );
    }

    #[test]
    fn reads_the_files_of_red_hat() {
        let files = Folder::new(&[
            (
                "/etc/httpd/conf/httpd.conf",
                "ServerRoot \"/etc/httpd\"\nListen \\\n  80\nInclude conf.modules.d/*.conf\nIncludeOptional conf.d/*.conf\n",
            ),
            ("/etc/httpd/conf.d/ssl.conf", "<IfDefine !OFF>\nListen 443 https\n</IfDefine>\n"),
        ]);
        assert_eq!(
            shown(&read("/etc/httpd/conf/httpd.conf", &files).unwrap()),
            ["tcp * 80 httpd.conf:3", "tcp * 443 ssl.conf:2"]
        );
    }
}
