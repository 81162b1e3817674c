//! Practice machines: computers written down as TOML that behave as real ones do, so that everything above runs on them unchanged.
//!
//! The same diagnosis, the same planner, the same helper with its second validation, journal, proof and way back. Only the computer is made
//! up: `form` is how it is written down, `state` what it is made of, and `bind`, `services`, `ranges` and `change` how its system answers.

mod behaviour;
mod bind;
mod build;
mod change;
mod check;
mod connect;
mod form;
mod look;
mod machines;
mod network;
mod ranges;
mod services;
mod state;
mod windows;

use std::net::SocketAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

pub use behaviour::{Behaviour, Fault, Prompt, StepFault};
pub use form::{ConnectLesson, Fix, Lesson};
pub use machines::{Machine, MachineError};

use build::build;
use state::{Happening, State};

use super::network::Network;
use super::{BindQuestion, Platform, PlatformError, Scope};
use crate::machine::{BindTest, ConnectTest, Port, PortRange, Protocol, Snapshot, Store};
use crate::remedy::{Operation, OperationState, Stores};

/// How soon a service that shall not stay up ends again, in seconds of the machine.
const SHORT_LIFE: u32 = 2;

/// A practice machine in use.
#[derive(Debug)]
pub struct PracticePlatform {
    state: Mutex<State>,
    /// Whether a service that is started ends again.
    services_stay_down: bool,
    /// What the next change is refused with.
    refusal: Mutex<Option<String>>,
}

impl PracticePlatform {
    /// The machine as it is at the beginning.
    pub fn new(machine: &Machine, behaviour: &Behaviour) -> Self {
        let mut state = machine.state.clone();
        state.host.elevated = behaviour.elevated.unwrap_or(state.host.elevated);
        Self { state: Mutex::new(state), services_stay_down: behaviour.service_stays_down, refusal: Mutex::default() }
    }

    /// Has every change refused with these words, until `None` ends that.
    pub fn refuse_changes(&self, why: Option<String>) {
        *self.refusal.lock().unwrap_or_else(PoisonError::into_inner) = why;
    }

    /// Somebody else changes what one of these operations is about. Nothing where none of them is about something that lasts.
    pub fn change_as_somebody_else(&self, operations: &[&Operation]) {
        let mut state = self.state();
        for operation in operations {
            match operation {
                Operation::AddExclusion { range, protocol, .. } | Operation::RemoveExclusion { range, protocol, .. } => {
                    // The list is whole where the plan is about every port: then nobody can change it.
                    let Some(other) = range.end().checked_add(1).or_else(|| range.start().checked_sub(1)) else { return };
                    let other = PortRange::single(other);
                    // Refused only where somebody has that port, and then nothing has changed.
                    let _not_changed = state.add_exclusion(other, *protocol, Stores::Both);
                    return;
                }
                Operation::SetDynamicRange { protocol, family, .. } => {
                    let other = PortRange::new(40_000, 50_000).ok();
                    state.set_range(other, *protocol, *family, Store::Active);
                    return;
                }
                _ => {}
            }
        }
    }

    /// Whether the one who looks has administrator rights.
    pub fn is_elevated(&self) -> bool {
        self.state().host.elevated
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Platform for PracticePlatform {
    fn observe(&self, scope: &Scope) -> Result<Snapshot, PlatformError> {
        look::look(&self.state(), scope)
    }

    fn bind_test(&self, question: &BindQuestion) -> BindTest {
        bind::ask(&self.state(), question)
    }

    fn sample_dynamic_ports(&self, protocol: Protocol, count: usize) -> Result<Vec<Port>, PlatformError> {
        let mut free = self.state().free_dynamic_ports(protocol);
        if free.len() < count {
            return Err(PlatformError::NoPortLeft(format!("the system could not choose {count} {protocol} ports")));
        }
        free.truncate(count);
        Ok(free)
    }

    fn connect_test(&self, to: SocketAddr, _patience: Duration) -> ConnectTest {
        connect::ask(&self.state(), to)
    }

    fn state_of(&self, operation: &Operation) -> Result<OperationState, PlatformError> {
        change::state_of(&self.state(), operation)
    }

    fn perform(&self, operation: &Operation) -> Result<(), PlatformError> {
        if let Some(why) = self.refusal.lock().unwrap_or_else(PoisonError::into_inner).clone() {
            return Err(PlatformError::Refused(why));
        }
        let mut state = self.state();
        change::perform(&mut state, operation)?;
        if let (true, Operation::StartService { service } | Operation::RestartService { service }) =
            (self.services_stay_down, operation)
        {
            state.later(SHORT_LIFE, Happening::Crash(service.clone()));
        }
        Ok(())
    }

    fn restore(&self, operation: &Operation, before: &OperationState, after: &OperationState) -> Result<(), PlatformError> {
        change::restore(&mut self.state(), operation, before, after)
    }

    fn network(&self) -> Option<&dyn Network> {
        Some(self)
    }

    fn now(&self) -> Timestamp {
        self.state().now
    }

    /// The machine's own clock.
    fn clock(&self) -> Duration {
        let since = self.state().now.duration_since(Timestamp::UNIX_EPOCH);
        Duration::try_from(since).unwrap_or_default()
    }

    /// Nobody waits in truth: the machine's clock is put forward.
    fn wait(&self, time: Duration) {
        self.state().pass(SignedDuration::try_from(time).unwrap_or_default());
    }
}
