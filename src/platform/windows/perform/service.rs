//! Stops, starts and restarts services, with those that depend on them.

use std::io;
use std::thread;
use std::time::{Duration, Instant};

use crate::machine::visible;
use crate::platform::PlatformError;
use crate::platform::windows::ffi::{Right, Service, ServiceManager};
use crate::platform::windows::services::inventory;
use crate::platform::windows_text::services::record::{Phase, Record, Status, running_dependants};
use crate::platform::windows_text::services::{exit_code, name};
use crate::remedy::{OperationState, is_essential_service};

/// The longest that a service may take to start or stop, whatever it says itself.
const LIMIT: Duration = Duration::from_mins(3);
/// How long a service may show no progress where it promises none. Windows itself gives it as long to answer.
const USUAL_HINT: Duration = Duration::from_secs(30);
/// How long a service must run without ending before it counts as started: many say that they run before they have asked for their port.
const STABLE_FOR: Duration = Duration::from_secs(2);
/// How often Windows is asked meanwhile.
const PAUSE: Duration = Duration::from_millis(100);

const ACCESS_DENIED: i32 = 5;
const ALREADY_RUNNING: i32 = 1056;
const DOES_NOT_EXIST: i32 = 1060;
const CANNOT_ACCEPT_NOW: i32 = 1061;
const NOT_ACTIVE: i32 = 1062;

/// Refuses what is no name of a service.
pub fn check_name(service: &str) -> Result<(), PlatformError> {
    name::check(service)
}

/// Refuses to stop what Windows needs.
pub fn check_stop(service: &str) -> Result<(), PlatformError> {
    check_name(service)?;
    if is_essential_service(service) {
        return Err(PlatformError::Refused(format!(
            "{} is not stopped: Windows or the session in use needs it",
            visible(service)
        )));
    }
    Ok(())
}

/// Its state and its process, and the services that run and need it.
pub fn state(service: &str) -> Result<OperationState, PlatformError> {
    let status = open(service, Right::Status)?.status().map_err(|error| could_not("read the state of", service, &error))?;
    let record = Record { name: service.to_owned(), display_name: String::new(), status, config: None };
    let dependants = running_dependants(&inventory(service)?, service).iter().map(|own| own.name.clone()).collect();
    Ok(OperationState::Service { state: record.state(status.ended_with_an_error()), main_pid: status.pid, dependants })
}

/// Stops it, and before it what needs it; waits until all have stopped. Where one does not stop, those that did are started again.
pub fn stop(service: &str) -> Result<(), PlatformError> {
    stop_with_dependants(service).map(drop)
}

/// Starts it, and waits until it runs undisturbed. Windows starts what it needs.
pub fn start(service: &str) -> Result<(), PlatformError> {
    let handle = open(service, Right::Start)?;
    match handle.start() {
        Ok(()) => {}
        Err(error) if is(&error, ALREADY_RUNNING) => {}
        Err(error) => return Err(could_not("start", service, &error)),
    }
    wait_until_stable(&handle, service)
}

/// Stops it where it runs, starts it, and starts again what needs it and ran.
pub fn restart(service: &str) -> Result<(), PlatformError> {
    let stopped = stop_with_dependants(service)?;
    start(service)?;
    start_again(&stopped)
}

/// Brings it back to what it was `before`: running, with what needed it, or stopped.
pub fn restore(service: &str, before: &OperationState) -> Result<(), PlatformError> {
    let OperationState::Service { state: then, dependants, .. } = before else {
        return Err(PlatformError::Refused("what was there before is not known".to_owned()));
    };
    let ran = *then == crate::machine::ServiceState::Running;
    let status = open(service, Right::Status)?.status().map_err(|error| could_not("read the state of", service, &error))?;
    match (ran, status.phase.is_alive()) {
        (true, false) => start(service).and_then(|()| start_again(dependants)),
        (false, true) => stop(service),
        (true, true) => start_again(dependants),
        (false, false) => Ok(()),
    }
}

/// Starts services in the opposite order to that in which they were stopped.
fn start_again(stopped: &[String]) -> Result<(), PlatformError> {
    stopped.iter().rev().try_for_each(|service| start(service))
}

/// Stops a service and what needs it; gives the names of the latter in the order in which they were stopped.
fn stop_with_dependants(service: &str) -> Result<Vec<String>, PlatformError> {
    let records = inventory(service)?;
    let dependants: Vec<String> = running_dependants(&records, service).iter().map(|own| own.name.clone()).collect();
    if let Some(needed) = dependants.iter().find(|own| is_essential_service(own)) {
        let why = "which Windows or the session in use needs";
        return Err(PlatformError::Refused(format!(
            "{} is not stopped: that would also stop {}, {why}",
            visible(service),
            visible(needed)
        )));
    }
    let mut stopped = Vec::new();
    for own in dependants.iter().map(String::as_str).chain([service]) {
        if let Err(error) = stop_one(own) {
            return Err(match start_again(&stopped) {
                Ok(()) => error,
                Err(second) => PlatformError::Failed { what: error.to_string(), why: format!("and afterwards {second}") },
            });
        }
        stopped.push(own.to_owned());
    }
    stopped.pop();
    Ok(stopped)
}

