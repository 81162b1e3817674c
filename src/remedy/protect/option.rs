//! The plan of the audit in words.

use super::Draft;
use crate::diagnosis::wording::span;
use crate::machine::{PortSet, Protocol, Snapshot, Store, System};
use crate::remedy::plan::NO_RESTART;
use crate::remedy::preview::windows::FIRST_DYNAMIC_PORT;
use crate::remedy::step::of_table;
use crate::remedy::{Change, FixOption, Operation, Risk, Step};

/// The option with these steps; `None` where there are none.
pub(super) fn option(snapshot: &Snapshot, draft: Draft) -> Option<FixOption> {
    let Draft { steps, interrupted, .. } = draft;
    if steps.is_empty() {
        return None;
    }
    let moves = steps.iter().any(|step| matches!(step.operation, Operation::SetDynamicRange { .. }));
    let interrupts = if interrupted.is_empty() { "Nothing".to_owned() } else { interrupted.join(", ") };
    let lost = |step: &Step| {
        matches!(&step.operation, Operation::SetDynamicRange { protocol, family, .. }
        if snapshot.dynamic_range_of(*protocol, *family, Store::Active).is_some_and(|now| now.start() < FIRST_DYNAMIC_PORT))
    };
    let loses_a_port = snapshot.host.system == System::Windows && steps.iter().any(lost);
    Some(FixOption {
        title: title(&steps, moves),
        effect: effect(snapshot, &steps),
        recommended: true,
        risk: steps.iter().map(|step| step.risk).max().unwrap_or(Risk::Low),
        reversible: if loses_a_port { "All but port 1024" } else { "Yes, exactly" }.to_owned(),
        interrupts,
        restart: NO_RESTART.to_owned(),
        changes: changes(snapshot, &steps),
        steps,
    })
}

/// The ports that the steps exclude for one protocol.
fn excluded(steps: &[Step], protocol: Protocol) -> PortSet {
    let range = |step: &Step| match &step.operation {
        Operation::AddExclusion { range, protocol: own, .. } if own.is_none_or(|own| own == protocol) => Some(*range),
        Operation::RestartWinnat { range, protocol: own } if *own == protocol => Some(*range),
        _ => None,
    };
    steps.iter().filter_map(range).collect()
}

fn title(steps: &[Step], moves: bool) -> String {
    let ports = excluded(steps, Protocol::Tcp).union(&excluded(steps, Protocol::Udp));
    let exclude = match ports.ranges() {
        [] => String::new(),
        [range] if range.count() == 1 => format!("Exclude port {range}"),
        _ => format!("Exclude {} ports", ports.count()),
    };
    match (moves, exclude.is_empty()) {
        (true, true) => "Move the dynamic range back".to_owned(),
        (true, false) => format!("Move the dynamic range back and {}", exclude.replacen('E', "e", 1)),
        (false, _) => exclude,
    }
}

fn effect(snapshot: &Snapshot, steps: &[Step]) -> String {
    let any = |is_meant: fn(&Operation) -> bool| steps.iter().any(|step| is_meant(&step.operation));
    let mut text =
        "Clients are not given these ports any more, now and after a restart; services can still ask for them.".to_owned();
    if any(|operation| matches!(operation, Operation::SetDynamicRange { .. })) {
        text.push_str(" The dynamic range starts where Windows has it by itself, so fixed ports below are out of it.");
    }
    if any(|operation| matches!(operation, Operation::StopService { .. })) {
        text.push_str(" Windows excludes no port that is in use, so whoever has one stops for a moment, one after another.");
    }
    if any(|operation| matches!(operation, Operation::RestartWinnat { .. })) {
        text.push_str(" While WinNAT restarts, virtual machines, containers and WSL are without network for some seconds.");
    }
    if snapshot.host.system == System::Linux {
        text.push_str(" Linux keeps one list for TCP and UDP.");
    }
    text
}

/// Before and after: the lists of each protocol, and the ranges.
fn changes(snapshot: &Snapshot, steps: &[Step]) -> Vec<Change> {
    let row = |what: String, before: String, after: String| Change { what, before, after };
    let protocols: &[Protocol] = match snapshot.host.system {
        System::Linux => &[Protocol::Tcp],
        System::Windows => &Protocol::ALL,
    };
    let list = |protocol: &Protocol| {
        let added = excluded(steps, *protocol);
        let before = snapshot.administered(*protocol, Store::Persistent);
        let name = if snapshot.host.system == System::Linux { String::new() } else { format!(" {protocol}") };
        (!added.is_empty()).then(|| row(format!("Excluded{name} ports"), before.short(), before.union(&added).short()))
    };
    let range = |step: &Step| match &step.operation {
        Operation::SetDynamicRange { range, protocol, family, .. } => {
            let before = snapshot.dynamic_range_of(*protocol, *family, Store::Active);
            let before = before.map_or_else(|| "not known".to_owned(), |now| format!("{} ({} ports)", span(now), now.count()));
            let what = format!("Dynamic range{}", of_table(*protocol, *family));
            Some(row(what, before, format!("{} ({} ports)", span(*range), range.count())))
        }
        _ => None,
    };
    steps.iter().filter_map(range).chain(protocols.iter().filter_map(list)).collect()
}
