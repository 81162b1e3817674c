//! Why a unit does not run: the line that says it best, from the service itself where it says anything.

use jiff::{SignedDuration, Timestamp};

use super::exec::End;
use super::journal::{Entry, Journal};
use super::unit::Unit;
use crate::diagnosis::{ErrorText, read_error_lines};
use crate::machine::{FailureKind, ServicePort, StartFailure, without_colours};
use crate::platform::services::log_file::LogFile;

/// How many of the last runs are looked at: one that was refused another start says nothing itself.
const RUNS: usize = 5;
/// How far back such a run may be, counted from the last line.
const SERIES: SignedDuration = SignedDuration::from_mins(10);
/// How much of the end of a run counts. What a server logged while it still worked is no reason for its end.
const LAST_WORDS: SignedDuration = SignedDuration::from_mins(2);

/// Why the unit does not run.
pub fn explain(unit: &Unit, journal: &Journal, log: Option<&LogFile>) -> StartFailure {
    if let Some(masked) = masked(unit) {
        return masked;
    }
    let told = from_journal(journal);
    if let Some(failure) = told.clone().filter(|failure| is_about_a_port(failure.kind)) {
        return failure;
    }
    let logged = log.and_then(from_log);
    match (told, logged) {
        (_, Some(failure)) if is_about_a_port(failure.kind) => failure,
        (Some(failure), _) | (None, Some(failure)) if failure.kind != FailureKind::Unknown => failure,
        (told, logged) => told.or(logged).unwrap_or_else(|| from_properties(unit)),
    }
}

/// Why a unit that nobody may start does not run.
pub fn masked(unit: &Unit) -> Option<StartFailure> {
    let masked = unit.properties.get("LoadState") == "masked" && unit.properties.get("ActiveState") != "active";
    masked.then(|| StartFailure {
        kind: FailureKind::NotAPort,
        message: format!(
            "{} is masked: systemd starts it for nobody until `systemctl unmask {}` ends that",
            unit.id(),
            unit.id()
        ),
        ..from_properties(unit)
    })
}

/// A denied port may be known from another place than the line that tells of it: below 1024 a right is missing.
pub fn settle(failure: &mut StartFailure, ports: &[ServicePort]) {
    let low = failure.port.is_none() && ports.first().is_some_and(|best| best.port < 1024);
    if failure.kind == FailureKind::Forbidden && low {
        failure.kind = FailureKind::Privileged;
    }
}

/// Whether systemd refuses another start until the failures are forgotten. The limit leaves no other trace than this line.
pub fn start_limit_hit(unit: &Unit, journal: &Journal) -> bool {
    let last_own = journal.entries.iter().rposition(|entry| entry.own).unwrap_or(0);
    let said = journal.entries[last_own..].iter().any(|entry| !entry.own && entry.message.contains("repeated too quickly"));
    // Where the journal may not be read: a unit that restarts by itself stays failed for no other reason.
    let restarts = unit.properties.get("Restart") != "no" && unit.properties.number("NRestarts").is_some_and(|count| count > 0);
    said || (journal.hidden.is_some() && restarts && unit.properties.get("ActiveState") == "failed")
}

const fn is_about_a_port(kind: FailureKind) -> bool {
    matches!(
        kind,
        FailureKind::InUse | FailureKind::Forbidden | FailureKind::Privileged | FailureKind::NotLocal | FailureKind::Exhausted
    )
}

/// The best line of the last run that says anything.
fn from_journal(journal: &Journal) -> Option<StartFailure> {
    let end = journal.entries.last()?.time;
    let runs = last_runs(&journal.entries);
    let recent = runs.into_iter().filter(|run| within(run.last().and_then(|entry| entry.time), end, SERIES));
    recent.take(RUNS).find_map(|run| {
        let (own, about): (Vec<&Entry>, Vec<&Entry>) = run.into_iter().partition(|entry| entry.own);
        let last = own.last().and_then(|entry| entry.time);
        let own: Vec<&Entry> = own.into_iter().filter(|entry| within(entry.time, last, LAST_WORDS)).collect();
        best(&own, &journal.source).or_else(|| by_number(&about, &journal.source)).or_else(|| best(&about, &journal.source))
    })
}

