//! A port in the dynamic range that nothing keeps from clients, now or after the next restart.

use super::super::chance;
use super::super::outlook::{Outlook, outlook};
use super::{FixedPort, Likelihood, Risk, RiskKind, Scene, port_name, risk};
use crate::diagnosis::rules::span;
use crate::diagnosis::wording::capital;
use crate::machine::{PortRange, Store, System, Table, visible};

pub(super) fn lint(scene: &Scene<'_>, port: &FixedPort<'_>) -> Option<Risk> {
    let snapshot = scene.snapshot;
    // What is reserved is given to nobody, and without the list nobody knows what is.
    if !snapshot.shows(Table::Exclusions) || snapshot.reservation_of(port.port, port.protocol).is_some() {
        return None;
    }
    let (now, next) = (outlook(snapshot, port, Store::Active), outlook(snapshot, port, Store::Persistent));
    match (now, next) {
        (_, Outlook::HandedOut(range)) if now == Outlook::Excluded => {
            let (likelihood, reckoned) = chance::of_clients(snapshot, port, range);
            let why = format!(
                "{} is excluded now, but not after a restart{}. {reckoned}",
                capital(&port_name(port)),
                whose_list(scene)
            );
            Some(risk(port, RiskKind::ExcludedOnlyNow, likelihood, why))
        }
        (_, Outlook::HandedOut(range)) => {
            let (likelihood, reckoned) = chance::of_clients(snapshot, port, range);
            let when = if now == Outlook::Outside { ", which is the one after the next restart" } else { "" };
            Some(risk(port, RiskKind::DynamicRange, likelihood, format!("{}{when}. {reckoned}", lies_in(scene, port, range))))
        }
        (Outlook::HandedOut(range), _) => {
            let why = format!("{}. After the next restart it is safe; until then it is not.", lies_in(scene, port, range));
            Some(risk(port, RiskKind::ExcludedOnlyLater, Likelihood::Possible, why))
        }
        _ => None,
    }
}

fn lies_in(scene: &Scene<'_>, port: &FixedPort<'_>, range: PortRange) -> String {
    let kernel = if scene.snapshot.host.system == System::Linux { "The kernel" } else { "Windows" };
    format!(
        "{} needs {} (from {}). {kernel} may give it to any client first, because it lies in the dynamic range {}",
        port.name,
        port_name(port),
        port.known_from.as_str(),
        span(range)
    )
}

/// Linux reads several files, and the last list replaces the others.
fn whose_list(scene: &Scene<'_>) -> String {
    let mut rows = scene.snapshot.exclusions.iter().filter(|row| row.store == Store::Persistent);
    match rows.next() {
        Some(row) if scene.snapshot.host.system == System::Linux => {
            format!(": the list that counts then is the one in {}", visible(&row.source))
        }
        _ => String::new(),
    }
}
