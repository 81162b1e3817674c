//! A program has taken the port without listening: most tools show nothing then.

use super::{Context, Finding};
use crate::diagnosis::Cause;
use crate::diagnosis::names::sentence;
use crate::machine::SocketState;

pub(super) fn rule(context: &Context<'_>) -> Option<Finding> {
    let held: Vec<_> = context.holders.iter().filter(|holder| holder.socket.state == SocketState::Bound).collect();
    let owner = held.first()?.owners.first()?;
    let (port, name) = (context.port_name(), context.name_of(owner));
    let mut evidence = vec![context.socket_fact(
        "The port is bound, but its socket neither listens nor is connected; most tools do not show such sockets",
        held.iter().copied(),
    )];
    evidence.extend(context.holder_facts(&held));
    evidence.extend(context.shared_facts());
    Some(Finding {
        cause: Cause::HeldByBoundSocket,
        certainty: context.certainty(),
        headline: format!("{} has taken {port} without listening on it", sentence(&name)),
        explanation: format!(
            "The program asked for the port and got it, but does not serve it: it is still starting, waits for something, or has a \
             defect. {} cannot have the port until that program gives it up.",
            sentence(&context.scene.server())
        ),
        next_step: "Stop the program that has it, then start the service".to_owned(),
        evidence,
        owners: super::owners(&context.deciding()),
        gaps: Vec::new(),
    })
}
