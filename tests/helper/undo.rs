//! Changes are taken back exactly, or not at all.

use portmedic::helper::Ended;
use portmedic::helper::journal::{Entry, Journal, Record};
use portmedic::machine::{PortRange, ServiceState};
use portmedic::remedy::{Operation, StepRecord, StepResult};

use crate::computer::{Computer, Facts};
use crate::run::{Ledger, add, apply, article, close, restart, set_range, stop, undo};

fn changed(computer: &Computer, ledger: &mut Ledger, operations: &[Operation]) -> String {
    apply(computer, ledger, operations).entry().expect("an entry").to_owned()
}

#[test]
fn everything_that_can_be_taken_back_is_in_reverse_order() {
    let (computer, mut ledger) = (Computer::new(), Ledger::default());
    let before = computer.facts();
    let operations = [stop("web.service"), add("1433"), add("8080"), set_range("20000-29999")];
    let entry = changed(&computer, &mut ledger, &operations);
    assert_ne!(computer.facts(), before);
    let heard = undo(&computer, &mut ledger, &entry);
    assert_eq!((heard.ended, heard.results()), (Ended::Complete, vec![StepResult::Done; 4]));
    assert_eq!(heard.records()[0].operation, operations[3]);
    assert_eq!(computer.facts(), before);
}

#[test]
fn an_entry_is_taken_back_once() {
    let (computer, mut ledger) = (Computer::new(), Ledger::default());
    let entry = changed(&computer, &mut ledger, &[add("1433")]);
    undo(&computer, &mut ledger, &entry);
    let changes = computer.changes();
    assert!(undo(&computer, &mut ledger, &entry).refusal().contains("already"));
    let second = ledger.entries().unwrap().pop().unwrap();
    assert!(!second.can_be_undone() && undo(&computer, &mut ledger, &second.id).refusal().contains("took another change back"));
    assert_eq!(computer.changes(), changes);
}

#[test]
fn what_cannot_be_taken_back_is_told_and_does_not_hold_up_the_rest() {
    let (computer, mut ledger) = (Computer::new(), Ledger::default());
    let entry = changed(&computer, &mut ledger, &article());
    let heard = undo(&computer, &mut ledger, &entry);
    assert_eq!(heard.ended, Ended::Complete);
    let facts = computer.facts();
    assert_eq!((facts.excluded.to_string().as_str(), facts.connections.len()), ("3000", 0));
    assert_eq!(facts.services["db.service"], ServiceState::Running, "a restart leaves nothing to take back");
    assert!(heard.records()[1].message.as_deref().is_some_and(|text| text.contains("closed connection")));
}

#[test]
fn an_entry_of_which_nothing_can_be_taken_back_is_refused() {
    let (computer, mut ledger) = (Computer::new(), Ledger::default());
    let entry = changed(&computer, &mut ledger, &[close()]);
    assert!(undo(&computer, &mut ledger, &entry).refusal().contains("closed connection"));
}

#[test]
fn a_later_change_by_somebody_else_refuses_the_whole_undo() {
    let (computer, mut ledger) = (Computer::new(), Ledger::default());
    let entry = changed(&computer, &mut ledger, &[set_range("20000-29999"), add("1433")]);
    computer.meddle(|facts| facts.range = "40000-50000".parse().unwrap());
    let before = computer.facts();
    let heard = undo(&computer, &mut ledger, &entry);
    assert!(heard.refusal().contains("40000-50000"), "{}", heard.refusal());
    assert_eq!(computer.facts(), before);
}

#[test]
fn a_later_change_of_our_own_must_be_taken_back_first() {
    let (computer, mut ledger) = (Computer::new(), Ledger::default());
    let first = changed(&computer, &mut ledger, &[add("1433")]);
    let second = changed(&computer, &mut ledger, &[add("8080")]);
    assert!(undo(&computer, &mut ledger, &first).refusal().contains("8080 added"));
    undo(&computer, &mut ledger, &second);
    assert_eq!(undo(&computer, &mut ledger, &first).ended, Ended::Complete);
    assert_eq!(computer.facts().excluded.to_string(), "3000");
}

#[test]
fn what_somebody_took_back_already_is_nothing_left_to_do() {
    let (computer, mut ledger) = (Computer::new(), Ledger::default());
    let entry = changed(&computer, &mut ledger, &[add("1433"), set_range("20000-29999")]);
    computer.meddle(LEFT_BEHIND[3]);
    assert_eq!(undo(&computer, &mut ledger, &entry).results(), [StepResult::Done, StepResult::AlreadyDone]);
}

