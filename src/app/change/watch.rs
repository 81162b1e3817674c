//! Watching one more port in the background: the recorder goes on with those that it watches already.

use super::{AskedChange, Wish};
use crate::machine::{Port, PortRange, PortSet, Protocol, WatchedPort};
use crate::platform::{Platform, PlatformError};
use crate::remedy::{MOST_RECORDED_PORTS, Operation, OperationState, Refusal, RefusalKind, Task};

/// Prepares it.
pub(super) fn prepare(platform: &dyn Platform, port: Port) -> Result<AskedChange, PlatformError> {
    let asked = Wish::Watch(port).to_string();
    let own = PortSet::from(PortRange::single(port));
    let install = |ports| Operation::InstallTask { task: Task::Recorder { ports } };
    let before = match platform.state_of(&install(own.clone())) {
        Ok(OperationState::Task { works: Some(Task::Recorder { ports }), .. }) => ports,
        // Where tasks are refused, the preparation says why.
        _ => PortSet::new(),
    };
    let ports = before.union(&own);
    let mut change = AskedChange::prepare(platform, &asked, install(ports.clone()))?;
    change.refusal = if ports.count() > MOST_RECORDED_PORTS {
        Some(Refusal::not_possible(
            format!("The recorder watches {} ports already", before.count()),
            format!("It looks at each of them again and again, so {MOST_RECORDED_PORTS} are the most."),
            "In a terminal, portmedic watch --remove ends it; then watch the ports that matter.",
        ))
    } else {
        change.refusal.map(|refusal| told(refusal, platform, port))
    };
    Ok(change)
}

/// The refusal in words about this port, with the way that is left.
fn told(refusal: Refusal, platform: &dyn Platform, port: Port) -> Refusal {
    if refusal.kind == RefusalKind::AlreadySo {
        let why = "The recorder notes who takes it, from each start of the computer on. History tells whom it saw.".to_owned();
        return Refusal { title: format!("Port {port} is watched already"), why, ..refusal };
    }
    let watched = WatchedPort { port, protocol: Protocol::Tcp };
    let can_watch = platform.watch(&[watched]).is_ok();
    let next = format!("As long as a terminal is open, this command notes who takes the port: portmedic watch {port}");
    let next = if can_watch { next } else { String::new() };
    Refusal::not_possible(format!("Port {port} cannot be watched in the background here"), refusal.why, next)
}
