//! Everything that can fail fails once, at every step.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};

use portmedic::helper::journal::{Asker, Journal};
use portmedic::helper::{Ended, Executor};
use portmedic::remedy::StepResult;

use crate::computer::Computer;
use crate::run::{Ledger, apply, article, plan, run, run_for};

#[test]
fn a_step_that_fails_ends_the_plan_wherever_it_is() {
    for at in 0..3 {
        let computer = Computer::new().failing_at(at);
        let heard = apply(&computer, &mut Ledger::default(), &article());
        let mut expected = [StepResult::NotRun; 3];
        expected[..at].fill(StepResult::Done);
        expected[at] = StepResult::Failed;
        assert_eq!(heard.results(), expected);
        assert_eq!((heard.ended, computer.changes()), (Ended::Early, at + 1));
        assert!(heard.records()[at].message.as_deref().is_some_and(|text| text.contains("the test wants it so")));
    }
}

#[test]
fn a_step_that_did_not_do_what_it_says_is_not_taken_for_done() {
    for at in 0..3 {
        let computer = Computer::new().lying_at(at);
        let heard = apply(&computer, &mut Ledger::default(), &article());
        assert_eq!(heard.results()[at], StepResult::NotVerified);
        assert!(heard.results()[at + 1..].iter().all(|result| *result == StepResult::NotRun));
    }
}

#[test]
fn nothing_is_done_that_cannot_be_written_down() {
    // Begin, then for each step what is about to be done and what became of it.
    for room_for in 0..7 {
        let computer = Computer::new();
        let mut ledger = Ledger { room_for: Some(room_for), ..Ledger::default() };
        let request = plan(&computer, &article());
        let heard = run(&computer, &mut ledger, &request);
        let written_down = room_for / 2;
        assert_eq!(computer.changes(), written_down, "with room for {room_for} records");
        assert_eq!(heard.ended == Ended::Complete, written_down == 3);
        let told = heard.records().iter().any(|record| record.message.as_deref().is_some_and(|text| text.contains("journal")));
        assert!(told || room_for == 0, "the journal's trouble is told");
    }
}

#[test]
fn when_nobody_listens_any_more_no_further_step_begins_and_the_journal_tells() {
    // Each step is announced and reported; the last step needs no listener to be worth doing.
    for (listens, changes) in [(0, 1), (1, 1), (2, 2), (3, 2), (4, 3)] {
        let (computer, mut ledger) = (Computer::new(), Ledger::default());
        let request = plan(&computer, &article());
        run_for(&computer, &mut ledger, &request, listens);
        assert_eq!(computer.changes(), changes, "after {listens} replies");
        let entry = ledger.entries().unwrap().remove(0);
        assert_eq!(entry.steps.iter().filter(|step| step.record.has_changed()).count(), changes);
        assert!(entry.finished);
    }
}

#[test]
fn a_wish_to_stop_is_heard_between_steps() {
    let computer = Computer::new();
    let request = plan(&computer, &article());
    let asked = AtomicUsize::new(0);
    let ended = Executor {
        platform: &computer,
        journal: &mut Ledger::default(),
        asker: Asker::default(),
        stop: &|| asked.fetch_add(1, Ordering::Relaxed) > 0,
        reply: &mut |_| io::Result::Ok(()),
    }
    .run(&request);
    assert_eq!((ended, computer.changes()), (Ended::Early, 1));
}
