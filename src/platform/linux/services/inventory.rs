//! Which units a look is about.

use super::name::Candidates;
use super::properties::Properties;
use super::systemctl::Manager;
use super::unit::Unit;
use crate::catalog;
use crate::machine::{Gap, ServiceState, Snapshot};
use crate::platform::{PlatformError, ServiceScope};

/// The units of one look.
#[derive(Debug, Default)]
pub struct Inventory {
    /// Those that were asked for, the one that is meant most likely first.
    pub asked: Vec<Unit>,
    /// Socket units beside them that have a port for another unit.
    pub holders: Vec<Unit>,
}

/// Asks the service managers for the units of `scope`. What an optional one does not answer becomes a Gap of `snapshot`.
///
/// # Errors
/// Where a name is asked for that no unit has, or the system's service manager does not answer for it.
pub fn take(scope: &ServiceScope, snapshot: &mut Snapshot) -> Result<Inventory, PlatformError> {
    let now = snapshot.taken_at;
    let mut units = Units::default();
    let sockets = "*.socket".to_owned();
    let asked = match scope {
        ServiceScope::None => Vec::new(),
        ServiceScope::SocketUnits => {
            units.ask(&[sockets], snapshot)?;
            Vec::new()
        }
        ServiceScope::Named(name) => {
            let candidates = Candidates::of(name)?;
            units.ask_for(&candidates, snapshot)?
        }
        ServiceScope::Failing => {
            units.ask(&[sockets, "*.service".to_owned()], snapshot)?;
            snapshot.gaps.extend(units.of_other_users());
            units.take(|unit| unit.is_failing(now))
        }
        ServiceScope::All => {
            units.ask(&[sockets, "*.service".to_owned()], snapshot)?;
            // The units of known products are asked for by name, too: systemd forgets a server that was stopped.
            let known = catalog::products().iter().flat_map(|product| &product.units).map(|unit| format!("{unit}.service"));
            units.ask_installed(&known.collect::<Vec<_>>(), snapshot);
            snapshot.gaps.extend(units.of_other_users());
            units.take(|_| true)
        }
    };
    let holders = units.take(|unit| unit.state(now) == ServiceState::Running && !unit.listens().is_empty());
    Ok(Inventory { asked, holders })
}

/// The units that were shown so far.
#[derive(Debug, Default)]
struct Units(Vec<Unit>);

impl Units {
    /// Asks each service manager for all of `patterns` at once.
    fn ask(&mut self, patterns: &[String], snapshot: &mut Snapshot) -> Result<(), PlatformError> {
        for manager in Manager::all() {
            match manager.show(patterns) {
                Ok(units) => self.add(units, manager),
                Err(error) if manager == Manager::System => return Err(error),
                Err(error) => snapshot.gaps.push(gap(manager.units_in_words(), &error, manager)),
            }
        }
        Ok(())
    }

    /// Asks each service manager that has answered for those of `names` that are installed and that it has not shown yet.
    fn ask_installed(&mut self, names: &[String], snapshot: &mut Snapshot) {
        for manager in Manager::all() {
            let own: Vec<&Unit> = self.0.iter().filter(|unit| unit.manager == manager).collect();
            if own.is_empty() {
                continue;
            }
            let missing: Vec<String> =
                names.iter().filter(|name| !own.iter().any(|unit| unit.is_called(name))).cloned().collect();
            // Without the list each is asked for: it takes longer, and tells the same.
            let installed = manager.installed(&missing).unwrap_or(missing);
            if installed.is_empty() {
                continue;
            }
            match manager.show(&installed) {
                Ok(units) => self.add(units, manager),
                Err(error) => snapshot.gaps.push(gap("services that are installed and not loaded", &error, manager)),
            }
        }
    }

    fn add(&mut self, units: Vec<Properties>, manager: Manager) {
        for unit in units.into_iter().filter_map(|properties| Unit::new(properties, manager)) {
            // A unit that has several names is shown for each.
            if !self.0.iter().any(|own| own.is_same(&unit)) {
                self.0.push(unit);
            }
        }
    }

    fn take(&mut self, wanted: impl Fn(&Unit) -> bool) -> Vec<Unit> {
        self.0.extract_if(.., |unit| wanted(unit)).collect()
    }

    /// The units that a name means, then those that start them or are started by them.
    fn ask_for(&mut self, candidates: &Candidates, snapshot: &mut Snapshot) -> Result<Vec<Unit>, PlatformError> {
        let patterns: Vec<String> = candidates.patterns().iter().cloned().chain(["*.socket".to_owned()]).collect();
        self.ask(&patterns, snapshot)?;
        let mut meant = self.take(|unit| candidates.mean(unit));
        if meant.is_empty() {
            // Only the case may be wrong.
            self.ask(&["*.service".to_owned()], snapshot)?;
            meant = self.take(|unit| candidates.mean(unit));
        }
        let Some(manager) = meant.first().map(|unit| unit.manager) else {
            return Err(PlatformError::NoSuchService(candidates.asked().to_owned()));
        };
        meant.sort_by_key(|unit| candidates.order(unit, unit.state(snapshot.taken_at)));
        let linked: Vec<String> = meant.iter().flat_map(Unit::linked).map(str::to_owned).collect();
        let unseen = |name: &&String| !meant.iter().chain(&self.0).any(|unit| unit.is_called(name));
        let missing: Vec<String> = linked.iter().filter(unseen).cloned().collect();
        if !missing.is_empty() {
            self.add(manager.show(&missing)?, manager);
        }
        meant.extend(self.take(|unit| unit.manager == manager && linked.iter().any(|name| unit.is_called(name))));
        Ok(meant)
    }

    /// The managers of other users have units that only those users may see.
    fn of_other_users(&self) -> Option<Gap> {
        let own = rustix::process::getuid().as_raw();
        let own_is_asked = Manager::all().contains(&Manager::User);
        let users: Vec<&str> = self
            .0
            .iter()
            .filter(|unit| unit.properties.get("ActiveState") == "active")
            .filter_map(|unit| unit.id().strip_prefix("user@")?.strip_suffix(".service"))
            .filter(|user| !(own_is_asked && user.parse() == Ok(own)))
            .collect();
        let what = || format!("the services that users run themselves (user number {})", users.join(", "));
        let because = "each user's own service manager answers that user only";
        (!users.is_empty()).then(|| Gap::new(what(), because, "running PortMedic as that user"))
    }
}

/// What a service manager did not tell.
fn gap(what: &str, error: &PlatformError, manager: Manager) -> Gap {
    Gap::new(what, error.to_string(), format!("{} list-units --all", manager.systemctl()))
}
