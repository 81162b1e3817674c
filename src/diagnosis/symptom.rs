//! What is known of the trouble before the causes are looked for.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::Complaint;
use crate::machine::{KnownFrom, Port, Protocol, Service, StartFailure};

/// What is known of the trouble: made from the [`Target`](super::Target) and a first look at the services.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Symptom {
    /// The service that does not work, by the full name it has in the Snapshot.
    pub service: Option<String>,
    /// The product, where a name or text told it.
    pub product: Option<String>,
    /// The port in question; `None` where nothing told it.
    pub port: Option<Port>,
    /// The protocol; `None` looks at both, TCP first.
    pub protocol: Option<Protocol>,
    /// The address the service wants; `None` for every address, or where it is not told.
    pub address: Option<IpAddr>,
    /// Where the port is known from.
    pub port_known_from: Option<KnownFrom>,
    /// The file, line or setting that told the port.
    pub port_source: Option<String>,
    /// What the log or the pasted text says.
    pub failure: Option<StartFailure>,
    /// What does not work, where only that is told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub complaint: Option<Complaint>,
}

impl Symptom {
    /// What a service tells: its failure, and the port it is best known to want.
    pub fn of_service(service: &Service) -> Self {
        let mut symptom = Self::default();
        symptom.take_service(service);
        if let Some(best) = service.ports.first() {
            symptom.port = Some(best.port);
            // A log line can leave the protocol open: then the port is wanted with both, and both are looked at.
            let both = service
                .ports
                .iter()
                .any(|other| other.port == best.port && other.known_from == KnownFrom::Log && other.protocol != best.protocol);
            symptom.protocol = Some(best.protocol).filter(|_| !both);
            symptom.address = best.address;
            symptom.port_known_from = Some(best.known_from);
            symptom.port_source = Some(best.source.clone());
        }
        symptom
    }

    /// Takes over what a service tells, but not its port.
    pub fn take_service(&mut self, service: &Service) {
        self.service = Some(service.name.clone());
        self.product = Some(service.display_name().to_owned());
        self.failure.clone_from(&service.failure);
    }
}
