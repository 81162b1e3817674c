//! The port is free, and the service fails all the same: the reason is another one.

use super::context::Scene;
use super::{Certainty, Context, Finding};
use crate::diagnosis::Cause;
use crate::diagnosis::judge::Answer;
use crate::diagnosis::names::sentence;
use crate::machine::{Evidence, FailureKind, ServiceState, Table, visible};

pub(super) fn rule(context: &Context<'_>) -> Option<Finding> {
    let scene = &context.scene;
    let port = context.port_name();
    let tested = context.answer == Answer::Free;
    let name = sentence(&scene.server());
    let free = format!("{} is free; {name} does not start for another reason", super::words::capital(&port));
    let mut finding = if scene.says(FailureKind::NotAPort) {
        let headline = if scene.snapshot.shows(Table::sockets(context.protocol)) {
            free
        } else if scene.wanted().is_some() {
            format!("{name} does not start for another reason than {port}")
        } else {
            format!("The error is about something other than {port}")
        };
        let mut finding = told(scene, headline);
        if !tested {
            finding.certainty = Certainty::likely("the port could not be tested");
        }
        finding
    } else if scene.is_failing() && scene.failure().is_none_or(|failure| failure.kind == FailureKind::Unknown) {
        finding(
            scene,
            Certainty::likely("the log does not name the reason"),
            free,
            "Nobody has the port, and nothing that was read speaks of a port. This is not a port conflict.".to_owned(),
        )
    } else if scene.service.is_some_and(|service| service.state == ServiceState::Running) {
        finding(
            scene,
            Certainty::likely("where the service listens instead was not looked for"),
            format!("{name} runs, but does not listen on {port}"),
            "The service runs and nobody has the port. It listens elsewhere, or has not opened the port yet.".to_owned(),
        )
    } else {
        return None;
    };
    finding.evidence.extend(context.bind_fact());
    finding.evidence.extend(context.elsewhere_fact());
    Some(finding)
}

/// The log names a reason that is not the port. Needs no port.
pub(super) fn told(scene: &Scene<'_>, headline: String) -> Finding {
    let message = scene.failure().map(|failure| visible(&failure.message)).unwrap_or_default();
    finding(scene, Certainty::Certain, headline, format!("This is not a port conflict. The log says: {message}"))
}

fn finding(scene: &Scene<'_>, certainty: Certainty, headline: String, explanation: String) -> Finding {
    let evidence: Vec<Evidence> = scene.log_fact().into_iter().chain(scene.state_fact()).collect();
    let next_step = match &scene.symptom.service {
        Some(service) if scene.snapshot.host.service_manager => format!("Read the log of {}", visible(service)),
        Some(_) | None => "Read the log of the service".to_owned(),
    };
    Finding {
        cause: Cause::NotAPortProblem,
        certainty,
        headline,
        explanation,
        next_step,
        evidence,
        owners: Vec::new(),
        gaps: Vec::new(),
    }
}
