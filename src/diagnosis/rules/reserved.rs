//! The port lies in a range that is reserved for somebody else, so asking for it by number fails.
//!
//! Only exclusions that are not administered do that, and only Windows has them: on Linux a reserved port can always be asked for.

use super::{Certainty, Context, Finding, words};
use crate::diagnosis::Cause;
use crate::diagnosis::judge::Answer;
use crate::diagnosis::names::sentence;
use crate::machine::{Reserver, System};

pub(super) fn rule(context: &Context<'_>) -> Option<Finding> {
    // The block of WSL answers that the port is in use, although nobody has it.
    let refused = match context.answer {
        Answer::Denied | Answer::Unclear | Answer::NotAsked => true,
        Answer::InUse => context.scene.snapshot.host.system == System::Windows && context.holders.is_empty(),
        Answer::Free | Answer::NotLocal | Answer::Exhausted | Answer::FreeWithReuse => false,
    };
    let reserved = context.scene.snapshot.reservation_of(context.port, context.protocol).filter(|_| refused)?;
    let range = words::span(reserved.range);
    let by = reserved.by_whom();
    let fact = format!("The range {range} is reserved{by}, and {} lies in it", context.port);
    let mut evidence = vec![context.scene.fact(fact, reserved.source.clone(), None)];
    if context.holders.is_empty() {
        evidence.push(context.scene.fact("No socket on the port is in the way", "socket table", None));
    }
    evidence.extend(context.bind_fact());
    evidence.extend(context.range_fact());
    evidence.extend(context.scene.log_fact());
    let certainty = match context.answer {
        Answer::NotAsked => Certainty::likely("no bind test was made"),
        Answer::Unclear => Certainty::likely("the bind test could not tell"),
        _ => Certainty::Certain,
    };
    let block = match reserved.reserver() {
        Some(Reserver::WinNat) => {
            " WinNAT takes such blocks from the dynamic range whenever it starts, others each time, and gives them back only when it stops."
        }
        Some(Reserver::WslMirrored) => " WSL takes this one block from the dynamic range when it starts.",
        Some(Reserver::HttpSys) | None => "",
    };
    Some(Finding {
        cause: Cause::ReservedRange,
        certainty,
        headline: format!("{} lies in a range that is reserved for another", words::capital(&context.port_name())),
        explanation: format!(
            "The range {range} was reserved{by}. Nobody uses the port, and yet {} refuses it to everybody else.{block} {} cannot have \
             it while the reservation stands.",
            context.scene.kernel(),
            sentence(&context.scene.server()),
        ),
        next_step: match reserved.reserver() {
            Some(Reserver::WinNat) => "Stop WinNAT, exclude the port, and start WinNAT again".to_owned(),
            _ => "Free the reservation, or move the service to another port".to_owned(),
        },
        evidence,
        owners: Vec::new(),
        gaps: Vec::new(),
    })
}
