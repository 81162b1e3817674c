//! The audit of practice machines: what it answers, word by word, and that its plan helps and is taken back as a whole.

use assert_cmd::Command;
use portmedic::app::{Backend, Cancel, Computer, audit};
use portmedic::case::Case;
use portmedic::helper::journal::Entry;
use portmedic::machine::ServiceState;
use portmedic::platform::practice::{Behaviour, Fault, Machine, StepFault};
use portmedic::platform::{OwnerSearch, Scope, ServiceScope};
use portmedic::remedy::{Operation, Outcome, UndoMode};
use predicates::str::contains;
use serde_json::Value;

fn portmedic(arguments: &[&str]) -> assert_cmd::assert::Assert {
    let mut command = Command::cargo_bin("portmedic").unwrap();
    command.args(arguments).env_clear().env("PATH", "/usr/bin:/bin").assert()
}

fn json(arguments: &[&str], code: i32) -> Value {
    serde_json::from_slice(&portmedic(arguments).code(code).get_output().stdout).unwrap()
}

/// What lasts on the computer.
fn settings(computer: &Computer) -> String {
    let scope = Scope { services: ServiceScope::All, owners: OwnerSearch::None, ..Scope::of_ranges() };
    let mut now = computer.platform.observe(&scope).unwrap();
    now.exclusions.retain(|row| row.administered);
    let states: Vec<_> = now.services.iter().map(|service| (&service.name, service.state)).collect();
    format!("{:?} {:?} {states:?}", now.dynamic_ranges, now.exclusions)
}

#[test]
fn the_answer_keeps_its_promise_word_by_word() {
    for (machine, golden) in
        [("ports-at-risk", include_str!("golden/audit-linux.json")), ("sql-instances", include_str!("golden/audit-windows.json"))]
    {
        let expected: Value = serde_json::from_str(golden).unwrap();
        let answer = json(&["audit", "--json", "--practice", machine], 1);
        assert_eq!(answer, expected, "{machine}: {answer:#}");
    }
}

#[test]
fn the_plan_of_every_machine_solves_what_it_is_for_and_is_taken_back_as_a_whole() {
    for machine in Machine::all().unwrap() {
        let computer = Computer::practice(&machine, Behaviour::default());
        let found = audit(&*computer.platform, &[]).unwrap();
        if found.plan.options.is_empty() {
            continue;
        }
        let before = settings(&computer);
        let mut fix = found.fix(&*computer.platform);
        computer.apply(&mut fix.case, 0, &Cancel::default(), &mut |_| {}).unwrap_or_else(|why| panic!("{}: {why}", machine.name));
        let after = fix.prove(&*computer.platform, &[]).unwrap();
        assert_eq!(
            fix.case.outcome,
            Some(Outcome::Fixed),
            "{}: {:#?} {:#?}",
            machine.name,
            fix.case.steps,
            fix.case.verification
        );
        for own in found.risks.iter().filter(|own| own.in_plan) {
            let same = |other: &&portmedic::app::AuditedRisk| {
                (other.risk.port, &other.risk.service) == (own.risk.port, &own.risk.service) && other.risk.kind == own.risk.kind
            };
            assert!(!after.risks.iter().any(|other| same(&other)), "{}: {} is at risk still", machine.name, own.risk.port);
        }
        let newest = computer.history().unwrap().into_iter().find(Entry::can_be_undone).expect("one change for the whole plan");
        computer.undo(&newest.id, UndoMode::Exact, &[]).unwrap_or_else(|why| panic!("{}: {why}", machine.name));
        assert_eq!(settings(&computer), before, "{}", machine.name);
    }
}

/// The audit's plan for the instances of SQL Server, with this fault in step `number`: the computer and the Case.
fn disturbed(number: usize, fault: Fault) -> (Computer, Case) {
    let behaviour = Behaviour { step: vec![StepFault { number, fault }], elevated: Some(true), ..Behaviour::default() };
    let computer = Computer::practice(&Machine::find("sql-instances").unwrap(), behaviour);
    let mut case = audit(&*computer.platform, &[]).unwrap().fix(&*computer.platform).case;
    computer.apply(&mut case, 0, &Cancel::default(), &mut |_| {}).unwrap();
    (computer, case)
}

/// The services that do not run.
fn stopped(computer: &Computer) -> Vec<String> {
    let scope = Scope { services: ServiceScope::All, owners: OwnerSearch::None, ..Scope::default() };
    let services = computer.platform.observe(&scope).unwrap().services;
    services.into_iter().filter(|service| service.state != ServiceState::Running).map(|service| service.name).collect()
}

