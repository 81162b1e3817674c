//! `portmedic range START-END`: sets the dynamic range, now and after a restart.

use clap::{Args, ValueEnum};

use super::consent::Consent;
use super::exclude::{parse_ports, settle};
use super::{CliError, Context, Exit};
use crate::app::change::AskedChange;
use crate::machine::{self, visible};
use crate::remedy::{Operation, Stores};

/// Sets the dynamic port range: the ports that are handed to clients, in the running system and after a restart.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The first and the last port: 32768-60999
    #[arg(allow_hyphen_values = true, value_name = "START-END[/udp]")]
    range: String,
    /// Only for this family, where the system has a range for each (Windows)
    #[arg(long)]
    family: Option<Family>,
    #[command(flatten)]
    consent: Consent,
}

/// A family of addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Family {
    Ipv4,
    Ipv6,
}

/// Runs the command.
///
/// # Errors
/// Where the range is none, the computer does not allow it, or it could not be looked at.
pub fn run(arguments: &Arguments, context: &mut Context) -> Result<Exit, CliError> {
    let (range, protocol) = parse_ports(&arguments.range)?;
    if range.count() == 1 {
        return Err(CliError::Other(format!(
            "a dynamic range has a first and a last port, like 32768-60999; this is \"{}\"",
            visible(&arguments.range)
        )));
    }
    let family = arguments.family.map(|family| match family {
        Family::Ipv4 => machine::Family::Ipv4,
        Family::Ipv6 => machine::Family::Ipv6,
    });
    let operation = Operation::SetDynamicRange { range, protocol, family, stores: Stores::Both };
    context.progress("Looking at the port ranges");
    let mut change = AskedChange::prepare(&*context.platform, &arguments.range, operation)?;
    settle(&mut change, &arguments.consent, context)
}
