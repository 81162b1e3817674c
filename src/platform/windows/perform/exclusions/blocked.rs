//! Why Windows refuses an exclusion: a port of it is in use, a client's too, or it touches another one (error 32). netsh says so in words of
//! some language and names no port, so the port is found here.

use jiff::Timestamp;

use super::tell;
use crate::diagnosis::{holder_name, owners_of};
use crate::machine::{Exclusion, Port, PortRange, Protocol, Snapshot, Store};
use crate::platform::windows::{facts, host, ranges, sockets};
use crate::platform::windows_text::blocks::find_refused;
use crate::platform::{OwnerSearch, PlatformError, Scope, SocketScope};

/// The refusal of `block` with the port that blocks it and who has it; with netsh's own words where nothing was found.
pub fn explain(block: PortRange, protocol: Protocol, store: Store, complaint: String) -> PlatformError {
    let why = other_exclusion(block, protocol).or_else(|| in_use(block, protocol)).or_else(|| by_halves(block, protocol, store));
    PlatformError::Failed { what: format!("could not exclude {protocol} {block}"), why: why.unwrap_or(complaint) }
}

/// Another exclusion that shares a port with the block.
fn other_exclusion(block: PortRange, protocol: Protocol) -> Option<String> {
    let rows = ranges::exclusions(protocol, Store::Active).ok()?;
    let row = rows.into_iter().find(|row| row.range.overlaps(block))?;
    if row.administered {
        return Some(format!("it overlaps the exclusion {}, which counts until the next start of the computer", row.range));
    }
    let other = Exclusion {
        range: row.range,
        protocol: Some(protocol),
        family: None,
        store: Store::Active,
        administered: false,
        owner: None,
        source: String::new(),
    };
    Some(format!("the block {} was reserved{}, and Windows takes no exclusion inside it", row.range, other.by_whom()))
}

/// The first port of the block that the socket table has, with its owner.
fn in_use(block: PortRange, protocol: Protocol) -> Option<String> {
    let mut snapshot = Snapshot::new(Timestamp::now(), host::look());
    let scope = Scope { sockets: SocketScope::All, owners: OwnerSearch::All, ..Scope::default() };
    sockets::look(&scope, &mut snapshot).ok()?;
    let of_protocol = snapshot.sockets.iter().filter(|socket| socket.protocol == protocol);
    let port = of_protocol.map(|socket| socket.local.port()).filter(|port| block.contains(*port)).min()?;
    (snapshot.windows, _) = facts::read();
    let who = owners_of(&snapshot, port, Some(protocol)).first().map_or_else(
        || "a program that could not be seen".to_owned(),
        |owner| match owner.pid {
            Some(pid) => format!("{} (PID {pid})", holder_name(&snapshot, owner)),
            None => holder_name(&snapshot, owner),
        },
    );
    Some(port_in_use(port, &who))
}

/// No table shows the port: blocks that are added and taken out again at once lead to it.
fn by_halves(block: PortRange, protocol: Protocol, store: Store) -> Option<String> {
    let is_refused = |half: PortRange| match tell("add", half, protocol, store) {
        Err(_) => Ok(true),
        Ok(()) => tell("delete", half, protocol, store).map(|()| false),
    };
    let port = find_refused(block, is_refused).ok().flatten()?;
    Some(port_in_use(port, "a program that shows in no table"))
}

fn port_in_use(port: Port, who: &str) -> String {
    format!("port {port} is in use by {who}, and Windows excludes no port that is in use")
}
