//! What another dynamic range would come to, worked out while it is typed and before anybody is asked for rights.

use super::Lanes;
use crate::diagnosis::wording::capital;
use crate::machine::{
    DynamicRange, Family, Port, PortRange, PortSet, Protocol, Service, Snapshot, Store, System, usual_dynamic_range,
};
use crate::remedy::{FIRST_DYNAMIC_PORT, LEAST_PORTS_OF_WINDOWS, Operation, Refusal, Stores, cautions, preview, refusal};

/// The first port of Linux that needs no right, where the kernel was not asked.
const USUAL_FIRST: Port = 1024;

/// The new range as it is typed.
#[derive(Debug, Clone, Default)]
pub struct ResizeState {
    /// What was typed.
    pub typed: String,
    /// Whether every table of the system gets the range, and not only the one that is shown.
    pub everywhere: bool,
    /// Why that is no range.
    pub problem: Option<String>,
    /// What it would come to.
    pub preview: Option<Resize>,
}

/// How many ports clients have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capacity {
    /// The dynamic range.
    pub range: PortRange,
    /// How many of its ports are excluded now.
    pub excluded: u32,
    /// How many of its ports somebody has now.
    pub in_use: usize,
}

impl Capacity {
    fn of(range: PortRange, lanes: &Lanes, excluded: &PortSet) -> Self {
        let excluded = PortSet::from(range).intersection(excluded).count();
        let in_use = lanes.in_use.iter().filter(|used| range.contains(used.port)).count();
        Self { range, excluded, in_use }
    }

    /// How many ports may be handed out.
    pub const fn for_clients(self) -> u32 {
        self.range.count() - self.excluded
    }
}

/// What becomes of the port of a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Becomes {
    /// A client may get it then, and may not now.
    Exposed,
    /// A client may get it now and then.
    StillExposed,
    /// A client may get it now, and may not then.
    Safe,
}

/// The port of a service that the new range matters to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Affected {
    /// What becomes of it.
    pub becomes: Becomes,
    /// The port.
    pub port: Port,
    /// Its protocol.
    pub protocol: Protocol,
    /// The service, as people call it.
    pub service: String,
}

/// What another dynamic range would come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resize {
    /// What would set it.
    pub operation: Operation,
    /// What clients have now; `None` where the range could not be seen.
    pub before: Option<Capacity>,
    /// What they would have.
    pub after: Capacity,
    /// The only family that it is for; `None` for both.
    pub family: Option<Family>,
    /// The ports of services that it matters to, those that get worse first.
    pub affected: Vec<Affected>,
    /// How many other ports of services are outside of the range, or excluded, before and after.
    pub unaffected: usize,
    /// Why the system would not take it, as far as this look tells.
    pub refusal: Option<Refusal>,
    /// Whether it is so already, now and after a restart.
    pub is_so: bool,
    /// What to know before.
    pub cautions: Vec<String>,
    /// The commands, to be typed by an administrator.
    pub commands: String,
}

/// The table that is meant: Windows has a range of its own for each protocol and family.
#[derive(Debug, Clone, Copy)]
pub struct Table {
    /// The protocol that is shown.
    pub protocol: Protocol,
    /// The family that is shown.
    pub family: Family,
    /// Whether all tables are meant.
    pub everywhere: bool,
}

impl Resize {
    /// What `range` would come to. `lanes` are those of the table.
    pub fn of(range: PortRange, table: Table, lanes: &Lanes, snapshot: &Snapshot, services: &[Service]) -> Self {
        let has = |own: fn(&DynamicRange) -> bool| !table.everywhere && snapshot.dynamic_ranges.iter().any(own);
        let protocol = has(|row| row.protocol.is_some()).then_some(table.protocol);
        let family = has(|row| row.family.is_some()).then_some(table.family);
        let operation = Operation::SetDynamicRange { range, protocol, family, stores: Stores::Both };
        let excluded = snapshot.excluded(table.protocol, Store::Active);
        let mut affected = Vec::new();
        let mut unaffected = 0;
        let meant = Protocol::ALL.into_iter().filter(|own| protocol.is_none_or(|only| only == *own));
        for protocol in meant {
            let excluded = snapshot.excluded(protocol, Store::Active);
            let others = (protocol != table.protocol).then(|| Lanes::of(snapshot, services, protocol, table.family));
            let own_lanes = others.as_ref().unwrap_or(lanes);
            for own in &own_lanes.wanted {
                let open = |range: PortRange| range.contains(own.port) && !excluded.contains(own.port);
                let becomes = match (own_lanes.dynamic.is_some_and(open), open(range)) {
                    (false, true) => Becomes::Exposed,
                    (true, true) => Becomes::StillExposed,
                    (true, false) => Becomes::Safe,
                    (false, false) => {
                        unaffected += 1;
                        continue;
                    }
                };
                affected.push(Affected { becomes, port: own.port, protocol, service: own.service.clone() });
            }
        }
        affected.sort_by_key(|own| (own.becomes, own.port, own.protocol));
        let is_so = is_so(&operation, snapshot);
        let mut cautions = cautions(&operation, snapshot);
        cautions.extend(family.and_then(|family| other_family(range, (table.protocol, family), &affected, snapshot)));
        Self {
            before: lanes.dynamic.map(|now| Capacity::of(now, lanes, &excluded)),
            after: Capacity::of(range, lanes, &excluded),
            affected,
            unaffected,
            refusal: refusal(&operation, snapshot, None).filter(|_| !is_so),
            is_so,
            family,
            cautions,
            commands: preview(&operation, snapshot).0,
            operation,
        }
    }
}

