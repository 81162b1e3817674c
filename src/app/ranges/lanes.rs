//! What the map shows, worked out once a look: dynamic range, reserved blocks, exclusions, ports in use, ports that services want.

use std::collections::BTreeMap;

use crate::diagnosis::blocking_order;
use crate::machine::{
    Exclusion, Family, Port, PortRange, PortSet, Protocol, Service, Snapshot, Socket, SocketState, Store, System,
};

/// When an exclusion counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    /// Now and after a restart.
    Always,
    /// Until the next restart.
    NowOnly,
    /// From the next restart on.
    NextOnly,
}

impl Holds {
    /// The same in words.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Always => "now and after a restart",
            Self::NowOnly => "until the next restart",
            Self::NextOnly => "from the next restart on",
        }
    }
}

/// An excluded block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// The ports.
    pub range: PortRange,
    /// When it counts.
    pub holds: Holds,
    /// Whether it can be handed out again here: PortMedic excluded it, no file keeps it, or the computer is one with Windows, where every
    /// exclusion of an administrator can.
    pub removable: bool,
    /// Whose it is, where that is known.
    pub owner: Option<String>,
    /// Where it is set.
    pub source: String,
}

/// A block that another program reserved: asking for a port in it fails.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// The ports.
    pub range: PortRange,
    /// Who reserved it, to stand after "reserved"; empty where that is not known.
    pub by_whom: String,
    /// When it counts: a block that is not kept for the next start may be another one then.
    pub holds: Holds,
    /// Where it was read.
    pub source: String,
}

/// A port that somebody has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InUse {
    /// The port.
    pub port: Port,
    /// How many sockets have it.
    pub sockets: usize,
    /// The state of the one that blocks it first.
    pub state: SocketState,
    /// The process of that socket, where it was seen.
    pub process: Option<String>,
}

/// A port that a service wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// The port.
    pub port: Port,
    /// The service, as people call it.
    pub service: String,
    /// Whether a client may get the port: it is in the dynamic range and not excluded.
    pub at_risk: bool,
}

/// Everything on the map, each list in the order of the ports.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lanes {
    /// The dynamic range now.
    pub dynamic: Option<PortRange>,
    /// The dynamic range after the next restart, where it is another one.
    pub dynamic_next: Option<PortRange>,
    /// Blocks that other programs reserved.
    pub reserved: Vec<Block>,
    /// Exclusions.
    pub kept: Vec<Kept>,
    /// Ports in use.
    pub in_use: Vec<InUse>,
    /// Ports that services want.
    pub wanted: Vec<Wanted>,
}

impl Lanes {
    /// What `snapshot` and `services` say of one protocol and family.
    pub fn of(snapshot: &Snapshot, services: &[Service], protocol: Protocol, family: Family) -> Self {
        let dynamic = dynamic(snapshot, protocol, family, Store::Active);
        let next = self::dynamic(snapshot, protocol, family, Store::Persistent);
        let kept = kept(snapshot, protocol);
        Self {
            dynamic,
            dynamic_next: next.filter(|next| Some(*next) != dynamic),
            reserved: reserved(snapshot, protocol),
            in_use: in_use(snapshot, protocol),
            wanted: wanted(services, protocol, dynamic, &snapshot.excluded(protocol, Store::Active)),
            kept,
        }
    }

    /// Whatever lies on the map, as ports in their order: what one steps through with keys.
    pub fn stops(&self) -> Vec<PortRange> {
        let mut all: Vec<PortRange> = self.dynamic.into_iter().collect();
        all.extend(self.reserved.iter().map(|block| block.range));
        all.extend(self.kept.iter().map(|kept| kept.range));
        all.extend(self.in_use.iter().map(|used| PortRange::single(used.port)));
        all.extend(self.wanted.iter().map(|wanted| PortRange::single(wanted.port)));
        all.sort_unstable();
        all.dedup();
        all
    }
}

fn dynamic(snapshot: &Snapshot, protocol: Protocol, family: Family, store: Store) -> Option<PortRange> {
    let mut rows = snapshot.dynamic_ranges.iter().filter(|row| row.store == store);
    rows.find(|row| row.protocol.is_none_or(|own| own == protocol) && row.family.is_none_or(|own| own == family))
        .map(|row| row.range)
}

