//! From files of another computer to a Case: the failure that they tell of says what to look into.

use std::cmp::Reverse;
use std::collections::HashSet;
use std::sync::Arc;

use jiff::Timestamp;

use super::annex;
use super::investigate::{Investigation, look_into, services};
use crate::diagnosis::{Cause, Symptom};
use crate::evidence::{self, Failure, NETSH, Reading};
use crate::machine::{FailureKind, KnownFrom, Port, Snapshot};
use crate::platform::captured::CapturedPlatform;
use crate::platform::{Platform as _, PlatformError, ServiceScope};

/// What files of another computer come to.
#[derive(Debug)]
pub struct Analysis {
    /// The record and the facts.
    pub found: Investigation,
    /// Whether the files tell of anything that went wrong; otherwise the verdict says that they do not.
    pub tells_of_trouble: bool,
}

/// Finds out what is wrong on the computer that the files tell of. `now` is when they were read.
///
/// # Errors
/// Where nothing can be said at all.
pub fn analyze(reading: &Arc<Reading>, now: Timestamp) -> Result<Analysis, PlatformError> {
    let failure = main_failure(reading);
    let platform = CapturedPlatform::new(Arc::clone(reading), now);
    let first_look = platform.observe(&services(ServiceScope::All))?;
    let symptom = symptom_of(failure, &first_look);
    let trouble = failure.is_some() || symptom.service.is_some();
    let files: Vec<&str> = reading.files.iter().map(|file| &*file.name).collect();
    let mut found = look_into(&platform, files.join(", "), symptom, first_look, &mut |_| {})?;
    let tells_of_trouble = trouble || found.case.verdict.cause == Cause::Exhausted;
    found.case.annexes = annex::of(reading);
    Ok(Analysis { found, tells_of_trouble })
}

/// The failure that is looked into: rather one over a port, rather one whose port the socket table shows, rather a later one.
fn main_failure(reading: &Reading) -> Option<&Failure> {
    let held: HashSet<Port> = reading.last_look().filter_map(|row| row.local_port).collect();
    let rank = |failure: &Failure| match failure.cause {
        FailureKind::InUse | FailureKind::Forbidden | FailureKind::Privileged | FailureKind::NotLocal => 0,
        FailureKind::Exhausted => 1,
        FailureKind::Refused => 2,
        FailureKind::Unknown | FailureKind::NotAPort => 3,
    };
    let is_held = |failure: &Failure| failure.port.is_some_and(|port| held.contains(&port));
    let failures = reading.failures.iter().enumerate();
    let best =
        failures.min_by_key(|(index, failure)| (rank(failure), failure.port.is_none(), !is_held(failure), Reverse(*index)));
    best.map(|(_, failure)| failure)
}

fn symptom_of(failure: Option<&Failure>, look: &Snapshot) -> Symptom {
    let Some(failure) = failure else {
        return look.services.first().map(Symptom::of_service).unwrap_or_default();
    };
    let service = failure.service.as_deref().and_then(|name| look.service(name));
    let mut symptom = service.map(Symptom::of_service).unwrap_or_default();
    let of_netsh = failure.is_of(NETSH);
    if symptom.product.is_none() && !of_netsh {
        symptom.product.clone_from(&failure.product_name());
    }
    symptom.port = failure.port;
    symptom.protocol = failure.protocol;
    symptom.port_known_from = failure.port.map(|_| KnownFrom::Log);
    symptom.port_source = failure.port.map(|_| evidence::source(&failure.place));
    let mut told = evidence::failure_of(failure);
    // Whoever ran it had not the rights for it, which says nothing about the port.
    if of_netsh && told.kind == FailureKind::Forbidden {
        told.kind = FailureKind::NotAPort;
    }
    symptom.failure = Some(told);
    symptom
}
