//! What is asked of the event log, and through which seam: where a Windows has none to ask, recorded events are read instead.

use jiff::Timestamp;

use crate::evidence::windows_event::{Event, FAILURES, STATE_CHANGED};
use crate::machine::{Evidence, Gap, PortEvent};

/// The most events of one question. A service that fails in a loop writes thousands a day.
const MOST: usize = 500;
/// The most names in one question: Windows refuses questions with more than about twenty parts.
const MOST_PROVIDERS: usize = 15;

/// An event log.
pub trait EventLog {
    /// The events of a channel that fit a query in the language of Windows (XPath), as XML, the newest first.
    ///
    /// # Errors
    /// Why they could not be read, in words.
    fn read(&self, channel: &str, query: &str, most: usize) -> Result<Vec<String>, String>;
}

/// The events since the computer started, `seconds` ago: failures of services, of Windows' protocols, and of programs. `providers` are the
/// names under which services write themselves.
pub fn events(log: &dyn EventLog, seconds: u64, providers: &[&str]) -> (Vec<Event>, Vec<Gap>) {
    let milliseconds = seconds.saturating_mul(1000);
    let since = format!("TimeCreated[timediff(@SystemTime) <= {milliseconds}]");
    let numbers = FAILURES.iter().chain([&STATE_CHANGED]).map(|id| format!("EventID={id}")).collect::<Vec<_>>().join(" or ");
    let services = format!("*[System[Provider[@Name='Service Control Manager'] and ({numbers}) and {since}]]");
    let tcpip = of_tcpip(&since);
    let names = ["Application Error", ".NET Runtime", "Application Hang"]
        .into_iter()
        .chain(providers.iter().copied().take(MOST_PROVIDERS));
    // A name with a quote could end the text that it stands in.
    let names = names.filter(|name| !name.contains(['\'', '"'])).map(|name| format!("@Name='{name}'"));
    let programs = format!("*[System[Provider[{}] and {since}]]", names.collect::<Vec<_>>().join(" or "));
    let mut events = Vec::new();
    let mut gaps = Vec::new();
    for (channel, query) in [("System", services), ("System", tcpip), ("Application", programs)] {
        match log.read(channel, &query, MOST) {
            Ok(texts) => events.extend(texts.iter().filter_map(|text| Event::read(text))),
            Err(why) => {
                let what = format!("what the event log {channel} says about services and ports");
                Gap::add(&mut gaps, [Gap::new(what, why, format!("the Event Viewer, Windows Logs, {channel}"))]);
            }
        }
    }
    (events, gaps)
}

/// The question for the events that tell that ports ran out.
fn of_tcpip(since: &str) -> String {
    let numbers = PortEvent::IDS.map(|id| format!("EventID={id}")).join(" or ");
    format!("*[System[Provider[@Name='Tcpip'] and ({numbers}) and {since}]]")
}

/// Events older than this tell nothing of now.
const A_DAY: u64 = 24 * 60 * 60;
/// A computer without ports writes several a minute; the newest tell enough.
const MOST_PORT_EVENTS: usize = 20;

/// The events of the last day in which Windows says that ports ran out, the newest first.
pub fn port_events(log: &dyn EventLog) -> (Vec<PortEvent>, Vec<Gap>) {
    let since = format!("TimeCreated[timediff(@SystemTime) <= {}]", A_DAY * 1000);
    match log.read("System", &of_tcpip(&since), MOST_PORT_EVENTS) {
        Ok(texts) => {
            let told = |event: Event| PortEvent {
                id: event.id,
                time: event.time,
                source: format!("event log, System: Tcpip, event {}", event.id),
            };
            (texts.iter().filter_map(|text| Event::read(text)).map(told).collect(), Vec::new())
        }
        Err(why) => {
            let what = "whether Windows noted that ports ran out (events 4227, 4231 and 4266)";
            (Vec::new(), vec![Gap::new(what, why, "the Event Viewer, Windows Logs, System, source Tcpip")])
        }
    }
}

