//! What taking a step back will run, as text that a person can check and type: what was there before, not the opposite of the step.

use super::paths::{DYNAMIC_RANGE_FILE, EXCLUSIONS_FILE, LOW_PORT_DROP_IN};
use super::preview::{list_command, range_command, unit_command, write_command};
use super::shell::quote;
use super::{Operation, OperationState, Stores};
use crate::machine::ServiceState;

/// The commands that put back what `before` tells; `None` for a step of another kind, of which nothing is put back.
pub fn way_back(operation: &Operation, before: &OperationState) -> Option<String> {
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
        _ => None,
    }
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
    use crate::machine::{PortRange, ServiceState};
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
        let text = way_back(&add(Stores::Active), &exclusions(None)).unwrap();
        assert_eq!(text, "sysctl -w net.ipv4.ip_local_reserved_ports=3000-3010");
    }

    #[test]
    fn a_file_that_was_there_gets_its_text_and_one_that_was_not_goes() {
        let text = way_back(&add(Stores::Persistent), &exclusions(Some("# ours\na = 1\n"))).unwrap();
        assert_eq!(text, r"printf '%s\n' '# ours' 'a = 1' > /etc/sysctl.d/zz-portmedic-exclusions.conf");
        let text = way_back(&add(Stores::Persistent), &exclusions(None)).unwrap();
        assert_eq!(text, "rm -f /etc/sysctl.d/zz-portmedic-exclusions.conf");
        let unit = Operation::AllowLowPort { service: "a.service".to_owned() };
        let before = OperationState::LowPort { allowed: true, own_file: Some("[Service]\n".to_owned()) };
        let text = way_back(&unit, &before).unwrap();
        assert!(text.starts_with(r"printf '%s\n' '[Service]' > /etc/systemd/system/a.service.d/"), "{text}");
    }

    #[test]
    fn a_service_runs_again_only_where_it_ran() {
        let start = Operation::StartService { service: "a.service".to_owned() };
        let before = |state| OperationState::Service { state, main_pid: None };
        assert_eq!(way_back(&start, &before(ServiceState::Failed)).unwrap(), "systemctl stop a.service");
        assert!(way_back(&start, &before(ServiceState::Running)).unwrap().ends_with("systemctl start a.service"));
    }
}
