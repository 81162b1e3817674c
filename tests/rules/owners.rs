//! Who has a port: one entry for each process of each socket, the blocker first.

use portmedic::diagnosis::{Owner, OwnerKind, owners_of};
use portmedic::machine::{Container, Process, Protocol, Service, Snapshot, Socket, SocketState};

use crate::machine::{
    With, connection, linux, listen, listener, process, resting, running, systemd, tcp, udp, unit, unit_process,
};

fn owners(snapshot: &Snapshot, port: u16) -> Vec<Owner> {
    owners_of(snapshot, port, None)
}

#[test]
fn every_process_that_shares_a_socket_is_named() {
    let snapshot = linux()
        .with_process(process(6, "parent"))
        .with_process(process(68, "child"))
        .with_socket(listener("127.0.0.1:8080", &[6, 68]));
    let pids: Vec<_> = owners(&snapshot, 8080).iter().map(|owner| owner.pid).collect();
    assert_eq!(pids, [Some(6), Some(68)]);
}

#[test]
fn listeners_come_before_connections_bound_sockets_and_remains() {
    let snapshot = linux()
        .with_socket(resting("10.0.0.5:80", "10.0.0.9:5000", 900))
        .with_socket(tcp("10.0.0.5:80", SocketState::Bound, &[3]))
        .with_socket(udp("0.0.0.0:80", &[5]))
        .with_socket(connection("10.0.0.5:80", "10.0.0.9:5001", &[4]))
        .with_socket(listener("0.0.0.0:80", &[2]));
    let order: Vec<_> = owners(&snapshot, 80).iter().map(|owner| (owner.protocol, owner.state)).collect();
    assert_eq!(
        order,
        [
            (Protocol::Tcp, SocketState::Listen),
            (Protocol::Tcp, SocketState::Established),
            (Protocol::Tcp, SocketState::Bound),
            (Protocol::Tcp, SocketState::TimeWait),
            (Protocol::Udp, SocketState::Unconnected),
        ]
    );
    assert_eq!(owners_of(&snapshot, 80, Some(Protocol::Udp)).len(), 1);
}

#[test]
fn a_process_of_a_service_unit_is_a_unit() {
    let snapshot = linux().with_process(unit_process(9, "nginx", "nginx.service")).with_socket(listener("0.0.0.0:80", &[9]));
    let owner = &owners(&snapshot, 80)[0];
    assert_eq!((owner.kind, owner.service.as_deref()), (OwnerKind::Unit, Some("nginx.service")));
}

#[test]
fn a_service_that_lists_the_process_tells_its_unit_where_the_process_does_not() {
    let snapshot = linux()
        .with_process(process(9, "nginx"))
        .with_service(running("nginx.service", 9))
        .with_socket(listener("0.0.0.0:80", &[9]));
    let owner = &owners(&snapshot, 80)[0];
    assert_eq!((owner.kind, owner.service.as_deref()), (OwnerKind::Unit, Some("nginx.service")));
}

#[test]
fn a_process_of_a_session_is_no_unit() {
    for scope in ["session-3.scope", "user@1000.service", "app-gnome-1.scope"] {
        let snapshot = linux().with_process(unit_process(9, "nc", scope)).with_socket(listener("0.0.0.0:80", &[9]));
        assert_eq!(owners(&snapshot, 80)[0].kind, OwnerKind::Process, "{scope}");
    }
}

#[test]
fn a_port_of_systemd_belongs_to_the_socket_unit_that_listens_there() {
    let web = Service { listens: vec![listen(Protocol::Tcp, 8080)], ..unit("web.socket") };
    let other = Service { listens: vec![listen(Protocol::Udp, 8080)], ..unit("other.socket") };
    let snapshot = linux().with_process(systemd()).with_service(other).with_service(web).with_socket(listener("[::]:8080", &[1]));
    let owner = &owners(&snapshot, 8080)[0];
    assert_eq!((owner.kind, owner.service.as_deref()), (OwnerKind::SocketUnit, Some("web.socket")));
    assert!(owner.protected.is_some());
}

