//! Reports made of hostile files, by the executable, read again by the readers of their forms.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use assert_cmd::Command;
use portmedic::case::Case;
use portmedic::machine::{is_hidden, visible};
use scraper::{Html, Node, Selector};
use tempfile::TempDir;

use crate::hostile_names::NAMES;

/// Files in which everything that a file can name is called so, and what `portmedic` makes of them.
struct Files(TempDir);

impl Files {
    fn naming(names: &[&str]) -> Self {
        let folder = TempDir::new().unwrap();
        let mut netstat = String::from("C:\\>netstat -abno\r\n\r\n  Proto  Local Address  Foreign Address  State  PID\r\n");
        let mut tasks = String::from("\"Image Name\",\"PID\",\"Session Name\",\"Session#\",\"Mem Usage\"\r\n");
        let mut log = String::new();
        let mut events = String::from("<Events>");
        for (index, name) in names.iter().enumerate() {
            let (pid, port) = (4000 + index, 8000 + index);
            write!(netstat, "  TCP  0.0.0.0:{port}  0.0.0.0:0  LISTENING  {pid}\r\n [{name}]\r\n").unwrap();
            write!(tasks, "\"{}\",\"{}\",\"Services\",\"0\",\"1 K\"\r\n", name.replace('"', "\"\""), pid + 1000).unwrap();
            writeln!(log, "2026-03-01 10:00:00 ERROR {name}: bind() to 0.0.0.0:{port} failed (98: Address already in use)")
                .unwrap();
            let escaped = name.replace('&', "&amp;").replace('<', "&lt;");
            writeln!(
                events,
                "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='Service Control \
                 Manager'/><EventID>7023</EventID><TimeCreated SystemTime='2026-03-01T10:00:00Z'/><Channel>System</Channel>\
                 <Computer>WEB01</Computer></System><EventData><Data>{escaped}</Data><Data>%%10048</Data></EventData></Event>"
            )
            .unwrap();
        }
        events.push_str("</Events>");
        netstat.push_str("  TCP  0.0.0.0:70000  0.0.0.0:0  LISTENING  1\r\n");
        let files = [("a.txt", netstat), ("b.csv", tasks), ("c.log", log), ("d.xml", events)];
        for (name, text) in files {
            fs::write(folder.path().join(name), text).unwrap();
        }
        Self(folder)
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    /// What the executable prints.
    fn printed(&self, arguments: &[&str]) -> String {
        let mut command = Command::cargo_bin("portmedic").unwrap();
        let files = ["a.txt", "b.csv", "c.log", "d.xml"];
        let output = command.arg("analyze").args(files).args(arguments).current_dir(self.path()).assert().code(1);
        String::from_utf8(output.get_output().stdout.clone()).unwrap()
    }

    /// The report of this form.
    fn report(&self, form: &str) -> String {
        let name = format!("report.{form}");
        self.printed(&["--to", &name, "--no-redact", "--force"]);
        String::from_utf8(fs::read(self.path().join(name)).unwrap()).unwrap()
    }
}

/// Names that stay on one line of a file.
fn whole() -> Vec<&'static str> {
    NAMES.iter().copied().filter(|name| !name.contains(['\n', '\u{1b}', '\u{feff}']) && name.trim() == *name).collect()
}

#[test]
fn no_report_and_no_answer_has_a_hidden_character() {
    let files = Files::naming(NAMES);
    let texts = ["html", "csv", "md", "json"].map(|form| files.report(form)).into_iter().chain([files.printed(&[])]);
    for text in texts {
        let hidden: Vec<char> = text.chars().filter(|c| is_hidden(*c) && !"\r\n".contains(*c)).collect();
        assert!(hidden.is_empty(), "{hidden:?} in {}", text.lines().next().unwrap_or_default());
    }
}

#[test]
fn html_has_the_elements_of_harmless_files_and_no_other() {
    let elements = |names: &[&str]| -> BTreeSet<String> {
        let page = Html::parse_document(&Files::naming(names).report("html"));
        let of_node = |node: &Node| match node {
            Node::Element(element) => {
                let attributes: Vec<String> = element.attrs().map(|(name, value)| format!("{name}={value}")).collect();
                Some(format!("{} {}", element.name(), attributes.join(" ")))
            }
            Node::Comment(comment) => Some(format!("comment {}", &**comment)),
            _ => None,
        };
        page.tree.nodes().filter_map(|node| of_node(node.value())).collect()
    };
    let harmless = elements(&["harmless.exe"; 20]);
    let hostile = elements(NAMES);
    let more: Vec<&String> = hostile.difference(&harmless).collect();
    assert!(more.is_empty(), "{more:?}");
}

#[test]
fn html_shows_every_name_as_it_is() {
    let names = whole();
    let page = Html::parse_document(&Files::naming(&names).report("html"));
    let cells: Vec<String> = page.select(&Selector::parse("td").unwrap()).map(|cell| cell.text().collect()).collect();
    for name in names {
        let shown = visible(name);
        assert!(cells.iter().any(|cell| *cell == *shown), "no process {name:?}");
        assert!(cells.iter().any(|cell| cell.contains(&*shown) && cell.contains("failed (98")), "no message of {name:?}");
    }
}

#[test]
fn no_cell_of_the_table_is_a_formula() {
    let text = Files::naming(NAMES).report("csv");
    for delimiter in [b',', b';', b'\t'] {
        let mut reader =
            csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(text.as_bytes());
        for row in reader.records().map(Result::unwrap) {
            for cell in &row {
                assert!(!cell.trim_start().starts_with(['=', '+', '-', '@', '\t']), "{cell:?}");
            }
        }
    }
    let rows: Vec<csv::StringRecord> = csv::Reader::from_reader(text.as_bytes()).records().map(Result::unwrap).collect();
    assert!(rows.len() > NAMES.len() * 3, "{} rows", rows.len());
}

#[test]
fn markdown_has_the_headings_of_harmless_files_and_no_markup() {
    let headings = |text: &str| -> BTreeSet<String> {
        text.lines().filter(|line| line.starts_with('#') && !line.starts_with("# ")).map(str::to_owned).collect()
    };
    let hostile = Files::naming(NAMES).report("md");
    let harmless = Files::naming(&["harmless.exe"; 20]).report("md");
    let (hostile_headings, harmless_headings) = (headings(&hostile), headings(&harmless));
    let more: Vec<&String> = hostile_headings.difference(&harmless_headings).collect();
    assert!(more.is_empty(), "{more:?}");
    for row in hostile.lines().filter(|line| line.starts_with('|')) {
        assert!(!row.contains('<') && !row.replace("\\]", "").contains("](") && !row.contains(" **b**"), "{row}");
    }
}

#[test]
fn json_gives_every_name_back() {
    let names = whole();
    let files = Files::naming(&names);
    let case = Case::from_json(&files.report("json")).unwrap();
    let answer: serde_json::Value = serde_json::from_str(&files.printed(&["--json"])).unwrap();
    let processes: Vec<&str> = answer["sockets"].as_array().unwrap().iter().filter_map(|row| row["process"].as_str()).collect();
    assert_eq!(processes, names);
    let cells: Vec<&String> = case.annexes.iter().flat_map(|table| table.rows.iter().flatten()).collect();
    for name in names {
        assert!(cells.iter().any(|cell| *cell == name), "no {name:?}");
    }
}
