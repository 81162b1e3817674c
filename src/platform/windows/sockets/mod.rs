//! The socket table with its owners.

mod table;

use std::collections::{BTreeSet, HashMap};

use super::ffi::service_of_tag;
use super::processes;
use crate::machine::{Protocol, Snapshot, Socket};
use crate::platform::windows_tables::search::{self, Tables};
use crate::platform::windows_tables::sockets::Row;
use crate::platform::{OwnerSearch, PlatformError, Scope, SocketScope};

pub use table::LiveTables;

/// Looks at the sockets that `scope` asks for, and the processes that have them.
///
/// # Errors
/// Where the whole table is refused.
pub fn look(scope: &Scope, snapshot: &mut Snapshot) -> Result<(), PlatformError> {
    look_at(&LiveTables, scope, snapshot)
}

fn look_at(tables: &dyn Tables, scope: &Scope, snapshot: &mut Snapshot) -> Result<(), PlatformError> {
    let found = match scope.sockets {
        SocketScope::None => return Ok(()),
        SocketScope::All => search::complete(tables, table::whole()?),
        SocketScope::Port { port, protocol } => {
            let protocols = protocol.map_or_else(|| Protocol::ALL.to_vec(), |one| vec![one]);
            match scope.owners {
                OwnerSearch::ControlGroup => search::first_on(tables, port, &protocols),
                OwnerSearch::All | OwnerSearch::None => search::all_on(tables, port, &protocols),
            }
        }
    };
    snapshot.gaps.extend(found.gaps);
    let mut tags = Tags::default();
    snapshot.sockets = found.rows.into_iter().map(|row| socket(&row, &mut tags)).collect();
    if scope.owners == OwnerSearch::None {
        for socket in &mut snapshot.sockets {
            socket.pids.clear();
        }
        return Ok(());
    }
    // The table names the process of every socket, so nobody is left to be searched for.
    snapshot.searched_everywhere = true;
    let holders = snapshot.sockets.iter().flat_map(|socket| socket.pids.iter().copied()).collect();
    processes::add(holders, snapshot);
    Ok(())
}

/// Looks at the processes for which HTTP.sys has the sockets that were seen.
pub fn look_behind_http_sys(snapshot: &mut Snapshot) {
    let ports: BTreeSet<_> = snapshot.sockets.iter().map(|socket| socket.local.port()).collect();
    let urls = snapshot.windows.http_sys.iter().filter(|url| url.port().is_some_and(|port| ports.contains(&port)));
    let pids = urls.flat_map(|url| url.pids.iter().copied()).filter(|pid| !snapshot.processes.contains_key(pid)).collect();
    processes::add(pids, snapshot);
}

fn socket(row: &Row, tags: &mut Tags) -> Socket {
    Socket {
        protocol: row.protocol,
        local: row.local,
        remote: row.remote,
        state: row.state,
        v6only: None,
        reuse_port: None,
        inode: None,
        cookie: identity(row),
        uid: None,
        cgroup: None,
        expires_ms: None,
        backlog: None,
        service: tags.service(row),
        pids: row.pid.into_iter().collect(),
    }
}

/// What tells a connection from a later one between the same ends: the time it was made, and where Windows does not tell that, its process.
pub fn identity(row: &Row) -> Option<u64> {
    row.created.or_else(|| row.pid.map(u64::from))
}

/// The names of service tags; each is asked for once.
#[derive(Default)]
struct Tags(HashMap<(u32, u32), Option<String>>);

impl Tags {
    fn service(&mut self, row: &Row) -> Option<String> {
        let (pid, tag) = (row.pid?, row.tag?);
        self.0.entry((pid, tag)).or_insert_with(|| service_of_tag(pid, tag)).clone()
    }
}
