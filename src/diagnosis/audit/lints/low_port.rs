//! A low port of a service that has no right to one (Linux).

use super::{FixedPort, Risk, RiskKind, Scene, of_now, port_name, risk};
use crate::machine::ServiceKind;

pub(super) fn lint(scene: &Scene<'_>, port: &FixedPort<'_>) -> Option<Risk> {
    let start = scene.snapshot.unprivileged_port_start?;
    let service =
        port.service.filter(|service| service.kind == ServiceKind::Unit && service.may_bind_low_ports == Some(false))?;
    // Who listens there already was handed the port, by systemd for example.
    if port.port >= start || scene.is_held(port) {
        return None;
    }
    let user = service.user.as_deref().map_or_else(String::new, |user| format!(" as user {}", crate::machine::visible(user)));
    let why = format!(
        "{} needs {} (from {}), runs{user}, and has no right to ports below {start}.",
        port.name,
        port_name(port),
        port.known_from.as_str()
    );
    Some(risk(port, RiskKind::LowPort, of_now(port), why))
}
