//! The proof: fixed, not fixed, could not check, each for its reason.

use portmedic::diagnosis::{Diagnosis, Symptom, diagnose};
use portmedic::machine::{BindResult, Process, Protocol, Service, ServiceState, Snapshot, Socket, SocketState, Store};
use portmedic::remedy::{CheckOutcome, FixOption, Operation, Outcome, Stores, Verification, plan, single_step, verify};

use crate::machine::{With, connection, failed, linux, listener, process, range, running, systemd, unit, unit_process};
use crate::verdicts::{client_on_1433, in_use, of_service, port};

const TCP: Protocol = Protocol::Tcp;
const DRAWN: [u16; 3] = [5_000, 6_000, 7_000];

/// The look before, what was found, and the recommended way out.
struct Fix {
    before: Snapshot,
    diagnosis: Diagnosis,
    option: FixOption,
}

impl Fix {
    fn of(before: Snapshot, symptom: &Symptom) -> Self {
        let diagnosis = diagnose(&before, symptom);
        let option = plan(&before, symptom, &diagnosis).options.remove(0);
        Self { before, diagnosis, option }
    }

    fn verify(&self, after: &Snapshot) -> Verification {
        verify(&self.before, after, &self.diagnosis, &self.option, Ok(&DRAWN))
    }

    fn outcome(&self, after: &Snapshot) -> Outcome {
        self.verify(after).outcome
    }
}

fn sql() -> Fix {
    Fix::of(client_on_1433(), &of_service("demo-db.service", 1433))
}

/// Everything as promised: the service runs and listens, the port is excluded, the connection is gone.
fn healed() -> Snapshot {
    linux()
        .with_dynamic_range(1024, 15000)
        .with_exclusion(1433)
        .with_process(unit_process(85, "srv", "demo-db.service"))
        .with_service(running("demo-db.service", 85))
        .with_socket(listener("0.0.0.0:1433", &[85]))
        .with_bind_tests(TCP, 1433, BindResult::InUse)
}

fn row<'a>(verification: &'a Verification, what: &str) -> &'a portmedic::remedy::Check {
    let found = verification.checks.iter().find(|check| check.what == what);
    found.unwrap_or_else(|| panic!("no row {what} in {:#?}", verification.checks))
}

#[test]
fn a_service_that_runs_and_listens_with_its_port_kept_is_fixed() {
    let proof = sql().verify(&healed());
    assert_eq!((proof.outcome, proof.headline.as_str()), (Outcome::Fixed, "Fixed: demo-db runs and listens on 1433"));
    assert!(proof.checks.iter().all(|check| check.outcome == CheckOutcome::Passed), "{:#?}", proof.checks);
    let service = row(&proof, "demo-db");
    assert_eq!((service.before.as_str(), service.now.as_str()), ("failed (exit-code)", "running, PID 85"));
    let port = row(&proof, "Port 1433 TCP");
    assert_eq!((port.before.as_str(), port.now.as_str()), ("held by Backup Agent", "listening, demo-db"));
    assert_eq!(row(&proof, "Excluded ports, after a restart").now, "1433");
    assert_eq!(row(&proof, "Connection of Backup Agent").now, "closed");
}

#[test]
fn a_service_that_ended_again_is_not_fixed() {
    let after = Snapshot { services: vec![failed("demo-db.service", in_use())], ..healed() };
    let proof = sql().verify(&after);
    assert_eq!((proof.outcome, proof.headline.as_str()), (Outcome::NotFixed, "Not fixed: demo-db does not run"));
}

#[test]
fn a_service_that_runs_without_its_port_is_not_fixed() {
    let silent = Snapshot { sockets: Vec::new(), ..healed() };
    let proof = sql().verify(&silent);
    assert_eq!(proof.headline, "Not fixed: demo-db runs, but does not listen on 1433");

    let stranger = silent.with_process(process(9, "thief")).with_socket(listener("0.0.0.0:1433", &[9]));
    let proof = sql().verify(&stranger);
    assert_eq!((proof.outcome, row(&proof, "Port 1433 TCP").now.as_str()), (Outcome::NotFixed, "held by thief"));
}

