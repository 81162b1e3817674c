//! The fixed ports of a computer: those that a service needs by their number.

use std::collections::BTreeSet;
use std::net::IpAddr;

use super::{NotFixed, outlook};
use crate::catalog::product_called;
use crate::diagnosis::owner::owners_of_socket;
use crate::diagnosis::{Owner, OwnerKind, holder_name, service_name};
use crate::machine::{
    KnownFrom, Port, Process, Protocol, Service, ServiceKind, ServicePort, ServiceState, Snapshot, Socket, Store, System, visible,
};

/// A port that is wanted by its number.
#[derive(Debug, Clone)]
pub(super) struct FixedPort<'a> {
    pub(super) port: Port,
    pub(super) protocol: Protocol,
    /// `None` for every address, or where it is not told.
    pub(super) address: Option<IpAddr>,
    /// Who wants it; `None` where it is a program of its own, or the user named the port.
    pub(super) service: Option<&'a Service>,
    /// The name of who wants it, for a sentence.
    pub(super) name: String,
    pub(super) known_from: KnownFrom,
    pub(super) source: String,
}

/// Who listens where: the service, or the program where there is none.
pub(super) type Held = BTreeSet<(String, Port, Protocol)>;

/// What was collected.
pub(super) struct FixedPorts<'a> {
    pub(super) ports: Vec<FixedPort<'a>>,
    pub(super) not_fixed: Vec<NotFixed>,
    /// Every listener with its holder.
    pub(super) held: Held,
}

impl FixedPort<'_> {
    /// The full name of the service, or the program.
    pub(super) fn service_name(&self) -> String {
        self.service.map_or_else(|| self.name.clone(), |service| service.name.clone())
    }

    /// Whether it is asked for at every start of the computer. A program that runs without a service is taken for one that does.
    pub(super) fn starts_by_itself(&self) -> bool {
        self.service.is_none_or(|service| !service.user_manager && starts_by_itself(service))
    }
}

/// Whether the service comes up with the computer, as far as that is known.
fn starts_by_itself(service: &Service) -> bool {
    let lives = matches!(service.state, ServiceState::Running | ServiceState::Starting) || service.is_failing();
    service.starts_by_itself.unwrap_or(lives)
}

/// Collects them: what services are set up for, what they listen on, and what the user `named`.
pub(super) fn collect<'a>(snapshot: &'a Snapshot, named: &[(Port, Protocol)]) -> FixedPorts<'a> {
    let mut all = FixedPorts { ports: Vec::new(), not_fixed: Vec::new(), held: Held::new() };
    let listeners = listeners(snapshot);
    all.held = listeners.iter().map(|(socket, owner)| (holder(snapshot, owner), socket.local.port(), socket.protocol)).collect();
    for service in &snapshot.services {
        for port in &service.ports {
            all.take(snapshot, service, port);
        }
    }
    for fixed in &snapshot.windows.rpc_ports {
        let name = fixed.service.as_str().to_owned();
        let source = "the registry value for its RPC port".to_owned();
        all.add(FixedPort {
            port: fixed.port,
            protocol: Protocol::Tcp,
            address: None,
            service: None,
            name,
            known_from: KnownFrom::Configuration,
            source,
        });
    }
    for (socket, owner) in &listeners {
        all.take_listener(snapshot, socket, owner, named);
    }
    for (port, protocol) in named {
        if all.ports.iter().all(|own| (own.port, own.protocol) != (*port, *protocol)) {
            all.add(FixedPort {
                port: *port,
                protocol: *protocol,
                address: None,
                service: None,
                name: "the service you mean".to_owned(),
                known_from: KnownFrom::User,
                source: "you named it".to_owned(),
            });
        }
    }
    all
}

/// Every listener with each of its holders.
fn listeners(snapshot: &Snapshot) -> Vec<(&Socket, Owner)> {
    let sockets = snapshot.sockets.iter().filter(|socket| socket.is_listener());
    sockets.flat_map(|socket| owners_of_socket(snapshot, socket).into_iter().map(move |owner| (socket, owner))).collect()
}

