//! After the steps: wait until the service has settled, look again, and say whether it is fixed.

use std::time::Duration;

use super::Cancel;
use super::investigate::scope_for;
use crate::case::Case;
use crate::diagnosis::Cause;
use crate::machine::{Protocol, ServiceState, Snapshot, Socket};
use crate::platform::{OwnerSearch, Platform, PlatformError, Scope, ServiceScope, SocketScope};
use crate::remedy::{self, Operation};

/// How long a service must stay up with the same main process before it counts as running: longer than nginx needs to give up (2.5 s).
const STABLE: Duration = Duration::from_secs(3);

/// How long to wait for a service to listen; some load for half a minute first.
const PATIENCE: Duration = Duration::from_secs(45);

/// How long a service may be started again and again before it counts as not coming up.
const LOOP: Duration = Duration::from_secs(8);

/// The pause between two looks.
const PAUSE: Duration = Duration::from_millis(250);

/// How many ports the system is asked to choose, to see whether it hands out an excluded one.
const SAMPLES: usize = 64;

/// What the verification waits for right now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waiting {
    /// For the service to start.
    ForStart,
    /// Whether it stays up.
    ForStability,
    /// For the service to listen on its port.
    ForListener,
    /// For nothing more: the last look.
    LastLook,
}

impl Waiting {
    /// The same in words.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ForStart => "Waiting for the service to start",
            Self::ForStability => "Watching whether the service stays up",
            Self::ForListener => "Waiting for the service to listen on its port",
            Self::LastLook => "Looking again",
        }
    }
}

/// Looks again and writes the proof into the Case. `before` is the Snapshot that the plan was made from.
///
/// # Errors
/// Where nothing could be seen at all; then nothing is proved, and the Case stays as it was.
pub fn verify(
    platform: &dyn Platform,
    case: &mut Case,
    before: &Snapshot,
    cancel: &Cancel,
    progress: &mut dyn FnMut(Waiting),
) -> Result<Snapshot, PlatformError> {
    // Where no service is asked about, the one that was started again may end again.
    if let Some(service) = case.target.service.clone().or_else(|| started(case)) {
        settle(platform, &service, case, cancel, progress)?;
    }
    progress(Waiting::LastLook);
    let scope = Scope { services: service_scope(case), ..scope_for(&case.symptom) };
    verify_in(platform, &scope, case, before)
}

/// The unit that the option starts last.
fn started(case: &Case) -> Option<String> {
    case.option()?.steps.iter().rev().find_map(|step| match &step.operation {
        Operation::StartService { service } | Operation::RestartService { service } => Some(service.clone()),
        _ => None,
    })
}

/// Looks at `scope` without waiting for anything, and notes in the Case what the checks come to.
pub(super) fn verify_in(
    platform: &dyn Platform,
    scope: &Scope,
    case: &mut Case,
    before: &Snapshot,
) -> Result<Snapshot, PlatformError> {
    let mut after = platform.observe(scope)?;
    look_at_units(platform, case, &mut after);
    after.taken_at = after.taken_at.max(before.taken_at);
    let samples = platform.sample_dynamic_ports(case.target.protocol.unwrap_or(Protocol::Tcp), SAMPLES);
    let samples = samples.as_deref().map_err(ToString::to_string);
    if let Some(option) = case.option() {
        let proof = remedy::verify(
            before,
            &after,
            &case.diagnosis(),
            option,
            samples.as_ref().map(|ports| *ports).map_err(String::as_str),
        );
        case.outcome = Some(proof.outcome);
        case.verification = Some(proof);
    }
    Ok(after)
}

/// Looks at the units that the steps were about, too: one that was in the way has nothing to do with the service otherwise.
fn look_at_units(platform: &dyn Platform, case: &Case, after: &mut Snapshot) {
    for step in case.option().into_iter().flat_map(|option| &option.steps) {
        let (Operation::StopService { service } | Operation::StartService { service } | Operation::RestartService { service }) =
            &step.operation
        else {
            continue;
        };
        let scope = Scope { services: ServiceScope::Named(service.clone()), owners: OwnerSearch::None, ..Scope::default() };
        // The check says of a unit that cannot be seen any more that it was not looked at.
        if after.service(service).is_none()
            && let Ok(look) = platform.observe(&scope)
        {
            after.add_services_of(look);
        }
    }
}

fn service_scope(case: &Case) -> ServiceScope {
    case.target.service.clone().map_or(ServiceScope::None, ServiceScope::Named)
}

/// Waits until the service has been up for a while and listens, or clearly does not come up, or patience ends.
fn settle(
    platform: &dyn Platform,
    service: &str,
    case: &Case,
    cancel: &Cancel,
    progress: &mut dyn FnMut(Waiting),
) -> Result<(), PlatformError> {
    let sockets = case.target.port.map_or(SocketScope::None, |port| SocketScope::Port { port, protocol: case.target.protocol });
    let scope =
        Scope { services: ServiceScope::Named(service.to_owned()), sockets, owners: OwnerSearch::None, ..Scope::default() };
    let begin = platform.clock();
    let since = |then: Duration| platform.clock().saturating_sub(then);
    let mut run: (Option<u32>, Duration) = (None, begin);
    while since(begin) < PATIENCE && !cancel.is_cancelled() {
        let look = platform.observe(&scope)?;
        let Some(now) = look.service(service) else { return Ok(()) };
        if now.main_pid != run.0 {
            run = (now.main_pid, platform.clock());
        }
        let stable = since(run.1) >= STABLE;
        match now.state {
            ServiceState::Failed | ServiceState::Stopped => return Ok(()),
            // After many restarts systemd's counter alone tells of a loop for a while yet; a process that stays tells otherwise.
            ServiceState::Restarting if since(begin) > LOOP && (now.main_pid.is_none() || !stable) => return Ok(()),
            ServiceState::Starting | ServiceState::Restarting | ServiceState::Stopping => progress(Waiting::ForStart),
            ServiceState::Running => {
                // A client that found no port left names the far one in its log.
                let is_client = case.verdict.cause == Cause::Exhausted;
                let is_other = case.target.service.as_deref() != Some(service);
                let listens = is_client || is_other || case.target.port.is_none() || look.sockets.iter().any(Socket::is_listener);
                if stable && listens {
                    return Ok(());
                }
                progress(if stable { Waiting::ForListener } else { Waiting::ForStability });
            }
        }
        platform.wait(PAUSE);
    }
    Ok(())
}