#[test]
fn a_listener_that_was_not_seen_leaves_it_open() {
    let after = Snapshot { sockets: vec![listener("0.0.0.0:1433", &[])], ..healed() };
    assert_eq!(sql().outcome(&after), Outcome::CouldNotCheck);
}

#[test]
fn a_service_that_could_not_be_asked_for_leaves_it_open() {
    let after = Snapshot { services: Vec::new(), ..healed() };
    assert_eq!(sql().outcome(&after), Outcome::CouldNotCheck);
}

#[test]
fn an_exclusion_that_one_store_lacks_is_not_fixed() {
    for store in [Store::Active, Store::Persistent] {
        let mut after = healed();
        after.exclusions.retain(|exclusion| exclusion.store != store);
        assert_eq!(sql().outcome(&after), Outcome::NotFixed, "{store:?}");
    }
    let mut unread = healed();
    unread.exclusions.clear();
    unread.dynamic_ranges.clear();
    assert_eq!(sql().outcome(&unread), Outcome::CouldNotCheck);
}

#[test]
fn a_connection_that_is_still_there_is_not_fixed_and_a_new_one_is_another() {
    let old = client_on_1433().sockets.remove(0);
    let still = healed().with_socket(old.clone());
    assert_eq!(sql().outcome(&still), Outcome::NotFixed);
    let new = healed().with_socket(Socket { cookie: Some(43), ..old });
    assert_eq!(sql().outcome(&new), Outcome::Fixed);
}

/// Linux takes the connection of a socket that was bound by number, and leaves the socket bound with its old far end.
#[test]
fn a_socket_that_is_only_bound_is_no_connection_that_is_still_there() {
    let old = client_on_1433().sockets.remove(0);
    let bound = healed().with_socket(Socket { state: SocketState::Bound, ..old });
    let proof = sql().verify(&bound);
    let connection = proof.checks.iter().find(|check| check.what.starts_with("Connection")).unwrap();
    assert_eq!((connection.outcome, connection.now.as_str()), (CheckOutcome::Passed, "closed"));
}

#[test]
fn a_drawn_port_that_is_excluded_is_not_fixed_and_a_draw_that_could_not_run_is_a_remark() {
    let fix = sql();
    let ask = |samples| verify(&fix.before, &healed(), &fix.diagnosis, &fix.option, samples);
    assert_eq!(ask(Ok(&[5_000, 1433])).outcome, Outcome::NotFixed);
    assert_eq!(ask(Ok(&[60_000])).outcome, Outcome::NotFixed, "outside of the dynamic range");
    let remark = ask(Err("no port is left"));
    assert_eq!((remark.outcome, remark.checks.last().unwrap().outcome), (Outcome::Fixed, CheckOutcome::Remark));
}

#[test]
fn without_a_service_the_port_itself_is_the_proof() {
    let before = linux()
        .with_dynamic_range(1024, 15000)
        .with_process(process(64, "agent"))
        .with_socket(connection("127.0.0.1:1433", "127.0.0.1:900", &[64]))
        .with_bind_tests(TCP, 1433, BindResult::InUse);
    let fix = Fix::of(before, &port(1433));
    let after = linux().with_dynamic_range(1024, 15000).with_exclusion(1433);
    let proof = fix.verify(&after.clone().with_bind_tests(TCP, 1433, BindResult::Free));
    assert_eq!((proof.outcome, proof.headline.as_str()), (Outcome::Fixed, "Fixed: port 1433 is free and kept from clients"));

    let taken = after.clone().with_bind_tests(TCP, 1433, BindResult::InUse);
    let proof = fix.verify(&taken);
    assert_eq!((proof.outcome, proof.headline.as_str()), (Outcome::NotFixed, "Not fixed: port 1433 is still in use"));

    assert_eq!(fix.outcome(&after), Outcome::CouldNotCheck, "no bind test");
}

