//! Another program listens: it stops, or the service moves.

use super::{dns_pool, held_by_windows, move_port};
use crate::machine::visible;
use crate::remedy::FixOption;
use crate::remedy::evict::{Eviction, evict};
use crate::remedy::planner::Planner;
use crate::remedy::shell::powershell;

pub(super) fn options(planner: &Planner<'_>) -> Vec<FixOption> {
    if let Some(option) = dns_pool::option(planner) {
        return std::iter::once(option).chain(move_port::option(planner)).collect();
    }
    if held_by_windows::is_cause(planner) {
        return held_by_windows::options(planner);
    }
    let eviction = evict(planner, &planner.diagnosis.owners);
    let first = if eviction.is_automatic() { give_up(planner, &eviction) } else { super::unknown::by_hand(planner, &eviction) };
    std::iter::once(first).chain(move_port::option(planner)).collect()
}

/// Stops the holders, or ends those that nobody looks after.
pub(super) fn give_up(planner: &Planner<'_>, eviction: &Eviction) -> FixOption {
    let who = eviction.who();
    let verb = if eviction.ends_process { "End" } else { "Stop" };
    let effect = if eviction.ends_process {
        format!("Frees the port. Unsaved work of {who} is lost, and whoever started it may start it again.")
    } else {
        format!("Frees the port. {who} stays stopped until {}", stopped_until(planner, eviction))
    };
    let title = format!("{verb} {who}{}", planner.and_start());
    let keep = planner.exclusion().into_iter().collect();
    let steps = planner.then_start(planner.in_order(keep, eviction.steps.clone()));
    planner.option(title, effect, steps, who)
}

/// A unit that starts with the computer takes the port again at the next restart, unless it is kept from that.
fn stopped_until(planner: &Planner<'_>, eviction: &Eviction) -> String {
    let by_itself = |unit: &&String| planner.snapshot.service(unit).is_some_and(|service| service.starts_by_itself == Some(true));
    let mut units = eviction.units.iter().filter(by_itself);
    let disable = if planner.is_linux() {
        let units: Vec<String> = units.map(|unit| visible(unit)).collect();
        (!units.is_empty()).then(|| format!("systemctl disable {}", units.join(" ")))
    } else {
        units.next().map(|unit| format!("Set-Service -Name {} -StartupType Disabled", powershell(unit)))
    };
    match disable {
        Some(command) => format!("somebody starts it or the computer restarts; {command} keeps it stopped then, too."),
        None => "somebody starts it.".to_owned(),
    }
}
