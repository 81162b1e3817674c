//! The port lies in a range that is reserved for somebody else, so asking for it by number fails.
//!
//! Only exclusions that are not administered do that, and only Windows has them: on Linux a reserved port can always be asked for.

use super::{Certainty, Context, Finding, words};
use crate::diagnosis::Cause;
use crate::diagnosis::judge::Answer;
use crate::diagnosis::names::sentence;
use crate::machine::{Store, visible};

pub(super) fn rule(context: &Context<'_>) -> Option<Finding> {
    if !matches!(context.answer, Answer::Unclear | Answer::NotAsked) {
        return None;
    }
    let reserved = context.scene.snapshot.exclusions.iter().find(|exclusion| {
        !exclusion.administered
            && exclusion.store == Store::Active
            && exclusion.range.contains(context.port)
            && exclusion.protocol.is_none_or(|protocol| protocol == context.protocol)
    })?;
    let range = words::span(reserved.range);
    let owner = reserved.owner.as_deref().map(|owner| format!(" by {}", visible(owner))).unwrap_or_default();
    let fact = format!("The range {range} is reserved{owner}, and {} lies in it", context.port);
    let mut evidence = vec![context.scene.fact(fact, reserved.source.clone(), None)];
    evidence.extend(context.bind_fact());
    evidence.extend(context.scene.log_fact());
    let certainty =
        if context.answer == Answer::Unclear { Certainty::Certain } else { Certainty::likely("no bind test was made") };
    Some(Finding {
        cause: Cause::ReservedRange,
        certainty,
        headline: format!("{} lies in a range that is reserved for another", words::capital(&context.port_name())),
        explanation: format!(
            "The range {range} was reserved{owner}. Nobody uses the port, and yet {} refuses it to everybody else. {} cannot have it \
             while the reservation stands.",
            context.scene.kernel(),
            sentence(&context.scene.server()),
        ),
        next_step: "Free the reservation, or move the service to another port".to_owned(),
        evidence,
        owners: Vec::new(),
        gaps: Vec::new(),
    })
}
