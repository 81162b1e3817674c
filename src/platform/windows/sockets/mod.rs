//! The socket table with its owners.

mod handles;
mod load;
mod table;
mod watch;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::ffi::service_of_tag;
use super::processes;
use crate::machine::{Protocol, Snapshot, Socket};
use crate::platform::windows_tables::search::{self, Tables};
use crate::platform::windows_tables::sockets::Row;
use crate::platform::{OwnerSearch, PlatformError, Scope, SocketScope};

pub use table::LiveTables;
pub use watch::watch;

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
        SocketScope::Listeners => {
            let mut found = search::complete(tables, table::whole()?);
            found.rows.retain(|row| row.state.is_server());
            found
        }
        SocketScope::Port { port, protocol } => {
            let protocols = Protocol::meant_by(protocol);
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
            socket.pids = Arc::default();
        }
        return Ok(());
    }
    // The table names the process of every socket, so nobody is left to be searched for.
    snapshot.searched_everywhere = true;
    let holders = snapshot.sockets.iter().flat_map(|socket| socket.pids.iter().copied()).collect();
    processes::add(&holders, snapshot);
    if scope.load && scope.sockets == SocketScope::All {
        load::look(snapshot);
    }
    Ok(())
}

/// Looks at the processes for which HTTP.sys has the sockets that were seen.
pub fn look_behind_http_sys(snapshot: &mut Snapshot) {
    let ports: BTreeSet<_> = snapshot.sockets.iter().map(|socket| socket.local.port()).collect();
    let urls = snapshot.windows.http_sys.iter().filter(|url| url.port().is_some_and(|port| ports.contains(&port)));
    let pids = urls.flat_map(|url| url.pids.iter().copied()).filter(|pid| !snapshot.processes.contains_key(pid)).collect();
    processes::add(&pids, snapshot);
}

fn socket(row: &Row, tags: &mut Tags) -> Socket {
    Socket {
        remote: row.remote,
        cookie: identity(row),
        service: tags.service(row),
        pids: row.pid.into_iter().collect(),
        ..Socket::bare(row.protocol, row.local, row.state)
    }
}

/// What tells a connection from a later one between the same ends: the time it was made, and where Windows does not tell that, its process.
pub fn identity(row: &Row) -> Option<u64> {
    row.created.or_else(|| row.pid.map(u64::from))
}

/// The names of service tags; each is asked for once.
#[derive(Default)]
struct Tags(HashMap<(u32, u32), Option<Arc<str>>>);

impl Tags {
    fn service(&mut self, row: &Row) -> Option<Arc<str>> {
        let (pid, tag) = (row.pid?, row.tag?);
        self.0.entry((pid, tag)).or_insert_with(|| service_of_tag(pid, tag).map(Into::into)).clone()
    }
}

