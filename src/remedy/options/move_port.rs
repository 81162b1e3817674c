//! The service moves to another port: offered where the holder has as much right to the port as the service.

use crate::catalog::product_called;
use crate::diagnosis::Cause;
use crate::diagnosis::wording::span;
use crate::machine::{KnownFrom, Port, Service, System, visible};
use crate::remedy::FixOption;
use crate::remedy::planner::Planner;
use crate::remedy::shell::quote;

/// None where no service is known: then there is nothing to move.
pub(super) fn option(planner: &Planner<'_>) -> Option<FixOption> {
    let name = planner.wanted()?;
    let range = planner.dynamic_range();
    let outside = range.map(|range| format!(" outside of the dynamic range {}", span(range))).unwrap_or_default();
    let lacks_right = planner.diagnosis.verdict.cause == Cause::PrivilegedPort;
    let start = planner.snapshot.unprivileged_port_start.unwrap_or(1024);
    let (from, effect) = if lacks_right {
        (format!(" from {start} up"), format!("A port from {start} up needs no right. Clients of {name} need its new port."))
    } else {
        (String::new(), format!("Both run, and clients of {name} need its new port."))
    };
    let mut instructions = vec![
        format!("Choose a port{from}{outside} that nobody uses; portmedic diagnose PORT tells"),
        place(planner),
        format!("Tell the clients of {name} and the firewall the new port"),
    ];
    instructions.extend(planner.start_by_hand());
    Some(planner.by_hand(format!("Move {name} to a free port"), effect, instructions, "Nothing"))
}

/// Where the service keeps its port.
pub(super) fn place(planner: &Planner<'_>) -> String {
    place_of(planner.service, planner.port(), planner.snapshot.host.system, &planner.server())
}

/// Where a service keeps `port`, as an instruction: "Change the port in /etc/redis/redis.conf:12". `name` is its name for people.
pub(in crate::remedy) fn place_of(service: Option<&Service>, port: Port, system: System, name: &str) -> String {
    let known = service.and_then(|service| {
        let on_port = service.ports.iter().filter(|known| known.port == port);
        let mut told = on_port.filter(|known| !matches!(known.known_from, KnownFrom::Log | KnownFrom::Socket | KnownFrom::User));
        told.next()
    });
    let unit = service.map(|service| quote(&service.name));
    match (known, unit) {
        (Some(known), Some(_)) if known.known_from == KnownFrom::CommandLine && system == System::Windows => {
            format!("Change the port in the command of the service ({}), with sc.exe config and binPath=", visible(&known.source))
        }
        (Some(known), Some(unit)) if known.known_from == KnownFrom::CommandLine => {
            format!("Change the port in the command of the unit: systemctl edit --full {unit}")
        }
        (Some(known), _) if known.known_from == KnownFrom::SocketUnit => {
            format!("Change ListenStream= or ListenDatagram= of its socket unit ({})", visible(&known.source))
        }
        (Some(known), _) if known.known_from == KnownFrom::Configuration => {
            format!("Change the port in {}", visible(&known.source))
        }
        (_, _) => usual_place(service, port, system, name),
    }
}

/// Where its product keeps the port, as far as the catalogue knows.
fn usual_place(service: Option<&Service>, port: Port, system: System, name: &str) -> String {
    let product = service.and_then(|service| product_called(service.product.as_deref()?));
    match product.and_then(|product| product.place_of_port(port, system)) {
        Some(place) => format!("Change {place}"),
        None => format!("Change the port in the configuration of {name}"),
    }
}
