//! Dynamic ranges and exclusions of a practice machine, with the rules of its system.

use super::state::State;
use crate::machine::{DynamicRange, Exclusion, Family, PortRange, PortSet, Protocol, Store};
use crate::platform::PlatformError;
use crate::platform::windows_text::dynamic_ports;
use crate::remedy::paths::{DYNAMIC_RANGE_FILE, EXCLUSIONS_FILE};
use crate::remedy::{OperationState, Stores, one_by_one};

impl State {
    /// The dynamic range in force.
    pub fn dynamic_range(&self, protocol: Protocol) -> Option<PortRange> {
        let is_meant = |row: &&DynamicRange| row.store == Store::Active && row.protocol.is_none_or(|own| own == protocol);
        self.dynamic_ranges.iter().find(is_meant).map(|row| row.range)
    }

    /// The ports that are not handed out now.
    pub fn excluded(&self, protocol: Protocol) -> PortSet {
        self.listed(Some(protocol), Store::Active)
    }

    /// The excluded ports of a store.
    pub fn listed(&self, protocol: Option<Protocol>, store: Store) -> PortSet {
        let rows = self.exclusions.iter().filter(|row| row.store == store && is_for(row.protocol, protocol));
        rows.map(|row| row.range).collect()
    }

    /// The administered exclusions of a store: those that somebody may take out again.
    pub fn administered(&self, protocol: Option<Protocol>, store: Store) -> PortSet {
        let rows = self.exclusions.iter().filter(|row| row.administered && row.store == store && is_for(row.protocol, protocol));
        rows.map(|row| row.range).collect()
    }

    /// The lists of both stores. For both protocols of Windows, a port counts where it does for the operation: it is left to do where one
    /// lacks it.
    pub fn exclusion_state(&self, protocol: Option<Protocol>, adds: bool) -> OperationState {
        let own = Some(&self.own_exclusions).filter(|own| !own.is_empty());
        if self.is_linux() {
            return OperationState::Exclusions {
                active: self.changeable(protocol, Store::Active),
                persistent: self.changeable(protocol, Store::Persistent),
                own_file: own.map(ToString::to_string),
            };
        }
        let each = self.each_list(protocol, Stores::Both).into_iter();
        let lists: Vec<_> =
            each.filter_map(|(own, store)| Some((own?.as_str().to_owned(), name(store), self.changeable(own, store)))).collect();
        let in_store = |store: Store| {
            let mut sets = lists.iter().filter(|list| list.1 == name(store)).map(|list| list.2.clone());
            let first = sets.next().unwrap_or_default();
            sets.fold(first, |all, ports| if adds { all.intersection(&ports) } else { all.union(&ports) })
        };
        let (active, persistent) = (in_store(Store::Active), in_store(Store::Persistent));
        OperationState::Exclusions { active, persistent, own_file: one_by_one::text(&lists) }
    }

    /// The lists that are meant: Windows has one for each protocol.
    fn each_list(&self, protocol: Option<Protocol>, stores: Stores) -> Vec<(Option<Protocol>, Store)> {
        let protocols = match protocol {
            None if !self.is_linux() => Protocol::ALL.map(Some).to_vec(),
            protocol => vec![protocol],
        };
        protocols.into_iter().flat_map(|protocol| both(stores).map(move |store| (protocol, store))).collect()
    }

    /// Whether the system would take the new exclusion, and may lose an old one.
    pub fn check_exclusion(&self, range: PortRange, protocol: Option<Protocol>, adds: bool) -> Result<(), PlatformError> {
        if self.is_linux() {
            if protocol.is_some() {
                return refused("Linux keeps one port list for TCP and UDP; ask for both");
            }
            return Ok(());
        }
        let fixed = |row: &&Exclusion| !row.administered && is_for(row.protocol, protocol) && overlap(row.range, range);
        match self.exclusions.iter().find(fixed) {
            Some(row) if !adds => {
                let owner = row.owner.as_deref().unwrap_or("another program");
                refused(&format!("{} was reserved by {owner}, and only its owner can give it back", row.range))
            }
            _ => Ok(()),
        }
    }