/// The entries run by run, the last run first. Lines without a run belong to the one before them.
fn last_runs(entries: &[Entry]) -> Vec<Vec<&Entry>> {
    let mut runs: Vec<(Option<&str>, Vec<&Entry>)> = Vec::new();
    for entry in entries {
        let known = runs.iter().rposition(|(run, _)| entry.run.is_none() || *run == entry.run.as_deref());
        match known {
            Some(at) => {
                let mut run = runs.remove(at);
                run.1.push(entry);
                runs.push(run);
            }
            None => runs.push((entry.run.as_deref(), vec![entry])),
        }
    }
    runs.into_iter().rev().map(|(_, entries)| entries).collect()
}

fn within(time: Option<Timestamp>, end: Option<Timestamp>, span: SignedDuration) -> bool {
    time.zip(end).is_none_or(|(time, end)| end.duration_since(time) <= span)
}

fn best(entries: &[&Entry], source: &str) -> Option<StartFailure> {
    let lines: Vec<&str> = entries.iter().map(|entry| entry.message.as_str()).collect();
    let (index, error) = read_error_lines(&lines)?;
    Some(failure(&error, lines[index], source, entries[index].time))
}

/// systemd's own errors carry their number beside the text.
fn by_number(entries: &[&Entry], source: &str) -> Option<StartFailure> {
    let about = |entry: &&&Entry| entry.errno.is_some_and(|number| matches!(number, 13 | 98 | 99));
    let numbered: Vec<&Entry> = entries.iter().filter(about).copied().collect();
    let entry = numbered.first()?;
    let line = format!("{} (errno {})", entry.message, entry.errno?);
    let (_, error) = read_error_lines(&[line])?;
    Some(failure(&error, &entry.message, source, entry.time))
}

fn from_log(log: &LogFile) -> Option<StartFailure> {
    let lines: Vec<&str> = log.lines.iter().map(|(_, line)| line.as_str()).collect();
    let (index, error) = read_error_lines(&lines)?;
    Some(failure(&error, lines[index], &log.path, log.lines[index].0))
}

fn failure(error: &ErrorText, line: &str, source: &str, time: Option<Timestamp>) -> StartFailure {
    StartFailure {
        kind: error.kind,
        message: without_colours(line).trim().to_owned(),
        source: source.to_owned(),
        time,
        port: error.port,
        protocol: error.protocol,
        address: error.address,
    }
}

/// What systemd itself knows, where no log says anything.
fn from_properties(unit: &Unit) -> StartFailure {
    let properties = &unit.properties;
    let ended = unit
        .commands
        .iter()
        .find_map(|command| Some((command.words.first()?, command.end.as_ref().filter(|end| !end.success())?)));
    let (kind, message) = match (properties.get("Result"), ended) {
        _ if unit.cannot_load() => {
            (FailureKind::NotAPort, format!("systemd cannot read the unit: {}", properties.get("LoadError")))
        }
        ("oom-kill", _) => (FailureKind::NotAPort, "The kernel ended it because the computer ran out of memory".to_owned()),
        ("timeout", _) => {
            (FailureKind::Unknown, "It did not say that it is ready within the time that its unit allows".to_owned())
        }
        (_, Some((program, end))) => {
            let kind =
                if end.before_the_program() || end.code == "dumped" { FailureKind::NotAPort } else { FailureKind::Unknown };
            (kind, end_in_words(program, end))
        }
        (result, None) => (FailureKind::Unknown, format!("systemd gives the result \"{result}\" and no more")),
    };
    StartFailure {
        kind,
        message,
        source: format!("systemctl show {}", unit.id()),
        time: properties.time("StateChangeTimestamp"),
        port: None,
        protocol: None,
        address: None,
    }
}

