//! More ports for clients, and none of those that servers need.

use std::collections::BTreeSet;

use super::with_start;
use crate::diagnosis::wording::span;
use crate::machine::{Port, PortRange, PortSet, Store};
use crate::remedy::exclusions::add_in_turn;
use crate::remedy::planner::Planner;
use crate::remedy::{FixOption, Step};

/// The last port there is.
const LAST_PORT: u16 = 65535;

/// Where the dynamic range of Linux starts: below lie the ports of most servers.
const WIDER_START_OF_WINDOWS: u16 = 32768;

/// More ports of servers than this are not excluded along with the range.
const MOST_EXCLUDED: usize = 32;

/// How many ports of servers are named.
const MOST_NAMED: usize = 5;

pub(super) fn option(planner: &Planner<'_>) -> Option<FixOption> {
    let now = planner.dynamic_range()?;
    let wider = wider(planner, now)?;
    let servers = Servers::within(planner, now, wider);
    let mut steps = servers.keep(planner);
    steps.extend(planner.set_range(wider));
    let (steps, and_start) = with_start(planner, steps);
    let more = wider.count() - now.count();
    let limits =
        if planner.is_linux() { "" } else { " Windows takes no range below port 1025, nor one of fewer than 255 ports." };
    Some(planner.option(
        format!("Widen the dynamic range to {}{}{and_start}", span(wider), servers.and_exclude()),
        format!(
            "{more} more ports for outgoing connections, at once. It gains time only: what uses them up may use these up too.{limits}{}{}",
            servers.effect_of_excluded(),
            servers.effect_of_left()
        ),
        steps,
        "Nothing".to_owned(),
    ))
}

/// The usual range of the system, else that and the present one, else up to the last port: below are the ports of servers. One that takes no
/// port of a server goes first.
fn wider(planner: &Planner<'_>, now: PortRange) -> Option<PortRange> {
    let usual = planner.usual_ports()?;
    let both = PortRange::new(now.start().min(usual.start()), now.end().max(usual.end())).ok()?;
    // The usual range of Windows reaches up to the last port already.
    let first = if planner.is_linux() { both.start() } else { both.start().min(WIDER_START_OF_WINDOWS) };
    let widest = PortRange::new(first, LAST_PORT).ok()?;
    let is_fit = |range: &PortRange| range.count() > now.count() && planner.may_set_range(*range);
    let fit: Vec<PortRange> = [usual, both, widest].into_iter().filter(is_fit).collect();
    let takes_none = |range: &&PortRange| ports_of_servers(planner, now, **range).is_empty();
    fit.iter().find(takes_none).or_else(|| fit.first()).copied()
}

/// The ports of listeners and services that clients could be given with the wider range, and not before. Linux has one range for both protocols.
fn ports_of_servers(planner: &Planner<'_>, now: PortRange, wider: PortRange) -> BTreeSet<Port> {
    let (snapshot, protocol) = (planner.snapshot, planner.protocol());
    let listeners = snapshot.sockets.iter().filter(|socket| socket.is_listener()).map(|own| (own.local.port(), own.protocol));
    let services = snapshot.services.iter().flat_map(|service| &service.ports).map(|own| (own.port, own.protocol));
    let is_meant = |(port, own): &(Port, _)| {
        let is_kept = || {
            [Store::Active, Store::Persistent].into_iter().all(|store| snapshot.excluded(*own, store).contains(*port))
                || snapshot.reservation_of(*port, *own).is_some()
        };
        (planner.is_linux() || *own == protocol) && wider.contains(*port) && !now.contains(*port) && !is_kept()
    };
    listeners.chain(services).filter(is_meant).map(|(port, _)| port).collect()
}

/// The ports of servers in the wider range.
struct Servers {
    /// Those that the option excludes.
    excluded: Vec<Port>,
    /// Those that are only told.
    left: Vec<Port>,
    /// Whether they are left because somebody has them (Windows).
    in_use: bool,
}

impl Servers {
    fn within(planner: &Planner<'_>, now: PortRange, wider: PortRange) -> Self {
        let ports = ports_of_servers(planner, now, wider);
        let is_taken =
            |port: &Port| !planner.is_linux() && planner.snapshot.sockets_on(*port, planner.protocol()).next().is_some();
        let (left, excluded): (Vec<Port>, Vec<Port>) = ports.iter().copied().partition(is_taken);
        if excluded.len() > MOST_EXCLUDED {
            return Self { excluded: Vec::new(), left: ports.into_iter().collect(), in_use: false };
        }
        Self { excluded, in_use: !left.is_empty(), left }
    }

    /// The steps that keep them from clients. They go before the range, so that no client gets one in between.
    fn keep(&self, planner: &Planner<'_>) -> Vec<Step> {
        let ports: PortSet = self.excluded.iter().map(|port| PortRange::single(*port)).collect();
        // Linux keeps one list for both protocols.
        let protocol = if planner.is_linux() { None } else { Some(planner.protocol()) };
        add_in_turn(planner.snapshot, ports.ranges(), protocol)
    }

    fn and_exclude(&self) -> String {
        match self.excluded.as_slice() {
            [] => String::new(),
            [port] => format!(" and exclude port {port}"),
            several => format!(" and exclude {} ports", several.len()),
        }
    }

    fn effect_of_excluded(&self) -> String {
        match self.excluded.len() {
            0 => String::new(),
            1 => format!("{}; it is excluded first, so that no client gets it.", lie_in_it(&self.excluded)),
            _ => format!("{}; they are excluded first, so that no client gets them.", lie_in_it(&self.excluded)),
        }
    }

    fn effect_of_left(&self) -> String {
        let them = if self.left.len() == 1 { "it" } else { "them" };
        let keeps = match (self.left.is_empty(), self.in_use) {
            (true, _) => return String::new(),
            (false, false) => format!("clients could be given {them}"),
            (false, true) => format!("clients could be given {them} later, as Windows excludes no port that is in use"),
        };
        format!("{}, and {keeps}: portmedic audit --fix keeps {them}.", lie_in_it(&self.left))
    }
}

/// The beginning of a sentence behind another one.
fn lie_in_it(ports: &[Port]) -> String {
    let named: Vec<String> = ports.iter().take(MOST_NAMED).map(ToString::to_string).collect();
    match (ports.len(), named.join(", ")) {
        (1, named) => format!(" Port {named} of a server lies in it then"),
        (count, named) if count <= MOST_NAMED => format!(" Ports {named} of servers lie in it then"),
        (count, named) => format!(" {count} ports of servers lie in it then ({named} …)"),
    }
}