#[test]
fn a_port_of_systemd_is_a_socket_unit_even_where_its_name_was_not_seen() {
    let snapshot = linux().with_process(systemd()).with_socket(listener("[::]:8080", &[1]));
    let owner = &owners(&snapshot, 8080)[0];
    assert_eq!((owner.kind, owner.service.as_deref()), (OwnerKind::SocketUnit, None));
}

#[test]
fn a_published_port_belongs_to_a_container() {
    let inside = Process {
        container: Some(Container { runtime: "podman".to_owned(), id: "c0ffee".to_owned() }),
        ..unit_process(9, "nginx", "podman.service")
    };
    let snapshot = linux().with_process(inside).with_socket(listener("0.0.0.0:80", &[9]));
    assert_eq!(owners(&snapshot, 80)[0].kind, OwnerKind::Container);

    let snapshot =
        linux().with_process(unit_process(9, "docker-proxy", "docker.service")).with_socket(listener("0.0.0.0:80", &[9]));
    assert_eq!(owners(&snapshot, 80)[0].kind, OwnerKind::Container);
}

#[test]
fn a_resting_connection_belongs_to_the_kernel() {
    let snapshot = linux().with_socket(resting("127.0.0.1:1433", "127.0.0.1:9000", 59_000));
    let owner = &owners(&snapshot, 1433)[0];
    assert_eq!((owner.kind, owner.pid), (OwnerKind::Kernel, None));
}

#[test]
fn a_connection_in_the_accept_queue_belongs_to_its_listener() {
    let waiting = Socket { inode: None, ..connection("127.0.0.1:8080", "127.0.0.1:40000", &[]) };
    let snapshot = linux()
        .with_process(process(6, "slow"))
        .with_socket(listener("127.0.0.2:8080", &[5]))
        .with_socket(listener("127.0.0.1:8080", &[6]))
        .with_socket(waiting);
    let last = owners(&snapshot, 8080).pop().unwrap();
    assert_eq!((last.state, last.pid, last.process.as_deref()), (SocketState::Established, Some(6), Some("slow")));
}

#[test]
fn a_row_whose_process_could_not_be_seen_is_unknown() {
    let snapshot = linux().with_socket(listener("0.0.0.0:8080", &[]));
    assert_eq!(owners(&snapshot, 8080)[0].kind, OwnerKind::Unknown);
}

#[test]
fn the_control_group_names_the_unit_where_the_process_could_not_be_seen() {
    let socket = Socket { cgroup: Some("/system.slice/demo-db.service".into()), ..listener("0.0.0.0:8080", &[]) };
    let owner = &owners(&linux().with_socket(socket), 8080)[0];
    assert_eq!((owner.kind, owner.service.as_deref()), (OwnerKind::Unit, Some("demo-db.service")));

    let socket = Socket { cgroup: Some("/init.scope".into()), ..listener("0.0.0.0:8080", &[]) };
    assert_eq!(owners(&linux().with_socket(socket), 8080)[0].kind, OwnerKind::SocketUnit);
}

#[test]
fn the_chain_of_parents_ends_even_where_it_bites_its_tail() {
    let first = Process { parent: Some(20), ..process(10, "worker") };
    let second = Process { parent: Some(10), ..process(20, "ma\u{202E}ster") };
    let snapshot = linux().with_process(first).with_process(second).with_socket(listener("0.0.0.0:80", &[10]));
    assert_eq!(owners(&snapshot, 80)[0].parents, ["ma\\u{202e}ster (20)"]);
}

#[test]
fn an_owner_has_the_promised_json_form() {
    let snapshot = linux().with_process(unit_process(85, "python3", "backup.service")).with_socket(connection(
        "127.0.0.1:1433",
        "127.0.0.1:9000",
        &[85],
    ));
    let json = serde_json::to_value(&owners(&snapshot, 1433)[0]).unwrap();
    for (key, value) in [
        ("process", "python3"),
        ("service", "backup.service"),
        ("kind", "unit"),
        ("protocol", "tcp"),
        ("local", "127.0.0.1:1433"),
        ("remote", "127.0.0.1:9000"),
        ("state", "ESTABLISHED"),
    ] {
        assert_eq!(json[key], value, "{key}");
    }
    assert_eq!(json["pid"], 85);
}
