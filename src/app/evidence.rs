//! Files of another computer, opened: what they tell, each fact with its lines.

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;

use super::analyze::{Analysis, analyze};
use super::exhaustion::ExhaustionState;
use super::files;
use super::investigate::Investigation;
use super::saved::{Content, Opening};
use crate::evidence::{self, Address, Failure, Input, Place, Reading, SocketRow};
use crate::machine::Port;
use crate::platform::captured::{self, CapturedPlatform};

/// The most socket rows that are listed: the Ports page of that computer has all.
const MOST_SOCKETS: usize = 500;
/// What a pasted text is called.
const PASTED: &str = "pasted text";

/// What kind of fact a line tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FactKind {
    /// Something went wrong.
    Failure,
    /// Ports that are handed out or kept.
    Range,
    /// A row of a socket table.
    Socket,
    /// A line that could not be read.
    Problem,
}

impl FactKind {
    /// All kinds, in the order in which they are shown.
    pub const ALL: [Self; 4] = [Self::Failure, Self::Range, Self::Socket, Self::Problem];

    /// The heading above facts of this kind.
    pub const fn heading(self) -> &'static str {
        match self {
            Self::Failure => "What went wrong",
            Self::Range => "Port ranges",
            Self::Socket => "Sockets",
            Self::Problem => "What could not be read",
        }
    }
}

/// A fact and the lines that tell it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextFact {
    /// Its kind.
    pub kind: FactKind,
    /// The fact in words.
    pub text: String,
    /// The file, as an index into [`EvidenceRead::files`].
    pub file: usize,
    /// The lines, from 0, the end not included; empty where the whole file is meant.
    pub lines: std::ops::Range<usize>,
}

/// A file as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvidenceFile {
    /// Its name.
    pub name: String,
    /// Its kind and encoding, in words.
    pub about: String,
    /// Its text.
    text: String,
    /// Where each line begins and ends in it.
    lines: Vec<(usize, usize)>,
}

impl EvidenceFile {
    fn new(name: String, about: String, text: String) -> Self {
        let begin = text.as_ptr() as usize;
        let lines = text.lines().map(|line| line.as_ptr() as usize - begin).zip(text.lines().map(str::len));
        let lines = lines.map(|(start, length)| (start, start + length)).collect();
        Self { name, about, text, lines }
    }

    /// How many lines it has.
    pub fn count(&self) -> usize {
        self.lines.len()
    }

    /// The line at `at`, from 0; empty behind the end.
    pub fn line(&self, at: usize) -> &str {
        self.lines.get(at).map_or("", |(start, end)| &self.text[*start..*end])
    }
}

/// Files of another computer, read.
#[derive(Debug, Clone)]
pub struct EvidenceRead {
    /// The files.
    pub files: Vec<EvidenceFile>,
    /// What they tell, grouped by kind.
    pub facts: Vec<TextFact>,
    /// How many sockets they show, listed or not.
    pub sockets: usize,
    /// Whether they tell of anything that went wrong.
    pub tells_of_trouble: bool,
    /// What it comes to.
    pub found: Investigation,
    /// The Exhaustion page of that computer.
    pub exhaustion: ExhaustionState,
}

/// What the page shows of them.
#[derive(Debug, Clone)]
pub struct EvidenceView {
    /// The files.
    pub read: Arc<EvidenceRead>,
    /// The file that shows.
    pub file: usize,
    /// The fact that is marked in it.
    pub fact: Option<usize>,
    /// The Exhaustion page of that computer.
    pub exhaustion: ExhaustionState,
    /// Whether the pages of the wizard show what can be done about its ports, in the place of the files' verdict.
    pub fixes_ports: bool,
}

impl EvidenceView {
    /// The page with the first fact marked.
    pub fn of(read: Arc<EvidenceRead>) -> Self {
        let exhaustion = read.exhaustion.clone();
        let mut view = Self { read, file: 0, fact: None, exhaustion, fixes_ports: false };
        view.show_fact(0);
        view
    }

    pub(super) fn show_fact(&mut self, fact: usize) {
        if let Some(shown) = self.read.facts.get(fact) {
            self.file = shown.file;
            self.fact = Some(fact);
        }
    }

    pub(super) const fn show_file(&mut self, file: usize) {
        self.file = file;
        self.fact = None;
    }
}

