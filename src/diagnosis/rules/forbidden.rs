//! A port that needs no right, and yet the log says that it is not allowed: a security rule of the computer, not a conflict.

use super::privileged::needs_right;
use super::{Certainty, Context, Finding};
use crate::diagnosis::Cause;
use crate::diagnosis::names::sentence;
use crate::machine::{FailureKind, System};

pub(super) fn rule(context: &Context<'_>) -> Option<Finding> {
    let scene = &context.scene;
    let told = scene.says(FailureKind::Forbidden) || scene.says(FailureKind::Privileged);
    if !told || needs_right(context) || scene.snapshot.host.system != System::Linux {
        return None;
    }
    let server = sentence(&scene.server());
    let port = context.port_name();
    let mut evidence: Vec<_> = scene.log_fact().into_iter().collect();
    evidence.push(scene.fact("No socket on the port is in the way", "socket table", None));
    evidence.extend(context.bind_fact());
    Some(Finding {
        cause: Cause::NotAPortProblem,
        certainty: Certainty::likely("the security rules of this computer were not read"),
        headline: format!("{server} is not allowed to use {port}, although it is free"),
        explanation:
            "Nobody has the port and it needs no right. What forbids it is a rule for this program: an SELinux port type, an \
                      AppArmor profile, or SocketBindDeny= of its unit."
                .to_owned(),
        next_step: "Read the audit log for the time of the failure, and allow the port there".to_owned(),
        evidence,
        owners: Vec::new(),
        gaps: Vec::new(),
    })
}
