//! One look at a used up dynamic range, without a watch: what `diagnose` says of it.

use portmedic::diagnosis::{Cause, Complaint, Confidence, Diagnosis, Symptom, diagnose};
use portmedic::machine::{FailureKind, Protocol, Snapshot, Socket, SocketState, StartFailure, TimeWaitReuse};

use crate::machine::{With, connection, ip, linux, process, resting, tcp};
use crate::verdicts::failure;
use crate::windows::{windows, windows_range};

/// Ten dynamic ports, and PID 5.
fn ten_ports() -> Snapshot {
    linux().with_dynamic_range(20_000, 20_009).with_process(process(5, "greedy"))
}

fn with(mut snapshot: Snapshot, sockets: impl IntoIterator<Item = Socket>) -> Snapshot {
    snapshot.sockets.extend(sockets);
    snapshot
}

/// A connection on every port, each to another far end.
fn to_many_places() -> impl Iterator<Item = Socket> {
    (0..10_u16).map(|place| connection(&format!("10.0.0.5:{}", 20_000 + place), &format!("10.0.1.{place}:443"), &[5]))
}

/// A connection on every port, all to one far end.
fn to_one_place() -> impl Iterator<Item = Socket> {
    (20_000..20_010_u16).map(|port| connection(&format!("10.0.0.5:{port}"), "10.0.0.9:443", &[5]))
}

fn told() -> Symptom {
    Symptom { failure: Some(failure(FailureKind::Exhausted, "connect: Cannot assign requested address")), ..Symptom::default() }
}

/// The same of a connection to this far end.
fn told_of(address: &str, port: u16) -> Symptom {
    let failure = StartFailure {
        port: Some(port),
        protocol: Some(Protocol::Tcp),
        address: Some(ip(address)),
        ..failure(FailureKind::Exhausted, "connect: Cannot assign requested address")
    };
    Symptom { failure: Some(failure), ..Symptom::default() }
}

#[track_caller]
fn is(diagnosis: &Diagnosis, cause: Cause, confidence: Confidence) {
    let verdict = &diagnosis.verdict;
    assert_eq!((verdict.cause, verdict.confidence), (cause, confidence), "{verdict:#?}");
}

#[test]
fn on_linux_a_range_full_of_connections_to_many_places_has_ports_left() {
    let snapshot = with(ten_ports(), to_many_places());
    let diagnosis = diagnose(&snapshot, &told());
    is(&diagnosis, Cause::Exhausted, Confidence::Likely);
    assert_eq!(diagnosis.verdict.headline, "No port was left for outgoing connections");
    assert!(
        diagnosis.verdict.confidence_because.contains("gives each port again for another destination"),
        "{}",
        diagnosis.verdict.confidence_because
    );
    assert_ne!(diagnose(&snapshot, &Symptom::default()).verdict.cause, Cause::Exhausted, "nobody says that a port lacks");
    let complaint = Symptom { complaint: Complaint::read("domain sign-in fails but local works"), ..Symptom::default() };
    is(&diagnose(&snapshot, &complaint), Cause::NotAPortProblem, Confidence::Likely);
}

#[test]
fn who_has_the_most_of_a_few_ports_is_not_blamed_for_a_lack_that_is_over() {
    let roomy = linux().with_dynamic_range(20_000, 20_999).with_process(process(5, "greedy"));
    let verdict = diagnose(&with(roomy, to_one_place().take(2)), &told()).verdict;
    assert_eq!((verdict.cause, verdict.confidence), (Cause::Exhausted, Confidence::Likely));
    assert!(!verdict.explanation.contains("greedy"), "{}", verdict.explanation);
    assert!(verdict.next_step.contains("portmedic exhaustion --watch"), "{}", verdict.next_step);
}

#[test]
fn on_windows_a_range_full_of_connections_to_many_places_has_no_port_left() {
    let places =
        (0..255_u16).map(|place| connection(&format!("10.0.0.5:{}", 50_000 + place), &format!("10.0.1.{place}:443"), &[5]));
    let snapshot = with(windows_range(windows(), Protocol::Tcp, 50_000, 50_254).with_process(process(5, "greedy")), places);
    is(&diagnose(&snapshot, &told()), Cause::Exhausted, Confidence::Certain);
}

#[test]
fn the_far_end_that_the_error_names_is_the_one_that_counts() {
    let snapshot = with(ten_ports(), to_one_place());
    let full = diagnose(&snapshot, &told_of("10.0.0.9", 443));
    is(&full, Cause::Exhausted, Confidence::Certain);
    assert_eq!(full.verdict.headline, "No port is left for connections to 10.0.0.9:443");
    is(&diagnose(&snapshot, &told_of("10.0.0.8", 443)), Cause::Exhausted, Confidence::Likely);
}

#[test]
fn sockets_that_keep_their_ports_from_everybody_leave_none_for_any_place() {
    let bound = (20_000..20_010_u16).map(|port| tcp(&format!("0.0.0.0:{port}"), SocketState::Bound, &[5]));
    let diagnosis = diagnose(&with(ten_ports(), bound), &told_of("10.0.0.8", 443));
    is(&diagnosis, Cause::Exhausted, Confidence::Certain);
    assert_eq!(diagnosis.verdict.headline, "No port is left for outgoing connections");
    assert!(diagnosis.verdict.explanation.contains("10 of its sockets are bound"), "{}", diagnosis.verdict.explanation);
}

#[test]
fn resting_ports_that_are_given_again_are_room() {
    let at_rest = (20_000..20_010_u16).map(|port| resting(&format!("10.0.0.5:{port}"), "10.0.0.9:443", 30_000));
    let mut snapshot = with(ten_ports(), at_rest);
    is(&diagnose(&snapshot, &told()), Cause::Exhausted, Confidence::Certain);
    snapshot.load.time_wait_reuse = Some(TimeWaitReuse::Always);
    is(&diagnose(&snapshot, &told()), Cause::Exhausted, Confidence::Likely);
}

#[test]
fn ports_of_the_other_family_are_no_use_of_the_range() {
    let of_ipv6 = (20_000..20_005_u16).map(|port| connection(&format!("[2001:db8::5]:{port}"), "[2001:db8::9]:443", &[5]));
    let of_ipv4 = (20_005..20_010_u16).map(|port| connection(&format!("10.0.0.5:{port}"), "10.0.0.9:443", &[5]));
    is(&diagnose(&with(ten_ports(), of_ipv6.chain(of_ipv4)), &told()), Cause::Exhausted, Confidence::Likely);
}
