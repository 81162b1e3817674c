//! Whether the dynamic ports run out: what fires, what does not, and what lacks data.

use jiff::{SignedDuration, Timestamp};
use portmedic::diagnosis::exhaustion::{History, Judgement, Memory, Outlook, Probe, Probes, Sample, Standing, Tie, judge};
use portmedic::diagnosis::{Cause, Complaint, Confidence, Symptom, diagnose};
use portmedic::machine::{
    ConnectResult, ConnectTest, Handles, PortEvent, PortRange, Protocol, Snapshot, Socket, SocketState, Table, TimeWaitReuse,
};

use crate::machine::{With, connection, end, linux, listener, resting, tcp, unit_process};
use crate::windows::windows;

/// A computer with the hundred dynamic ports 40000 to 40099, on which PID 7 of agent.service runs.
pub fn narrow() -> Snapshot {
    linux().with_dynamic_range(40_000, 40_099).with_process(unit_process(7, "agent", "agent.service"))
}

pub fn with(mut snapshot: Snapshot, sockets: impl IntoIterator<Item = Socket>) -> Snapshot {
    snapshot.sockets.extend(sockets);
    snapshot
}

pub fn bound(ports: std::ops::Range<u16>) -> impl Iterator<Item = Socket> {
    ports.map(|port| tcp(&format!("0.0.0.0:{port}"), SocketState::Bound, &[7]))
}

pub fn connected(ports: std::ops::Range<u16>, remote: &'static str) -> impl Iterator<Item = Socket> {
    ports.map(move |port| connection(&format!("10.0.0.5:{port}"), remote, &[7]))
}

pub fn at_rest(ports: std::ops::Range<u16>, remote: &'static str) -> impl Iterator<Item = Socket> {
    ports.map(move |port| resting(&format!("10.0.0.5:{port}"), remote, 30_000))
}

pub fn given() -> Probes {
    Probes { any_port: Protocol::ALL.into_iter().map(|protocol| (protocol, Probe::Given)).collect(), connection: None }
}

pub fn none_left() -> Probes {
    Probes { any_port: vec![(Protocol::Tcp, Probe::NoneLeft), (Protocol::Udp, Probe::Given)], connection: None }
}

/// Judges the last of these looks, each ten seconds after the one before it.
pub fn after(looks: Vec<Snapshot>, probes: &Probes) -> Judgement {
    let (mut memory, mut history) = (Memory::default(), History::default());
    let mut last = None;
    for (place, mut look) in (0..).zip(looks) {
        look.taken_at += SignedDuration::from_secs(10 * place);
        memory.learn(&look);
        history.push(Sample::of(&look, &memory));
        last = Some(look);
    }
    judge(&last.expect("a look"), &history, probes)
}

pub fn at_once(look: Snapshot, probes: &Probes) -> Judgement {
    after(vec![look], probes)
}

#[track_caller]
fn stands(judgement: &Judgement, standing: Standing, confidence: Confidence) {
    let verdict = &judgement.diagnosis.verdict;
    assert_eq!((judgement.standing, verdict.confidence), (standing, confidence), "{verdict:#?}");
}

#[test]
fn a_range_of_which_every_port_has_a_socket_is_exhausted() {
    let judgement = at_once(with(narrow(), bound(40_000..40_100)), &none_left());
    stands(&judgement, Standing::Exhausted, Confidence::Certain);
    let verdict = &judgement.diagnosis.verdict;
    assert_eq!((verdict.cause, verdict.headline.as_str()), (Cause::Exhausted, "No port is left for outgoing connections"));
    assert!(
        verdict.explanation.contains("agent has 100 of them, 100 %. 100 of its sockets are bound"),
        "{}",
        verdict.explanation
    );
    assert_eq!(judgement.diagnosis.owners[0].pid, Some(7));
}

