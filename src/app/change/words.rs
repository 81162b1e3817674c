//! What a change that was asked for is in words: its effect, before and after, and the facts it was planned from.

use crate::machine::{Evidence, PortSet, Protocol, Snapshot, Store, System};
use crate::remedy::{Change, FixOption, Operation, Step, Task};

/// The option of one step.
pub(super) fn option(step: Step, snapshot: &Snapshot) -> FixOption {
    let operation = &step.operation;
    let closes = matches!(operation, Operation::CloseConnection { .. });
    FixOption {
        title: step.title.clone(),
        effect: effect(operation, snapshot),
        recommended: true,
        risk: step.risk,
        reversible: if closes { "No" } else { "Yes, exactly" }.to_owned(),
        interrupts: if closes { "This connection" } else { "Nothing" }.to_owned(),
        restart: "Not needed".to_owned(),
        changes: changes(operation, snapshot),
        steps: vec![step],
    }
}

/// What it brings.
fn effect(operation: &Operation, snapshot: &Snapshot) -> String {
    let dynamic = snapshot.dynamic_range(Protocol::Tcp).map(|row| row.range);
    match operation {
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
        Operation::SetDynamicRange { range, .. } => {
            format!("New connections of clients get one of {} ports. Those that are open keep the port they have.", range.count())
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
        _ => String::new(),
    }
}

/// Before and after, for both stores where there are two.
fn changes(operation: &Operation, snapshot: &Snapshot) -> Vec<Change> {
    let row = |what: &str, before: String, after: String| Change { what: what.to_owned(), before, after };
    let excluded = |protocol: Option<Protocol>, store: Store, change: &dyn Fn(&PortSet) -> PortSet| {
        let before = snapshot.excluded(protocol.unwrap_or(Protocol::Tcp), store);
        let what = if store == Store::Active { "Excluded now" } else { "Excluded after restart" };
        row(what, before.short(), change(&before).short())
    };
    match operation {
        Operation::AddExclusion { range, protocol, .. } => [Store::Active, Store::Persistent]
            .map(|store| excluded(*protocol, store, &|ports| ports.union(&(*range).into())))
            .into(),
        Operation::RemoveExclusion { range, protocol, .. } => [Store::Active, Store::Persistent]
            .map(|store| excluded(*protocol, store, &|ports| ports.difference(&(*range).into())))
            .into(),
        Operation::SetDynamicRange { range, protocol, .. } => {
            let before = snapshot
                .dynamic_range(protocol.unwrap_or(Protocol::Tcp))
                .map_or_else(|| "not known".to_owned(), |row| row.range.to_string());
            vec![row("Dynamic range", before, range.to_string())]
        }
        Operation::CloseConnection { local, remote, .. } => {
            vec![row(&format!("{local} to {remote}"), "connected".to_owned(), "closed".to_owned())]
        }
        _ => Vec::new(),
    }
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
