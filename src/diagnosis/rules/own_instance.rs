//! The service stands in its own way: a process of an earlier start, or one that somebody started beside the unit.

use super::{Context, Finding};
use crate::diagnosis::names::sentence;
use crate::diagnosis::{Cause, Owner, OwnerKind};
use crate::machine::{Service, ServiceState};

pub(super) fn rule(context: &Context<'_>) -> Option<Finding> {
    let service = context.scene.service?;
    let deciding = context.deciding();
    // While the service runs, what its processes have is no remains.
    let left_behind = |owner: &Owner| service.state != ServiceState::Running && context.is_own(owner);
    let beside = |owner: &Owner| owner.kind == OwnerKind::Process && is_same_program(owner, service);
    let mine = |owner: &Owner| left_behind(owner) || beside(owner);
    let (own, others): (Vec<_>, Vec<_>) = deciding.into_iter().partition(|holder| holder.owners.iter().any(mine));
    // Where a stranger is in the way too, ending the old instance would not free the port. Remains of connections free themselves.
    if own.is_empty() || others.iter().any(|holder| !holder.socket.state.is_closing()) {
        return None;
    }
    let name = sentence(&context.scene.server());
    let port = context.port_name();
    let behind = own.iter().flat_map(|holder| &holder.owners).any(left_behind);
    let (headline, explanation) = if behind {
        (
            format!("An older instance of {name} still has {port}"),
            format!(
                "A process of an earlier start was left behind and keeps {port}. {name} cannot start anew until that process ends."
            ),
        )
    } else {
        (
            format!("{name} already runs beside its service and has {port}"),
            format!(
                "Somebody started the same program by another way than its {unit}, and it has {port}. The {unit} cannot start it a second \
                 time.",
                unit = context.scene.service_noun()
            ),
        )
    };
    let mut evidence = vec![context.socket_fact("The holder is the service's own program", own.iter().copied())];
    evidence.extend(context.holder_facts(&own));
    evidence.extend(context.scene.state_fact());
    evidence.extend(context.shared_facts());
    Some(Finding {
        cause: Cause::HeldByOwnInstance,
        certainty: context.certainty(),
        headline,
        explanation,
        next_step: "End the old process, then start the service".to_owned(),
        evidence,
        owners: super::owners(&own),
        gaps: Vec::new(),
    })
}

/// Whether the holder runs what the service runs: the same command line, or the same executable unless that is an interpreter.
fn is_same_program(owner: &Owner, service: &Service) -> bool {
    let Some(program) = service.command_line.first() else { return false };
    let same_command = owner.command_line.as_ref().is_some_and(|own| own.len() > 1 && own[1..] == service.command_line[1..])
        && owner.command_line.as_ref().and_then(|own| own.first()).is_some_and(|own| file_name(own) == file_name(program));
    let same_file = owner.exe.as_ref().is_some_and(|exe| is_same_path(exe, program)) && !is_interpreter(program);
    same_command || same_file
}

/// Paths of Windows, which have backslashes, do not know letter cases.
fn is_same_path(path: &str, other: &str) -> bool {
    path == other || (path.contains('\\') && path.eq_ignore_ascii_case(other))
}

fn file_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

/// Programs that run whatever they are given, so that the same file says nothing.
fn is_interpreter(program: &str) -> bool {
    const INTERPRETERS: [&str; 12] =
        ["python", "java", "node", "perl", "ruby", "php", "bash", "sh", "dash", "dotnet", "mono", "busybox"];
    let name = file_name(program).to_ascii_lowercase();
    let stem = name.strip_suffix(".exe").unwrap_or(&name).trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    INTERPRETERS.contains(&stem)
}
