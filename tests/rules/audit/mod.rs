//! The audit over facts built by hand: each lint fires, does not fire, or lacks data; and what its plan promises.

mod linux;
mod plan;
mod promises;
mod windows;

use portmedic::diagnosis::audit::{Findings, Likelihood, Risk, RiskKind, audit};
use portmedic::machine::{KnownFrom, Protocol, Service, ServicePort, Snapshot};

use crate::machine::{running, service_port};

/// A service that runs, starts with the computer and is set up for these TCP ports.
pub fn serving(name: &str, pid: u32, ports: &[u16]) -> Service {
    Service { ports: ports.iter().map(|port| service_port(*port, Protocol::Tcp)).collect(), ..running(name, pid) }
}

/// The same port, known from elsewhere.
pub fn known(port: u16, known_from: KnownFrom, source: &str) -> ServicePort {
    ServicePort { known_from, source: source.to_owned(), ..service_port(port, Protocol::Tcp) }
}

pub fn findings(snapshot: &Snapshot) -> Findings {
    audit(snapshot, &[])
}

/// Kind and likelihood of every risk, with its port and service.
pub fn shown(snapshot: &Snapshot) -> Vec<(u16, String, RiskKind, Likelihood)> {
    let row = |risk: Risk| (risk.port, risk.service, risk.kind, risk.likelihood);
    findings(snapshot).risks.into_iter().map(row).collect()
}

/// The one risk that there is.
#[track_caller]
pub fn only(snapshot: &Snapshot) -> Risk {
    let mut risks = findings(snapshot).risks;
    assert_eq!(risks.len(), 1, "{risks:#?}");
    risks.remove(0)
}

/// Demands that nothing is at risk and that the port was checked.
#[track_caller]
pub fn is_safe(snapshot: &Snapshot, port: u16) {
    let found = findings(snapshot);
    assert!(found.risks.is_empty(), "{:#?}", found.risks);
    assert!(found.safe.iter().any(|safe| safe.port == port), "{port} was not checked: {:#?}", found.safe);
}
