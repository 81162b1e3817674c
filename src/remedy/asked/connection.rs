//! What speaks against closing a connection.

use std::net::SocketAddr;

use super::Refusal;
use crate::diagnosis::{holder_name, owners_of};
use crate::machine::{Protocol, Snapshot, System, visible};

/// Why the connection is not closed.
pub(super) fn refused_close(snapshot: &Snapshot, protocol: Protocol, local: SocketAddr, remote: SocketAddr) -> Option<Refusal> {
    const TITLE: &str = "This connection cannot be closed from outside";
    if snapshot.host.system == System::Windows && (protocol == Protocol::Udp || local.is_ipv6()) {
        let what = if protocol == Protocol::Udp { "UDP sockets" } else { "IPv6 connections" };
        return Some(Refusal::not_possible(
            TITLE,
            format!("Windows has a call that closes IPv4 connections of TCP, and none for {what}."),
            "Close it in the program that has it, or end that program.",
        ));
    }
    let owners = owners_of(snapshot, local.port(), Some(protocol));
    let owner = owners.iter().find(|owner| owner.local == local && owner.remote == Some(remote) && owner.protected.is_some())?;
    let why = owner.protected.as_deref().map(visible)?;
    let name = holder_name(snapshot, owner);
    Some(Refusal::not_possible(
        format!("The connection of {name} is left alone"),
        format!("{name} holds the computer or the session in use together: {why}."),
        format!("Close it in {name} itself, if it must be."),
    ))
}
