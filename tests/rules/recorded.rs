//! What the recorder saw as evidence: fires, does not fire, lacks data.

use portmedic::diagnosis::{Cause, Confidence, Diagnosis, diagnose};
use portmedic::machine::{BindResult, Boot, ProcessId, Protocol, SeenParent, SeenProcess, Sighting, Snapshot, SocketState};

use crate::machine::{With, failed, linux, resting};
use crate::verdicts::{in_use, of_service, port};

/// The service failed at 03:11:59; nobody has the port any more.
fn gone_again() -> Snapshot {
    let snapshot = linux().with_dynamic_range(1024, 15000).with_service(failed("demo-db.service", in_use())).with_bind_tests(
        Protocol::Tcp,
        1433,
        BindResult::Free,
    );
    Snapshot { boot: Some(Boot::new("b", 1)), ..snapshot }
}

/// `cron` started a backup that took 1433 for a connection between these times.
fn backup(first_seen: &str, gone: Option<&str>) -> Sighting {
    Sighting {
        local: "127.0.0.1:1433".parse().unwrap(),
        protocol: Protocol::Tcp,
        remote: Some("10.0.0.9:443".parse().unwrap()),
        state: SocketState::Established,
        not_before: Some(first_seen.parse().unwrap()),
        first_seen: first_seen.parse().unwrap(),
        last_seen: gone.unwrap_or(first_seen).parse().unwrap(),
        gone: gone.map(|gone| gone.parse().unwrap()),
        unwatched: false,
        process: Some(SeenProcess {
            id: ProcessId { pid: 812, started: 77 },
            name: "backup-agent".to_owned(),
            exe: None,
            command_line: Some(vec!["backup-agent".to_owned(), "--password=secret".to_owned()]),
            user: Some("root".to_owned()),
        }),
        parent: Some(SeenParent { pid: 700, name: "cron".to_owned() }),
        service: Some("cron.service".to_owned()),
        container: None,
        boot: Some(Boot::new("b", 1)),
    }
}

fn before_the_failure() -> Sighting {
    backup("2026-11-20T03:11:50Z", Some("2026-11-20T03:12:20Z"))
}

fn verdict_with(snapshot: Snapshot, sightings: &[Sighting]) -> Diagnosis {
    diagnose(&Snapshot { sightings: sightings.to_vec(), ..snapshot }, &of_service("demo-db.service", 1433))
}

fn recorded(diagnosis: &Diagnosis) -> Vec<&str> {
    let evidence = &diagnosis.verdict.evidence;
    evidence.iter().filter(|own| own.source.starts_with("recorder")).map(|own| own.fact.as_str()).collect()
}

#[test]
fn whoever_had_the_port_at_the_failure_is_named_with_the_time_although_the_port_is_free_now() {
    let diagnosis = verdict_with(gone_again(), &[before_the_failure()]);
    assert_eq!(diagnosis.verdict.cause, Cause::PortFree);
    assert!(diagnosis.verdict.explanation.contains("backup-agent had it when the log was written"), "{:?}", diagnosis.verdict);
    let [fact] = recorded(&diagnosis)[..] else { panic!("{:?}", diagnosis.verdict.evidence) };
    for part in
        ["backup-agent (PID 812)", "started by cron (PID 700)", "in cron.service", "10.0.0.9:443", "before the service failed"]
    {
        assert!(fact.contains(part), "{part}: {fact}");
    }
    let seen = diagnosis.verdict.evidence.iter().find(|own| own.source.starts_with("recorder")).and_then(|own| own.time);
    assert_eq!(seen, Some("2026-11-20T03:11:50Z".parse().unwrap()));
    assert!(!format!("{diagnosis:?}").contains("secret"), "arguments are not written down");
}

#[test]
fn a_taking_between_two_looks_around_the_failure_counts_and_is_said_to_be_about_then() {
    let around = Sighting { not_before: Some("2026-11-20T03:11:55Z".parse().unwrap()), ..backup("2026-11-20T03:12:03Z", None) };
    let diagnosis = verdict_with(gone_again(), &[around]);
    assert!(recorded(&diagnosis)[0].contains("about when the service failed"), "{:?}", recorded(&diagnosis));
}