#[test]
fn what_the_system_answers_counts_more_than_the_table() {
    // Sockets that the table does not show have the rest.
    stands(&at_once(with(narrow(), bound(40_000..40_050)), &none_left()), Standing::Exhausted, Confidence::Certain);
    // A socket was closed between the two looks.
    assert_ne!(at_once(with(narrow(), bound(40_000..40_100)), &given()).standing, Standing::Exhausted);
}

#[test]
fn excluded_ports_are_no_room() {
    let half = |mut snapshot: Snapshot| {
        for port in 40_050..=40_099 {
            snapshot = snapshot.with_exclusion(port);
        }
        snapshot
    };
    let judgement = at_once(with(half(narrow()), connected(40_000..40_050, "10.0.0.9:443")), &Probes::default());
    stands(&judgement, Standing::Exhausted, Confidence::Certain);
    let whole = (40_000..=40_099).fold(narrow(), Snapshot::with_exclusion);
    let judgement = at_once(whole, &Probes::default());
    stands(&judgement, Standing::Exhausted, Confidence::Certain);
    assert!(judgement.diagnosis.verdict.explanation.contains("every one of them is excluded"));
}

#[test]
fn linux_counts_each_destination_by_itself() {
    // Two connections on one port to two places: the port is in use once.
    let two = with(narrow(), connected(40_000..40_100, "10.0.0.9:443").chain(connected(40_000..40_010, "10.0.0.8:443")));
    let judgement = at_once(two, &given());
    stands(&judgement, Standing::Exhausted, Confidence::Certain);
    let verdict = &judgement.diagnosis.verdict;
    assert_eq!(verdict.headline, "No port is left for connections to 10.0.0.9:443");
    assert!(verdict.explanation.contains("others may still be reached"), "{}", verdict.explanation);
}

/// Whoever connects gets a port that another destination has; whoever binds first gets none.
#[test]
fn a_range_full_of_connections_to_many_places_lacks_ports_only_for_who_binds_first() {
    let places = |host: u16| connection(&format!("10.0.0.5:{}", 40_000 + host), &format!("10.0.1.{host}:443"), &[7]);
    let full = with(narrow(), (0..100).map(places));
    assert_ne!(at_once(full.clone(), &Probes::default()).standing, Standing::Exhausted);
    let asked = at_once(full, &none_left());
    stands(&asked, Standing::Exhausted, Confidence::Certain);
    assert_eq!(asked.diagnosis.verdict.headline, "No port is left for programs that bind one before they connect");
}

#[test]
fn ports_at_rest_that_are_given_again_are_no_lack_for_their_destination() {
    let mut reused = with(narrow(), at_rest(40_000..40_100, "10.0.0.9:443"));
    reused.load.time_wait_reuse = Some(TimeWaitReuse::Always);
    let judgement = at_once(reused.clone(), &given());
    stands(&judgement, Standing::ManyTimeWait, Confidence::Certain);
    reused.load.time_wait_reuse = Some(TimeWaitReuse::Loopback);
    stands(&at_once(reused, &given()), Standing::Exhausted, Confidence::Certain);
}

#[test]
fn a_connection_tells_a_lack_of_ports_from_other_reasons() {
    let probes = |result, error: &str| Probes {
        connection: Some(ConnectTest { to: end("10.0.0.9:443"), result, error: Some(error.to_owned()) }),
        ..given()
    };
    let nearly = || with(narrow(), connected(40_000..40_095, "10.0.0.7:1"));
    let lack = at_once(nearly(), &probes(ConnectResult::NoPortLeft, "99 (Cannot assign requested address)"));
    stands(&lack, Standing::Exhausted, Confidence::Certain);
    // The same number with room in the range has another reason: there is no address to connect from.
    let other = at_once(narrow(), &probes(ConnectResult::NoPortLeft, "99 (Cannot assign requested address)"));
    stands(&other, Standing::NotExhausted, Confidence::Certain);
    assert!(other.diagnosis.verdict.explanation.contains("another reason"));
    for (result, words) in [
        (ConnectResult::Refused, "nobody listens there"),
        (ConnectResult::TimedOut, "firewall"),
        (ConnectResult::Unreachable, "No way leads"),
    ] {
        let judgement = at_once(narrow(), &probes(result, "1"));
        assert_eq!(judgement.standing, Standing::NotExhausted);
        assert!(judgement.diagnosis.verdict.explanation.contains(words), "{}", judgement.diagnosis.verdict.explanation);
    }
}

