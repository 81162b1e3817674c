//! Units: their state, why they failed, the ports they want.

mod control_group;
mod environment;
mod exec;
mod failure;
mod inventory;
mod journal;
mod name;
mod ports;
mod properties;
mod rights;
mod systemctl;
mod unit;
mod written;

pub use written::written_since;

use std::collections::BTreeMap;

use jiff::Timestamp;

use self::control_group::ControlGroups;
use self::inventory::Inventory;
use self::journal::{Hidden, Journal};
use self::unit::Unit;
use crate::machine::{Gap, ListenSpec, Service, ServiceKind, ServicePort, Snapshot};
use crate::platform::crew;
use crate::platform::services::files::LiveFiles;
use crate::platform::services::log_file;
use crate::platform::{PlatformError, ServiceScope};

/// Looks at the services that `scope` names.
///
/// # Errors
/// Where a name is asked for that no unit has, or that nobody could know.
pub fn look(scope: &ServiceScope, snapshot: &mut Snapshot) -> Result<(), PlatformError> {
    if *scope == ServiceScope::None {
        return Ok(());
    }
    if !snapshot.host.service_manager {
        if let ServiceScope::Named(name) = scope {
            return Err(PlatformError::NoServiceManager(name.clone()));
        }
        let instead = "a computer that runs systemd; a port can be looked at here";
        snapshot.gaps.push(Gap::new("the services", "systemd does not run on this computer", instead));
        return Ok(());
    }
    let named = matches!(scope, ServiceScope::Named(_));
    let inventory = match inventory::take(scope, snapshot) {
        Ok(inventory) => inventory,
        Err(error) if named => return Err(error),
        // The rest of the computer can still be looked at.
        Err(error) => {
            snapshot.gaps.push(Gap::new("the services", error.to_string(), "systemctl list-units --all"));
            return Ok(());
        }
    };
    let journals = journals(&inventory.asked, snapshot.taken_at);
    let mut look = Look::new(snapshot.taken_at, &inventory);
    let asked = inventory.asked.iter().zip(journals).map(|(unit, journal)| look.at(unit, journal, named));
    snapshot.services.extend(asked);
    snapshot.services.extend(inventory.holders.iter().map(|unit| look.at_ports(unit)));
    snapshot.gaps.extend(look.unread());
    Ok(())
}

/// The journal of each unit that fails. They are read side by side, since journalctl opens every file of the journal for each anew.
fn journals(units: &[Unit], now: Timestamp) -> Vec<Option<Journal>> {
    /// More of them wait for the same disk.
    const MAX_THREADS: usize = 6;
    crew::each(MAX_THREADS, "journals", units, |unit| unit.is_failing(now).then(|| journal::read(unit.id(), unit.manager, None)))
}

/// One look at several units.
struct Look<'a> {
    now: Timestamp,
    groups: ControlGroups,
    files: LiveFiles,
    /// What each socket unit listens on.
    listens: BTreeMap<&'a str, Vec<ListenSpec>>,
    /// The units whose log lines could not be read, by the reason.
    unread_journals: BTreeMap<Hidden, Vec<String>>,
}

impl<'a> Look<'a> {
    fn new(now: Timestamp, inventory: &'a Inventory) -> Self {
        let units = inventory.asked.iter().chain(&inventory.holders);
        Self {
            now,
            groups: ControlGroups::find(),
            files: LiveFiles::default(),
            listens: units.map(|unit| (unit.id(), unit.listens())).filter(|(_, listens)| !listens.is_empty()).collect(),
            unread_journals: BTreeMap::new(),
        }
    }

    /// State, failure and ports; with the journal of a unit that fails. One that is masked fails only for those who `named` it.
    fn at(&mut self, unit: &Unit, journal: Option<Journal>, named: bool) -> Service {
        let mut service = unit.service(self.now, &self.groups);
        match journal {
            Some(journal) => self.explain(unit, journal, &mut service),
            None if named => service.failure = failure::masked(unit),
            None => {}
        }
        service.ports = self.ports(unit, &service);
        if let Some(failure) = &mut service.failure {
            failure::settle(failure, &service.ports);
        }
        service
    }