fn stop_one(service: &str) -> Result<(), PlatformError> {
    let handle = open(service, Right::Stop)?;
    let begin = Instant::now();
    loop {
        match handle.stop() {
            Ok(()) => break,
            Err(error) if is(&error, NOT_ACTIVE) => return Ok(()),
            // It is just starting or stopping, and can be told when that is over.
            Err(error) if is(&error, CANNOT_ACCEPT_NOW) && begin.elapsed() < USUAL_HINT => {}
            Err(error) => return Err(could_not("stop", service, &error)),
        }
        thread::sleep(PAUSE);
    }
    match wait_while_pending(&handle, "stop", service, Phase::is_alive)?.phase {
        Phase::Stopped => Ok(()),
        other => Err(failed("stop", service, format!("Windows says that it is {}", other.as_str()))),
    }
}

/// Waits until the service has run for a while. One that has ended by then says with which error.
fn wait_until_stable(handle: &Service, service: &str) -> Result<(), PlatformError> {
    let mut status = wait_while_pending(handle, "start", service, Phase::is_pending)?;
    let running = Instant::now();
    while status.phase == Phase::Running && running.elapsed() < STABLE_FOR {
        thread::sleep(PAUSE);
        status = ask(handle, service)?;
    }
    match status.phase {
        Phase::Stopped if status.ended_with_an_error() => Err(failed("start", service, in_words(&status))),
        Phase::Stopped => Err(failed("start", service, "it ended again at once, without an error".to_owned())),
        _ => Ok(()),
    }
}

/// Waits as long as `waits` holds for the phase and the service makes progress: its checkpoint goes up within the time that it asks for.
fn wait_while_pending(handle: &Service, verb: &str, service: &str, waits: fn(Phase) -> bool) -> Result<Status, PlatformError> {
    let begin = Instant::now();
    let mut status = ask(handle, service)?;
    let mut progress = begin;
    while waits(status.phase) {
        let patience = Duration::from_millis(status.wait_hint_ms.into()).max(USUAL_HINT);
        if progress.elapsed() > patience || begin.elapsed() > LIMIT {
            let phase = status.phase.as_str();
            let seconds = begin.elapsed().as_secs();
            return Err(failed(verb, service, format!("after {seconds} s Windows still says that it is {phase}")));
        }
        thread::sleep(PAUSE);
        let now = ask(handle, service)?;
        if (now.checkpoint, now.phase) != (status.checkpoint, status.phase) {
            progress = Instant::now();
        }
        status = now;
    }
    Ok(status)
}

fn ask(handle: &Service, service: &str) -> Result<Status, PlatformError> {
    handle.status().map_err(|error| could_not("read the state of", service, &error))
}

fn open(service: &str, right: Right) -> Result<Service, PlatformError> {
    check_name(service)?;
    ServiceManager::open().and_then(|manager| manager.service(service, right)).map_err(|error| {
        let verb = match right {
            Right::Start => "start",
            Right::Stop => "stop",
            Right::Status | Right::Look => "look at",
        };
        could_not(verb, service, &error)
    })
}

fn inventory(service: &str) -> Result<Vec<Record>, PlatformError> {
    inventory::take().map_err(|error| could_not("find out what needs", service, &error))
}

/// An error of Windows in words.
fn could_not(verb: &str, service: &str, error: &io::Error) -> PlatformError {
    match error.raw_os_error() {
        Some(DOES_NOT_EXIST) => PlatformError::NoSuchService(visible(service)),
        Some(ACCESS_DENIED) => {
            PlatformError::NotPermitted { what: format!("to {verb} {}", visible(service)), why: "access is denied".to_owned() }
        }
        Some(number) => failed(verb, service, exit_code::of_number(number.cast_unsigned()).words),
        None => failed(verb, service, error.to_string()),
    }
}

fn in_words(status: &Status) -> String {
    exit_code::of_status(status).words
}

fn failed(verb: &str, service: &str, why: String) -> PlatformError {
    PlatformError::Failed { what: format!("could not {verb} {}", visible(service)), why }
}

fn is(error: &io::Error, number: i32) -> bool {
    error.raw_os_error() == Some(number)
}

#[cfg(test)]
pub mod tests {
    use super::{check_stop, start, state};
    use crate::machine::ServiceState;
    use crate::platform::PlatformError;
    use crate::remedy::OperationState;

    #[test]
    fn what_windows_needs_is_not_stopped_whatever_the_case() {
        for service in ["RpcSs", "rpcss", "DCOMLAUNCH", "EventLog", "lsm", "Netlogon"] {
            assert!(matches!(check_stop(service), Err(PlatformError::Refused(_))), "{service}");
        }
        assert!(check_stop("MSSQL$SALES").is_ok());
    }

    #[test]
    fn a_service_that_is_not_there_is_told_so() {
        for answer in [state("portmedic-none").map(drop), start("portmedic-none")] {
            assert!(matches!(answer, Err(PlatformError::NoSuchService(name)) if name == "portmedic-none"));
        }
    }

    #[test]
    fn a_running_service_has_its_process() {
        let Ok(OperationState::Service { state, main_pid, .. }) = state(running_service()) else { panic!("it is there") };
        assert_eq!((state, main_pid.is_some()), (ServiceState::Running, true));
    }

    /// A service of every Windows, which runs. Wine starts it when something first needs it, so that it may not run yet.
    pub fn running_service() -> &'static str {
        const NAME: &str = "RpcSs";
        let runs = matches!(state(NAME), Ok(OperationState::Service { state: ServiceState::Running, .. }));
        if !runs {
            start(NAME).unwrap();
        }
        NAME
    }
}
