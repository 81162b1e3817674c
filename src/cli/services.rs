//! `portmedic services`: the services with their state, their ports and where each port is known from.

use serde::Serialize;

use super::{CliError, Context, Exit, Table, case_text};
use crate::machine::{Gap, KnownFrom, Service, ServicePort, visible};
use crate::platform::{OwnerSearch, Scope, ServiceScope, SocketScope};

/// The services of this computer, those that fail first.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Exit codes: 0 no service fails; 1 a service fails; 2 no service manager runs here, so nobody knows the services."
)]
pub struct Arguments {
    /// Only services that failed or fail again and again
    #[arg(long)]
    failing: bool,
}

/// The answer as `portmedic.services/1`.
#[derive(Debug, Serialize)]
struct Answer<'a> {
    schema: &'static str,
    services: Vec<&'a Service>,
    gaps: &'a [Gap],
}

/// Runs the command.
///
/// # Errors
/// Where the computer could not be looked at.
pub fn run(arguments: &Arguments, context: &mut Context) -> Result<Exit, CliError> {
    context.progress("Looking at the services and their logs");
    let services = if arguments.failing { ServiceScope::Failing } else { ServiceScope::All };
    // The sockets tell what running services listen on; their control groups suffice for that.
    let scope = Scope { services, sockets: SocketScope::All, owners: OwnerSearch::None, ..Scope::default() };
    let snapshot = context.platform.observe(&scope)?;
    let mut services: Vec<&Service> =
        snapshot.services.iter().filter(|service| service.is_failing() || !arguments.failing).collect();
    services.sort_by_key(|service| (!service.is_failing(), &service.name));
    let exit = if services.iter().any(|service| service.is_failing()) {
        Exit::Problem
    } else if snapshot.host.service_manager {
        Exit::Clean
    } else {
        Exit::CouldNot
    };
    if context.json {
        context.write_json(&Answer { schema: "portmedic.services/1", services, gaps: &snapshot.gaps })?;
        return Ok(exit);
    }
    write(&services, snapshot.host.service_manager, context)?;
    case_text::gaps(&snapshot.gaps, &mut context.out)?;
    Ok(exit)
}

/// The services that matter here, then why those that fail do.
fn write(services: &[&Service], service_manager: bool, context: &mut Context) -> Result<(), CliError> {
    let (shown, others): (Vec<&Service>, Vec<&Service>) =
        services.iter().partition(|service| service.is_failing() || !service.ports.is_empty());
    if !shown.is_empty() {
        table(&shown).write(&mut context.out)?;
    }
    for service in shown.iter().filter(|service| service.is_failing()) {
        let Some(failure) = &service.failure else { continue };
        writeln!(context.out, "\n{} does not run:\n  {}", visible(&service.name), visible(&failure.message))?;
        writeln!(context.out, "  More: portmedic diagnose {}", visible(&service.name))?;
    }
    if service_manager && shown.iter().all(|service| !service.is_failing()) {
        let none = if context.is_captured() { "No file tells of a service that fails." } else { "No service fails." };
        writeln!(context.out, "{}{none}", if shown.is_empty() { "" } else { "\n" })?;
    }
    if !service_manager {
        writeln!(context.out, "The services could not be listed, because no service manager runs here.")?;
    }
    if !others.is_empty() {
        writeln!(context.out, "{} more have no known port; --json lists them, too.", others.len())?;
    }
    Ok(())
}

/// One line a port; the name stands in the first.
fn table(services: &[&Service]) -> Table {
    let mut table = Table::new(&["SERVICE", "PRODUCT", "STATE", "PORT", "KNOWN FROM"]);
    for service in services {
        let user = if service.user_manager { " (user)" } else { "" };
        let product = service.product.clone().unwrap_or_else(|| "-".to_owned());
        let mut first = [format!("{}{user}", service.name), product, service.state.as_str().to_owned()];
        let mut ports = ports(&service.ports);
        if ports.is_empty() {
            ports.push(["-".to_owned(), "-".to_owned()]);
        }
        for port in ports {
            table.row(std::mem::take(&mut first).into_iter().chain(port));
        }
    }
    table
}

/// Each port once with all its addresses, and where it is known from.
fn ports(ports: &[ServicePort]) -> Vec<[String; 2]> {
    let mut groups: Vec<(&ServicePort, Vec<String>)> = Vec::new();
    for port in ports {
        let address = port.address.map(|address| address.to_string());
        match groups.iter_mut().find(|(first, _)| (first.port, first.protocol) == (port.port, port.protocol)) {
            Some((_, addresses)) => addresses.extend(address),
            None => groups.push((port, address.into_iter().collect())),
        }
    }
    let line = |(port, addresses): (&ServicePort, Vec<String>)| {
        let number = format!("{}/{}", port.port, port.protocol.as_str());
        let place = if addresses.is_empty() { number } else { format!("{number} on {}", addresses.join(", ")) };
        let origin = match port.known_from {
            KnownFrom::SocketUnit | KnownFrom::Configuration | KnownFrom::CommandLine => {
                format!("{} ({})", port.known_from.as_str(), port.source)
            }
            // The line of the log stands below the table, and the rest has no place to look at.
            KnownFrom::Log | KnownFrom::Socket | KnownFrom::Catalogue | KnownFrom::User => port.known_from.as_str().to_owned(),
        };
        [place, origin]
    };
    groups.into_iter().map(line).collect()
}