#[test]
fn an_event_of_windows_counts_while_it_is_fresh_and_the_range_is_nearly_full() {
    let look = |ports: u16, minutes: i64, id: u32| {
        let mut snapshot = with(narrow(), connected(40_000..40_000 + ports, "10.0.0.9:443"));
        let time: Timestamp = snapshot.taken_at - SignedDuration::from_mins(minutes);
        snapshot.load.events = vec![PortEvent { id, time: Some(time), source: "event log".to_owned() }];
        at_once(snapshot, &Probes::default())
    };
    stands(&look(95, 3, 4231), Standing::Exhausted, Confidence::Likely);
    for other in [look(95, 60, 4231), look(95, 3, 4227), look(20, 3, 4231)] {
        assert_eq!(other.standing, Standing::NotExhausted);
        assert!(other.diagnosis.verdict.evidence.iter().any(|fact| fact.fact.contains("Windows wrote event")));
    }
}

#[test]
fn a_steady_rise_is_forecast_with_who_takes_the_ports() {
    let looks = (0..6).map(|place| with(narrow(), bound(40_000..40_020 + 9 * place))).collect();
    let judgement = after(looks, &given());
    stands(&judgement, Standing::HeadingThere, Confidence::Likely);
    assert_eq!(judgement.diagnosis.verdict.headline, "The ports run out in under a minute, at 54 ports a minute");
    let forecast = judgement.forecasts[judgement.range.unwrap()];
    assert!((forecast.full_in_minutes.unwrap() - 35.0 / 54.0).abs() < 0.01, "{forecast:?}");
    assert_eq!(judgement.diagnosis.owners[0].pid, Some(7));
}

#[test]
fn with_too_few_looks_nothing_is_forecast() {
    let looks = (0..3).map(|place| with(narrow(), connected(40_000..40_010 + 9 * place, "10.0.0.9:443"))).collect();
    let judgement = after(looks, &given());
    stands(&judgement, Standing::NotExhausted, Confidence::Certain);
    assert_eq!(judgement.forecasts[0].outlook, Outlook::TooFewSamples);
    assert!(judgement.diagnosis.verdict.evidence.iter().any(|fact| fact.fact.contains("Too few samples")));
}

#[test]
fn the_one_that_rises_is_named_and_not_the_one_with_the_most() {
    let looks = (0..6).map(|place| {
        let mut grows: Vec<Socket> = connected(40_060..40_062 + 5 * place, "10.0.0.9:443").collect();
        for socket in &mut grows {
            socket.pids = [8].into();
        }
        let snapshot = with(narrow(), connected(40_000..40_060, "10.0.0.7:1"));
        with(snapshot.with_process(unit_process(8, "sync", "sync.service")), grows)
    });
    let judgement = after(looks.collect(), &given());
    assert_eq!(judgement.standing, Standing::HeadingThere);
    assert_eq!(judgement.diagnosis.owners[0].pid, Some(8));
    assert_eq!(judgement.diagnosis.owners[1].pid, Some(7));
}

