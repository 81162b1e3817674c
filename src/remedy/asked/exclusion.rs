//! What speaks against excluding ports, or against handing them out again.

use super::{Refusal, is_or_are, left_to_clients, ports, ports_capital, protocols};
use crate::diagnosis::wording::span;
use crate::diagnosis::{holder_name, owners_of};
use crate::machine::{Exclusion, Port, PortRange, PortSet, Protocol, Snapshot, System};

/// Why `range` cannot be excluded.
pub(super) fn refused_addition(snapshot: &Snapshot, range: PortRange, protocol: Option<Protocol>) -> Option<Refusal> {
    if range.start() == 0 {
        return Some(Refusal::not_possible(
            "Port 0 cannot be excluded",
            "Port 0 is no port: a program that asks for it gets any free one.",
            "Ports go from 1 to 65535.",
        ));
    }
    let system = (snapshot.host.system == System::Windows).then(|| refused_by_windows(snapshot, range, protocol)).flatten();
    system.or_else(|| nothing_left(snapshot, range, protocol))
}

/// Without a port to hand out no program can open a connection any more, PortMedic's own undo over a remote desktop included.
fn nothing_left(snapshot: &Snapshot, range: PortRange, protocol: Option<Protocol>) -> Option<Refusal> {
    let used_up =
        |protocol: &Protocol| left_to_clients(snapshot, *protocol, range).is_some_and(|(now, then)| now > 0 && then == 0);
    let protocol = protocols(protocol).find(used_up)?;
    let dynamic = snapshot.dynamic_range(protocol)?.range;
    Some(Refusal::not_possible(
        format!("Excluding {} would leave no port for clients", ports(range)),
        format!("The whole dynamic range {} would be excluded: no program could open a connection any more.", span(dynamic)),
        "Exclude fewer ports, or move the dynamic range first.",
    ))
}

/// Windows refuses a block of which a port is in use or that touches another exclusion (error 32).
fn refused_by_windows(snapshot: &Snapshot, range: PortRange, protocol: Option<Protocol>) -> Option<Refusal> {
    if let Some(port) = protocols(protocol).find_map(|protocol| first_in_use(snapshot, range, protocol)) {
        let who = owners_of(snapshot, port, protocol).first().map_or_else(
            || "a program that could not be seen".to_owned(),
            |owner| match owner.pid {
                Some(pid) => format!("{} (PID {pid})", holder_name(snapshot, owner)),
                None => holder_name(snapshot, owner),
            },
        );
        let mut refusal = Refusal::not_possible(
            format!("{} cannot be excluded now", ports_capital(range)),
            format!("Port {port} is in use by {who}, and Windows excludes no port that is in use."),
            format!("Look into port {port}: the fix frees it first and excludes it then."),
        );
        refusal.port = Some(port);
        return Some(refusal);
    }
    let other = overlapping(snapshot, range, protocol)?;
    let block = span(other.range);
    let (why, next) = if other.administered {
        let why = format!("It overlaps the exclusion {block}, and Windows takes no exclusion that overlaps another.");
        (why, format!("Exclude only ports outside {block}, or remove that exclusion first."))
    } else {
        let why = format!("The block {block} was reserved{}. Windows takes no exclusion inside it.", other.by_whom());
        (why, format!("Check port {}: the fix for a reserved block frees it first.", range.start()))
    };
    let mut refusal = Refusal::not_possible(format!("{} cannot be excluded now", ports_capital(range)), why, next);
    refusal.port = (!other.administered).then(|| range.start());
    Some(refusal)
}

/// The first exclusion that shares a port with `range`.
fn overlapping(snapshot: &Snapshot, range: PortRange, protocol: Option<Protocol>) -> Option<&Exclusion> {
    let touches = |other: &&Exclusion| {
        let same = match (other.protocol, protocol) {
            (Some(one), Some(other)) => one == other,
            _ => true,
        };
        same && other.range.overlaps(range)
    };
    snapshot.exclusions.iter().find(touches)
}

/// The first port of `range` that a socket has.
pub(super) fn first_in_use(snapshot: &Snapshot, range: PortRange, protocol: Protocol) -> Option<Port> {
    let sockets = snapshot.sockets.iter().filter(|socket| socket.protocol == protocol);
    sockets.map(|socket| socket.local.port()).filter(|port| range.contains(*port)).min()
}

/// Why `range` cannot be handed out again. On Linux the files decide, and the platform reads those. Windows deletes an exclusion only as it
/// was added: out of a part of one the rest would have to be added again, which Windows refuses once one of its ports is in use.
pub(super) fn refused_removal(snapshot: &Snapshot, range: PortRange, protocol: Option<Protocol>) -> Option<Refusal> {
    if snapshot.host.system != System::Windows {
        return None;
    }
    let own: Vec<&Exclusion> = snapshot
        .exclusions
        .iter()
        .filter(|row| protocol.is_none() || row.protocol.is_none() || row.protocol == protocol)
        .filter(|row| row.range.overlaps(range))
        .collect();
    let title = format!("{} cannot be handed out again this way", ports_capital(range));
    if let Some(row) = own.iter().find(|row| !row.administered) {
        let why = format!("The block {} was reserved{}, not by an administrator.", span(row.range), row.by_whom());
        return Some(Refusal::not_possible(title, why, "That program lets go of it when it ends."));
    }
    let is_whole = |row: &Exclusion| range.contains(row.range.start()) && range.contains(row.range.end());
    let row = own.iter().find(|row| !is_whole(row))?;
    let whole: PortSet = own.iter().map(|row| row.range).collect();
    let why =
        format!("{} {} part of the exclusion {}; Windows removes only whole ones.", ports_capital(range), is_or_are(range), {
            span(row.range)
        });
    Some(Refusal::not_possible(title, why, format!("Remove {} as a whole.", whole.short())))
}
