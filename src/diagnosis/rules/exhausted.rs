//! No dynamic port is left: every port of the range is taken, so nobody gets one for an outgoing connection.

use std::net::SocketAddr;

use super::context::Scene;
use super::{Certainty, Context, Finding, words};
use crate::diagnosis::Cause;
use crate::diagnosis::exhaustion::{AtOnce, Lack, load_facts};
use crate::machine::{Evidence, FailureKind, Protocol};

pub(super) fn rule_with_port(context: &Context<'_>) -> Option<Finding> {
    rule(&context.scene, context.protocol)
}

/// How the dynamic range is used now; for the far end that the error names, where it names one.
pub(super) fn use_now(scene: &Scene<'_>, protocol: Protocol) -> Option<AtOnce> {
    let told = scene.failure().filter(|failure| failure.kind == FailureKind::Exhausted);
    let remote = told.and_then(|failure| Some(SocketAddr::new(failure.address?, failure.port?)));
    AtOnce::of(scene.snapshot, protocol, remote)
}

/// Who alone uses the ports up, as far as the table tells.
pub(super) fn lack(scene: &Scene<'_>, protocol: Protocol) -> Lack {
    use_now(scene, protocol).filter(AtOnce::is_whole).map(|usage| usage.lack).unwrap_or_default()
}

/// Fires where the symptom says so, or where the whole range is seen to be taken and nothing else is asked.
pub(super) fn rule(scene: &Scene<'_>, protocol: Protocol) -> Option<Finding> {
    let told = scene.says(FailureKind::Exhausted);
    // A full range keeps nobody from a port asked for by number, so without a symptom it is the answer only where no port is asked for.
    let asked_for_nothing = scene.symptom.port.is_none() && scene.failure().is_none() && scene.service.is_none();
    if !told && !asked_for_nothing && scene.symptom.complaint.is_none() {
        return None;
    }
    let usage = use_now(scene, protocol);
    let full = usage.as_ref().is_some_and(AtOnce::is_full);
    let seen = full && asked_for_nothing;
    // Who only says what does not work has no port in mind either.
    let complaint = scene.symptom.complaint.filter(|_| usage.as_ref().is_some_and(AtOnce::is_nearly_full));
    if !told && !seen && complaint.is_none() {
        return None;
    }
    let certainty = match &usage {
        Some(usage) if usage.is_full() => Certainty::Certain,
        Some(usage) if usage.is_nearly_full() => Certainty::likely("the range is nearly full now"),
        Some(usage) if usage.is_given_again() => {
            Certainty::likely("every port has a connection, and the kernel gives each port again for another destination")
        }
        Some(usage) if usage.is_whole() => Certainty::likely("there is room again now"),
        Some(_) | None => Certainty::likely("the whole socket table was not read"),
    };
    // What the log tells is over where the table shows room, or does not tell.
    let now = usage.as_ref().is_some_and(|usage| usage.is_full() || usage.is_nearly_full());
    let (is, more) = match (&certainty, now) {
        (Certainty::Certain, _) => ("is", "every one that fits is taken."),
        (_, true) => ("was", "nearly every one is taken."),
        (_, false) => ("was", "every one that fits was taken when the error was written."),
    };
    let room_again =
        usage.as_ref().is_some_and(|usage| usage.is_whole() && !now && !usage.is_given_again() && usage.lack.culprit.is_none());
    let mut evidence: Vec<Evidence> = scene.log_fact().into_iter().collect();
    let (mut headline, mut others) = (format!("No port {is} left for outgoing connections"), "");
    let (mut owners, mut top) = (Vec::new(), String::new());
    if let Some(usage) = usage.filter(|usage| usage.is_whole() || usage.is_empty()) {
        if full {
            (headline, others) = usage.none_left();
        }
        evidence.extend(usage.facts);
        owners = usage.owners;
        // Who has the most of a few ports has not used them up.
        top = if room_again { String::new() } else { usage.top };
    }
    evidence.extend(load_facts(scene.snapshot));
    let kernel = words::capital(scene.kernel());
    let why = complaint.map(|complaint| format!(" {}", complaint.why())).unwrap_or_default();
    Some(Finding {
        cause: Cause::Exhausted,
        certainty,
        headline,
        explanation: format!(
            "{kernel} takes the ports of outgoing connections from the dynamic range, and {more}{top}{others}{why}"
        ),
        next_step: match complaint {
            Some(_) => {
                "See who takes the ports, and how fast: portmedic exhaustion --watch; then restart that program".to_owned()
            }
            None if room_again => "See who takes the ports, and how fast: portmedic exhaustion --watch".to_owned(),
            None => "Stop what uses up the ports, or widen the dynamic range".to_owned(),
        },
        evidence,
        owners,
        gaps: Vec::new(),
    })
}
