//! The helper is killed at every moment of a plan and of its undo: the journal tells the truth, and undo brings back what was there.

mod fate;

use portmedic::helper::journal::{Entry, EntryStep, Journal, MemoryJournal};
use portmedic::helper::protocol::{Job, PlannedStep, Request};
use portmedic::machine::{Family, Port, PortproxyRule, Protocol, RpcService, ServiceState};
use portmedic::platform::Platform;
use portmedic::platform::practice::{Behaviour, Machine, PracticePlatform};
use portmedic::remedy::{Operation, OperationState, Standing, Stores};

use crate::run::{add, request, restart, set_range, start, stop};
use fate::{Fate, run_until};

fn machine_of_windows() -> Machine {
    Machine::parse("shop", "machine.toml", include_str!("machine.toml")).expect("a machine")
}

fn machine_of_linux() -> Machine {
    Machine::find("postgresql-client").expect("a machine")
}

fn remove(ports: &str) -> Operation {
    Operation::RemoveExclusion { range: ports.parse().expect("ports"), protocol: None, stores: Stores::Both }
}

fn exclude(ports: &str, protocol: Protocol) -> Operation {
    Operation::AddExclusion { range: ports.parse().expect("ports"), protocol: Some(protocol), stores: Stores::Both }
}

fn rule() -> PortproxyRule {
    let address = |text: &str| text.to_owned();
    PortproxyRule {
        listen_family: Family::Ipv4,
        listen_address: address("0.0.0.0"),
        listen_port: 8080,
        connect_family: Family::Ipv4,
        connect_address: address("10.20.0.7"),
        connect_port: 8080,
    }
}

/// Plans of one step and of many, on both systems, each after what was done before it.
fn plans() -> Vec<(Machine, Vec<Operation>, Vec<Operation>)> {
    let set = |ports: &str| Operation::SetDynamicRange {
        range: ports.parse().expect("ports"),
        protocol: Some(Protocol::Tcp),
        family: Some(Family::Ipv4),
        stores: Stores::Both,
    };
    let rpc = |port: Port| Operation::SetRpcPort { service: RpcService::ActiveDirectory, port };
    let pool = |ports: &str| Operation::ExcludeFromDnsPool { ports: ports.parse().expect("ports") };
    let winnat = Operation::RestartWinnat { range: "50080".parse().expect("a port"), protocol: Protocol::Tcp };
    let portproxy = Operation::DeletePortproxy { rule: rule() };
    let backup = "backup-agent.service";
    let mut all: Vec<_> = [
        (vec![], vec![add("5432")]),
        (vec![add("5430-5440")], vec![remove("5432")]),
        (vec![add("3000")], vec![set_range("20000-29999")]),
        (vec![], vec![stop(backup), add("5432"), add("8080"), set_range("20000-29999")]),
        (vec![], vec![stop(backup), start(backup)]),
        (vec![], vec![restart(backup), add("5432")]),
        (vec![add("5432"), set_range("20000-29999")], vec![add("8080-8090"), remove("8085"), set_range("30000-39999")]),
    ]
    .into_iter()
    .map(|(earlier, plan)| (machine_of_linux(), earlier, plan))
    .collect();
    let low_port = Operation::AllowLowPort { service: "shop.service".to_owned() };
    all.push((Machine::find("low-port-443").expect("a machine"), vec![], vec![low_port, add("443")]));
    all.extend(
        [
            (vec![], vec![exclude("1433", Protocol::Tcp)]),
            (vec![exclude("1433", Protocol::Tcp)], vec![add("1433")]),
            (vec![add("1433")], vec![remove("1433")]),
            (vec![], vec![winnat]),
            (vec![], vec![portproxy.clone(), exclude("8080", Protocol::Tcp)]),
            (vec![], vec![Operation::RemoveMaxUserPort, set("20000-29999")]),
            (vec![rpc(50_000)], vec![rpc(5722), pool("1812-1813")]),
            (vec![pool("53")], vec![pool("1645-1646"), stop("Shop"), exclude("9000-9010", Protocol::Udp), start("Shop")]),
            (vec![], vec![restart("Shop"), portproxy, rpc(5722), Operation::RemoveMaxUserPort]),
        ]
        .map(|(earlier, plan)| (machine_of_windows(), earlier, plan)),
    );
    all
}

