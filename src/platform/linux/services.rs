//! Units: their state, why they failed, the ports they want.

use crate::machine::Snapshot;
use crate::platform::{PlatformError, ServiceScope};

/// Looks at the services that `scope` names.
pub fn look(_scope: &ServiceScope, _snapshot: &mut Snapshot) -> Result<(), PlatformError> {
    Ok(())
}