    pub fn add_exclusion(&mut self, range: PortRange, protocol: Option<Protocol>, stores: Stores) -> Result<(), PlatformError> {
        if !self.is_linux() {
            self.check_nobody_has(range, protocol)?;
        }
        for (protocol, store) in self.each_list(protocol, stores) {
            let wanted = self.administered(protocol, store).union(&range.into());
            self.set_exclusions(&wanted, protocol, store);
        }
        Ok(())
    }

    /// Windows refuses to exclude a port that somebody has, a client too, or that lies in a block of another (facts of `netsh`: error 32).
    fn check_nobody_has(&self, range: PortRange, protocol: Option<Protocol>) -> Result<(), PlatformError> {
        let taken = self.sockets.iter().any(|own| {
            range.contains(own.socket.local.port()) && protocol.is_none_or(|protocol| own.socket.protocol == protocol)
        });
        let blocked =
            self.exclusions.iter().any(|row| !row.administered && is_for(row.protocol, protocol) && overlap(row.range, range));
        if taken || blocked {
            return Err(PlatformError::Failed {
                what: format!("could not exclude {range}"),
                why: "the process cannot access the file because it is being used by another process (32): somebody has a port of it"
                    .to_owned(),
            });
        }
        Ok(())
    }

    pub fn remove_exclusion(&mut self, range: PortRange, protocol: Option<Protocol>, stores: Stores) {
        for (protocol, store) in self.each_list(protocol, stores) {
            let wanted = self.administered(protocol, store).difference(&range.into());
            self.set_exclusions(&wanted, protocol, store);
        }
    }

    /// Puts the lists back; what others reserved meanwhile stays theirs.
    pub fn restore_exclusions(
        &mut self,
        protocol: Option<Protocol>,
        stores: Stores,
        before: &OperationState,
    ) -> Result<(), PlatformError> {
        let OperationState::Exclusions { active, persistent, own_file } = before else {
            return refused("the record of this step is not about exclusions");
        };
        for (protocol, store) in self.each_list(protocol, stores) {
            let of_all = if store == Store::Active { active } else { persistent };
            let own = own_file.as_deref().and_then(|text| one_by_one::value(text, protocol?.as_str(), name(store)));
            let of_others = self.listed(protocol, store).difference(&self.administered(protocol, store));
            self.set_exclusions(&own.as_ref().unwrap_or(of_all).difference(&of_others), protocol, store);
        }
        Ok(())
    }

    /// Makes `wanted` the administered exclusions of a store. Rows that stay keep their owner.
    fn set_exclusions(&mut self, wanted: &PortSet, protocol: Option<Protocol>, store: Store) {
        let now = self.administered(protocol, store);
        let (gone, new) = (now.difference(wanted), wanted.difference(&now));
        let mut rows = Vec::with_capacity(self.exclusions.len() + new.ranges().len());
        for row in std::mem::take(&mut self.exclusions) {
            if !row.administered || row.store != store || !is_for(row.protocol, protocol) {
                rows.push(row);
                continue;
            }
            let left = PortSet::from(row.range).difference(&gone);
            rows.extend(left.ranges().iter().map(|range| Exclusion { range: *range, ..row.clone() }));
        }
        for range in new.ranges() {
            rows.extend(self.exclusion_rows(*range, protocol, store));
        }
        self.exclusions = rows;
        if self.is_linux() && store == Store::Persistent {
            self.own_exclusions = self.own_exclusions.union(&new).difference(&gone);
        }
    }

    /// The rows of a new exclusion: Windows has one list for each protocol.
    fn exclusion_rows(&self, range: PortRange, protocol: Option<Protocol>, store: Store) -> Vec<Exclusion> {
        let row = |protocol: Option<Protocol>, source: String| Exclusion {
            range,
            protocol,
            family: None,
            store,
            administered: true,
            owner: self.is_linux().then(|| "PortMedic".to_owned()).filter(|_| store == Store::Persistent),
            source,
        };
        if self.is_linux() {
            return vec![row(None, linux_list_source(store).to_owned())];
        }
        let protocols = Protocol::ALL.into_iter().filter(|own| protocol.is_none_or(|asked| asked == *own));
        protocols.map(|own| row(Some(own), windows_list_source(own, store))).collect()
    }

