//! What the session makes of a run: the Case tells what became of each step, whatever happens to the helper.

use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use portmedic::app::apply::{ApplyError, apply};
use portmedic::app::undo::{Undone, choose, prove, undo};
use portmedic::app::{Cancel, RunProgress};
use portmedic::case::Case;
use portmedic::diagnosis::{Cause, Confidence, Diagnosis, Symptom, Verdict};
use portmedic::helper::launch::{Elevator, InProcessElevator, LaunchError, Method, Tried};
use portmedic::helper::protocol::{Reply, Request};
use portmedic::machine::{Host, System};
use portmedic::platform::Platform;
use portmedic::remedy::{FixOption, Operation, Outcome, Plan, PreviewKind, Risk, Step, StepResult, UndoMode};

use crate::computer::Computer;
use crate::run::{add, article, close, restart};

/// A Case whose plan has one option with these steps.
fn case(computer: &Computer, operations: &[Operation]) -> Case {
    let step = |operation: &Operation| Step {
        title: operation.name().to_owned(),
        preview: format!("do {}", operation.name()),
        preview_kind: PreviewKind::Command,
        elevation: true,
        risk: Risk::Low,
        undo: None,
        check: String::new(),
        before: computer.state_of(operation).ok(),
        operation: operation.clone(),
    };
    let option = FixOption {
        title: "Fix it".to_owned(),
        effect: String::new(),
        recommended: true,
        risk: Risk::Low,
        reversible: String::new(),
        interrupts: String::new(),
        restart: String::new(),
        changes: Vec::new(),
        steps: operations.iter().map(step).collect(),
    };
    let verdict = Verdict {
        cause: Cause::HeldByClient,
        confidence: Confidence::Certain,
        confidence_because: String::new(),
        headline: String::new(),
        explanation: String::new(),
        next_step: String::new(),
        evidence: Vec::new(),
        notes: Vec::new(),
    };
    let diagnosis = Diagnosis { port: Some(1433), ..Diagnosis::of(verdict) };
    let host = Host { name: "server".to_owned(), user: "alice".to_owned(), ..Host::of(System::Linux) };
    let plan = Plan { options: vec![option] };
    Case::new(Timestamp::UNIX_EPOCH, host, "1433".to_owned(), Symptom::default(), diagnosis, plan, Vec::new())
}

/// A step that only a person can do.
fn by_hand() -> Operation {
    Operation::Manual { instructions: vec!["Move the service to another port".to_owned()] }
}

/// Gives no rights, for this reason.
struct Refusing(LaunchError);

impl Elevator for Refusing {
    fn method(&self) -> Method {
        Method::Pkexec
    }

    fn run(&self, _: &Request, _: &(dyn Fn() -> bool + Sync), _: &mut dyn FnMut(Reply)) -> Result<(), LaunchError> {
        Err(self.0.clone())
    }
}

/// A helper that is killed after so many replies.
struct Dying {
    elevator: InProcessElevator,
    after: usize,
}

impl Elevator for Dying {
    fn method(&self) -> Method {
        Method::Pkexec
    }

    fn run(
        &self,
        request: &Request,
        cancelled: &(dyn Fn() -> bool + Sync),
        on_reply: &mut dyn FnMut(Reply),
    ) -> Result<(), LaunchError> {
        let (mut said, mut step) = (0, None);
        self.elevator.run(request, cancelled, &mut |reply| {
            said += 1;
            if said <= self.after {
                if let Reply::StepStarted { index } = &reply {
                    step = Some(*index);
                }
                on_reply(reply);
            }
        })?;
        Err(LaunchError::HelperDied { step, said: "Killed".to_owned() })
    }
}

fn run(computer: &Arc<Computer>, elevator: &dyn Elevator, case: &mut Case) -> Result<Vec<String>, ApplyError> {
    let told = Mutex::new(Vec::new());
    apply(&**computer, elevator, case, 0, &Cancel::default(), &mut |progress| {
        told.lock().expect("a lock").push(match progress {
            RunProgress::Approved { user } => format!("approved as {user}"),
            RunProgress::StepStarted(place) => format!("{place} started"),
            RunProgress::StepFinished(place, record) => format!("{place} {:?}", record.result),
        });
    })?;
    Ok(told.into_inner().expect("a lock"))
}

fn results(case: &Case) -> Vec<StepResult> {
    case.steps.iter().map(|step| step.result).collect()
}

fn in_process(computer: &Arc<Computer>) -> InProcessElevator {
    InProcessElevator::new(Arc::clone(computer) as Arc<dyn Platform>)
}

#[test]
fn the_case_gets_each_record_and_the_entry_of_the_journal() {
    let computer = Arc::new(Computer::new());
    let (elevator, mut case) = (in_process(&computer), case(&computer, &article()));
    let told = run(&computer, &elevator, &mut case).unwrap();
    assert_eq!(told, ["approved as practice", "0 started", "0 Done", "1 started", "1 Done", "2 started", "2 Done"]);
    assert_eq!((results(&case), case.chosen, case.outcome), (vec![StepResult::Done; 3], Some(0), None));
    assert_eq!(case.journal_entry, elevator.history().unwrap().first().map(|entry| entry.id.clone()));
}

#[test]
fn a_step_for_a_person_keeps_its_place_and_is_not_sent() {
    let computer = Arc::new(Computer::new());
    let mut case = case(&computer, &[add("1433"), by_hand(), restart("db.service")]);
    let told = run(&computer, &in_process(&computer), &mut case).unwrap();
    assert_eq!(told[3..], ["2 started", "2 Done"]);
    assert_eq!(results(&case), [StepResult::Done, StepResult::NotRun, StepResult::Done]);
    assert!(matches!(run(&computer, &in_process(&computer), &mut self::case(&computer, &[by_hand()])), Err(ApplyError::ByHand)));
}

