//! The port is free: what waits for it can start.

use crate::machine::ServiceState;
use crate::remedy::FixOption;
use crate::remedy::planner::Planner;

pub(super) fn options(planner: &Planner<'_>) -> Vec<FixOption> {
    let Some(service) = planner.service.filter(|service| service.state != ServiceState::Running) else { return Vec::new() };
    let name = planner.server();
    let Some(start) = planner.start() else {
        let instructions = planner.start_by_hand().into_iter().collect();
        let effect = "The port is free. The service belongs to a user's own service manager, so its user starts it.";
        return vec![planner.by_hand(format!("Start {name}"), effect.to_owned(), instructions, "Nothing")];
    };
    let again =
        if service.start_limit_hit { " Earlier failures are forgotten first, or the service manager would refuse." } else { "" };
    let exclusion = planner.exclusion().filter(|_| planner.was_in_use());
    let (title, effect) = if exclusion.is_some() {
        (
            format!("Exclude {} and start {name}", planner.port_name()),
            format!("The port is free now, and {} will not hand it to a client again.{again}", planner.kernel()),
        )
    } else {
        (format!("Start {name}"), format!("The port is free, so nothing stands in its way.{again}"))
    };
    let steps = exclusion.into_iter().chain([start]).collect();
    vec![planner.option(title, effect, steps, "Nothing".to_owned())]
}
