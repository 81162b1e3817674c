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
mod ports;
mod properties;
mod rights;
mod systemctl;
mod unit;

use std::collections::BTreeMap;

use self::control_group::ControlGroups;
use self::files::LiveFiles;
use self::name::Candidates;
use self::systemctl::Manager;
use self::unit::Unit;
use crate::machine::{Gap, ListenSpec, Service, ServiceKind, ServiceState, Snapshot};
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
        snapshot.gaps.push(Gap::new("the services", "systemd does not run on this computer", "a port in place of a service"));
        return Ok(());
    }
    let mut look = Look { groups: ControlGroups::find(), files: LiveFiles::default(), snapshot, units: Vec::new() };
    look.ask(scope, candidates.as_ref())?;
    if let Some(candidates) = &candidates {
        look.choose(candidates)?;
    }
    look.report(scope);
    Ok(())
}

/// One look.
struct Look<'a> {
    groups: ControlGroups,
    files: LiveFiles,
    snapshot: &'a mut Snapshot,
    units: Vec<Unit>,
}

impl Look<'_> {
    /// Asks each service manager once: for what was named, else for everything it has.
    fn ask(&mut self, scope: &ServiceScope, candidates: Option<&Candidates>) -> Result<(), PlatformError> {
        let mut patterns = match candidates {
            Some(candidates) => candidates.patterns().to_vec(),
            None if *scope == ServiceScope::SocketUnits => Vec::new(),
            None => vec!["*.service".to_owned()],
        };
        patterns.push("*.socket".to_owned());
        for manager in Manager::all() {
            match manager.show(&patterns) {
                Ok(units) => self.add(units.into_iter().filter_map(|properties| Unit::new(properties, manager))),
                Err(error) if manager == Manager::System && candidates.is_some() => return Err(error),
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
            for manager in Manager::all() {
                let units = manager.show(&["*.service".to_owned()]).unwrap_or_default();
                self.add(units.into_iter().filter_map(|properties| Unit::new(properties, manager)));
            }
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
        let listens: BTreeMap<String, Vec<ListenSpec>> = self
            .units
            .iter()
            .map(|unit| (unit.id().to_owned(), unit.listens()))
            .filter(|(_, listens)| !listens.is_empty())
            .collect();
        let units = std::mem::take(&mut self.units);
        for unit in &units {
            let mut service = unit.service(now, &self.groups);
            let wanted = match scope {
                ServiceScope::Failing => service.is_failing(),
                ServiceScope::Named(_) | ServiceScope::All | ServiceScope::SocketUnits | ServiceScope::None => true,
            };
            let holds =
                service.kind == ServiceKind::SocketUnit && !service.listens.is_empty() && service.state != ServiceState::Stopped;
            let listens_only = service.kind == ServiceKind::SocketUnit && service.listens.is_empty() && !service.is_failing();
            let named = matches!(scope, ServiceScope::Named(_));
            if !(wanted || holds) || (named && listens_only) {
                continue;
            }
            if service.is_failing() {
                self.explain(unit, &mut service);
            }
            service.ports = self.ports(unit, &service, &listens);
            self.snapshot.services.push(service);
        }
        if !matches!(scope, ServiceScope::Named(_) | ServiceScope::SocketUnits) {
            self.other_users(&units);
        }
        self.unread_files();
    }

    /// Why the unit does not run.
    fn explain(&mut self, unit: &Unit, service: &mut Service) {
        let journal = journal::read(unit.id(), unit.manager);
        let start = unit.properties.time("InactiveExitTimestamp").or_else(|| unit.properties.time("StateChangeTimestamp"));
        let log = unit.product.zip(start).and_then(|(product, start)| log_file::since(product, start, &self.files));
        service.start_limit_hit |= failure::start_limit_hit(unit, &journal);
        service.failure = Some(failure::explain(unit, &journal, log.as_ref()));
        self.snapshot.gaps.extend(journal.gap);
    }

    fn ports(
        &self,
        unit: &Unit,
        service: &Service,
        listens: &BTreeMap<String, Vec<ListenSpec>>,
    ) -> Vec<crate::machine::ServicePort> {
        let own = (service.kind == ServiceKind::SocketUnit).then_some(&service.name);
        let started_by = if service.kind == ServiceKind::SocketUnit { &[][..] } else { &service.linked[..] };
        let sockets: Vec<(&str, Vec<ListenSpec>)> = own
            .into_iter()
            .chain(started_by)
            .filter_map(|name| listens.get(name).map(|listens| (name.as_str(), listens.clone())))
            .collect();
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

    /// Configurations and logs that may not be read.
    fn unread_files(&mut self) {
        let denied = self.files.take_denied();
        if !denied.is_empty() {
            self.snapshot.gaps.push(Gap::new(
                "what configurations and logs of services say about ports",
                format!("this user may not read {}", denied.join(", ")),
                "running PortMedic as root",
            ));
        }
    }
}
