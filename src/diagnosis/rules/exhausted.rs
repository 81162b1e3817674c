//! No dynamic port is left: every port of the range is taken, so nobody gets one for an outgoing connection.

use std::collections::{BTreeMap, BTreeSet};

use super::context::Scene;
use super::{Certainty, Context, Finding, words};
use crate::diagnosis::exhaustion::load_facts;
use crate::diagnosis::owner::owners_of_socket;
use crate::diagnosis::{Cause, Owner, holder_name};
use crate::machine::{Evidence, FailureKind, Port, Protocol, Socket, SocketState, Store};

/// Use from which a range counts as nearly full, in percent.
const NEARLY_FULL: usize = 90;

/// Holders that are named at most.
const TOP: usize = 3;

pub(super) fn rule_with_port(context: &Context<'_>) -> Option<Finding> {
    rule(&context.scene, context.protocol)
}

/// Fires where the symptom says so, or where the whole range is seen to be taken and nothing else is asked.
pub(super) fn rule(scene: &Scene<'_>, protocol: Protocol) -> Option<Finding> {
    let told = scene.says(FailureKind::Exhausted);
    let usage = Usage::of(scene, protocol);
    let full = usage.as_ref().is_some_and(Usage::is_full);
    // A full range keeps nobody from a port asked for by number, so without a symptom it is the answer only where no port is asked for.
    let asked_for_nothing = scene.symptom.port.is_none() && scene.failure().is_none() && scene.service.is_none();
    let seen = full && asked_for_nothing;
    // Who only says what does not work has no port in mind either.
    let complaint = scene.symptom.complaint.filter(|_| usage.as_ref().is_some_and(Usage::is_nearly_full));
    if !told && !seen && complaint.is_none() {
        return None;
    }
    let certainty = match &usage {
        Some(usage) if usage.is_full() => Certainty::Certain,
        Some(usage) if usage.is_nearly_full() => Certainty::likely("the range is nearly full now"),
        Some(usage) if usage.is_whole() => Certainty::likely("there is room again now"),
        Some(_) | None => Certainty::likely("the whole socket table was not read"),
    };
    // What the log tells is over where the table shows room, or does not tell.
    let now = usage.as_ref().is_some_and(|usage| usage.is_full() || usage.is_nearly_full());
    let (is, more) = match (&certainty, now) {
        (Certainty::Certain, _) => ("is", "every one that fits is taken."),
        (_, true) => ("was", "nearly every one is taken."),
        (_, false) => ("was", "every one that fits was taken when the error was written."),
    };
    let mut evidence: Vec<Evidence> = scene.log_fact().into_iter().collect();
    let mut owners = Vec::new();
    if let Some(usage) = usage.filter(|usage| usage.is_whole() || usage.is_empty()) {
        evidence.extend(usage.facts(scene));
        owners = usage.top.into_iter().map(|(owner, _)| owner).collect();
    }
    let top = owners.first().map(|owner| format!(" {} has the most.", holder_name(scene.snapshot, owner))).unwrap_or_default();
    evidence.extend(load_facts(scene.snapshot));
    let kernel = words::capital(scene.kernel());
    let why = complaint.map(|complaint| format!(" {}", complaint.why())).unwrap_or_default();
    Some(Finding {
        cause: Cause::Exhausted,
        certainty,
        headline: format!("No port {is} left for outgoing connections"),
        explanation: format!("{kernel} takes the ports of outgoing connections from the dynamic range, and {more}{top}{why}"),
        next_step: match complaint {
            Some(_) => {
                "See who takes the ports, and how fast: portmedic exhaustion --watch; then restart that program".to_owned()
            }
            None => "Stop what uses up the ports, or widen the dynamic range".to_owned(),
        },
        evidence,
        owners,
        gaps: Vec::new(),
    })
}