#[test]
fn a_port_on_which_only_finished_connections_rest_is_said_to_free_itself() {
    let held = linux().with_process(process(64, "agent")).with_socket(listener("127.0.0.1:1433", &[64]));
    let fix = Fix::of(held.with_bind_tests(TCP, 1433, BindResult::InUse), &port(1433));
    let rests = |far: &str, state, seconds: u32| Socket {
        state,
        expires_ms: Some(seconds * 1000),
        inode: None,
        ..connection("127.0.0.1:1433", far, &[])
    };
    let answered = |sockets: &[&Socket], answer| {
        let after = sockets.iter().fold(linux(), |after, socket| after.with_socket((*socket).clone()));
        fix.verify(&after.with_bind_tests(TCP, 1433, answer)).headline
    };
    let told = |sockets: &[&Socket]| answered(sockets, BindResult::InUse);
    let closed = rests("127.0.0.1:900", SocketState::TimeWait, 12);
    let half = rests("127.0.0.1:901", SocketState::FinWait2, 59);
    assert_eq!(told(&[&closed]), "Not fixed: a connection that is over keeps port 1433 for 12 more seconds; look again then");
    let both = told(&[&closed, &half]);
    assert!(both.contains("connections that are over keep port 1433 until the other side has closed too"), "{both}");

    let in_use = "Not fixed: port 1433 is still in use";
    let listens = listener("127.0.0.1:1433", &[64]);
    assert_eq!(told(&[&closed, &listens]), in_use);
    let kept_open = Socket { inode: Some(7), pids: [64].into(), ..half };
    assert_eq!(told(&[&kept_open]), in_use, "a program still has it");
    assert_eq!(answered(&[&closed], BindResult::Denied), in_use, "waiting does not help");
}

#[test]
fn an_ended_process_must_have_let_go() {
    let before = linux().with_process(process(6, "leaky")).with_socket(listener("127.0.0.1:8080", &[6])).with_bind_tests(
        TCP,
        8080,
        BindResult::InUse,
    );
    let fix = Fix::of(before, &port(8080));
    let gone = linux().with_bind_tests(TCP, 8080, BindResult::Free);
    assert_eq!(row(&fix.verify(&gone), "leaky (PID 6)").now, "gone");
    let still = linux().with_process(process(6, "leaky")).with_socket(listener("127.0.0.1:8080", &[6]));
    assert_eq!(fix.outcome(&still.with_bind_tests(TCP, 8080, BindResult::InUse)), Outcome::NotFixed);
    // The number was given to somebody else meanwhile.
    let other = Process { id: portmedic::machine::ProcessId { pid: 6, started: 9_999 }, ..process(6, "other") };
    assert_eq!(row(&fix.verify(&gone.with_process(other)), "leaky (PID 6)").now, "gone");
}

#[test]
fn a_holder_that_the_option_starts_again_must_run_again() {
    let symptom = of_service("demo-db.service", 1433);
    let before = client_on_1433();
    let diagnosis = diagnose(&before, &symptom);
    let around = plan(&before, &symptom, &diagnosis).options.remove(1);
    let fix = Fix { before, diagnosis, option: around };
    let backup = |state| Service { state, product: Some("Backup Agent".to_owned()), ..running("backup.service", 70) };
    assert_eq!(fix.outcome(&healed().with_service(backup(ServiceState::Running))), Outcome::Fixed);
    let proof = fix.verify(&healed().with_service(backup(ServiceState::Stopped)));
    assert_eq!((proof.outcome, proof.headline.as_str()), (Outcome::NotFixed, "Not fixed: Backup Agent: stopped"));
    assert_eq!(fix.outcome(&healed()), Outcome::Fixed, "what was not looked at decides nothing");
}

