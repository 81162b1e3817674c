//! The bind test as the judge, and which sockets stand in the way of which address.

use std::net::IpAddr;

use crate::machine::{BindResult, BindTest, Port, Protocol, Snapshot, Socket, System};

/// What the system says to a program that asks for the port, taken over every address that the service wants.
///
/// The order is that of the worst: one address that is in use is enough to stop a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Answer {
    /// Nobody asked.
    NotAsked,
    /// It was given.
    Free,
    /// The one who asked may not, or something else went wrong, so the answer does not tell.
    Unclear,
    /// It is kept from whoever asks (Windows): reserved for another, or held exclusively.
    Denied,
    /// This computer does not have the address.
    NotLocal,
    /// There is no room for one more socket.
    Exhausted,
    /// It is given only to programs that set `SO_REUSEADDR`.
    FreeWithReuse,
    /// Somebody has it.
    InUse,
}

/// Asks the bind tests. Without an address the two wildcards stand for what the service may want.
pub(crate) fn judge(snapshot: &Snapshot, port: Port, protocol: Protocol, address: Option<IpAddr>) -> Answer {
    let wanted = |test: &&BindTest| {
        test.port == port
            && test.protocol == protocol
            && address.map_or(test.address.is_unspecified(), |address| address == test.address)
    };
    let tests: Vec<&BindTest> = snapshot.bind_tests.iter().filter(wanted).collect();
    let mut worst = Answer::NotAsked;
    for test in tests.iter().filter(|test| !test.reuse_address) {
        let with_reuse =
            tests.iter().find(|other| other.reuse_address && other.address == test.address && other.v6only == test.v6only);
        worst = worst.max(answer(snapshot.host.system, test, with_reuse.copied()));
    }
    worst
}

fn answer(system: System, plain: &BindTest, with_reuse: Option<&BindTest>) -> Answer {
    match plain.result {
        BindResult::Free => Answer::Free,
        // On Windows SO_REUSEADDR takes ports from those who have them, and low ports need no right.
        BindResult::InUse if system == System::Windows => Answer::InUse,
        BindResult::Denied if system == System::Windows => Answer::Denied,
        // Two UDP sockets share a port when both allow it, which says nothing about the service; for TCP it tells remains from holders.
        BindResult::InUse
            if plain.protocol == Protocol::Tcp && with_reuse.is_some_and(|test| test.result == BindResult::Free) =>
        {
            Answer::FreeWithReuse
        }
        BindResult::InUse => Answer::InUse,
        BindResult::NotLocal => Answer::NotLocal,
        BindResult::Exhausted => Answer::Exhausted,
        BindResult::Denied | BindResult::Other => Answer::Unclear,
        // A family that the computer does not speak cannot be wanted.
        BindResult::Unsupported => Answer::NotAsked,
    }
}

/// Whether `socket` keeps a server from listening on `wanted` at the same port.
///
/// `None` stands for every address, of either family, so every socket is in the way. The rules are those of Linux without
/// `SO_REUSEADDR`: a wildcard meets every address of its family, and an IPv6 wildcard that is not IPv6 only meets IPv4 as well.
pub(crate) fn in_the_way(socket: &Socket, wanted: Option<IpAddr>) -> bool {
    let Some(wanted) = wanted else { return true };
    let (held, wanted) = (socket.local.ip().to_canonical(), wanted.to_canonical());
    match (held, wanted) {
        (IpAddr::V4(_), IpAddr::V4(_)) | (IpAddr::V6(_), IpAddr::V6(_)) => {
            held == wanted || held.is_unspecified() || wanted.is_unspecified()
        }
        (IpAddr::V6(_), IpAddr::V4(_)) => held.is_unspecified() && socket.v6only != Some(true),
        // The service asks for both families at once, as most servers do with `[::]`.
        (IpAddr::V4(_), IpAddr::V6(_)) => wanted.is_unspecified(),
    }
}
