//! Brings together what tells of the ports of a service, the most trusted place first.

use super::arguments::{self, Argument};
use super::config::Setting;
use crate::catalog::Product;
use crate::machine::{FailureKind, KnownFrom, Protocol, ServicePort, StartFailure};

/// What tells of the ports of one service.
#[derive(Debug, Default)]
pub struct Told<'a> {
    /// Its product, where it is known.
    pub product: Option<&'static Product>,
    /// Why it does not run.
    pub failure: Option<&'a StartFailure>,
    /// What its system's own settings tell: socket units, the registry.
    pub system: Vec<ServicePort>,
    /// What the configuration of its product says; `None` where there is none to read.
    pub settings: Option<Vec<Setting>>,
    /// What else is set for it alone, such as variables.
    pub own: Vec<ServicePort>,
    /// Its command line.
    pub command: &'a [String],
}

/// The ports that it wants, the best known first.
pub fn of(told: Told<'_>) -> Vec<ServicePort> {
    let Told { product, failure, system, settings, own, command } = told;
    let mut ports: Vec<ServicePort> = failure.into_iter().filter_map(from_log).collect();
    ports.extend(system);
    let said = settings.iter().flatten().filter(|setting| setting.line.is_some());
    ports.extend(said.map(|setting| port(setting, KnownFrom::Configuration, place(setting))));
    ports.extend(own);
    let protocol = product.and_then(Product::only_protocol).unwrap_or(Protocol::Tcp);
    let (guesses, clear): (Vec<Argument>, Vec<Argument>) =
        arguments::ports(command).into_iter().partition(|argument| argument.guessed);
    let from_argument = |argument: Argument| ServicePort {
        port: argument.port,
        protocol: argument.protocol.unwrap_or(protocol),
        address: argument.address,
        known_from: KnownFrom::CommandLine,
        source: argument.text,
    };
    let told_by_argument = !clear.is_empty();
    ports.extend(clear.into_iter().map(from_argument));
    if !told_by_argument {
        ports.extend(usual(product, settings.as_deref()));
    }
    ports.extend(guesses.into_iter().filter(|guess| believable(guess, failure)).map(from_argument));
    merge(ports, failure)
}

/// The usual ports of its product, where nothing better is known.
fn usual(product: Option<&Product>, settings: Option<&[Setting]>) -> Vec<ServicePort> {
    let Some(product) = product else { return Vec::new() };
    if let Some(settings) = settings {
        let silent = settings.iter().filter(|setting| setting.line.is_none());
        let source = |setting: &Setting| format!("usual for {}; {} names no other", product.name, setting.file);
        return silent.map(|setting| port(setting, KnownFrom::Catalogue, source(setting))).collect();
    }
    let usual = product.ports.iter().map(|usual| ServicePort {
        port: usual.port,
        protocol: usual.protocol,
        address: None,
        known_from: KnownFrom::Catalogue,
        source: format!("usual for {} ({}), see {}", product.name, usual.purpose, product.source),
    });
    usual.collect()
}

fn port(setting: &Setting, known_from: KnownFrom, source: String) -> ServicePort {
    ServicePort { port: setting.port, protocol: setting.protocol, address: setting.address, known_from, source }
}

fn place(setting: &Setting) -> String {
    match setting.line {
        Some(line) => format!("{}:{line}", setting.file),
        None => setting.file.clone(),
    }
}

/// Whether a bare number may be a port: small ones count something else unless a port was denied, and none is where another reason is known.
fn believable(guess: &Argument, failure: Option<&StartFailure>) -> bool {
    match failure.map(|failure| failure.kind) {
        Some(FailureKind::NotAPort) => false,
        Some(FailureKind::InUse | FailureKind::Forbidden | FailureKind::Privileged | FailureKind::NotLocal) => true,
        Some(FailureKind::Refused | FailureKind::Exhausted | FailureKind::Unknown) | None => guess.port >= 1024,
    }
}

/// The port that the line of the failure names, where it is the service's own and not one that it wanted to reach.
fn from_log(failure: &StartFailure) -> Option<ServicePort> {
    let own = matches!(
        failure.kind,
        FailureKind::InUse | FailureKind::Forbidden | FailureKind::Privileged | FailureKind::NotLocal | FailureKind::Unknown
    );
    let port = failure.port.filter(|_| own)?;
    Some(ServicePort {
        port,
        protocol: failure.protocol.unwrap_or(Protocol::Tcp),
        address: failure.address,
        known_from: KnownFrom::Log,
        source: failure.message.clone(),
    })
}

/// One entry a port, protocol and address, the most trusted one. Expects the most trusted first.
pub fn merge(ports: Vec<ServicePort>, failure: Option<&StartFailure>) -> Vec<ServicePort> {
    let mut merged: Vec<ServicePort> = Vec::new();
    for port in with_protocols(ports, failure) {
        let same = merged.iter_mut().find(|own| {
            let address = own.address.is_none() || port.address.is_none() || own.address == port.address;
            own.port == port.port && own.protocol == port.protocol && address
        });
        match same {
            // A log line may leave the address out; elsewhere no address means every address.
            Some(known) if known.known_from == KnownFrom::Log => known.address = known.address.or(port.address),
            Some(_) => {}
            None => merged.push(port),
        }
    }
    merged
}

/// A log line that names no protocol means those that the port has elsewhere: DNS has both.
fn with_protocols(mut ports: Vec<ServicePort>, failure: Option<&StartFailure>) -> Vec<ServicePort> {
    if failure.is_none_or(|failure| failure.protocol.is_some())
        || ports.first().is_none_or(|first| first.known_from != KnownFrom::Log)
    {
        return ports;
    }
    let logged = ports.remove(0);
    let mut protocols: Vec<Protocol> =
        ports.iter().filter(|other| other.port == logged.port).map(|other| other.protocol).collect();
    protocols.sort_unstable();
    protocols.dedup();
    if protocols.is_empty() {
        protocols.push(logged.protocol);
    }
    let named = protocols.into_iter().map(|protocol| ServicePort { protocol, ..logged.clone() });
    named.chain(ports).collect()
}
