//! How likely clients take a port, reckoned and in words.

use super::fixed::FixedPort;
use super::{Likelihood, outlook};
use crate::machine::{Exclusion, FailureKind, PortRange, PortSet, Reserver, Snapshot, Store, System, usual_dynamic_range};

/// How many connections are taken to be opened before a service starts: a busy server has about as many by then.
const CONNECTIONS: i32 = 100;

/// From this chance on it is a matter of some restarts.
const LIKELY: f64 = 0.1;

/// How likely, and why, in whole sentences.
pub(super) fn of_clients(snapshot: &Snapshot, port: &FixedPort<'_>, range: PortRange) -> (Likelihood, String) {
    let kept = outlook::excluded(snapshot, port.protocol, Store::Persistent);
    let left = PortSet::from(range).difference(&kept).count().max(1);
    let chance = 1.0 - (1.0 - 1.0 / f64::from(left)).powi(CONNECTIONS);
    let mut reasons = vec![format!(
        "{left} ports are handed out then, so where {CONNECTIONS} connections are opened before {} starts, one of them gets this port in {}.",
        port.name,
        in_words(chance)
    )];
    let mut likelihood = if chance >= LIKELY { Likelihood::Likely } else { Likelihood::Possible };
    for (is_so, reason) in
        [lost_before(port), asked_first(snapshot, port, range), blocks(snapshot, port, range)].into_iter().flatten()
    {
        likelihood = likelihood.max(is_so);
        reasons.push(reason);
    }
    if !port.starts_by_itself() {
        likelihood = Likelihood::Possible;
        reasons.push(format!("{} does not start with the computer.", port.name));
    }
    (likelihood, reasons.join(" "))
}

/// `about 1 start of 282`.
fn in_words(chance: f64) -> String {
    if chance > 0.5 {
        return format!("about {:.0} starts of 100", chance * 100.0);
    }
    format!("about 1 start of {:.0}", 1.0 / chance)
}

/// The log of a service that does not run says that somebody had the port.
fn lost_before(port: &FixedPort<'_>) -> Option<(Likelihood, String)> {
    let failure = port.service.and_then(|service| service.failure.as_ref())?;
    let lost = matches!(failure.kind, FailureKind::InUse | FailureKind::Forbidden) && failure.port == Some(port.port);
    lost.then(|| (Likelihood::Likely, format!("{} has lost it before: its log says so.", port.name)))
}

/// Services of Windows draw ports when it starts, before most others, and from the low end of the range.
fn asked_first(snapshot: &Snapshot, port: &FixedPort<'_>, range: PortRange) -> Option<(Likelihood, String)> {
    let (usual, _) = usual_dynamic_range(snapshot.host.system);
    let low = snapshot.host.system == System::Windows && range.start() < usual && port.port < usual;
    let why = snapshot
        .windows
        .max_user_port
        .filter(|_| range.start() <= 1025)
        .map_or_else(String::new, |value| format!(" The registry value MaxUserPort ({value}) makes it start there."));
    low.then(|| {
        let from = range.start();
        let text = format!(
            "The range starts at {from} and not at {usual} as usual, so services of Windows that take any port (RPC) draw theirs here \
             before {} starts.{why}",
            port.name
        );
        (Likelihood::Likely, text)
    })
}

/// `WinNAT` takes blocks of the range at each start, each time others.
fn blocks(snapshot: &Snapshot, port: &FixedPort<'_>, range: PortRange) -> Option<(Likelihood, String)> {
    let moves = |row: &&Exclusion| {
        row.store == Store::Active
            && row.protocol.is_none_or(|own| own == port.protocol)
            && row.reserver() == Some(Reserver::WinNat)
            && row.range.overlaps(range)
    };
    let reserved: PortSet = snapshot.exclusions.iter().filter(moves).map(|row| row.range).collect();
    if reserved.is_empty() {
        return None;
    }
    let share = f64::from(reserved.count()) / f64::from(range.count());
    let likelihood = if share >= LIKELY { Likelihood::Likely } else { Likelihood::Possible };
    let text = format!(
        "WinNAT has reserved {} of its {} ports in blocks for virtual machines and containers, and takes others at each start; a block on \
         this port would shut {} out.",
        reserved.count(),
        range.count(),
        port.name
    );
    Some((likelihood, text))
}

#[cfg(test)]
mod tests {
    use super::in_words;

    #[test]
    fn a_chance_is_told_as_people_count_it() {
        for (chance, words) in [(0.0035, "about 1 start of 286"), (0.5, "about 1 start of 2"), (0.9, "about 90 starts of 100")] {
            assert_eq!(in_words(chance), words);
        }
    }
}