/// How far the dynamic range is used.
pub(super) struct Usage {
    /// Ports of the range that a socket has.
    used: usize,
    /// Ports of the range that are not excluded.
    available: usize,
    /// Sockets in the range whose connection is over.
    resting: usize,
    /// Different local ports in the whole table: where there are several, more was read than one port.
    ports_seen: usize,
    range: String,
    source: String,
    /// The holders of the most ports, with their number of ports.
    top: Vec<(Owner, usize)>,
}

impl Usage {
    pub(super) fn of(scene: &Scene<'_>, protocol: Protocol) -> Option<Self> {
        let snapshot = scene.snapshot;
        let dynamic = snapshot.dynamic_range(protocol)?;
        let excluded = snapshot.excluded(protocol, Store::Active);
        let inside = |port: Port| dynamic.range.contains(port) && !excluded.contains(port);
        let available = (dynamic.range.start()..=dynamic.range.end()).filter(|port| inside(*port)).count();
        let rows: Vec<&Socket> = snapshot.sockets.iter().filter(|socket| socket.protocol == protocol).collect();
        let ports_seen = rows.iter().map(|socket| socket.local.port()).collect::<BTreeSet<_>>().len();
        let taken: Vec<&Socket> = rows.into_iter().filter(|socket| inside(socket.local.port())).collect();
        let used = taken.iter().map(|socket| socket.local.port()).collect::<BTreeSet<_>>().len();
        let resting = taken.iter().filter(|socket| socket.state == SocketState::TimeWait).count();
        Some(Self {
            used,
            available,
            resting,
            ports_seen,
            range: words::span(dynamic.range),
            source: dynamic.source.clone(),
            top: top_holders(scene, &taken),
        })
    }

    const fn is_full(&self) -> bool {
        self.is_empty() || (self.used >= self.available && self.is_whole())
    }

    /// Whether every port of the range is excluded, so that there is none to give.
    const fn is_empty(&self) -> bool {
        self.available == 0
    }

    const fn is_nearly_full(&self) -> bool {
        self.is_whole() && self.used * 100 >= self.available * NEARLY_FULL
    }

    /// Whether more than the one port asked for was looked at.
    pub(super) const fn is_whole(&self) -> bool {
        self.ports_seen > 1
    }

    pub(super) fn facts(&self, scene: &Scene<'_>) -> Vec<Evidence> {
        let use_of_range = if self.is_empty() {
            format!("Every port of the dynamic range {} is excluded", self.range)
        } else {
            format!("{} of the {} ports of the dynamic range {} are in use", self.used, self.available, self.range)
        };
        let mut facts = vec![scene.fact(use_of_range, self.source.clone(), None)];
        if self.resting > 0 {
            facts.push(scene.fact(
                format!("{} of them belong to connections that are over and still rest", self.resting),
                "socket table",
                None,
            ));
        }
        if !self.top.is_empty() {
            let rows = self.top.iter().map(|(owner, ports)| format!("{ports} {}", holder_name(scene.snapshot, owner)));
            facts.push(scene.fact("These hold the most ports", "socket table", Some(rows.collect::<Vec<_>>().join("\n"))));
        }
        facts
    }
}

/// Those with the most ports, one entry a process, each with one of its sockets.
fn top_holders(scene: &Scene<'_>, taken: &[&Socket]) -> Vec<(Owner, usize)> {
    let mut ports: BTreeMap<u32, (BTreeSet<Port>, &Socket)> = BTreeMap::new();
    for socket in taken {
        for pid in socket.pids.iter() {
            ports.entry(*pid).or_insert_with(|| (BTreeSet::new(), socket)).0.insert(socket.local.port());
        }
    }
    let mut holders: Vec<(u32, usize, &Socket)> =
        ports.into_iter().map(|(pid, (ports, socket))| (pid, ports.len(), socket)).collect();
    holders.sort_by_key(|(pid, ports, _)| (std::cmp::Reverse(*ports), *pid));
    let owner = |(pid, ports, socket): (u32, usize, &Socket)| {
        owners_of_socket(scene.snapshot, socket).into_iter().find(|owner| owner.pid == Some(pid)).map(|owner| (owner, ports))
    };
    holders.into_iter().take(TOP).filter_map(owner).collect()
}
