//! The socket table and who has each socket.

pub mod cgroups;
pub mod diag;
mod elsewhere;
mod found;
mod holders;
mod load;
mod port_filter;
mod proc_net;
mod row;
mod table;
mod unseen;
mod watch;

use std::collections::HashSet;
use std::sync::OnceLock;

use crate::machine::{Port, Protocol, Snapshot};
use crate::platform::linux::processes;
use crate::platform::{OwnerSearch, Scope, SocketScope};

use found::{Found, Reach};

pub use watch::watch;

/// Looks at the sockets that `scope` asks for, and at the processes that have them.
pub fn look(scope: &Scope, snapshot: &mut Snapshot) {
    match scope.sockets {
        SocketScope::None => {}
        SocketScope::All => whole_table(scope, snapshot),
        SocketScope::Listeners => listeners(scope.owners, snapshot),
        SocketScope::Port { port, protocol } => {
            let protocols = Protocol::meant_by(protocol);
            one_port(port, &protocols, scope.owners, snapshot);
        }
    }
}

/// The sockets on one port. Nothing is looked into that the question does not need: a free port costs no look at any process.
fn one_port(port: Port, protocols: &[Protocol], search: OwnerSearch, snapshot: &mut Snapshot) {
    let table = match search {
        OwnerSearch::ControlGroup => table::first_on(port, protocols),
        OwnerSearch::All | OwnerSearch::None => table::all_on(port, protocols),
    };
    snapshot.gaps.extend(table.gaps);
    let mut found;
    if search == OwnerSearch::None {
        found = Found::new(table.rows, Vec::new());
    } else if search == OwnerSearch::ControlGroup && !table.rows.is_empty() {
        found = Found::new(table.rows, Vec::new());
        found.search(&found.inodes(), Reach::ControlGroups, snapshot);
    } else {
        let pids = processes::all();
        let elsewhere = elsewhere::rows(&pids, snapshot.host.network_namespace, port, protocols);
        found = Found::new(table.rows, elsewhere);
        found.search(&found.inodes(), Reach::Everywhere(&pids), snapshot);
    }
    found.tell(snapshot);
}

/// Listeners and UDP sockets without a peer.
fn listeners(search: OwnerSearch, snapshot: &mut Snapshot) {
    let table = table::listeners();
    snapshot.gaps.extend(table.gaps);
    let mut found = Found::new(table.rows, Vec::new());
    match search {
        OwnerSearch::None => {}
        OwnerSearch::ControlGroup => found.search(&found.inodes(), Reach::ControlGroups, snapshot),
        OwnerSearch::All => found.search(&found.inodes(), Reach::Everywhere(&processes::all()), snapshot),
    }
    found.tell(snapshot);
}

/// Every socket.
fn whole_table(scope: &Scope, snapshot: &mut Snapshot) {
    let found = match (&scope.searched, scope.owners) {
        (_, OwnerSearch::None) => read(snapshot),
        (Some(searched), _) => {
            let mut found = read(snapshot);
            let is_new = |inode: &u32| !searched.contains(&u64::from(*inode));
            let new = found.inodes().into_iter().filter(is_new).collect();
            found.search(&new, Reach::ControlGroups, snapshot);
            snapshot.searched_everywhere = false;
            found
        }
        (None, _) => everything(scope.load, snapshot),
    };
    found.tell(snapshot);
}

/// Every socket, without a word on who has it.
fn read(snapshot: &mut Snapshot) -> Found {
    let table = table::all();
    snapshot.gaps.extend(table.gaps);
    Found::new(table.rows, Vec::new())
}

/// Every socket with who has it. The processes are searched while the kernel lists the sockets: both take long on a busy computer.
pub fn everything(load: bool, snapshot: &mut Snapshot) -> Found {
    let pids = processes::all();
    let list = || {
        let table = table::all();
        (Found::new(table.rows, Vec::new()), table.gaps)
    };
    let listed = OnceLock::new();
    let holders = holders::scan_beside(&pids, || {
        listed.get_or_init(list);
    });
    let (mut found, gaps) = listed.into_inner().unwrap_or_else(list);
    snapshot.gaps.extend(gaps);
    snapshot.searched_everywhere = true;
    found.assign(&holders);
    // What was opened while we looked belongs to a process that was looked into too early, or that is new.
    let (without, mut late) = found.without();
    if !without.is_empty() {
        let before: HashSet<u32> = pids.into_iter().collect();
        late.extend(processes::all().into_iter().filter(|pid| !before.contains(pid)));
        found.assign(&holders::scan(&late.into_iter().collect::<Vec<_>>(), Some(&without)));
    }
    found.settle(holders.denied, |_| true, snapshot);
    if load {
        load::look(&holders, snapshot);
    }
    found
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
    use std::os::fd::OwnedFd;
    use std::sync::Arc;

    use jiff::Timestamp;
    use rustix::net::{AddressFamily, SocketAddrV4, SocketFlags, SocketType};

    use super::{everything, look};
    use crate::machine::{Snapshot, Socket, SocketState};
    use crate::platform::linux::host;
    use crate::platform::{OwnerSearch, Scope, SocketScope, Sockets as _};

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
    fn who_has_a_socket_is_searched_for_only_where_it_is_new() {
        let old = TcpListener::bind("127.0.0.1:0").unwrap();
        let searched: HashSet<u64> =
            seen(SocketScope::All, OwnerSearch::None).sockets.iter().filter_map(|socket| socket.inode).collect();
        let new = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut snapshot = Snapshot::new(Timestamp::now(), host::look());
        let scope = Scope { sockets: SocketScope::All, searched: Some(Arc::new(searched)), ..Scope::default() };
        look(&scope, &mut snapshot);
        assert_ours(only(&snapshot, new.local_addr().unwrap()));
        assert!(only(&snapshot, old.local_addr().unwrap()).pids.is_empty());
        assert!(!snapshot.searched_everywhere);
    }

    #[test]
    fn the_table_tells_each_socket_as_a_whole_look_does() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let mut snapshot = Snapshot::new(Timestamp::now(), host::look());
        let table = everything(false, &mut snapshot);
        table.tell(&mut snapshot);
        for part in [0..table.count(), 0..1, 1..table.count() + 7] {
            let mut told = Vec::new();
            table.each(part.clone(), &mut |socket| told.push(socket.clone()));
            assert_eq!(told, snapshot.sockets[part.start..part.end.min(table.count())]);
        }
        for end in [listener.local_addr().unwrap(), client.local_addr().unwrap()] {
            assert!(snapshot.sockets.iter().any(|socket| socket.local == end && socket.pids.contains(&std::process::id())));
        }
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
