//! Who changed since what a change of PortMedic left, as far as anything tells.

use crate::helper::journal::Entry;
use crate::machine::{PortSet, Snapshot, Store, visible};
use crate::remedy::{Operation, OperationState, StepRecord};

/// What is different from what `record` left, a sentence without a full stop each, with who did it. `later` are the entries after its own.
pub fn since(record: &StepRecord, change: &str, now: &OperationState, snapshot: &Snapshot, later: &[Entry]) -> Vec<String> {
    let lists = match (left_by(record), now) {
        (Some(left), OperationState::Exclusions { active, persistent, .. }) => {
            let (is_now, comes) = if active == persistent && left[0] == left[1] { ("", None) } else { ("now", Some(persistent)) };
            let first = list((&left[0], active), is_now, Store::Active, snapshot, later);
            first
                .into_iter()
                .chain(
                    comes
                        .into_iter()
                        .flat_map(|next| list((&left[1], next), "for the next start", Store::Persistent, snapshot, later)),
                )
                .collect()
        }
        _ => Vec::new(),
    };
    if lists.is_empty() { vec![one_value(record, change, snapshot, later)] } else { lists }
}

/// The lists that the step left in the running system and for the next start; what it was to make of them where nobody read them.
fn left_by(record: &StepRecord) -> Option<[PortSet; 2]> {
    match (&record.before, &record.after, &record.operation) {
        (_, Some(OperationState::Exclusions { active, persistent, .. }), _) => Some([active.clone(), persistent.clone()]),
        (
            Some(OperationState::Exclusions { active, persistent, .. }),
            None,
            Operation::AddExclusion { range, .. } | Operation::RestartWinnat { range, .. },
        ) => Some([active, persistent].map(|list| list.union(&(*range).into()))),
        (Some(OperationState::Exclusions { active, persistent, .. }), None, Operation::RemoveExclusion { range, .. }) => {
            Some([active, persistent].map(|list| list.difference(&(*range).into())))
        }
        _ => None,
    }
}

/// The ports that came to one list and went from it.
fn list((left, now): (&PortSet, &PortSet), when: &str, store: Store, snapshot: &Snapshot, later: &[Entry]) -> Vec<String> {
    let when = if when.is_empty() { String::new() } else { format!(" {when}") };
    let came = now.difference(left);
    let went = left.difference(now);
    let came =
        came.ranges().iter().map(|range| {
            let by = later.iter().rev().find(|entry| entry.is_in_force() && changed(entry, |operation| {
            matches!(operation, Operation::AddExclusion { range: own, .. } | Operation::RestartWinnat { range: own, .. }
                if own.overlaps(*range))
        }));
            let rows = snapshot.exclusions.iter().filter(|row| row.range.overlaps(*range));
            let file = rows.filter(|row| row.store == Store::Persistent && store == Store::Active || row.store == store);
            let file = file.filter(|row| row.store == Store::Persistent).map(|row| row.source.clone()).next();
            let who = match (by, file) {
                (Some(entry), _) => who(entry),
                (None, Some(file)) => visible(&file),
                (None, None) => "nothing tells by whom, and it does not last beyond a restart".to_owned(),
            };
            format!("{range} is excluded{when} that was not: {who}")
        });
    let went = went.ranges().iter().map(|range| {
        let by = later.iter().rev().find(|entry| {
            entry.is_in_force()
                && changed(
                    entry,
                    |operation| matches!(operation, Operation::RemoveExclusion { range: own, .. } if own.overlaps(*range)),
                )
        });
        format!("{range} is excluded{when} no longer: {}", by.map_or_else(|| "nothing tells by whom".to_owned(), who))
    });
    came.chain(went).collect()
}

/// A setting of one value.
fn one_value(record: &StepRecord, change: &str, snapshot: &Snapshot, later: &[Entry]) -> String {
    let by = later
        .iter()
        .rev()
        .find(|entry| entry.is_in_force() && changed(entry, |operation| operation.subject() == record.operation.subject()));
    let file = snapshot
        .dynamic_ranges
        .iter()
        .find(|row| row.store == Store::Persistent && matches!(record.operation, Operation::SetDynamicRange { .. }));
    match (by, file) {
        (Some(entry), _) => format!("{change}: {}", who(entry)),
        (None, Some(row)) => format!("{change}; the next start has {} from {}", row.range, visible(&row.source)),
        (None, None) => format!("{change}; nothing tells by whom"),
    }
}

fn changed(entry: &Entry, is_it: impl Fn(&Operation) -> bool) -> bool {
    entry.steps.iter().any(|step| step.record.has_changed() && is_it(&step.record.operation))
}

fn who(entry: &Entry) -> String {
    let name = entry.asker.words().map(|name| format!(", asked for by {name}")).unwrap_or_default();
    format!("PortMedic's change {} (\"{}\"{name})", visible(&entry.id), visible(&entry.title))
}