/// The full name of the service that has a listener, or the program's where there is none.
fn holder(snapshot: &Snapshot, owner: &Owner) -> String {
    match &owner.service {
        Some(service) if !matches!(owner.kind, OwnerKind::Container) => service.clone(),
        _ => holder_name(snapshot, owner),
    }
}

impl<'a> FixedPorts<'a> {
    /// Takes a port that is known of a service.
    fn take(&mut self, snapshot: &Snapshot, service: &'a Service, port: &ServicePort) {
        let not_fixed = |because: &str| NotFixed {
            port: port.port,
            protocol: port.protocol,
            service: service.name.clone(),
            because: because.to_owned(),
        };
        // The socket unit itself is looked at, and systemd listens for it.
        let by_socket_unit = port.known_from == KnownFrom::SocketUnit && service.kind != ServiceKind::SocketUnit;
        // What running programs listen on is taken from the sockets.
        if by_socket_unit || port.known_from == KnownFrom::Socket || self.is_idle_guess(service, port) {
            return;
        }
        if port.source.starts_with("TcpDynamicPorts") {
            let because = "SQL Server has chosen it itself, and takes another one when it is not free (a dynamic port)";
            self.not_fixed.push(not_fixed(because));
            return;
        }
        self.add(FixedPort {
            port: port.port,
            protocol: port.protocol,
            address: port.address,
            service: Some(service),
            name: service_name(snapshot, service),
            known_from: port.known_from,
            source: visible(&port.source),
        });
    }

    /// Whether only the catalogue names the port, and the service shows that it does not use it: it runs with other ports, or is not used
    /// at all.
    fn is_idle_guess(&self, service: &Service, port: &ServicePort) -> bool {
        let listens_somewhere = || self.held.iter().any(|(name, _, _)| *name == service.name);
        let listens_there = || self.held.contains(&(service.name.clone(), port.port, port.protocol));
        let runs_elsewhere = || service.state == ServiceState::Running && listens_somewhere() && !listens_there();
        let is_unused = service.state == ServiceState::Stopped && !starts_by_itself(service);
        port.known_from == KnownFrom::Catalogue && (is_unused || runs_elsewhere())
    }

    /// Takes a port that somebody listens on, where it was asked for by its number.
    fn take_listener(&mut self, snapshot: &'a Snapshot, socket: &Socket, owner: &Owner, named: &[(Port, Protocol)]) {
        let (port, protocol) = (socket.local.port(), socket.protocol);
        let holder = holder(snapshot, owner);
        let known = self.ports.iter().any(|own| {
            // Of a listener whose process may not be seen, nothing says that it is another one's.
            let same = || {
                owner.kind == OwnerKind::Unknown
                    || own.service_name() == holder
                    || own.service.is_some_and(|service| service.linked.contains(&holder))
            };
            (own.port, own.protocol) == (port, protocol) && same()
        });
        let told = |not: &NotFixed| (not.port, not.protocol) == (port, protocol) && not.service == holder;
        if known || owner.state.is_closing() || self.not_fixed.iter().any(told) {
            return;
        }
        let service = owner.service.as_deref().and_then(|name| snapshot.service(name));
        let process = owner.pid.and_then(|pid| snapshot.processes.get(&pid));
        let by_user = named.contains(&(port, protocol)).then(|| (KnownFrom::User, "you named it".to_owned()));
        let Some((known_from, source)) = by_user.or_else(|| asked_for(snapshot, socket, service, process)) else {
            // A UDP socket in the range is mostly one end of a question, and no service.
            if protocol == Protocol::Tcp {
                let because = perhaps_chosen_by_the_system(snapshot);
                self.not_fixed.push(NotFixed { port, protocol, service: holder, because });
            }
            return;
        };
        let address = socket.local.ip();
        let address = (!address.is_unspecified()).then_some(address);
        let name = service.map_or_else(|| holder_name(snapshot, owner), |service| service_name(snapshot, service));
        // A listener of each family is one port.
        if self.ports.iter().all(|own| (own.port, own.protocol) != (port, protocol) || own.name != name) {
            self.add(FixedPort { port, protocol, address, service, name, known_from, source });
        }
    }

