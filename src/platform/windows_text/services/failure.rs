//! Why a service does not run: its own log first, then what it wrote into the event log, then what the service control manager says.

use jiff::{SignedDuration, Timestamp};

use super::command_line::file_name;
use super::exit_code::{self, Meaning};
use super::record::{Config, NEVER_STARTED, Phase, Record};
use crate::diagnosis::read_error_lines;
use crate::evidence::windows_event::Event;
use crate::machine::{FailureKind, ServicePort, StartFailure, visible};
use crate::platform::services::log_file::LogFile;

/// How close to the end of a service an event of another program is that may tell why.
const NEAR: SignedDuration = SignedDuration::from_mins(2);
/// Programs that tell of the end of other programs, which their events name.
const WITNESSES: [&str; 3] = [".NET Runtime", "Application Error", "Application Hang"];
/// Windows' own protocols, and their events that no dynamic port was left: for one destination, for TCP, for UDP.
const TCPIP: &str = "Tcpip";
const EXHAUSTED: [u32; 3] = [4227, 4231, 4266];

/// Whether a service fails: it does not run although it should, and something went wrong. `events` are of every service, in any order.
pub fn fails(record: &Record, events: &[Event]) -> bool {
    if record.status.phase != Phase::Stopped || record.config.as_ref().is_some_and(Config::is_disabled) {
        return false;
    }
    let ended_badly = record.status.ended_with_an_error() && record.starts_by_itself() == Some(true);
    ended_badly || last_failure(record, events).is_some()
}

/// Why a service does not run, from `log`, its own log of the last run, and `events`.
pub fn explain(record: &Record, program: &str, events: &[Event], log: Option<&LogFile>) -> StartFailure {
    let last = last_failure(record, events);
    let end = last.and_then(|event| event.time);
    let told = log.and_then(from_log).into_iter().chain(from_own_events(record, program, events, end));
    let told = told.chain(from_tcpip(events, end)).collect::<Vec<_>>();
    let managers = from_manager(record, last);
    let about_a_port = |failure: &&StartFailure| is_about_a_port(failure.kind);
    let known = |failure: &&StartFailure| failure.kind != FailureKind::Unknown;
    let best = told.iter().find(about_a_port).or_else(|| Some(&managers).filter(about_a_port));
    best.or_else(|| told.iter().find(known))
        .or_else(|| Some(&managers).filter(known))
        .or(told.first())
        .unwrap_or(&managers)
        .clone()
}

/// A port that the exit code denies may be known from another place.
pub fn settle(failure: &mut StartFailure, ports: &[ServicePort]) {
    if failure.port.is_none()
        && is_about_a_port(failure.kind)
        && failure.kind != FailureKind::Exhausted
        && let [only] = ports
    {
        failure.port = Some(only.port);
        failure.protocol = Some(only.protocol);
    }
}

const fn is_about_a_port(kind: FailureKind) -> bool {
    matches!(
        kind,
        FailureKind::InUse | FailureKind::Forbidden | FailureKind::Privileged | FailureKind::NotLocal | FailureKind::Exhausted
    )
}

/// The last event that tells of a failure of the service, where it did not run since.
fn last_failure<'a>(record: &Record, events: &'a [Event]) -> Option<&'a Event> {
    let own = || events.iter().filter(|event| event.is_of_service(&record.name, &record.display_name));
    let ran = own().filter(|event| event.says_running()).filter_map(|event| event.time).max();
    let failures = own().filter(|event| event.is_failure_of_a_service());
    failures.filter(|event| ran.is_none_or(|ran| event.time.is_some_and(|time| time >= ran))).max_by_key(|event| event.time)
}

fn from_log(log: &LogFile) -> Option<StartFailure> {
    let lines: Vec<&str> = log.lines.iter().map(|(_, line)| line.as_str()).collect();
    from_lines(&lines, &log.path, |index| log.lines[index].0)
}

/// What the service itself wrote into the event log, or others about its program.
fn from_own_events(record: &Record, program: &str, events: &[Event], end: Option<Timestamp>) -> Vec<StartFailure> {
    let program = file_name(program).to_lowercase();
    let is_own = |event: &&Event| {
        let names_it = || !program.is_empty() && event.data.iter().any(|text| text.to_lowercase().contains(&program));
        [&record.name, &record.display_name].iter().any(|own| own.to_lowercase() == event.provider.to_lowercase())
            || WITNESSES.contains(&event.provider.as_str()) && names_it()
    };
    let mut own: Vec<&Event> = events.iter().filter(is_own).filter(|event| near(event.time, end)).collect();
    own.sort_by_key(|event| std::cmp::Reverse(event.time));
    own.into_iter().filter_map(|event| from_lines(&lines_of(event), &source(event), |_| event.time)).collect()
}

