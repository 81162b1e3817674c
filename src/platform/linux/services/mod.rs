//! Units: their state, why they failed, the ports they want.

mod arguments;
mod config;
mod control_group;
mod environment;
mod exec;
mod failure;
mod files;
mod journal;
mod log_file;
mod name;
pub mod open_ports;
mod ports;
mod properties;
mod rights;
mod systemctl;
mod unit;

use std::collections::BTreeMap;

use self::control_group::ControlGroups;
use self::files::LiveFiles;
use self::journal::Hidden;
use self::name::Candidates;
use self::systemctl::Manager;
use self::unit::Unit;
use crate::catalog;
use crate::machine::{Gap, ListenSpec, Service, ServiceKind, ServicePort, ServiceState, Snapshot};
use crate::platform::{PlatformError, ServiceScope};

/// Looks at the services that `scope` names.
///
/// # Errors
/// Where a name is asked for that no unit has, or that nobody could know.
pub fn look(scope: &ServiceScope, snapshot: &mut Snapshot) -> Result<(), PlatformError> {
    let candidates = match scope {
        ServiceScope::None => return Ok(()),
        ServiceScope::Named(name) => Some(Candidates::of(name)?),
        ServiceScope::SocketUnits | ServiceScope::Failing | ServiceScope::All => None,
    };
    if !snapshot.host.service_manager {
        if let ServiceScope::Named(name) = scope {
            return Err(PlatformError::NoServiceManager(name.clone()));
        }
        let instead = "a computer that runs systemd; a port can be looked at here";
        snapshot.gaps.push(Gap::new("the services", "systemd does not run on this computer", instead));
        return Ok(());
    }
    let mut look = Look {
        groups: ControlGroups::find(),
        files: LiveFiles::default(),
        snapshot,
        units: Vec::new(),
        unread_journals: BTreeMap::new(),
    };
    look.ask(&patterns(scope, candidates.as_ref()), candidates.is_some())?;
    if let Some(candidates) = &candidates {
        look.choose(candidates)?;
    }
    look.report(scope);
    Ok(())
}

/// The units to ask for: what was named, else everything in the memory of the service manager. The units of known products are named, too:
/// a server that was stopped is forgotten there.
fn patterns(scope: &ServiceScope, candidates: Option<&Candidates>) -> Vec<String> {
    let mut patterns = vec!["*.socket".to_owned()];
    if let Some(candidates) = candidates {
        patterns.extend_from_slice(candidates.patterns());
    } else if *scope != ServiceScope::SocketUnits {
        patterns.push("*.service".to_owned());
    }
    if *scope == ServiceScope::All {
        let known = catalog::products().iter().flat_map(|product| &product.units);
        patterns.extend(known.map(|unit| format!("{unit}.service")));
    }
    patterns
}

/// One look.
struct Look<'a> {
    groups: ControlGroups,
    files: LiveFiles,
    snapshot: &'a mut Snapshot,
    units: Vec<Unit>,
    /// The units whose log lines could not be read, by the reason.
    unread_journals: BTreeMap<Hidden, Vec<String>>,
}

