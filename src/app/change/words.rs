//! What a change that was asked for is in words: its effect, before and after, and the facts it was planned from.

use crate::machine::{Evidence, PortRange, PortSet, Protocol, Snapshot, Store, System};
use crate::remedy::paths::TRACE_FILE_WINDOWS;
use crate::remedy::{Change, FixOption, Operation, Risk, Step, Task, TraceState, ports_for_clients};

/// The option of these steps.
pub(super) fn option(steps: Vec<Step>, snapshot: &Snapshot) -> FixOption {
    let operations: Vec<&Operation> = steps.iter().map(|step| &step.operation).collect();
    let closes = operations.iter().any(|operation| matches!(operation, Operation::CloseConnection { .. }));
    FixOption {
        title: title(&steps),
        effect: weightiest(&operations, snapshot).and_then(|operation| effect(operation, snapshot)).unwrap_or_default(),
        recommended: true,
        risk: steps.iter().map(|step| step.risk).max().unwrap_or(Risk::Low),
        reversible: reversible(&operations).to_owned(),
        interrupts: if closes { "This connection" } else { "Nothing" }.to_owned(),
        restart: "Not needed".to_owned(),
        changes: changes(&operations, snapshot).into_iter().chain(steps.iter().filter_map(of_trace)).collect(),
        steps,
    }
}

/// Whether undo can take them back.
fn reversible(operations: &[&Operation]) -> &'static str {
    match operations {
        [Operation::StartTrace] => "Stop it when you are done",
        _ if operations.iter().all(|operation| operation.can_be_taken_back()) => "Yes, exactly",
        _ => "No",
    }
}

/// Whether a trace runs before and after the step, where it is about that.
fn of_trace(step: &Step) -> Option<Change> {
    let after = match step.operation {
        Operation::StartTrace => TraceState::Running,
        Operation::StopTrace => TraceState::Off,
        _ => return None,
    };
    let before = step.before.as_ref().map_or_else(|| "not known".to_owned(), ToString::to_string);
    Some(Change { what: "Trace of the network".to_owned(), before, after: after.to_string() })
}

/// The operation whose effect is told: of several exclusions one inside the dynamic range, else the first.
fn weightiest<'a>(operations: &[&'a Operation], snapshot: &Snapshot) -> Option<&'a Operation> {
    let dynamic = snapshot.dynamic_range(Protocol::Tcp).map(|row| row.range);
    let matters =
        |operation: &&&Operation| excluded_block(operation).zip(dynamic).is_some_and(|(own, range)| own.overlaps(range));
    operations.iter().find(matters).or(operations.first()).copied()
}

/// The title of the only step, or what several come to.
fn title(steps: &[Step]) -> String {
    let (Some(first), true) = (steps.first(), steps.len() > 1) else {
        return steps.first().map(|step| step.title.clone()).unwrap_or_default();
    };
    let ports: PortSet = steps.iter().filter_map(|step| excluded_block(&step.operation)).collect();
    match first.operation {
        Operation::AddExclusion { .. } => {
            format!("Exclude {} ports in {} blocks, now and after a restart", ports.count(), steps.len())
        }
        Operation::RemoveExclusion { .. } => {
            format!("Take {} ports in {} blocks out of the exclusions, now and after a restart", ports.count(), steps.len())
        }
        _ => format!("Make {} changes", steps.len()),
    }
}

/// The ports that an operation excludes, or hands out again.
const fn excluded_block(operation: &Operation) -> Option<PortRange> {
    match operation {
        Operation::AddExclusion { range, .. } | Operation::RemoveExclusion { range, .. } => Some(*range),
        _ => None,
    }
}

