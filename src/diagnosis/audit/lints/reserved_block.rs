//! A port in a block that another program has reserved: Windows refuses it to everybody else.

use super::{FixedPort, Risk, RiskKind, Scene, of_now, port_name, risk};
use crate::diagnosis::rules::span;
use crate::machine::{KnownFrom, Reserver};

pub(super) fn lint(scene: &Scene<'_>, port: &FixedPort<'_>) -> Option<Risk> {
    let block = scene.snapshot.reservation_of(port.port, port.protocol)?;
    // Who listens there has the reservation itself, as programs behind HTTP.sys do.
    if scene.is_held(port) || port.service.is_none() && port.known_from != KnownFrom::User {
        return None;
    }
    let moves = match block.reserver() {
        Some(Reserver::WinNat | Reserver::WslMirrored) => " Such blocks move at each start of Windows.",
        Some(Reserver::HttpSys) | None => "",
    };
    let why = format!(
        "{} needs {} (from {}), which lies in the block {} that was reserved{}. Windows refuses it to everybody else.{moves}",
        port.name,
        port_name(port),
        port.known_from.as_str(),
        span(block.range),
        block.by_whom()
    );
    Some(Risk { rival: Some(block.range.to_string()), ..risk(port, RiskKind::ReservedBlock, of_now(port), why) })
}
