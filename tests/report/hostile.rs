//! Names from the system are hostile: reports made of them are read again by the readers of their forms.

use portmedic::case::Case;
use portmedic::machine::{FailureKind, Gap, Protocol, StartFailure, is_hidden};
use portmedic::report::{Format, Hide, report};
use scraper::{Html, Node, Selector};

use crate::cases::{case_of, fixed};
use crate::hostile_names::NAMES;
use crate::machine::{With as _, connection, failed, linux, unit_process};

/// A Case in which everything that a system can name is called so.
fn called(name: &str) -> Case {
    let failure = StartFailure {
        kind: FailureKind::InUse,
        message: name.to_owned(),
        source: name.to_owned(),
        time: None,
        port: Some(1433),
        protocol: Some(Protocol::Tcp),
        address: None,
    };
    let mut snapshot = linux()
        .with_process(unit_process(4312, name, &format!("{name}.service")))
        .with_socket(connection("10.20.0.15:1433", "10.20.0.40:9392", &[4312]))
        .with_service(failed(&format!("{name}.service"), failure.clone()))
        .with_dynamic_range(1024, 60999);
    name.clone_into(&mut snapshot.host.name);
    name.clone_into(&mut snapshot.host.version);
    name.clone_into(&mut snapshot.host.user);
    snapshot.processes.get_mut(&4312).unwrap().user = Some(name.to_owned());
    let mut case = fixed(case_of(&snapshot, &format!("{name}.service"), failure));
    case.target.product = Some(name.to_owned());
    case.gaps.push(Gap::new(name, name, name));
    case.message = Some(name.to_owned());
    case.journal_entry = Some(name.to_owned());
    name.clone_into(&mut case.version);
    if let Some(evidence) = case.verdict.evidence.first_mut() {
        evidence.raw = Some(name.to_owned());
    }
    case
}

fn each_report(format: Format, mut look: impl FnMut(&str, &str)) {
    for name in NAMES {
        for hide in [Hide::nothing(), Hide::everything()] {
            look(name, &report(&called(name), format, &hide).text);
        }
    }
}

#[test]
fn no_report_has_a_hidden_character() {
    for format in Format::ALL {
        each_report(format, |name, text| {
            let of_the_form = |c: char| c == '\n' || (c == '\r' && matches!(format, Format::Csv | Format::PowerShell));
            let text = if format == Format::PowerShell { text.trim_start_matches('\u{feff}') } else { text };
            let hidden: Vec<char> = text.chars().filter(|c| is_hidden(*c) && !of_the_form(*c)).collect();
            assert!(hidden.is_empty(), "{format:?} of {name:?} has {hidden:?}");
        });
    }
}

#[test]
fn html_has_the_elements_of_a_harmless_name_and_no_other() {
    let elements = |text: &str| -> Vec<String> {
        let page = Html::parse_document(text);
        let names = page.tree.nodes().filter_map(|node| match node.value() {
            Node::Element(element) => {
                let attributes: Vec<String> = element.attrs().map(|(name, value)| format!("{name}={value}")).collect();
                Some(format!("{} {}", element.name(), attributes.join(" ")))
            }
            Node::Comment(comment) => Some(format!("comment {}", &**comment)),
            _ => None,
        });
        names.filter(|name| !name.starts_with("mark")).collect()
    };
    let harmless = elements(&report(&called("harmless"), Format::Html, &Hide::nothing()).text);
    for name in NAMES {
        // Line breaks in a raw text are more lines of it, not more elements.
        assert_eq!(elements(&report(&called(name), Format::Html, &Hide::nothing()).text), harmless, "{name:?}");
    }
}

