//! The live Linux computer.

mod bind_test;
pub mod guarded;
mod host;
mod mounts;
mod netlink;
mod network;
mod perform;
mod proc_file;
mod processes;
mod protected;
mod published;
mod ranges;
mod services;
mod sockets;
mod stat;
mod users;

use std::net::SocketAddr;
use std::time::Duration;

use jiff::Timestamp;

use super::connect_test;
use super::network::Network;
use super::recorder::{self, PortWatch};
use super::services::open_ports;
use super::{BindQuestion, Platform, PlatformError, Scope, ServiceScope, SocketTable};
use crate::machine::{BindTest, Boot, ConnectTest, Gap, Port, Protocol, Snapshot, WatchedPort};
use crate::remedy::{Operation, OperationState};

/// Removes what a helper left behind that was killed while it replaced a file. Only for the helper, which has the lock of the journal.
pub fn remove_leftovers() {
    perform::leftovers::remove();
}

/// The live Linux computer, in the network namespace that PortMedic runs in.
#[derive(Debug, Default)]
pub struct LinuxPlatform;

/// The name of the user with this number; `None` where nobody has it (any more).
pub fn user_name(uid: u32) -> Option<String> {
    users::Users::default().name(uid)
}

impl Platform for LinuxPlatform {
    fn observe(&self, scope: &Scope) -> Result<Snapshot, PlatformError> {
        let mut snapshot = Snapshot::new(Timestamp::now(), host::look());
        services::look(&scope.services, &mut snapshot)?;
        if matches!(scope.services, ServiceScope::Named(_)) {
            processes::look_at_services(&mut snapshot);
        }
        sockets::look(scope, &mut snapshot);
        open_ports::add(&mut snapshot);
        if scope.ranges {
            ranges::look(&mut snapshot);
        }
        recorder::look(scope, || self.boot(), &mut snapshot);
        if scope.bind_tests {
            bind_test::look(scope, &mut snapshot);
            match host::addresses() {
                Ok(addresses) => snapshot.addresses = addresses,
                Err(error) => snapshot.gaps.push(Gap::new(
                    "the addresses of this computer",
                    format!("the kernel's list of them (rtnetlink) is refused here ({error})"),
                    "PortMedic outside of the sandbox it runs in",
                )),
            }
        }
        Ok(snapshot)
    }

    fn socket_table(&self) -> Result<SocketTable, PlatformError> {
        let mut look = Snapshot::new(Timestamp::now(), host::look());
        let sockets = sockets::everything(false, &mut look);
        Ok(SocketTable { look, sockets: Box::new(sockets) })
    }

    fn bind_test(&self, question: &BindQuestion) -> BindTest {
        bind_test::ask(question)
    }

    fn sample_dynamic_ports(&self, protocol: Protocol, count: usize) -> Result<Vec<Port>, PlatformError> {
        bind_test::sample(protocol, count)
    }

    fn connect_test(&self, to: SocketAddr, patience: Duration) -> ConnectTest {
        connect_test::ask(to, patience)
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

    fn boot(&self) -> Option<Boot> {
        host::boot()
    }

    fn network(&self) -> Option<&dyn Network> {
        Some(&network::LinuxNetwork)
    }

    fn effort(&self) -> Duration {
        let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
        let nanoseconds = u32::try_from(time.tv_nsec).unwrap_or(0);
        u64::try_from(time.tv_sec).map_or(Duration::ZERO, |seconds| Duration::new(seconds, nanoseconds))
    }

    fn watch(&self, ports: &[WatchedPort]) -> Result<Box<dyn PortWatch>, PlatformError> {
        sockets::watch(ports)
    }
}
