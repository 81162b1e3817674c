//! `portmedic ports`: the whole socket table with who has each socket.

use std::collections::BTreeSet;

use serde::Serialize;

use super::{CliError, Context, Exit, Table, case_text};
use crate::app::ports;
use crate::machine::{Container, Gap, Snapshot, Socket, SocketState, unit_of, visible};
use crate::platform::{Scope, SocketScope};

/// The whole socket table: TCP and UDP, every state, also sockets that are only bound.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Only sockets in this state, as the Ports page, `ss` or `netstat` call it: listen, connected, resting, time-wait; may be given more than once
    #[arg(long, value_name = "STATE", value_parser = parse_states)]
    state: Vec<States>,
    /// Only the sockets of this process
    #[arg(long, value_name = "PID", value_parser = parse_pid, allow_hyphen_values = true)]
    pid: Option<u32>,
}

/// The answer as `portmedic.ports/1`.
#[derive(Debug, Serialize)]
struct Answer<'a> {
    schema: &'static str,
    sockets: Vec<Row<'a>>,
    gaps: &'a [Gap],
}

/// A socket and who has it.
#[derive(Debug, Serialize)]
struct Row<'a> {
    #[serde(flatten)]
    socket: &'a Socket,
    owners: Vec<Holder<'a>>,
}

/// One process that has a socket, or what the socket's control group tells where no process was seen.
#[derive(Debug, Serialize)]
struct Holder<'a> {
    pid: Option<u32>,
    process: Option<&'a str>,
    exe: Option<&'a str>,
    user: Option<&'a str>,
    service: Option<&'a str>,
    container: Option<&'a Container>,
}

/// Runs the command.
///
/// # Errors
/// Where the computer could not be looked at.
pub fn run(arguments: &Arguments, context: &mut Context) -> Result<Exit, CliError> {
    let snapshot = context.platform.observe(&Scope { sockets: SocketScope::All, ..Scope::default() })?;
    let in_state =
        |socket: &Socket| arguments.state.is_empty() || arguments.state.iter().any(|states| states.0.contains(&socket.state));
    let of_process = |socket: &Socket| arguments.pid.is_none_or(|pid| socket.pids.contains(&pid));
    let sockets = snapshot.sockets.iter().filter(|socket| in_state(socket) && of_process(socket));
    let sockets: Vec<Row<'_>> = sockets.map(|socket| Row { socket, owners: holders(&snapshot, socket) }).collect();
    if context.json {
        context.write_json(&Answer { schema: "portmedic.ports/1", sockets, gaps: &snapshot.gaps })?;
        return Ok(Exit::Clean);
    }
    if sockets.is_empty() {
        writeln!(context.out, "No such socket was found.")?;
    } else {
        table(&sockets, &snapshot).write(&mut context.out)?;
    }
    case_text::gaps(&snapshot.gaps, &mut context.out)?;
    Ok(Exit::Clean)
}

fn holders<'a>(snapshot: &'a Snapshot, socket: &'a Socket) -> Vec<Holder<'a>> {
    if socket.pids.is_empty() {
        let service = socket.cgroup.as_deref().and_then(unit_of).map(|unit| unit.name);
        let nobody = Holder { pid: None, process: None, exe: None, user: None, service, container: None };
        return if service.is_some() { vec![nobody] } else { Vec::new() };
    }
    let holder = |pid: &u32| {
        let process = snapshot.processes.get(pid);
        Holder {
            pid: Some(*pid),
            process: process.map(|process| process.name.as_str()),
            exe: process.and_then(|process| process.exe.as_deref()),
            user: process.and_then(|process| process.user.as_deref()),
            service: process.and_then(|process| process.service.as_deref()),
            container: process.and_then(|process| process.container.as_ref()),
        }
    };
    socket.pids.iter().map(holder).collect()
}

