//! A computer that is known from files: looked at like any other, and nothing can be changed on it from here.

pub mod files;
mod names;

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;

use super::{BindQuestion, Platform, PlatformError, Scope, ServiceScope, SocketScope};
use crate::evidence::{self, Reading};
use crate::machine::{BindResult, BindTest, Port, Protocol, Service, Snapshot, Socket, visible};
use crate::remedy::{Operation, OperationState};

/// Why nothing is changed there.
const ELSEWHERE: &str = "this computer is known from files only; run the commands of the plan on that computer itself";

/// A computer that is known from files.
#[derive(Debug)]
pub struct CapturedPlatform {
    /// What the files tell. Their sockets become those of a snapshot only where a scope asks for them.
    reading: Arc<Reading>,
    /// Everything but the sockets and their processes.
    all: Snapshot,
}

impl CapturedPlatform {
    /// The computer that these files tell of. `now` is when they were read.
    pub fn new(reading: Arc<Reading>, now: Timestamp) -> Self {
        let all = evidence::snapshot(&reading, now);
        Self { reading, all }
    }

    fn services(&self, scope: &ServiceScope) -> Result<Vec<Service>, PlatformError> {
        let all = self.all.services.iter();
        Ok(match scope {
            ServiceScope::None | ServiceScope::SocketUnits => Vec::new(),
            // The files name those that failed.
            ServiceScope::All | ServiceScope::Failing => all.cloned().collect(),
            ServiceScope::Named(name) => {
                let named: Vec<Service> = all.filter(|service| is_called(service, name)).cloned().collect();
                if named.is_empty() {
                    return Err(PlatformError::NoSuchService(visible(name)));
                }
                named
            }
        })
    }
}

fn is_called(service: &Service, name: &str) -> bool {
    let names = [Some(service.name.as_str()), service.name.strip_suffix(".service"), service.product.as_deref()];
    names.into_iter().flatten().any(|own| own.eq_ignore_ascii_case(name))
}

impl Platform for CapturedPlatform {
    fn observe(&self, scope: &Scope) -> Result<Snapshot, PlatformError> {
        let mut snapshot = Snapshot::new(self.all.taken_at, self.all.host.clone());
        snapshot.not_shown.clone_from(&self.all.not_shown);
        snapshot.services = self.services(&scope.services)?;
        let asked = |port: Port, protocol: Protocol| match scope.sockets {
            SocketScope::None => false,
            SocketScope::Listeners | SocketScope::All => true,
            SocketScope::Port { port: wanted, protocol: only } => port == wanted && only.is_none_or(|only| only == protocol),
        };
        snapshot.sockets = evidence::sockets(&self.reading, asked);
        if scope.sockets == SocketScope::Listeners {
            snapshot.sockets.retain(Socket::is_listener);
        }
        // More than the files have cannot be searched.
        snapshot.searched_everywhere = true;
        let pids: BTreeSet<u32> = snapshot.sockets.iter().flat_map(|socket| socket.pids.iter().copied()).collect();
        snapshot.processes = evidence::processes(&self.reading, &pids);
        snapshot.addresses.clone_from(&self.all.addresses);
        snapshot.gaps.clone_from(&self.all.gaps);
        if scope.load {
            snapshot.load.events = evidence::port_events(&self.reading);
            snapshot.load.refused = evidence::refused(&self.reading);
            snapshot.load.counted = evidence::counted(&self.reading);
            snapshot.gaps.extend(evidence::use_not_shown(&self.reading, &snapshot));
        }
        if scope.ranges {
            snapshot.dynamic_ranges.clone_from(&self.all.dynamic_ranges);
            snapshot.exclusions.clone_from(&self.all.exclusions);
            snapshot.gaps.extend(evidence::ranges_not_shown(&self.all));
        }
        Ok(snapshot)
    }

    fn bind_test(&self, question: &BindQuestion) -> BindTest {
        BindTest {
            port: question.port,
            protocol: question.protocol,
            address: question.address,
            v6only: question.v6only,
            reuse_address: question.reuse_address,
            result: BindResult::Other,
            error: Some(ELSEWHERE.to_owned()),
        }
    }

    fn sample_dynamic_ports(&self, _protocol: Protocol, _count: usize) -> Result<Vec<Port>, PlatformError> {
        Err(elsewhere())
    }

    fn earlier_looks(&self) -> Vec<Snapshot> {
        evidence::earlier_looks(&self.reading, &self.all)
    }

    fn state_of(&self, _operation: &Operation) -> Result<OperationState, PlatformError> {
        Err(elsewhere())
    }

    fn perform(&self, _operation: &Operation) -> Result<(), PlatformError> {
        Err(elsewhere())
    }

    fn restore(&self, _operation: &Operation, _before: &OperationState, _after: &OperationState) -> Result<(), PlatformError> {
        Err(elsewhere())
    }
}

fn elsewhere() -> PlatformError {
    PlatformError::Refused(ELSEWHERE.to_owned())
}
