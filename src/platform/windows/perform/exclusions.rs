//! Excludes ports and hands them out again: by netsh, block by block, each store read back.

mod blocked;

use crate::machine::{PortRange, PortSet, Protocol, Store};
use crate::platform::PlatformError;
use crate::platform::windows::netsh;
use crate::platform::windows::ranges::{self, protocol_argument, store_argument};
use crate::platform::windows_text::blocks;
use crate::remedy::{OperationState, Stores, one_by_one};

/// The next start comes first: what is written for it counts at once as well, and then nothing is left to do for the running system.
const STORES: [Store; 2] = [Store::Persistent, Store::Active];

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Exclusions {
    /// The ports.
    pub range: PortRange,
    /// Their protocol; `None` for both.
    pub protocol: Option<Protocol>,
    /// The stores.
    pub stores: Stores,
}

/// The administered ports of one list.
struct List {
    protocol: Protocol,
    store: Store,
    ports: PortSet,
}

impl Exclusions {
    /// Refuses what Windows would not hand out again: a block of somebody else, or a part of one.
    pub fn check_removal(self) -> Result<(), PlatformError> {
        for (_, rows) in ranges::exclusions_of(self.lists().collect())? {
            if let Some(row) = rows.iter().find(|row| !row.administered && row.range.overlaps(self.range)) {
                let block = row.range;
                return refused(format!("{block} was not reserved by an administrator, and only its owner can give it back"));
            }
            blocks::change(&rows, &PortSet::new(), self.range).map_err(part_of)?;
        }
        Ok(())
    }

    /// The lists of both stores. For both protocols, a port counts where it does for the operation: it is left to do where one lacks it.
    pub fn state(self, adds: bool) -> Result<OperationState, PlatformError> {
        let lists = self.read()?;
        let in_store = |store: Store| {
            let mut sets = lists.iter().filter(|list| list.store == store).map(|list| list.ports.clone());
            let first = sets.next().unwrap_or_default();
            sets.fold(first, |all, ports| if adds { all.intersection(&ports) } else { all.union(&ports) })
        };
        let one_by_one: Vec<_> =
            lists.iter().map(|list| (list.protocol.as_str().to_owned(), name(list.store), list.ports.clone())).collect();
        Ok(OperationState::Exclusions {
            active: in_store(Store::Active),
            persistent: in_store(Store::Persistent),
            own_file: one_by_one::text(&one_by_one),
        })
    }

    /// Excludes the ports. Where Windows refuses one block, what was excluded before it is taken out again.
    pub fn add(self) -> Result<(), PlatformError> {
        self.all_or_nothing(|ports| ports.union(&self.range.into()))
    }

    /// Hands the ports out again.
    pub fn remove(self) -> Result<(), PlatformError> {
        self.check_removal()?;
        self.all_or_nothing(|ports| ports.difference(&self.range.into()))
    }

    /// Puts each list back, as far as it is about these ports.
    pub fn restore(self, before: &OperationState) -> Result<(), PlatformError> {
        let OperationState::Exclusions { active, persistent, own_file } = before else {
            return refused("the record of this step is about something else".to_owned());
        };
        for (protocol, store) in self.lists() {
            let of_all = if store == Store::Active { active } else { persistent };
            let own = own_file.as_deref().and_then(|text| one_by_one::value(text, protocol.as_str(), name(store)));
            self.settle(protocol, store, own.as_ref().unwrap_or(of_all))?;
        }
        Ok(())
    }

    fn all_or_nothing(self, change: impl Fn(&PortSet) -> PortSet) -> Result<(), PlatformError> {
        let before = self.read()?;
        let of = |protocol, store| before.iter().find(|list| list.protocol == protocol && list.store == store);
        let change_all = || {
            self.lists().try_for_each(|(protocol, store)| {
                let before = of(protocol, store).map(|list| &list.ports);
                self.settle(protocol, store, &change(before.unwrap_or(&PortSet::new())))
            })
        };
        change_all().map_err(|error| {
            let back = self.lists().try_for_each(|(protocol, store)| match of(protocol, store) {
                Some(list) => self.settle(protocol, store, &list.ports),
                None => Ok(()),
            });
            match back {
                Ok(()) => error,
                Err(more) => {
                    PlatformError::Failed { what: error.to_string(), why: format!("and what was done is left so: {more}") }
                }
            }
        })
    }

    /// Makes one list as `wanted`, as far as it is about these ports, and reads it back.
    fn settle(self, protocol: Protocol, store: Store, wanted: &PortSet) -> Result<(), PlatformError> {
        let change = blocks::change(&ranges::exclusions(protocol, store)?, wanted, self.range).map_err(part_of)?;
        if change == blocks::Change::default() {
            return Ok(());
        }
        for block in change.delete {
            tell("delete", block, protocol, store).map_err(|why| PlatformError::Failed {
                what: format!("could not take out the exclusion {protocol} {block}"),
                why,
            })?;
        }
        for block in change.add {
            tell("add", block, protocol, store).map_err(|why| blocked::explain(block, protocol, store, why))?;
        }
        let left = blocks::change(&ranges::exclusions(protocol, store)?, wanted, self.range).map_err(part_of)?;
        if left == blocks::Change::default() {
            return Ok(());
        }
        Err(PlatformError::Failed {
            what: format!("could not change the excluded {protocol} ports"),
            why: format!("netsh reported success, and its list of the {} store is not as asked for", name(store)),
        })
    }

    /// Every list of the protocols in question.
    fn read(self) -> Result<Vec<List>, PlatformError> {
        let asked = protocols(self.protocol).flat_map(|protocol| STORES.map(|store| (protocol, store)));
        let lists = ranges::exclusions_of(asked.collect())?.into_iter();
        Ok(lists
            .map(|(table, rows)| List { protocol: table.protocol, store: table.store, ports: blocks::administered(&rows) })
            .collect())
    }

    fn lists(self) -> impl Iterator<Item = (Protocol, Store)> {
        let is_meant = move |store: &Store| if *store == Store::Active { self.stores.active() } else { self.stores.persistent() };
        protocols(self.protocol).flat_map(move |protocol| STORES.into_iter().filter(is_meant).map(move |store| (protocol, store)))
    }
}

/// Has netsh add or delete one block; what it complained of where it did not. An exclusion counts for IPv4 and IPv6, whichever it is made with.
fn tell(verb: &str, block: PortRange, protocol: Protocol, store: Store) -> Result<(), String> {
    let (start, count) = (format!("startport={}", block.start()), format!("numberofports={}", block.count()));
    let table = ["interface", "ipv4", verb, "excludedportrange", protocol_argument(protocol)];
    netsh::change(&[&table[..], &[&start, &count, store_argument(store)]].concat())
}

fn protocols(protocol: Option<Protocol>) -> impl Iterator<Item = Protocol> + Clone {
    Protocol::ALL.into_iter().filter(move |own| protocol.is_none_or(|asked| asked == *own))
}

const fn name(store: Store) -> &'static str {
    match store {
        Store::Active => "active",
        Store::Persistent => "persistent",
    }
}

fn part_of(block: PortRange) -> PlatformError {
    PlatformError::Refused(format!(
        "Windows removes only whole exclusions, and this is part of {block}; remove {block} as a whole"
    ))
}

fn refused<T>(why: String) -> Result<T, PlatformError> {
    Err(PlatformError::Refused(why))
}