fn end_in_words(program: &str, end: &End) -> String {
    let status = end.status;
    match end.code.as_str() {
        "exited" if status == 203 => format!("{program} could not be started: it is not there or cannot be run"),
        "exited" if end.before_the_program() => format!("{program} could not be started: systemd ended with status {status}"),
        "exited" => format!("{program} ended with exit status {status}"),
        "dumped" => format!("{program} crashed with signal {status}"),
        _ => format!("{program} was ended by signal {status}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::linux::services::properties::Properties;
    use crate::platform::linux::services::systemctl::Manager;

    fn unit(text: &str) -> Unit {
        Unit::new(Properties::parse_all(&format!("Id=a.service\nLoadState=loaded\n{text}")).remove(0), Manager::System).unwrap()
    }

    /// Entries as `run|seconds|who|text`, where `who` is `own` or `systemd`.
    fn journal(lines: &[&str]) -> Journal {
        let entry = |line: &&str| {
            let parts: Vec<&str> = line.splitn(4, '|').collect();
            Entry {
                time: Timestamp::from_second(1_795_230_000 + parts[1].parse::<i64>().unwrap()).ok(),
                message: parts[3].to_owned(),
                own: parts[2] == "own",
                run: Some(parts[0].to_owned()),
                errno: parts[3].contains("ERRNO").then_some(98),
            }
        };
        Journal { entries: lines.iter().map(entry).collect(), source: "journalctl".to_owned(), hidden: None }
    }

    #[test]
    fn the_services_own_line_comes_before_systemds() {
        let journal = journal(&[
            "1|0|systemd|Starting a.service...",
            "1|1|own|nginx: [emerg] bind() to 0.0.0.0:8081 failed (98: Address already in use)",
            "1|3|own|nginx: [emerg] still could not bind()",
            "1|3|systemd|a.service: Control process exited, code=exited, status=1/FAILURE",
            "1|3|systemd|Failed to start a.service.",
        ]);
        let failure = explain(&unit("Result=exit-code"), &journal, None);
        assert_eq!((failure.kind, failure.port), (FailureKind::InUse, Some(8081)));
        assert_eq!(failure.time.unwrap().as_second(), 1_795_230_001);
        assert!(!start_limit_hit(&unit("Result=exit-code"), &journal));
    }

    #[test]
    fn a_run_that_was_refused_is_explained_by_the_one_before() {
        let lines =
            ["1|0|own|OSError: [Errno 98] Address already in use", "2|1|systemd|a.service: Start request repeated too quickly."];
        let failure = explain(&unit("Result=exit-code"), &journal(&lines), None);
        assert_eq!((failure.kind, failure.port), (FailureKind::InUse, None));
        assert!(start_limit_hit(&unit("Result=exit-code"), &journal(&lines)));
        let started_again = [lines[1], lines[0]];
        assert!(!start_limit_hit(&unit("Result=exit-code"), &journal(&started_again)));
    }

    #[test]
    fn what_was_said_long_before_the_end_is_no_reason() {
        let journal =
            journal(&["1|0|own|connect() failed (111: Connection refused) upstream 10.0.0.1:80", "1|9000|own|shutting down"]);
        let failure = explain(&unit("Result=oom-kill"), &journal, None);
        assert_eq!(failure.kind, FailureKind::NotAPort);
        let older = self::journal(&["1|0|own|bind: Address already in use", "2|9000|own|shutting down"]);
        assert_eq!(explain(&unit("Result=timeout"), &older, None).kind, FailureKind::Unknown);
    }

    #[test]
    fn systemds_error_number_counts_where_its_text_is_translated() {
        let journal = journal(&["1|0|systemd|web.socket: Konnte nicht lauschen ERRNO"]);
        assert_eq!(explain(&unit("Result=resources"), &journal, None).kind, FailureKind::InUse);
    }

    #[test]
    fn a_port_in_the_services_own_log_counts_more_than_another_reason_in_the_journal() {
        let log = LogFile {
            path: "/var/log/mysql/error.log".to_owned(),
            lines: vec![(None, "Can't start server: Bind on TCP/IP port: Address already in use".to_owned())],
        };
        let journal = journal(&["1|0|own|/etc/mysql/x: No such file or directory"]);
        let failure = explain(&unit("Result=exit-code"), &journal, Some(&log));
        assert_eq!((failure.kind, failure.source.as_str()), (FailureKind::InUse, "/var/log/mysql/error.log"));
        assert_eq!(explain(&unit("Result=exit-code"), &journal, None).kind, FailureKind::NotAPort);
    }

    #[test]
    fn without_a_log_the_end_of_the_control_process_is_told() {
        let command = |status: u32| {
            format!(
                "Result=exit-code\nExecMainStatus=0\nExecStart={{ path=/usr/sbin/a ; argv[]=/usr/sbin/a ; ignore_errors=no ; pid=1 ; code=exited ; status={status} }}"
            )
        };
        let failure = explain(&unit(&command(1)), &Journal::default(), None);
        assert_eq!((failure.kind, failure.message.as_str()), (FailureKind::Unknown, "/usr/sbin/a ended with exit status 1"));
        assert_eq!(explain(&unit(&command(203)), &Journal::default(), None).kind, FailureKind::NotAPort);
    }
}
