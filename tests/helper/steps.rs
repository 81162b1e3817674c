//! Plans on a computer that plays along, and on one that is not as planned.

use portmedic::helper::Ended;
use portmedic::helper::protocol::{Job, Reply};
use portmedic::machine::ServiceState;
use portmedic::remedy::{OperationState, StepResult};

use crate::computer::Computer;
use crate::run::{Ledger, add, apply, article, close, end_process, plan, restart, run, set_range, stop};

#[test]
fn every_step_is_done_and_read_back_in_order() {
    let (computer, mut ledger) = (Computer::new(), Ledger::default());
    let heard = apply(&computer, &mut ledger, &article());
    assert_eq!(heard.ended, Ended::Complete);
    assert_eq!(heard.results(), [StepResult::Done; 3]);
    let facts = computer.facts();
    assert_eq!((facts.excluded.to_string().as_str(), facts.connections.len()), ("1433,3000", 0));
    assert_eq!(facts.services["db.service"], ServiceState::Running);
    let words: Vec<_> = heard
        .replies
        .iter()
        .map(|reply| match reply {
            Reply::StepStarted { index } => format!("started {index}"),
            Reply::StepFinished { index, .. } => format!("finished {index}"),
            Reply::Finished { .. } => "over".to_owned(),
            other => format!("{other:?}"),
        })
        .collect();
    assert_eq!(words, ["started 0", "finished 0", "started 1", "finished 1", "started 2", "finished 2", "over"]);
}

#[test]
fn the_journal_tells_what_was_before_and_after() {
    let (computer, mut ledger) = (Computer::new(), Ledger::default());
    let heard = apply(&computer, &mut ledger, &article());
    let entries = portmedic::helper::journal::Journal::entries(&mut ledger).unwrap();
    assert_eq!(heard.entry(), Some(entries[0].id.as_str()));
    assert!(entries[0].finished && entries[0].can_be_undone());
    let OperationState::Exclusions { active: before, .. } = entries[0].steps[0].record.before.as_ref().unwrap() else { panic!() };
    let OperationState::Exclusions { active: after, .. } = entries[0].steps[0].record.after.as_ref().unwrap() else { panic!() };
    assert_eq!((before.to_string(), after.to_string()), ("3000".to_owned(), "1433,3000".to_owned()));
}

#[test]
fn what_is_done_already_is_no_surprise_and_leaves_nothing_to_undo() {
    let (computer, mut ledger) = (Computer::new(), Ledger::default());
    let request = plan(&computer, &[close(), end_process(), add("3000"), stop("web.service")]);
    computer.meddle(|facts| {
        facts.connections.clear();
        facts.processes.clear();
        facts.services.insert("web.service".to_owned(), ServiceState::Stopped);
    });
    let heard = run(&computer, &mut ledger, &request);
    assert_eq!(heard.results(), [StepResult::AlreadyDone; 4]);
    assert_eq!((heard.ended, heard.entry(), computer.changes()), (Ended::Complete, None, 0));
}

#[test]
fn a_restart_is_done_although_the_service_runs() {
    let (computer, mut ledger) = (Computer::new(), Ledger::default());
    assert_eq!(apply(&computer, &mut ledger, &[restart("web.service")]).results(), [StepResult::Done]);
    assert_eq!(computer.changes(), 1);
}

#[test]
fn a_state_that_changed_since_the_plan_was_made_refuses_the_whole_plan() {
    let (computer, mut ledger) = (Computer::new(), Ledger::default());
    // The changed thing is in the last step: nothing before it is done either.
    let request = plan(&computer, &[close(), restart("db.service"), add("1433")]);
    computer.meddle(|facts| facts.excluded.insert("9000".parse().unwrap()));
    let heard = run(&computer, &mut ledger, &request);
    assert!(heard.refusal().contains("9000 added"), "{}", heard.refusal());
    assert_eq!((heard.ended, computer.changes()), (Ended::Refused, 0));
}

#[test]
fn a_service_that_fails_again_and_again_may_be_in_another_state_than_planned() {
    let (computer, mut ledger) = (Computer::new(), Ledger::default());
    computer.meddle(|facts| {
        facts.services.insert("db.service".to_owned(), ServiceState::Restarting);
    });
    let request = plan(&computer, &article());
    computer.meddle(|facts| {
        facts.services.insert("db.service".to_owned(), ServiceState::Starting);
    });
    assert_eq!(run(&computer, &mut ledger, &request).results(), [StepResult::Done; 3]);
}

#[test]
fn a_service_that_came_up_when_its_port_was_freed_is_no_surprise() {
    let computer = Computer::new().meddled_with_after(1, |facts| {
        facts.services.insert("db.service".to_owned(), ServiceState::Running);
    });
    assert_eq!(apply(&computer, &mut Ledger::default(), &article()).results(), [StepResult::Done; 3]);
}

#[test]
fn two_steps_on_the_same_list_do_not_surprise_each_other() {
    let (computer, mut ledger) = (Computer::new(), Ledger::default());
    let heard = apply(&computer, &mut ledger, &[add("1433"), add("8080-8090"), set_range("20000-29999")]);
    assert_eq!(heard.results(), [StepResult::Done; 3]);
    assert_eq!(computer.facts().excluded.to_string(), "1433,3000,8080-8090");
}

#[test]
fn a_change_by_somebody_else_between_two_steps_ends_the_plan() {
    let computer = Computer::new().meddled_with_after(0, |facts| facts.range = "40000-50000".parse().unwrap());
    let heard = apply(&computer, &mut Ledger::default(), &[close(), set_range("20000-29999"), restart("db.service")]);
    assert_eq!(heard.results(), [StepResult::Done, StepResult::Refused, StepResult::NotRun]);
    assert_eq!(computer.facts().range.to_string(), "40000-50000", "theirs stays");
    assert_eq!(heard.ended, Ended::Early);
}

#[test]
fn a_request_is_taken_once_also_where_the_computer_is_as_it_was() {
    let (computer, mut ledger) = (Computer::new(), Ledger::default());
    let request = plan(&computer, &[add("1433")]);
    let entry = run(&computer, &mut ledger, &request).entry().expect("an entry").to_owned();
    crate::run::undo(&computer, &mut ledger, &entry);
    let changes = computer.changes();
    let heard = run(&computer, &mut ledger, &request);
    assert!(heard.refusal().contains("taken before") && heard.refusal().contains(&entry), "{}", heard.refusal());
    assert_eq!((heard.ended, computer.changes()), (Ended::Refused, changes));
}

#[test]
fn an_unknown_service_refuses_the_whole_plan() {
    let computer = Computer::new();
    let mut request = plan(&computer, &[close(), restart("db.service")]);
    let Job::Apply { steps, .. } = &mut request.job else { panic!() };
    steps[1].action = restart("other.service");
    let heard = run(&computer, &mut Ledger::default(), &request);
    assert!(heard.refusal().contains("other.service"));
    assert_eq!(computer.changes(), 0);
}
