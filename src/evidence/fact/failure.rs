//! What went wrong, as logs tell it.

use serde::{Serialize, Serializer};

use super::{Place, Reading};
use crate::catalog;
use crate::machine::{FailureKind, Port, Protocol};

/// A failure that a log tells, however often it repeats it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Failure {
    /// The product it comes from, as its short id in the catalogue: `nginx`, `sqlserver`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product: Option<String>,
    /// The service or unit, as it is written there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// The port.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port: Option<Port>,
    /// The protocol.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub protocol: Option<Protocol>,
    /// The number or name of the error that says it best: `10048`, `EADDRINUSE`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// What went wrong.
    #[serde(serialize_with = "cause")]
    pub cause: FailureKind,
    /// The message, on one line.
    pub message: String,
    /// When, as it is written there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time: Option<String>,
    /// Where the message stands.
    #[serde(flatten)]
    pub place: Place,
    /// The line that names the port, where it is another one than the first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port_line: Option<u32>,
}

/// The cause in the words that are promised: a log line is no verdict yet, and where the port is not to blame it tells no cause.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes fields by reference")]
fn cause<S: Serializer>(kind: &FailureKind, serializer: S) -> Result<S::Ok, S::Error> {
    match kind {
        FailureKind::NotLocal | FailureKind::NotAPort => FailureKind::Unknown.serialize(serializer),
        kind => kind.serialize(serializer),
    }
}

impl Failure {
    /// The product's name for people.
    pub fn product_name(&self) -> Option<String> {
        let id = self.product.as_deref()?;
        let known = catalog::products().iter().find(|product| product.id == id);
        Some(known.map_or_else(|| id.to_owned(), |product| product.name.clone()))
    }
}

impl Reading {
    /// Adds a failure, or where it is known already, tells it once: its message goes on where it follows without a gap.
    pub fn add_failure(&mut self, failure: Failure) {
        let same = |known: &&mut Failure| {
            known.place.file == failure.place.file
                && (&known.product, &known.service) == (&failure.product, &failure.service)
                && (known.port, known.protocol, known.cause) == (failure.port, failure.protocol, failure.cause)
                // Windows tells by number whether ports are used up for one destination or for all.
                && (known.product.as_deref() != Some("tcpip") || known.code == failure.code)
        };
        match self.failures.iter_mut().find(same) {
            None => self.failures.push(failure),
            Some(known) if failure.place.line <= known.place.line_end + 1 => {
                known.place.line_end = known.place.line_end.max(failure.place.line_end);
            }
            Some(_) => {}
        }
    }

    /// Adds a service that failed, once.
    pub fn add_failed_service(&mut self, name: &str, place: Place) {
        if self.failed_services.iter().all(|known| known.name != name) {
            self.failed_services.push(FailedService { name: name.to_owned(), place });
        }
    }
}

/// A service or unit that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailedService {
    /// Its name, as it is written there.
    pub name: String,
    /// Where it stands.
    pub place: Place,
}
