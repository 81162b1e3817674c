//! How every holder of a port gives it up: a unit is stopped, a process ended, and what must not be touched is left to a person.

use std::collections::BTreeSet;

use super::planner::Planner;
use super::shell::quote;
use super::step::unit_name;
use super::{Operation, Step};
use crate::diagnosis::owner::windows::rules_on;
use crate::diagnosis::wording::list;
use crate::diagnosis::{Owner, OwnerKind, holder_name, sockets_command};
use crate::machine::{SYSTEM_PID, ServiceState, System, unit_of, visible};

/// What it takes to get the port from all its holders.
#[derive(Debug, Clone, Default)]
pub(super) struct Eviction {
    /// The steps, where all of it can be done by PortMedic.
    pub(super) steps: Vec<Step>,
    /// The units that are stopped, in the order of the steps.
    pub(super) units: Vec<String>,
    /// What only a person can do. Where this is not empty, the steps alone do not free the port.
    pub(super) by_hand: Vec<String>,
    /// The holders' names for a sentence.
    pub(super) names: Vec<String>,
    /// Whether a process is ended.
    pub(super) ends_process: bool,
}

impl Eviction {
    /// Whether PortMedic can do all of it, and there is something to do.
    pub(super) fn is_automatic(&self) -> bool {
        self.by_hand.is_empty() && !self.steps.is_empty()
    }

    /// The holders in words: `Apache`, `Apache and nginx`.
    pub(super) fn who(&self) -> String {
        if self.names.is_empty() { "the holder".to_owned() } else { list(&self.names) }
    }

    fn stop(&mut self, planner: &Planner<'_>, unit: &str) {
        if !self.units.iter().any(|own| own == unit) {
            self.units.push(unit.to_owned());
            self.steps.push(planner.step(Operation::StopService { service: unit.to_owned() }));
        }
    }
}

/// Works out how all of `owners` give the port up. The service that shall have the port is never stopped for it.
pub(super) fn evict(planner: &Planner<'_>, owners: &[Owner]) -> Eviction {
    let mut eviction = Eviction::default();
    let mut ended = BTreeSet::new();
    for owner in owners {
        let name = name_of(planner, owner);
        let by_hand = match owner.kind {
            OwnerKind::Process if stop_by_its_user(planner, owner).is_some() => stop_by_its_user(planner, owner),
            OwnerKind::Unit | OwnerKind::Service if is_left_over(planner, owner) => {
                end_process(planner, owner, &mut ended, &mut eviction)
            }
            OwnerKind::Unit | OwnerKind::SocketUnit | OwnerKind::Service | OwnerKind::HttpSys if owner.service.is_some() => {
                stop_unit(planner, owner, &mut eviction)
            }
            OwnerKind::HttpSys if owner.pid.is_none_or(|pid| pid == SYSTEM_PID) => Some(find_request_queue(planner)),
            OwnerKind::Portproxy => delete_rules(planner, owner, &mut eviction),
            OwnerKind::SocketUnit => {
                Some("Find the socket unit with: systemctl list-sockets; stop it with: systemctl stop NAME.socket".to_owned())
            }
            OwnerKind::Process | OwnerKind::Unit | OwnerKind::Service | OwnerKind::HttpSys => {
                end_process(planner, owner, &mut ended, &mut eviction)
            }
            OwnerKind::Container => Some(stop_container(owner)),
            // Remains of connections free themselves, and the kernel cannot be stopped.
            OwnerKind::Kernel => continue,
            OwnerKind::Reservation | OwnerKind::Unknown => Some(find_out(planner, owner.pid)),
        };
        if let Some(instruction) = by_hand.filter(|instruction| !eviction.by_hand.contains(instruction)) {
            eviction.by_hand.push(instruction);
        }
        if !eviction.names.contains(&name) {
            eviction.names.push(name);
        }
    }
    eviction
}

/// Stops the unit of `owner`, and first the socket units that would start it again.
fn stop_unit(planner: &Planner<'_>, owner: &Owner, eviction: &mut Eviction) -> Option<String> {
    let unit = owner.service.as_deref()?;
    if !planner.may_stop(unit) {
        return Some(format!("{} is not stopped, because the computer or the session in use needs it", visible(unit)));
    }
    if let (OwnerKind::Unit, Some(why)) = (owner.kind, &owner.protected) {
        return Some(format!("{} is not stopped: {}", visible(unit), visible(why)));
    }
    for socket in planner.socket_units_of(unit) {
        eviction.stop(planner, &socket.name);
    }
    eviction.stop(planner, unit);
    // A socket unit that is stopped leaves the port with the service that it has started.
    let started = planner.snapshot.service(unit).map(|service| service.linked.as_slice()).unwrap_or_default();
    if owner.kind == OwnerKind::SocketUnit {
        for service in started.iter().filter_map(|name| planner.snapshot.service(name)) {
            let wanted = planner.service.is_some_and(|own| own.name == service.name);
            if service.state == ServiceState::Running && !wanted && planner.may_stop(&service.name) {
                eviction.stop(planner, &service.name);
            }
        }
    }
    None
}

/// The name of what gives the port up: behind HTTP.sys the service that is stopped, which may serve more than this port.
fn name_of(planner: &Planner<'_>, owner: &Owner) -> String {
    match &owner.service {
        Some(service) if owner.kind == OwnerKind::HttpSys => unit_name(service, planner.snapshot),
        _ => holder_name(planner.snapshot, owner),
    }
}

