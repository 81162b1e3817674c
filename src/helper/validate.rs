//! Looks at a request before anything is done, as if nobody had made a plan before. What only the computer can tell (does the unit exist,
//! is the process a pillar of the session) the platform checks, for every step before the first one is done.

use std::net::SocketAddr;

use super::protocol::{Job, PlannedStep, Request, VERSION};
use crate::machine::{Port, PortRange, PortproxyRule, visible};
use crate::remedy::{MAX_STEPS, MOST_RECORDED_PORTS, Operation, OperationState, Purpose, Task, UndoMode};

/// The longest title, name and id, in bytes.
const MAX_TITLE: usize = 400;
const MAX_NAME: usize = 256;
const MAX_ID: usize = 64;
/// The most ports that are kept from WinNAT and from the DNS server: far more than a service has, far fewer than either needs.
const MAX_WINNAT_PORTS: u32 = 1024;
const MAX_DNS_PORTS: u32 = 16_384;
/// Below lie the ports of well-known services.
const FIRST_RPC_PORT: Port = 1024;

/// Why a request is not taken, one plain sentence.
///
/// # Errors
/// Where anything in it is not as PortMedic writes it.
pub fn request(request: &Request) -> Result<(), String> {
    if request.version != VERSION {
        return Err(format!(
            "the request has version {} and this helper speaks version {VERSION}; install one version of PortMedic only",
            request.version
        ));
    }
    if !is_id(&request.id) {
        return Err("the request has no usable id".to_owned());
    }
    match &request.job {
        Job::Undo { entry, .. } if !is_id(entry) => Err(format!("\"{}\" is not the name of a journal entry", visible(entry))),
        Job::Undo { mode: UndoMode::Exact, seen, .. } if !seen.is_empty() => {
            Err("an exact undo is compared with the journal, and with nothing else".to_owned())
        }
        Job::Undo { seen, .. } if seen.len() > MAX_STEPS => Err("it says of more steps than a plan has what was seen".to_owned()),
        Job::Undo { .. } => Ok(()),
        Job::Apply { title, steps, purpose } => {
            if title.len() > MAX_TITLE {
                return Err("the title of the plan is too long".to_owned());
            }
            if steps.is_empty() || steps.len() > MAX_STEPS {
                return Err(format!("a plan has 1 to {MAX_STEPS} steps, and this one has {}", steps.len()));
            }
            purpose.iter().try_for_each(serves)?;
            steps.iter().enumerate().try_for_each(|(index, planned)| {
                step(planned).map_err(|why| format!("step {} ({}): {why}", index + 1, planned.action.name()))
            })
        }
    }
}

/// What stands in the journal is looked at again after a restart.
fn serves(purpose: &Purpose) -> Result<(), String> {
    if purpose.port == Some(0) {
        return Err("ports begin at 1".to_owned());
    }
    let service = purpose.service.as_deref().unwrap_or("none");
    // Nothing is done to it, and on Windows there are services with a blank in their name.
    if service.is_empty() || service.len() > MAX_NAME || service.starts_with('-') || service.contains(char::is_control) {
        return Err(format!("\"{}\" is not a name that a service can have", visible(service)));
    }
    Ok(())
}

