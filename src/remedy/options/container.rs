//! A container has the port: its runtime has to let go of it, so a person decides.

use super::move_port;
use crate::diagnosis::OwnerKind;
use crate::remedy::FixOption;
use crate::remedy::evict::evict;
use crate::remedy::planner::Planner;

pub(super) fn options(planner: &Planner<'_>) -> Vec<FixOption> {
    let eviction = evict(planner, &planner.diagnosis.owners);
    let mut instructions = eviction.by_hand;
    instructions.extend(planner.start_by_hand());
    let stop = planner.by_hand(
        format!(
            "Stop the container{}",
            if planner.service.is_some() { format!(", then start {}", planner.server()) } else { String::new() }
        ),
        "Frees the port. What the container serves stops, and a restart policy may start it again with the computer.".to_owned(),
        instructions,
        "The container",
    );
    let port = planner.port();
    let runtime = planner.diagnosis.owners.iter().find(|owner| owner.kind == OwnerKind::Container);
    let runtime = runtime.and_then(|owner| owner.container.as_ref()).map_or("docker", |container| container.runtime.as_str());
    let flag = if runtime == "podman" { "podman run -p" } else { "docker run -p" };
    let mut instructions = vec![
        format!(
            "Make the container anew with another port on this computer: {flag} OTHER:{port} …, or change ports: in its compose file"
        ),
        "Tell the users of the container its new port".to_owned(),
    ];
    instructions.extend(planner.start_by_hand());
    let publish = planner.by_hand(
        "Publish another port of this computer for the container".to_owned(),
        "Both run, and users of the container need its new port.".to_owned(),
        instructions,
        "The container",
    );
    [stop, publish].into_iter().chain(move_port::option(planner)).collect()
}
