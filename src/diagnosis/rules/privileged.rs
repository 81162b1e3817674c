//! A low port, and a service that may not have one.
//!
//! Only a symptom that says so or a service that is known to lack the right makes this a verdict: a bare low port is free or held.

use super::{Certainty, Context, Finding, Scene};
use crate::diagnosis::Cause;
use crate::diagnosis::judge::Answer;
use crate::diagnosis::names::sentence;
use crate::machine::{Evidence, FailureKind, Port, Service, visible};

/// The first port that needs no right, unless the computer says otherwise.
pub(super) const USUAL_START: Port = 1024;

/// The log says that the port is not allowed. The kernel checks the right before anything else, so this comes before any holder.
pub(super) fn told_by_symptom(context: &Context<'_>) -> Option<Finding> {
    let told = context.scene.says(FailureKind::Privileged) || context.scene.says(FailureKind::Forbidden);
    if !told || !needs_right(context) {
        return None;
    }
    let certainty = match context.scene.service.and_then(|service| service.may_bind_low_ports) {
        Some(false) => Certainty::Certain,
        Some(true) => Certainty::likely("the unit has the right now, so the log may be older than that"),
        None => Certainty::likely("the rights of the service were not read"),
    };
    Some(finding(context, certainty))
}

/// Nothing is in the way, but the service lacks the right and does not run.
pub(super) fn known_beforehand(context: &Context<'_>) -> Option<Finding> {
    let service = context.scene.service?;
    let stopped_by_another_reason = context.scene.says(FailureKind::NotAPort);
    let lacks = service.may_bind_low_ports == Some(false) && needs_right(context);
    // A free port that was in use when the log was written is explained by the log; and what runs has found its way.
    let explained = context.scene.says(FailureKind::InUse) || !service.is_failing();
    if !lacks || explained || stopped_by_another_reason || context.answer == Answer::InUse {
        return None;
    }
    Some(finding(context, Certainty::likely("the log does not name the reason")))
}

/// The log says that something is not allowed and names no port, and the unit is known to lack the right to low ports.
pub(super) fn without_port(scene: &Scene<'_>) -> Option<Finding> {
    let told = !scene.is_windows() && (scene.says(FailureKind::Privileged) || scene.says(FailureKind::Forbidden));
    let service = scene.service.filter(|service| told && service.may_bind_low_ports == Some(false))?;
    let start = scene.snapshot.unprivileged_port_start.unwrap_or(USUAL_START);
    let server = sentence(&scene.server());
    Some(Finding {
        cause: Cause::PrivilegedPort,
        certainty: Certainty::likely("the log does not name the port, so it may be a file that is not allowed"),
        headline: format!("{server} may not use the port it asks for"),
        explanation: format!(
            "The log says that something is not allowed, and {server} {}. Where its port lies below {start}, that is the reason.",
            lacks(service)
        ),
        next_step: "Give the unit the right, or move it to a port that needs none".to_owned(),
        evidence: scene.log_fact().into_iter().chain(start_fact(scene)).chain(rights_fact(scene)).collect(),
        owners: Vec::new(),
        gaps: Vec::new(),
    })
}

/// Whether the port needs a right on this computer.
pub(super) fn needs_right(context: &Context<'_>) -> bool {
    let snapshot = context.scene.snapshot;
    !context.scene.is_windows() && context.port < snapshot.unprivileged_port_start.unwrap_or(USUAL_START)
}

fn finding(context: &Context<'_>, certainty: Certainty) -> Finding {
    let scene = &context.scene;
    let start = scene.snapshot.unprivileged_port_start.unwrap_or(USUAL_START);
    let server = sentence(&scene.server());
    let lacks = scene.service.map_or_else(|| "does not have it".to_owned(), lacks);
    let mut evidence: Vec<_> = scene.log_fact().into_iter().chain(start_fact(scene)).chain(rights_fact(scene)).collect();
    let holders = context.deciding();
    if !holders.is_empty() {
        evidence.push(context.socket_fact("The port is held as well, so the right alone will not do", holders.iter().copied()));
    }
    Finding {
        cause: Cause::PrivilegedPort,
        certainty,
        headline: format!("{server} may not use {}", context.port_name()),
        explanation: format!(
            "Ports below {start} need a right that ordinary users lack. {server} {lacks}, so the kernel refuses the port before it \
             looks whether it is free."
        ),
        next_step: "Give the unit the right, or move it to a port that needs none".to_owned(),
        evidence,
        owners: super::owners(&holders),
        gaps: Vec::new(),
    }
}

/// `runs as nobody without the right to low ports`, to stand after the service's name.
fn lacks(service: &Service) -> String {
    match service.user.as_deref() {
        Some(user) => format!("runs as {} without the right to low ports", visible(user)),
        None => "does not have the right to low ports".to_owned(),
    }
}

fn start_fact(scene: &Scene<'_>) -> Option<Evidence> {
    let start = scene.snapshot.unprivileged_port_start?;
    let fact = format!("Ports below {start} need the right CAP_NET_BIND_SERVICE");
    Some(scene.fact(fact, "net.ipv4.ip_unprivileged_port_start", Some(start.to_string())))
}

/// What the unit's settings say about the right.
fn rights_fact(scene: &Scene<'_>) -> Option<Evidence> {
    let service = scene.service?;
    let has = if service.may_bind_low_ports? { "has the right to low ports" } else { "has no right to low ports" };
    let name = visible(&service.name);
    let user = service.user.as_deref().map_or_else(|| "root".to_owned(), visible);
    Some(scene.fact(format!("{name} runs as {user} and {has}"), format!("systemctl show {name}"), None))
}
