//! The audit: every fixed port of a computer, and what may take it from its service at the next start. Pure.
//!
//! A port is fixed where its service needs this one and no other: a setting, a unit, a command line or a catalogue names it, or a program
//! asked for it by its number. The file `fixed` collects them, each file of `lints` looks for one kind of risk, and [`Likelihood`] is the rule
//! by which all of them tell how likely it is.

mod chance;
mod fixed;
mod lints;
mod outlook;
mod risk;

use fixed::FixedPorts;
pub use risk::{Findings, Likelihood, NotFixed, Risk, RiskKind, SafePort};

use crate::machine::{Gap, Port, Protocol, Snapshot, System, Table};

/// What may take a fixed port away on this computer. `named` are ports that the user calls fixed, whoever wants them.
///
/// Needs the services, the listeners and the ranges in the snapshot.
pub fn audit(snapshot: &Snapshot, named: &[(Port, Protocol)]) -> Findings {
    let FixedPorts { ports, not_fixed, held } = fixed::collect(snapshot, named);
    let scene = lints::Scene { snapshot, ports: &ports, held: &held };
    let mut risks = Vec::new();
    let mut safe = Vec::new();
    for port in &ports {
        let own: Vec<Risk> = lints::ALL.iter().filter_map(|lint| lint(&scene, port)).collect();
        if own.is_empty() {
            safe.push(SafePort {
                port: port.port,
                protocol: port.protocol,
                service: port.service_name(),
                because: outlook::why_safe(snapshot, port),
            });
        }
        risks.extend(own);
    }
    // A service whose port another one wants is not safe either, although the risk stands with the other.
    safe.retain(|safe: &SafePort| {
        let is_rival = |risk: &Risk| {
            (risk.port, risk.protocol) == (safe.port, safe.protocol) && risk.rival.as_deref() == Some(safe.service.as_str())
        };
        !risks.iter().any(is_rival)
    });
    risks.sort_by(|one, other| {
        let key = |risk: &Risk| (std::cmp::Reverse(risk.likelihood), risk.port, risk.protocol);
        key(one).cmp(&key(other)).then_with(|| one.service.cmp(&other.service))
    });
    Findings { checked: ports.len(), risks, safe, not_fixed, gaps: gaps(snapshot) }
}

/// What the lints would need and the look does not have.
fn gaps(snapshot: &Snapshot) -> Vec<Gap> {
    let mut gaps = snapshot.gaps.clone();
    let mut add = |what: &str, because: &str, shown_by: &str| Gap::add(&mut gaps, [Gap::new(what, because, shown_by)]);
    let (range, exclusions) = match snapshot.host.system {
        System::Windows => ("netsh int ipv4 show dynamicport tcp", "netsh int ipv4 show excludedportrange tcp"),
        System::Linux => ("sysctl net.ipv4.ip_local_port_range", "sysctl net.ipv4.ip_local_reserved_ports"),
    };
    if snapshot.dynamic_ranges.is_empty() {
        add(
            "whether clients may be given the ports of services",
            "the dynamic port range was not seen",
            &format!("`portmedic ranges` on that computer, or the output of: {range}"),
        );
    } else if !snapshot.shows(Table::Exclusions) {
        add(
            "whether the ports of services are kept from clients",
            "the exclusions were not seen",
            &format!("the output of: {exclusions}"),
        );
    }
    gaps
}
