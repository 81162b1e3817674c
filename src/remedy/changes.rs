//! The before and after rows of an option.

use super::planner::Planner;
use super::step::{of_table, unit_name};
use super::{Change, Operation, Step};
use crate::diagnosis::Cause;
use crate::diagnosis::wording::{capital, span};
use crate::machine::{PortRange, PortSet, Store, Table, visible};

/// What the row of the lists of exclusions is called.
const EXCLUDED: &str = "Excluded ports";

/// What will be different, row by row.
pub(super) fn changes(planner: &Planner<'_>, steps: &[Step]) -> Vec<Change> {
    let frees = steps.iter().any(|step| {
        matches!(
            step.operation,
            Operation::CloseConnection { .. }
                | Operation::EndProcess { .. }
                | Operation::StopService { .. }
                | Operation::DeletePortproxy { .. }
                | Operation::ExcludeFromDnsPool { .. }
        )
    });
    let mut changes = Vec::new();
    if planner.diagnosis.verdict.cause == Cause::ReservedRange
        && steps.iter().any(|step| matches!(step.operation, Operation::RestartWinnat { .. }))
    {
        let after = planner.wanted().map_or_else(|| "free".to_owned(), |name| format!("free for {name}"));
        changes.push(change(capital(&planner.port_name()), "reserved for another".to_owned(), after));
    }
    if frees && planner.diagnosis.port.is_some() && !planner.diagnosis.owners.is_empty() {
        let after = planner.wanted().map_or_else(|| "free".to_owned(), |name| format!("free for {name}"));
        changes.push(change(capital(&planner.port_name()), format!("held by {}", planner.holder()), after));
    }
    let added: PortSet = steps
        .iter()
        .filter_map(|step| match step.operation {
            Operation::AddExclusion { range, .. } => Some(range),
            _ => None,
        })
        .collect();
    for row in steps.iter().filter_map(|step| change_of(planner, &step.operation, &added)) {
        match changes.iter_mut().find(|earlier: &&mut Change| earlier.what == row.what) {
            // The row of the first exclusion tells of all of them.
            Some(earlier) if earlier.what == EXCLUDED => {}
            // A unit that is stopped and started again.
            Some(earlier) if row.after.ends_with("again") => earlier.after = row.after,
            Some(earlier) => earlier.after = format!("{} again", row.after),
            None => changes.push(row),
        }
    }
    changes
}

fn exclusions(planner: &Planner<'_>, before: &PortSet, after: &PortSet, range: PortRange) -> Change {
    let was = if planner.snapshot.shows(Table::Exclusions) { with_or_without(before, range) } else { "not known".to_owned() };
    change(EXCLUDED.to_owned(), was, with_or_without(after, range))
}

/// `added` is what all steps together exclude.
fn change_of(planner: &Planner<'_>, operation: &Operation, added: &PortSet) -> Option<Change> {
    Some(match operation {
        Operation::AddExclusion { range, .. } => {
            let before = planner.snapshot.administered(planner.protocol(), Store::Active);
            let after = before.union(added);
            exclusions(planner, &before, &after, *range)
        }
        Operation::RemoveExclusion { range, .. } => {
            let before = planner.snapshot.administered(planner.protocol(), Store::Active);
            let after = before.difference(&PortSet::from(*range));
            exclusions(planner, &before, &after, *range)
        }
        Operation::SetDynamicRange { range, protocol, family, .. } => {
            let before = planner.snapshot.dynamic_range_of(*protocol, *family, Store::Active);
            let what = format!("Dynamic range{}", of_table(*protocol, *family));
            change(what, before.map_or_else(|| "not known".to_owned(), span), span(*range))
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
        Operation::RestartWinnat { range, protocol } => {
            let before = planner.snapshot.administered(*protocol, Store::Active);
            let after = before.union(&PortSet::from(*range));
            exclusions(planner, &before, &after, *range)
        }
        Operation::DeletePortproxy { rule } => {
            let what = format!("Portproxy rule for {}:{}", visible(&rule.listen_address), rule.listen_port);
            let before = format!("to {}:{}", visible(&rule.connect_address), rule.connect_port);
            change(what, before, "deleted".to_owned())
        }
        Operation::SetRpcPort { service, port } => {
            let fixed = planner.snapshot.windows.rpc_ports.iter().find(|fixed| fixed.service == *service);
            let before = fixed.map_or_else(|| "chosen by Windows".to_owned(), |fixed| fixed.port.to_string());
            change(format!("RPC port of {}", service.as_str()), before, format!("{port} as well, after a restart"))
        }
        Operation::ExcludeFromDnsPool { ports } => {
            let before = planner.snapshot.windows.dns_socket_pool.as_ref().map(|pool| pool.excluded.clone()).unwrap_or_default();
            change("UDP ports the DNS server leaves alone".to_owned(), before.short(), before.union(ports).short())
        }
        Operation::RemoveMaxUserPort => {
            let value = planner.snapshot.windows.max_user_port;
            let before = value.map_or_else(|| "not known".to_owned(), |value| value.to_string());
            change("Registry value MaxUserPort".to_owned(), before, "not set".to_owned())
        }
        Operation::CloseConnection { .. }
        | Operation::StartTrace
        | Operation::StopTrace
        | Operation::InstallTask { .. }
        | Operation::RemoveTask { .. }
        | Operation::Manual { .. } => return None,
    })
}

fn unit_change(planner: &Planner<'_>, unit: &str, after: &str) -> Change {
    let now = planner.snapshot.service(unit).map_or("running", |service| service.state.as_str());
    let after = if now == after { format!("{after} again") } else { after.to_owned() };
    change(unit_name(unit, planner.snapshot), now.to_owned(), after)
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
