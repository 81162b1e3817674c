//! Small pieces of sentences.

use super::context::{Context, Holder};
use crate::machine::{BindTest, Socket, visible};

pub(in crate::diagnosis) use crate::diagnosis::wording::{capital, list, span};

/// A row of the socket table: `TCP 127.0.0.1:1433 -> 127.0.0.1:9000 ESTABLISHED 64 python3`.
pub(super) fn row(socket: &Socket, pid: Option<u32>, name: Option<&str>) -> String {
    let remote = socket.remote.map(|remote| format!(" -> {remote}")).unwrap_or_default();
    let v6only = if socket.v6only == Some(true) { " IPv6 only" } else { "" };
    let process = pid.map_or_else(|| " -".to_owned(), |pid| format!(" {pid}"));
    let name = name.map(|name| format!(" {}", visible(name))).unwrap_or_default();
    format!("{} {}{remote} {}{v6only}{process}{name}", socket.protocol, socket.local, socket.state)
}

/// The rows of a socket, one for each process that has it.
pub(super) fn rows(holder: &Holder<'_>) -> Vec<String> {
    holder.owners.iter().map(|owner| row(holder.socket, owner.pid, owner.process.as_deref())).collect()
}

/// A question to the system and its answer: `bind TCP 0.0.0.0:1433: 98 (Address already in use)`.
pub(super) fn bind_row(test: &BindTest) -> String {
    let address = std::net::SocketAddr::new(test.address, test.port);
    let mut options = String::new();
    if test.v6only {
        options.push_str(" IPV6_V6ONLY");
    }
    if test.reuse_address {
        options.push_str(" SO_REUSEADDR");
    }
    let answer = test.error.as_deref().map_or_else(|| "given".to_owned(), visible);
    format!("bind {} {address}{options}: {answer}", test.protocol)
}

/// The port as it stands in a list of what was not seen: `TCP port 1433`.
pub(super) fn bare(context: &Context<'_>) -> String {
    format!("{} port {}", context.protocol, context.port)
}
