//! `Get-WinEvent` and `Get-EventLog` of PowerShell, as table, list, CSV or JSON.

use std::borrow::Cow;

use jiff::Timestamp;
use serde_json::Value;

use super::{Event, Log, Page, Problem, Reading, Taken};
use crate::evidence::kind::Kind;
use crate::evidence::page::number;
use crate::evidence::readers::properties::{self, Form, Row, Told, Wanted, text_of};
use crate::evidence::windows_event::{FAILURES, SERVICE_CONTROL_MANAGER};

const ID: [&str; 2] = ["Id", "EventID"];
/// The number with what says how bad it is in its upper half.
const INSTANCE: [&str; 1] = ["InstanceId"];
const TIME: [&str; 4] = ["TimeCreated", "TimeGenerated", "TimeWritten", "Time"];
const PROVIDER: [&str; 2] = ["ProviderName", "Source"];
const COMPUTER: [&str; 2] = ["MachineName", "PSComputerName"];
const MESSAGE: [&str; 1] = ["Message"];
const DATA: [&str; 2] = ["ReplacementStrings", "Properties"];
const BINARY: [&str; 1] = ["Data"];
/// What only events have.
const OF_EVENTS: [&str; 6] = ["TimeCreated", "TimeGenerated", "ProviderName", "LevelDisplayName", "EntryType", "InstanceId"];

const WANTED: Wanted = Wanted { has: is_event, any_of: &OF_EVENTS };

/// How far above a table its provider may stand.
const ABOVE: usize = 3;
/// The shortest beginning of a provider that is cut.
const SHORTEST: usize = 8;

fn is_event(names: &[&str]) -> bool {
    let has = |known: &[&str]| names.iter().any(|name| known.iter().any(|known| known.eq_ignore_ascii_case(name)));
    (has(&ID) || has(&INSTANCE)) && has(&OF_EVENTS)
}

/// Reads the events that begin at `at`.
pub fn powershell(page: &Page<'_>, at: usize, reading: &mut Reading, problems: &mut Vec<Problem>) -> Option<Taken> {
    let mut log = Log::default();
    let above = provider_above(page, at);
    let (next, form) = properties::read(page, at, WANTED, problems, &mut |row, problems| {
        let Some(event) = event(row, above) else {
            let because = "this event has no number where it should be".to_owned();
            problems.push(Problem { line: Some(number(row.lines.start)), because });
            return;
        };
        let time = row.get(&TIME).and_then(time);
        let begin = row.line_of(&ID).or_else(|| row.line_of(&MESSAGE)).unwrap_or(row.lines.start);
        let begin = row.line_of(&MESSAGE).map_or(begin, |message| begin.min(message));
        log.add(&event, time.as_deref(), page.places(row.lines.clone()), page.places(begin..row.lines.end));
    })?;
    log.tell(reading);
    let kind = match form {
        Form::Table => Kind::WinEventTable,
        Form::List => Kind::WinEventList,
        Form::Csv => Kind::WinEventCsv,
        Form::Json => Kind::WinEventJson,
    };
    Some(Taken { lines: next - at, kind })
}

fn event(row: &Row<'_>, above: Option<&str>) -> Option<Event> {
    let id = row.number(&ID).or_else(|| Some(instance(&row.text(&INSTANCE)?)? & 0xFFFF))?;
    let provider = row.text(&PROVIDER).or(above.map(Cow::Borrowed)).unwrap_or_else(|| Cow::Borrowed(usual_provider(id)));
    let (data, in_data) = row.get(&DATA).map(parts).unwrap_or_default();
    let binary = row.get(&BINARY).and_then(bytes).unwrap_or(in_data);
    Some(Event {
        provider: whole_provider(&provider).to_owned(),
        id,
        time: None,
        computer: row.text(&COMPUTER).map(Cow::into_owned),
        data,
        binary,
        message: row.text(&MESSAGE).map(|text| if row.is_cut { without_cut_word(&text) } else { text.into_owned() }),
    })
}

