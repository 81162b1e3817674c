//! Somebody says only what does not work, and it may be for want of a port: ports are left, or it could not be seen.

use super::context::Scene;
use super::exhausted::use_now;
use super::{Certainty, Finding};
use crate::diagnosis::{Cause, Complaint};
use crate::machine::{Gap, Protocol};

/// The answer where the range is not known to be used up.
pub(super) fn answer(scene: &Scene<'_>, protocol: Protocol, complaint: Complaint) -> Finding {
    let Some(usage) = use_now(scene, protocol).filter(|_| !scene.snapshot.sockets.is_empty()) else {
        return Finding {
            cause: Cause::Unknown,
            certainty: Certainty::CannotTell("the sockets or the dynamic range are not known".to_owned()),
            headline: "It could not be seen whether ports are left".to_owned(),
            explanation: complaint.why().to_owned(),
            next_step: "Look on that computer itself: portmedic exhaustion".to_owned(),
            evidence: Vec::new(),
            owners: Vec::new(),
            gaps: vec![Gap::new(
                "how many ports are in use",
                "the sockets or the dynamic range are not known",
                "portmedic exhaustion",
            )],
        };
    };
    Finding {
        cause: Cause::NotAPortProblem,
        certainty: Certainty::likely("ports can run out now and then; portmedic exhaustion --watch tells"),
        headline: "Ports are left, so a lack of them is not why it fails now".to_owned(),
        explanation: format!("{} Enough ports are left for that.", complaint.why()),
        next_step: complaint.otherwise().to_owned(),
        evidence: usage.facts,
        owners: Vec::new(),
        gaps: Vec::new(),
    }
}
