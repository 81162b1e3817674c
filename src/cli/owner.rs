//! `portmedic owner PORT`: who has the port. The fast question: nothing is read that the answer does not need.

use std::io::{self, Write};

use serde::Serialize;

use super::{CliError, Context, Exit, case_text, not_shown};
use crate::diagnosis::{Owner, OwnerKind, Target, TargetError, owners_of};
use crate::machine::{Gap, Port, Protocol, Snapshot, Socket, Table, visible};
use crate::platform::{OwnerSearch, Scope, ServiceScope, SocketScope};

/// Who has a port, to the end: process, service or unit, container.
///
/// It is no problem that a port is held, nor that it is free: the exit code is 0 for both, and 3 where only an administrator may see who
/// has it.
#[derive(Debug, clap::Args)]
#[command(after_help = "Exit codes: 0 whether somebody has the port or nobody; 2 no port, or files that do not show it; \
                  3 only an administrator may see who has it.")]
pub struct Arguments {
    /// The port: 1433, or 53/udp; without a protocol both are looked at
    #[arg(allow_negative_numbers = true)]
    port: String,
    /// Search every process for more holders of the same socket, and not only its control group
    #[arg(long)]
    all: bool,
}

/// The answer as `portmedic.owner/1`.
#[derive(Debug, Serialize)]
struct Answer<'a> {
    schema: &'static str,
    port: Port,
    /// The protocol that was named; `null` where both were looked at.
    protocol: Option<Protocol>,
    owners: Vec<Owner>,
    /// Sockets on the port in other network namespaces, which do not block it here.
    elsewhere: &'a [Socket],
    searched: &'static str,
    gaps: &'a [Gap],
}

/// Runs the command.
///
/// # Errors
/// Where the port is none, or the computer could not be looked at.
pub fn run(arguments: &Arguments, context: &mut Context) -> Result<Exit, CliError> {
    let Target::Port { port, protocol } = Target::parse(&arguments.port)? else {
        return Err(TargetError::NotAPort(arguments.port.clone()).into());
    };
    let owners = if arguments.all { OwnerSearch::All } else { OwnerSearch::ControlGroup };
    let mut snapshot =
        context.platform.observe(&Scope { sockets: SocketScope::Port { port, protocol }, owners, ..Scope::default() })?;
    let mut owners = owners_of(&snapshot, port, protocol);
    if owners.iter().any(|owner| owner.kind == OwnerKind::SocketUnit && owner.service.is_none()) {
        // The service manager holds the port for one of its socket units; only it can tell for which.
        let units = context.platform.observe(&Scope { services: ServiceScope::SocketUnits, ..Scope::default() })?;
        snapshot.services = units.services;
        snapshot.gaps.extend(units.gaps);
        owners = owners_of(&snapshot, port, protocol);
    }
    let asked = Protocol::meant_by(protocol);
    let shown: Vec<Protocol> = asked.iter().copied().filter(|own| snapshot.shows(Table::sockets(*own))).collect();
    // TCP is what is meant most where none is named.
    let could_not = owners.is_empty() && !shown.contains(&asked[0]);
    snapshot.gaps.extend(not_shown::gaps(&snapshot, &asked, |protocol| format!("who has {protocol} port {port}")));
    let exit = if could_not { Exit::CouldNot } else { exit_of(&owners, snapshot.host.elevated) };
    let answer = Answer {
        schema: "portmedic.owner/1",
        port,
        protocol,
        owners,
        elsewhere: &snapshot.sockets_elsewhere,
        searched: if snapshot.searched_everywhere { "all" } else { "cgroup" },
        gaps: &snapshot.gaps,
    };
    if context.json {
        context.write_json(&answer)?;
    } else {
        write(&answer, &snapshot, &shown, &mut context.out)?;
    }
    Ok(exit)
}

/// A port that is held is answered as well as one that is free; what only an administrator may see is not.
fn exit_of(owners: &[Owner], elevated: bool) -> Exit {
    let unknown = owners.iter().any(|owner| owner.kind == OwnerKind::Unknown);
    if unknown && !elevated { Exit::Declined } else { Exit::Clean }
}

