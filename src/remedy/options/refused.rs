//! Nobody listens: start what should listen, or let it listen where the client asks.

use super::move_port::place;
use crate::machine::ServiceState;
use crate::remedy::FixOption;
use crate::remedy::planner::Planner;

pub(super) fn options(planner: &Planner<'_>) -> Vec<FixOption> {
    let Some(service) = planner.service else { return Vec::new() };
    let name = planner.server();
    let listens = planner.diagnosis.owners.iter().any(|owner| owner.state == crate::machine::SocketState::Listen);
    if listens {
        let mut instructions = vec![place(planner).replace("Change the port", "Change the address it listens on")];
        instructions.push(format!("Allow {} in the firewall for those clients only who need it", planner.port_name()));
        instructions.extend(planner.start_by_hand());
        return vec![planner.by_hand(
            format!("Let {name} listen on an address that the client can reach"),
            "Clients of other computers reach it then. Open no database to a network that is not trusted.".to_owned(),
            instructions,
            &name,
        )];
    }
    let effect = if service.state == ServiceState::Running {
        "It runs without listening; a restart lets it open its port anew."
    } else {
        "It does not run, so nobody answers its clients."
    };
    let verb = if service.state == ServiceState::Running { "Restart" } else { "Start" };
    let start = planner.start().map(|start| {
        let steps = planner.exclusion().into_iter().chain([start]).collect();
        planner.option(format!("{verb} {name}"), effect.to_owned(), steps, "Nothing".to_owned())
    });
    start.into_iter().collect()
}
