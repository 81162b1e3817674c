//! Nobody has the port.

use super::privileged::{USUAL_START, needs_right};
use super::{Certainty, Context, Finding, recorded, words};
use crate::diagnosis::Cause;
use crate::diagnosis::judge::Answer;
use crate::machine::{Evidence, FailureKind, Gap};

/// What no rule has an answer for is free, as far as it could be seen.
pub(super) fn answer(context: &Context<'_>) -> Finding {
    let scene = &context.scene;
    let port = context.port_name();
    // On Windows a holder and a reserved block show as "forbidden", too.
    let was_in_use = scene.says(FailureKind::InUse) || (scene.is_windows() && scene.says(FailureKind::Forbidden));
    let kernel = words::capital(scene.kernel());
    let certainty = match context.answer {
        Answer::Free => Certainty::Certain,
        Answer::NotAsked => Certainty::likely("no bind test was made"),
        _ => Certainty::likely("the bind test could not tell"),
    };
    let gone = if scene.is_windows() { "Whoever had or reserved it" } else { "Whoever had it" };
    let tested = if context.answer == Answer::Free {
        format!("{kernel} gave the port to PortMedic at once, the way a service asks for it.")
    } else {
        "No socket on the port is in the way.".to_owned()
    };
    let rest = if was_in_use {
        match recorded::culprit(context) {
            Some(name) => format!(" As the recorder saw, {name} had it when the log was written, and is gone."),
            None => format!(" {gone} when the log was written is gone."),
        }
    } else {
        " This is not a port conflict.".to_owned()
    };
    let mut evidence = vec![scene.fact("No socket on the port is in the way", "socket table", None)];
    evidence.extend(context.shared_facts());
    evidence.extend(beside(context));
    if needs_right(context) {
        let start = scene.snapshot.unprivileged_port_start.unwrap_or(USUAL_START);
        evidence.push(scene.fact(
            format!("Ports below {start} need root or the right CAP_NET_BIND_SERVICE"),
            "net.ipv4.ip_unprivileged_port_start",
            None,
        ));
    }
    Finding {
        cause: Cause::PortFree,
        certainty,
        headline: format!("{} is free{}", words::capital(&port), if was_in_use { " now" } else { "" }),
        explanation: format!("{tested}{rest}"),
        next_step: next_step(context, was_in_use),
        evidence,
        owners: Vec::new(),
        gaps: gaps(context),
    }
}

fn next_step(context: &Context<'_>, was_in_use: bool) -> String {
    let at_risk = context.in_dynamic_range() == Some(true) && !context.is_excluded();
    match (context.scene.wanted(), at_risk && was_in_use) {
        (Some(name), true) => format!("Exclude the port and start {name}"),
        (Some(name), false) => format!("Start {name}"),
        (None, _) => "Start the service; if it does not start, read its log".to_owned(),
    }
}

/// Sockets on the same port that leave it free.
fn beside(context: &Context<'_>) -> Option<Evidence> {
    if context.beside.is_empty() {
        return None;
    }
    let fact = if context.scene.address().is_some() {
        "Others have the port for another address, which is not in the way"
    } else {
        "Others have the port in the table, and yet it is given to whoever asks"
    };
    Some(context.socket_fact(fact, &context.beside))
}

fn gaps(context: &Context<'_>) -> Vec<Gap> {
    if context.answer != Answer::Unclear {
        return Vec::new();
    }
    let host = &context.scene.snapshot.host;
    let what = format!("whether {} would be given", words::bare(context));
    if host.elevated || context.scene.is_windows() {
        let rules = if context.scene.is_windows() {
            "the log of the security product"
        } else {
            "the security rules of this computer (SELinux, AppArmor)"
        };
        return vec![Gap::new(what, "the system did not let PortMedic ask for it", rules)];
    }
    vec![Gap::new(what, "asking for it needs a right that this user lacks", "looking again with administrator rights")]
}
