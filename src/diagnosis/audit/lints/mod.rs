//! The lints: each looks at one fixed port for one kind of risk.

mod dynamic_range;
mod held_by_other;
mod low_port;
mod portproxy;
mod reserved_block;
mod same_port;

use super::fixed::{FixedPort, Held};
use super::{Likelihood, Risk, RiskKind};
use crate::diagnosis::wording;
use crate::machine::{KnownFrom, ServiceState, Snapshot};

/// What every lint sees.
pub(super) struct Scene<'a> {
    pub(super) snapshot: &'a Snapshot,
    /// Every fixed port.
    pub(super) ports: &'a [FixedPort<'a>],
    /// Who listens where.
    pub(super) held: &'a Held,
}

/// A lint: the risk that it sees in a port.
pub(super) type Lint = fn(&Scene<'_>, &FixedPort<'_>) -> Option<Risk>;

/// All of them.
pub(super) const ALL: &[Lint] =
    &[same_port::lint, held_by_other::lint, portproxy::lint, reserved_block::lint, dynamic_range::lint, low_port::lint];

impl Scene<'_> {
    /// Whether the service of the port, or a unit that starts it or is started by it, listens there now.
    fn is_held(&self, port: &FixedPort<'_>) -> bool {
        let has = |name: &str| self.held.contains(&(name.to_owned(), port.port, port.protocol));
        has(&port.service_name()) || port.service.is_some_and(|service| service.linked.iter().any(|unit| has(unit)))
    }
}

/// A risk of this port.
fn risk(port: &FixedPort<'_>, kind: RiskKind, likelihood: Likelihood, why: String) -> Risk {
    Risk {
        port: port.port,
        protocol: port.protocol,
        service: port.service_name(),
        name: port.name.clone(),
        likelihood,
        why,
        kind,
        known_from: port.known_from,
        source: port.source.clone(),
        rival: None,
        rule: None,
    }
}

/// The port as it stands in a sentence.
fn port_name(port: &FixedPort<'_>) -> String {
    wording::port_name(port.port, port.protocol)
}

/// How likely something keeps a service from its port that is so right now: one that runs all the same does not need the port, or has a way.
fn of_now(port: &FixedPort<'_>) -> Likelihood {
    let runs = port.service.is_some_and(|service| service.state == ServiceState::Running && !service.is_failing());
    if runs || !port.starts_by_itself() || port.known_from == KnownFrom::Catalogue {
        Likelihood::Possible
    } else {
        Likelihood::Certain
    }
}

/// Whether the service of the port is down: a program without a service is not known to be.
fn is_down(port: &FixedPort<'_>) -> bool {
    port.service.is_some_and(|service| service.is_failing() || service.state == ServiceState::Stopped)
}
