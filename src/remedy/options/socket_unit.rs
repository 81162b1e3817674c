//! systemd has the port for a socket unit: stop that unit, never a process.

use super::{listener, move_port};
use crate::diagnosis::OwnerKind;
use crate::machine::visible;
use crate::remedy::FixOption;
use crate::remedy::evict::evict;
use crate::remedy::planner::Planner;
use crate::remedy::shell::quote;

pub(super) fn options(planner: &Planner<'_>) -> Vec<FixOption> {
    let eviction = evict(planner, &planner.diagnosis.owners);
    let mut options = Vec::new();
    if eviction.is_automatic() {
        options.push(listener::give_up(planner, &eviction));
    } else {
        options.push(super::unknown::by_hand(planner, &eviction));
    }
    match own_socket_unit(planner) {
        Some(unit) => options.push(take_over(planner, &unit)),
        None => options.extend(move_port::option(planner)),
    }
    options
}

/// The socket unit in the way, where it belongs to the service itself.
fn own_socket_unit(planner: &Planner<'_>) -> Option<String> {
    let service = planner.service?;
    let units = planner.diagnosis.owners.iter().filter(|owner| owner.kind == OwnerKind::SocketUnit);
    units.filter_map(|owner| owner.service.clone()).find(|unit| service.linked.contains(unit))
}

/// The other way round: the service takes the socket that systemd has opened for it.
fn take_over(planner: &Planner<'_>, unit: &str) -> FixOption {
    let name = planner.server();
    let mut instructions = vec![format!(
        "Set {name} up to take its socket from systemd (sd_listen_fds), and take the port out of its own configuration"
    )];
    if let Some(service) = planner.service {
        let (service, unit) = (quote(&service.name), quote(unit));
        instructions.push(format!("Start both anew: systemctl reset-failed {service}; systemctl restart {unit} {service}"));
    }
    planner.by_hand(
        format!("Let {name} take the port from {}", visible(unit)),
        "The port stays open even while the service restarts. Not every program can do that.".to_owned(),
        instructions,
        "Nothing",
    )
}
