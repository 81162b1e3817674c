//! No port is known: what can be said without one.

use super::context::Scene;
use super::{Certainty, Finding, complaint, exhausted, other_reason, privileged};
use crate::diagnosis::Cause;
use crate::diagnosis::names::sentence;
use crate::machine::{FailureKind, Gap, Protocol, ServiceState};

pub(super) fn answer(scene: &Scene<'_>, protocol: Protocol) -> Finding {
    if let Some(finding) = exhausted::rule(scene, protocol) {
        return finding;
    }
    if let Some(complaint) = scene.symptom.complaint {
        return complaint::answer(scene, protocol, complaint);
    }
    if let Some(finding) = privileged::without_port(scene) {
        return finding;
    }
    let name = sentence(&scene.server());
    if scene.says(FailureKind::NotAPort) {
        return other_reason::told(scene, format!("{name} does not start for another reason than a port"));
    }
    let evidence = scene.log_fact().into_iter().chain(scene.state_fact()).collect();
    let gaps = vec![Gap::new(
        "which port is meant",
        "neither the log nor the configuration that could be read names one",
        "naming it: portmedic diagnose PORT",
    )];
    if scene.service.is_some_and(|service| service.state == ServiceState::Running) {
        return Finding {
            cause: Cause::NotAPortProblem,
            certainty: Certainty::likely("its port is not known"),
            headline: format!("{name} runs"),
            explanation: "The service manager says that it runs, and no port is known that it could lack.".to_owned(),
            next_step: "Name the port that does not answer".to_owned(),
            evidence,
            owners: Vec::new(),
            gaps,
        };
    }
    Finding {
        cause: Cause::Unknown,
        certainty: Certainty::CannotTell("the port is not known".to_owned()),
        headline: match scene.wanted() {
            Some(name) => format!("It is not known which port {name} needs"),
            None => "It is not known which port is meant".to_owned(),
        },
        explanation: "Nothing that was read names a port, so nobody could be asked for it.".to_owned(),
        next_step: "Name the port".to_owned(),
        evidence,
        owners: Vec::new(),
        gaps,
    }
}