    /// State and ports.
    fn at_ports(&self, unit: &Unit) -> Service {
        let mut service = unit.service(self.now, &self.groups);
        service.ports = self.ports(unit, &service);
        service
    }

    /// Why the unit does not run.
    fn explain(&mut self, unit: &Unit, journal: Journal, service: &mut Service) {
        let start = unit.properties.time("InactiveExitTimestamp").or_else(|| unit.properties.time("StateChangeTimestamp"));
        let log = unit.product.zip(start).and_then(|(product, start)| log_file::since(&product.logs, start, &self.files));
        service.start_limit_hit |= failure::start_limit_hit(unit, &journal);
        service.failure = Some(failure::explain(unit, &journal, log.as_ref()));
        if let Some(hidden) = journal.hidden {
            self.unread_journals.entry(hidden).or_default().push(service.name.clone());
        }
    }

    fn ports(&self, unit: &Unit, service: &Service) -> Vec<ServicePort> {
        let names = match service.kind {
            ServiceKind::SocketUnit => std::slice::from_ref(&service.name),
            ServiceKind::Unit | ServiceKind::WindowsService => &service.linked,
        };
        let sockets: Vec<(&str, &[ListenSpec])> =
            names.iter().filter_map(|name| Some((name.as_str(), self.listens.get(name.as_str())?.as_slice()))).collect();
        ports::of(unit, service.failure.as_ref(), &sockets, &self.files)
    }

    /// Logs and configurations that may not be read.
    fn unread(self) -> Vec<Gap> {
        let journals = self
            .unread_journals
            .into_iter()
            .map(|(hidden, units)| Gap::new(format!("the log lines of {}", in_short(&units)), hidden.because, hidden.shown_by));
        let mut gaps: Vec<Gap> = journals.collect();
        let denied = self.files.take_denied();
        if !denied.is_empty() {
            gaps.push(Gap::new(
                "what configurations and logs of services say about ports",
                format!("this user may not read {}", in_short(&denied)),
                "running PortMedic as root",
            ));
        }
        gaps
    }
}

/// A list that may be long: the first few, and how many more.
fn in_short(names: &[String]) -> String {
    const FEW: usize = 5;
    match names.len().checked_sub(FEW) {
        None | Some(0) => names.join(", "),
        Some(more) => format!("{} and {more} more", names[..FEW].join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::{in_short, look};
    use crate::machine::{Host, Snapshot, System};
    use crate::platform::{PlatformError, ServiceScope};

    /// A computer without systemd, such as most containers.
    fn without_systemd() -> Snapshot {
        let host = Host { service_manager: false, ..Host::of(System::Linux) };
        Snapshot::new(Timestamp::UNIX_EPOCH, host)
    }

    #[test]
    fn without_systemd_the_services_are_a_gap_and_a_name_is_an_error() {
        let mut snapshot = without_systemd();
        look(&ServiceScope::All, &mut snapshot).unwrap();
        assert!(snapshot.services.is_empty());
        assert_eq!(snapshot.gaps[0].what, "the services");
        let named = look(&ServiceScope::Named("nginx".to_owned()), &mut snapshot);
        assert!(matches!(named, Err(PlatformError::NoServiceManager(name)) if name == "nginx"));
    }

    #[test]
    fn nothing_is_said_of_services_that_nobody_asked_for() {
        let mut snapshot = without_systemd();
        look(&ServiceScope::None, &mut snapshot).unwrap();
        assert!(snapshot.gaps.is_empty());
    }

    #[test]
    fn a_long_list_is_cut() {
        let names: Vec<String> = (1..=7).map(|number| number.to_string()).collect();
        assert_eq!(in_short(&names), "1, 2, 3, 4, 5 and 2 more");
        assert_eq!(in_short(&names[..5]), "1, 2, 3, 4, 5");
    }
}
