//! Are exclusions and dynamic range as the option promised, in both stores, and does the system keep to them?

use super::{Check, CheckOutcome, Operation, Proof, passed, row};
use crate::diagnosis::wording::span;
use crate::machine::{Family, Port, PortRange, Protocol, Snapshot, Store, System};
use crate::remedy::Stores;
use crate::remedy::changes::with_or_without;
use crate::remedy::paths::{DYNAMIC_RANGE_FILE, EXCLUSIONS_FILE};
use crate::remedy::step::of_table;

pub(super) fn checks(proof: &Proof<'_>) -> Vec<Check> {
    proof
        .operations()
        .flat_map(|operation| match operation {
            Operation::AddExclusion { range, protocol, stores } => exclusion(proof, *range, *protocol, *stores, true),
            Operation::RemoveExclusion { range, protocol, stores } => exclusion(proof, *range, *protocol, *stores, false),
            Operation::SetDynamicRange { range, protocol, family, stores } => {
                dynamic_range(proof, *range, (*protocol, *family), *stores)
            }
            Operation::RestartWinnat { range, protocol } => exclusion(proof, *range, Some(*protocol), Stores::Both, true),
            Operation::StopService { .. }
            | Operation::StartService { .. }
            | Operation::RestartService { .. }
            | Operation::CloseConnection { .. }
            | Operation::EndProcess { .. }
            | Operation::AllowLowPort { .. }
            | Operation::DeletePortproxy { .. }
            | Operation::SetRpcPort { .. }
            | Operation::ExcludeFromDnsPool { .. }
            | Operation::RemoveMaxUserPort
            | Operation::StartTrace
            | Operation::StopTrace
            | Operation::InstallTask { .. }
            | Operation::RemoveTask { .. }
            | Operation::Manual { .. } => Vec::new(),
        })
        .collect()
}

const fn touched(stores: Stores, store: Store) -> bool {
    match store {
        Store::Active => stores.active(),
        Store::Persistent => stores.persistent(),
    }
}

const fn when(store: Store) -> &'static str {
    match store {
        Store::Active => "now",
        Store::Persistent => "after a restart",
    }
}

fn exclusion(proof: &Proof<'_>, range: PortRange, protocol: Option<Protocol>, stores: Stores, added: bool) -> Vec<Check> {
    let protocol = protocol.unwrap_or(proof.protocol());
    let one = |store: Store| {
        let (was, is) = (proof.before.administered(protocol, store), proof.after.administered(protocol, store));
        let right = if added { is.contains_range(range) } else { is.intersection(&range.into()).is_empty() };
        // Without the ranges themselves an empty list means that nobody looked.
        let outcome = if was_read(proof.after) { passed(right) } else { CheckOutcome::CouldNotCheck };
        row(
            format!("Excluded ports, {}", when(store)),
            with_or_without(&was, range),
            with_or_without(&is, range),
            outcome,
            list_source(proof.after, store),
        )
    };
    [Store::Active, Store::Persistent].into_iter().filter(|store| touched(stores, *store)).map(one).collect()
}

fn dynamic_range(proof: &Proof<'_>, range: PortRange, table: (Option<Protocol>, Option<Family>), stores: Stores) -> Vec<Check> {
    let (protocol, family) = table;
    let in_store =
        |snapshot: &Snapshot, store: Store| snapshot.dynamic_range_of(Some(protocol.unwrap_or(proof.protocol())), family, store);
    let words = |range: Option<PortRange>| range.map_or_else(|| "not set".to_owned(), span);
    let one = |store: Store| {
        let (was, is) = (in_store(proof.before, store), in_store(proof.after, store));
        let outcome = if was_read(proof.after) { passed(is == Some(range)) } else { CheckOutcome::CouldNotCheck };
        row(
            format!("Dynamic range{}, {}", of_table(protocol, family), when(store)),
            words(was),
            words(is),
            outcome,
            range_source(proof.after, store),
        )
    };
    [Store::Active, Store::Persistent].into_iter().filter(|store| touched(stores, *store)).map(one).collect()
}

/// Ports that the system chose by itself: none may be excluded, and all lie in the dynamic range.
///
/// A sample that could not be made is no doubt about what both stores show.
pub(super) fn sample(proof: &Proof<'_>, samples: Result<&[Port], &str>) -> Option<Check> {
    let changes_ranges = proof.operations().any(|operation| {
        matches!(operation, Operation::AddExclusion { .. } | Operation::SetDynamicRange { .. } | Operation::RestartWinnat { .. })
    });
    if !changes_ranges {
        return None;
    }
    let what = "Ports handed out by the system".to_owned();
    let told = |now: String, outcome| Some(row(what.clone(), "not tried".to_owned(), now, outcome, "bind to port 0"));
    let drawn = match samples {
        Ok([]) => return told("none was drawn".to_owned(), CheckOutcome::Remark),
        Ok(drawn) => drawn,
        Err(why) => return told(crate::machine::visible(why), CheckOutcome::Remark),
    };
    let excluded = proof.after.excluded(proof.protocol(), Store::Active);
    let range = proof.after.dynamic_range(proof.protocol()).map(|range| range.range);
    let wrong: Vec<Port> = drawn
        .iter()
        .copied()
        .filter(|port| excluded.contains(*port) || range.is_some_and(|range| !range.contains(*port)))
        .collect();
    match wrong.first() {
        None => told(format!("{} drawn, none of them excluded", drawn.len()), CheckOutcome::Passed),
        Some(port) => told(format!("{port} was drawn, which should not be handed out"), CheckOutcome::Failed),
    }
}

fn was_read(snapshot: &Snapshot) -> bool {
    !snapshot.dynamic_ranges.is_empty()
}

fn list_source(snapshot: &Snapshot, store: Store) -> &'static str {
    match (snapshot.host.system, store) {
        (System::Linux, Store::Active) => "/proc/sys/net/ipv4/ip_local_reserved_ports",
        (System::Linux, Store::Persistent) => EXCLUSIONS_FILE,
        (System::Windows, _) => "netsh int ipv4 show excludedportrange",
    }
}

fn range_source(snapshot: &Snapshot, store: Store) -> &'static str {
    match (snapshot.host.system, store) {
        (System::Linux, Store::Active) => "/proc/sys/net/ipv4/ip_local_port_range",
        (System::Linux, Store::Persistent) => DYNAMIC_RANGE_FILE,
        (System::Windows, _) => "netsh int ipv4 show dynamicport",
    }
}
