//! What a person does about a risk that no step of PortMedic's solves.

use crate::diagnosis::audit::{Risk, RiskKind};
use crate::diagnosis::{Owner, holder_name};
use crate::machine::{Exclusion, Protocol, Reserver, Snapshot, System, visible};
use crate::remedy::options::move_port::place_of;
use crate::remedy::step::unit_name;
use crate::remedy::{is_essential_service, shell};

/// What a person does about the risk.
pub(super) fn instructions(snapshot: &Snapshot, risk: &Risk) -> Vec<String> {
    match risk.kind {
        RiskKind::SamePort => same_port(snapshot, risk),
        RiskKind::HeldByOther => vec![
            format!(
                "See who has it and what can be done: portmedic diagnose {}",
                shell::word(snapshot.host.system, &visible(&risk.service))
            ),
            format!("Or give {} another port: {}", risk.name, place(snapshot, risk)),
        ],
        RiskKind::LowPort => vec![
            format!("Give {} a port that needs no right: {}", risk.name, place(snapshot, risk)),
            "Or give its user the right to low ports (CAP_NET_BIND_SERVICE)".to_owned(),
        ],
        _ => vec![format!("Keep the port from clients: portmedic exclude {}/{}", risk.port, risk.protocol.as_str())],
    }
}

/// Two services for one port: one moves or is switched off.
fn same_port(snapshot: &Snapshot, risk: &Risk) -> Vec<String> {
    let mut instructions = vec![format!("Give {} another port: {}", risk.name, place(snapshot, risk))];
    let off = |service: &str| match snapshot.host.system {
        System::Linux => format!("systemctl disable --now {}", shell::quote(service)),
        System::Windows => format!("Set-Service -Name {} -StartupType Disabled", shell::powershell(service)),
    };
    let both = [Some(risk.service.as_str()), risk.rival.as_deref()].into_iter().flatten().map(off).collect::<Vec<_>>();
    instructions.push(format!("Or switch off the one that nobody needs: {}", both.join(" or ")));
    instructions
}

/// Windows takes no exclusion for the port, since somebody has it who cannot be stopped.
pub(super) fn in_use(snapshot: &Snapshot, risk: &Risk, owner: &Owner) -> Vec<String> {
    let who = holder_name(snapshot, owner);
    let essential = owner.protected.is_some() || owner.service.as_deref().is_some_and(is_essential_service);
    if essential {
        return vec![
            format!(
                "Windows excludes no port that is in use, and {who}, which has {}, cannot be stopped while Windows runs",
                port(risk)
            ),
            outside(snapshot, risk),
        ];
    }
    around_by_hand(risk, &who, "it")
}

/// Windows would also stop another service, which it needs itself.
pub(super) fn needed(snapshot: &Snapshot, risk: &Risk, service: &str, dependant: &str) -> Vec<String> {
    let (who, dependant) = (unit_name(service, snapshot), unit_name(dependant, snapshot));
    vec![
        format!(
            "Windows excludes no port that is in use, and with {who}, which has {}, {dependant} would stop, which Windows needs",
            port(risk)
        ),
        outside(snapshot, risk),
    ]
}

/// More services stop along with the one that has the port than one plan can start again.
pub(super) fn around(snapshot: &Snapshot, risk: &Risk, service: &str) -> Vec<String> {
    around_by_hand(risk, &format!("{} and all that need it", unit_name(service, snapshot)), "they")
}

fn around_by_hand(risk: &Risk, who: &str, they: &str) -> Vec<String> {
    vec![
        format!("Stop {who} when {they} can be spared: Windows excludes no port that is in use"),
        format!("Exclude {} then: portmedic exclude {}/{}", port(risk), risk.port, risk.protocol.as_str()),
        format!("Start {who} again"),
    ]
}

fn outside(snapshot: &Snapshot, risk: &Risk) -> String {
    format!("Give {} a port outside of the dynamic range: {}", risk.name, place(snapshot, risk))
}

/// The block belongs to somebody whom PortMedic does not restart.
pub(super) fn reserved(snapshot: &Snapshot, risk: &Risk) -> Vec<String> {
    let block = snapshot.reservation_of(risk.port, risk.protocol);
    let exclude = format!("Exclude {}: portmedic exclude {}/{}", port(risk), risk.port, risk.protocol.as_str());
    match block.and_then(Exclusion::reserver) {
        Some(Reserver::WslMirrored) => {
            vec!["Stop WSL: wsl --shutdown".to_owned(), exclude, "Start WSL again: it takes another block".to_owned()]
        }
        Some(Reserver::HttpSys) => vec![
            "Find the program that has a URL on the port: netsh http show servicestate view=requestq verbose=yes".to_owned(),
            format!("Give it or {} another port: {}", risk.name, place(snapshot, risk)),
        ],
        Some(Reserver::WinNat) | None => {
            vec!["Stop what reserved the block; for Hyper-V, containers and WSL: net stop winnat".to_owned(), exclude]
        }
    }
}

/// Excluding the ports would leave clients none.
pub(super) fn widen_first(snapshot: &Snapshot) -> Vec<String> {
    let usual = crate::remedy::dynamic_range::usual(snapshot).map_or_else(String::new, |range| range.to_string());
    vec![
        format!("Widen the dynamic range first, or clients would get no port any more: portmedic range {usual}"),
        "Run the audit again: portmedic audit --fix".to_owned(),
    ]
}

/// The plan is as long as the helper takes one.
pub(super) fn next_run() -> String {
    "Run the audit once more after this plan: portmedic audit --fix".to_owned()
}

fn place(snapshot: &Snapshot, risk: &Risk) -> String {
    let place = place_of(snapshot.service(&risk.service), risk.port, snapshot.host.system, &risk.name);
    place.replacen('C', "c", 1)
}

fn port(risk: &Risk) -> String {
    match risk.protocol {
        Protocol::Tcp => format!("port {}", risk.port),
        Protocol::Udp => format!("UDP port {}", risk.port),
    }
}
