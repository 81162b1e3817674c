//! The socket table and who has each socket.

pub mod cgroups;
pub mod diag;
mod elsewhere;
mod holders;
mod load;
mod owners;
mod port_filter;
mod proc_net;
mod table;
mod unseen;
mod watch;

use std::thread;

use crate::machine::{Port, Protocol, Snapshot};
use crate::platform::linux::processes;
use crate::platform::{OwnerSearch, Scope, SocketScope};

use cgroups::Tree;
use diag::Row;
use owners::Reach;

pub use watch::watch;

/// Looks at the sockets that `scope` asks for, and at the processes that have them.
pub fn look(scope: &Scope, snapshot: &mut Snapshot) {
    match scope.sockets {
        SocketScope::None => {}
        SocketScope::All => whole_table(scope, snapshot),
        SocketScope::Listeners => listeners(scope.owners, snapshot),
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

/// Listeners and UDP sockets without a peer.
fn listeners(search: OwnerSearch, snapshot: &mut Snapshot) {
    let table = table::listeners();
    snapshot.gaps.extend(table.gaps);
    let tree = put(table.rows, snapshot);
    match search {
        OwnerSearch::None => {}
        OwnerSearch::ControlGroup => owners::find(snapshot, tree.as_ref(), Reach::ControlGroups),
        OwnerSearch::All => owners::find(snapshot, tree.as_ref(), Reach::Everywhere(&processes::all())),
    }
}

/// Every socket. The processes are searched while the kernel lists the sockets: both take long on a busy computer.
fn whole_table(scope: &Scope, snapshot: &mut Snapshot) {
    if scope.owners == OwnerSearch::None {
        let table = table::all(None, &Protocol::ALL);
        snapshot.gaps.extend(table.gaps);
        put(table.rows, snapshot);
        return;
    }
    let (holders, table) = thread::scope(|threads| {
        let listing = || table::all(None, &Protocol::ALL);
        let elsewhere = thread::Builder::new().name("socket table".to_owned()).spawn_scoped(threads, listing);
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
    if scope.load {
        load::look(&holders, snapshot);
    }
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

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
    use std::os::fd::OwnedFd;

    use jiff::Timestamp;
    use rustix::net::{AddressFamily, SocketAddrV4, SocketFlags, SocketType};

    use super::look;
    use crate::machine::{Snapshot, Socket, SocketState};
    use crate::platform::linux::host;
    use crate::platform::{OwnerSearch, Scope, SocketScope};

    fn seen(sockets: SocketScope, owners: OwnerSearch) -> Snapshot {
        let mut snapshot = Snapshot::new(Timestamp::now(), host::look());
        look(&Scope { sockets, owners, ..Scope::default() }, &mut snapshot);
        snapshot
    }

    fn on_port(port: u16, owners: OwnerSearch) -> Snapshot {
        seen(SocketScope::Port { port, protocol: None }, owners)
    }

    fn only(snapshot: &Snapshot, local: SocketAddr) -> &Socket {
        let mut found = snapshot.sockets.iter().filter(|socket| socket.local == local);
        let first = found.next().unwrap_or_else(|| panic!("{local} is not among {:?}", snapshot.sockets));
        assert!(found.next().is_none(), "{local} is there twice");
        first
    }

    /// Another test may start a program at this moment, which has a copy of every socket until it really runs: so we need not be alone.
    fn assert_ours(socket: &Socket) {
        assert!(socket.pids.contains(&std::process::id()), "{socket:?}");
    }

    /// A TCP socket that has a port and does nothing with it.
    fn bound() -> (OwnedFd, SocketAddr) {
        let socket = rustix::net::socket_with(AddressFamily::INET, SocketType::STREAM, SocketFlags::CLOEXEC, None).unwrap();
        rustix::net::bind(&socket, &SocketAddrV4::new(Ipv4Addr::LOCALHOST, 0)).unwrap();
        let local = SocketAddr::try_from(rustix::net::getsockname(&socket).unwrap()).unwrap();
        (socket, local)
    }

    #[test]
    fn every_way_to_ask_finds_us_behind_our_listener() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let local = listener.local_addr().unwrap();
        for owners in [OwnerSearch::ControlGroup, OwnerSearch::All] {
            let snapshot = on_port(local.port(), owners);
            let socket = only(&snapshot, local);
            assert_eq!(socket.state, SocketState::Listen);
            assert_ours(socket);
            assert!(snapshot.processes[&std::process::id()].id.started > 0);
        }
        let whole = seen(SocketScope::All, OwnerSearch::All);
        assert_ours(only(&whole, local));
        assert!(whole.searched_everywhere);
    }

    #[test]
    fn the_fast_question_finds_a_client_without_a_listener() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let snapshot = on_port(client.local_addr().unwrap().port(), OwnerSearch::ControlGroup);
        let socket = only(&snapshot, client.local_addr().unwrap());
        assert_eq!((socket.state, socket.remote), (SocketState::Established, Some(listener.local_addr().unwrap())));
        assert_ours(socket);
    }

    #[test]
    fn the_fast_question_leaves_the_connections_of_a_listener_out_and_the_whole_one_does_not() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let _client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let states = |owners| on_port(port, owners).sockets.iter().map(|socket| socket.state).collect::<Vec<_>>();
        assert_eq!(states(OwnerSearch::ControlGroup), [SocketState::Listen]);
        assert_eq!(states(OwnerSearch::All), [SocketState::Listen, SocketState::Established]);
    }

    #[test]
    fn a_connection_that_nobody_accepted_has_no_process() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let snapshot = on_port(listener.local_addr().unwrap().port(), OwnerSearch::All);
        let waiting = snapshot.sockets.iter().find(|socket| socket.remote == client.local_addr().ok()).unwrap();
        assert_eq!((waiting.inode, waiting.pids.len(), waiting.uid), (None, 0, None));
    }

    #[test]
    fn a_bound_socket_is_found_or_said_to_be_unseen() {
        let (_socket, local) = bound();
        for owners in [OwnerSearch::ControlGroup, OwnerSearch::All] {
            let snapshot = on_port(local.port(), owners);
            if snapshot.gaps.iter().any(|gap| gap.what.contains("bound without listening")) {
                assert_eq!(snapshot.sockets, []);
                continue;
            }
            assert_eq!(only(&snapshot, local).state, SocketState::Bound);
            assert_ours(only(&snapshot, local));
        }
    }

    #[test]
    fn bound_sockets_on_other_ports_are_left_out() {
        let (_one, asked) = bound();
        let (_other, other) = bound();
        for owners in [OwnerSearch::ControlGroup, OwnerSearch::All] {
            let snapshot = on_port(asked.port(), owners);
            assert!(snapshot.sockets.iter().all(|socket| socket.local != other), "{:?}", snapshot.sockets);
        }
    }

    #[test]
    fn udp_is_found_too() {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let local = socket.local_addr().unwrap();
        let snapshot = on_port(local.port(), OwnerSearch::ControlGroup);
        assert_eq!(only(&snapshot, local).state, SocketState::Unconnected);
        assert_ours(only(&snapshot, local));
    }

    #[test]
    fn a_free_port_costs_no_process() {
        let free = (0..1000).map(|_| {
            let (socket, local) = bound();
            drop(socket);
            on_port(local.port(), OwnerSearch::All)
        });
        // A port can be taken by another test as soon as we give it back, but not each time.
        let snapshot = free.into_iter().find(|snapshot| snapshot.sockets.is_empty()).unwrap();
        assert_eq!(snapshot.processes.len(), 0);
        assert!(snapshot.searched_everywhere);
    }
}
