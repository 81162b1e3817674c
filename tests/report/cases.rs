//! Cases to write reports of, made by the real rules from facts built by hand.

use portmedic::case::Case;
use portmedic::diagnosis::{Symptom, diagnose};
use portmedic::machine::{FailureKind, Gap, KnownFrom, Protocol, Snapshot, StartFailure};
use portmedic::remedy::{Check, CheckOutcome, Outcome, StepRecord, StepResult, Verification, plan};

use crate::machine::{With as _, connection, failed, linux, unit_process};

/// What people and the network are called in [`office`]; none of it may be in a redacted report.
pub const SECRETS: &[&str] = &[
    "srv-db01",
    "shop.example.net",
    "anna.weber",
    "clara",
    "10.20.0.15",
    "10.20.0.40",
    "2001:470:1f0b::7",
    "00:1a:2b:3c:4d:5e",
    "/home/anna.weber",
    "/srv/shop",
    "files01",
    "mail.example.org",
];

/// A database whose port an outgoing connection took, on a computer that tells much about its people.
pub fn office() -> Case {
    let mut snapshot = linux()
        .with_process(unit_process(4312, "bkagent", "backup-agent.service"))
        .with_socket(connection("10.20.0.15:1433", "10.20.0.40:9392", &[4312]))
        .with_dynamic_range(1024, 60999);
    "SRV-DB01.shop.example.net".clone_into(&mut snapshot.host.name);
    "anna.weber".clone_into(&mut snapshot.host.user);
    let process = snapshot.processes.get_mut(&4312).unwrap();
    process.user = Some("anna.weber".to_owned());
    process.exe = Some("/home/anna.weber/back up/bkagent".to_owned());
    process.command_line =
        Some(vec!["/home/anna.weber/back up/bkagent".to_owned(), "--to=\\\\FILES01\\shop\\nightly".to_owned()]);
    let failure = StartFailure {
        kind: FailureKind::InUse,
        message: "bind(10.20.0.15:1433): Address already in use; asked by clara@shop.example.net on srv-db01 \
                  (mac 00:1A:2B:3C:4D:5E), config C:\\\\Users\\\\Anna.Weber\\\\db.ini and /srv/shop/db.conf:7"
            .to_owned(),
        source: "journal of demo-db.service".to_owned(),
        time: Some("2026-11-20T02:58:14Z".parse().unwrap()),
        port: Some(1433),
        protocol: Some(Protocol::Tcp),
        address: None,
    };
    let snapshot = snapshot.with_service(failed("demo-db.service", failure.clone()));
    let mut case = case_of(&snapshot, "demo-db.service", failure);
    case.gaps.push(Gap::new(
        "Whether [2001:470:1f0b::7]:1433 answers user \"clara\" at \\\\files01\\shop",
        "needs rights that ANNA.WEBER lacks; write to help@mail.example.org",
        "sudo -u anna.weber ls /home/anna.weber",
    ));
    case
}

/// The case of a service that wants port 1433, by the rules.
pub fn case_of(snapshot: &Snapshot, service: &str, failure: StartFailure) -> Case {
    let symptom = Symptom {
        service: Some(service.to_owned()),
        product: Some("Demo DB".to_owned()),
        port: Some(1433),
        protocol: Some(Protocol::Tcp),
        port_known_from: Some(KnownFrom::Log),
        port_source: Some(failure.message.clone()),
        failure: Some(failure),
        ..Symptom::default()
    };
    let diagnosis = diagnose(snapshot, &symptom);
    let plan = plan(snapshot, &symptom, &diagnosis);
    let created = snapshot.taken_at;
    Case::new(created, snapshot.host.clone(), service.to_owned(), symptom, diagnosis, plan, snapshot.gaps.clone())
        .with_facts(snapshot)
}

/// The same after the recommended option was run and checked.
pub fn fixed(mut case: Case) -> Case {
    let chosen = case.plan.options.iter().position(|option| option.recommended).unwrap();
    case.chosen = Some(chosen);
    let steps = case.plan.options[chosen].steps.iter();
    case.steps = steps
        .map(|step| StepRecord {
            operation: step.operation.clone(),
            before: None,
            after: None,
            result: StepResult::Done,
            message: Some(format!("done on {}", case.host.name)),
            duration_ms: 12,
        })
        .collect();
    let check = Check {
        what: "Demo DB listens on port 1433".to_owned(),
        before: "held by bkagent at 10.20.0.15:1433".to_owned(),
        now: "listens".to_owned(),
        outcome: CheckOutcome::Passed,
        source: "the socket table".to_owned(),
    };
    case.verification =
        Some(Verification { outcome: Outcome::Fixed, headline: "Fixed: Demo DB runs".to_owned(), checks: vec![check] });
    case.outcome = Some(Outcome::Fixed);
    case.journal_entry = Some("20261120-031410-1".to_owned());
    case
}
