//! One operation as a step: in words, with its exact preview, its risk, how it is taken back and how it is read back.

use super::preview::preview;
use super::preview::windows::settable_on_windows;
use super::{Operation, OperationState, Risk, SECONDS_TO_END, Step, Stores};
use crate::diagnosis::wording::span;
use crate::diagnosis::{holder_name, owners_of, service_name};
use crate::machine::{Family, PortRange, Protocol, ServiceState, Snapshot, Store, System, visible};

/// The step that does `operation` on the computer of `snapshot`.
pub fn single_step(operation: Operation, snapshot: &Snapshot) -> Step {
    let (preview, preview_kind) = preview(&operation, snapshot);
    let (title, undo, check) = words(&operation, snapshot);
    Step {
        title,
        preview,
        preview_kind,
        elevation: !matches!(operation, Operation::Manual { .. }),
        risk: risk(&operation, snapshot),
        undo,
        check,
        before: before(&operation, snapshot),
        operation,
    }
}

/// Title, undo and check.
fn words(operation: &Operation, snapshot: &Snapshot) -> (String, Option<String>, String) {
    match operation {
        Operation::StopService { service } => {
            let name = unit_name(service, snapshot);
            (format!("Stop {name}"), Some(format!("Start {name} again")), format!("{} is stopped", visible(service)))
        }
        Operation::StartService { service } => {
            let name = unit_name(service, snapshot);
            (format!("Start {name}"), Some(format!("Stop {name} again")), format!("{} runs and keeps running", visible(service)))
        }
        Operation::RestartService { service } => {
            let name = unit_name(service, snapshot);
            let undo = format!("Nothing to take back: {name} runs again");
            (format!("Restart {name}"), Some(undo), format!("{} runs and keeps running", visible(service)))
        }
        Operation::CloseConnection { local, remote, .. } => {
            let whose = owners_of(snapshot, local.port(), None)
                .into_iter()
                .find(|owner| owner.local == *local && owner.remote == Some(*remote))
                .filter(|owner| owner.process.is_some())
                .map(|owner| format!(" of {}", holder_name(snapshot, &owner)))
                .unwrap_or_default();
            (format!("Close the connection{whose}"), None, "The connection is gone from the socket table".to_owned())
        }
        Operation::EndProcess { process, name } => (
            format!("End {} (PID {})", visible(name), process.pid),
            None,
            match snapshot.host.system {
                System::Linux => {
                    format!("The process is gone; it is asked first, and made to end after {SECONDS_TO_END} seconds")
                }
                System::Windows => "The process is gone".to_owned(),
            },
        ),
        Operation::AddExclusion { range, stores, .. } => (
            format!("Exclude {}{}", ports(*range), when(*stores)),
            Some(format!("Take {} out of the list again", ports(*range))),
            format!("{} in the list{}", is_or_are(*range), when(*stores)),
        ),
        Operation::RemoveExclusion { range, stores, .. } => (
            format!("Take {} out of the exclusions{}", ports(*range), when(*stores)),
            Some(format!("Exclude {} again", ports(*range))),
            format!("{} no longer in the list{}", is_or_are(*range), when(*stores)),
        ),
        Operation::SetDynamicRange { range, protocol, family, stores } => {
            let back = snapshot.dynamic_range_of(*protocol, *family, Store::Active);
            let back = back.map(|now| if snapshot.host.system == System::Windows { settable_on_windows(now) } else { now });
            let undo =
                back.map_or_else(|| "Set the range from before".to_owned(), |now| format!("Set the range {} again", span(now)));
            let table = of_table(*protocol, *family);
            (
                format!("Set the dynamic range{table} to {}{}", span(*range), when(*stores)),
                Some(undo),
                format!("The dynamic range{table} reads {}", span(*range)),
            )
        }
        Operation::AllowLowPort { service } => {
            let name = unit_name(service, snapshot);
            (
                format!("Give {name} the right to low ports"),
                Some(format!("Take the right from {name} again")),
                format!("systemd lists CAP_NET_BIND_SERVICE for {}", visible(service)),
            )
        }
        Operation::RestartWinnat { range, .. } => (
            format!("Stop WinNAT, exclude {}, start WinNAT", ports(*range)),
            Some(format!("Take {} out of the list again; WinNAT keeps running", ports(*range))),
            format!("{} in the list, and WinNAT runs", is_or_are(*range)),
        ),
        Operation::DeletePortproxy { rule } => {
            let listens = format!("{}:{}", visible(&rule.listen_address), rule.listen_port);
            (
                format!("Delete the portproxy rule for {listens}"),
                Some("Add the same rule again".to_owned()),
                format!("No portproxy rule listens on {listens}"),
            )
        }
        Operation::SetRpcPort { service, port } => (
            format!("Give {} the fixed RPC port {port}", service.as_str()),
            Some("Set the registry value from before again".to_owned()),
            "The registry has the port; it counts from the next start of the computer on".to_owned(),
        ),
        Operation::ExcludeFromDnsPool { ports } => (
            format!("Keep UDP {} out of the socket pool of the DNS server", ports.short()),
            Some("Set the list from before again".to_owned()),
            "The list of the DNS server has the ports; it counts from its next start on".to_owned(),
        ),
        Operation::RemoveMaxUserPort => (
            "Remove the registry value MaxUserPort".to_owned(),
            Some("Set the value from before again".to_owned()),
            "The registry has no MaxUserPort; it counts from the next start of the computer on".to_owned(),
        ),
        Operation::StartTrace => (
            "Start a trace of the network".to_owned(),
            Some("portmedic exhaustion --trace stop ends it; its file stays".to_owned()),
            "Windows says that the trace runs".to_owned(),
        ),
        Operation::StopTrace => ("Stop the trace of the network".to_owned(), None, "Windows says that no trace runs".to_owned()),
        Operation::InstallTask { task } => (
            format!("Install {task}"),
            Some(format!("Remove {} again", task.name())),
            format!("{} starts it with the computer", manager(snapshot)),
        ),
        Operation::RemoveTask { task } => {
            (format!("Remove {task}"), Some(format!("Install {task} again")), format!("{} knows it no more", manager(snapshot)))
        }
        Operation::Manual { instructions } => {
            let title = instructions.first().cloned().unwrap_or_else(|| "Do it by hand".to_owned());
            (title, None, "Look again afterwards".to_owned())
        }
    }
}