#[test]
fn a_server_that_does_not_close_its_connections_leaks_outside_of_the_range_too() {
    let pile = |count: u16| {
        let peers = (0..count).map(|peer| {
            let socket = connection("10.0.0.5:8080", &format!("10.0.0.9:{}", 1000 + peer), &[7]);
            Socket { state: SocketState::CloseWait, ..socket }
        });
        with(narrow().with_socket(listener("0.0.0.0:8080", &[7])), peers)
    };
    let judgement = at_once(pile(60), &given());
    stands(&judgement, Standing::Leak, Confidence::Likely);
    let leak = judgement.leak.as_ref().unwrap();
    assert_eq!((leak.pile.pid, leak.pile.server_port), (7, Some(8080)));
    assert_eq!(judgement.diagnosis.verdict.headline, "agent takes sockets and does not give them back");
    assert_eq!(at_once(pile(30), &given()).standing, Standing::NotExhausted, "one look at a few is none");
    let growing = after([20, 24, 28, 33].map(pile).into(), &given());
    stands(&growing, Standing::Leak, Confidence::Certain);
}

#[test]
fn connections_at_rest_belong_to_who_had_them() {
    let before = with(narrow(), connected(40_000..40_030, "10.0.0.9:443"));
    let now = with(narrow(), at_rest(40_000..40_030, "10.0.0.9:443").chain(at_rest(40_040..40_070, "10.0.0.8:1")));
    let judgement = after(vec![before, now.clone()], &given());
    let range = {
        let mut memory = Memory::default();
        memory.learn(&with(narrow(), connected(40_000..40_030, "10.0.0.9:443")));
        memory.learn(&now);
        Sample::of(&now, &memory).ranges[0].clone()
    };
    let ties: Vec<(Tie, Option<u32>, u32)> = range.holders.iter().map(|own| (own.tie, own.pid, own.ports)).collect();
    assert_eq!(ties, [(Tie::Had, Some(7), 30), (Tie::Nobody, None, 30)]);
    assert_eq!(range.holders[0].name(), "closing, was agent");
    assert_eq!(judgement.standing, Standing::ManyTimeWait);
}

#[test]
fn a_computer_of_which_too_little_is_known_is_not_called_safe() {
    let mut nothing = linux();
    nothing.dynamic_ranges.clear();
    stands(&at_once(nothing, &Probes::default()), Standing::CannotTell, Confidence::CannotTell);
    let mut hidden = narrow();
    hidden.not_shown = vec![Table::TcpSockets, Table::UdpSockets];
    stands(&at_once(hidden, &Probes::default()), Standing::CannotTell, Confidence::CannotTell);
}

/// A Windows computer on which PID 7 has so many socket handles, and these sockets.
fn with_handles(handles: u32, sockets: impl IntoIterator<Item = Socket>) -> Snapshot {
    let process = Some("agent.exe".to_owned());
    let mut look = with(windows(), sockets).with_process(unit_process(7, "agent.exe", "Agent"));
    look.load.handles = vec![Handles { pid: 7, process, handles: handles + 400, sockets: Some(handles) }];
    look
}

#[test]
fn socket_handles_that_have_no_socket_are_a_leak() {
    let judgement = at_once(with_handles(2600, connected(50_000..50_010, "10.0.0.9:443")), &given());
    stands(&judgement, Standing::Leak, Confidence::Likely);
    let verdict = &judgement.diagnosis.verdict;
    assert_eq!(judgement.diagnosis.owners[0].pid, Some(7));
    assert_eq!(verdict.headline, "Agent takes sockets and does not give them back");
    assert!(
        verdict.explanation.starts_with("It has 2600 socket handles, and 10 sockets in the table"),
        "{}",
        verdict.explanation
    );
    let fact = |text: &str| verdict.evidence.iter().any(|own| own.fact == text);
    assert!(fact("agent.exe has 2600 socket handles and 10 sockets in the table"), "{:#?}", verdict.evidence);
}

#[test]
fn socket_handles_that_have_their_sockets_are_none() {
    let judgement = at_once(with_handles(1300, connected(50_000..51_000, "10.0.0.9:443")), &given());
    stands(&judgement, Standing::NotExhausted, Confidence::Certain);
}

