//! Sets the dynamic port range: Windows keeps one for each protocol and family, in two stores.

use crate::machine::{Family, PortRange, PortSet, Protocol, Store};
use crate::platform::PlatformError;
use crate::platform::windows::netsh;
use crate::platform::windows::ranges::{self, Kind, Table, context, protocol_argument, store_argument};
use crate::platform::windows_text::dynamic_ports;
use crate::remedy::{OperationState, Stores, one_by_one, settable_on_windows};

/// Which of the four.
#[derive(Debug, Clone, Copy)]
pub struct Which {
    /// The protocol; `None` for both.
    pub protocol: Option<Protocol>,
    /// The family; `None` for both.
    pub family: Option<Family>,
}

impl Which {
    /// Refuses a range that netsh does not set, or that would leave no port for clients.
    pub fn check(self, range: PortRange) -> Result<(), PlatformError> {
        if let Some(why) = dynamic_ports::refused(range) {
            return Err(PlatformError::Refused(why));
        }
        for protocol in self.protocols() {
            let excluded: PortSet = ranges::exclusions(protocol, Store::Active)?.iter().map(|row| row.range).collect();
            if excluded.contains_range(range) {
                let why = format!("every {protocol} port of {range} is excluded, so no port would be left to hand out");
                return Err(PlatformError::Refused(why));
            }
        }
        Ok(())
    }

    /// The ranges of both stores; of several the first that is not yet `wanted`.
    pub fn state(self, wanted: PortRange) -> Result<OperationState, PlatformError> {
        let tables = self.read()?;
        let in_store = |store: Store| {
            let mut own = tables.iter().filter(|(table, _)| table.store == store).map(|(_, range)| *range);
            own.clone().find(|range| *range != wanted).or_else(|| own.next())
        };
        let Some(active) = in_store(Store::Active) else {
            return Err(PlatformError::Refused("this computer has no such dynamic range".to_owned()));
        };
        let one_by_one: Vec<_> =
            tables.iter().map(|(table, range)| (name(*table), store_argument(table.store), *range)).collect();
        Ok(OperationState::DynamicRange {
            active,
            persistent: in_store(Store::Persistent),
            own_file: one_by_one::text(&one_by_one),
        })
    }

    /// Sets the range. Where one table refuses it, those before it get theirs back.
    pub fn set(self, range: PortRange, stores: Stores) -> Result<(), PlatformError> {
        let before = self.read()?;
        let meant: Vec<_> = before.into_iter().filter(|(table, _)| is_in(stores, table.store)).collect();
        meant.iter().try_for_each(|(table, _)| set_one(*table, range)).map_err(|error| {
            match meant.iter().try_for_each(|(table, own)| set_one(*table, settable_on_windows(*own))) {
                Ok(()) => error,
                Err(more) => {
                    PlatformError::Failed { what: error.to_string(), why: format!("and what was done is left so: {more}") }
                }
            }
        })
    }

    /// Puts each range back. One that only `MaxUserPort` makes gets as near as netsh goes.
    pub fn restore(self, stores: Stores, before: &OperationState) -> Result<(), PlatformError> {
        let OperationState::DynamicRange { active, persistent, own_file } = before else {
            return Err(PlatformError::Refused("the record of this step is about something else".to_owned()));
        };
        for table in self.tables().filter(|table| is_in(stores, table.store)) {
            let of_all = if table.store == Store::Active { Some(*active) } else { *persistent };
            let own = own_file.as_deref().and_then(|text| one_by_one::value(text, &name(table), store_argument(table.store)));
            if let Some(range) = own.or(of_all) {
                set_one(table, settable_on_windows(range))?;
            }
        }
        Ok(())
    }

    fn read(self) -> Result<Vec<(Table, PortRange)>, PlatformError> {
        ranges::dynamic_of(self.tables().collect())
    }

    fn protocols(self) -> impl Iterator<Item = Protocol> {
        Protocol::ALL.into_iter().filter(move |own| self.protocol.is_none_or(|asked| asked == *own))
    }

    /// The next start comes first: what is written for it counts at once as well.
    fn tables(self) -> impl Iterator<Item = Table> {
        let families = [Family::Ipv4, Family::Ipv6].into_iter().filter(move |own| self.family.is_none_or(|asked| asked == *own));
        let stores = [Store::Persistent, Store::Active];
        families.flat_map(move |family| {
            self.protocols().flat_map(move |protocol| stores.map(|store| Table { kind: Kind::Dynamic, family, protocol, store }))
        })
    }
}

/// Sets one table, where it is not so already, and reads it back.
fn set_one(table: Table, range: PortRange) -> Result<(), PlatformError> {
    if ranges::dynamic(table)? == range {
        return Ok(());
    }
    let failed = |why: String| PlatformError::Failed {
        what: format!("could not set the dynamic range of {} {}", table.protocol, table.family),
        why,
    };
    let (start, count) = (format!("startport={}", range.start()), format!("numberofports={}", range.count()));
    let place = ["interface", context(table.family), "set", "dynamicport", protocol_argument(table.protocol)];
    netsh::change(&[&place[..], &[&start, &count, store_argument(table.store)]].concat()).map_err(failed)?;
    let now = ranges::dynamic(table)?;
    if now == range { Ok(()) } else { Err(failed(format!("netsh reported success, and the range is {now}"))) }
}

fn name(table: Table) -> String {
    format!("{} {}", context(table.family), table.protocol.as_str())
}

const fn is_in(stores: Stores, store: Store) -> bool {
    match store {
        Store::Active => stores.active(),
        Store::Persistent => stores.persistent(),
    }
}