    pub fn range_state(&self, protocol: Option<Protocol>, family: Option<Family>) -> Result<OperationState, PlatformError> {
        let in_store = |store: Store| {
            let is_meant = |row: &&DynamicRange| {
                row.store == store
                    && is_for(row.protocol, protocol)
                    && (row.family.is_none() || family.is_none() || row.family == family)
            };
            self.dynamic_ranges.iter().find(is_meant).map(|row| row.range)
        };
        let Some(active) = in_store(Store::Active) else { return refused("this machine has no such dynamic range") };
        let own_file = self.own_range.filter(|_| self.is_linux()).map(|range| range.to_string());
        Ok(OperationState::DynamicRange { active, persistent: in_store(Store::Persistent), own_file })
    }

    /// Refuses a range that the system would not take, or that would harm the machine.
    pub fn check_range(&self, range: PortRange, protocol: Option<Protocol>, family: Option<Family>) -> Result<(), PlatformError> {
        if self.is_linux() {
            if protocol.is_some() || family.is_some() {
                return refused("Linux keeps one dynamic range for TCP and UDP, IPv4 and IPv6; ask for all of them");
            }
            if self.host.wsl {
                return refused(
                    "this is Linux in the Windows Subsystem: Windows gives it its port range; change the range in Windows",
                );
            }
            if range.start() < self.unprivileged_port_start {
                let first = self.unprivileged_port_start;
                return refused(&format!(
                    "the dynamic range must not begin below port {first}, the first one that needs no right"
                ));
            }
        } else if let Some(why) = dynamic_ports::refused(range) {
            return refused(&why);
        }
        if self.excluded(protocol.unwrap_or(Protocol::Tcp)).contains_range(range) {
            return refused(&format!("every port of {range} is excluded, so no port would be left to hand out"));
        }
        Ok(())
    }

    /// Sets the range in the stores; `None` in the next start takes the setting out again.
    pub fn set_range(&mut self, range: Option<PortRange>, protocol: Option<Protocol>, family: Option<Family>, store: Store) {
        let is_meant = |row: &DynamicRange| {
            row.store == store
                && is_for(row.protocol, protocol)
                && (row.family.is_none() || family.is_none() || row.family == family)
        };
        let Some(range) = range else {
            self.dynamic_ranges.retain(|row| !is_meant(row));
            return;
        };
        let mut found = false;
        for row in self.dynamic_ranges.iter_mut().filter(|row| is_meant(row)) {
            row.range = range;
            found = true;
        }
        if !found {
            let source = DYNAMIC_RANGE_FILE.to_owned();
            self.dynamic_ranges.push(DynamicRange { range, protocol, family, store, source });
        }
    }
}

/// Whether a row counts for a question: Linux rows are for both protocols.
fn is_for(row: Option<Protocol>, asked: Option<Protocol>) -> bool {
    row.is_none() || asked.is_none() || row == asked
}

const fn overlap(one: PortRange, other: PortRange) -> bool {
    one.start() <= other.end() && other.start() <= one.end()
}

pub(super) fn both(stores: Stores) -> impl Iterator<Item = Store> {
    let active = stores.active().then_some(Store::Active);
    active.into_iter().chain(stores.persistent().then_some(Store::Persistent))
}

fn refused<T>(why: &str) -> Result<T, PlatformError> {
    Err(PlatformError::Refused(why.to_owned()))
}

/// Where Linux keeps the list.
pub(super) const fn linux_list_source(store: Store) -> &'static str {
    match store {
        Store::Active => "/proc/sys/net/ipv4/ip_local_reserved_ports",
        Store::Persistent => EXCLUSIONS_FILE,
    }
}

/// What shows the list of Windows.
pub(super) fn windows_list_source(protocol: Protocol, store: Store) -> String {
    format!("netsh int ipv4 show excludedportrange {} store={}", protocol.as_str(), name(store))
}

const fn name(store: Store) -> &'static str {
    match store {
        Store::Active => "active",
        Store::Persistent => "persistent",
    }
}
