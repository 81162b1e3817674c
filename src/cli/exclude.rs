//! `portmedic exclude PORT[-PORT]`: keeps ports from being handed to clients, now and after a restart.

use std::ops::ControlFlow;

use clap::Args;

use super::consent::{Consent, carry_out, tell_outcome};
use super::{CliError, Context, Exit};
use crate::app::change::{AskedChange, exclusion};
use crate::machine::{PortRange, Protocol};
use crate::remedy::{Outcome, RefusalKind};

/// Keeps ports from being handed to clients, in the running system and after a restart.
///
/// A service can still ask for an excluded port. Ports beside those asked for stay as they are, whoever excluded them.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The ports: 1433, 8080-8090, 53/udp
    #[arg(allow_hyphen_values = true, value_name = "PORT[-PORT][/udp]")]
    ports: String,
    /// Let the ports be handed out again
    #[arg(long)]
    remove: bool,
    #[command(flatten)]
    consent: Consent,
}

/// Runs the command.
///
/// # Errors
/// Where the ports are none, the computer does not allow it, or it could not be looked at.
pub fn run(arguments: &Arguments, context: &mut Context) -> Result<Exit, CliError> {
    let (range, protocol) = parse_ports(&arguments.ports)?;
    let operation = exclusion(range, protocol, arguments.remove);
    context.progress("Looking at the port ranges");
    let mut change = AskedChange::prepare(&*context.platform, &arguments.ports, operation)?;
    settle(&mut change, &arguments.consent, context)
}

/// Asks for a change, makes it and proves it.
///
/// # Errors
/// Where nothing was begun for a reason that is not the user's will.
pub(super) fn settle(change: &mut AskedChange, consent: &Consent, context: &mut Context) -> Result<Exit, CliError> {
    if change.is_reached() {
        change.case.outcome = Some(Outcome::Fixed);
        change.case.message = Some("It is as you ask already. Nothing was changed".to_owned());
        return tell_outcome(&change.case, context);
    }
    if let Some(refusal) = change.refusal.as_ref().filter(|refusal| refusal.kind == RefusalKind::NotPossible) {
        return Err(CliError::Other(refusal.sentence()));
    }
    match carry_out(&mut change.case, 0, consent, context)? {
        ControlFlow::Break(exit) => Ok(exit),
        ControlFlow::Continue(()) => {
            context.progress("Checking");
            change.prove(&*context.platform);
            tell_outcome(&change.case, context)
        }
    }
}

/// Reads `8080-8090/udp`.
pub(super) fn parse_ports(text: &str) -> Result<(PortRange, Option<Protocol>), CliError> {
    PortRange::parse_with_protocol(text).map_err(|error| CliError::Other(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::parse_ports;
    use crate::machine::Protocol;

    #[test]
    fn reads_ports_and_protocols() {
        let read = |text| parse_ports(text).map(|(range, protocol)| (range.to_string(), protocol)).unwrap();
        assert_eq!(read("1433"), ("1433".to_owned(), None));
        assert_eq!(read("8080-8090/udp"), ("8080-8090".to_owned(), Some(Protocol::Udp)));
        assert_eq!(read("53/TCP"), ("53".to_owned(), Some(Protocol::Tcp)));
    }

    #[test]
    fn refuses_what_is_no_port() {
        for text in ["", "0", "70000", "-5", "9-8", "1433/sctp", "a", "1433,1434", "1-2-3", " 1433"] {
            assert!(parse_ports(text).is_err(), "{text:?}");
        }
    }
}