#[test]
fn html_shows_names_as_they_are_and_asks_nobody_for_anything() {
    each_report(Format::Html, |name, text| {
        let page = Html::parse_document(text);
        let policy = page.select(&Selector::parse("meta[http-equiv=Content-Security-Policy]").unwrap()).next().unwrap();
        assert!(policy.attr("content").unwrap().starts_with("default-src 'none'"));
        for loading in ["script", "img", "link", "iframe", "object", "a", "form", "base", "svg"] {
            assert_eq!(page.select(&Selector::parse(loading).unwrap()).count(), 0, "{loading} in {name:?}");
        }
    });
    let text = report(&called("<b>x</b>"), Format::Html, &Hide::nothing()).text;
    let page = Html::parse_document(&text);
    let computer = page.select(&Selector::parse("dd").unwrap()).next().unwrap();
    assert_eq!(computer.text().collect::<String>(), "<b>x</b>");
}

#[test]
fn no_cell_of_the_table_is_a_formula_and_every_row_has_every_column() {
    each_report(Format::Csv, |name, text| {
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
        let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        assert!(rows.len() > 10);
        for row in rows {
            assert_eq!(row.len(), 6, "{name:?}");
            for cell in &row {
                assert!(!cell.trim_start().starts_with(['=', '+', '-', '@']), "{cell:?} of {name:?}");
            }
        }
    });
}

#[test]
fn no_cell_is_a_formula_where_semicolons_part_cells() {
    each_report(Format::Csv, |name, text| {
        let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(b';').from_reader(text.as_bytes());
        for row in reader.records().map(Result::unwrap) {
            for cell in &row {
                assert!(!cell.trim_start().starts_with(['=', '+', '-', '@']), "{cell:?} of {name:?}");
            }
        }
    });
}

#[test]
fn the_table_gives_the_values_back() {
    let text = report(&called("a \"b\", c"), Format::Csv, &Hide::nothing()).text;
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let row = reader.records().map(Result::unwrap).find(|row| &row[1] == "Computer").unwrap();
    assert_eq!(&row[2], "a \"b\", c");
}

#[test]
fn markdown_has_the_headings_of_a_harmless_name_and_no_other() {
    let outside_of_blocks = |text: &str| -> Vec<String> {
        let mut fence: Option<String> = None;
        let mut lines = Vec::new();
        for line in text.lines() {
            let ticks: String = line.trim_start().chars().take_while(|c| *c == '`').collect();
            match &fence {
                Some(open) if ticks.len() >= open.len() && line.trim() == ticks => fence = None,
                Some(_) => {}
                None if ticks.len() >= 3 => fence = Some(ticks),
                None => lines.push(line.to_owned()),
            }
        }
        assert_eq!(fence, None, "a block is not closed:\n{text}");
        lines
    };
    let shape = |text: &str| -> Vec<String> { outside_of_blocks(text).iter().map(|line| markers(line)).collect() };
    let harmless = shape(&report(&called("harmless"), Format::Markdown, &Hide::nothing()).text);
    each_report(Format::Markdown, |name, text| {
        for line in outside_of_blocks(text) {
            assert!(
                !line.contains('<') && !line.replace("\\]", "").contains("](") && !line.contains(" **b**"),
                "{line} of {name:?}"
            );
        }
    });
    for name in NAMES {
        assert_eq!(shape(&report(&called(name), Format::Markdown, &Hide::nothing()).text), harmless, "{name:?}");
    }
}

/// What a line of Markdown begins: headings, lists, rows of tables, the line under a heading.
fn markers(line: &str) -> String {
    let mut rest = line.trim();
    let mut markers = String::new();
    if !rest.is_empty() && rest.chars().all(|c| c == '=' || c == '-') {
        return "underline".to_owned();
    }
    while let Some((first, after)) = rest.split_once(' ') {
        let number = first.trim_end_matches(['.', ')']);
        let numbered = number.len() + 1 == first.len() && number.chars().all(|c| c.is_ascii_digit());
        if !numbered && !["-", "+", "*", "#", "##", "|", ">"].contains(&first) {
            break;
        }
        markers.push_str(if numbered { "1." } else { first });
        rest = after.trim_start();
    }
    markers
}

#[test]
fn json_gives_every_name_back() {
    for name in NAMES {
        let case = called(name);
        assert_eq!(Case::from_json(&report(&case, Format::Json, &Hide::nothing()).text).unwrap(), case);
    }
}
