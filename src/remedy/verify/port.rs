//! Does the service listen on its port, or, without a service, is the port free?

use super::{Check, CheckOutcome, Operation, Proof};
use crate::diagnosis::judge::{Answer, in_the_way, judge};
use crate::diagnosis::wording::{more_seconds, port_name};
use crate::diagnosis::{Cause, Owner, OwnerKind, owners_of};
use crate::machine::{Port, ServiceState, Snapshot, Socket, SocketState};
use crate::remedy::planner::held_by;

pub(super) fn check_name(port: Port, proof: &Proof<'_>) -> String {
    format!("Port {port} {}", proof.protocol())
}

pub(super) fn check(proof: &Proof<'_>) -> Option<Check> {
    // Where no port was left for clients, the port that the log names is the far one.
    let port = proof.diagnosis.port.filter(|_| proof.diagnosis.verdict.cause != Cause::Exhausted)?;
    let before = before(proof, port);
    let (now, outcome, source) = if proof.wanted().is_some() && proof.promises_service() {
        listened_on(proof, port)
    } else if frees(proof) {
        free(proof, port)
    } else if proof.option.needs_restart() {
        match free(proof, port) {
            // Until then it is held as before, and that is no fault of the fix.
            (now, CheckOutcome::Failed, source) => (format!("{now} until the restart"), CheckOutcome::CouldNotCheck, source),
            other => other,
        }
    } else {
        return None;
    };
    Some(super::row(check_name(port, proof), before, now, outcome, source))
}

/// Whether the option is meant to free the port.
fn frees(proof: &Proof<'_>) -> bool {
    proof.operations().any(|operation| {
        matches!(
            operation,
            Operation::CloseConnection { .. }
                | Operation::EndProcess { .. }
                | Operation::StopService { .. }
                | Operation::RestartService { .. }
                | Operation::DeletePortproxy { .. }
                | Operation::RestartWinnat { .. }
                | Operation::Manual { .. }
        )
    })
}

fn before(proof: &Proof<'_>, port: Port) -> String {
    let held = |owner: &Owner| format!("held by {}", held_by(proof.before, owner));
    match proof.diagnosis.owners.first() {
        Some(_) if proof.diagnosis.verdict.cause == Cause::HeldByOwnInstance => "held by an older instance".to_owned(),
        Some(owner) => held(owner),
        None => match judge(proof.before, port, proof.protocol(), proof.diagnosis.address) {
            Answer::InUse | Answer::FreeWithReuse => "in use".to_owned(),
            Answer::Free => "free".to_owned(),
            Answer::Denied => "refused to everybody".to_owned(),
            Answer::NotAsked | Answer::Unclear | Answer::NotLocal | Answer::Exhausted => "not seen".to_owned(),
        },
    }
}

/// The port belongs to the service's own processes.
fn listened_on(proof: &Proof<'_>, port: Port) -> (String, CheckOutcome, &'static str) {
    const SOURCE: &str = "socket table with owners";
    let owners = owners_of(proof.after, port, Some(proof.protocol()));
    let listeners: Vec<&Owner> =
        owners.iter().filter(|owner| matches!(owner.state, SocketState::Listen | SocketState::Unconnected)).collect();
    let name = proof.name().unwrap_or_default();
    if listeners.iter().any(|owner| is_own(proof, owner)) {
        return (format!("listening, {name}"), CheckOutcome::Passed, SOURCE);
    }
    let runs = proof.service().is_some_and(|service| service.state == ServiceState::Running);
    match listeners.first() {
        // Somebody listens and was not seen: it may well be the service.
        Some(owner) if owner.pid.is_none() && owner.service.is_none() => {
            ("listening, the process was not seen".to_owned(), CheckOutcome::CouldNotCheck, SOURCE)
        }
        // By hand a service may have been moved to another port, which this look does not know.
        _ if runs && proof.by_hand() => ("the service runs without it".to_owned(), CheckOutcome::Remark, SOURCE),
        Some(owner) => (format!("held by {}", held_by(proof.after, owner)), CheckOutcome::Failed, SOURCE),
        None => ("nobody listens".to_owned(), CheckOutcome::Failed, SOURCE),
    }
}

/// Whether a listener belongs to the service, or to the socket unit that hands its socket to the service.
fn is_own(proof: &Proof<'_>, owner: &Owner) -> bool {
    let Some(service) = proof.service() else { return owner.service.as_deref() == proof.wanted() };
    let in_unit = owner.service.as_deref() == Some(service.name.as_str());
    let own_process = owner.pid.is_some_and(|pid| service.pids.contains(&pid) || service.main_pid == Some(pid));
    let handed_over =
        owner.kind == OwnerKind::SocketUnit && owner.service.as_ref().is_some_and(|unit| service.linked.contains(unit));
    in_unit || own_process || handed_over
}

/// Whether the port will free itself: nothing is in the way any more but connections that are over and that no program has. In words, with
/// how long that takes.
pub(super) fn resting(proof: &Proof<'_>, port: Port) -> Option<String> {
    let address = proof.diagnosis.address;
    if judge(proof.after, port, proof.protocol(), address) != Answer::InUse {
        return None;
    }
    let sockets = proof.after.sockets_on(port, proof.protocol());
    let held: Vec<&Socket> = sockets.filter(|socket| in_the_way(socket, address)).collect();
    let is_over = |socket: &&Socket| socket.state.is_closing() && socket.pids.is_empty() && socket.inode.is_none();
    if held.is_empty() || !held.iter().all(is_over) {
        return None;
    }
    // Only the last of the states has an end that is known: in the others, the other side has to close too.
    let ends = held.iter().map(|socket| socket.expires_ms.filter(|_| socket.state == SocketState::TimeWait));
    let wait = match ends.collect::<Option<Vec<u32>>>() {
        Some(ends) => format!("for {}", more_seconds(ends.into_iter().max().unwrap_or(0))),
        None => "until the other side has closed too, mostly a few minutes at most".to_owned(),
    };
    let (who, keep) =
        if held.len() == 1 { ("a connection that is over", "keeps") } else { ("connections that are over", "keep") };
    Some(format!("{who} {keep} {} {wait}; look again then", port_name(port, proof.protocol())))
}

/// The system gives the port to whoever asks.
fn free(proof: &Proof<'_>, port: Port) -> (String, CheckOutcome, &'static str) {
    let address = proof.diagnosis.address;
    let in_way = |snapshot: &Snapshot| {
        let blocks = |socket: &&Socket| in_the_way(socket, address);
        snapshot.sockets_on(port, proof.protocol()).any(|socket| blocks(&socket))
    };
    match judge(proof.after, port, proof.protocol(), address) {
        Answer::Free => ("free".to_owned(), CheckOutcome::Passed, "bind test"),
        Answer::FreeWithReuse => ("free for servers that set SO_REUSEADDR".to_owned(), CheckOutcome::Passed, "bind test"),
        Answer::InUse => {
            let owners = owners_of(proof.after, port, Some(proof.protocol()));
            let now =
                owners.first().map_or_else(|| "in use".to_owned(), |owner| format!("held by {}", held_by(proof.after, owner)));
            (now, CheckOutcome::Failed, "bind test")
        }
        Answer::Denied => ("refused to everybody".to_owned(), CheckOutcome::Failed, "bind test"),
        _ if in_way(proof.after) => ("in use".to_owned(), CheckOutcome::Failed, "socket table"),
        Answer::NotAsked | Answer::Unclear | Answer::NotLocal | Answer::Exhausted => {
            ("no socket in the way, but the bind test could not tell".to_owned(), CheckOutcome::CouldNotCheck, "bind test")
        }
    }
}
