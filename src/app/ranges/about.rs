//! What is to be said of the ports that were chosen on the map, and what can be done about them.

use super::lanes::{Holds, Kept, Lanes, Wanted};
use crate::app::change::exclusion;
use crate::diagnosis::names::sentence;
use crate::diagnosis::{holder_name, owners_of};
use crate::machine::{Port, PortRange, PortSet, Protocol, Snapshot, visible};
use crate::remedy::{Operation, Refusal, note_done, preview, refusal};

/// How the ports stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Safety {
    /// Never handed out to clients.
    Safe,
    /// Neither: the dynamic range itself.
    Neutral,
    /// Not seen.
    Unknown,
    /// A client may get one of them.
    AtRisk,
    /// A service that asks for one does not get it.
    Blocked,
}

/// What is to be said of some ports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct About {
    /// The ports.
    pub ports: PortSet,
    /// How they stand; of several blocks the one that stands worst.
    pub safety: Safety,
    /// The same in one short sentence.
    pub title: String,
    /// Why.
    pub text: String,
    /// The same for each block, where there are several.
    pub blocks: Vec<ChosenBlock>,
    /// What would exclude those that are not excluded for good, block by block.
    pub exclude: Vec<Operation>,
    /// Why the system would not take that now, as far as this look tells.
    pub refusal: Option<Refusal>,
    /// What would hand them out again, where all of them can be.
    pub remove: Vec<Operation>,
    /// The port that is worth a check: somebody has it, or a block holds it.
    pub check: Option<Port>,
    /// The commands of `exclude` or `remove`, to be typed by an administrator.
    pub commands: Option<String>,
}

/// One of several blocks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChosenBlock {
    /// The ports.
    pub range: PortRange,
    /// How they stand.
    pub safety: Safety,
    /// The same in one short sentence.
    pub title: String,
}

impl About {
    /// What the facts say of `ports`; `None` where there are none.
    pub fn of(ports: &PortSet, protocol: Protocol, lanes: &Lanes, snapshot: &Snapshot) -> Option<Self> {
        let (first, several) = match ports.ranges() {
            [] => return None,
            [one] if lanes.dynamic == Some(*one) => return Some(Self::of_dynamic_range(*one, lanes)),
            [first, rest @ ..] => (*first, !rest.is_empty()),
        };
        let excluded = |fits: &dyn Fn(&Kept) -> bool| {
            lanes.kept.iter().filter(|kept| fits(kept)).map(|kept| kept.range).collect::<PortSet>()
        };
        let for_good = excluded(&|kept| kept.holds == Holds::Always);
        let removable = excluded(&|kept| kept.removable);
        let reserved = |range: &PortRange| lanes.reserved.iter().any(|block| block.range.overlaps(*range));
        let open = |range: &&PortRange| !for_good.contains_range(**range) && !reserved(range);
        let operation = |range: &PortRange, remove| exclusion(*range, Some(protocol), remove);
        let exclude: Vec<Operation> = ports.ranges().iter().filter(open).map(|range| operation(range, false)).collect();
        let can_go = ports.ranges().iter().all(|range| removable.contains_range(*range));
        let remove = if can_go { ports.ranges().iter().map(|range| operation(range, true)).collect() } else { Vec::new() };
        let blocks: Vec<ChosenBlock> =
            ports.ranges().iter().map(|range| ChosenBlock::of(*range, protocol, lanes, snapshot)).collect();
        let (safety, title, text) = match blocks.as_slice() {
            [] | [_] => words(first, protocol, lanes, snapshot),
            several => of_several(ports, several),
        };
        let used = lanes.in_use.iter().map(|used| used.port).find(|port| ports.contains(*port));
        let check = used.or_else(|| ports.ranges().iter().find(|range| reserved(range)).map(|range| range.start()));
        let wanted = if exclude.is_empty() { &remove } else { &exclude };
        let commands = commands(wanted, snapshot);
        let refusal = first_refusal(&exclude, snapshot);
        let blocks = if several { blocks } else { Vec::new() };
        Some(Self { ports: ports.clone(), safety, title, text, blocks, exclude, refusal, remove, check, commands })
    }

