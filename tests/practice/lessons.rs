//! Every machine teaches what its file says.

use std::sync::Arc;

use portmedic::app::ports::PortTable;
use portmedic::app::{Backend, Computer};
use portmedic::platform::practice::{Behaviour, Fix, Machine};
use portmedic::remedy::Outcome;

use crate::session::Session;

#[test]
fn every_machine_has_the_cause_that_its_file_states() {
    for machine in Machine::all().unwrap() {
        let found = Session::begin(&machine, Behaviour::default()).found;
        let verdict = &found.case.verdict;
        assert_eq!(verdict.cause, machine.lesson.cause, "{}: {} {}", machine.name, verdict.headline, verdict.explanation);
        assert_eq!(found.case.host.practice.as_deref(), Some(machine.name.as_str()), "the record says that it is practice");
    }
}

#[test]
fn a_second_look_at_the_ports_shows_the_holders_of_the_first() {
    for machine in Machine::all().unwrap() {
        let computer = Computer::practice(&machine, Behaviour::default());
        let first = PortTable::after(None, &computer.ports(None).unwrap());
        let second = PortTable::after(Some(&first), &computer.ports(Some(Arc::new(first.searched()))).unwrap());
        assert!(!second.differs_from(&first), "{}: nothing happened meanwhile: {second:#?}", machine.name);
    }
}

/// The machines on which PortMedic carries the recommended option out.
pub fn automatic() -> impl Iterator<Item = Machine> {
    let machines = Machine::all().unwrap().into_iter();
    machines.filter(|machine| machine.lesson.fix == Fix::Automatic)
}

#[test]
fn the_recommended_option_helps_and_is_taken_back_exactly() {
    for machine in automatic() {
        let mut session = Session::begin(&machine, Behaviour::default());
        let before = session.settings();
        session.apply().unwrap_or_else(|error| panic!("{}: {error}", machine.name));
        session.verify();
        let case = &session.found.case;
        let waits = case.plan.options[session.recommended()].needs_restart();
        let expected = if waits { Outcome::CouldNotCheck } else { Outcome::Fixed };
        assert_eq!(case.outcome, Some(expected), "{}: {:#?} {:#?}", machine.name, case.steps, case.verification);
        let none_failed = case.target.service.is_none();
        assert!(waits || none_failed || session.service_runs(), "{}: the service that failed runs", machine.name);
        assert!(session.can_undo() || !session.changes_settings(), "{}: what was set can be taken back", machine.name);
        if session.can_undo() {
            session.undo().unwrap_or_else(|error| panic!("{}: {error}", machine.name));
        }
        assert_eq!(session.settings(), before, "{}", machine.name);
    }
}

#[test]
fn the_plan_of_every_machine_is_for_whom_its_file_says() {
    for machine in Machine::all().unwrap() {
        let plan = Session::begin(&machine, Behaviour::default()).found.case.plan;
        let recommended = plan.options.iter().find(|option| option.recommended);
        let fix = match recommended {
            None => Fix::Nothing,
            Some(option) if option.is_by_hand() => Fix::ByHand,
            Some(_) => Fix::Automatic,
        };
        assert_eq!(fix, machine.lesson.fix, "{}: {:#?}", machine.name, plan.options);
    }
}

#[test]
fn every_unit_that_a_plan_stops_or_starts_is_looked_at_again() {
    for machine in automatic() {
        let mut session = Session::begin(&machine, Behaviour::default());
        session.apply().unwrap_or_else(|error| panic!("{}: {error}", machine.name));
        session.verify();
        for check in &session.found.case.verification.as_ref().expect("checks").checks {
            assert_ne!(check.now, "not looked at again", "{}: {}", machine.name, check.what);
        }
    }
}