/// The answer for people, about the protocols whose sockets are `shown`.
fn write(answer: &Answer<'_>, snapshot: &Snapshot, shown: &[Protocol], out: &mut dyn Write) -> io::Result<()> {
    let only = if let [only] = shown { Some(*only) } else { None };
    let port = match answer.protocol.or(only) {
        Some(protocol) => format!("{protocol} port {}", answer.port),
        None => format!("port {}", answer.port),
    };
    if answer.owners.is_empty() && shown.is_empty() {
        writeln!(out, "These files do not show whether anybody has {port}.")?;
    } else if answer.owners.is_empty() {
        writeln!(out, "Nobody has {port}.")?;
    } else {
        case_text::owners(&answer.owners, out)?;
    }
    if !snapshot.searched_everywhere {
        writeln!(out, "\nOnly the control group of each socket was searched; --all searches every process for more holders.")?;
    }
    if !answer.elsewhere.is_empty() {
        writeln!(out, "\nIn other network namespaces, where it does not block the port here")?;
        for socket in answer.elsewhere {
            writeln!(out, "  - {} {} {}, {}", socket.protocol, socket.local, socket.state, holders(snapshot, socket))?;
        }
    }
    case_text::gaps(answer.gaps, out)
}

/// The processes of a socket, by name and number.
fn holders(snapshot: &Snapshot, socket: &Socket) -> String {
    let name = |pid: &u32| match snapshot.processes.get(pid) {
        Some(process) => match &process.container {
            Some(container) => visible(&format!("{} ({pid}) in {} container {}", process.name, container.runtime, container.id)),
            None => format!("{} ({pid})", visible(&process.name)),
        },
        None => pid.to_string(),
    };
    let names: Vec<String> = socket.pids.iter().map(name).collect();
    if names.is_empty() { "held by nobody who can be seen".to_owned() } else { names.join(", ") }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::{Answer, exit_of, write};
    use crate::cli::Exit;
    use crate::diagnosis::owners_of;
    use crate::machine::{Host, Protocol, Snapshot, Socket, SocketState, System};

    fn snapshot(sockets: Vec<Socket>, elsewhere: Vec<Socket>) -> Snapshot {
        let host = Host { name: "lab".to_owned(), user: "alice".to_owned(), ..Host::of(System::Linux) };
        let looked = Snapshot::new(Timestamp::UNIX_EPOCH, host);
        Snapshot { sockets, sockets_elsewhere: elsewhere, searched_everywhere: true, ..looked }
    }

    fn listener(cgroup: Option<&str>) -> Socket {
        Socket {
            inode: Some(7),
            uid: Some(0),
            cgroup: cgroup.map(Into::into),
            ..Socket::bare(Protocol::Tcp, "0.0.0.0:1433".parse().unwrap(), SocketState::Listen)
        }
    }

    fn text(snapshot: &Snapshot, protocol: Option<Protocol>) -> String {
        let owners = owners_of(snapshot, 1433, protocol);
        let elsewhere = &snapshot.sockets_elsewhere;
        let answer = Answer { schema: "", port: 1433, protocol, owners, elsewhere, searched: "all", gaps: &snapshot.gaps };
        let mut out = Vec::new();
        write(&answer, snapshot, &Protocol::ALL, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_free_port_is_an_answer() {
        let free = snapshot(Vec::new(), Vec::new());
        assert_eq!(text(&free, None), "Nobody has port 1433.\n");
        assert_eq!(text(&free, Some(Protocol::Udp)), "Nobody has UDP port 1433.\n");
        assert_eq!(exit_of(&[], false), Exit::Clean);
    }

    #[test]
    fn a_holder_in_another_namespace_does_not_have_the_port_here() {
        let text = text(&snapshot(Vec::new(), vec![listener(None)]), None);
        assert!(text.starts_with("Nobody has port 1433.") && text.contains("does not block the port here"), "{text}");
    }

    #[test]
    fn a_unit_is_an_answer_even_where_its_process_may_not_be_seen() {
        let unit = snapshot(vec![listener(Some("/system.slice/db.service"))], Vec::new());
        assert!(text(&unit, None).contains("db.service"));
        assert_eq!(exit_of(&owners_of(&unit, 1433, None), false), Exit::Clean);
    }

    #[test]
    fn a_holder_that_only_an_administrator_may_see_is_a_missing_right() {
        let hidden = owners_of(&snapshot(vec![listener(None)], Vec::new()), 1433, None);
        assert_eq!(exit_of(&hidden, false), Exit::Declined);
        assert_eq!(exit_of(&hidden, true), Exit::Clean);
    }
}