/// Every portproxy rule for which iphlpsvc listens on the socket.
fn delete_rules(planner: &Planner<'_>, owner: &Owner, eviction: &mut Eviction) -> Option<String> {
    let sockets = planner.snapshot.sockets_on(owner.local.port(), owner.protocol).filter(|socket| socket.local == owner.local);
    let mut rules: Vec<_> = sockets.flat_map(|socket| rules_on(planner.snapshot, socket)).collect();
    rules.dedup();
    for rule in rules {
        let operation = Operation::DeletePortproxy { rule: rule.clone() };
        if !eviction.steps.iter().any(|step| step.operation == operation) {
            eviction.steps.push(planner.step(operation));
        }
    }
    None
}

fn find_request_queue(planner: &Planner<'_>) -> String {
    format!(
        "Find the program that has a URL on port {}: netsh http show servicestate view=requestq verbose=yes; stop that program",
        planner.port()
    )
}

/// Whether the unit has ended and left the process behind: stopping what does not run would not reach it.
fn is_left_over(planner: &Planner<'_>, owner: &Owner) -> bool {
    let unit = owner.service.as_deref().and_then(|unit| planner.snapshot.service(unit));
    unit.is_some_and(|unit| matches!(unit.state, ServiceState::Failed | ServiceState::Stopped))
}

/// How the user whose own service manager looks after the process stops its unit; `None` where the computer's manager or nobody does.
fn stop_by_its_user(planner: &Planner<'_>, owner: &Owner) -> Option<String> {
    let process = owner.pid.and_then(|pid| planner.snapshot.processes.get(&pid))?;
    let unit = process.cgroup.as_deref().and_then(unit_of)?;
    let user = owner.user.as_deref().map(visible).or_else(|| unit.user_manager.map(|uid| uid.to_string()));
    unit.user_manager.and(user).map(|user| format!("As user {user}, stop it: systemctl --user stop {}", quote(unit.name)))
}

fn end_process(planner: &Planner<'_>, owner: &Owner, ended: &mut BTreeSet<u32>, eviction: &mut Eviction) -> Option<String> {
    let name = owner.process.as_deref().map_or_else(|| "the process".to_owned(), visible);
    if let Some(why) = &owner.protected {
        return Some(format!("{name} is not ended: {}", visible(why)));
    }
    let Some(process) = owner.process_id.filter(|id| id.pid > 1) else {
        return Some(find_out(planner, owner.pid));
    };
    if ended.insert(process.pid) {
        let name = owner.process.clone().unwrap_or_default();
        eviction.steps.push(planner.step(Operation::EndProcess { process, name }));
        eviction.ends_process = true;
    }
    None
}

fn stop_container(owner: &Owner) -> String {
    let Some(container) = &owner.container else {
        return "Find the container with: docker ps; stop it with: docker stop ID".to_owned();
    };
    let id = quote(&container.id);
    match container.runtime.as_str() {
        runtime @ ("docker" | "podman") => format!("Stop the container: {runtime} stop {id}"),
        "lxc" => format!("Stop the container: lxc-stop -n {id}"),
        "systemd-nspawn" => format!("Stop the container: machinectl stop {id}"),
        "kubernetes" | "containerd" | "cri-o" => {
            format!("Find its pod with: crictl ps --id {id}; delete the pod or its hostPort in the cluster")
        }
        other => format!("Stop the container {} with the tools of {}", visible(&container.id), visible(other)),
    }
}

/// What to do where of the holder only its socket was seen, or the number of its process too.
fn find_out(planner: &Planner<'_>, pid: Option<u32>) -> String {
    let host = &planner.snapshot.host;
    let on_there = "On that computer, if it still runs, this tells which program it is";
    match (host.is_captured(), host.system, pid) {
        (true, System::Linux, Some(pid)) => format!("{on_there}: ps -fp {pid}"),
        (true, System::Linux, None) => format!(
            "On that computer, as root, this tells which program it is: {}. What shows none there either may be part of the kernel (NFS, \
             WireGuard)",
            sockets_command(host.system, planner.protocol())
        ),
        (true, System::Windows, Some(SYSTEM_PID)) => find_request_queue(planner),
        (true, System::Windows, Some(pid)) => format!("{on_there}: tasklist /svc /fi \"PID eq {pid}\""),
        (true, System::Windows, None) => format!(
            "On that computer, as administrator, these tell which program it is: {} and tasklist /svc",
            sockets_command(host.system, planner.protocol())
        ),
        (false, System::Linux, _) if host.elevated => {
            format!("{}. What holds it may be part of the kernel (NFS, WireGuard) or of another container", look_again(planner))
        }
        (false, ..) => look_again(planner),
    }
}

/// Looks at the port again, on this computer and with the rights that show everything.
pub(super) fn look_again(planner: &Planner<'_>) -> String {
    let port = format!("{}/{}", planner.port(), planner.protocol().as_str());
    match (planner.snapshot.host.elevated, planner.is_linux()) {
        (true, _) => format!("Look again: portmedic diagnose {port}"),
        (false, true) => format!("Look again with administrator rights: sudo portmedic diagnose {port}"),
        (false, false) => format!("Look again as administrator: portmedic diagnose {port}"),
    }
}
