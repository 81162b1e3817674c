//! The live Windows computer: one kind of fact or operation a file, every system call in [`ffi`].

mod bind_test;
mod facts;
pub mod ffi;
pub mod guarded;
mod host;
mod netsh;
mod network;
mod perform;
mod processes;
mod protected;
mod ranges;
mod registry;
mod services;
mod sockets;

use std::net::SocketAddr;
use std::time::Duration;

use jiff::Timestamp;

use super::connect_test;
use super::network::Network;
use super::recorder::{self, PortWatch};
use super::services::open_ports;
use super::{BindQuestion, OwnerSearch, Platform, PlatformError, Scope, SocketScope};
use crate::machine::{BindTest, Boot, ConnectTest, Gap, Port, Protocol, SYSTEM_PID, Snapshot, WatchedPort};
use crate::remedy::{Operation, OperationState};

/// The live Windows computer.
#[derive(Debug, Default)]
pub struct WindowsPlatform;

impl Platform for WindowsPlatform {
    fn observe(&self, scope: &Scope) -> Result<Snapshot, PlatformError> {
        let mut snapshot = Snapshot::new(Timestamp::now(), host::look());
        services::look(&scope.services, &mut snapshot)?;
        sockets::look(scope, &mut snapshot)?;
        open_ports::add(&mut snapshot);
        if scope.ranges || facts_matter(scope, &snapshot) {
            look_at_ranges_and_facts(scope, &mut snapshot);
            sockets::look_behind_http_sys(&mut snapshot);
        }
        recorder::look(scope, || self.boot(), &mut snapshot);
        if scope.bind_tests {
            bind_test::look(scope, &mut snapshot);
            match ffi::addresses() {
                Ok(addresses) => snapshot.addresses = addresses,
                Err(error) => snapshot.gaps.push(Gap::new(
                    "the addresses of this computer",
                    format!("Windows did not list its network adapters ({error})"),
                    "`ipconfig` in a command prompt",
                )),
            }
        }
        Ok(snapshot)
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
        processes::boot()
    }

    fn network(&self) -> Option<&dyn Network> {
        Some(&network::WindowsNetwork)
    }

    fn watch(&self, ports: &[WatchedPort]) -> Result<Box<dyn PortWatch>, PlatformError> {
        Ok(sockets::watch(ports))
    }
}

/// The service that passes on the connections of portproxy rules.
const IP_HELPER: &str = "iphlpsvc";

/// Whether what only Windows has may change the answer about a port. netsh is slow to tell it, so the fast question asks only where the
/// kernel or the service of the portproxy rules has the port.
fn facts_matter(scope: &Scope, snapshot: &Snapshot) -> bool {
    let acts_for_others = |pid: &u32| {
        let service = snapshot.processes.get(pid).and_then(|process| process.service.as_deref());
        *pid == SYSTEM_PID || service == Some(IP_HELPER)
    };
    match (&scope.sockets, scope.owners) {
        (SocketScope::Port { .. }, OwnerSearch::ControlGroup) => snapshot
            .sockets
            .iter()
            .any(|socket| socket.service.as_deref() == Some(IP_HELPER) || socket.pids.iter().any(acts_for_others)),
        (SocketScope::Port { .. }, OwnerSearch::All | OwnerSearch::None) => true,
        (SocketScope::All | SocketScope::Listeners | SocketScope::None, _) => false,
    }
}

/// Both ask netsh, whose start takes its time, so they do so together.
fn look_at_ranges_and_facts(scope: &Scope, snapshot: &mut Snapshot) {
    std::thread::scope(|threads| {
        let facts = threads.spawn(facts::read);
        if scope.ranges {
            ranges::look(snapshot);
        }
        match facts.join() {
            Ok((facts, gaps)) => {
                snapshot.windows = facts;
                Gap::add(&mut snapshot.gaps, gaps);
            }
            Err(panic) => std::panic::resume_unwind(panic),
        }
    });
}
