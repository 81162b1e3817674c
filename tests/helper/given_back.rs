//! A service that a run stopped for the steps in between does not stay stopped, whatever ends the run early.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};

use portmedic::helper::journal::{Asker, Journal};
use portmedic::helper::{Ended, Executor};
use portmedic::machine::ServiceState;
use portmedic::remedy::{Operation, StepResult};

use crate::computer::Computer;
use crate::run::{Heard, Ledger, add, apply, plan, run, run_for, start, stop, undo};

use StepResult::{Done, Failed, NotRun, NotVerified};

const WEB: &str = "web.service";

/// The plan of an audit on Windows: a port in use is excluded while the service that has it is stopped.
fn around() -> Vec<Operation> {
    vec![stop(WEB), add("1433"), add("8080"), start(WEB)]
}

fn runs(computer: &Computer, service: &str) -> bool {
    computer.facts().services[service] == ServiceState::Running
}

/// What is told of the last step.
fn last_words(heard: &Heard) -> &str {
    heard.records().last().and_then(|record| record.message.as_deref()).expect("a message")
}

#[test]
fn it_is_started_again_where_a_step_in_between_could_not_be_done() {
    for (at, expected) in [(1, [Done, Failed, NotRun, Done]), (2, [Done, Done, Failed, Done])] {
        let (computer, mut ledger) = (Computer::new().failing_at(at), Ledger::default());
        let heard = apply(&computer, &mut ledger, &around());
        assert_eq!((heard.ended, heard.results()), (Ended::Early, expected.to_vec()));
        assert!(runs(&computer, WEB), "step {at} failed");
        assert!(last_words(&heard).contains("started again"), "{}", last_words(&heard));
        let written = ledger.entries().unwrap().remove(0).steps;
        assert_eq!(written.iter().map(|step| step.record.result).collect::<Vec<_>>(), expected);
    }
    let computer = Computer::new().lying_at(1);
    assert_eq!(apply(&computer, &mut Ledger::default(), &around()).results(), [Done, NotVerified, NotRun, Done]);
    assert!(runs(&computer, WEB));
}

#[test]
fn what_was_stopped_and_started_again_leaves_nothing_to_take_back() {
    let (computer, mut ledger) = (Computer::new().failing_at(1), Ledger::default());
    let heard = apply(&computer, &mut ledger, &around());
    assert_eq!(heard.entry(), None);
    let entry = ledger.entries().unwrap().remove(0);
    assert!(entry.has_changed() && !entry.has_left_something() && !entry.can_be_undone());
    let changes = computer.changes();
    assert!(undo(&computer, &mut ledger, &entry.id).refusal().contains("started again"));
    assert_eq!(computer.changes(), changes);
}

#[test]
fn what_was_changed_before_the_failure_is_taken_back_as_ever() {
    let (computer, mut ledger) = (Computer::new().failing_at(2), Ledger::default());
    let before = computer.facts();
    let entry = apply(&computer, &mut ledger, &around()).entry().expect("an exclusion").to_owned();
    assert_eq!(undo(&computer, &mut ledger, &entry).ended, Ended::Complete);
    assert_eq!(computer.facts(), before);
}

#[test]
fn a_service_that_the_run_did_not_stop_is_left_as_it_is() {
    // It had failed before, so there was nothing to stop.
    let computer = Computer::new().failing_at(0);
    let heard = apply(&computer, &mut Ledger::default(), &[stop("db.service"), add("1433"), start("db.service")]);
    assert_eq!(heard.results(), [StepResult::AlreadyDone, Failed, NotRun]);
    // Another one was stopped.
    let computer = Computer::new().failing_at(1);
    assert_eq!(
        apply(&computer, &mut Ledger::default(), &[stop(WEB), add("1433"), start("db.service")]).results(),
        [Done, Failed, NotRun]
    );
    assert!(!runs(&computer, WEB), "the plan does not have it run again");
    // It could not be stopped.
    let computer = Computer::new().failing_at(0);
    assert_eq!(apply(&computer, &mut Ledger::default(), &around()).results(), [Failed, NotRun, NotRun, NotRun]);
    assert_eq!(computer.changes(), 1);
}