fn plan(computer: &PracticePlatform, operations: &[Operation]) -> Request {
    let step = |action: &Operation| PlannedStep { action: action.clone(), before: computer.state_of(action).ok() };
    request(Job::Apply { title: "A plan".to_owned(), steps: operations.iter().map(step).collect(), purpose: None })
}

fn undo(entry: &Entry) -> Request {
    request(Job::undo(entry.id.clone()))
}

/// A computer after what was done before.
fn computer(machine: &Machine, earlier: &[Operation]) -> PracticePlatform {
    let computer = PracticePlatform::new(machine, &Behaviour::default());
    for operation in earlier {
        computer.perform(operation).expect("what was done before");
    }
    computer
}

/// The lists of each protocol, which only Windows tells apart.
fn lists(computer: &PracticePlatform) -> Vec<OperationState> {
    Protocol::ALL.iter().filter_map(|protocol| computer.state_of(&exclude("1", *protocol)).ok()).collect()
}

/// What the operations are about. Of a service only whether it runs: its number is another one after every start.
fn look(computer: &PracticePlatform, operations: &[Operation]) -> Vec<OperationState> {
    let plain = |state| match state {
        OperationState::Service { state, .. } => {
            let state = if state == ServiceState::Running { state } else { ServiceState::Stopped };
            OperationState::Service { state, main_pid: None, dependants: Vec::new() }
        }
        other => other,
    };
    let states = operations.iter().map(|operation| plain(computer.state_of(operation).expect("a state")));
    states.chain(lists(computer)).collect()
}

/// The journal and the computer do not contradict each other.
fn is_true(entry: Option<&Entry>, computer: &PracticePlatform, operations: &[Operation], before: &[OperationState]) {
    let told: &[EntryStep] = entry.map_or(&[], |entry| &entry.steps);
    let now = look(computer, operations);
    for (index, operation) in operations.iter().enumerate() {
        // A later step of the same thing has the last word.
        let later = told.iter().skip(index + 1).any(|step| step.record.operation.subject() == operation.subject());
        let earlier = operations[..index].iter().any(|other| other.subject() == operation.subject());
        match told.get(index) {
            _ if later => {}
            None if earlier => {}
            None => assert_eq!(now[index], before[index], "nothing is told of {operation}"),
            Some(step) if step.interrupted => {
                assert_eq!(step.record.operation, *operation);
                let standing =
                    step.record.taken_back_as().standing(step.record.before.as_ref().expect("a state"), None, &now[index]);
                assert!(matches!(standing, Ok(Standing::Before | Standing::Begun)), "{operation}: {standing:?}");
            }
            Some(step) => {
                assert!(step.record.result.is_success(), "{step:?}");
                assert!(operation.is_reached_in(&now[index]), "{operation} is told as done, and there is {}", now[index]);
            }
        }
    }
}

fn newest(journal: &mut MemoryJournal) -> Option<Entry> {
    journal.entries().expect("entries").pop()
}

/// The change that was cut off, where it was written down at all.
fn first(journal: &mut MemoryJournal) -> Option<Entry> {
    journal.entries().expect("entries").into_iter().next()
}

#[test]
fn a_helper_killed_at_any_moment_leaves_a_true_journal_and_a_way_back() {
    let mut cuts = 0;
    for (machine, earlier, operations) in plans() {
        for moment in 0.. {
            let (computer, mut journal) = (computer(&machine, &earlier), MemoryJournal::default());
            let before = look(&computer, &operations);
            let wanted = plan(&computer, &operations);
            let whole = run_until(&Fate::after(moment), &computer, &mut journal, &wanted);
            let entry = newest(&mut journal);
            is_true(entry.as_ref(), &computer, &operations, &before);
            assert!(!whole || entry.as_ref().is_some_and(|entry| entry.finished));
            if let Some(entry) = entry.filter(Entry::can_be_undone) {
                assert!(run_until(&Fate::after(usize::MAX), &computer, &mut journal, &undo(&entry)));
                let undone = first(&mut journal).is_some_and(|entry| entry.undone.is_some());
                assert!(undone, "moment {moment} of {operations:?}: {:#?}", newest(&mut journal));
            }
            assert_eq!(look(&computer, &operations), before, "moment {moment} of {operations:?}");
            if whole {
                break;
            }
            cuts += 1;
        }
    }
    assert!(cuts > 250, "{cuts} cuts only");
}

