//! What the system of a practice machine answers a program that connects.

use std::net::SocketAddr;

use super::state::State;
use crate::machine::{ConnectResult, ConnectTest, Protocol, SocketState, System};

/// Connects once: what listens on the machine itself answers, and every other computer does where a port is left.
pub fn ask(state: &State, to: SocketAddr) -> ConnectTest {
    let refusal = refusal(state, to);
    let error = refusal.map(|result| in_words(result, state.host.system).to_owned());
    ConnectTest { to, result: refusal.unwrap_or(ConnectResult::Connected), error }
}

fn refusal(state: &State, to: SocketAddr) -> Option<ConnectResult> {
    if state.free_dynamic_ports(Protocol::Tcp).is_empty() {
        return Some(ConnectResult::NoPortLeft);
    }
    let is_here = to.ip().is_loopback() || state.addresses.contains(&to.ip());
    let listens = state.sockets.iter().map(|own| &own.socket).any(|socket| {
        let ip = socket.local.ip();
        socket.state == SocketState::Listen && socket.local.port() == to.port() && (ip.is_unspecified() || ip == to.ip())
    });
    (is_here && !listens).then_some(ConnectResult::Refused)
}

const fn in_words(result: ConnectResult, system: System) -> &'static str {
    match (result, system) {
        (ConnectResult::NoPortLeft, System::Linux) => "99 (Cannot assign requested address)",
        (ConnectResult::NoPortLeft, System::Windows) => {
            "10055 (An operation on a socket could not be performed because the system lacked sufficient buffer space or because a queue \
             was full.)"
        }
        (_, System::Linux) => "111 (Connection refused)",
        (_, System::Windows) => "10061 (No connection could be made because the target machine actively refused it.)",
    }
}
