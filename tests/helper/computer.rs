//! A computer with services, connections and lists of ports, whose calls are counted and can be made to fail.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::Mutex;

use portmedic::machine::{BindResult, BindTest, Boot, Port, PortRange, PortSet, Protocol, ServiceState, Snapshot};
use portmedic::platform::{BindQuestion, Platform, PlatformError, Scope};
use portmedic::remedy::{Operation, OperationState, Task};

/// What it is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    pub services: BTreeMap<String, ServiceState>,
    /// Which services need which one: they stop along with it.
    pub needed_by: BTreeMap<String, Vec<String>>,
    /// Now.
    pub excluded: PortSet,
    /// After the next start.
    pub excluded_next: PortSet,
    pub connections: BTreeSet<String>,
    pub processes: BTreeSet<u32>,
    pub range: PortRange,
    /// The ports that a task records; `None` where there is no such task.
    pub recorded: Option<PortSet>,
}

impl Facts {
    fn running_dependants(&self, service: &str) -> Vec<String> {
        let runs = |own: &&String| self.services.get(*own) == Some(&ServiceState::Running);
        self.needed_by.get(service).into_iter().flatten().filter(runs).cloned().collect()
    }
}

type Meddling = Box<dyn FnMut(&mut Facts) + Send>;

#[derive(Default)]
struct Faults {
    /// The change that fails, counted from 0.
    fails_at: Option<usize>,
    /// The change that does nothing and says that it did.
    lies_at: Option<usize>,
    /// What somebody else does right after a change.
    meddling: Option<(usize, Meddling)>,
    changes: usize,
}

/// The computer.
pub struct Computer {
    facts: Mutex<Facts>,
    faults: Mutex<Faults>,
}

impl Computer {
    /// A service that failed, a client on its port, another service that runs.
    pub fn new() -> Self {
        let facts = Facts {
            services: BTreeMap::from([
                ("db.service".to_owned(), ServiceState::Failed),
                ("web.service".to_owned(), ServiceState::Running),
            ]),
            needed_by: BTreeMap::new(),
            excluded: "3000".parse().expect("a list"),
            excluded_next: "3000".parse().expect("a list"),
            connections: BTreeSet::from(["127.0.0.1:1433".to_owned()]),
            processes: BTreeSet::from([4711]),
            range: "32768-60999".parse().expect("a range"),
            recorded: None,
        };
        Self { facts: Mutex::new(facts), faults: Mutex::default() }
    }

    /// The change with this number (from 0) fails.
    pub fn failing_at(self, change: usize) -> Self {
        self.faults.lock().expect("a lock").fails_at = Some(change);
        self
    }

    /// The change with this number does nothing, and says that it did.
    pub fn lying_at(self, change: usize) -> Self {
        self.faults.lock().expect("a lock").lies_at = Some(change);
        self
    }

    /// Somebody else changes something right after the change with this number.
    pub fn meddled_with_after(self, change: usize, meddling: impl FnMut(&mut Facts) + Send + 'static) -> Self {
        self.faults.lock().expect("a lock").meddling = Some((change, Box::new(meddling)));
        self
    }

    /// What it is now.
    pub fn facts(&self) -> Facts {
        self.facts.lock().expect("a lock").clone()
    }

    /// Somebody else changes it.
    pub fn meddle(&self, meddling: impl FnOnce(&mut Facts)) {
        meddling(&mut self.facts.lock().expect("a lock"));
    }

    /// A service that runs and needs another one.
    pub fn with_dependant(self, service: &str, dependant: &str) -> Self {
        self.meddle(|facts| {
            facts.services.insert(dependant.to_owned(), ServiceState::Running);
            facts.needed_by.entry(service.to_owned()).or_default().push(dependant.to_owned());
        });
        self
    }

    /// How often it was changed, or was to be.
    pub fn changes(&self) -> usize {
        self.faults.lock().expect("a lock").changes
    }

    fn change(&self, change: impl FnOnce(&mut Facts)) -> Result<(), PlatformError> {
        let mut faults = self.faults.lock().expect("a lock");
        let number = faults.changes;
        faults.changes += 1;
        if faults.fails_at == Some(number) {
            return Err(PlatformError::Failed { what: "could not change it".to_owned(), why: "the test wants it so".to_owned() });
        }
        let mut facts = self.facts.lock().expect("a lock");
        if faults.lies_at != Some(number) {
            change(&mut facts);
        }
        if let Some((at, meddling)) = &mut faults.meddling
            && *at == number
        {
            meddling(&mut facts);
        }
        Ok(())
    }
}

impl Platform for Computer {
    fn observe(&self, _scope: &Scope) -> Result<Snapshot, PlatformError> {
        Err(PlatformError::Refused("nobody looks at this computer".to_owned()))
    }