#[test]
fn steps_by_hand_prove_nothing_until_the_computer_shows_it() {
    let before = linux()
        .with_process(unit_process(9, "docker-proxy", "docker.service"))
        .with_service(failed("web.service", in_use()))
        .with_socket(listener("0.0.0.0:8080", &[9]))
        .with_bind_tests(TCP, 8080, BindResult::InUse);
    let fix = Fix::of(before.clone(), &of_service("web.service", 8080));
    let undone = fix.verify(&before);
    assert_eq!(undone.outcome, Outcome::CouldNotCheck);
    assert_eq!(undone.headline, "Not shown yet: do the steps by hand, then check again");

    let done = linux()
        .with_process(unit_process(30, "web", "web.service"))
        .with_service(running("web.service", 30))
        .with_socket(listener("0.0.0.0:8080", &[30]));
    assert_eq!(fix.verify(&done).headline, "Fixed: web runs and listens on 8080");

    let moved = before.clone();
    let moved = Snapshot { services: vec![running("web.service", 30)], ..moved };
    assert_eq!(fix.verify(&moved).headline, "Fixed: web runs");
}

#[test]
fn a_socket_unit_may_listen_in_place_of_its_service() {
    let before = linux().with_service(failed("web.service", in_use())).with_bind_tests(TCP, 8080, BindResult::Free);
    let fix = Fix::of(before, &of_service("web.service", 8080));
    let socket = Service { listens: vec![crate::machine::listen(TCP, 8080)], ..unit("web.socket") };
    let after = linux()
        .with_process(systemd())
        .with_service(socket)
        .with_service(Service { linked: vec!["web.socket".to_owned()], ..running("web.service", 30) })
        .with_socket(listener("[::]:8080", &[1]));
    assert_eq!(fix.outcome(&after), Outcome::Fixed);
}

#[test]
fn settings_alone_are_proven_by_both_stores() {
    let before = linux();
    let diagnosis = diagnose(&before, &Symptom::default());
    let option = |operation| {
        let mut option = sql().option;
        option.steps = vec![single_step(operation, &before)];
        option
    };
    let add = option(Operation::AddExclusion { range: range(1433, 1433), protocol: None, stores: Stores::Both });
    let proof = verify(&before, &linux().with_exclusion(1433), &diagnosis, &add, Ok(&[40_000]));
    assert_eq!(proof.headline, "Fixed: port 1433 is excluded, now and after a restart");

    let remove = option(Operation::RemoveExclusion { range: range(1433, 1433), protocol: None, stores: Stores::Active });
    assert_eq!(verify(&before, &linux().with_exclusion(1433), &diagnosis, &remove, Ok(&[])).outcome, Outcome::NotFixed);
    let proof = verify(&before, &linux(), &diagnosis, &remove, Ok(&[]));
    assert_eq!(proof.headline, "Fixed: port 1433 is no longer excluded until the next restart");

    let wanted = range(40_000, 50_000);
    let set = option(Operation::SetDynamicRange { range: wanted, protocol: None, family: None, stores: Stores::Both });
    let mut after = linux().with_dynamic_range(40_000, 50_000);
    assert_eq!(verify(&before, &after, &diagnosis, &set, Ok(&[40_001])).outcome, Outcome::NotFixed, "not persistent");
    let kept = portmedic::machine::DynamicRange { store: Store::Persistent, ..after.dynamic_ranges[0].clone() };
    after.dynamic_ranges.push(kept);
    let proof = verify(&before, &after, &diagnosis, &set, Ok(&[40_001]));
    assert_eq!(proof.headline, "Fixed: the dynamic range is 40000–50000, now and after a restart");
}

#[test]
fn a_right_that_was_given_shows_in_the_unit() {
    let told = crate::verdicts::failure(portmedic::machine::FailureKind::Privileged, "Permission denied");
    let before = linux().with_service(Service { may_bind_low_ports: Some(false), ..failed("web.service", told) });
    let fix = Fix::of(before, &of_service("web.service", 80));
    let after = |right| {
        linux()
            .with_service(Service { may_bind_low_ports: right, ..running("web.service", 30) })
            .with_socket(Socket { state: SocketState::Listen, ..listener("0.0.0.0:80", &[30]) })
    };
    assert_eq!(fix.outcome(&after(Some(true))), Outcome::Fixed);
    assert_eq!(fix.outcome(&after(None)), Outcome::Fixed, "it listens");
    assert_eq!(fix.outcome(&after(Some(false))), Outcome::NotFixed);
}
