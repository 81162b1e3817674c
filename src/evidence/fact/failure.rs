//! What went wrong, as logs tell it.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

use serde::{Serialize, Serializer};

use super::{Name, Place, Reading};
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

/// The events of TCP/IP in Windows, as the product of a [`Failure`].
pub const TCPIP: &str = "tcpip";
/// The tool of Windows that changes its ranges of ports and asks for no port itself, as the product of a [`Failure`].
pub const NETSH: &str = "netsh";

impl Failure {
    /// Whether it comes from the product with this short id.
    pub fn is_of(&self, product: &str) -> bool {
        self.product.as_deref() == Some(product)
    }

    /// The product's name for people.
    pub fn product_name(&self) -> Option<String> {
        let id = self.product.as_deref()?;
        let known = catalog::products().iter().find(|product| product.id == id);
        Some(known.map_or_else(|| id.to_owned(), |product| product.name.clone()))
    }
}

/// What makes two messages one failure.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Same {
    file: Name,
    computer: Option<String>,
    product: Option<String>,
    service: Option<String>,
    port: Option<Port>,
    protocol: Option<Protocol>,
    cause: FailureKind,
    /// Only for TCP/IP: Windows tells by number whether ports are used up for one destination or for all.
    code: Option<String>,
}

/// The failures and failed services that are known already, so that each further one is found at once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Known {
    failures: HashMap<Same, usize>,
    services: HashSet<String>,
}

impl Reading {
    /// Adds a failure, or where it is known already, tells it once: its message goes on where it follows without a gap.
    pub fn add_failure(&mut self, failure: Failure) {
        match self.known.failures.entry(self.same(&failure)) {
            Entry::Vacant(place) => {
                place.insert(self.failures.len());
                self.failures.push(failure);
            }
            Entry::Occupied(index) => {
                let known = &mut self.failures[*index.get()].place;
                if failure.place.line <= known.line_end + 1 {
                    known.line_end = known.line_end.max(failure.place.line_end);
                }
            }
        }
    }

    /// Adds a service that failed, once.
    pub fn add_failed_service(&mut self, name: &str, place: Place) {
        if self.known.services.insert(name.to_owned()) {
            self.failed_services.push(FailedService { name: name.to_owned(), place });
        }
    }

    fn same(&self, failure: &Failure) -> Same {
        Same {
            file: failure.place.file.clone(),
            computer: self.computer_at(&failure.place),
            product: failure.product.clone(),
            service: failure.service.clone(),
            port: failure.port,
            protocol: failure.protocol,
            cause: failure.cause,
            code: failure.code.clone().filter(|_| failure.is_of(TCPIP)),
        }
    }

    /// The computer that a place of the last file belongs to, as far as the file was read.
    fn computer_at(&self, place: &Place) -> Option<String> {
        let behind = self.machines.partition_point(|start| start.place.file != place.file || start.place.line <= place.line);
        let start = self.machines.get(behind.checked_sub(1)?)?;
        (start.place.file == place.file).then(|| start.name.to_lowercase())
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

#[cfg(test)]
mod tests {
    use super::super::{Place, Reading, SectionStart};
    use super::{Failure, TCPIP};
    use crate::machine::{FailureKind, Port, Protocol};

    fn place(line: u32) -> Place {
        Place { file: "a.log".into(), line, line_end: line }
    }

    fn failure(port: Port, line: u32) -> Failure {
        Failure {
            product: Some("nginx".to_owned()),
            service: None,
            port: Some(port),
            protocol: Some(Protocol::Tcp),
            code: Some("98".to_owned()),
            cause: FailureKind::InUse,
            message: format!("bind() to port {port}"),
            time: None,
            place: place(line),
            port_line: None,
        }
    }

    fn lines(reading: &Reading) -> Vec<(u32, u32)> {
        reading.failures.iter().map(|failure| (failure.place.line, failure.place.line_end)).collect()
    }

    #[test]
    fn a_failure_that_goes_on_without_a_gap_is_one_message() {
        let mut reading = Reading::default();
        for (port, line) in [(80, 1), (80, 2), (443, 3), (80, 9)] {
            reading.add_failure(failure(port, line));
        }
        assert_eq!(lines(&reading), [(1, 2), (3, 3)]);
    }

    #[test]
    fn failures_of_two_computers_in_one_file_stay_apart() {
        let mut reading = Reading::default();
        for (line, name) in [(1, "WEB01"), (10, "WEB02"), (20, "web01")] {
            reading.machines.push(SectionStart { place: place(line), name: name.to_owned() });
        }
        for line in [3, 12, 22] {
            reading.add_failure(failure(80, line));
        }
        assert_eq!(lines(&reading), [(3, 3), (12, 12)]);
    }

    #[test]
    fn used_up_ports_of_tcpip_are_told_apart_by_number() {
        let mut reading = Reading::default();
        for (line, code) in [(1, "4227"), (3, "4231"), (5, "4227")] {
            let product = Some(TCPIP.to_owned());
            reading.add_failure(Failure { product, code: Some(code.to_owned()), ..failure(80, line) });
        }
        assert_eq!(lines(&reading), [(1, 1), (3, 3)]);
    }

    #[test]
    fn a_service_fails_once() {
        let mut reading = Reading::default();
        for name in ["ntpd", "httpd", "ntpd"] {
            reading.add_failed_service(name, place(1));
        }
        let names: Vec<&str> = reading.failed_services.iter().map(|service| service.name.as_str()).collect();
        assert_eq!(names, ["ntpd", "httpd"]);
    }
}
