//! What can be done to the chosen socket.

use super::row::PortRow;
use crate::app::change::exclusion;
use crate::machine::{PortRange, System};
use crate::remedy::Operation;

/// The operation that closes this connection.
///
/// # Errors
/// Why it cannot be closed.
pub fn close_connection(row: &PortRow, system: System) -> Result<Operation, &'static str> {
    let Some(remote) = row.id.remote else {
        return Err("This is no connection; check the port to see what can be done");
    };
    if row.is_gone() {
        return Err("It is closed already");
    }
    if system == System::Windows && row.id.local.is_ipv6() {
        return Err("Windows can close single connections over IPv4 only; check the port to see what else can be done");
    }
    Ok(Operation::CloseConnection { protocol: row.id.protocol, local: row.id.local, remote, cookie: row.cookie })
}

/// The operation that keeps this port from being handed out to clients, now and after a restart.
pub const fn exclude_port(row: &PortRow) -> Operation {
    exclusion(PortRange::single(row.port()), Some(row.id.protocol), false)
}
