//! What can go wrong on every machine whose plan PortMedic carries out: the Case and the journal say what is so.

use portmedic::app::Cancel;
use portmedic::helper::journal::Entry;
use portmedic::platform::practice::{Behaviour, Fault, PracticePlatform, Prompt, StepFault};
use portmedic::remedy::{Operation, Outcome, StepResult, Stores};

use crate::lessons::automatic;
use crate::session::Session;

/// Everything goes well but for this fault in step `number`.
fn with_fault(number: usize, fault: Fault) -> Behaviour {
    Behaviour { step: vec![StepFault { number, fault }], elevated: Some(true), ..Behaviour::default() }
}

/// What became of each step.
fn results(session: &Session) -> Vec<StepResult> {
    session.found.case.steps.iter().map(|step| step.result).collect()
}

fn journal(session: &Session) -> Vec<Entry> {
    (session.computer.journal)().unwrap()
}

#[test]
fn a_declined_prompt_changes_nothing() {
    for machine in automatic() {
        let behaviour = Behaviour { prompt: Prompt::Declined, elevated: Some(false), ..Behaviour::default() };
        let mut session = Session::begin(&machine, behaviour);
        if session.is_by_hand() {
            // Without rights some holders cannot be seen, and nothing is done to those.
            continue;
        }
        let before = session.settings();
        session.apply().unwrap();
        let case = &session.found.case;
        assert_eq!(case.outcome, Some(Outcome::Declined), "{}", machine.name);
        assert!(case.message.as_deref().is_some_and(|text| text.starts_with("Nothing was changed")), "{:?}", case.message);
        assert!(case.steps.is_empty() && journal(&session).is_empty(), "{}", machine.name);
        assert_eq!(session.settings(), before, "{}", machine.name);
    }
}

#[test]
fn an_administrator_is_not_asked() {
    let machine = automatic().next().unwrap();
    let behaviour = Behaviour { prompt: Prompt::Declined, elevated: Some(true), ..Behaviour::default() };
    let mut session = Session::begin(&machine, behaviour);
    session.apply().unwrap();
    session.verify();
    assert_eq!(session.found.case.outcome, Some(Outcome::Fixed));
}

#[test]
fn a_prompt_that_nobody_answers_waits_until_it_is_cancelled() {
    let machine = automatic().next().unwrap();
    let behaviour = Behaviour { prompt: Prompt::Unanswered, elevated: Some(false), ..Behaviour::default() };
    let mut session = Session::begin(&machine, behaviour);
    let cancel = Cancel::default();
    std::thread::scope(|scope| {
        let user = cancel.clone();
        scope.spawn(move || user.cancel());
        session.apply_until(&cancel).unwrap();
    });
    assert_eq!(session.found.case.outcome, Some(Outcome::Declined));
}

#[test]
fn a_step_that_cannot_be_done_ends_the_run_and_leaves_what_was_done_before_it() {
    for machine in automatic() {
        let steps = Session::begin(&machine, with_fault(99, Fault::HelperDies)).steps();
        for number in 1..=steps {
            let behaviour = with_fault(number, Fault::Fails("the trainer wants it so".to_owned()));
            let mut session = Session::begin(&machine, behaviour);
            let before = session.settings();
            session.apply().unwrap();
            let name = format!("{}, step {number}", machine.name);
            let results = results(&session);
            assert!(results[..number - 1].iter().all(|result| result.is_success()), "{name}: {results:?}");
            assert_eq!(results[number - 1], StepResult::Failed, "{name}");
            assert!(results[number..].iter().all(|result| *result == StepResult::NotRun), "{name}: {results:?}");
            let case = &session.found.case;
            assert_eq!(case.outcome, Some(Outcome::NotFixed), "{name}");
            let why = case.steps[number - 1].message.as_deref().unwrap();
            assert!(why.contains("the trainer wants it so"), "{name}: {why}");
            let entries = journal(&session);
            assert!(entries.len() == 1 && entries[0].finished, "{name}: {entries:#?}");
            if entries[0].can_be_undone() {
                session.undo().unwrap_or_else(|error| panic!("{name}: {error}"));
            }
            assert_eq!(session.settings(), before, "{name}: what was done is taken back");
        }
    }
}