#[cfg(test)]
mod tests {
    use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};

    use jiff::Timestamp;

    use super::{Tables, look, look_at};
    use crate::machine::{Protocol, Snapshot, Socket, SocketState};
    use crate::platform::windows::host;
    use crate::platform::windows_tables::search::NoTable;
    use crate::platform::windows_tables::sockets::Table;
    use crate::platform::{OwnerSearch, Scope, SocketScope};

    fn scope(port: u16, owners: OwnerSearch) -> Scope {
        Scope { sockets: SocketScope::Port { port, protocol: None }, owners, ..Scope::default() }
    }

    fn seen(scope: &Scope) -> Snapshot {
        let mut snapshot = Snapshot::new(Timestamp::now(), host::look());
        look(scope, &mut snapshot).unwrap();
        snapshot
    }

    fn on_port(port: u16, owners: OwnerSearch) -> Snapshot {
        seen(&scope(port, owners))
    }

    fn only(snapshot: &Snapshot, local: SocketAddr) -> &Socket {
        let mut found = snapshot.sockets.iter().filter(|socket| socket.local == local);
        let first = found.next().unwrap_or_else(|| panic!("{local} is not among {:?}", snapshot.sockets));
        assert!(found.next().is_none(), "{local} is there twice");
        first
    }

    #[test]
    fn every_way_to_ask_finds_us_behind_our_listener_of_either_family() {
        for address in ["127.0.0.1:0", "[::1]:0"] {
            let listener = TcpListener::bind(address).unwrap();
            let local = listener.local_addr().unwrap();
            let whole = Scope { sockets: SocketScope::All, ..Scope::default() };
            for scope in [scope(local.port(), OwnerSearch::ControlGroup), scope(local.port(), OwnerSearch::All), whole] {
                let snapshot = seen(&scope);
                let socket = only(&snapshot, local);
                assert_eq!((socket.state, &*socket.pids), (SocketState::Listen, [std::process::id()].as_slice()));
                assert!(snapshot.processes[&std::process::id()].id.started > 0);
                assert!(snapshot.searched_everywhere);
            }
        }
    }

    #[test]
    fn the_fast_question_finds_a_client_without_a_listener() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let snapshot = on_port(client.local_addr().unwrap().port(), OwnerSearch::ControlGroup);
        let socket = only(&snapshot, client.local_addr().unwrap());
        assert_eq!((socket.state, socket.remote), (SocketState::Established, Some(listener.local_addr().unwrap())));
        assert_eq!(*socket.pids, [std::process::id()]);
        assert!(socket.cookie.is_some());
    }

    #[test]
    fn the_fast_question_leaves_the_connections_of_a_listener_out_and_the_whole_one_does_not() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let _client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (_server, _) = listener.accept().unwrap();
        let states = |owners| {
            let mut states: Vec<_> = on_port(port, owners).sockets.iter().map(|socket| socket.state).collect();
            states.sort_unstable();
            states
        };
        assert_eq!(states(OwnerSearch::ControlGroup), [SocketState::Listen]);
        assert_eq!(states(OwnerSearch::All), [SocketState::Listen, SocketState::Established]);
    }

    #[test]
    fn udp_of_either_family_is_found() {
        for address in ["127.0.0.1:0", "[::1]:0"] {
            let socket = UdpSocket::bind(address).unwrap();
            let local = socket.local_addr().unwrap();
            let snapshot = on_port(local.port(), OwnerSearch::ControlGroup);
            let found = only(&snapshot, local);
            assert_eq!((found.protocol, found.state, found.remote), (Protocol::Udp, SocketState::Unconnected, None));
            assert_eq!(*found.pids, [std::process::id()]);
        }
    }

    #[test]
    fn a_free_port_costs_no_process() {
        let free = (0..100).map(|_| {
            let local = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
            on_port(local.port(), OwnerSearch::All)
        });
        // A port can be taken by another test as soon as we give it back, but not each time.
        let snapshot = free.into_iter().find(|snapshot| snapshot.sockets.is_empty()).unwrap();
        assert!(snapshot.processes.is_empty() && snapshot.searched_everywhere);
    }

    #[test]
    fn without_a_search_for_owners_none_is_named() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let snapshot = on_port(listener.local_addr().unwrap().port(), OwnerSearch::None);
        assert!(only(&snapshot, listener.local_addr().unwrap()).pids.is_empty());
        assert!(snapshot.processes.is_empty());
    }

    #[test]
    fn netstat2_and_the_tables_with_owners_tell_the_same_of_a_connection() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let local = client.local_addr().unwrap();
        let whole = seen(&Scope { sockets: SocketScope::All, ..Scope::default() });
        assert_eq!(only(&whole, local), only(&on_port(local.port(), OwnerSearch::All), local));
    }

    #[test]
    fn where_windows_refuses_the_tables_the_whole_table_is_still_netstat2s() {
        struct Refusing;
        impl Tables for Refusing {
            fn read(&self, _: Table) -> Result<Vec<u8>, NoTable> {
                Err(NoTable::Refused(5))
            }
        }
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut snapshot = Snapshot::new(Timestamp::now(), host::look());
        look_at(&Refusing, &Scope { sockets: SocketScope::All, ..Scope::default() }, &mut snapshot).unwrap();
        assert_eq!(*only(&snapshot, listener.local_addr().unwrap()).pids, [std::process::id()]);
        assert!(snapshot.gaps.iter().any(|gap| gap.because.contains("error 5")), "{:?}", snapshot.gaps);
    }
}