#[test]
fn a_service_that_stopped_along_with_it_is_started_again_too() {
    let computer = Computer::new().with_dependant(WEB, "shop.service").failing_at(1);
    let mut ledger = Ledger::default();
    let steps = [stop(WEB), add("1433"), start(WEB), start("shop.service")];
    let heard = apply(&computer, &mut ledger, &steps);
    assert_eq!(heard.results(), [Done, Failed, Done, Done]);
    assert!(runs(&computer, WEB) && runs(&computer, "shop.service"));
    assert!(!ledger.entries().unwrap()[0].can_be_undone());
}

#[test]
fn a_service_that_could_not_be_started_again_is_told_and_can_be_taken_back() {
    let (computer, mut ledger) = (Computer::new().with_dependant(WEB, "shop.service").failing_at(2), Ledger::default());
    computer.meddle(|facts| facts.needed_by.clear());
    let heard = apply(&computer, &mut ledger, &[stop(WEB), start("shop.service"), add("1433"), start(WEB)]);
    assert_eq!(heard.results(), [Done, StepResult::AlreadyDone, Done, Failed]);
    let entry = heard.entry().expect("a change").to_owned();
    assert!(last_words(&heard).contains("the test wants it so"));
    undo(&computer, &mut ledger, &entry);
    assert!(runs(&computer, WEB));
}

#[test]
fn a_wish_to_stop_and_a_closed_window_do_not_leave_it_stopped() {
    let computer = Computer::new();
    let request = plan(&computer, &around());
    let asked = AtomicUsize::new(0);
    let executor = |stop: &dyn Fn() -> bool| {
        let mut ledger = Ledger::default();
        let nobody = Asker::default();
        Executor { platform: &computer, journal: &mut ledger, asker: nobody, stop, reply: &mut |_| io::Result::Ok(()) }
            .run(&request)
    };
    assert_eq!(executor(&|| asked.fetch_add(1, Ordering::Relaxed) > 0), Ended::Early);
    assert!(runs(&computer, WEB) && computer.changes() == 2);
    for listens in 0..8 {
        let computer = Computer::new();
        let request = plan(&computer, &around());
        run_for(&computer, &mut Ledger::default(), &request, listens);
        assert!(runs(&computer, WEB), "after {listens} replies");
    }
}

#[test]
fn it_is_started_again_even_where_nothing_can_be_written_down_any_more() {
    // Begin, then for each step what is about to be done and what became of it.
    for room_for in 0..9 {
        let computer = Computer::new();
        let mut ledger = Ledger { room_for: Some(room_for), ..Ledger::default() };
        let request = plan(&computer, &around());
        let heard = run(&computer, &mut ledger, &request);
        assert!(runs(&computer, WEB), "with room for {room_for} records: {heard:?}");
        // The journal is true: taking back what it tells leaves the computer as it was.
        ledger.room_for = None;
        let entry = ledger.entries().unwrap().pop();
        if let Some(entry) = entry.filter(portmedic::helper::journal::Entry::can_be_undone) {
            assert_eq!(undo(&computer, &mut ledger, &entry.id).ended, Ended::Complete, "with room for {room_for} records");
        }
        assert_eq!(computer.facts(), Computer::new().facts(), "with room for {room_for} records");
    }
}

#[test]
fn an_undo_that_stops_it_does_not_leave_it_stopped_either() {
    for at in 0..4 {
        let computer = Computer::new().with_dependant(WEB, "shop.service").failing_at(5 + at);
        let mut ledger = Ledger::default();
        let steps = [stop(WEB), add("1433"), start(WEB), start("shop.service"), add("8080")];
        let entry = apply(&computer, &mut ledger, &steps).entry().expect("an entry").to_owned();
        assert_eq!(undo(&computer, &mut ledger, &entry).ended, Ended::Early);
        assert!(runs(&computer, WEB) && runs(&computer, "shop.service"), "change {at} of the undo failed");
        // And it can be tried again.
        assert_eq!(undo(&computer, &mut ledger, &entry).ended, Ended::Complete);
        assert!(runs(&computer, WEB) && runs(&computer, "shop.service"));
        assert_eq!(computer.facts().excluded.to_string(), "3000");
    }
}
