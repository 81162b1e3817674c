//! What comes through the privileged door in both directions, and the journal behind it.

use std::collections::BTreeSet;
use std::sync::Mutex;

use portmedic::helper::journal::{Asker, MemoryJournal, read};
use portmedic::helper::protocol::{Job, PlannedStep, Reply, Request, VERSION};
use portmedic::helper::{Ended, Executor};
use portmedic::machine::{BindTest, Port, Protocol, Snapshot};
use portmedic::platform::practice::{Behaviour, Machine, PracticePlatform};
use portmedic::platform::{BindQuestion, Platform, PlatformError, Scope};
use portmedic::remedy::{Operation, OperationState};
use proptest::prelude::*;
use serde_json::json;

use crate::cases;
use crate::damage::damaged_one_of;

/// One step of every kind, with a state that fits it.
fn steps() -> Vec<serde_json::Value> {
    let rule = json!({ "listen_family": "ipv4", "listen_address": "0.0.0.0", "listen_port": 8080, "connect_family": "ipv4",
                       "connect_address": "10.20.0.7", "connect_port": 8080 });
    let service = json!({ "of": "service", "state": "running", "main_pid": 812, "dependants": ["web.service"] });
    let exclusions = json!({ "of": "exclusions", "active": "3000,5000-5010", "persistent": "3000", "own_file": "# ours\n" });
    let task = json!({ "of": "task", "works": null, "enabled": false, "own_file": null });
    [
        (json!({ "operation": "stop_service", "service": "backup-agent.service" }), service.clone()),
        (json!({ "operation": "start_service", "service": "postgresql@15-main.service" }), service.clone()),
        (json!({ "operation": "restart_service", "service": "backup-agent.service" }), service),
        (
            json!({ "operation": "close_connection", "protocol": "tcp", "local": "127.0.0.1:5432", "remote": "[::1]:9000", "cookie": 7 }),
            json!({ "of": "connection", "present": true }),
        ),
        (
            json!({ "operation": "end_process", "process": { "pid": 4711, "started": 99 }, "name": "leaky" }),
            json!({ "of": "process", "alive": true }),
        ),
        (
            json!({ "operation": "add_exclusion", "range": { "start": 5432, "end": 5433 }, "protocol": null, "stores": "both" }),
            exclusions.clone(),
        ),
        (
            json!({ "operation": "remove_exclusion", "range": { "start": 1, "end": 65535 }, "protocol": "tcp", "stores": "active" }),
            exclusions.clone(),
        ),
        (
            json!({ "operation": "set_dynamic_range", "range": { "start": 20000, "end": 29999 }, "protocol": "udp", "family": "ipv6",
                    "stores": "persistent" }),
            json!({ "of": "dynamic_range", "active": { "start": 32768, "end": 60999 }, "persistent": null, "own_file": null }),
        ),
        (
            json!({ "operation": "allow_low_port", "service": "shop.service" }),
            json!({ "of": "low_port", "allowed": false, "own_file": null }),
        ),
        (json!({ "operation": "restart_winnat", "range": { "start": 50080, "end": 50080 }, "protocol": "tcp" }), exclusions),
        (json!({ "operation": "delete_portproxy", "rule": rule }), json!({ "of": "portproxy", "present": true })),
        (
            json!({ "operation": "set_rpc_port", "service": "active_directory", "port": 5722 }),
            json!({ "of": "rpc_port", "port": null }),
        ),
        (
            json!({ "operation": "exclude_from_dns_pool", "ports": "1645-1646" }),
            json!({ "of": "dns_pool", "excluded": "53" }),
        ),
        (json!({ "operation": "remove_max_user_port" }), json!({ "of": "max_user_port", "value": 65534 })),
        (json!({ "operation": "start_trace" }), json!({ "of": "trace", "now": "off" })),
        (json!({ "operation": "stop_trace" }), json!({ "of": "trace", "now": "running" })),
        (json!({ "operation": "install_task", "task": { "name": "recorder", "ports": "53,1433" } }), task.clone()),
        (json!({ "operation": "remove_task", "task": "recheck" }), task),
    ]
    .into_iter()
    .map(|(action, before)| json!({ "action": action, "before": before }))
    .collect()
}

fn planned() -> Vec<PlannedStep> {
    steps()
        .into_iter()
        .map(|step| serde_json::from_value(step.clone()).unwrap_or_else(|error| panic!("{step}: {error}")))
        .collect()
}

fn requests() -> Vec<Vec<u8>> {
    let request = |job| serde_json::to_vec(&Request { version: VERSION, id: "run-1".to_owned(), job }).unwrap();
    let apply = |steps| request(Job::Apply { title: "A plan".to_owned(), steps, purpose: None });
    let mut all: Vec<_> = planned().into_iter().map(|step| apply(vec![step])).collect();
    all.push(apply(planned()));
    all.push(request(Job::undo("20261121-1".to_owned())));
    let seen = planned().into_iter().filter_map(|step| step.before).collect();
    all.push(request(Job::Undo { entry: "20261121-1".to_owned(), mode: portmedic::remedy::UndoMode::Everything, seen }));
    all
}

/// A made-up computer that notes what was done to it.
struct Witness {
    computer: PracticePlatform,
    done: Mutex<Vec<Operation>>,
}

impl Platform for Witness {
    fn observe(&self, scope: &Scope) -> Result<Snapshot, PlatformError> {
        self.computer.observe(scope)
    }

    fn bind_test(&self, question: &BindQuestion) -> BindTest {
        self.computer.bind_test(question)
    }