#[test]
fn without_rights_the_outcome_is_declined_and_nothing_was_changed() {
    let tried = vec![Tried { method: Method::Sudo, why: "not installed".to_owned() }];
    for error in [
        LaunchError::Declined { method: Method::Pkexec },
        LaunchError::NotAuthorized { method: Method::Sudo, said: "3 incorrect password attempts".to_owned() },
        LaunchError::NoWay { tried },
    ] {
        let computer = Arc::new(Computer::new());
        let mut case = case(&computer, &article());
        run(&computer, &Refusing(error), &mut case).unwrap();
        assert_eq!((case.outcome, case.steps.len(), computer.changes()), (Some(Outcome::Declined), 0, 0));
        assert!(case.message.as_deref().is_some_and(|text| text.starts_with("Nothing was changed: ")), "{:?}", case.message);
    }
}

#[test]
fn an_executable_that_others_can_exchange_is_an_error_and_no_answer_of_the_user() {
    let computer = Arc::new(Computer::new());
    let mut case = case(&computer, &article());
    let ended = run(&computer, &Refusing(LaunchError::UnsafeExecutable("everybody can write it".to_owned())), &mut case);
    assert!(matches!(ended, Err(ApplyError::Launch(_))));
    assert_eq!(case.outcome, None);
}

#[test]
fn a_helper_that_dies_leaves_what_is_known_and_what_is_not() {
    // Hello; step 0 starts, ends; step 1 starts.
    let computer = Arc::new(Computer::new());
    let mut case = case(&computer, &article());
    run(&computer, &Dying { elevator: in_process(&computer), after: 4 }, &mut case).unwrap();
    assert_eq!(results(&case), [StepResult::Done, StepResult::NotVerified, StepResult::NotRun]);
    assert!(case.message.as_deref().is_some_and(|text| text.contains("during step 2")), "{:?}", case.message);
}

#[test]
fn a_helper_that_dies_before_its_first_step_has_changed_nothing() {
    let computer = Arc::new(Computer::new());
    let mut case = case(&computer, &article());
    let ended = run(&computer, &Dying { elevator: in_process(&computer), after: 1 }, &mut case);
    assert!(ended.is_err_and(|error| error.to_string().starts_with("nothing was changed: ")));
}

#[test]
fn what_the_helper_refuses_is_an_error_with_its_reason() {
    let computer = Arc::new(Computer::new());
    let mut case = case(&computer, &[add("1433")]);
    computer.meddle(|facts| facts.excluded.insert("9000".parse().unwrap()));
    let error = run(&computer, &in_process(&computer), &mut case).unwrap_err().to_string();
    assert!(error.starts_with("nothing was changed: ") && error.contains("9000 added"), "{error}");
    assert!(case.steps.is_empty() && case.chosen.is_none());
}

#[test]
fn a_step_whose_state_cannot_be_read_is_told_before_anybody_is_asked_for_a_password() {
    let computer = Arc::new(Computer::new());
    let mut case = case(&computer, &[restart("gone.service")]);
    let error = run(&computer, &Refusing(LaunchError::Declined { method: Method::Pkexec }), &mut case).unwrap_err();
    assert!(error.to_string().contains("gone.service"), "{error}");
}

#[test]
fn undo_takes_the_newest_change_that_is_in_force_and_proves_it() {
    let computer = Arc::new(Computer::new());
    let elevator = in_process(&computer);
    for operations in [vec![add("1433")], vec![add("8080")], vec![close()]] {
        run(&computer, &elevator, &mut case(&computer, &operations)).unwrap();
    }
    let entries = elevator.history().unwrap();
    let entry = choose(&entries, None).unwrap();
    assert_eq!(entry.id, entries[1].id, "the newest one cannot be taken back");
    let undone = undo(&elevator, entry, (UndoMode::Exact, &[]), &Cancel::default(), &mut |_| {}).unwrap();
    assert!(undone.is_complete());
    assert_eq!(computer.facts().excluded.to_string(), "1433,3000");
    let mut case = case(&computer, &[]);
    prove(&*computer, entry, UndoMode::Exact, &mut case);
    assert_eq!(case.outcome, Some(Outcome::Fixed));
    computer.meddle(|facts| facts.excluded.insert("8080".parse().unwrap()));
    prove(&*computer, entry, UndoMode::Exact, &mut case);
    assert_eq!(case.outcome, Some(Outcome::NotFixed));
}

#[test]
fn undo_without_rights_or_entries_changes_nothing() {
    assert!(choose(&[], None).unwrap_err().contains("nothing to take back"));
    let computer = Arc::new(Computer::new());
    let elevator = in_process(&computer);
    run(&computer, &elevator, &mut case(&computer, &[add("1433")])).unwrap();
    let entries = elevator.history().unwrap();
    assert!(choose(&entries, Some("20200101-1")).is_err());
    let refusing = Refusing(LaunchError::Declined { method: Method::Pkexec });
    let undone = undo(&refusing, &entries[0], (UndoMode::Exact, &[]), &Cancel::default(), &mut |_| {}).unwrap();
    assert!(matches!(undone, Undone::Declined(why) if why.starts_with("Nothing was changed: ")));
    assert_eq!(computer.changes(), 1);
}