#[test]
fn whatever_step_of_the_plan_cannot_be_done_no_service_stays_stopped_and_the_case_tells() {
    let (untouched, whole) = disturbed(99, Fault::HelperDies);
    let mut given_back = 0;
    for (index, step) in whole.plan.options[0].steps.iter().enumerate() {
        let why = "could not exclude the port: somebody uses it (32)";
        let (computer, case) = disturbed(index + 1, Fault::Fails(why.to_owned()));
        // The start itself may be what cannot be done.
        let Operation::AddExclusion { .. } = step.operation else { continue };
        assert_eq!(stopped(&computer), stopped(&untouched), "{}", step.title);
        assert_eq!(case.outcome, Some(Outcome::NotFixed));
        let Some(before) = index.checked_sub(1).map(|before| &whole.plan.options[0].steps[before].operation) else { continue };
        if let Operation::StopService { service } = before {
            let message = case.message.as_deref().unwrap_or_default();
            let expected = format!("could not be done: {why}. {service} was started again.");
            assert!(message.contains(&expected), "{message}");
            given_back += 1;
        }
    }
    assert!(given_back >= 2);
}

#[test]
fn a_helper_that_dies_while_a_service_is_stopped_leaves_a_way_back() {
    let (untouched, whole) = disturbed(99, Fault::HelperDies);
    let steps = &whole.plan.options[0].steps;
    let index = steps.iter().position(|step| matches!(step.operation, Operation::StopService { .. })).unwrap();
    for number in [index + 1, index + 2] {
        let (computer, case) = disturbed(number, Fault::HelperDies);
        assert_eq!(case.outcome, Some(Outcome::CouldNotCheck));
        assert_eq!(stopped(&computer).len(), stopped(&untouched).len() + 1, "who is dead starts nothing");
        let newest = computer.history().unwrap().remove(0);
        computer.undo(&newest.id, UndoMode::Exact, &[]).unwrap();
        assert_eq!(
            settings(&computer),
            settings(&Computer::practice(&Machine::find("sql-instances").unwrap(), Behaviour::default()))
        );
    }
}

#[test]
fn with_fix_the_answer_is_a_case_with_its_outcome() {
    let case = json(&["audit", "--fix", "--yes", "--json", "--practice", "sql-instances"], 0);
    assert_eq!((&case["schema"], &case["outcome"]), (&"portmedic.case/1".into(), &"fixed".into()), "{case:#}");
    // What two services fight about stays for a person.
    let case = json(&["audit", "--fix", "--yes", "--json", "--practice", "ports-at-risk"], 1);
    assert_eq!(case["outcome"], "fixed", "{case:#}");
    let case = json(&["audit", "--fix", "--yes", "--json", "--practice", "apache-on-80"], 1);
    assert_eq!(case["outcome"], "not_fixed", "{case:#}");
}

#[test]
fn without_consent_or_as_a_dry_run_nothing_is_changed() {
    portmedic(&["audit", "--fix", "--practice", "sql-instances"]).code(3).stdout(contains("Nothing was changed"));
    portmedic(&["audit", "--fix", "--dry-run", "--practice", "sql-instances"]).code(0).stdout(contains("Stop-Service"));
    portmedic(&["audit", "--yes", "--practice", "sql-instances"]).code(2).stderr(contains("go with --fix"));
}

#[test]
fn more_ports_can_be_named_and_what_is_none_is_refused() {
    let answer = json(&["audit", "50051", "5353/udp", "--json", "--practice", "postgresql-client"], 1);
    assert_eq!(answer["checked"], 4, "{answer:#}");
    for wrong in ["0", "70000", "-5", "1433/sctp", ""] {
        portmedic(&["audit", wrong, "--practice", "sql-instances"]).code(2);
    }
}

#[test]
fn a_computer_known_from_files_is_audited_and_never_fixed() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let range = file(
        "range.txt",
        "C:\\>netsh int ipv4 show dynamicport tcp\n\nProtocol tcp Dynamic Port Range\n---------------------------------\n\
         Start Port      : 1025\nNumber of Ports : 64510\n",
    );
    let excluded = file(
        "excluded.txt",
        "C:\\>netsh int ipv4 show excludedportrange tcp\n\nProtocol tcp Port Exclusion Ranges\n\nStart Port    End Port\n\
         ----------    --------\n     50000       50059     *\n\n* - Administered port exclusions.\n",
    );
    let answer = json(&["audit", "1433", "--json", "--captured", &range, &excluded], 1);
    assert_eq!((&answer["risks"][0]["port"], &answer["risks"][0]["likelihood"]), (&1433.into(), &"likely".into()), "{answer:#}");
    let answer = portmedic(&["audit", "1433", "--fix", "--yes", "--captured", &range, &excluded]).code(3);
    answer.stdout(contains("known from files only"));
    // The range alone does not show what is excluded.
    portmedic(&["audit", "1433", "--captured", &range]).code(2);
}