#[test]
fn an_undo_killed_at_any_moment_leaves_a_true_journal_and_can_be_tried_again() {
    let mut cuts = 0;
    for (machine, earlier, operations) in plans() {
        for moment in 0.. {
            let (computer, mut journal) = (computer(&machine, &earlier), MemoryJournal::default());
            let before = look(&computer, &operations);
            let wanted = plan(&computer, &operations);
            assert!(run_until(&Fate::after(usize::MAX), &computer, &mut journal, &wanted));
            // A service that was stopped and started again leaves nothing to take back.
            let Some(entry) = newest(&mut journal).filter(Entry::can_be_undone) else { break };
            let whole = run_until(&Fate::after(moment), &computer, &mut journal, &undo(&entry));
            let mut tried = first(&mut journal).expect("the change");
            if tried.undone.is_none() {
                assert!(run_until(&Fate::after(usize::MAX), &computer, &mut journal, &undo(&tried)));
                tried = first(&mut journal).expect("the change");
            }
            assert!(tried.undone.is_some(), "moment {moment} of {operations:?}: {:#?}", newest(&mut journal));
            assert_eq!(look(&computer, &operations), before, "moment {moment} of {operations:?}");
            if whole {
                break;
            }
            cuts += 1;
        }
    }
    assert!(cuts > 250, "{cuts} cuts only");
}

#[test]
fn a_plan_killed_at_any_moment_and_its_undo_killed_at_any_moment_still_have_a_way_back() {
    let mut cuts = 0;
    for (machine, earlier, operations) in plans() {
        'moments: for moment in 0.. {
            for second in 0.. {
                let (computer, mut journal) = (computer(&machine, &earlier), MemoryJournal::default());
                let before = look(&computer, &operations);
                let wanted = plan(&computer, &operations);
                if run_until(&Fate::after(moment), &computer, &mut journal, &wanted) {
                    break 'moments;
                }
                let Some(entry) = newest(&mut journal).filter(Entry::can_be_undone) else { break };
                let whole = run_until(&Fate::after(second), &computer, &mut journal, &undo(&entry));
                if let Some(entry) = first(&mut journal).filter(Entry::can_be_undone) {
                    run_until(&Fate::after(usize::MAX), &computer, &mut journal, &undo(&entry));
                }
                assert_eq!(look(&computer, &operations), before, "moments {moment} and {second} of {operations:?}");
                if whole {
                    break;
                }
                cuts += 1;
            }
        }
    }
    assert!(cuts > 3000, "{cuts} cuts only");
}

/// Plans that stop a service for the steps in between, and which of these steps, counted from 0, is refused.
fn refused_plans() -> Vec<(Machine, Vec<Operation>, usize)> {
    let udp = |ports| exclude(ports, Protocol::Udp);
    let backup = "backup-agent.service";
    vec![
        (machine_of_windows(), vec![stop("Shop"), udp("9000-9010"), udp("9020"), start("Shop")], 1),
        (machine_of_windows(), vec![stop("Shop"), udp("9000-9010"), udp("9020"), start("Shop")], 2),
        (machine_of_linux(), vec![stop(backup), add("5432"), set_range("20000-29999"), start(backup)], 2),
    ]
}

#[test]
fn a_helper_killed_while_it_gives_a_service_back_leaves_a_true_journal_and_a_way_back() {
    let mut cuts = 0;
    for (machine, operations, refused) in refused_plans() {
        for moment in 0.. {
            let (computer, mut journal) = (computer(&machine, &[]), MemoryJournal::default());
            let before = look(&computer, &operations);
            let wanted = plan(&computer, &operations);
            let fate = Fate::after(moment).refusing(operations[refused].clone());
            let whole = run_until(&fate, &computer, &mut journal, &wanted);
            if whole {
                let service = &operations[0];
                assert_eq!(
                    look(&computer, std::slice::from_ref(service))[0],
                    before[0],
                    "{service} was taken back by the run itself"
                );
            }
            if let Some(entry) = newest(&mut journal).filter(Entry::can_be_undone) {
                assert!(run_until(&Fate::after(usize::MAX), &computer, &mut journal, &undo(&entry)));
                assert!(first(&mut journal).is_some_and(|entry| entry.undone.is_some()), "moment {moment} of {operations:?}");
            }
            assert_eq!(look(&computer, &operations), before, "moment {moment} of {operations:?}");
            if whole {
                break;
            }
            cuts += 1;
        }
    }
    assert!(cuts > 40, "{cuts} cuts only");
}
