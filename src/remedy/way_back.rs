//! What taking a step back will run, as text that a person can check and type: what was there before, not the opposite of the step.

use super::paths::{DYNAMIC_RANGE_FILE, EXCLUSIONS_FILE, LOW_PORT_DROP_IN};
use super::preview::linux::{list_command, range_command, remove_task_commands, task_file_commands, unit_command, write_command};
use super::preview::{scheduled, windows};
use super::shell::quote;
use super::standing::table;
use super::{Operation, OperationState, Stores, Subject, WayBack, preview};
use crate::machine::{PortRange, PortSet, Protocol, ServiceState, Snapshot, System};

/// The commands that put back what `before` tells; `None` for a step of another kind, of which nothing is put back.
pub fn way_back(system: System, operation: &Operation, before: &OperationState) -> Option<String> {
    match system {
        System::Linux => linux_way_back(operation, before),
        System::Windows => windows_way_back(operation, before),
    }
}

/// The commands of one act of taking back, where there is `now` today.
pub fn commands_back(way: &WayBack, now: &OperationState, snapshot: &Snapshot) -> String {
    match way {
        WayBack::Do(opposite) => preview(opposite, snapshot).0,
        WayBack::Restore { operation, to } => match (snapshot.host.system, operation) {
            (
                System::Windows,
                Operation::AddExclusion { protocol, stores, .. } | Operation::RemoveExclusion { protocol, stores, .. },
            ) => lists_back(*protocol, *stores, now, to),
            (system, operation) => way_back(system, operation, to).unwrap_or_default(),
        },
    }
}

/// What turns the lists of Windows as they are now into those they shall be.
fn lists_back(protocol: Option<Protocol>, stores: Stores, now: &OperationState, to: &OperationState) -> String {
    let list = |state: &OperationState, protocol: Protocol| match table(state, protocol.as_str()) {
        OperationState::Exclusions { persistent, .. } if stores.persistent() => persistent,
        OperationState::Exclusions { active, .. } => active,
        _ => PortSet::new(),
    };
    windows::lines(windows::protocols(protocol).map(|protocol| {
        let (now, to) = (list(now, protocol), list(to, protocol));
        let mut lines = windows::delete_exclusions(&now.difference(&to), protocol, stores);
        lines.extend(windows::add_exclusions(&to.difference(&now), protocol, stores));
        lines
    }))
}

fn linux_way_back(operation: &Operation, before: &OperationState) -> Option<String> {
    match (operation, before) {
        (Operation::StopService { service } | Operation::StartService { service }, OperationState::Service { state, .. }) => {
            let stop = || format!("systemctl stop {}", quote(service));
            Some(if *state == ServiceState::Running { unit_command("start", service) } else { stop() })
        }
        (
            Operation::AddExclusion { stores, .. } | Operation::RemoveExclusion { stores, .. },
            OperationState::Exclusions { active, own_file, .. },
        ) => Some(in_stores(*stores, list_command(active), file_back(EXCLUSIONS_FILE, own_file.as_deref()))),
        (Operation::SetDynamicRange { stores, .. }, OperationState::DynamicRange { active, own_file, .. }) => {
            Some(in_stores(*stores, range_command(*active), file_back(DYNAMIC_RANGE_FILE, own_file.as_deref())))
        }
        (Operation::AllowLowPort { service }, OperationState::LowPort { own_file, .. }) => {
            let file = format!("/etc/systemd/system/{service}.d/{LOW_PORT_DROP_IN}");
            Some(format!("{}; systemctl daemon-reload", file_back(&file, own_file.as_deref())))
        }
        (Operation::InstallTask { .. } | Operation::RemoveTask { .. }, OperationState::Task { own_file, .. }) => {
            task_back(operation, own_file.as_deref())
        }
        _ => None,
    }
}

/// The task as it was, or no task.
fn task_back(operation: &Operation, own_file: Option<&str>) -> Option<String> {
    let Subject::Task(task) = operation.subject() else { return None };
    Some(own_file.map_or_else(
        || remove_task_commands(task),
        |text| task_file_commands(task, &text.lines().map(str::to_owned).collect::<Vec<_>>()),
    ))
}

