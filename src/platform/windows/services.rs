//! The services.

use crate::machine::{Gap, Snapshot, visible};
use crate::platform::{PlatformError, ServiceScope};

const NO_SERVICES: &str = "this version does not look at Windows services; name the port instead";

/// Looks at the services that `scope` asks for.
pub fn look(scope: &ServiceScope, snapshot: &mut Snapshot) -> Result<(), PlatformError> {
    match scope {
        // Windows has no such units.
        ServiceScope::None | ServiceScope::SocketUnits => {}
        ServiceScope::Named(name) => {
            return Err(PlatformError::Refused(format!("{}: \"{}\"", NO_SERVICES, visible(name))));
        }
        ServiceScope::Failing | ServiceScope::All => {
            snapshot.gaps.push(Gap::new("Services", NO_SERVICES, "`sc queryex` in a command prompt"));
        }
    }
    Ok(())
}