/// Opens files.
///
/// # Errors
/// Where one cannot be read, or is not what was asked for; in words.
pub fn open(what: Opening, paths: &[PathBuf]) -> Result<Content, String> {
    if let ([path], Opening::Case | Opening::Either) = (paths, what) {
        match (files::open(path), what) {
            (Ok(case), _) => return Ok(Content::Case(Box::new(case))),
            (Err(error), _) if what == Opening::Case || error.is_of_a_case() => return Err(error.to_string()),
            (Err(_), _) => {}
        }
    }
    read(&captured::files::collect(paths).map_err(|error| error.to_string())?)
}

/// Reads a pasted text.
///
/// # Errors
/// Where nothing can be said of it; in words.
pub fn open_text(text: String) -> Result<Content, String> {
    read(&[Input::new(PASTED.to_owned(), text.into_bytes())])
}

fn read(inputs: &[Input]) -> Result<Content, String> {
    let reading = Arc::new(evidence::read(inputs));
    let now = Timestamp::now();
    let Analysis { found, tells_of_trouble } = analyze(&reading, now).map_err(|error| error.to_string())?;
    let exhaustion =
        ExhaustionState::of_files(&CapturedPlatform::new(Arc::clone(&reading), now)).map_err(|error| error.to_string())?;
    let texts = inputs.iter().zip(&reading.files);
    let files = texts.map(|(input, file)| {
        let about = format!("{}, {}", file.kind, file.encoding);
        EvidenceFile::new(file.name.to_string(), about, evidence::text(&input.bytes))
    });
    let read = EvidenceRead {
        files: files.collect(),
        facts: facts(&reading),
        sockets: reading.sockets.len(),
        tells_of_trouble,
        found,
        exhaustion,
    };
    Ok(Content::Evidence(Arc::new(read)))
}

fn facts(reading: &Reading) -> Vec<TextFact> {
    let at = |kind: FactKind, text: String, place: &Place| {
        let file = reading.files.iter().position(|file| file.name == place.file)?;
        let (first, end) = (place.line.saturating_sub(1) as usize, place.line_end as usize);
        Some(TextFact { kind, text, file, lines: first..end })
    };
    let failures = reading.failures.iter().filter_map(|failure| at(FactKind::Failure, failed(failure), &failure.place));
    let told: HashSet<&str> = reading.failures.iter().filter_map(|failure| failure.service.as_deref()).collect();
    let services = reading
        .failed_services
        .iter()
        .filter(|service| !told.contains(service.name.as_str()))
        .filter_map(|service| at(FactKind::Failure, format!("{} failed", service.name), &service.place));
    let dynamic = reading.dynamic_ranges.iter().filter_map(|range| {
        let whom = range.protocol.map_or_else(String::new, |protocol| format!(" for {protocol}"));
        at(FactKind::Range, format!("{} is handed out{whom}", range.range), &range.place)
    });
    let excluded = reading.excluded_ranges.iter().filter_map(|range| {
        let how = if range.administered == Some(false) { "reserved" } else { "excluded" };
        at(FactKind::Range, format!("{} is {how}", range.range), &range.place)
    });
    let sockets = reading.sockets.iter().take(MOST_SOCKETS).filter_map(|row| at(FactKind::Socket, socket(row), &row.place));
    let problems = reading.files.iter().enumerate().flat_map(|(file, read)| {
        read.problems.iter().map(move |problem| {
            let lines = problem.line.map_or(0..0, |line| line.saturating_sub(1) as usize..line as usize);
            TextFact { kind: FactKind::Problem, text: problem.because.clone(), file, lines }
        })
    });
    failures.chain(services).chain(dynamic).chain(excluded).chain(sockets).chain(problems).collect()
}

fn failed(failure: &Failure) -> String {
    let who = failure.service.clone().or_else(|| failure.product_name()).unwrap_or_else(|| "A program".to_owned());
    let port = match (failure.port, failure.protocol) {
        (Some(port), Some(protocol)) => format!(", port {port}/{protocol}"),
        (Some(port), None) => format!(", port {port}"),
        (None, _) => String::new(),
    };
    format!("{who}{port}: {}", failure.cause.as_str())
}

fn socket(row: &SocketRow) -> String {
    let end = |address: Option<&Address>, port: Option<Port>| match (address, port) {
        (Some(address), Some(port)) => format!("{address} {port}"),
        (Some(address), None) => address.to_string(),
        (None, port) => port.map(|port| port.to_string()).unwrap_or_default(),
    };
    let state = row.state.map(|state| format!(" {state}")).unwrap_or_default();
    let process = row.process.as_deref().map(|process| format!(" {process}")).unwrap_or_default();
    let pid = row.pid.map(|pid| format!(", PID {pid}")).unwrap_or_default();
    format!("{} {}{state}{process}{pid}", row.protocol, end(row.local_addr.as_ref(), row.local_port))
}
