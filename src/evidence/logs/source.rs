//! Which product a failure comes from.

use std::collections::{HashMap, HashSet};

use crate::catalog::{self, Product};
use crate::diagnosis::{ToldFailure, process_of};
use crate::evidence::page::Page;
use crate::machine::{Port, Protocol};

/// Where a failure comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The short id.
    pub id: String,
}

/// Parts that programs are built with: they name themselves in an error, but have no service, no port and no settings of their own.
/// The marks of each.
const FRAMEWORKS: [(&str, &[&str]); 8] = [
    ("spring-boot", &["o.s.b.", "org.springframework", "Web server failed to start", "APPLICATION FAILED TO START"]),
    ("kestrel", &["Microsoft.AspNetCore", "Kestrel", "Failed to bind to address http"]),
    ("iis-express", &["IIS Express", "Failed to register URL"]),
    ("gunicorn", &["gunicorn", "Connection in use: ("]),
    ("uvicorn", &["uvicorn", "error while attempting to bind on address"]),
    ("django", &["That port is already in use", "django"]),
    ("flask", &["is in use by another program. Either identify and stop", "werkzeug"]),
    ("python", &["OSError:", "PermissionError:", "socket.error:", "ConnectionRefusedError:", "[WinError "]),
];

/// What programs in Go and Rust say: no part in another language wrote it.
const OTHER_LANGUAGES: [&str; 6] = ["listen tcp", "listen udp", "dial tcp", "dial udp", "' panicked at ", "Os { code: "];

/// A name that is also the word for what every server does, so that in the name of a file it tells nothing.
const COMMON_WORD: &str = "bind";

/// How many lines of a file are looked at to know whose log it is.
const HEAD: usize = 60;

impl Source {
    /// The source that the lines of a failure name.
    pub fn of<'a>(told: &ToldFailure, mut lines: impl Iterator<Item = &'a str>) -> Option<Self> {
        told.product.map(Self::from).or_else(|| lines.find_map(framework))
    }

    /// The source that the beginning of a page names, or the name of its file. `None` where the page has the lines of several.
    fn of_page(page: &Page<'_>, failing: &HashSet<usize>) -> Option<Self> {
        let lines =
            || page.lines.iter().copied().enumerate().take(HEAD).filter(|(at, _)| !failing.contains(at)).map(|(_, line)| line);
        let mut products = lines().filter_map(catalog::product_of_line);
        if products.next().is_some_and(|first| products.any(|other| other.id != first.id)) {
            return None;
        }
        let words = || page.file.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.eq_ignore_ascii_case(COMMON_WORD));
        let named = || words().find_map(catalog::product_called);
        lines().find_map(catalog::product_of_line).or_else(named).map(Self::from).or_else(|| lines().find_map(framework))
    }
}

/// What the beginning of a page tells of the programs that write in it.
pub struct Head<'p> {
    /// By the name in front of their messages.
    programs: HashMap<&'p str, Source>,
    page: Option<Source>,
}

impl<'p> Head<'p> {
    /// What the beginning of a page tells.
    pub fn of(page: &Page<'p>, failing: &HashSet<usize>) -> Self {
        let mut programs = HashMap::new();
        for line in page.lines.iter().copied().take(HEAD) {
            let source = || catalog::product_of_line(line).map(Source::from).or_else(|| framework(line));
            if let Some(((program, _), source)) = process_of(line).and_then(|process| Some((process, source()?))) {
                programs.entry(program).or_insert(source);
            }
        }
        Self { programs, page: Source::of_page(page, failing) }
    }

    /// The source of a line: that of the program that it names, else that of the page.
    pub fn source(&self, line: &str) -> Option<Source> {
        let Some((program, _)) = process_of(line) else {
            let is_foreign = |source: &Source| is_part(&source.id) && OTHER_LANGUAGES.iter().any(|words| line.contains(words));
            return self.page.clone().filter(|source| !is_foreign(source));
        };
        let called = || catalog::product_of_unit(program).or_else(|| catalog::product_called(program)).map(Source::from);
        self.programs.get(program).cloned().or_else(called)
    }
}

impl From<&Product> for Source {
    fn from(product: &Product) -> Self {
        Self { id: product.id.clone() }
    }
}

/// The protocol of a port for which none is told: the only one that the ports of its product have.
pub fn protocol_of_port(port: Option<Port>, product: Option<&str>) -> Option<Protocol> {
    let product = product.filter(|_| port.is_some())?;
    // What is built with such a part listens with TCP unless it says otherwise.
    if is_part(product) { Some(Protocol::Tcp) } else { catalog::product_called(product)?.only_protocol() }
}

fn framework(line: &str) -> Option<Source> {
    let (id, _) = FRAMEWORKS.iter().find(|(_, marks)| marks.iter().any(|mark| line.contains(mark)))?;
    Some(Source { id: (*id).to_owned() })
}

/// Whether a source is a part that programs are built with. Node.js is one, too: it is a product without ports of its own.
fn is_part(id: &str) -> bool {
    FRAMEWORKS.iter().any(|(own, _)| *own == id) || catalog::product_called(id).is_some_and(|product| product.ports.is_empty())
}
