//! The samples as tables: a row a range and look, or everything as JSON.

use jiff::Timestamp;

use crate::app::change::without_a_problem;
use crate::app::history::FORMS;
use crate::case::{Annex, Case};
use crate::diagnosis::Symptom;
use crate::diagnosis::exhaustion::{History, Holder, Sample, Usage};
use crate::machine::Host;
use crate::remedy::Plan;
use crate::report::{self, Format, Hide, Report};

const TITLE: &str = "Dynamic ports in use over time";
const COLUMNS: [&str; 12] = [
    "Time",
    "Protocol",
    "Family",
    "Range",
    "Capacity",
    "In use",
    "Connected",
    "Left open",
    "Closing",
    "Bound",
    "Most ports: who",
    "Most ports: how many",
];

/// The samples of `host`, the oldest first, as it is on `now`; `None` for a form that they cannot have.
pub fn export(history: &History, host: Host, now: Timestamp, format: Format, hide: &Hide) -> Option<Report> {
    if !FORMS.contains(&format) {
        return None;
    }
    let samples: Vec<&Sample> = history.samples().collect();
    let rows = samples.iter().flat_map(|sample| sample.ranges.iter().map(|usage| row(sample.time, usage))).collect();
    let table = Annex { title: TITLE.to_owned(), columns: COLUMNS.map(str::to_owned).to_vec(), rows, left_out: 0 };
    let nothing = without_a_problem(String::new(), "", Vec::new());
    let plan = Plan { options: Vec::new() };
    let mut case = Case::new(now, host, TITLE.to_owned(), Symptom::default(), nothing, plan, Vec::new());
    case.annexes = vec![table];
    let json = serde_json::json!({ "schema": "portmedic.samples/1", "samples": samples });
    Some(report::tables(&case, json, format, hide))
}

/// One range at one moment.
fn row(time: Timestamp, usage: &Usage) -> Vec<String> {
    let most = usage.holders.first();
    let states = &usage.states;
    let by_state = [states.connected(), states.left_open(), states.closing(), states.bound()];
    let numbers = [usage.capacity, usage.in_use].into_iter().chain(by_state);
    let begin = [format!("{time:.0}"), usage.protocol.to_string(), usage.family.to_string(), usage.range.to_string()];
    let who = [most.map(Holder::name).unwrap_or_default(), most.map(|own| own.ports.to_string()).unwrap_or_default()];
    begin.into_iter().chain(numbers.map(|number| number.to_string())).chain(who).collect()
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::export;
    use crate::diagnosis::exhaustion::{History, Sample, StateCounts, Usage};
    use crate::machine::{Family, Host, PortRange, Protocol, SocketState, System};
    use crate::report::{Format, Hide};

    fn history() -> History {
        let mut states = StateCounts::default();
        states.add(SocketState::TimeWait);
        let usage = Usage {
            protocol: Protocol::Tcp,
            family: Family::Ipv4,
            range: PortRange::new(40_000, 40_099).unwrap(),
            source: "a file".to_owned(),
            capacity: 100,
            in_use: 1,
            states,
            kept: 0,
            holders: Vec::new(),
            holder_count: 0,
            destinations: Vec::new(),
            counts_by_destination: true,
        };
        let mut history = History::default();
        for second in [1, 2] {
            let time = Timestamp::from_second(second).unwrap();
            history.push(Sample { time, ranges: vec![usage.clone()], piles: Vec::new() });
        }
        history
    }

    fn text(format: Format) -> Option<String> {
        export(&history(), Host::of(System::Linux), Timestamp::UNIX_EPOCH, format, &Hide::default()).map(|made| made.text)
    }

    #[test]
    fn a_table_has_a_row_for_each_range_and_look() {
        let table = text(Format::Csv).unwrap();
        let rows: Vec<&str> = table.lines().collect();
        assert_eq!(rows.len(), 3, "{table}");
        assert!(rows[0].starts_with("\"Time\",\"Protocol\""), "{table}");
        assert!(
            rows[2].contains("1970-01-01T00:00:02Z") && rows[2].contains("\"40000-40099\",\"100\",\"1\",\"0\",\"0\",\"1\",\"0\""),
            "{table}"
        );
    }

    #[test]
    fn json_has_everything_and_a_script_nothing() {
        let document: serde_json::Value = serde_json::from_str(&text(Format::Json).unwrap()).unwrap();
        assert_eq!(document["schema"], "portmedic.samples/1");
        assert_eq!(document["samples"][1]["ranges"][0]["in_use"], 1);
        assert!(text(Format::Shell).is_none());
    }
}
