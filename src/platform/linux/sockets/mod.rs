//! The socket table and who has each socket.

mod diag;
mod proc_net;
mod table;

use crate::machine::{Protocol, Snapshot};
use crate::platform::{OwnerSearch, Scope, SocketScope};

/// Looks at the sockets that `scope` asks for, and at the processes that have them.
pub fn look(scope: &Scope, snapshot: &mut Snapshot) {
    let table = match scope.sockets {
        SocketScope::None => return,
        SocketScope::All => table::all(None, &Protocol::ALL),
        SocketScope::Port { port, protocol } => {
            let protocols = protocol.map_or_else(|| Protocol::ALL.to_vec(), |one| vec![one]);
            match scope.owners {
                OwnerSearch::ControlGroup => table::first_on(port, &protocols),
                OwnerSearch::All | OwnerSearch::None => table::all(Some(port), &protocols),
            }
        }
    };
    snapshot.gaps.extend(table.gaps);
    snapshot.sockets = table.rows.into_iter().map(|row| row.socket).collect();
}
