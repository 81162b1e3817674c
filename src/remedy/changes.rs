//! The before and after rows of an option.

use super::planner::{Planner, sentence};
use super::step::{span, unit_name};
use super::{Change, Operation, Step};
use crate::machine::{PortRange, PortSet, Store, visible};

/// What will be different, row by row.
pub(super) fn changes(planner: &Planner<'_>, steps: &[Step]) -> Vec<Change> {
    let frees = steps.iter().any(|step| {
        matches!(step.operation, Operation::CloseConnection { .. } | Operation::EndProcess { .. } | Operation::StopService { .. })
    });
    let mut changes = Vec::new();
    if frees && planner.diagnosis.port.is_some() && !planner.diagnosis.owners.is_empty() {
        let after = planner.wanted().map_or_else(|| "free".to_owned(), |name| format!("free for {name}"));
        changes.push(change(sentence(&planner.port_name()), format!("held by {}", planner.holder()), after));
    }
    for row in steps.iter().filter_map(|step| change_of(planner, &step.operation)) {
        match changes.iter_mut().find(|earlier: &&mut Change| earlier.what == row.what) {
            // A unit that is stopped and started again.
            Some(earlier) => earlier.after = format!("{} again", row.after),
            None => changes.push(row),
        }
    }
    changes
}

fn change_of(planner: &Planner<'_>, operation: &Operation) -> Option<Change> {
    Some(match operation {
        Operation::AddExclusion { range, .. } => {
            let before = planner.snapshot.excluded(planner.protocol(), Store::Active);
            let after = before.union(&PortSet::from(*range));
            change("Excluded ports".to_owned(), with_or_without(&before, *range), with_or_without(&after, *range))
        }
        Operation::RemoveExclusion { range, .. } => {
            let before = planner.snapshot.excluded(planner.protocol(), Store::Active);
            let after = before.difference(&PortSet::from(*range));
            change("Excluded ports".to_owned(), with_or_without(&before, *range), with_or_without(&after, *range))
        }
        Operation::SetDynamicRange { range, .. } => {
            let before = planner.dynamic_range().map_or_else(|| "not known".to_owned(), span);
            change("Dynamic range".to_owned(), before, span(*range))
        }
        Operation::StopService { service } => unit_change(planner, service, "stopped"),
        Operation::StartService { service } | Operation::RestartService { service } => unit_change(planner, service, "running"),
        Operation::EndProcess { process, name } => {
            change(format!("{} (PID {})", visible(name), process.pid), "running".to_owned(), "ended".to_owned())
        }
        Operation::AllowLowPort { service } => {
            let what = format!("Low ports for {}", unit_name(service, planner.snapshot));
            change(what, "not allowed".to_owned(), "allowed".to_owned())
        }
        Operation::CloseConnection { .. } | Operation::Manual { .. } => return None,
    })
}

fn unit_change(planner: &Planner<'_>, unit: &str, after: &str) -> Change {
    let now = planner.snapshot.service(unit).map_or("running", |service| service.state.as_str());
    change(unit_name(unit, planner.snapshot), now.to_owned(), after.to_owned())
}

const fn change(what: String, before: String, after: String) -> Change {
    Change { what, before, after }
}

/// A list of ports for a before and after row. Where the whole list would not show the difference, the ports in question do.
pub(super) fn with_or_without(set: &PortSet, range: PortRange) -> String {
    const MOST: usize = 8;
    if set.ranges().len() <= MOST {
        return set.short();
    }
    let with = if set.contains_range(range) { "with" } else { "without" };
    format!("{} ports, {with} {range}", set.count())
}