    fn add(&mut self, port: FixedPort<'a>) {
        let same = |own: &FixedPort<'_>| {
            let service = |port: &FixedPort<'_>| (port.service_name(), port.port, port.protocol);
            let address = own.address.is_none() || port.address.is_none() || own.address == port.address;
            service(own) == service(&port) && address
        };
        if !self.ports.iter().any(same) {
            self.ports.push(port);
        }
    }
}

/// Why a listener is left alone that the system may have given its port.
fn perhaps_chosen_by_the_system(snapshot: &Snapshot) -> String {
    let place = if snapshot.dynamic_ranges.is_empty() {
        "whether it lies in the dynamic range was not seen"
    } else {
        "it lies in the dynamic range"
    };
    format!(
        "{place}, and nothing shows that it was asked for by its number: the system may have chosen it. Where it is fixed, name it: \
         portmedic audit PORT"
    )
}

/// The lowest port of any dynamic range: Windows takes 1025, Linux what needs no right to be bound, which is 1024 unless it was changed.
const LOWEST_CHOSEN: Port = 1024;

/// How one knows that a program asked for its port by number; `None` where the system may have chosen it.
fn asked_for(
    snapshot: &Snapshot,
    socket: &Socket,
    service: Option<&Service>,
    process: Option<&Process>,
) -> Option<(KnownFrom, String)> {
    let (port, protocol) = (socket.local.port(), socket.protocol);
    let seen = || format!("{protocol} {} {}", socket.local, socket.state);
    let arguments = process.and_then(|process| process.command_line.as_deref()).unwrap_or_default();
    if arguments.iter().any(|argument| names(argument, port)) {
        // Only the number is told: passwords stand in arguments.
        return Some((KnownFrom::CommandLine, format!("its command line, which names {port}")));
    }
    let product = service.and_then(|service| product_called(service.product.as_deref()?));
    let range = outlook::ranges(snapshot, protocol, None, Store::Active).into_iter().find(|range| range.contains(port));
    let is_usual = product.is_some_and(|product| product.ports.iter().any(|own| (own.port, own.protocol) == (port, protocol)));
    match range {
        // No system gives the lowest ports to a program that asks for none.
        None if snapshot.dynamic_ranges.is_empty() && port >= LOWEST_CHOSEN => None,
        None => Some((KnownFrom::Socket, seen())),
        Some(_) if is_usual => Some((KnownFrom::Socket, seen())),
        // Linux gives a program that listens without asking for a number every second port: never one as even or odd as the first of the
        // range, while others are left. It keeps those for connections (inet_csk_find_open_port).
        Some(range) if snapshot.host.system == System::Linux && protocol == Protocol::Tcp => {
            let asked = (port - range.start()) % 2 == 0;
            asked.then(|| (KnownFrom::Socket, seen()))
        }
        Some(_) => None,
    }
}

/// Whether the number of the port stands in the text by itself.
fn names(text: &str, port: Port) -> bool {
    let port = port.to_string();
    text.split(|character: char| !character.is_ascii_digit()).any(|number| number == port)
}

#[cfg(test)]
mod tests {
    use super::names;

    #[test]
    fn a_number_counts_as_a_whole_only() {
        for text in ["33000", "--port=33000", "0.0.0.0:33000", "tcp://[::]:33000/x", "-p33000"] {
            assert!(names(text, 33_000), "{text}");
        }
        for text in ["133000", "330001", "3300", ""] {
            assert!(!names(text, 33_000), "{text}");
        }
    }
}