    fn bind_test(&self, question: &BindQuestion) -> BindTest {
        BindTest {
            protocol: question.protocol,
            address: IpAddr::from([0, 0, 0, 0]),
            port: question.port,
            v6only: false,
            reuse_address: false,
            result: BindResult::Free,
            error: None,
        }
    }

    fn sample_dynamic_ports(&self, _protocol: Protocol, _count: usize) -> Result<Vec<Port>, PlatformError> {
        Ok(Vec::new())
    }

    fn state_of(&self, operation: &Operation) -> Result<OperationState, PlatformError> {
        let facts = self.facts.lock().expect("a lock");
        Ok(match operation {
            Operation::StopService { service } | Operation::StartService { service } | Operation::RestartService { service } => {
                let state = facts.services.get(service).ok_or_else(|| PlatformError::NoSuchService(service.clone()))?;
                OperationState::Service { state: *state, main_pid: None, dependants: facts.running_dependants(service) }
            }
            Operation::CloseConnection { local, .. } => {
                OperationState::Connection { present: facts.connections.contains(&local.to_string()) }
            }
            Operation::EndProcess { process, .. } => OperationState::Process { alive: facts.processes.contains(&process.pid) },
            Operation::AddExclusion { .. } | Operation::RemoveExclusion { .. } => OperationState::Exclusions {
                active: facts.excluded.clone(),
                persistent: facts.excluded_next.clone(),
                own_file: Some(facts.excluded_next.to_string()),
            },
            Operation::SetDynamicRange { .. } => {
                OperationState::DynamicRange { active: facts.range, persistent: Some(facts.range), own_file: None }
            }
            Operation::InstallTask { .. } | Operation::RemoveTask { .. } => OperationState::Task {
                works: facts.recorded.clone().map(|ports| Task::Recorder { ports }),
                enabled: facts.recorded.is_some(),
                own_file: facts.recorded.as_ref().map(ToString::to_string),
            },
            other => return Err(PlatformError::Refused(format!("{} makes no sense here", other.name()))),
        })
    }

    fn boot(&self) -> Option<Boot> {
        Some(Boot::new("test", 1))
    }

    fn perform(&self, operation: &Operation) -> Result<(), PlatformError> {
        self.change(|facts| match operation {
            Operation::StopService { service } => {
                for own in facts.running_dependants(service).into_iter().chain([service.clone()]) {
                    facts.services.insert(own, ServiceState::Stopped);
                }
            }
            Operation::StartService { service } | Operation::RestartService { service } => {
                facts.services.insert(service.clone(), ServiceState::Running);
            }
            Operation::CloseConnection { local, .. } => {
                facts.connections.remove(&local.to_string());
            }
            Operation::EndProcess { process, .. } => {
                facts.processes.remove(&process.pid);
            }
            Operation::AddExclusion { range, .. } => {
                facts.excluded.insert(*range);
                facts.excluded_next.insert(*range);
            }
            Operation::RemoveExclusion { range, .. } => {
                facts.excluded.remove(*range);
                facts.excluded_next.remove(*range);
            }
            Operation::SetDynamicRange { range, .. } => facts.range = *range,
            Operation::InstallTask { task: Task::Recorder { ports } } => facts.recorded = Some(ports.clone()),
            Operation::RemoveTask { .. } => facts.recorded = None,
            other => panic!("{other:?} was to be done"),
        })
    }

    fn restore(&self, operation: &Operation, before: &OperationState, after: &OperationState) -> Result<(), PlatformError> {
        if let Some(drift) = operation.drift(after, &self.state_of(operation)?) {
            return Err(PlatformError::Changed(drift));
        }
        self.change(|facts| match (operation, before) {
            (
                Operation::StopService { service } | Operation::StartService { service } | Operation::RestartService { service },
                OperationState::Service { state, dependants, .. },
            ) => {
                let runs = *state == ServiceState::Running;
                let along = if runs { dependants.clone() } else { facts.running_dependants(service) };
                for own in along.into_iter().chain([service.clone()]) {
                    facts.services.insert(own, if runs { ServiceState::Running } else { ServiceState::Stopped });
                }
            }
            (_, OperationState::Exclusions { active, persistent, .. }) => {
                (facts.excluded, facts.excluded_next) = (active.clone(), persistent.clone());
            }
            (_, OperationState::DynamicRange { active, .. }) => facts.range = *active,
            (_, OperationState::Task { own_file, .. }) => {
                facts.recorded = own_file.as_deref().map(|ports| ports.parse().expect("a list"));
            }
            other => panic!("{other:?} was to be taken back"),
        })
    }
}
