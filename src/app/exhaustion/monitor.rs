//! One look, and the answer in the light of those before it.

use std::net::SocketAddr;
use std::time::Duration;

use jiff::Timestamp;

use crate::case::Case;
use crate::diagnosis::exhaustion::{Forecast, History, Judgement, Leak, Memory, Probe, Probes, Sample, Standing, Usage, judge};
use crate::diagnosis::{OwnerKind, Symptom};
use crate::machine::{Gap, Load, Protocol, Snapshot};
use crate::platform::{OwnerSearch, Platform, PlatformError, Scope, ServiceScope, SocketScope};
use crate::remedy::{self, Guide, Plan};

/// A destination that does not answer has so long.
const PATIENCE: Duration = Duration::from_secs(5);

/// What one look saw.
#[derive(Debug, Clone)]
pub struct Look {
    /// The computer.
    pub snapshot: Snapshot,
    /// What the system answered when it was asked for ports.
    pub probes: Probes,
}

/// Looks again and again, and remembers what it needs of it: a bounded number of samples, and whose finished connections were.
#[derive(Debug, Clone, Default)]
pub struct Monitor {
    memory: Memory,
    history: History,
}

/// The answer at one moment: everything that a page or a command tells.
#[derive(Debug, Clone)]
pub struct Exhaustion {
    /// How it stands.
    pub standing: Standing,
    /// The verdict with its evidence, who has the most ports, and what can be done.
    pub case: Case,
    /// The newest sample.
    pub sample: Sample,
    /// Which range of the sample the verdict is about.
    pub range: Option<usize>,
    /// Where each range of the sample goes.
    pub forecasts: Vec<Forecast>,
    /// Who leaks, where somebody does.
    pub leak: Option<Leak>,
    /// For each range of the sample: the ports in use over time, the oldest first.
    pub series: Vec<Vec<(Timestamp, u32)>>,
    /// What the system answered when it was asked for ports.
    pub probes: Probes,
    /// Handles, events and counters.
    pub load: Load,
    /// What a person can do to find out more, step by step, the last resort last.
    pub guides: Vec<Guide>,
}

impl Exhaustion {
    /// The range that the verdict is about.
    pub fn fullest(&self) -> Option<&Usage> {
        self.sample.ranges.get(self.range?)
    }

    /// Where that range goes.
    pub fn forecast(&self) -> Option<&Forecast> {
        self.forecasts.get(self.range?)
    }

    /// The ports in use of one range over time, the oldest first.
    pub fn points(&self, range: usize) -> &[(Timestamp, u32)] {
        self.series.get(range).map_or(&[], Vec::as_slice)
    }
}

/// The whole table with its holders, the ranges, and what else tells.
fn scope() -> Scope {
    Scope { sockets: SocketScope::All, owners: OwnerSearch::All, ranges: true, load: true, ..Scope::default() }
}

impl Monitor {
    /// Looks once, asks the system for any port of each protocol, and connects once to `destination` where one is given. Nothing is sent to
    /// any other computer.
    ///
    /// # Errors
    /// Where nothing could be seen at all.
    pub fn look(&mut self, platform: &dyn Platform, destination: Option<SocketAddr>) -> Result<Look, PlatformError> {
        let snapshot = platform.observe(&scope())?;
        if self.history.last().is_none() {
            platform.earlier_looks().iter().for_each(|earlier| self.learn(earlier));
        }
        let any_port = Protocol::ALL.into_iter().map(|protocol| (protocol, ask(platform, protocol))).collect();
        let connection = destination.map(|to| platform.connect_test(to, PATIENCE));
        self.learn(&snapshot);
        Ok(Look { snapshot, probes: Probes { any_port, connection } })
    }

    fn learn(&mut self, snapshot: &Snapshot) {
        self.memory.learn(snapshot);
        self.history.push(Sample::of(snapshot, &self.memory));
    }

    /// How it stands by this newest look.
    pub fn judge(&self, look: &Look) -> Judgement {
        judge(&look.snapshot, &self.history, &look.probes)
    }

    /// The samples so far.
    pub const fn history(&self) -> &History {
        &self.history
    }

    /// The answer by this newest look, with what can be done.
    pub fn answer(&self, platform: &dyn Platform, look: Look) -> Exhaustion {
        let Judgement { standing, diagnosis, range, forecasts, leak } = self.judge(&look);
        let Look { mut snapshot, probes } = look;
        add_service_of_holder(platform, &mut snapshot, diagnosis.owners.first());
        let symptom = Symptom::default();
        let mut plan = if standing.is_trouble() { remedy::plan(&snapshot, &symptom, &diagnosis) } else { Plan::default() };
        for step in plan.options.iter_mut().flat_map(|option| &mut option.steps) {
            // Where the state cannot be read, the run of the plan says so before anybody is asked for rights.
            step.before = platform.state_of(&step.operation).ok();
        }
        let guides = match standing {
            Standing::ManyTimeWait => vec![remedy::time_wait_guide(&snapshot)],
            standing if standing.is_trouble() => remedy::exhaustion_guides(&snapshot, &diagnosis),
            _ => Vec::new(),
        };
        let mut gaps = Vec::new();
        Gap::add(&mut gaps, snapshot.gaps.clone());
        let host = snapshot.host.clone();
        let case =
            Case::new(snapshot.taken_at, host, "exhaustion".to_owned(), symptom, diagnosis, plan, gaps).with_facts(&snapshot);
        let sample = self.history.last().cloned().unwrap_or_else(|| Sample::of(&snapshot, &self.memory));
        let series = sample.ranges.iter().map(|own| self.history.points(own.protocol, own.family)).collect();
        Exhaustion { standing, case, sample, range, forecasts, leak, series, probes, load: snapshot.load, guides }
    }
}

fn ask(platform: &dyn Platform, protocol: Protocol) -> Probe {
    match platform.sample_dynamic_ports(protocol, 1) {
        Ok(_) => Probe::Given,
        Err(PlatformError::NoPortLeft(_)) => Probe::NoneLeft,
        Err(error) => Probe::NotAsked { because: error.to_string() },
    }
}

/// Looks at the service of who has the most: what it is called, and whether it starts again by itself.
fn add_service_of_holder(platform: &dyn Platform, snapshot: &mut Snapshot, owner: Option<&crate::diagnosis::Owner>) {
    let Some(owner) = owner.filter(|owner| matches!(owner.kind, OwnerKind::Unit | OwnerKind::Service)) else { return };
    let Some(unit) = owner.service.clone() else { return };
    let named = Scope { services: ServiceScope::Named(unit), owners: OwnerSearch::None, ..Scope::default() };
    // A unit that ended meanwhile is not there any more; its name is known from its process.
    if let Ok(look) = platform.observe(&named) {
        snapshot.add_services_of(look);
    }
}