/// The number of an instance; it is written with a sign where it is large.
fn instance(text: &str) -> Option<u32> {
    text.parse::<i64>().ok().and_then(|number| u32::try_from(number & 0xFFFF_FFFF).ok())
}

/// Above each table of `Get-WinEvent` stands the provider of its events.
fn provider_above<'a>(page: &Page<'a>, at: usize) -> Option<&'a str> {
    (at.saturating_sub(ABOVE)..at).rev().find_map(|at| page.line(at).trim().strip_prefix("ProviderName:").map(str::trim))
}

/// Who writes events with this number, where the columns leave the provider out.
fn usual_provider(id: u32) -> &'static str {
    match id {
        4227 | 4231 | 4266 => "Tcpip",
        15005 => "Microsoft-Windows-HttpEvent",
        id if FAILURES.contains(&id) => SERVICE_CONTROL_MANAGER,
        _ => "",
    }
}

/// A narrow column cuts the longest name that matters.
fn whole_provider(provider: &str) -> &str {
    let cut = provider.strip_suffix("...").or_else(|| provider.strip_suffix('\u{2026}')).map(str::trim_end);
    match cut {
        Some(begin) if begin.len() >= SHORTEST && SERVICE_CONTROL_MANAGER.starts_with(begin) => SERVICE_CONTROL_MANAGER,
        _ => provider,
    }
}

/// The text without the word that is cut at its end: half a number would be another one.
fn without_cut_word(text: &str) -> String {
    match text.strip_suffix("...").or_else(|| text.strip_suffix('\u{2026}')) {
        Some(cut) => cut.rsplit_once(char::is_whitespace).map_or_else(String::new, |(whole, _)| format!("{whole} \u{2026}")),
        None => text.to_owned(),
    }
}

/// The time: as it is written, or where JSON counts from 1970, in UTC.
fn time(told: &Told<'_>) -> Option<String> {
    let text = told.text()?;
    let counted = text.strip_prefix("/Date(").and_then(|rest| rest.split([')', '+']).next());
    match counted {
        Some(count) => Some(Timestamp::from_millisecond(count.parse().ok()?).ok()?.to_string()),
        None => (!text.is_empty()).then(|| text.into_owned()),
    }
}

/// What the event is about, in its order, and the raw data at its end.
fn parts(told: &Told<'_>) -> (Vec<String>, Vec<u8>) {
    match told {
        // PowerShell prints the types of what it does not write out.
        Told::Text(text) if text.contains("System.") => <_>::default(),
        Told::Text(text) => {
            let inner = text.trim().strip_prefix('{').and_then(|text| text.strip_suffix('}'));
            let parts = inner.map(|inner| inner.split(", ").map(|part| part.trim().to_owned()).collect());
            (parts.unwrap_or_default(), Vec::new())
        }
        Told::Json(Value::Array(values)) => {
            let mut data = Vec::new();
            let mut binary = Vec::new();
            for value in values {
                let inner = value.get("Value").unwrap_or(value);
                match bytes(&Told::Json(inner)) {
                    Some(raw) => binary = raw,
                    None => data.push(text_of(inner).map(Cow::into_owned).unwrap_or_default()),
                }
            }
            (data, binary)
        }
        Told::Json(_) => <_>::default(),
    }
}

/// Raw data: an array of numbers, or where it stands too deep in JSON, the numbers with blanks between.
fn bytes(told: &Told<'_>) -> Option<Vec<u8>> {
    match told {
        Told::Json(Value::Array(values)) => values.iter().map(|value| value.as_u64()?.try_into().ok()).collect(),
        Told::Json(Value::String(text)) if text.contains(' ') => text.split(' ').map(|number| number.parse().ok()).collect(),
        Told::Text(text) => {
            let inner = text.trim().strip_prefix('{')?.strip_suffix('}')?;
            inner.split(", ").map(|number| number.parse().ok()).collect()
        }
        Told::Json(_) => None,
    }
}