    /// The dynamic range itself: nobody excludes all of it.
    fn of_dynamic_range(range: PortRange, lanes: &Lanes) -> Self {
        let used = lanes.in_use.iter().filter(|used| range.contains(used.port)).count();
        let next = lanes.dynamic_next.map(|next| format!(" After a restart it is {}.", dash(next))).unwrap_or_default();
        let text = format!("Clients get their ports from it. {used} of its {} ports are in use now.{next}", range.count());
        let title = format!("The dynamic range {}", dash(range));
        Self {
            ports: range.into(),
            safety: Safety::Neutral,
            title,
            text,
            blocks: Vec::new(),
            exclude: Vec::new(),
            refusal: None,
            remove: Vec::new(),
            check: None,
            commands: None,
        }
    }

    /// `1433`, `8080–8090`, or `12 ports`.
    pub fn ports(&self) -> String {
        match self.ports.ranges() {
            [one] => dash(*one),
            _ => format!("{} ports", self.ports.count()),
        }
    }
}

impl ChosenBlock {
    fn of(range: PortRange, protocol: Protocol, lanes: &Lanes, snapshot: &Snapshot) -> Self {
        let (safety, title, _) = words(range, protocol, lanes, snapshot);
        Self { range, safety, title }
    }
}

/// What several blocks come to.
fn of_several(ports: &PortSet, blocks: &[ChosenBlock]) -> (Safety, String, String) {
    let worst = blocks.iter().map(|block| block.safety).max().unwrap_or(Safety::Unknown);
    let unsafe_ones = blocks.iter().filter(|block| block.safety != Safety::Safe).count();
    let title = match unsafe_ones {
        0 => format!("{} ports in {} blocks: all are safe", ports.count(), blocks.len()),
        1 => format!("{} ports in {} blocks: one block is not safe", ports.count(), blocks.len()),
        several => format!("{} ports in {} blocks: {several} blocks are not safe", ports.count(), blocks.len()),
    };
    (worst, title, String::new())
}

/// The commands of the operations one after another, as they follow from one another.
fn commands(operations: &[Operation], snapshot: &Snapshot) -> Option<String> {
    // Commands follow from the lists of exclusions alone; a whole look may be large.
    let mut so_far = Snapshot::new(snapshot.taken_at, snapshot.host.clone());
    so_far.exclusions.clone_from(&snapshot.exclusions);
    so_far.dynamic_ranges.clone_from(&snapshot.dynamic_ranges);
    let mut lines = Vec::with_capacity(operations.len());
    for operation in operations {
        lines.push(preview(operation, &so_far).0);
        note_done(operation, &mut so_far);
    }
    (!lines.is_empty()).then(|| lines.join("\n"))
}

/// What speaks against one of the operations, as far as this look tells.
fn first_refusal(operations: &[Operation], snapshot: &Snapshot) -> Option<Refusal> {
    operations.iter().find_map(|operation| refusal(operation, snapshot, None))
}