/// The texts of an event as lines of a log. SQL Server's events have the numbers of its errors, which its log writes above each message.
fn lines_of(event: &Event) -> Vec<String> {
    let mut lines: Vec<String> = event.data.iter().flat_map(|text| text.lines()).map(str::to_owned).collect();
    if event.provider.to_uppercase().starts_with("MSSQL") {
        lines.insert(0, format!("Error: {}, Severity: 16, State: 1.", event.id));
    }
    lines
}

/// Windows tells that it had no dynamic port left for anybody.
fn from_tcpip(events: &[Event], end: Option<Timestamp>) -> Option<StartFailure> {
    let exhausted = |event: &&Event| event.provider == TCPIP && EXHAUSTED.contains(&event.id) && near(event.time, end);
    // Without the time of the end nothing says that the two belong together.
    let event = events.iter().filter(|_| end.is_some()).filter(exhausted).max_by_key(|event| event.time)?;
    let message = format!("Windows had no dynamic port left at that time (event {} of {TCPIP})", event.id);
    Some(failure(FailureKind::Exhausted, message, source(event), event.time))
}

/// What the service control manager knows: the error in its event, or how the service ended.
fn from_manager(record: &Record, event: Option<&Event>) -> StartFailure {
    let status = &record.status;
    let ended = (status.exit_code != NEVER_STARTED && status.exit_code != 0).then(|| exit_code::of_status(status));
    let in_event = event.and_then(|event| {
        let number = event.error()?;
        Some(if event.id == 7024 { exit_code::of_own_number(number) } else { exit_code::of_number(number) })
    });
    let meaning = in_event.filter(|told| told.kind != FailureKind::Unknown).or(ended).or_else(|| event.map(of_event));
    let Meaning { kind, words } = meaning
        .unwrap_or_else(|| Meaning { kind: FailureKind::Unknown, words: "Windows says that it stopped, and no more".to_owned() });
    let source = event.map_or_else(|| format!("sc.exe queryex {}", record.name), source);
    failure(kind, words, source, event.and_then(|event| event.time))
}

/// What an event without an error means.
fn of_event(event: &Event) -> Meaning {
    let needed = || event.data.get(1).map(|name| visible(name)).unwrap_or_default();
    let (kind, words) = match event.id {
        7001 => (FailureKind::NotAPort, format!("A service that it needs could not be started: {}", needed())),
        7009 | 7011 => (FailureKind::Unknown, "It did not answer in time when Windows started it".to_owned()),
        7022 => (FailureKind::Unknown, "It hung while it was starting".to_owned()),
        7038 => (FailureKind::NotAPort, "Windows refused the account or password that it runs with".to_owned()),
        7031 | 7034 => (FailureKind::Unknown, "Its process ended unexpectedly".to_owned()),
        _ => (FailureKind::Unknown, "It did not start, or ended with an error".to_owned()),
    };
    Meaning { kind, words }
}

fn from_lines<S: AsRef<str>>(lines: &[S], source: &str, time: impl Fn(usize) -> Option<Timestamp>) -> Option<StartFailure> {
    let (index, error) = read_error_lines(lines)?;
    let message = lines[index].as_ref().trim().to_owned();
    let bare = failure(error.kind, message, source.to_owned(), time(index));
    Some(StartFailure { port: error.port, protocol: error.protocol, address: error.address, ..bare })
}

const fn failure(kind: FailureKind, message: String, source: String, time: Option<Timestamp>) -> StartFailure {
    StartFailure { kind, message, source, time, port: None, protocol: None, address: None }
}

/// Where people find the event.
fn source(event: &Event) -> String {
    format!("event {} of {} in the event log", event.id, event.provider)
}

/// Whether both times are close. Where one is not known, nothing speaks against it.
fn near(time: Option<Timestamp>, end: Option<Timestamp>) -> bool {
    time.zip(end).is_none_or(|(time, end)| time.duration_since(end).abs() <= NEAR)
}

#[cfg(test)]
mod tests {
    use super::super::record::testing::{ended, running};
    use super::super::record::{OWN_ERROR, StartType, Status};
    use super::*;
    use crate::evidence::windows_event::testing::{about, of};

    fn events(texts: &[String]) -> Vec<Event> {
        texts.iter().map(|text| Event::read(text).unwrap()).collect()
    }

    fn with_start(start_type: StartType, mut record: Record) -> Record {
        record.config.as_mut().unwrap().start_type = start_type;
        record
    }

    const FIRST: &str = "2026-11-21T03:00:00Z";
    const LATER: &str = "2026-11-21T03:01:00Z";
    const LONG_AFTER: &str = "2026-11-21T09:00:00Z";

    #[test]
    fn an_automatic_service_that_ended_with_an_error_fails_and_a_manual_one_does_not() {
        assert!(fails(&ended("A", 1067), &[]));
        assert!(fails(&with_start(StartType::Delayed, ended("A", 1067)), &[]));
        assert!(!fails(&with_start(StartType::Manual, ended("A", 1067)), &[]));
        assert!(!fails(
            &with_start(StartType::Disabled, ended("A", 1058)),
            &events(&[about(7000, FIRST, &["A", "%%1058"], "A")])
        ));
        assert!(!fails(&ended("A", 0), &[]) && !fails(&running("A"), &events(&[about(7031, FIRST, &["A"], "A")])));
    }