/// One line a socket, in the words of the Ports page; who shares it stands in the same line.
fn table(rows: &[Row<'_>], snapshot: &Snapshot) -> Table {
    let mut table = Table::new(&["PROTO", "LOCAL", "REMOTE", "STATE", "PROGRAM", "USER", "SERVICE"]);
    for Row { socket, owners } in rows {
        let each = |text: &dyn Fn(&Holder<'_>) -> Option<String>| {
            let mut texts: Vec<String> = owners.iter().filter_map(text).collect();
            texts.dedup();
            if texts.is_empty() { "-".to_owned() } else { texts.join(", ") }
        };
        table.row([
            ports::kind(socket.protocol, socket.family()).to_owned(),
            socket.local.to_string(),
            socket.remote.map_or_else(|| "-".to_owned(), |remote| remote.to_string()),
            socket.state.in_words().to_owned(),
            if socket.pids.is_empty() {
                ports::Holder::of(snapshot, socket).program_in_words(!socket.state.is_connected())
            } else {
                each(&|holder| Some(format!("{} ({})", holder.process.unwrap_or("-"), holder.pid?)))
            },
            each(&|holder| holder.user.map(str::to_owned)),
            each(&|holder| {
                holder
                    .container
                    .map(|container| format!("{} container {}", container.runtime, container.id))
                    .or_else(|| holder.service.map(str::to_owned))
            }),
        ]);
    }
    table
}

/// The states that one word means: `fin-wait` means two.
#[derive(Debug, Clone, PartialEq, Eq)]
struct States(Vec<SocketState>);

/// Reads a state as the Ports page, our JSON, `ss` or `netstat` write it; the beginning of the word is enough.
fn parse_states(text: &str) -> Result<States, String> {
    let letters =
        |text: &str| text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect::<String>();
    let wanted = match letters(text).as_str() {
        "SYNRECV" | "SYNRCVD" => "SYNRECEIVED".to_owned(),
        other => other.to_owned(),
    };
    let is_meant = |state: &SocketState| [state.as_str(), state.in_words()].iter().any(|word| letters(word).starts_with(&wanted));
    let states: Vec<_> = SocketState::ALL.into_iter().filter(is_meant).collect();
    if wanted.is_empty() || states.is_empty() {
        let plain: BTreeSet<_> = SocketState::ALL.iter().map(|state| state.in_words().to_lowercase()).collect();
        let names: Vec<_> = SocketState::ALL.iter().map(|state| state.as_str().to_lowercase().replace('_', "-")).collect();
        let plain: Vec<_> = plain.into_iter().collect();
        return Err(format!(
            "\"{}\" is no state of a socket; the states are {}, or as `ss` calls them {}",
            visible(text),
            plain.join(", "),
            names.join(", ")
        ));
    }
    Ok(States(states))
}

/// Reads the number of a process.
fn parse_pid(text: &str) -> Result<u32, String> {
    let number = text.parse().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()));
    number.ok_or_else(|| {
        format!("\"{}\" is no number of a process; give its PID in digits, `portmedic ports` shows it in brackets", visible(text))
    })
}

#[cfg(test)]
mod tests {
    use super::{States, parse_states};
    use crate::machine::SocketState;

    #[test]
    fn a_state_is_known_by_the_names_that_other_tools_give_it() {
        let cases = [
            ("listen", SocketState::Listen),
            ("LISTENING", SocketState::Listen),
            ("ESTAB", SocketState::Established),
            ("time-wait", SocketState::TimeWait),
            ("TIME_WAIT", SocketState::TimeWait),
            ("SYN-RECV", SocketState::SynReceived),
            ("UNCONN", SocketState::Unconnected),
            ("fin_wait_2", SocketState::FinWait2),
            ("bound", SocketState::Bound),
            ("Half closed", SocketState::CloseWait),
            ("connected", SocketState::Established),
        ];
        for (text, state) in cases {
            assert_eq!(parse_states(text), Ok(States(vec![state])), "{text}");
        }
        assert_eq!(parse_states("fin-wait"), Ok(States(vec![SocketState::FinWait1, SocketState::FinWait2])));
    }

    #[test]
    fn another_word_is_refused_with_the_words_that_are_known() {
        for text in ["", "-", "open", "listening on"] {
            let told = parse_states(text).unwrap_err();
            assert!(told.contains("connected") && told.contains("time-wait"), "{told}");
        }
    }
}
