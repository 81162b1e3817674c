//! The ports that running services have right now, from the socket table.

use std::net::IpAddr;

use crate::machine::{KnownFrom, Port, Protocol, Service, ServicePort, Snapshot, Socket};

/// Where Linux begins to hand out ports by itself unless told otherwise. A UDP socket above may be one end of a question that the service
/// has asked, not a port that it serves.
const DYNAMIC: Port = 32768;

/// Adds to each service of `snapshot` the ports that it listens on, as far as the sockets in `snapshot` tell.
pub fn add(snapshot: &mut Snapshot) {
    let Snapshot { services, sockets, .. } = snapshot;
    for service in services {
        let own: Vec<ServicePort> = sockets.iter().filter(|socket| serves(socket) && has(service, socket)).map(known).collect();
        for port in own {
            add_one(&mut service.ports, port);
        }
    }
}

fn serves(socket: &Socket) -> bool {
    socket.is_listener() && (socket.protocol == Protocol::Tcp || socket.local.port() < DYNAMIC)
}

/// Whether a process of the service has the socket, or one in its control group made it.
fn has(service: &Service, socket: &Socket) -> bool {
    // Several services of Windows share a process; the socket itself may tell which of them made it.
    if let Some(name) = &socket.service {
        return **name == *service.name;
    }
    let made = service.cgroup.as_deref().zip(socket.cgroup.as_deref()).is_some_and(|(group, made_in)| {
        made_in.strip_prefix(group.trim_end_matches('/')).is_some_and(|below| below.is_empty() || below.starts_with('/'))
    });
    made || socket.pids.iter().any(|pid| service.pids.contains(pid))
}

fn known(socket: &Socket) -> ServicePort {
    let address = socket.local.ip();
    let every = address.is_unspecified() && (matches!(address, IpAddr::V4(_)) || socket.v6only != Some(true));
    ServicePort {
        port: socket.local.port(),
        protocol: socket.protocol,
        address: (!every).then_some(address),
        known_from: KnownFrom::Socket,
        source: format!("{} {} {}", socket.protocol, socket.local, socket.state),
    }
}

/// Takes the place of what is less trusted, and leaves what is more.
fn add_one(ports: &mut Vec<ServicePort>, port: ServicePort) {
    let same = |own: &ServicePort| (own.port, own.protocol) == (port.port, port.protocol);
    ports.retain(|own| !same(own) || own.known_from <= KnownFrom::Socket);
    if !ports.iter().any(same) {
        let place = ports.iter().position(|own| own.known_from > KnownFrom::Socket).unwrap_or(ports.len());
        ports.insert(place, port);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn port(port: Port, known_from: KnownFrom) -> ServicePort {
        ServicePort { port, protocol: Protocol::Tcp, address: None, known_from, source: String::new() }
    }

    #[test]
    fn an_open_port_counts_more_than_the_catalogue_and_less_than_the_configuration() {
        let mut ports =
            vec![port(80, KnownFrom::Configuration), port(443, KnownFrom::Catalogue), port(8443, KnownFrom::Catalogue)];
        for open in [80, 8443, 9000] {
            add_one(&mut ports, port(open, KnownFrom::Socket));
        }
        let shown: Vec<_> = ports.iter().map(|port| (port.port, port.known_from)).collect();
        assert_eq!(
            shown,
            [(80, KnownFrom::Configuration), (8443, KnownFrom::Socket), (9000, KnownFrom::Socket), (443, KnownFrom::Catalogue)]
        );
    }
}
