//! Files from another computer lack the table that would tell: nothing follows from what is not in them.

use super::{Certainty, Context, Finding, words};
use crate::diagnosis::Cause;
use crate::machine::{FailureKind, Gap, Protocol, System, Table};

pub(super) fn rule(context: &Context<'_>) -> Option<Finding> {
    let scene = &context.scene;
    let lacks_sockets = !scene.snapshot.shows(Table::sockets(context.protocol));
    // Windows refuses with one error what a reserved block, a filter or an exclusive holder keeps from a service.
    let refused = scene.is_windows() && scene.says(FailureKind::Forbidden);
    let lacks_exclusions = refused && !scene.snapshot.shows(Table::Exclusions);
    if scene.says(FailureKind::NotAPort) || !(lacks_sockets || lacks_exclusions) {
        return None;
    }
    let port = context.port_name();
    let headline = if scene.says(FailureKind::InUse) {
        format!("Something had {port} when the log was written, and these files do not show what")
    } else if refused {
        format!("Windows did not give {port}, and these files do not show why")
    } else {
        format!("These files do not show whether {} is free", words::bare(context))
    };
    let tables = match (lacks_sockets, lacks_exclusions) {
        (true, true) => "neither the sockets nor the exclusions",
        (true, false) => "no sockets",
        (false, _) => "no exclusions",
    };
    let mut commands = Vec::new();
    if lacks_sockets {
        commands.push(sockets_command(scene.snapshot.host.system, context.protocol).to_owned());
    }
    if lacks_exclusions {
        commands.push(format!("netsh interface ipv4 show excludedportrange {}", context.protocol));
    }
    let mut evidence: Vec<_> = scene.log_fact().into_iter().collect();
    evidence.extend(context.range_fact());
    evidence.extend(scene.state_fact());
    Some(Finding {
        cause: Cause::Unknown,
        certainty: Certainty::CannotTell(format!("the files show {tables} of that computer")),
        headline,
        explanation: format!("The files that were opened show {tables} of that computer, so nothing can be said about the rest."),
        next_step: format!("Run {} on that computer, and open its output together with these files", commands.join(" and ")),
        evidence,
        owners: Vec::new(),
        gaps: vec![Gap::new(format!("who has {}", words::bare(context)), "no file shows it", commands.join("; "))],
    })
}

/// The command that shows the sockets of a protocol with their processes.
pub const fn sockets_command(system: System, protocol: Protocol) -> &'static str {
    match (system, protocol) {
        (System::Windows, _) => "netstat -ano",
        (System::Linux, Protocol::Tcp) => "ss -tanp",
        (System::Linux, Protocol::Udp) => "ss -uanp",
    }
}
