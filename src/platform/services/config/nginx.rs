//! nginx: `listen` in the servers of `http`, `stream` and `mail`, with includes.
//! <https://nginx.org/en/docs/http/ngx_http_core_module.html#listen>

use super::endpoint::endpoints;
use super::{DEEPEST, Files, Setting, absolute};
use crate::machine::Protocol;

/// The port of an `http` server that names none.
const USUAL: u16 = 80;

/// The ports of every server; `None` where the file cannot be read.
pub(super) fn read(file: &str, files: &dyn Files) -> Option<Vec<Setting>> {
    files.read(file)?;
    let folder = super::folder_of(file).to_owned();
    let mut reader = Reader { folder, files, blocks: Vec::new(), settings: Vec::new() };
    reader.file(file, 0);
    Some(reader.settings)
}

struct Reader<'a> {
    /// Relative includes start here, wherever they stand.
    folder: String,
    files: &'a dyn Files,
    blocks: Vec<Block>,
    settings: Vec<Setting>,
}

/// A block that is open.
struct Block {
    name: String,
    /// Whether it has its own `listen`.
    listens: bool,
}

impl Reader<'_> {
    fn file(&mut self, path: &str, depth: usize) {
        let Some(text) = self.files.read(path).filter(|_| depth <= DEEPEST) else { return };
        let mut words: Vec<String> = Vec::new();
        for Word { text, line, kind } in lex(&text) {
            match kind {
                Kind::Text => words.push(text),
                Kind::Open => {
                    self.blocks.push(Block { name: words.first().cloned().unwrap_or_default(), listens: false });
                    words.clear();
                }
                Kind::Close => {
                    self.close(path);
                    words.clear();
                }
                Kind::End => {
                    self.directive(&words, path, line, depth);
                    words.clear();
                }
            }
        }
    }

    fn close(&mut self, path: &str) {
        let in_http = self.blocks.iter().any(|block| block.name == "http");
        let closed = self.blocks.pop();
        if in_http && closed.is_some_and(|block| block.name == "server" && !block.listens) {
            self.settings.push(Setting {
                port: USUAL,
                address: None,
                protocol: Protocol::Tcp,
                file: path.to_owned(),
                line: None,
            });
        }
    }

    fn directive(&mut self, words: &[String], path: &str, line: usize, depth: usize) {
        match words {
            [name, pattern] if name == "include" => {
                for path in self.files.matching(&absolute(pattern, &self.folder)) {
                    self.file(&path, depth + 1);
                }
            }
            [name, endpoint, rest @ ..] if name == "listen" => {
                // Only a server listens; `upstream` has a directive of this name in no version.
                let Some(block) = self.blocks.last_mut().filter(|block| block.name == "server") else { return };
                block.listens = true;
                let udp = rest.iter().any(|word| word == "udp" || word == "quic");
                let protocol = if udp { Protocol::Udp } else { Protocol::Tcp };
                // An address alone listens on the usual port.
                let mut found = endpoints(endpoint);
                if let (true, Some(address)) = (found.is_empty(), super::endpoint::address(endpoint)) {
                    found.push((USUAL, Some(address)));
                }
                let setting = |(port, address)| Setting { port, address, protocol, file: path.to_owned(), line: Some(line) };
                self.settings.extend(found.into_iter().map(setting));
            }
            _ => {}
        }
    }
}

enum Kind {
    Text,
    Open,
    Close,
    End,
}

struct Word {
    text: String,
    line: usize,
    kind: Kind,
}

/// Splits the text into words and the signs `{ } ;`. Comments are left out, quotes taken off.
fn lex(text: &str) -> Vec<Word> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut line = 1;
    let mut quote = None;
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        let sign = match character {
            '{' => Some(Kind::Open),
            '}' => Some(Kind::Close),
            ';' => Some(Kind::End),
            _ => None,
        };
        match (character, quote) {
            ('\\', _) => word.get_or_insert_default().extend(characters.next()),
            (_, Some(open)) if character == open => quote = None,
            (_, Some(_)) => word.get_or_insert_default().push(character),
            ('"' | '\'', None) if word.is_none() => {
                quote = Some(character);
                word = Some(String::new());
            }
            ('#', None) if word.is_none() => while characters.next_if(|next| *next != '\n').is_some() {},
            // A variable: ${name} is part of its word.
            ('{', None) if word.as_deref().is_some_and(|word| word.ends_with('$')) => {
                word.get_or_insert_default().push(character);
            }
            ('}', None) if word.as_deref().is_some_and(|word| word.contains("${")) => {
                word.get_or_insert_default().push(character);
            }
            _ if sign.is_some() || character.is_whitespace() => {
                words.extend(word.take().map(|text| Word { text, line, kind: Kind::Text }));
                words.extend(sign.map(|kind| Word { text: String::new(), line, kind }));
            }
            _ => word.get_or_insert_default().push(character),
        }
        if character == '\n' {
            line += 1;
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Folder, shown};
    use super::read;

    #[test]
    fn reads_servers_through_includes() {
        let files = Folder::new(&[
            (
                "/etc/nginx/nginx.conf",
                "events { }\nhttp {\n  include conf.d/*.conf;\n  include /etc/nginx/sites-enabled/*;\n}\nstream { server { listen 5353 udp; listen 10.0.0.1:6000-6001; } }\n",
            ),
            (
                "/etc/nginx/conf.d/a.conf",
                "# listen 1;\nserver {\n  listen 8081 default_server; # the main one\n  listen [::]:8081 ssl;\n  location / { proxy_pass http://127.0.0.1:9000; }\n}\n",
            ),
            (
                "/etc/nginx/sites-enabled/b",
                "server { listen unix:/run/b.sock; }\nserver { server_name \"x;listen 2;\"; }\nserver {\n  listen localhost;\n  listen 443 quic;\n}\n",
            ),
        ]);
        assert_eq!(
            shown(&read("/etc/nginx/nginx.conf", &files).unwrap()),
            [
                "tcp * 8081 a.conf:3",
                "tcp :: 8081 a.conf:4",
                "tcp * 80 b:default",
                "tcp 127.0.0.1 80 b:4",
                "udp * 443 b:5",
                "udp * 5353 nginx.conf:6",
                "tcp 10.0.0.1 6000 nginx.conf:6",
                "tcp 10.0.0.1 6001 nginx.conf:6",
            ]
        );
    }

    #[test]
    fn a_file_that_includes_itself_comes_to_an_end() {
        let files = Folder::new(&[("/n.conf", "http { server { listen 1; } }\ninclude /n.conf;")]);
        assert_eq!(read("/n.conf", &files).unwrap().len(), 9);
    }

    #[test]
    fn broken_text_is_read_as_far_as_it_goes() {
        let files = Folder::new(&[("/n.conf", "}}} http { server { listen 80; listen \"81")]);
        assert_eq!(shown(&read("/n.conf", &files).unwrap()), ["tcp * 80 n.conf:1"]);
    }
}