    #[test]
    fn an_event_makes_a_manual_service_one_that_fails_until_it_runs_again() {
        let manual = with_start(StartType::Manual, ended("A", 0));
        let crash = about(7034, FIRST, &["A", "1"], "A");
        assert!(fails(&manual, &events(std::slice::from_ref(&crash))));
        assert!(!fails(&manual, &events(&[about(7036, LATER, &["A", "x"], "A/4"), crash.clone()])));
        assert!(fails(&manual, &events(&[about(7036, LATER, &["A", "x"], "A/1"), crash])));
        assert!(!fails(&manual, &events(&[about(7034, FIRST, &["B", "1"], "B")])));
    }

    #[test]
    fn the_log_of_the_service_counts_more_than_its_exit_code() {
        let log = LogFile {
            path: "ERRORLOG".to_owned(),
            lines: vec![
                (None, "2026-11-21 03:00:00.10 Server      Error: 26023, Severity: 16, State: 1.".to_owned()),
                (None, "2026-11-21 03:00:00.10 Server      Der TCP-Anbieter [ 'any' <ipv4> 1433]".to_owned()),
            ],
        };
        let failure = explain(&ended("MSSQLSERVER", 1067), "sqlservr.exe", &[], Some(&log));
        assert_eq!((failure.kind, failure.port, failure.source.as_str()), (FailureKind::InUse, Some(1433), "ERRORLOG"));
    }

    #[test]
    fn a_certificate_in_the_log_is_no_port() {
        let lines = ["2026-11-21 03:00:00.10 spid9s      Error: 26014, Severity: 16, State: 1."];
        let log = LogFile { path: "ERRORLOG".to_owned(), lines: lines.map(|line| (None, line.to_owned())).to_vec() };
        let failure = explain(&ended("MSSQLSERVER", 1067), "sqlservr.exe", &[], Some(&log));
        assert_eq!(failure.kind, FailureKind::NotAPort);
    }

    #[test]
    fn the_exit_code_is_told_in_words() {
        let own = Status { own_exit_code: 10048, ..ended("A", OWN_ERROR).status };
        let failure = explain(&Record { status: own, ..ended("A", 0) }, "", &[], None);
        assert_eq!((failure.kind, failure.source.as_str()), (FailureKind::InUse, "sc.exe queryex A"));
        let hung = explain(&ended("A", 1053), "", &[], None);
        assert_eq!(hung.message, "It did not answer in time when Windows started it");
    }

    #[test]
    fn the_error_in_the_event_counts_more_than_that_the_process_ended() {
        let told = events(&[about(7023, FIRST, &["A", "%%10013"], "A")]);
        let failure = explain(&ended("A", 1067), "", &told, None);
        assert_eq!(
            (failure.kind, failure.source.as_str()),
            (FailureKind::Forbidden, "event 7023 of Service Control Manager in the event log")
        );
        assert_eq!(failure.time, FIRST.parse().ok());
    }

    #[test]
    fn events_of_sql_server_are_read_by_their_number() {
        let told = events(&[
            about(7024, LATER, &["SQL Server (SALES)", "%%17182"], "MSSQL$SALES"),
            of("MSSQL$SALES", 26023, FIRST, &["[ &#39;any&#39; &lt;ipv4&gt; 1500]"]),
        ]);
        let failure = explain(&ended("MSSQL$SALES", OWN_ERROR), "", &told, None);
        assert_eq!((failure.kind, failure.port), (FailureKind::InUse, Some(1500)));
        assert_eq!(failure.source, "event 26023 of MSSQL$SALES in the event log");
    }

    #[test]
    fn what_others_tell_of_its_program_counts() {
        let text = "Application: server.exe&#10;SocketException (10048): 0.0.0.0:8080";
        let told = events(&[of(".NET Runtime", 1026, FIRST, &[text])]);
        let failure = explain(&ended("Own", 1067), r"C:\own\Server.exe", &told, None);
        assert_eq!((failure.kind, failure.port), (FailureKind::InUse, Some(8080)));
        assert_eq!(explain(&ended("Own", 1067), r"C:\own\other.exe", &told, None).kind, FailureKind::Unknown);
    }

    #[test]
    fn no_dynamic_port_left_is_the_reason_only_at_that_time() {
        let crash = |time| about(7034, time, &["A", "1"], "A");
        let full = of("Tcpip", 4231, FIRST, &[]);
        assert_eq!(explain(&ended("A", 1067), "", &events(&[crash(LATER), full.clone()]), None).kind, FailureKind::Exhausted);
        assert_eq!(explain(&ended("A", 1067), "", &events(&[crash(LONG_AFTER), full.clone()]), None).kind, FailureKind::Unknown);
        assert_eq!(explain(&ended("A", 1067), "", &events(&[full]), None).kind, FailureKind::Unknown);
    }
}