/// What it brings.
fn effect(operation: &Operation, snapshot: &Snapshot) -> Option<String> {
    let dynamic = snapshot.dynamic_range(Protocol::Tcp).map(|row| row.range);
    Some(match operation {
        Operation::AddExclusion { range, .. } => {
            let both = if snapshot.host.system == System::Linux { " Linux keeps one list for TCP and UDP." } else { "" };
            match dynamic {
                Some(dynamic) if !dynamic.overlaps(*range) => format!(
                    "Clients get no port outside the dynamic range {dynamic} anyway, so this matters only if that range moves. A service \
                     can still ask for an excluded port.{both}"
                ),
                _ => format!("Clients are not given an excluded port any more. A service can still ask for it.{both}"),
            }
        }
        Operation::RemoveExclusion { .. } => "Clients may be given these ports again.".to_owned(),
        Operation::SetDynamicRange { range, protocol, .. } => {
            let ports = ports_for_clients(snapshot, *range, *protocol);
            format!("New connections of clients get one of {ports} ports. Those that are open keep the port they have.")
        }
        Operation::CloseConnection { .. } => {
            "The program that has it lives on and sees its connection end. It may connect again at once.".to_owned()
        }
        Operation::InstallTask { task } => {
            let what = match task {
                Task::Recheck => {
                    "PortMedic looks after each restart whether the changes still hold, and writes it into its journal."
                }
                Task::Recorder { .. } => "PortMedic writes down who takes these ports, from each start of the computer on.",
            };
            format!("{what} It starts a copy of itself as an administrator; nothing is changed by it.")
        }
        Operation::RemoveTask { .. } => "The system starts it no more. What it wrote down stays.".to_owned(),
        Operation::StartTrace => format!(
            "Windows writes what its network does into %ProgramFiles%\\{TRACE_FILE_WINDOWS}, 250 MB at most, until you stop the trace or \
             restart the computer. The file of an earlier trace is lost. It slows the network a little. Only administrators can read the \
             file: it tells who talked with whom."
        ),
        Operation::StopTrace => format!(
            "Windows closes %ProgramFiles%\\{TRACE_FILE_WINDOWS}; this may take some minutes. As administrator, portmedic analyze tells \
             what is in it; delete its folder afterwards."
        ),
        _ => return None,
    })
}

/// Before and after, for both stores where there are two.
fn changes(operations: &[&Operation], snapshot: &Snapshot) -> Vec<Change> {
    let row = |what: &str, before: String, after: String| Change { what: what.to_owned(), before, after };
    let mut rows = excluded(operations, snapshot);
    for operation in operations {
        match operation {
            Operation::SetDynamicRange { range, protocol, family, .. } => {
                let before = snapshot.dynamic_range_of(*protocol, *family, Store::Active);
                let before = before.map_or_else(|| "not known".to_owned(), |range| range.to_string());
                rows.push(row("Dynamic range", before, range.to_string()));
            }
            Operation::CloseConnection { local, remote, .. } => {
                rows.push(row(&format!("{local} to {remote}"), "connected".to_owned(), "closed".to_owned()));
            }
            _ => {}
        }
    }
    rows
}

/// The lists of excluded ports before all of the operations and after them; nothing where none is about such a list.
fn excluded(operations: &[&Operation], snapshot: &Snapshot) -> Vec<Change> {
    let Some(protocol) = operations.iter().find_map(|operation| match operation {
        Operation::AddExclusion { protocol, .. } | Operation::RemoveExclusion { protocol, .. } => Some(*protocol),
        _ => None,
    }) else {
        return Vec::new();
    };
    let row = |store: Store| {
        let before = snapshot.excluded(protocol.unwrap_or(Protocol::Tcp), store);
        let after = operations.iter().fold(before.clone(), |ports, operation| match operation {
            Operation::AddExclusion { range, .. } => ports.union(&(*range).into()),
            Operation::RemoveExclusion { range, .. } => ports.difference(&(*range).into()),
            _ => ports,
        });
        let what = if store == Store::Active { "Excluded now" } else { "Excluded after restart" };
        Change { what: what.to_owned(), before: before.short(), after: after.short() }
    };
    vec![row(Store::Active), row(Store::Persistent)]
}

/// The settings as they are.
pub(super) fn evidence(snapshot: &Snapshot) -> Vec<Evidence> {
    let time = Some(snapshot.taken_at);
    let when = |store: Store| if store == Store::Active { "" } else { " after the next restart" };
    let ranges = snapshot.dynamic_ranges.iter().map(|row| Evidence {
        fact: format!("The dynamic range is {}{}", row.range, when(row.store)),
        source: row.source.clone(),
        raw: None,
        time,
    });
    let lists = [Store::Active, Store::Persistent].into_iter().filter_map(|store| {
        let ports = snapshot.excluded(Protocol::Tcp, store);
        let first = snapshot.exclusions.iter().find(|row| row.store == store)?;
        Some(Evidence {
            fact: format!("Excluded{} are {}", when(store), ports.short()),
            source: first.source.clone(),
            raw: None,
            time,
        })
    });
    ranges.chain(lists).collect()
}
