//! What is to be said of the ports that were chosen on the map, and what can be done about them.

use super::lanes::{Holds, Kept, Lanes, Wanted};
use crate::app::change::exclusion;
use crate::diagnosis::{holder_name, owners_of};
use crate::machine::{Port, PortRange, PortSet, Protocol, Snapshot, visible};
use crate::remedy::{Operation, preview};

/// How the ports stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Safety {
    /// Never handed out to clients.
    Safe,
    /// A client may get one of them.
    AtRisk,
    /// A service that asks for one does not get it.
    Blocked,
    /// Neither: the dynamic range itself.
    Neutral,
    /// Not seen.
    Unknown,
}

/// What is to be said of some ports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct About {
    /// The ports.
    pub range: PortRange,
    /// How they stand.
    pub safety: Safety,
    /// The same in one short sentence.
    pub title: String,
    /// Why.
    pub text: String,
    /// What would exclude them, where they are not excluded for good.
    pub exclude: Option<Operation>,
    /// What would hand them out again, where PortMedic excluded them.
    pub remove: Option<Operation>,
    /// The port that is worth a check: somebody has it, or a block holds it.
    pub check: Option<Port>,
    /// The commands of `exclude` or `remove`, to be typed by an administrator.
    pub commands: Option<String>,
}

impl About {
    /// What the facts say of `range`.
    pub fn of(range: PortRange, protocol: Protocol, lanes: &Lanes, snapshot: &Snapshot) -> Self {
        if lanes.dynamic == Some(range) {
            return Self::of_dynamic_range(range, lanes);
        }
        let (safety, title, text) = words(range, protocol, lanes, snapshot);
        let whole = |holds: Option<Holds>, own: Option<bool>| {
            let fits = |kept: &&Kept| holds.is_none_or(|holds| kept.holds == holds) && own.is_none_or(|own| kept.own == own);
            lanes.kept.iter().filter(fits).map(|kept| kept.range).collect::<PortSet>()
        };
        let for_good = whole(Some(Holds::Always), None).contains_range(range);
        let own = whole(None, Some(true)).contains_range(range);
        let reserved = lanes.reserved.iter().any(|block| block.range.overlaps(range));
        let exclude = (!for_good && !reserved).then(|| exclusion(range, Some(protocol), false));
        let remove = own.then(|| exclusion(range, Some(protocol), true));
        let used = lanes.in_use.iter().map(|used| used.port).find(|port| range.contains(*port));
        let commands = exclude.as_ref().or(remove.as_ref()).map(|operation| preview(operation, snapshot).0);
        let check = used.or_else(|| reserved.then(|| range.start()));
        Self { range, safety, title, text, exclude, remove, check, commands }
    }

    /// The dynamic range itself: nobody excludes all of it.
    fn of_dynamic_range(range: PortRange, lanes: &Lanes) -> Self {
        let used = lanes.in_use.iter().filter(|used| range.contains(used.port)).count();
        let next = lanes.dynamic_next.map(|next| format!(" After a restart it is {}.", dash(next))).unwrap_or_default();
        let text = format!("Clients get their ports from it. {used} of its {} ports are in use now.{next}", range.count());
        let title = format!("The dynamic range {}", dash(range));
        let safety = Safety::Neutral;
        Self { range, safety, title, text, exclude: None, remove: None, check: None, commands: None }
    }

    /// `1433`, or `8080–8090`.
    pub fn ports(&self) -> String {
        self.range.to_string().replace('-', "\u{2013}")
    }
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
        let source = lanes.kept.iter().find(|kept| kept.range.overlaps(range)).map(|kept| visible(&kept.source));
        let source = source.map(|source| format!(" It stands in {source}.")).unwrap_or_default();
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
    format!(" {} {how} now{port}.", capital(&name))
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

/// "a program that could not be seen" begins a sentence; names keep their case.
fn capital(name: &str) -> String {
    name.strip_prefix("a ").map_or_else(|| name.to_owned(), |rest| format!("A {rest}"))
}