impl Look<'_> {
    /// Asks each service manager, for all of `patterns` at once. What the system's does not answer is an error where it is `needed`, else
    /// a Gap.
    fn ask(&mut self, patterns: &[String], needed: bool) -> Result<(), PlatformError> {
        for manager in Manager::all() {
            match manager.show(patterns) {
                Ok(units) => self.add(units.into_iter().filter_map(|properties| Unit::new(properties, manager))),
                Err(error) if manager == Manager::System && needed => return Err(error),
                Err(error) => self.snapshot.gaps.push(Gap::new(
                    manager.units_in_words(),
                    error.to_string(),
                    format!("{} list-units --all", manager.systemctl()),
                )),
            }
        }
        Ok(())
    }

    fn add(&mut self, units: impl Iterator<Item = Unit>) {
        for unit in units {
            // A name and its alias are both shown.
            if !self.units.iter().any(|own| own.id() == unit.id() && own.manager == unit.manager) {
                self.units.push(unit);
            }
        }
    }

    /// Puts the units that were asked for first, the one that is meant before all; leaves out what has nothing to do with them.
    fn choose(&mut self, candidates: &Candidates) -> Result<(), PlatformError> {
        let mut meant = self.take_meant(candidates);
        if meant.is_empty() {
            // Only the case may be wrong.
            self.ask(&["*.service".to_owned()], true)?;
            meant = self.take_meant(candidates);
            self.units.retain(|unit| unit.id().ends_with(".socket"));
        }
        if meant.is_empty() {
            return Err(PlatformError::NoSuchService(candidates.asked().to_owned()));
        }
        let now = self.snapshot.taken_at;
        meant.sort_by_key(|unit| candidates.order(unit, unit.state(now)));
        let missing: Vec<String> = meant
            .iter()
            .flat_map(|unit| unit.properties.words("Triggers"))
            .filter(|name| name.ends_with(".service") && !meant.iter().any(|unit| unit.is_called(name)))
            .map(str::to_owned)
            .collect();
        let manager = meant[0].manager;
        let sockets = std::mem::replace(&mut self.units, meant);
        if !missing.is_empty() {
            let units = manager.show(&missing)?;
            self.add(units.into_iter().filter_map(|properties| Unit::new(properties, manager)));
        }
        self.add(sockets.into_iter());
        Ok(())
    }

    fn take_meant(&mut self, candidates: &Candidates) -> Vec<Unit> {
        let (meant, rest) = std::mem::take(&mut self.units).into_iter().partition(|unit| candidates.mean(unit));
        self.units = rest;
        meant
    }

    /// Writes the units into the snapshot, with the failures of those that fail.
    fn report(mut self, scope: &ServiceScope) {
        let now = self.snapshot.taken_at;
        let units = std::mem::take(&mut self.units);
        let listens: BTreeMap<&str, Vec<ListenSpec>> =
            units.iter().map(|unit| (unit.id(), unit.listens())).filter(|(_, listens)| !listens.is_empty()).collect();
        for unit in &units {
            let mut service = unit.service(now, &self.groups);
            if !matters(&service, scope) {
                continue;
            }
            if service.is_failing() && *scope != ServiceScope::SocketUnits {
                self.explain(unit, &mut service);
            }
            if matches!(scope, ServiceScope::Named(_)) && service.failure.is_none() {
                service.failure = failure::masked(unit);
            }
            service.ports = self.ports(unit, &service, &listens);
            if let Some(failure) = &mut service.failure {
                failure::settle(failure, &service.ports);
            }
            self.snapshot.services.push(service);
        }
        if matches!(scope, ServiceScope::Failing | ServiceScope::All) {
            self.other_users(&units);
        }
        self.unread();
    }

    /// Why the unit does not run.
    fn explain(&mut self, unit: &Unit, service: &mut Service) {
        let journal = journal::read(unit.id(), unit.manager);
        let start = unit.properties.time("InactiveExitTimestamp").or_else(|| unit.properties.time("StateChangeTimestamp"));
        let log = unit.product.zip(start).and_then(|(product, start)| log_file::since(product, start, &self.files));
        service.start_limit_hit |= failure::start_limit_hit(unit, &journal);
        service.failure = Some(failure::explain(unit, &journal, log.as_ref()));
        if let Some(hidden) = journal.hidden {
            self.unread_journals.entry(hidden).or_default().push(service.name.clone());
        }
    }

    fn ports(&self, unit: &Unit, service: &Service, listens: &BTreeMap<&str, Vec<ListenSpec>>) -> Vec<ServicePort> {
        let names = match service.kind {
            ServiceKind::SocketUnit => std::slice::from_ref(&service.name),
            ServiceKind::Unit | ServiceKind::WindowsService => &service.linked,
        };
        let sockets: Vec<(&str, &[ListenSpec])> =
            names.iter().filter_map(|name| Some((name.as_str(), listens.get(name.as_str())?.as_slice()))).collect();
        ports::of(unit, service.failure.as_ref(), &sockets, &self.files)
    }

    /// The managers of other users have units that only those users may see.
    fn other_users(&mut self, units: &[Unit]) {
        let own = rustix::process::getuid().as_raw();
        let asked = Manager::all().contains(&Manager::User);
        let others: Vec<&str> = units
            .iter()
            .filter(|unit| unit.state(self.snapshot.taken_at) == ServiceState::Running)
            .filter_map(|unit| unit.id().strip_prefix("user@")?.strip_suffix(".service"))
            .filter(|user| !(asked && user.parse() == Ok(own)))
            .collect();
        if !others.is_empty() {
            self.snapshot.gaps.push(Gap::new(
                format!("the services that users run themselves (user number {})", others.join(", ")),
                "each user's own service manager answers that user only",
                "running PortMedic as that user",
            ));
        }
    }

    /// Logs and configurations that may not be read.
    fn unread(&mut self) {
        for (hidden, units) in std::mem::take(&mut self.unread_journals) {
            let what = format!("the log lines of {}", in_short(&units));
            self.snapshot.gaps.push(Gap::new(what, hidden.because, hidden.shown_by));
        }
        let denied = self.files.take_denied();
        if !denied.is_empty() {
            self.snapshot.gaps.push(Gap::new(
                "what configurations and logs of services say about ports",
                format!("this user may not read {}", in_short(&denied)),
                "running PortMedic as root",
            ));
        }
    }
}

/// Whether a unit that was shown belongs to the answer. Every unit that holds a port for another one does.
fn matters(service: &Service, scope: &ServiceScope) -> bool {
    let for_another = service.kind == ServiceKind::SocketUnit;
    let holds_a_port = for_another && !service.listens.is_empty() && service.state != ServiceState::Stopped;
    holds_a_port
        || match scope {
            ServiceScope::All => true,
            ServiceScope::Failing => service.is_failing(),
            // Asked for by name, or started by one that was.
            ServiceScope::Named(_) => !for_another || !service.listens.is_empty() || service.is_failing(),
            ServiceScope::SocketUnits | ServiceScope::None => false,
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