/// That the other family keeps a range with a port in it that would be safe here.
fn other_family(
    range: PortRange,
    (protocol, family): (Protocol, Family),
    affected: &[Affected],
    snapshot: &Snapshot,
) -> Option<String> {
    let is_other = |row: &&DynamicRange| {
        row.store == Store::Active
            && row.protocol.is_none_or(|own| own == protocol)
            && row.family.is_some_and(|own| own != family)
    };
    let other = snapshot.dynamic_ranges.iter().find(is_other).filter(|row| row.range != range)?;
    let kept = affected.iter().find(|own| own.becomes == Becomes::Safe && other.range.contains(own.port))?;
    let (name, stays) = (other.family?, other.range.to_string().replace('-', "\u{2013}"));
    Some(format!(
        "Over {name} the range stays {stays}, and a client may get port {} there. Set every table to change both.",
        kept.port
    ))
}

/// Whether every table that is meant has the range, in both stores.
fn is_so(operation: &Operation, snapshot: &Snapshot) -> bool {
    let Operation::SetDynamicRange { range, protocol, family, .. } = operation else { return false };
    let meant = |row: &&DynamicRange| {
        let same_protocol = protocol.is_none() || row.protocol.is_none() || row.protocol == *protocol;
        same_protocol && (family.is_none() || row.family.is_none() || row.family == *family)
    };
    let mut rows = snapshot.dynamic_ranges.iter().filter(meant).peekable();
    rows.peek().is_some() && rows.all(|row| row.range == *range)
}

/// Reads `49152-65535`.
///
/// # Errors
/// What is wrong with it, as a sentence without its full stop.
pub fn read(text: &str) -> Result<PortRange, String> {
    let text: String = text.replace(['\u{2013}', '\u{2212}'], "-").split_whitespace().collect();
    let range: PortRange = text.parse().map_err(|error: crate::machine::PortRangeError| capital(&error.to_string()))?;
    if range.count() == 1 && !text.contains('-') {
        return Err("A dynamic range has a first and a last port, like 32768-60999".to_owned());
    }
    Ok(range)
}

/// What the system takes, as a sentence.
pub fn limits(snapshot: &Snapshot) -> String {
    match snapshot.host.system {
        System::Windows => format!(
            "Windows takes a range that begins at {FIRST_DYNAMIC_PORT} or above, has at least {LEAST_PORTS_OF_WINDOWS} ports and ends at 65535 \
             at the latest."
        ),
        System::Linux => format!(
            "Linux takes a range that begins at {} or above, where ports need no right, and ends at 65535 at the latest.",
            snapshot.unprivileged_port_start.unwrap_or(USUAL_FIRST)
        ),
    }
}

/// The range of a computer that nobody has changed.
pub fn usual(snapshot: &Snapshot) -> String {
    let (first, last) = usual_dynamic_range(snapshot.host.system);
    format!("{first}-{last}")
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn a_range_is_read_however_its_dash_is_written() {
        for text in ["49152-65535", "49152 \u{2013} 65535", " 49152 -65535"] {
            assert_eq!(read(text).unwrap().to_string(), "49152-65535");
        }
    }

    #[test]
    fn what_is_no_range_is_told() {
        for (text, said) in [
            ("49152", "first and a last port"),
            ("65535-49152", "ends before it starts"),
            ("1024-70000", "numbers from 1 to 65535"),
            ("x", "looks like"),
        ] {
            assert!(read(text).unwrap_err().contains(said), "{text}");
        }
    }
}