fn risk(operation: &Operation, snapshot: &Snapshot) -> Risk {
    match operation {
        Operation::EndProcess { .. } => Risk::High,
        Operation::StopService { .. }
        | Operation::SetDynamicRange { .. }
        | Operation::RestartWinnat { .. }
        | Operation::DeletePortproxy { .. }
        | Operation::SetRpcPort { .. }
        | Operation::RemoveMaxUserPort
        // It slows the network a little, and its file tells who talked with whom.
        | Operation::StartTrace => Risk::Medium,
        // A service that was not looked at is restarted because of what it has, so it runs.
        Operation::RestartService { service }
            if state_of(service, snapshot).is_none_or(|state| state == ServiceState::Running) =>
        {
            Risk::Medium
        }
        Operation::RestartService { .. }
        | Operation::StartService { .. }
        | Operation::CloseConnection { .. }
        | Operation::AddExclusion { .. }
        | Operation::RemoveExclusion { .. }
        | Operation::AllowLowPort { .. }
        | Operation::ExcludeFromDnsPool { .. }
        | Operation::StopTrace
        | Operation::InstallTask { .. }
        | Operation::RemoveTask { .. }
        | Operation::Manual { .. } => Risk::Low,
    }
}

/// What the helper must find. The texts of our own files are not in a Snapshot, so those states are read when the plan is shown.
fn before(operation: &Operation, snapshot: &Snapshot) -> Option<OperationState> {
    match operation {
        Operation::StopService { service } | Operation::StartService { service } | Operation::RestartService { service } => {
            let service = snapshot.service(service)?;
            Some(OperationState::Service { state: service.state, main_pid: service.main_pid, dependants: Vec::new() })
        }
        Operation::CloseConnection { .. } => Some(OperationState::Connection { present: true }),
        Operation::EndProcess { .. } => Some(OperationState::Process { alive: true }),
        Operation::DeletePortproxy { rule } => {
            Some(OperationState::Portproxy { present: snapshot.windows.portproxy.contains(rule) })
        }
        Operation::AddExclusion { .. }
        | Operation::RemoveExclusion { .. }
        | Operation::SetDynamicRange { .. }
        | Operation::AllowLowPort { .. }
        | Operation::RestartWinnat { .. }
        | Operation::SetRpcPort { .. }
        | Operation::ExcludeFromDnsPool { .. }
        | Operation::RemoveMaxUserPort
        | Operation::StartTrace
        | Operation::StopTrace
        | Operation::InstallTask { .. }
        | Operation::RemoveTask { .. }
        | Operation::Manual { .. } => None,
    }
}

/// Who starts tasks.
const fn manager(snapshot: &Snapshot) -> &'static str {
    match snapshot.host.system {
        System::Linux => "systemd",
        System::Windows => "Task Scheduler",
    }
}

fn state_of(service: &str, snapshot: &Snapshot) -> Option<ServiceState> {
    snapshot.service(service).map(|service| service.state)
}

/// The name of a unit for a sentence.
pub(super) fn unit_name(unit: &str, snapshot: &Snapshot) -> String {
    let stem = || visible(unit.strip_suffix(".service").unwrap_or(unit));
    snapshot.service(unit).map_or_else(stem, |service| service_name(snapshot, service))
}

/// ` of TCP over IPv4`: which dynamic range is meant where there are several.
pub(super) fn of_table(protocol: Option<Protocol>, family: Option<Family>) -> String {
    match (protocol, family) {
        (None, None) => String::new(),
        (Some(protocol), None) => format!(" of {protocol}"),
        (None, Some(family)) => format!(" of {family}"),
        (Some(protocol), Some(family)) => format!(" of {protocol} over {family}"),
    }
}

fn ports(range: PortRange) -> String {
    if range.count() == 1 { format!("port {}", range.start()) } else { format!("ports {}", span(range)) }
}

fn is_or_are(range: PortRange) -> String {
    if range.count() == 1 { format!("Port {} is", range.start()) } else { format!("Ports {} are", span(range)) }
}

const fn when(stores: Stores) -> &'static str {
    match stores {
        Stores::Both => ", now and after a restart",
        Stores::Active => ", until the next restart",
        Stores::Persistent => ", from the next restart on",
    }
}
