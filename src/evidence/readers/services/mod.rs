//! Services of Windows with the number with which they ended. That a service does not run is no failure; a number that is an error is one.

mod powershell;
mod sc;

pub use powershell::powershell;
pub use sc::{config, query};

use super::Taken;
use crate::evidence::fact::{Failure, Place, Problem, Reading};
use crate::evidence::page::Page;
use crate::evidence::port_error;
use crate::evidence::readers::events::product_of_service;

/// The service never ran since Windows started.
const NEVER_STARTED: u32 = 1077;
/// The service has a number of its own.
const OWN_NUMBER: u32 = 1066;

/// A service that is stopped, and how it ended.
struct Stopped<'a> {
    /// The name that commands take.
    name: &'a str,
    /// The number of Windows.
    exit_code: u32,
    /// The number of the service itself.
    own_code: u32,
}

impl Stopped<'_> {
    /// Adds it where it ended with an error, with the failure where its port is to blame.
    fn tell(&self, message: String, place: Place, reading: &mut Reading) {
        if matches!(self.exit_code, 0 | NEVER_STARTED) {
            return;
        }
        reading.add_failed_service(self.name, place.clone());
        let number = if self.exit_code == OWN_NUMBER { self.own_code } else { self.exit_code };
        let Some((number, cause)) = port_error(number) else { return };
        reading.add_failure(Failure {
            product: product_of_service(self.name),
            service: Some(self.name.to_owned()),
            port: None,
            protocol: None,
            code: Some(number.to_string()),
            cause,
            message,
            time: None,
            place,
            port_line: None,
        });
    }
}
