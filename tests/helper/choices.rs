//! Where somebody changed the same thing since, the user chooses: only PortMedic's own part, everything, or nothing.

use portmedic::helper::Ended;
use portmedic::helper::journal::{Entry, Journal};
use portmedic::helper::protocol::Job;
use portmedic::machine::{PortRange, ServiceState};
use portmedic::platform::Platform;
use portmedic::remedy::{Operation, OperationState, StepResult, Stores, UndoMode};

use crate::computer::Computer;
use crate::run::{Heard, Ledger, add, apply, request, run, set_range, stop};

fn changed(computer: &Computer, ledger: &mut Ledger, operations: &[Operation]) -> String {
    apply(computer, ledger, operations).entry().expect("an entry").to_owned()
}

fn named(ledger: &mut Ledger, id: &str) -> Entry {
    ledger.entries().expect("entries").into_iter().find(|entry| entry.id == id).expect("the entry")
}

/// What the user sees of an entry now.
fn seen(computer: &Computer, ledger: &mut Ledger, id: &str) -> Vec<OperationState> {
    let steps = named(ledger, id).to_take_back();
    steps.iter().map(|step| computer.state_of(&step.operation).expect("a state")).collect()
}

fn choose(computer: &Computer, ledger: &mut Ledger, id: &str, mode: UndoMode, seen: Vec<OperationState>) -> Heard {
    let job = Job::Undo { entry: id.to_owned(), mode, seen };
    run(computer, ledger, &request(job))
}

fn undo_as(computer: &Computer, ledger: &mut Ledger, id: &str, mode: UndoMode) -> Heard {
    let seen = seen(computer, ledger, id);
    choose(computer, ledger, id, mode, seen)
}

fn somebody_adds(computer: &Computer, ports: &str) {
    let range: PortRange = ports.parse().expect("ports");
    computer.meddle(|facts| {
        facts.excluded.insert(range);
        facts.excluded_next.insert(range);
    });
}

fn remove(ports: &str) -> Operation {
    Operation::RemoveExclusion { range: ports.parse().expect("ports"), protocol: None, stores: Stores::Both }
}

#[test]
fn only_what_portmedic_added_is_taken_back_and_the_rest_stays() {
    let (computer, mut ledger) = (Computer::new(), Ledger::default());
    let id = changed(&computer, &mut ledger, &[add("1430-1435")]);
    somebody_adds(&computer, "30000");
    computer.meddle(|facts| facts.excluded.remove("1432".parse().unwrap()));
    let heard = undo_as(&computer, &mut ledger, &id, UndoMode::OwnOnly);
    assert_eq!((heard.ended, heard.results()), (Ended::Complete, vec![StepResult::Done]));
    let facts = computer.facts();
    assert_eq!((facts.excluded.to_string(), facts.excluded_next.to_string()), ("3000,30000".to_owned(), "3000,30000".to_owned()));
    assert!(named(&mut ledger, &id).undone.is_some());
}

#[test]
fn only_what_portmedic_took_out_comes_back_and_the_rest_stays() {
    let (computer, mut ledger) = (Computer::new(), Ledger::default());
    let id = changed(&computer, &mut ledger, &[remove("3000")]);
    somebody_adds(&computer, "30000");
    assert_eq!(undo_as(&computer, &mut ledger, &id, UndoMode::OwnOnly).ended, Ended::Complete);
    assert_eq!(computer.facts().excluded.to_string(), "3000,30000");
}

#[test]
fn everything_is_as_before_and_what_others_did_is_lost() {
    let (computer, mut ledger) = (Computer::new(), Ledger::default());
    let before = computer.facts();
    let id = changed(&computer, &mut ledger, &[add("1433"), set_range("20000-29999")]);
    somebody_adds(&computer, "30000");
    computer.meddle(|facts| facts.range = "40000-50000".parse().unwrap());
    assert_eq!(undo_as(&computer, &mut ledger, &id, UndoMode::Everything).results(), [StepResult::Done; 2]);
    assert_eq!(computer.facts(), before);
}

#[test]
fn a_plan_of_many_steps_gives_its_own_part_back_in_reverse_order() {
    let (computer, mut ledger) = (Computer::new(), Ledger::default());
    let id = changed(&computer, &mut ledger, &[stop("web.service"), add("1433"), add("8080")]);
    somebody_adds(&computer, "30000");
    let heard = undo_as(&computer, &mut ledger, &id, UndoMode::OwnOnly);
    assert_eq!((heard.ended, heard.results()), (Ended::Complete, vec![StepResult::Done; 3]));
    assert_eq!(heard.records()[0].operation, add("8080"));
    let facts = computer.facts();
    assert_eq!((facts.excluded.to_string().as_str(), facts.services["web.service"]), ("3000,30000", ServiceState::Running));
}

