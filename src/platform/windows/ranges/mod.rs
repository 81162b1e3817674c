//! Dynamic port ranges and exclusions of both stores, as netsh shows them, and the registry where netsh does not tell.

mod table;

pub use table::{Kind, Table, context, protocol_argument, store_argument};

use crate::machine::{DynamicRange, Exclusion, Family, Gap, PortRange, Protocol, Snapshot, Store};
use crate::platform::PlatformError;
use crate::platform::windows::{netsh, registry};
use crate::platform::windows_text::excluded_ports::{self, Row};
use crate::platform::windows_text::nsi_store;

const FAMILIES: [Family; 2] = [Family::Ipv4, Family::Ipv6];
const STORES: [Store; 2] = [Store::Active, Store::Persistent];
/// What Windows itself excludes after its setup, as an administrator would.
const SHIPPED: (u16, u16) = (50_000, 50_059);

/// Looks at the ranges of both stores.
pub fn look(snapshot: &mut Snapshot) {
    let mut tables = Vec::with_capacity(16);
    for kind in [Kind::Dynamic, Kind::Excluded] {
        for store in STORES {
            for protocol in Protocol::ALL {
                tables.extend(FAMILIES.map(|family| Table { kind, family, protocol, store }));
            }
        }
    }
    let (dynamic, excluded): (Vec<_>, Vec<_>) = ask(tables).partition(|(table, _)| table.kind == Kind::Dynamic);
    for (table, answer) in dynamic {
        match answer.and_then(|text| table.dynamic_range(&text)) {
            Ok(range) => snapshot.dynamic_ranges.push(dynamic_range(range, table)),
            Err(error) => Gap::add(&mut snapshot.gaps, [not_seen(table, &error)]),
        }
    }
    let mut excluded = excluded.into_iter().map(|(table, answer)| (table, answer.and_then(|text| table.exclusions(&text))));
    // The two families of a table stand beside each other.
    while let (Some(ipv4), Some(ipv6)) = (excluded.next(), excluded.next()) {
        look_at_exclusions(ipv4, ipv6, snapshot);
    }
}

type Answer = (Table, Result<Vec<Row>, PlatformError>);

fn look_at_exclusions((table, ipv4): Answer, (other, ipv6): Answer, snapshot: &mut Snapshot) {
    let rows = match (ipv4, ipv6) {
        (Ok(ipv4), Ok(ipv6)) => excluded_ports::of_both_families(&ipv4, &ipv6),
        // One table tells of the other: an exclusion counts for both families.
        (Ok(rows), Err(_)) | (Err(_), Ok(rows)) => excluded_ports::of_both_families(&rows, &rows),
        (Err(error), Err(_)) => {
            match next_start(table) {
                Some(rows) => snapshot.exclusions.extend(rows),
                None => Gap::add(&mut snapshot.gaps, [not_seen(table, &error)]),
            }
            return;
        }
    };
    let source = |family| if family == Some(Family::Ipv6) { other.source() } else { table.source() };
    snapshot.exclusions.extend(rows.into_iter().map(|(row, family)| exclusion(row, family, table, source(family))));
}

/// What the registry says of the next start; `None` where it says nothing.
fn next_start(table: Table) -> Option<Vec<Exclusion>> {
    if table.store != Store::Persistent {
        return None;
    }
    let key = nsi_store::key(table.protocol);
    let values = registry::values(key).ok().flatten()?;
    let rows = values.iter().filter_map(|(name, value)| nsi_store::row(name, value));
    Some(rows.map(|row| exclusion(row, None, table, format!(r"HKLM\{key}"))).collect())
}

/// What netsh says of these tables, asked at the same time.
fn ask(tables: Vec<Table>) -> impl Iterator<Item = (Table, Result<String, PlatformError>)> {
    let questions: Vec<Vec<&str>> = tables.iter().copied().map(Table::arguments).collect();
    let answers = netsh::show_all(&questions);
    tables.into_iter().zip(answers)
}

/// The dynamic ranges of these tables.
pub fn dynamic_of(tables: Vec<Table>) -> Result<Vec<(Table, PortRange)>, PlatformError> {
    ask(tables).map(|(table, text)| Ok((table, table.dynamic_range(&text?)?))).collect()
}

/// The exclusions of these lists, which count for both families.
pub fn exclusions_of(lists: Vec<(Protocol, Store)>) -> Result<Vec<(Table, Vec<Row>)>, PlatformError> {
    let table = |(protocol, store)| Table { kind: Kind::Excluded, family: Family::Ipv4, protocol, store };
    ask(lists.into_iter().map(table).collect()).map(|(table, text)| Ok((table, table.exclusions(&text?)?))).collect()
}

/// The dynamic range of one table.
pub fn dynamic(table: Table) -> Result<PortRange, PlatformError> {
    table.dynamic_range(&netsh::show(&table.arguments())?)
}

/// The exclusions of one list.
pub fn exclusions(protocol: Protocol, store: Store) -> Result<Vec<Row>, PlatformError> {
    let table = Table { kind: Kind::Excluded, family: Family::Ipv4, protocol, store };
    table.exclusions(&netsh::show(&table.arguments())?)
}

fn dynamic_range(range: PortRange, table: Table) -> DynamicRange {
    let Table { family, protocol, store, .. } = table;
    DynamicRange { range, protocol: Some(protocol), family: Some(family), store, source: table.source() }
}

fn exclusion(row: Row, family: Option<Family>, table: Table, source: String) -> Exclusion {
    let shipped = row.administered && (row.range.start(), row.range.end()) == SHIPPED;
    Exclusion {
        range: row.range,
        protocol: Some(table.protocol),
        family,
        store: table.store,
        administered: row.administered,
        owner: shipped.then(|| "Windows".to_owned()),
        source,
    }
}

fn not_seen(table: Table, error: &PlatformError) -> Gap {
    let what = match table.kind {
        Kind::Dynamic => "The dynamic port ranges",
        Kind::Excluded => "The excluded port ranges",
    };
    let when = if table.store == Store::Active { "" } else { " after the next start" };
    Gap::new(format!("{what}{when}"), error.to_string(), format!("`{}` in a command prompt", table.source()))
}
