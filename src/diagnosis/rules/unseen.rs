//! The system says that the port is in use, and nobody is seen to have it.

use super::{Certainty, Context, Finding, recorded, words};
use crate::diagnosis::Cause;
use crate::diagnosis::judge::Answer;
use crate::machine::{Gap, System};

pub(super) fn rule(context: &Context<'_>) -> Option<Finding> {
    if !matches!(context.answer, Answer::InUse | Answer::FreeWithReuse) {
        return None;
    }
    let port = context.port_name();
    let kernel = context.scene.kernel();
    let mut evidence: Vec<_> = context.bind_fact().into_iter().collect();
    evidence.push(context.scene.fact("No socket on the port is in the socket table", "socket table", None));
    evidence.extend(context.range_fact());
    evidence.extend(context.scene.log_fact());
    evidence.extend(context.elsewhere_fact());
    let (because, shown_by) = match context.scene.snapshot.host.system {
        System::Linux => (
            "the holder came or went between two looks, or it is bound without listening and the kernel is older than 6.8, which does not \
             show such sockets",
            "looking again; a kernel from 6.8 on",
        ),
        System::Windows => (
            "the holder came or went between two looks, or it is bound without listening and this Windows is older than version 1809, \
             which does not show such sockets; WSL in its mirrored network mode keeps ports without a socket, too",
            "looking again with administrator rights; wsl --shutdown, where WSL runs",
        ),
    };
    let unseen = || {
        let certainty = Certainty::CannotTell("the holder was not seen".to_owned());
        (certainty, format!("Something has {port}, but it could not be seen"))
    };
    let likely = |name: String| {
        let certainty = Certainty::likely("the recorder saw it take the port, and did not see it leave");
        (certainty, format!("{name} took {port}, and nobody is seen there now"))
    };
    let (certainty, headline) = recorded::never_left(context).map_or_else(unseen, likely);
    Some(Finding {
        cause: Cause::Unknown,
        certainty,
        headline,
        explanation: format!("{} says that the port is in use, and no socket on it is in the table.", words::capital(kernel)),
        next_step: if context.scene.snapshot.host.elevated { "Look again" } else { "Look again with administrator rights" }
            .to_owned(),
        evidence,
        owners: Vec::new(),
        gaps: vec![Gap::new(format!("who has {}", words::bare(context)), because, shown_by)],
    })
}
