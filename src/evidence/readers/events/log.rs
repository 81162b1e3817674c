//! What the events of one log tell together.

use std::collections::HashSet;

use super::known::{self, Told};
use super::{manager, own};
use crate::catalog;
use crate::evidence::fact::{Failure, Place, Reading, SectionStart};
use crate::evidence::windows_event::Event;
use crate::machine::FailureKind;

/// The events of one log, one after the other.
#[derive(Debug, Default)]
pub struct Log {
    told: Vec<Failure>,
    failed: Vec<(String, Place)>,
    computers: Vec<(String, Place)>,
    known_computers: HashSet<String>,
}

impl Log {
    /// Takes an event. `time` is as it is written there; `whole` is where the event stands and `place` where its message does.
    pub fn add(&mut self, event: &Event, time: Option<&str>, whole: Place, place: Place) {
        if let Some(computer) = event.computer.as_deref().filter(|name| !name.is_empty())
            && self.known_computers.insert(computer.to_lowercase())
        {
            self.computers.push((computer.to_owned(), whole));
        }
        let (service, told) = if manager::speaks(event) {
            let Some(end) = manager::end_of_service(event) else { return };
            self.failed.extend(end.service.clone().map(|service| (service, place.clone())));
            (end.service, end.told)
        } else {
            (None, known::read(event).or_else(|| own::read(event)))
        };
        if let Some(told) = told {
            self.told.push(failure(told, service, event, time, place));
        }
    }

    /// Hands on what the events tell.
    pub fn tell(self, reading: &mut Reading) {
        if self.computers.len() > 1 {
            reading.machines.extend(self.computers.into_iter().map(|(name, place)| SectionStart { place, name }));
        }
        for (name, place) in self.failed {
            reading.add_failed_service(&name, place);
        }
        for failure in without_echoes(self.told) {
            reading.add_failure(failure);
        }
    }
}

fn failure(told: Told, service: Option<String>, event: &Event, time: Option<&str>, place: Place) -> Failure {
    let message = match &event.message {
        Some(message) if !message.is_empty() => message.clone(),
        _ => format!("{} {}: {}", event.provider, event.id, event.data.join(", ")),
    };
    Failure {
        product: told.product,
        service,
        port: told.port,
        protocol: told.protocol,
        code: Some(told.code),
        cause: told.cause,
        message: message.split_whitespace().collect::<Vec<_>>().join(" "),
        time: time.map(str::to_owned),
        place,
        port_line: None,
    }
}

/// SQL Server tells one failure in up to five events; those without the port only repeat the one with it.
fn without_echoes(told: Vec<Failure>) -> Vec<Failure> {
    let is_sql = |failure: &Failure| failure.is_of("sqlserver") && failure.service.is_none();
    let best = told.iter().filter(|failure| is_sql(failure)).map(weight).max().unwrap_or_default();
    told.into_iter().filter(|failure| !is_sql(failure) || weight(failure) == best).collect()
}

fn weight(failure: &Failure) -> u8 {
    u8::from(failure.port.is_some()) * 2 + u8::from(failure.cause != FailureKind::Unknown)
}

/// The short id of the product with this service name, or that people call so.
pub fn product(service: &str) -> Option<String> {
    let product = catalog::product_of_windows_service(service).or_else(|| catalog::product_called(service))?;
    Some(product.id.clone())
}
