//! `portmedic ports`: the whole socket table with who has each socket.

mod json;
mod lines;
mod states;

use self::states::{States, parse_states};
use super::{CliError, Context, Exit, case_text, not_shown};
use crate::machine::{Protocol, Socket, Table, visible};

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

impl Arguments {
    /// Whether this socket is asked for.
    fn shows(&self, socket: &Socket) -> bool {
        (self.state.is_empty() || self.state.iter().any(|states| states.0.contains(&socket.state)))
            && self.pid.is_none_or(|pid| socket.pids.contains(&pid))
    }
}

/// Runs the command.
///
/// # Errors
/// Where the computer could not be looked at.
pub fn run(arguments: &Arguments, context: &mut Context) -> Result<Exit, CliError> {
    let mut table = context.platform.socket_table()?;
    // A table of TCP alone is what most people save and mean; no table at all is no answer.
    let hidden = not_shown::gaps(&table.look, &Protocol::ALL, |protocol| format!("the {protocol} sockets"));
    let nothing_shown = hidden.len() == Protocol::ALL.len();
    if !table.look.shows(Table::TcpSockets) {
        table.look.gaps.extend(hidden);
    }
    let exit = if nothing_shown { Exit::CouldNot } else { Exit::Clean };
    if context.json {
        context.write_json(&json::Answer::new(&table, arguments))?;
        return Ok(exit);
    }
    if !lines::write(&table, arguments, &mut context.out)? {
        let none =
            if nothing_shown { "These files do not show the sockets of that computer." } else { "No such socket was found." };
        writeln!(context.out, "{none}")?;
    }
    case_text::gaps(&table.look.gaps, &mut context.out)?;
    Ok(exit)
}

/// Reads the number of a process.
fn parse_pid(text: &str) -> Result<u32, String> {
    let number = text.parse().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()));
    number.ok_or_else(|| {
        format!("\"{}\" is no number of a process; give its PID in digits, `portmedic ports` shows it in brackets", visible(text))
    })
}