#[test]
fn a_helper_that_dies_leaves_the_step_open_in_case_and_journal() {
    for machine in automatic() {
        let steps = Session::begin(&machine, with_fault(99, Fault::HelperDies)).steps();
        for number in 1..=steps {
            let mut session = Session::begin(&machine, with_fault(number, Fault::HelperDies));
            session.apply().unwrap();
            let name = format!("{}, step {number}", machine.name);
            let results = results(&session);
            assert!(results[..number - 1].iter().all(|result| result.is_success()), "{name}: {results:?}");
            assert_eq!(results[number - 1], StepResult::NotVerified, "{name}");
            assert!(results[number..].iter().all(|result| *result == StepResult::NotRun), "{name}: {results:?}");
            let case = &session.found.case;
            assert_eq!(case.outcome, Some(Outcome::CouldNotCheck), "{name}");
            assert!(
                case.message.as_deref().is_some_and(|text| text.contains("ended unexpectedly")),
                "{name}: {:?}",
                case.message
            );
            let entries = journal(&session);
            assert_eq!(entries.len(), 1, "{name}");
            assert!(!entries[0].finished && entries[0].steps.len() == number, "{name}: {entries:#?}");
            assert!(entries[0].steps[number - 1].interrupted, "{name}");
        }
    }
}

#[test]
fn a_service_that_ends_again_is_not_called_fixed() {
    for machine in automatic().filter(|machine| Session::begin(machine, Behaviour::default()).starts_a_service()) {
        let behaviour = Behaviour { service_stays_down: true, elevated: Some(true), ..Behaviour::default() };
        let mut session = Session::begin(&machine, behaviour);
        session.apply().unwrap();
        assert!(results(&session).iter().all(|result| result.is_success()), "{}: every step worked", machine.name);
        session.verify();
        assert_eq!(session.found.case.outcome, Some(Outcome::NotFixed), "{}", machine.name);
    }
}

#[test]
fn what_somebody_else_changed_meanwhile_refuses_the_whole_plan() {
    let mut seen = 0;
    for machine in automatic() {
        let behaviour = Behaviour { somebody_else_changes: true, elevated: Some(true), ..Behaviour::default() };
        let mut session = Session::begin(&machine, behaviour);
        if !session.changes_settings() {
            continue;
        }
        seen += 1;
        let refusal = session.apply().expect_err("somebody changed it");
        assert!(refusal.contains("nothing was changed") && refusal.contains("has changed since"), "{}: {refusal}", machine.name);
        assert!(journal(&session).is_empty(), "{}", machine.name);
    }
    assert!(seen > 1, "nothing was tried");
}

#[test]
fn a_slow_step_ends_early_when_the_run_is_to_stop_and_the_rest_is_not_run() {
    let machine = automatic().find(|machine| Session::begin(machine, with_fault(99, Fault::HelperDies)).steps() > 1).unwrap();
    let mut session = Session::begin(&machine, with_fault(1, Fault::Slow(3600)));
    let cancel = Cancel::default();
    let user = cancel.clone();
    session.apply_telling(&cancel, move || user.cancel()).unwrap();
    let results = results(&session);
    assert!(results[0].is_success() && results[1..].iter().all(|result| *result == StepResult::NotRun), "{results:?}");
}

#[test]
fn somebody_else_has_no_port_left_beside_a_plan_about_every_port() {
    let every = portmedic::machine::PortRange::new(0, u16::MAX).unwrap();
    let operation = Operation::RemoveExclusion { range: every, protocol: None, stores: Stores::Both };
    for machine in automatic() {
        PracticePlatform::new(&machine, &Behaviour::default()).change_as_somebody_else(&[&operation]);
    }
}
