//! Are the connections gone that were closed, and have the processes let go that were ended?

use super::{Check, Operation, Proof, passed, row};
use crate::diagnosis::holder_name;
use crate::machine::{Protocol, SocketState, System, visible};

pub(super) fn checks(proof: &Proof<'_>) -> Vec<Check> {
    let mut checks: Vec<Check> = connections(proof).into_iter().collect();
    checks.extend(proof.operations().filter_map(|operation| process(proof, operation)));
    checks
}

/// All closed connections in one row: a table with thirty rows would hide the rest.
fn connections(proof: &Proof<'_>) -> Option<Check> {
    let closed: Vec<_> = proof
        .operations()
        .filter_map(|operation| match operation {
            Operation::CloseConnection { protocol, local, remote, cookie } => Some((*protocol, *local, *remote, *cookie)),
            _ => None,
        })
        .collect();
    let (_, local, remote, _) = *closed.first()?;
    let there = |(protocol, local, remote, cookie): &(Protocol, _, _, Option<u64>)| {
        proof.after.sockets.iter().any(|socket| {
            // A new connection between the same ends is another one.
            let same = cookie.is_none() || socket.cookie.is_none() || socket.cookie == *cookie;
            let is_connection = socket.state != SocketState::Bound;
            socket.protocol == *protocol && socket.local == *local && socket.remote == Some(*remote) && same && is_connection
        })
    };
    let left = closed.iter().filter(|connection| there(connection)).count();
    let owner = proof.diagnosis.owners.iter().find(|owner| owner.local == local && owner.remote == Some(remote));
    let whose = owner.filter(|owner| owner.pid.is_some()).map(|owner| format!(" of {}", holder_name(proof.before, owner)));
    let what = if closed.len() == 1 { "Connection" } else { "Connections" };
    let before = if closed.len() == 1 { format!("{local} to {remote}") } else { format!("{} on the port", closed.len()) };
    let now = if left == 0 { "closed".to_owned() } else { format!("{left} still there") };
    Some(row(format!("{what}{}", whose.unwrap_or_default()), before, now, passed(left == 0), "socket table"))
}

fn process(proof: &Proof<'_>, operation: &Operation) -> Option<Check> {
    let Operation::EndProcess { process, name } = operation else { return None };
    let port = proof.diagnosis.port?;
    let has = proof.after.sockets_on(port, proof.protocol()).any(|socket| socket.pids.contains(&process.pid));
    let alive = proof.after.processes.get(&process.pid).is_some_and(|now| now.id == *process);
    let now = match (alive, has) {
        (true, true) => "still has the port",
        (true, false) => "runs on, without the port",
        (false, _) => "gone",
    };
    let what = format!("{} (PID {})", visible(name), process.pid);
    let source = if proof.after.host.system == System::Linux { "/proc" } else { "process table" };
    Some(row(what, "had the port".to_owned(), now.to_owned(), passed(!(alive && has)), source))
}
