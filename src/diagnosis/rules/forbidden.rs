//! A port that needs no right, and yet the log says that it is not allowed: a security rule of the computer, not a conflict.

use super::privileged::needs_right;
use super::{Certainty, Context, Finding};
use crate::diagnosis::Cause;
use crate::diagnosis::judge::Answer;
use crate::diagnosis::names::sentence;
use crate::machine::{FailureKind, System};

pub(super) fn rule(context: &Context<'_>) -> Option<Finding> {
    let scene = &context.scene;
    let told = scene.says(FailureKind::Forbidden) || scene.says(FailureKind::Privileged);
    let forbidden = match scene.snapshot.host.system {
        System::Linux => told && !needs_right(context),
        // The log may be older than the answer: a reserved block may have moved, a holder have gone.
        System::Windows => context.answer == Answer::Denied || (told && context.answer != Answer::Free),
    };
    if !forbidden {
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
        explanation: match scene.snapshot.host.system {
            System::Linux => {
                "Nobody has the port and it needs no right. What forbids it is a rule for this program: an SELinux port type, an \
                 AppArmor profile, or SocketBindDeny= of its unit."
            }
            System::Windows => {
                "Nobody has the port, and no reserved range covers it. What forbids it is a filter: a security product, a rule of the \
                 Windows Filtering Platform, or a URL that HTTP.sys keeps for another account."
            }
        }
        .to_owned(),
        next_step: match scene.snapshot.host.system {
            System::Linux => "Read the audit log for the time of the failure, and allow the port there",
            System::Windows => "Look into the log of the security product, and allow the port there",
        }
        .to_owned(),
        evidence,
        owners: Vec::new(),
        gaps: Vec::new(),
    })
}
