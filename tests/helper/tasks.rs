//! A task that the system starts by itself, through the one privileged door: installed, taken back, and never over what somebody else did.

use portmedic::helper::Ended;
use portmedic::helper::journal::Journal;
use portmedic::machine::Boot;
use portmedic::remedy::{Operation, Purpose, StepResult, Task, TaskName};

use crate::computer::Computer;
use crate::run::{Ledger, apply, plan, run, undo};

fn install(ports: &str) -> Operation {
    Operation::InstallTask { task: Task::Recorder { ports: ports.parse().expect("a list") } }
}

fn remove() -> Operation {
    Operation::RemoveTask { task: TaskName::Recorder }
}

#[test]
fn it_is_installed_and_taken_back_as_the_journal_tells() {
    let (computer, mut ledger) = (Computer::new(), Ledger::default());
    assert_eq!(apply(&computer, &mut ledger, &[install("1433")]).results(), [StepResult::Done]);
    assert_eq!(apply(&computer, &mut ledger, &[install("80,1433")]).results(), [StepResult::Done]);
    let newest = ledger.entries().unwrap().pop().unwrap().id;
    assert_eq!(undo(&computer, &mut ledger, &newest).ended, Ended::Complete);
    assert_eq!(computer.facts().recorded, Some("1433".parse().unwrap()), "the ports from before");
    assert_eq!(apply(&computer, &mut ledger, &[remove()]).results(), [StepResult::Done]);
    assert_eq!(computer.facts().recorded, None);
    assert_eq!(apply(&computer, &mut ledger, &[remove()]).results(), [StepResult::AlreadyDone]);
}

#[test]
fn one_that_could_not_be_installed_or_is_not_there_afterwards_is_told() {
    let failing = Computer::new().failing_at(0);
    assert_eq!(apply(&failing, &mut Ledger::default(), &[install("1433")]).results(), [StepResult::Failed]);
    let lying = Computer::new().lying_at(0);
    assert_eq!(apply(&lying, &mut Ledger::default(), &[install("1433")]).results(), [StepResult::NotVerified]);
}

#[test]
fn what_somebody_else_installed_meanwhile_is_not_written_over() {
    let computer = Computer::new();
    let request = plan(&computer, &[install("1433")]);
    computer.meddle(|facts| facts.recorded = Some("22".parse().unwrap()));
    assert_eq!(run(&computer, &mut Ledger::default(), &request).ended, Ended::Refused);
    assert_eq!(computer.facts().recorded, Some("22".parse().unwrap()));
}

#[test]
fn the_journal_keeps_what_a_run_is_for_and_in_which_run_of_the_computer_it_was() {
    let (computer, mut ledger) = (Computer::new(), Ledger::default());
    let mut request = plan(&computer, &[install("1433")]);
    let wanted = Purpose { service: Some("db.service".to_owned()), port: Some(1433), ..Purpose::default() };
    let portmedic::helper::protocol::Job::Apply { purpose, .. } = &mut request.job else { panic!() };
    *purpose = Some(wanted.clone());
    run(&computer, &mut ledger, &request);
    let entry = ledger.entries().unwrap().remove(0);
    assert_eq!((entry.purpose, entry.boot), (Some(wanted), Some(Boot::new("test", 1))));
}
