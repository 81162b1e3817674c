//! `portmedic practice`: the practice machines. With a name the window opens on one.

use clap::Args;
use serde::Serialize;

use super::{CliError, Context, Exit, Table};
use crate::machine::System;
use crate::platform::practice::Machine;

/// Computers that are made up, to practise on: nothing real is looked at or changed.
#[derive(Debug, Args)]
#[command(
    after_help = "Every other command takes a practice machine as well, for example `portmedic fix --practice postgresql-client`; \
                        `diagnose` and `fix` check what its story is about where no target is named. A practice machine begins anew with every command: `fix` shows the whole way, from the finding to the \
                        proof, and in the window the way back, too."
)]
pub struct Arguments {
    /// The machine to open the window on: a name from the list, or the path of a .toml file
    #[arg(value_name = "NAME|FILE")]
    pub(super) machine: Option<String>,
}

/// The answer as `portmedic.practice/1`.
#[derive(Debug, Serialize)]
struct Answer<'a> {
    schema: &'static str,
    machines: Vec<Row<'a>>,
}

#[derive(Debug, Serialize)]
struct Row<'a> {
    name: &'a str,
    system: System,
    title: &'a str,
    /// What to check on it.
    target: &'a str,
}

/// Lists the machines.
///
/// # Errors
/// Where one of them is not right, or standard output cannot be written.
pub fn list(context: &mut Context) -> Result<Exit, CliError> {
    let machines = Machine::all()?;
    if context.json {
        context.write_json(&Answer { schema: "portmedic.practice/1", machines: machines.iter().map(row).collect() })?;
        return Ok(Exit::Clean);
    }
    let mut table = Table::new(&["NAME", "SYSTEM", "CHECK", "WHAT HAPPENED"]);
    for machine in &machines {
        let system = match machine.system() {
            System::Linux => "Linux",
            System::Windows => "Windows",
        };
        let target = &machine.lesson.target;
        // As it is typed: a shell takes words that are apart for several targets.
        let typed = if target.contains(char::is_whitespace) { format!("\"{target}\"") } else { target.clone() };
        table.row([machine.name.clone(), system.to_owned(), typed, machine.title.clone()]);
    }
    table.write(&mut context.out)?;
    writeln!(context.out, "\nIn the window: portmedic practice NAME. As a command: portmedic fix --practice NAME.")?;
    Ok(Exit::Clean)
}

fn row(machine: &Machine) -> Row<'_> {
    Row { name: &machine.name, system: machine.system(), title: &machine.title, target: &machine.lesson.target }
}
