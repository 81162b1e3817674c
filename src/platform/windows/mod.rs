//! The live Windows computer: one kind of fact or operation a file, every system call in [`ffi`].

mod bind_test;
mod facts;
pub mod ffi;
mod host;
mod netsh;
mod perform;
mod processes;
mod ranges;
mod registry;
mod services;
mod sockets;

use jiff::Timestamp;

use super::{BindQuestion, Platform, PlatformError, Scope, SocketScope};
use crate::machine::{BindTest, Port, Protocol, Snapshot};
use crate::remedy::{Operation, OperationState};

/// The live Windows computer.
#[derive(Debug, Default)]
pub struct WindowsPlatform;

impl Platform for WindowsPlatform {
    fn observe(&self, scope: &Scope) -> Result<Snapshot, PlatformError> {
        let mut snapshot = Snapshot::new(Timestamp::now(), host::look());
        services::look(&scope.services, &mut snapshot)?;
        sockets::look(scope, &mut snapshot)?;
        if scope.ranges {
            ranges::look(&mut snapshot);
        }
        if scope.ranges || matches!(scope.sockets, SocketScope::Port { .. }) {
            snapshot.windows = facts::read(&mut snapshot.gaps);
        }
        if scope.bind_tests {
            bind_test::look(scope, &mut snapshot);
        }
        Ok(snapshot)
    }

    fn bind_test(&self, question: &BindQuestion) -> BindTest {
        bind_test::ask(question)
    }

    fn sample_dynamic_ports(&self, protocol: Protocol, count: usize) -> Result<Vec<Port>, PlatformError> {
        bind_test::sample(protocol, count)
    }

    fn state_of(&self, operation: &Operation) -> Result<OperationState, PlatformError> {
        perform::state_of(operation)
    }

    fn perform(&self, operation: &Operation) -> Result<(), PlatformError> {
        perform::perform(operation)
    }

    fn restore(&self, operation: &Operation, before: &OperationState, after: &OperationState) -> Result<(), PlatformError> {
        perform::restore(operation, before, after)
    }
}
