//! The socket table and who has each socket.

mod cgroups;
pub mod diag;
mod elsewhere;
mod holders;
mod owners;
mod proc_net;
mod table;
mod unseen;

use std::thread;

use crate::machine::{Port, Protocol, Snapshot};
use crate::platform::linux::processes;
use crate::platform::{OwnerSearch, Scope, SocketScope};

use cgroups::Tree;
use diag::Row;
use owners::Reach;

/// Looks at the sockets that `scope` asks for, and at the processes that have them.
pub fn look(scope: &Scope, snapshot: &mut Snapshot) {
    match scope.sockets {
        SocketScope::None => {}
        SocketScope::All => whole_table(scope.owners, snapshot),
        SocketScope::Port { port, protocol } => {
            let protocols = protocol.map_or_else(|| Protocol::ALL.to_vec(), |one| vec![one]);
            one_port(port, &protocols, scope.owners, snapshot);
        }
    }
}

/// The sockets on one port. Nothing is looked into that the question does not need: a free port costs no look at any process.
fn one_port(port: Port, protocols: &[Protocol], search: OwnerSearch, snapshot: &mut Snapshot) {
    let table = match search {
        OwnerSearch::ControlGroup => table::first_on(port, protocols),
        OwnerSearch::All | OwnerSearch::None => table::all(Some(port), protocols),
    };
    snapshot.gaps.extend(table.gaps);
    let tree = put(table.rows, snapshot);
    if search == OwnerSearch::ControlGroup && !snapshot.sockets.is_empty() {
        owners::find(snapshot, tree.as_ref(), Reach::ControlGroups);
    } else if search != OwnerSearch::None {
        let pids = processes::all();
        snapshot.sockets_elsewhere = elsewhere::sockets(&pids, snapshot.host.network_namespace, port, protocols);
        owners::find(snapshot, tree.as_ref(), Reach::Everywhere(&pids));
    }
}

/// Every socket. The processes are searched while the kernel lists the sockets: both take long on a busy computer.
fn whole_table(search: OwnerSearch, snapshot: &mut Snapshot) {
    if search == OwnerSearch::None {
        let table = table::all(None, &Protocol::ALL);
        snapshot.gaps.extend(table.gaps);
        put(table.rows, snapshot);
        return;
    }
    let (holders, table) = thread::scope(|scope| {
        let listing = || table::all(None, &Protocol::ALL);
        let elsewhere = thread::Builder::new().name("socket table".to_owned()).spawn_scoped(scope, listing);
        let holders = holders::scan(&processes::all(), None);
        let table = match elsewhere {
            Ok(thread) => thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
            Err(_) => listing(),
        };
        (holders, table)
    });
    snapshot.gaps.extend(table.gaps);
    snapshot.searched_everywhere = true;
    let tree = put(table.rows, snapshot);
    owners::attach(snapshot, tree.as_ref(), &holders);
}

/// Puts the rows into the snapshot, each with the path of its control group.
fn put(rows: Vec<Row>, snapshot: &mut Snapshot) -> Option<Tree> {
    let tree = Tree::find();
    let wanted = rows.iter().filter_map(|row| row.cgroup_id).collect();
    let paths = tree.as_ref().map(|tree| tree.paths(&wanted)).unwrap_or_default();
    snapshot.sockets = rows
        .into_iter()
        .map(|row| {
            let mut socket = row.socket;
            socket.cgroup = row.cgroup_id.and_then(|id| paths.get(&id).cloned());
            socket
        })
        .collect();
    tree
}