#[test]
fn an_undo_that_fails_half_way_can_be_tried_again() {
    let (computer, mut ledger) = (Computer::new().failing_at(3), Ledger::default());
    let before = computer.facts();
    let entry = changed(&computer, &mut ledger, &[add("1433"), set_range("20000-29999")]);
    let heard = undo(&computer, &mut ledger, &entry);
    assert_eq!((heard.ended, heard.results()), (Ended::Early, vec![StepResult::Done, StepResult::Failed]));
    let heard = undo(&computer, &mut ledger, &entry);
    assert_eq!(heard.results(), [StepResult::AlreadyDone, StepResult::Done]);
    assert_eq!(computer.facts(), before);
    assert!(ledger.entries().unwrap()[0].undone.is_some());
}

#[test]
fn a_change_that_failed_without_effect_leaves_nothing_to_take_back() {
    let (computer, mut ledger) = (Computer::new().failing_at(1), Ledger::default());
    let before = computer.facts();
    let entry = changed(&computer, &mut ledger, &[add("1433"), set_range("20000-29999")]);
    assert_eq!(undo(&computer, &mut ledger, &entry).ended, Ended::Complete);
    assert_eq!(computer.facts(), before);
}

#[test]
fn a_restart_of_a_service_that_ran_leaves_it_running() {
    let (computer, mut ledger) = (Computer::new(), Ledger::default());
    let entry = changed(&computer, &mut ledger, &[restart("web.service"), add("1433")]);
    assert_eq!(undo(&computer, &mut ledger, &entry).ended, Ended::Complete);
    assert_eq!(computer.facts().services["web.service"], ServiceState::Running);
}

/// The journal of a helper that was ended right after it had written what it was about to do.
fn interrupted(computer: &Computer, ledger: &mut Ledger) -> String {
    let id = changed(computer, ledger, &[add("1433")]);
    let Entry { time, asker, title, steps, .. } = ledger.entries().expect("entries").remove(0);
    let StepRecord { operation, before: Some(before), .. } = steps[0].record.clone() else { panic!("{steps:?}") };
    *ledger = Ledger::default();
    for record in [
        Record::Begin {
            entry: id.clone(),
            time,
            request: "test".to_owned(),
            asker,
            title,
            undoes: None,
            purpose: None,
            boot: None,
        },
        Record::Intent { entry: id.clone(), time, index: 0, operation, before },
    ] {
        ledger.append(&record).expect("room in memory");
    }
    id
}

/// What a helper that was ended while it excluded 1433, or let it go again, may have left behind.
const LEFT_BEHIND: [fn(&mut Facts); 4] = [
    |_| (),
    |facts| facts.excluded_next.remove(PortRange::single(1433)),
    |facts| facts.excluded.remove(PortRange::single(1433)),
    |facts| {
        facts.excluded.remove(PortRange::single(1433));
        facts.excluded_next.remove(PortRange::single(1433));
    },
];

#[test]
fn a_step_in_which_the_helper_was_ended_is_taken_back_as_far_as_it_came() {
    for left_behind in LEFT_BEHIND {
        let (computer, mut ledger) = (Computer::new(), Ledger::default());
        let before = computer.facts();
        let entry = interrupted(&computer, &mut ledger);
        computer.meddle(left_behind);
        let heard = undo(&computer, &mut ledger, &entry);
        assert_eq!(heard.ended, Ended::Complete, "{heard:?}");
        assert_eq!(computer.facts(), before);
        assert!(ledger.entries().unwrap()[0].undone.is_some());
    }
}

#[test]
fn an_undo_in_which_the_helper_was_ended_can_be_tried_again() {
    for left_behind in LEFT_BEHIND {
        let (computer, mut ledger) = (Computer::new(), Ledger::default());
        let before = computer.facts();
        let entry = changed(&computer, &mut ledger, &[add("1433")]);
        computer.meddle(left_behind);
        assert_eq!(undo(&computer, &mut ledger, &entry).ended, Ended::Complete);
        assert_eq!(computer.facts(), before);
    }
}

#[test]
fn a_step_in_which_the_helper_was_ended_is_left_alone_where_somebody_changed_the_same_thing_since() {
    let meddling: [fn(&mut Facts); 3] = [
        |facts| facts.excluded.insert(PortRange::single(5000)),
        |facts| facts.excluded_next.insert(PortRange::single(5000)),
        |facts| facts.excluded.remove(PortRange::single(3000)),
    ];
    for (meddling, told) in meddling.into_iter().zip(["5000 added", "5000 added", "3000 taken out"]) {
        let (computer, mut ledger) = (Computer::new(), Ledger::default());
        let entry = interrupted(&computer, &mut ledger);
        computer.meddle(meddling);
        let left = computer.facts();
        let heard = undo(&computer, &mut ledger, &entry);
        assert!(heard.refusal().contains("was ended while") && heard.refusal().contains(told), "{}", heard.refusal());
        assert_eq!(computer.facts(), left);
    }
}

#[test]
fn an_unknown_entry_is_refused() {
    assert!(undo(&Computer::new(), &mut Ledger::default(), "20261121-1").refusal().contains("no entry 20261121-1"));
}
