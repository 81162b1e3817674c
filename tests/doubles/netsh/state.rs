//! What the double knows, one fact a line:
//!
//! ```text
//! language de                        en, de, fr, ja
//! mode denied                        every change is refused; or: lies (success without effect), silent, garbled (tables without form)
//! range ipv4 tcp active 49152 16384  a dynamic range
//! block tcp active 50000 50059 *     an exclusion; without a star it is no administrator's
//! hidden tcp 8005                    a port that somebody has and no table shows
//! trace C:\Server.etl                a trace runs, into this file
//! queue DefaultAppPool 3408 4412,4416 HTTP://*:80/   a queue of HTTP.sys: name, process in control, processes, URLs; - for none
//! ```

use std::path::PathBuf;

use crate::language::Language;

/// A block of excluded ports.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Block {
    pub protocol: String,
    pub store: String,
    pub start: u32,
    pub end: u32,
    pub administered: bool,
}

/// A dynamic range.
#[derive(Debug, Clone)]
pub struct Range {
    pub family: String,
    pub protocol: String,
    pub store: String,
    pub start: u32,
    pub count: u32,
}

/// All that the double knows.
#[derive(Debug, Default)]
pub struct State {
    /// Whether a command changed something: what only shows never writes, as several may show at the same time.
    pub changed: bool,
    pub language: Language,
    pub modes: Vec<String>,
    pub ranges: Vec<Range>,
    pub blocks: Vec<Block>,
    pub hidden: Vec<(String, u32)>,
    pub queues: Vec<Vec<String>>,
    /// The file of the trace that runs.
    pub trace: Option<String>,
}

impl State {
    /// What the file beside the double says; a computer fresh from its setup where there is none.
    pub fn load() -> Self {
        let text = path().and_then(|path| std::fs::read(path).ok()).unwrap_or_default();
        let mut state = Self::default();
        for line in String::from_utf8_lossy(&text).lines() {
            state.read(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>());
        }
        for family in ["ipv4", "ipv6"] {
            for protocol in ["tcp", "udp"] {
                for store in ["active", "persistent"] {
                    if state.range(family, protocol, store).is_none() {
                        let [family, protocol, store] = [family, protocol, store].map(str::to_owned);
                        state.ranges.push(Range { family, protocol, store, start: 49152, count: 16384 });
                    }
                }
            }
        }
        state
    }

    fn read(&mut self, words: &[String]) {
        let number = |word: &str| word.parse().unwrap_or_default();
        match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
            ["language", name] => self.language = Language::named(name),
            ["mode", mode] => self.modes.push((*mode).to_owned()),
            ["range", family, protocol, store, start, count] => self.ranges.push(Range {
                family: (*family).to_owned(),
                protocol: (*protocol).to_owned(),
                store: (*store).to_owned(),
                start: number(start),
                count: number(count),
            }),
            ["block", protocol, store, start, end, rest @ ..] => self.blocks.push(Block {
                protocol: (*protocol).to_owned(),
                store: (*store).to_owned(),
                start: number(start),
                end: number(end),
                administered: *rest == ["*"],
            }),
            ["hidden", protocol, port] => self.hidden.push(((*protocol).to_owned(), number(port))),
            ["trace", file @ ..] => self.trace = Some(file.join(" ")),
            ["queue", ..] => self.queues.push(words[1..].to_vec()),
            _ => {}
        }
    }

    /// Writes what changed for the next call.
    pub fn save(&mut self) {
        self.blocks.sort();
        let mut lines = vec![format!("language {}", self.language.name())];
        lines.extend(self.modes.iter().map(|mode| format!("mode {mode}")));
        for Range { family, protocol, store, start, count } in &self.ranges {
            lines.push(format!("range {family} {protocol} {store} {start} {count}"));
        }
        for Block { protocol, store, start, end, administered } in &self.blocks {
            lines.push(format!("block {protocol} {store} {start} {end}{}", if *administered { " *" } else { "" }));
        }
        lines.extend(self.hidden.iter().map(|(protocol, port)| format!("hidden {protocol} {port}")));
        lines.extend(self.queues.iter().map(|words| format!("queue {}", words.join(" "))));
        lines.extend(self.trace.iter().map(|file| format!("trace {file}")));
        if let Some(path) = path() {
            std::fs::write(path, lines.join("\r\n") + "\r\n").expect("the double keeps what it knows beside itself");
        }
    }

    pub fn has(&self, mode: &str) -> bool {
        self.modes.iter().any(|own| own == mode)
    }

    pub fn range(&mut self, family: &str, protocol: &str, store: &str) -> Option<&mut Range> {
        self.ranges.iter_mut().find(|own| own.family == family && own.protocol == protocol && own.store == store)
    }
}

fn path() -> Option<PathBuf> {
    Some(std::env::current_exe().ok()?.with_file_name("netsh-double.txt"))
}
