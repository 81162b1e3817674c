//! The checklist of connections on practice machines.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use portmedic::app::connect::{Checked, Checking, Progress, check};
use portmedic::diagnosis::connect::{Answer, ConnectCause, Question, Wanted};
use portmedic::platform::practice::{Behaviour, Machine, PracticePlatform};

const LIMIT: Duration = Duration::from_secs(5);

fn machines() -> Vec<Machine> {
    let machines: Vec<Machine> = Machine::all().unwrap().into_iter().filter(|machine| machine.lesson.connect.is_some()).collect();
    assert!(machines.len() > 10, "{}", machines.len());
    machines
}

fn wanted(machine: &Machine) -> Wanted {
    Wanted::read(&machine.lesson.connect.as_ref().unwrap().to).unwrap()
}

fn run(machine: &Machine, stop: &AtomicBool, progress: &mut dyn FnMut(&Progress<'_>)) -> Checked {
    let platform = PracticePlatform::new(machine, &Behaviour::default());
    check(&platform, wanted(machine), LIMIT, stop, progress).unwrap()
}

fn checked(name: &str) -> Checked {
    run(&Machine::find(name).unwrap(), &AtomicBool::new(false), &mut |_| {})
}

#[test]
fn every_machine_has_the_cause_that_its_file_states() {
    for machine in machines() {
        let found = run(&machine, &AtomicBool::new(false), &mut |_| {});
        let cause = machine.lesson.connect.as_ref().unwrap().cause;
        assert_eq!(found.verdict.cause, cause, "{}: {:#?}\n{:#?}", machine.name, found.verdict, found.items);
        let waiting: Vec<_> = found.items.iter().filter(|item| item.answer == Answer::Waiting).collect();
        assert!(waiting.is_empty(), "{}: {waiting:#?}", machine.name);
        for question in &found.verdict.questions {
            let item = found.item(*question).unwrap();
            assert!(matches!(item.answer, Answer::Ok | Answer::Problem), "{}: {item:#?}", machine.name);
        }
    }
}

#[test]
fn some_machine_has_a_problem_with_each_question_that_can_have_one() {
    let found: BTreeSet<Question> = machines()
        .iter()
        .flat_map(|machine| run(machine, &AtomicBool::new(false), &mut |_| {}).items)
        .filter(|item| item.answer == Answer::Problem)
        .map(|item| item.question)
        .collect();
    // These only tell where the client is and what it asks for, or how it tries.
    let only_tell = [Question::ThisComputer, Question::Instance, Question::ProtocolOrder, Question::Proxy];
    let never: Vec<_> = Question::ALL.into_iter().filter(|own| !found.contains(own) && !only_tell.contains(own)).collect();
    assert!(never.is_empty(), "{never:?}");
}

#[test]
fn a_service_that_lost_its_port_ends_in_the_wizard() {
    let found = checked("connect-lost-port");
    let case = found.diagnosis.as_ref().expect("a diagnosis");
    assert_eq!(case.verdict.cause, portmedic::diagnosis::Cause::HeldByClient);
    assert!(!case.plan.options.is_empty(), "and with a plan");
    assert_eq!(found.verdict.diagnose.as_deref(), Some("MSSQLSERVER"));
}

#[test]
fn this_computer_is_not_out_of_reach_when_it_drops_what_it_is_sent() {
    let found = checked("connect-queue");
    let reachable = found.item(Question::Reachable).unwrap();
    assert_eq!(reachable.answer, Answer::Ok, "{reachable:#?}");
}

#[test]
fn items_fill_in_one_look_after_the_other() {
    let machine = Machine::find("connect-dns").unwrap();
    let mut waiting = Vec::new();
    let mut looks = Vec::new();
    run(&machine, &AtomicBool::new(false), &mut |progress| {
        waiting.push(progress.items.iter().filter(|item| item.answer == Answer::Waiting).count());
        looks.push(progress.checking);
        assert_eq!(progress.items.len(), Question::ALL.len());
    });
    assert!(waiting.is_sorted_by(|one, next| one >= next) && waiting[0] > 10 && *waiting.last().unwrap() < 5, "{waiting:?}");
    assert!(looks.contains(&Checking::Name) && looks.contains(&Checking::Connection), "{looks:?}");
}

#[test]
fn a_run_that_is_stopped_asks_nobody_any_more() {
    let machine = Machine::find("connect-dns").unwrap();
    let stop = AtomicBool::new(false);
    let found = run(&machine, &stop, &mut |progress| {
        if progress.checking == Checking::Name {
            stop.store(true, Ordering::Relaxed);
        }
    });
    assert!(found.stopped);
    assert_eq!(found.verdict.cause, ConnectCause::Unknown);
    assert_eq!(found.item(Question::Answer).unwrap().answer, Answer::Waiting);
}

#[test]
fn an_answer_that_is_cut_short_tells_nothing() {
    // The port stays silent, and somebody stops while it is waited for: that is no firewall.
    let machine = Machine::find("connect-firewall").unwrap();
    for cut in [Checking::Name, Checking::Connection] {
        let stop = AtomicBool::new(false);
        let found = run(&machine, &stop, &mut |progress| stop.store(progress.checking == cut, Ordering::Relaxed));
        assert!(found.stopped && found.verdict.headline.contains("stopped"), "{cut:?}: {:#?}", found.verdict);
        assert_eq!(found.item(Question::Answer).unwrap().answer, Answer::Waiting, "{cut:?}");
        assert_eq!(found.item(Question::Hosts).unwrap().answer, Answer::Ok, "{cut:?}: answers so far stay");
    }
}

#[test]
fn who_stops_when_every_question_has_its_answer_has_the_whole_checklist() {
    let machine = Machine::find("connect-lost-port").unwrap();
    let stop = AtomicBool::new(false);
    let found = run(&machine, &stop, &mut |progress| {
        if progress.checking == Checking::Service {
            stop.store(true, Ordering::Relaxed);
        }
    });
    assert!(!found.stopped && found.diagnosis.is_some(), "{:#?}", found.verdict);
    assert!(found.items.iter().all(|item| item.answer != Answer::Waiting), "{:#?}", found.items);
}

#[test]
fn the_whole_checklist_stands_in_the_report() {
    let found = checked("connect-firewall");
    let table = &found.case().annexes[0];
    assert_eq!(table.rows.len(), Question::ALL.len());
    assert!(found.case().to_json().unwrap().contains("firewall"));
}

#[test]
fn what_the_service_wrote_around_the_attempt_is_an_answer() {
    let found = checked("connect-log");
    let item = found.item(Question::Log).unwrap();
    assert_eq!(item.answer, Answer::Problem, "{item:#?}");
    assert!(item.finding.contains("768 worker_connections are not enough"), "{item:#?}");
    assert_eq!(item.evidence[0].source, "/var/log/nginx/error.log");
    assert!(found.verdict.explanation.contains("768 worker_connections are not enough"), "{:#?}", found.verdict);
}