#[test]
fn nothing_is_concluded_from_another_port_protocol_boot_or_time_or_from_the_service_itself() {
    let seen = before_the_failure();
    let others = [
        Sighting { local: "127.0.0.1:1434".parse().unwrap(), ..seen.clone() },
        Sighting { protocol: Protocol::Udp, ..seen.clone() },
        Sighting { boot: Some(Boot::new("b", 2)), ..seen.clone() },
        Sighting { boot: None, ..seen.clone() },
        backup("2026-11-20T03:12:05Z", None),
        backup("2026-11-20T02:00:00Z", Some("2026-11-20T02:00:05Z")),
        backup("2026-11-20T02:00:00Z", None),
        Sighting { service: Some("demo-db.service".to_owned()), ..seen },
    ];
    for other in others {
        let diagnosis = verdict_with(gone_again(), std::slice::from_ref(&other));
        assert!(recorded(&diagnosis).is_empty(), "{other:?}");
        assert!(diagnosis.verdict.explanation.contains("Whoever had it"), "{other:?}");
    }
}

#[test]
fn nobody_is_blamed_for_what_happened_after_the_recorder_ended() {
    let ended = Sighting { unwatched: true, ..backup("2026-11-20T03:10:00Z", None) };
    let cut_off = backup("2026-11-20T03:10:00Z", None);
    assert_eq!(recorded(&verdict_with(gone_again(), &[cut_off])).len(), 1, "its last sign of life was a moment ago");
    assert!(recorded(&verdict_with(gone_again(), &[ended])).is_empty());
}

#[test]
fn two_who_may_have_had_it_are_both_shown_and_none_is_blamed() {
    let mut other = before_the_failure();
    if let Some(process) = &mut other.process {
        process.name = "sync".to_owned();
    }
    let diagnosis = verdict_with(gone_again(), &[before_the_failure(), other]);
    assert_eq!(recorded(&diagnosis).len(), 2);
    assert!(diagnosis.verdict.explanation.contains("Whoever had it"), "{}", diagnosis.verdict.explanation);
}

#[test]
fn a_holder_that_cannot_be_seen_now_is_likely_the_one_who_was_seen_to_come_and_not_to_go() {
    let unseen = || {
        let nobody = Snapshot { bind_tests: Vec::new(), ..gone_again() };
        nobody.with_bind_tests(Protocol::Tcp, 1433, BindResult::InUse)
    };
    let without = verdict_with(unseen(), &[]);
    assert_eq!((without.verdict.cause, without.verdict.confidence), (Cause::Unknown, Confidence::CannotTell));
    let still = backup("2026-11-20T03:11:50Z", None);
    let diagnosis = verdict_with(unseen(), &[still]);
    assert_eq!((diagnosis.verdict.cause, diagnosis.verdict.confidence), (Cause::Unknown, Confidence::Likely));
    assert!(diagnosis.verdict.headline.starts_with("backup-agent took port 1433"), "{}", diagnosis.verdict.headline);
    let ended = Sighting { unwatched: true, ..backup("2026-11-20T03:11:50Z", None) };
    assert_eq!(verdict_with(unseen(), &[ended]).verdict.confidence, Confidence::CannotTell);
    let left = verdict_with(unseen(), &[before_the_failure()]);
    assert_eq!(left.verdict.confidence, Confidence::CannotTell);
}

#[test]
fn what_rests_on_the_port_is_told_with_the_program_that_had_it() {
    let rests = Snapshot { bind_tests: Vec::new(), ..gone_again() }
        .with_socket(resting("127.0.0.1:1433", "10.0.0.9:443", 30_000))
        .with_bind_tests(Protocol::Tcp, 1433, BindResult::InUse);
    let diagnosis = verdict_with(rests, &[before_the_failure()]);
    assert_eq!(diagnosis.verdict.cause, Cause::HeldByClosingConnection);
    assert!(
        diagnosis.verdict.explanation.starts_with("backup-agent has closed the connection"),
        "{}",
        diagnosis.verdict.explanation
    );
}

#[test]
fn without_a_failure_the_last_one_who_was_seen_is_told() {
    let earlier = backup("2026-11-20T02:00:00Z", Some("2026-11-20T02:00:05Z"));
    let snapshot = Snapshot { services: Vec::new(), sightings: vec![earlier, before_the_failure()], ..gone_again() };
    let diagnosis = diagnose(&snapshot, &port(1433));
    let [fact] = recorded(&diagnosis)[..] else { panic!("{:?}", diagnosis.verdict.evidence) };
    assert!(fact.ends_with("and was gone at 2026-11-20T03:12:20Z"), "{fact}");
}