/// What a service wrote into the event log of programs under its own name between two times, the oldest first.
///
/// # Errors
/// Why it could not be read, in words.
pub fn written_by(log: &dyn EventLog, name: &str, since: Timestamp, now: Timestamp) -> Result<Vec<Evidence>, String> {
    // A name with a quote could end the text that it stands in.
    if name.contains(['\'', '"']) {
        return Ok(Vec::new());
    }
    let milliseconds = now.duration_since(since).as_millis().max(0);
    let query = format!("*[System[Provider[@Name='{name}'] and TimeCreated[timediff(@SystemTime) <= {milliseconds}]]]");
    let told = |event: Event| {
        let said = event.message.unwrap_or_else(|| event.data.join(", "));
        let fact = if said.is_empty() { format!("event {}", event.id) } else { format!("event {}: {said}", event.id) };
        Evidence { fact, source: format!("event log, Application: {}", event.provider), raw: None, time: event.time }
    };
    let mut lines: Vec<Evidence> =
        log.read("Application", &query, MOST)?.iter().filter_map(|text| Event::read(text)).map(told).collect();
    lines.reverse();
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::{EventLog, events, port_events, written_by};
    use crate::evidence::windows_event::testing::{about, of};

    /// A log that answers every question of a channel with the same events, and keeps the questions.
    #[derive(Default)]
    struct Recorded {
        asked: RefCell<Vec<String>>,
    }

    impl EventLog for Recorded {
        fn read(&self, channel: &str, query: &str, _most: usize) -> Result<Vec<String>, String> {
            self.asked.borrow_mut().push(query.to_owned());
            let time = "2026-11-21T03:00:00Z";
            Ok(match (channel, query.contains("Tcpip")) {
                ("System", false) => vec![about(7034, time, &["A", "1"], "A"), "no event".to_owned()],
                ("System", true) => vec![of("Tcpip", 4231, time, &["\\Device\\Tcpip"])],
                _ => vec![of("MSSQLSERVER", 26023, time, &["x"])],
            })
        }
    }

    struct None;

    impl EventLog for None {
        fn read(&self, _channel: &str, _query: &str, _most: usize) -> Result<Vec<String>, String> {
            Err("this Windows does not answer".to_owned())
        }
    }

    #[test]
    fn events_are_asked_for_by_provider_and_number() {
        let log = Recorded::default();
        let (events, gaps) = events(&log, 60, &["MSSQLSERVER", "it's"]);
        assert_eq!(events.iter().map(|event| event.id).collect::<Vec<_>>(), [7034, 4231, 26023]);
        assert!(gaps.is_empty());
        let asked = log.asked.borrow();
        assert!(asked[0].contains("@Name='Service Control Manager'") && asked[0].contains("EventID=7038"));
        assert!(asked[0].contains("timediff(@SystemTime) <= 60000"));
        assert!(asked[2].contains("@Name='MSSQLSERVER'") && !asked[2].contains("it's"));
    }

    #[test]
    fn events_of_used_up_ports_are_told_with_their_number_and_time() {
        let (events, gaps) = port_events(&Recorded::default());
        assert_eq!((events.len(), events[0].id, gaps.len()), (1, 4231, 0));
        assert_eq!(events[0].time.unwrap().to_string(), "2026-11-21T03:00:00Z");
        assert!(events[0].is_of_whole_range());
        let (events, gaps) = port_events(&None);
        assert_eq!((events.len(), gaps[0].because.as_str()), (0, "this Windows does not answer"));
    }

    #[test]
    fn what_a_service_wrote_since_a_time_is_asked_for_by_its_name() {
        let log = Recorded::default();
        let at = |text: &str| text.parse().unwrap();
        let (since, now) = (at("2026-11-21T02:59:58Z"), at("2026-11-21T03:00:01Z"));
        let lines = written_by(&log, "MSSQLSERVER", since, now).unwrap();
        assert_eq!(lines.iter().map(|line| line.fact.as_str()).collect::<Vec<_>>(), ["event 26023: x"]);
        let asked = log.asked.borrow();
        assert!(asked[0].contains("@Name='MSSQLSERVER'") && asked[0].contains("timediff(@SystemTime) <= 3000"), "{asked:?}");
        assert_eq!(written_by(&log, "it's", since, now), Ok(Vec::new()));
        assert!(written_by(&None, "MSSQLSERVER", since, now).is_err());
    }

    #[test]
    fn a_log_that_does_not_answer_is_told() {
        let (events, gaps) = events(&None, 60, &[]);
        assert!(events.is_empty());
        assert_eq!((gaps.len(), gaps[0].because.as_str()), (2, "this Windows does not answer"));
    }
}