/// Letters, digits and dashes: it stands in the journal and in messages.
fn is_id(text: &str) -> bool {
    !text.is_empty() && text.len() <= MAX_ID && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

fn step(planned: &PlannedStep) -> Result<(), String> {
    operation(&planned.action)?;
    match &planned.before {
        Some(before) if fits(&planned.action, before) => Ok(()),
        Some(_) => Err("the state it was planned for belongs to another kind of step".to_owned()),
        None => Err("it does not say for which state of the computer it was planned".to_owned()),
    }
}

fn operation(operation: &Operation) -> Result<(), String> {
    match operation {
        Operation::StopService { service }
        | Operation::StartService { service }
        | Operation::RestartService { service }
        | Operation::AllowLowPort { service } => name(service),
        Operation::CloseConnection { local, remote, .. } => connection(*local, *remote),
        Operation::EndProcess { process, name: own } => {
            if process.pid <= 1 || i32::try_from(process.pid).is_err() {
                return Err(format!("{} is not the number of a process that may be ended", process.pid));
            }
            // Only shown, but it goes into the journal.
            if own.len() > MAX_NAME { Err("the name of the process is too long".to_owned()) } else { Ok(()) }
        }
        Operation::AddExclusion { range, .. }
        | Operation::RemoveExclusion { range, .. }
        | Operation::SetDynamicRange { range, .. } => ports(*range),
        Operation::RestartWinnat { range, .. } => {
            ports(*range)?;
            bounded(range.count(), MAX_WINNAT_PORTS)
        }
        Operation::DeletePortproxy { rule } => portproxy(rule),
        Operation::SetRpcPort { port, .. } if *port < FIRST_RPC_PORT => {
            Err(format!("an RPC port lies from {FIRST_RPC_PORT} up, and this one is {port}"))
        }
        Operation::ExcludeFromDnsPool { ports: excluded } => {
            if excluded.is_empty() {
                return Err("it names no port".to_owned());
            }
            excluded.ranges().iter().try_for_each(|range| ports(*range))?;
            bounded(excluded.count(), MAX_DNS_PORTS)
        }
        Operation::InstallTask { task: Task::Recorder { ports: recorded } } => {
            if recorded.is_empty() {
                return Err("it names no port".to_owned());
            }
            recorded.ranges().iter().try_for_each(|range| ports(*range))?;
            bounded(recorded.count(), MOST_RECORDED_PORTS)
        }
        Operation::SetRpcPort { .. }
        | Operation::RemoveMaxUserPort
        | Operation::StartTrace
        | Operation::StopTrace
        | Operation::InstallTask { task: Task::Recheck }
        | Operation::RemoveTask { .. } => Ok(()),
        Operation::Manual { .. } => Err("only a person can do this step".to_owned()),
    }
}

/// The platform knows exactly which names its services have; this keeps out what could be an option, a path or more than one line.
fn name(service: &str) -> Result<(), String> {
    let hostile = |character: char| character.is_control() || character == '/' || character.is_whitespace();
    if service.is_empty() || service.len() > MAX_NAME || service.starts_with('-') || service.contains(hostile) {
        return Err(format!("\"{}\" is not a name that a service can have", visible(service)));
    }
    Ok(())
}

fn connection(local: SocketAddr, remote: SocketAddr) -> Result<(), String> {
    if local.is_ipv4() != remote.is_ipv4() || local.port() == 0 || remote.port() == 0 {
        return Err(format!("no connection goes from {local} to {remote}"));
    }
    if remote.ip().is_unspecified() {
        return Err("it names no far end, so it is not one connection".to_owned());
    }
    Ok(())
}

/// Port 0 can be written in JSON, and it never names a port.
fn ports(range: PortRange) -> Result<(), String> {
    if range.start() == 0 { Err("ports begin at 1".to_owned()) } else { Ok(()) }
}

/// Ports beyond these bounds are no fix for a service any more.
fn bounded(count: u32, most: u32) -> Result<(), String> {
    if count > most { Err(format!("it is for {count} ports, and {most} is the most")) } else { Ok(()) }
}

/// The addresses of a rule go to netsh as they are: nothing but an address, a host name or `*` stands there.
fn portproxy(rule: &PortproxyRule) -> Result<(), String> {
    if rule.listen_port == 0 || rule.connect_port == 0 {
        return Err("ports begin at 1".to_owned());
    }
    let plain = |character: char| character.is_ascii_alphanumeric() || ".:-_%*".contains(character);
    for address in [&rule.listen_address, &rule.connect_address] {
        if address.is_empty() || address.len() > MAX_NAME || address.starts_with('-') || !address.chars().all(plain) {
            return Err(format!("\"{}\" is not an address that a portproxy rule can have", visible(address)));
        }
    }
    Ok(())
}

/// Whether the state is of the kind that the operation changes.
const fn fits(operation: &Operation, state: &OperationState) -> bool {
    match operation {
        Operation::StopService { .. } | Operation::StartService { .. } | Operation::RestartService { .. } => {
            matches!(state, OperationState::Service { .. })
        }
        Operation::CloseConnection { .. } => matches!(state, OperationState::Connection { .. }),
        Operation::EndProcess { .. } => matches!(state, OperationState::Process { .. }),
        Operation::AddExclusion { .. } | Operation::RemoveExclusion { .. } => matches!(state, OperationState::Exclusions { .. }),
        Operation::SetDynamicRange { .. } => matches!(state, OperationState::DynamicRange { .. }),
        Operation::AllowLowPort { .. } => matches!(state, OperationState::LowPort { .. }),
        Operation::RestartWinnat { .. } => matches!(state, OperationState::Exclusions { .. }),
        Operation::DeletePortproxy { .. } => matches!(state, OperationState::Portproxy { .. }),
        Operation::SetRpcPort { .. } => matches!(state, OperationState::RpcPort { .. }),
        Operation::ExcludeFromDnsPool { .. } => matches!(state, OperationState::DnsPool { .. }),
        Operation::RemoveMaxUserPort => matches!(state, OperationState::MaxUserPort { .. }),
        Operation::StartTrace | Operation::StopTrace => matches!(state, OperationState::Trace { .. }),
        Operation::InstallTask { .. } | Operation::RemoveTask { .. } => matches!(state, OperationState::Task { .. }),
        Operation::Manual { .. } => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::request;
    use crate::helper::protocol::Request;

    fn step() -> serde_json::Value {
        json!({ "action": { "operation": "start_service", "service": "nginx.service" },
                "before": { "of": "service", "state": "failed", "main_pid": null } })
    }

    fn connection(local: &str, remote: &str) -> serde_json::Value {
        json!({ "action": { "operation": "close_connection", "protocol": "tcp", "local": local, "remote": remote, "cookie": 1 },
                "before": { "of": "connection", "present": true } })
    }

    fn exclusion(start: u16, end: u16) -> serde_json::Value {
        json!({ "action": { "operation": "add_exclusion", "range": { "start": start, "end": end }, "protocol": null, "stores": "both" },
                "before": { "of": "exclusions", "active": "", "persistent": "", "own_file": null } })
    }

    fn apply(steps: &[serde_json::Value]) -> serde_json::Value {
        json!({ "version": 1, "id": "run-1", "job": { "job": "apply", "title": "t", "steps": steps } })
    }

    fn verdict(value: serde_json::Value) -> Result<(), String> {
        let parsed: Request = serde_json::from_value(value).map_err(|error| format!("not understood: {error}"))?;
        request(&parsed)
    }

    #[test]
    fn what_portmedic_writes_is_taken() {
        assert_eq!(verdict(apply(&[step(), connection("127.0.0.1:1433", "127.0.0.1:9000"), exclusion(1433, 1433)])), Ok(()));
        assert_eq!(verdict(json!({ "version": 1, "id": "a", "job": { "job": "undo", "entry": "20261121-3" } })), Ok(()));
    }

    #[test]
    fn another_version_is_refused() {
        let mut value = apply(&[step()]);
        value["version"] = json!(2);
        assert!(verdict(value).unwrap_err().contains("version"));
    }

    #[test]
    fn unknown_operations_fields_and_jobs_are_refused() {
        let mut unknown = step();
        unknown["action"]["operation"] = json!("run_command");
        let mut extra = step();
        extra["action"]["path"] = json!("/etc/shadow");
        let mut beside = step();
        beside["command"] = json!("id");
        for steps in [unknown, extra, beside] {
            assert!(verdict(apply(&[steps])).unwrap_err().contains("not understood"));
        }
        assert!(verdict(json!({ "version": 1, "id": "a", "job": { "job": "shell", "title": "t", "steps": [] } })).is_err());
    }

    #[test]
    fn no_step_and_too_many_steps_are_refused() {
        assert!(verdict(apply(&[])).is_err());
        assert!(verdict(apply(&vec![step(); 49])).is_err());
    }

    #[test]
    fn hostile_names_are_refused() {
        for name in ["", "-x.service", "../x.service", "a b.service", "a\n.service", &"a".repeat(300)] {
            let mut value = step();
            value["action"]["service"] = json!(name);
            assert!(verdict(apply(&[value])).is_err(), "{name:?}");
        }
        for purpose in [json!({ "service": "-x" }), json!({ "service": "a\nb" }), json!({ "port": 0 }), json!({ "path": "/" })] {
            let mut value = apply(&[step()]);
            value["job"]["purpose"] = purpose;
            assert!(verdict(value.clone()).is_err(), "{value}");
        }
        for entry in ["", "../x", "a b", &"1".repeat(65)] {
            let value = json!({ "version": 1, "id": "a", "job": { "job": "undo", "entry": entry } });
            assert!(verdict(value).is_err(), "{entry:?}");
        }
    }

    #[test]
    fn port_zero_and_reversed_ranges_are_refused() {
        assert!(verdict(apply(&[exclusion(0, 10)])).is_err());
        assert!(verdict(apply(&[exclusion(10, 9)])).is_err());
    }

    #[test]
    fn a_connection_needs_two_ends_of_one_family() {
        for (local, remote) in
            [("127.0.0.1:1433", "[::1]:9000"), ("127.0.0.1:0", "127.0.0.1:9000"), ("127.0.0.1:1", "0.0.0.0:9000")]
        {
            assert!(verdict(apply(&[connection(local, remote)])).is_err(), "{local} {remote}");
        }
    }

    #[test]
    fn the_first_process_and_numbers_that_none_has_are_refused() {
        for pid in [0_u32, 1, u32::MAX] {
            let value = json!({ "action": { "operation": "end_process", "process": { "pid": pid, "started": 1 }, "name": "x" },
                                "before": { "of": "process", "alive": true } });
            assert!(verdict(apply(&[value])).is_err(), "{pid}");
        }
    }

    fn winnat(start: u16, end: u16) -> serde_json::Value {
        json!({ "action": { "operation": "restart_winnat", "range": { "start": start, "end": end }, "protocol": "tcp" },
                "before": { "of": "exclusions", "active": "", "persistent": "", "own_file": null } })
    }

    fn dns_pool(ports: &str) -> serde_json::Value {
        json!({ "action": { "operation": "exclude_from_dns_pool", "ports": ports },
                "before": { "of": "dns_pool", "excluded": "" } })
    }

    fn rpc_port(port: u32) -> serde_json::Value {
        json!({ "action": { "operation": "set_rpc_port", "service": "active_directory", "port": port },
                "before": { "of": "rpc_port", "port": null } })
    }

    fn portproxy(listen_address: &str, listen_port: u16) -> serde_json::Value {
        let rule = json!({ "listen_family": "ipv4", "listen_address": listen_address, "listen_port": listen_port,
                           "connect_family": "ipv4", "connect_address": "web.example", "connect_port": 80 });
        json!({ "action": { "operation": "delete_portproxy", "rule": rule }, "before": { "of": "portproxy", "present": true } })
    }

    #[test]
    fn settings_of_windows_are_taken_within_bounds() {
        let max_user_port = json!({ "action": { "operation": "remove_max_user_port" },
                                    "before": { "of": "max_user_port", "value": 65534 } });
        let good = [winnat(8080, 8080), dns_pool("1645-1646,1812-1813"), rpc_port(5722), portproxy("*", 8080), max_user_port];
        assert_eq!(verdict(apply(&good)), Ok(()));
        let hostile = ["", "-x", "0.0.0.0 connectport=1", "a\nb", "a'b", "$(x)", "a;b"];
        let bad =
            [winnat(0, 10), winnat(1, 65535), dns_pool(""), dns_pool("1-65535"), rpc_port(80), rpc_port(0), rpc_port(70000)];
        for step in bad.into_iter().chain(hostile.map(|address| portproxy(address, 8080))).chain([portproxy("*", 0)]) {
            assert!(verdict(apply(std::slice::from_ref(&step))).is_err(), "{step}");
        }
    }

    #[test]
    fn a_task_is_one_of_two_and_watches_few_ports() {
        let install = |task: serde_json::Value| {
            verdict(apply(&[json!({ "action": { "operation": "install_task", "task": task },
                                    "before": { "of": "task", "works": null, "enabled": false, "own_file": null } })]))
        };
        let recorder = |ports: &str| json!({ "name": "recorder", "ports": ports });
        assert_eq!(install(json!({ "name": "recheck" })), Ok(()));
        assert_eq!(install(recorder("53,1433-1495")), Ok(()));
        for ports in ["", "0", "1433-1497", "a"] {
            assert!(install(recorder(ports)).is_err(), "{ports}");
        }
        for task in
            [json!({ "name": "shell" }), json!({ "name": "recorder", "ports": "80", "program": "/tmp/x" }), json!("recheck")]
        {
            assert!(install(task.clone()).unwrap_err().contains("not understood"), "{task}");
        }
    }

    #[test]
    fn a_step_without_the_state_it_was_planned_for_is_refused() {
        let mut none = step();
        none["before"] = json!(null);
        let mut other = step();
        other["before"] = json!({ "of": "nothing" });
        for value in [none, other] {
            assert!(verdict(apply(&[value])).is_err());
        }
    }

    #[test]
    fn a_step_for_a_person_is_refused() {
        let value = json!({ "action": { "operation": "manual", "instructions": [] }, "before": { "of": "nothing" } });
        assert!(verdict(apply(&[value])).is_err());
    }
}
