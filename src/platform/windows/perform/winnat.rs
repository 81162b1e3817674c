//! Excludes ports that lie in a block of WinNAT: it is stopped and gives its blocks back, the ports are excluded, and it is started again.

use super::{around_winnat, service};
use crate::machine::{PortRange, Protocol, ServiceState};
use crate::platform::PlatformError;
use crate::platform::windows::registry;
use crate::remedy::OperationState;

const WINNAT: &str = "winnat";

/// Refuses a computer without WinNAT.
pub fn check() -> Result<(), PlatformError> {
    if registry::has_key(r"SYSTEM\CurrentControlSet\Services\winnat")? {
        return service::check_name(WINNAT);
    }
    Err(PlatformError::Refused("WinNAT is not installed on this computer, so it has reserved no port".to_owned()))
}

/// Stops WinNAT, excludes the ports and starts WinNAT again, whatever came between.
pub fn restart_around(range: PortRange, protocol: Protocol) -> Result<(), PlatformError> {
    let around = || around_winnat(range, protocol).add();
    if !runs()? {
        return around();
    }
    let done = service::stop(WINNAT).and_then(|()| around());
    // A second try costs nothing, and a computer without its networks much.
    let started = service::start(WINNAT).or_else(|_| service::start(WINNAT));
    match (done, started) {
        (done, Ok(())) => done,
        (done, Err(error)) => Err(PlatformError::Failed {
            what: "WinNAT is stopped and could not be started again, so virtual machines and containers have no network; type `net start winnat`"
                .to_owned(),
            why: done.err().map_or_else(|| error.to_string(), |first| format!("{error}; before that: {first}")),
        }),
    }
}

fn runs() -> Result<bool, PlatformError> {
    let state = service::state(WINNAT)?;
    Ok(matches!(state, OperationState::Service { state: ServiceState::Running, .. }))
}