    fn sample_dynamic_ports(&self, protocol: Protocol, count: usize) -> Result<Vec<Port>, PlatformError> {
        self.computer.sample_dynamic_ports(protocol, count)
    }

    fn state_of(&self, operation: &Operation) -> Result<OperationState, PlatformError> {
        self.computer.state_of(operation)
    }

    fn perform(&self, operation: &Operation) -> Result<(), PlatformError> {
        self.done.lock().unwrap().push(operation.clone());
        self.computer.perform(operation)
    }

    fn restore(&self, operation: &Operation, before: &OperationState, after: &OperationState) -> Result<(), PlatformError> {
        self.done.lock().unwrap().push(operation.clone());
        self.computer.restore(operation, before, after)
    }
}

/// Runs what was said as the helper does, and demands that no more was done than stands in it.
fn hear(said: &[u8], machine: &Machine) {
    let Ok(request) = serde_json::from_slice::<Request>(said) else { return };
    let computer = PracticePlatform::new(machine, &Behaviour::default());
    let witness = Witness { computer, done: Mutex::default() };
    let mut journal = MemoryJournal::default();
    let mut replies = Vec::new();
    let ended = Executor {
        platform: &witness,
        journal: &mut journal,
        asker: Asker::default(),
        stop: &|| false,
        reply: &mut |reply| {
            replies.push(reply);
            Ok(())
        },
    }
    .run(&request);
    let done = witness.done.into_inner().unwrap();
    let wanted: Vec<Operation> = match request.job {
        Job::Apply { steps, .. } => steps.into_iter().map(|step| step.action).collect(),
        Job::Undo { .. } => Vec::new(),
    };
    assert!(done.iter().all(|operation| wanted.contains(operation)), "{done:?} was done, and asked for was {wanted:?}");
    match ended {
        Ended::Refused => {
            assert!(done.is_empty(), "{done:?}");
            assert!(matches!(replies.as_slice(), [Reply::Refused { because }] if !because.is_empty()), "{replies:?}");
        }
        Ended::Complete | Ended::Early => assert!(matches!(replies.last(), Some(Reply::Finished { .. })), "{replies:?}"),
    }
}

#[test]
fn each_kind_of_step_is_in_it() {
    let names: BTreeSet<_> = planned().iter().map(|step| step.action.name()).collect();
    assert_eq!(names.len(), steps().len());
    for said in requests() {
        hear(&said, &Machine::find("postgresql-client").unwrap());
    }
}

/// The journal of a plan that was done and taken back.
fn journal() -> Vec<u8> {
    let mut lines = Vec::new();
    for (index, step) in steps().into_iter().enumerate() {
        let entry = format!("20261121-{}", index / 4 + 1);
        let time = "2026-11-21T03:02:00Z";
        if index % 4 == 0 {
            lines.push(json!({ "record": "begin", "entry": entry, "time": time, "request": "a", "title": "A plan",
                               "asker": { "uid": 1000, "name": "kim", "by": "pkexec" }, "boot": "b/1",
                               "purpose": { "service": "db.service", "port": 1433 } }));
        }
        let (action, before) = (&step["action"], &step["before"]);
        lines.push(json!({ "record": "intent", "entry": entry, "time": time, "index": index % 4, "operation": action, "before": before }));
        let mut record = action.clone();
        for (key, value) in
            [("before", before.clone()), ("after", before.clone()), ("result", json!("done")), ("duration_ms", json!(7))]
        {
            record[key] = value;
        }
        lines.push(json!({ "record": "result", "entry": entry, "time": time, "index": index % 4, "step": record }));
        if index % 4 == 3 {
            lines.push(json!({ "record": "checked", "entry": entry, "time": time,
                               "checks": [{ "index": 0, "outcome": "passed", "now": before }] }));
            lines.push(json!({ "record": "end", "entry": entry, "time": time }));
            lines.push(json!({ "record": "undone", "entry": entry, "time": time, "by": "20261121-9" }));
        }
    }
    let lines: Vec<String> = lines.iter().map(ToString::to_string).collect();
    (lines.join("\n") + "\n").into_bytes()
}

#[test]
fn the_journal_that_is_damaged_is_one() {
    let text = String::from_utf8(journal()).unwrap();
    let entries = read(text.lines());
    let told = (entries.len(), entries[0].steps.len(), entries[0].undone.is_some());
    assert_eq!(told, (steps().len().div_ceil(4), 4, true), "{entries:#?}");
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn a_damaged_request_does_no_more_than_it_says(said in damaged_one_of(requests()), windows: bool) {
        hear(&said, &Machine::find(if windows { "sql-client" } else { "postgresql-client" }).unwrap());
    }

    #[test]
    fn any_bytes_are_no_request(said in proptest::collection::vec(any::<u8>(), 0..2000)) {
        prop_assert!(serde_json::from_slice::<Request>(&said).is_err());
        prop_assert!(serde_json::from_slice::<Reply>(&said).is_err());
    }

    #[test]
    fn a_damaged_journal_is_read_and_tells_no_more_than_its_lines(bytes in damaged_one_of(vec![journal()])) {
        let text = String::from_utf8_lossy(&bytes);
        let entries = read(text.lines());
        prop_assert!(entries.iter().map(|entry| entry.steps.len() + 1).sum::<usize>() <= text.lines().count());
        for entry in &entries {
            prop_assert!(entry.to_take_back().len() <= entry.steps.len());
            let _answers = (entry.can_be_undone(), entry.is_in_force(), entry.has_changed(), format!("{entry:?}"));
        }
    }
}