#[test]
fn an_earlier_change_of_our_own_goes_without_touching_a_later_one() {
    let (computer, mut ledger) = (Computer::new(), Ledger::default());
    let first = changed(&computer, &mut ledger, &[add("1433")]);
    let second = changed(&computer, &mut ledger, &[add("8080")]);
    undo_as(&computer, &mut ledger, &first, UndoMode::OwnOnly);
    assert_eq!(computer.facts().excluded.to_string(), "3000,8080");
    undo_as(&computer, &mut ledger, &second, UndoMode::OwnOnly);
    assert_eq!(computer.facts().excluded.to_string(), "3000");
}

#[test]
fn a_port_that_a_later_change_asked_for_too_stays_until_that_one_is_taken_back() {
    let (computer, mut ledger) = (Computer::new(), Ledger::default());
    let first = changed(&computer, &mut ledger, &[add("1433")]);
    let second = changed(&computer, &mut ledger, &[add("1433-1434")]);
    let heard = undo_as(&computer, &mut ledger, &first, UndoMode::OwnOnly);
    assert!(heard.refusal().contains(&second), "{}", heard.refusal());
    undo_as(&computer, &mut ledger, &second, UndoMode::OwnOnly);
    assert_eq!(undo_as(&computer, &mut ledger, &first, UndoMode::OwnOnly).ended, Ended::Complete);
    assert_eq!(computer.facts().excluded.to_string(), "3000");
}

#[test]
fn nothing_is_lost_that_the_user_did_not_see() {
    for mode in [UndoMode::OwnOnly, UndoMode::Everything] {
        let (computer, mut ledger) = (Computer::new(), Ledger::default());
        let id = changed(&computer, &mut ledger, &[add("1433")]);
        somebody_adds(&computer, "30000");
        let seen = seen(&computer, &mut ledger, &id);
        somebody_adds(&computer, "30001");
        let left = computer.facts();
        let heard = choose(&computer, &mut ledger, &id, mode, seen);
        assert!(heard.refusal().contains("30001 added"), "{}", heard.refusal());
        assert!(choose(&computer, &mut ledger, &id, mode, Vec::new()).refusal().contains("what was seen"));
        assert_eq!(computer.facts(), left);
    }
}

#[test]
fn what_somebody_changes_while_it_is_taken_back_stays() {
    // The first change is the exclusion, the second the service's start; the third is the undo of that start.
    let meddling = |facts: &mut crate::computer::Facts| facts.excluded.insert(PortRange::single(40_000));
    let (computer, mut ledger) = (Computer::new().meddled_with_after(2, meddling), Ledger::default());
    let id = changed(&computer, &mut ledger, &[add("1433"), stop("web.service")]);
    somebody_adds(&computer, "30000");
    let heard = undo_as(&computer, &mut ledger, &id, UndoMode::Everything);
    assert_eq!(heard.results(), [StepResult::Done, StepResult::Refused]);
    assert_eq!(computer.facts().excluded.to_string(), "1433,3000,30000,40000");
    assert!(named(&mut ledger, &id).can_be_undone());
}

#[test]
fn a_setting_of_which_nothing_is_our_own_any_more_has_no_own_part() {
    let (computer, mut ledger) = (Computer::new(), Ledger::default());
    let id = changed(&computer, &mut ledger, &[set_range("20000-29999")]);
    computer.meddle(|facts| facts.range = "40000-50000".parse().unwrap());
    assert!(undo_as(&computer, &mut ledger, &id, UndoMode::OwnOnly).refusal().contains("left to take back"));
    assert_eq!(computer.facts().range.to_string(), "40000-50000");
}

#[test]
fn the_journal_holds_what_was_read_at_the_end_of_a_run() {
    let (computer, mut ledger) = (Computer::new(), Ledger::default());
    let id = changed(&computer, &mut ledger, &[stop("web.service"), add("1433")]);
    let outcomes = |entry: &Entry| -> Vec<_> {
        entry.steps.iter().map(|step| step.check.as_ref().map(|check| check.outcome.as_str())).collect()
    };
    assert_eq!(outcomes(&named(&mut ledger, &id)), [Some("passed"); 2]);
    // The second step of the plan makes the service run again, behind PortMedic's back.
    let starts = |facts: &mut crate::computer::Facts| {
        facts.services.insert("web.service".to_owned(), ServiceState::Running);
    };
    let (computer, mut ledger) = (Computer::new().meddled_with_after(1, starts), Ledger::default());
    let id = changed(&computer, &mut ledger, &[stop("web.service"), add("1433")]);
    assert_eq!(outcomes(&named(&mut ledger, &id)), [Some("not passed"), Some("passed")]);
}
