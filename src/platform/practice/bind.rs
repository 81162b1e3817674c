//! What the system of a practice machine answers a program that asks for a port.

use super::state::{PracticeSocket, State};
use crate::diagnosis::judge::in_the_way;
use crate::machine::{BindResult, BindTest, Port, Protocol, Snapshot, System};
use crate::platform::{BindQuestion, Scope};

/// Makes the bind tests that `scope` asks for, as the live computer does.
pub fn look(state: &State, scope: &Scope, snapshot: &mut Snapshot) {
    for question in scope.bind_questions() {
        let test = ask(state, &question);
        let in_use = test.result == BindResult::InUse;
        snapshot.bind_tests.push(test);
        if in_use && question.protocol == Protocol::Tcp && state.is_linux() {
            snapshot.bind_tests.push(ask(state, &BindQuestion { reuse_address: true, ..question }));
        }
    }
}

/// Asks one question, with the rights of the one who looks.
pub fn ask(state: &State, question: &BindQuestion) -> BindTest {
    let reuse_address = question.reuse_address && question.protocol == Protocol::Tcp;
    let refusal = refusal(state, &BindQuestion { reuse_address, ..*question }, state.host.elevated);
    BindTest {
        protocol: question.protocol,
        address: question.address,
        port: question.port,
        v6only: question.v6only,
        reuse_address,
        result: refusal.unwrap_or(BindResult::Free),
        error: refusal.map(|result| in_words(result, state.host.system).to_owned()),
    }
}

/// Why a program does not get the port; `None` where it does. `may_low`: whether it has the right to low ports.
pub fn refusal(state: &State, question: &BindQuestion, may_low: bool) -> Option<BindResult> {
    let address = question.address;
    let everywhere = address.is_unspecified() || address.is_loopback();
    if !everywhere && !state.addresses.contains(&address) {
        return Some(BindResult::NotLocal);
    }
    if state.is_linux() && question.port < state.unprivileged_port_start && !may_low {
        return Some(BindResult::Denied);
    }
    if reserved_for_another(state, question.port, question.protocol) {
        return Some(BindResult::Denied);
    }
    let on_port = |own: &&PracticeSocket| {
        own.socket.protocol == question.protocol && own.socket.local.port() == question.port && meets(own, question)
    };
    let holder = state.sockets.iter().filter(on_port).find(|own| !shares(state, own, question))?;
    Some(if holder.exclusive { BindResult::Denied } else { BindResult::InUse })
}

/// Whether the port lies in a block that is no administered exclusion: only Windows has those.
fn reserved_for_another(state: &State, port: Port, protocol: Protocol) -> bool {
    let is_block = |row: &&crate::machine::Exclusion| {
        !row.administered && row.store == crate::machine::Store::Active && row.protocol.is_none_or(|own| own == protocol)
    };
    state.exclusions.iter().filter(is_block).any(|row| row.range.contains(port))
}

/// Whether the two ask for the same address.
fn meets(own: &PracticeSocket, question: &BindQuestion) -> bool {
    // `[::]` that leaves IPv4 alone meets no IPv4 address.
    let both_families = question.address.is_ipv4() || !question.v6only || own.socket.local.is_ipv6();
    both_families && in_the_way(&own.socket, Some(question.address))
}

/// Linux lets a server have a port on which only remains of connections rest that were made with `SO_REUSEADDR`, as its own are.
fn shares(state: &State, own: &PracticeSocket, question: &BindQuestion) -> bool {
    state.is_linux() && question.reuse_address && own.reuse_address && !own.socket.is_listener()
}

/// The number for the search engine and the text for the reader, as the system writes them.
pub const fn in_words(result: BindResult, system: System) -> &'static str {
    match (result, system) {
        (BindResult::InUse, System::Linux) => "98 (Address already in use)",
        (BindResult::Denied, System::Linux) => "13 (Permission denied)",
        (BindResult::NotLocal, System::Linux) => "99 (Cannot assign requested address)",
        (BindResult::InUse, System::Windows) => {
            "10048 (Only one usage of each socket address (protocol/network address/port) is normally permitted.)"
        }
        (BindResult::Denied, System::Windows) => {
            "10013 (An attempt was made to access a socket in a way forbidden by its access permissions.)"
        }
        (BindResult::NotLocal, System::Windows) => "10049 (The requested address is not valid in its context.)",
        (BindResult::Free | BindResult::Exhausted | BindResult::Unsupported | BindResult::Other, _) => "",
    }
}