/// How they stand, in one short sentence and why.
fn words(range: PortRange, protocol: Protocol, lanes: &Lanes, snapshot: &Snapshot) -> (Safety, String, String) {
    let ports = ports(range);
    let verb = |one: &'static str, several: &'static str| if range.count() == 1 { one } else { several };
    if let Some(block) = lanes.reserved.iter().find(|block| block.range.overlaps(range)) {
        let text = format!(
            "The block {} was reserved{}. A service that asks for a port in it gets error 10013.",
            dash(block.range),
            block.by_whom
        );
        return (Safety::Blocked, format!("{ports} {} in a reserved block", verb("lies", "lie")), text);
    }
    let excluded = |holds: &[Holds]| {
        let fits = lanes.kept.iter().filter(|kept| holds.contains(&kept.holds));
        fits.map(|kept| kept.range).collect::<PortSet>().contains_range(range)
    };
    let who = who(range, protocol, lanes, snapshot);
    if excluded(&[Holds::Always]) {
        let kept = lanes.kept.iter().find(|kept| kept.range.overlaps(range));
        let source = kept.map(stands_in).unwrap_or_default();
        let text = format!("Never handed out to clients, now and after a restart.{source}{who}");
        return (Safety::Safe, format!("{ports} {} protected", verb("is", "are")), text);
    }
    if excluded(&[Holds::NowOnly, Holds::Always]) {
        let text = format!("The exclusion is gone after the next restart: no file keeps it.{who}");
        return (Safety::AtRisk, format!("{ports} {} protected until the next restart", verb("is", "are")), text);
    }
    if excluded(&[Holds::NextOnly, Holds::Always]) {
        let text = format!("A file excludes it from the next restart on, but the running system does not.{who}");
        return (Safety::AtRisk, format!("{ports} {} not protected yet", verb("is", "are")), text);
    }
    let Some(dynamic) = lanes.dynamic else {
        let text = "The dynamic range could not be seen, so what clients may get is not known.".to_owned();
        return (Safety::Unknown, format!("Whether {} safe is not known", low(&format!("{ports} {}", verb("is", "are")))), text);
    };
    let now: PortSet = lanes.kept.iter().filter(|kept| kept.holds != Holds::NextOnly).map(|kept| kept.range).collect();
    let open = PortSet::from(range).intersection(&dynamic.into()).difference(&now);
    if open.is_empty() {
        let text = format!("Clients get no port outside {}. An exclusion matters only if that range moves.{who}", dash(dynamic));
        return (Safety::Safe, format!("{ports} {} outside the dynamic range", verb("is", "are")), text);
    }
    (Safety::AtRisk, not_protected(range, &open), at_risk(range, lanes, &open, &who))
}

/// Where the exclusion is set, and where it can be taken out, as sentences with a blank before them.
fn stands_in(kept: &Kept) -> String {
    let source = visible(&kept.source);
    if kept.removable {
        format!(" It stands in {source}.")
    } else {
        format!(" It stands in {source}, which is not PortMedic's: to hand it out again, take it out there.")
    }
}

fn not_protected(range: PortRange, open: &PortSet) -> String {
    if open.count() == range.count() {
        format!("{} {} not protected", ports(range), if range.count() == 1 { "is" } else { "are" })
    } else {
        format!("{} of the ports {} {} not protected", open.count(), dash(range), if open.count() == 1 { "is" } else { "are" })
    }
}

fn at_risk(range: PortRange, lanes: &Lanes, open: &PortSet, who: &str) -> String {
    let wanted: Vec<&Wanted> = lanes.wanted.iter().filter(|wanted| open.contains(wanted.port)).collect();
    let before = match wanted.as_slice() {
        [] => String::new(),
        [one] => format!(" before {} starts", visible(&one.service)),
        [one, ..] => format!(" before {} and others start", visible(&one.service)),
    };
    let it = if range.count() == 1 { "it" } else { "one of them" };
    if who.is_empty() {
        format!("Free now, but inside the dynamic range. A client may get {it}{before}.")
    } else {
        format!("{} Inside the dynamic range a client may get {it} as soon as it is free.", who.trim_start())
    }
}

/// Who has the first of them, as a sentence with a blank before it; empty where nobody was seen.
fn who(range: PortRange, protocol: Protocol, lanes: &Lanes, snapshot: &Snapshot) -> String {
    let Some(used) = lanes.in_use.iter().find(|used| range.contains(used.port)) else { return String::new() };
    let owners = owners_of(snapshot, used.port, Some(protocol));
    let Some(owner) = owners.first() else { return String::new() };
    let name = holder_name(snapshot, owner);
    let how = if owner.remote.is_some() { "has it for a connection" } else { "has it" };
    let port = if range.count() == 1 { String::new() } else { format!(" (port {})", used.port) };
    format!(" {} {how} now{port}.", sentence(&name))
}

fn ports(range: PortRange) -> String {
    if range.count() == 1 { format!("Port\u{a0}{}", range.start()) } else { format!("Ports\u{a0}{}", dash(range)) }
}

fn dash(range: PortRange) -> String {
    range.to_string().replace('-', "\u{2013}")
}

fn low(text: &str) -> String {
    text.replacen('P', "p", 1)
}