fn reserved(snapshot: &Snapshot, protocol: Protocol) -> Vec<Block> {
    let theirs = |row: &&Exclusion| !row.administered && row.protocol.is_none_or(|own| own == protocol);
    let mut blocks: Vec<Block> = Vec::new();
    for row in snapshot.exclusions.iter().filter(theirs) {
        let holds = if row.store == Store::Active { Holds::NowOnly } else { Holds::NextOnly };
        // Windows tells the same block once for each family.
        match blocks.iter_mut().find(|block| block.range == row.range) {
            Some(block) if block.holds == holds => {}
            Some(block) => block.holds = Holds::Always,
            None => blocks.push(Block { range: row.range, by_whom: row.by_whom(), holds, source: row.source.clone() }),
        }
    }
    blocks.sort_unstable_by_key(|block| block.range);
    blocks
}

/// The exclusions cut into pieces that hold at the same times and belong to the same one.
fn kept(snapshot: &Snapshot, protocol: Protocol) -> Vec<Kept> {
    let rows = || snapshot.exclusions.iter().filter(|row| row.administered && row.protocol.is_none_or(|own| own == protocol));
    let ports = |store: Store| rows().filter(|row| row.store == store).map(|row| row.range).collect::<PortSet>();
    let (now, next) = (ports(Store::Active), ports(Store::Persistent));
    let own: PortSet = rows().filter(|row| row.owner.as_deref() == Some("PortMedic")).map(|row| row.range).collect();
    let both = now.intersection(&next);
    let pieces = [
        (Holds::Always, both.intersection(&own), true),
        (Holds::Always, both.difference(&own), false),
        (Holds::NowOnly, now.difference(&next), false),
        (Holds::NextOnly, next.difference(&now).intersection(&own), true),
        (Holds::NextOnly, next.difference(&now).difference(&own), false),
    ];
    let mut in_order: Vec<&Exclusion> = rows().collect();
    // The list for the next start names a file, the running one only itself: of two rows with the same begin, the file comes last.
    in_order.sort_by_key(|row| (row.range.start(), row.store));
    let row = |range: PortRange| {
        let after = in_order.partition_point(|row| row.range.start() <= range.start());
        in_order[..after].iter().rev().find(|row| row.range.contains(range.start()))
    };
    let windows = snapshot.host.system == System::Windows;
    let mut all: Vec<Kept> = Vec::new();
    for (holds, ports, own) in pieces {
        let removable = own || windows || holds == Holds::NowOnly;
        all.extend(ports.ranges().iter().map(|range| {
            let row = row(*range);
            let source = row.map(|row| row.source.clone()).unwrap_or_default();
            let owner = if own { Some("PortMedic".to_owned()) } else { row.and_then(|row| row.owner.clone()) };
            Kept { range: *range, holds, removable, owner, source }
        }));
    }
    all.sort_unstable_by_key(|kept| kept.range);
    all
}

fn in_use(snapshot: &Snapshot, protocol: Protocol) -> Vec<InUse> {
    let mut ports: BTreeMap<Port, (usize, &Socket)> = BTreeMap::new();
    for socket in snapshot.sockets.iter().filter(|socket| socket.protocol == protocol) {
        let entry = ports.entry(socket.local.port()).or_insert((0, socket));
        entry.0 += 1;
        if blocking_order(socket.state) < blocking_order(entry.1.state) {
            entry.1 = socket;
        }
    }
    let name =
        |socket: &Socket| socket.pids.first().and_then(|pid| snapshot.processes.get(pid)).map(|process| process.name.clone());
    let used =
        |(port, (sockets, socket)): (Port, (usize, &Socket))| InUse { port, sockets, state: socket.state, process: name(socket) };
    ports.into_iter().map(used).collect()
}

fn wanted(services: &[Service], protocol: Protocol, dynamic: Option<PortRange>, excluded: &PortSet) -> Vec<Wanted> {
    let mut all: Vec<Wanted> = services
        .iter()
        .flat_map(|service| {
            service.ports.iter().filter(|own| own.protocol == protocol).map(|own| Wanted {
                port: own.port,
                service: service.display_name().to_owned(),
                at_risk: dynamic.is_some_and(|range| range.contains(own.port)) && !excluded.contains(own.port),
            })
        })
        .collect();
    all.sort_by(|one, other| (one.port, &one.service).cmp(&(other.port, &other.service)));
    all.dedup_by_key(|wanted| wanted.port);
    all
}