#[test]
fn a_leak_that_the_handles_tell_as_well_is_certain_at_the_first_look() {
    let sockets = || (50_000..50_100).map(|port| tcp(&format!("0.0.0.0:{port}"), SocketState::Bound, &[7]));
    stands(&at_once(with_handles(150, sockets()), &given()), Standing::Leak, Confidence::Likely);
    let surer = at_once(with_handles(2600, sockets()), &given());
    stands(&surer, Standing::Leak, Confidence::Certain);
    let explanation = &surer.diagnosis.verdict.explanation;
    assert!(explanation.contains("100 of its sockets are bound") && explanation.contains("2600 socket handles"), "{explanation}");
}

#[test]
fn without_a_process_in_the_table_its_handles_still_name_it() {
    let mut look = with_handles(2600, [listener("0.0.0.0:445", &[4])]);
    look.processes.remove(&7);
    let judgement = at_once(look, &given());
    stands(&judgement, Standing::Leak, Confidence::Likely);
    assert_eq!(judgement.diagnosis.verdict.headline, "agent.exe takes sockets and does not give them back");
}

#[test]
fn ipv4_and_ipv6_and_udp_are_told_apart() {
    let mut snapshot = with(narrow(), connected(40_000..40_010, "10.0.0.9:443"));
    snapshot.sockets.push(Socket { v6only: Some(false), ..tcp("[::]:40050", SocketState::Listen, &[7]) });
    snapshot.sockets.push(tcp("[::ffff:10.0.0.5]:40060", SocketState::Established, &[7]));
    let sample = Sample::of(&snapshot, &Memory::default());
    let in_use: Vec<u32> = sample.ranges.iter().map(|own| own.in_use).collect();
    assert_eq!(in_use, [12, 1, 0, 0], "TCP over IPv4 and IPv6, UDP over both");
}

#[test]
fn a_complaint_is_answered_by_the_use_of_the_range() {
    let symptom = Symptom { complaint: Complaint::read("domain sign-in fails but local works"), ..Symptom::default() };
    let full = diagnose(&with(narrow(), bound(40_000..40_100)), &symptom).verdict;
    assert_eq!((full.cause, full.confidence), (Cause::Exhausted, Confidence::Certain));
    let nearly = diagnose(&with(narrow(), bound(40_000..40_093)), &symptom).verdict;
    assert_eq!((nearly.cause, nearly.confidence), (Cause::Exhausted, Confidence::Likely));
    assert!(nearly.explanation.contains("domain controller"), "{}", nearly.explanation);
    let free = diagnose(&with(narrow(), bound(40_000..40_010)), &symptom).verdict;
    assert_eq!((free.cause, free.confidence), (Cause::NotAPortProblem, Confidence::Likely));
    let unseen = diagnose(&narrow(), &symptom).verdict;
    assert_eq!(unseen.cause, Cause::Unknown);
}

#[test]
fn two_hundred_thousand_sockets_are_judged_in_one_pass() {
    let mut snapshot = linux().with_process(unit_process(7, "agent", "agent.service"));
    snapshot.dynamic_ranges[0].range = PortRange::new(1024, 65_535).unwrap();
    for remote in 0..4_u16 {
        let remote = format!("10.0.1.{remote}:443");
        let ports = (10_000..60_000_u16).map(|port| connection(&format!("10.0.0.5:{port}"), &remote, &[7]));
        snapshot.sockets.extend(ports);
    }
    let judgement = at_once(snapshot, &given());
    assert_eq!(judgement.standing, Standing::NotExhausted, "the same ports serve four destinations");
    assert_eq!(judgement.forecasts.len(), 4);
}

#[test]
fn few_ports_that_are_left_are_not_called_enough() {
    let found = at_once(with(narrow(), connected(40_000..40_095, "10.0.0.9:443")), &given());
    assert_eq!(found.standing, Standing::NotExhausted);
    assert_eq!(found.diagnosis.verdict.headline, "Few ports are left for outgoing connections");
}