fn windows_way_back(operation: &Operation, before: &OperationState) -> Option<String> {
    match (operation, before) {
        (Operation::StopService { service } | Operation::StartService { service }, OperationState::Service { state, .. }) => {
            let verb = if *state == ServiceState::Running { "Start" } else { "Stop" };
            Some(windows::service_command(verb, service))
        }
        (Operation::AddExclusion { range, protocol, stores }, OperationState::Exclusions { active, persistent, .. }) => {
            let before = if stores.persistent() { persistent } else { active };
            Some(excluded_no_longer(*range, *protocol, *stores, before))
        }
        (Operation::RestartWinnat { range, protocol }, OperationState::Exclusions { persistent, .. }) => {
            Some(excluded_no_longer(*range, Some(*protocol), Stores::Both, persistent))
        }
        (Operation::RemoveExclusion { range, protocol, stores }, OperationState::Exclusions { active, persistent, .. }) => {
            let back = if stores.persistent() { persistent } else { active }.intersection(&PortSet::from(*range));
            let protocols = windows::protocols(*protocol);
            Some(windows::lines(protocols.map(|protocol| windows::add_exclusions(&back, protocol, *stores))))
        }
        (
            Operation::SetDynamicRange { protocol, family, stores, .. },
            OperationState::DynamicRange { active, persistent, .. },
        ) => {
            let set = |range: PortRange, stores| {
                windows::range_commands(windows::settable_on_windows(range), *protocol, *family, stores)
            };
            Some(match persistent {
                // What is written for the next start counts at once, so what is to count now comes after it.
                Some(next) if next != active && *stores == Stores::Both => {
                    windows::lines([vec![set(*next, Stores::Persistent), set(*active, Stores::Active)]])
                }
                _ => set(*active, *stores),
            })
        }
        (Operation::DeletePortproxy { rule }, OperationState::Portproxy { .. }) => Some(windows::add_portproxy(rule)),
        (Operation::SetRpcPort { service, .. }, OperationState::RpcPort { port }) => {
            Some(port.map_or_else(|| windows::remove_rpc_port(*service), |port| windows::set_rpc_port(*service, port)))
        }
        (Operation::ExcludeFromDnsPool { .. }, OperationState::DnsPool { excluded }) => Some(windows::dns_pool_command(excluded)),
        (Operation::RemoveMaxUserPort, OperationState::MaxUserPort { value }) => value.map(windows::set_max_user_port),
        (Operation::InstallTask { .. } | Operation::RemoveTask { .. }, OperationState::Task { own_file, .. }) => {
            scheduled_task_back(operation, own_file.as_deref())
        }
        _ => None,
    }
}

/// As [`task_back`].
fn scheduled_task_back(operation: &Operation, xml: Option<&str>) -> Option<String> {
    let Subject::Task(task) = operation.subject() else { return None };
    let commands = xml.map_or_else(|| scheduled::remove_task_commands(task), |xml| scheduled::restore_task_commands(task, xml));
    Some(windows::lines([commands]))
}

/// Takes out what the step has added, block by block, as Windows wants it.
fn excluded_no_longer(range: PortRange, protocol: Option<Protocol>, stores: Stores, before: &PortSet) -> String {
    let added = PortSet::from(range).difference(before);
    windows::lines(windows::protocols(protocol).map(|protocol| windows::delete_exclusions(&added, protocol, stores)))
}

fn in_stores(stores: Stores, active: String, persistent: String) -> String {
    match stores {
        Stores::Both => format!("{active}; {persistent}"),
        Stores::Active => active,
        Stores::Persistent => persistent,
    }
}

/// The file with the text it had, or no file.
fn file_back(file: &str, text: Option<&str>) -> String {
    text.map_or_else(
        || format!("rm -f {}", quote(file)),
        |text| write_command(&text.lines().map(str::to_owned).collect::<Vec<_>>(), file),
    )
}

#[cfg(test)]
mod tests {
    use super::way_back;
    use crate::machine::{PortRange, ServiceState, System};
    use crate::remedy::{Operation, OperationState, Stores};

    fn exclusions(own_file: Option<&str>) -> OperationState {
        let active = "3000-3010".parse().unwrap();
        OperationState::Exclusions { active, persistent: "3000".parse().unwrap(), own_file: own_file.map(str::to_owned) }
    }

    fn add(stores: Stores) -> Operation {
        Operation::AddExclusion { range: PortRange::new(3005, 4000).unwrap(), protocol: None, stores }
    }

    #[test]
    fn ports_that_were_excluded_before_the_step_stay_so() {
        let text = way_back(System::Linux, &add(Stores::Active), &exclusions(None)).unwrap();
        assert_eq!(text, "sysctl -w net.ipv4.ip_local_reserved_ports=3000-3010");
    }

    #[test]
    fn a_file_that_was_there_gets_its_text_and_one_that_was_not_goes() {
        let text = way_back(System::Linux, &add(Stores::Persistent), &exclusions(Some("# ours\na = 1\n"))).unwrap();
        assert_eq!(text, r"printf '%s\n' '# ours' 'a = 1' > /etc/sysctl.d/zz-portmedic-exclusions.conf");
        let text = way_back(System::Linux, &add(Stores::Persistent), &exclusions(None)).unwrap();
        assert_eq!(text, "rm -f /etc/sysctl.d/zz-portmedic-exclusions.conf");
        let unit = Operation::AllowLowPort { service: "a.service".to_owned() };
        let before = OperationState::LowPort { allowed: true, own_file: Some("[Service]\n".to_owned()) };
        let text = way_back(System::Linux, &unit, &before).unwrap();
        assert!(text.starts_with(r"printf '%s\n' '[Service]' > /etc/systemd/system/a.service.d/"), "{text}");
    }

    #[test]
    fn a_service_runs_again_only_where_it_ran() {
        let start = Operation::StartService { service: "a.service".to_owned() };
        let before = |state| OperationState::Service { state, main_pid: None, dependants: Vec::new() };
        assert_eq!(way_back(System::Linux, &start, &before(ServiceState::Failed)).unwrap(), "systemctl stop a.service");
        assert!(way_back(System::Linux, &start, &before(ServiceState::Running)).unwrap().ends_with("systemctl start a.service"));
    }
}
