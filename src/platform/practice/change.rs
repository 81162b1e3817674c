//! Every operation on a practice machine: refused as its system refuses it, and otherwise really done.

use jiff::SignedDuration;

use super::ranges::both;
use super::state::State;
use crate::machine::{ServiceState, Store, System, visible};
use crate::platform::PlatformError;
use crate::remedy::{Operation, OperationState, Stores, TraceState, is_essential};

/// How long a step takes on the machine's own clock.
const STEP: SignedDuration = SignedDuration::from_secs(1);

/// Why nothing starts by itself here.
const NO_TASKS: &str = "a practice machine has no tasks: it is never started or restarted by itself";

/// Reads what `operation` would change. Refuses what must not be done here, so that a plan with such a step is refused before its first one.
pub fn state_of(state: &State, operation: &Operation) -> Result<OperationState, PlatformError> {
    check(state, operation)?;
    state_now(state, operation)
}

fn check(state: &State, operation: &Operation) -> Result<(), PlatformError> {
    match operation {
        Operation::StopService { service } | Operation::RestartService { service } => {
            if state.is_linux() && is_essential(service) {
                return refused(format!("{service} is not stopped: the computer or the session in use needs it"));
            }
            Ok(())
        }
        Operation::EndProcess { process, .. } => match state.processes.get(&process.pid) {
            Some(found) if found.id == *process => found
                .protected
                .as_ref()
                .map_or(Ok(()), |why| refused(format!("{} (PID {}) is not ended: {why}", visible(&found.name), process.pid))),
            _ => Ok(()),
        },
        Operation::CloseConnection { local, .. } if !state.is_linux() && local.is_ipv6() => {
            refused("Windows can close connections over IPv4 only; end the program or stop its service instead".to_owned())
        }
        Operation::AddExclusion { range, protocol, .. } => state.check_exclusion(*range, *protocol, true),
        Operation::RemoveExclusion { range, protocol, .. } => state.check_exclusion(*range, *protocol, false),
        Operation::SetDynamicRange { range, protocol, family, .. } => state.check_range(*range, *protocol, *family),
        Operation::AllowLowPort { .. } if state.host.system == System::Windows => {
            refused("Windows needs no right for low ports".to_owned())
        }
        Operation::RestartWinnat { .. }
        | Operation::DeletePortproxy { .. }
        | Operation::SetRpcPort { .. }
        | Operation::ExcludeFromDnsPool { .. }
        | Operation::RemoveMaxUserPort
        | Operation::StartTrace
        | Operation::StopTrace
            if state.is_linux() =>
        {
            refused(format!("{operation}: only Windows has this setting, and this machine runs Linux"))
        }
        Operation::InstallTask { .. } | Operation::RemoveTask { .. } => refused(NO_TASKS.to_owned()),
        Operation::StartService { .. }
        | Operation::CloseConnection { .. }
        | Operation::AllowLowPort { .. }
        | Operation::RestartWinnat { .. }
        | Operation::DeletePortproxy { .. }
        | Operation::SetRpcPort { .. }
        | Operation::ExcludeFromDnsPool { .. }
        | Operation::RemoveMaxUserPort
        | Operation::StartTrace
        | Operation::StopTrace
        | Operation::Manual { .. } => Ok(()),
    }
}

fn state_now(state: &State, operation: &Operation) -> Result<OperationState, PlatformError> {
    match operation {
        Operation::StopService { service } | Operation::StartService { service } | Operation::RestartService { service } => {
            state.service_state(service)
        }
        Operation::CloseConnection { protocol, local, remote, cookie } => {
            let is_meant = |own: &&super::state::PracticeSocket| {
                own.socket.protocol == *protocol
                    && own.socket.local == *local
                    && own.socket.remote == Some(*remote)
                    && (cookie.is_none() || own.socket.cookie == *cookie)
            };
            Ok(OperationState::Connection { present: state.sockets.iter().any(|own| is_meant(&own)) })
        }
        Operation::EndProcess { process, .. } => {
            Ok(OperationState::Process { alive: state.processes.get(&process.pid).is_some_and(|found| found.id == *process) })
        }
        Operation::AddExclusion { protocol, .. } => Ok(state.exclusion_state(*protocol, true)),
        Operation::RemoveExclusion { protocol, .. } => Ok(state.exclusion_state(*protocol, false)),
        Operation::SetDynamicRange { protocol, family, .. } => state.range_state(*protocol, *family),
        Operation::AllowLowPort { service } => {
            let own = state.service(service)?;
            let allowed = own.service.may_bind_low_ports != Some(false);
            Ok(OperationState::LowPort { allowed, own_file: own.low_port_drop_in.then(|| DROP_IN.to_owned()) })
        }
        Operation::RestartWinnat { protocol, .. } => Ok(state.exclusion_state(Some(*protocol), true)),
        Operation::DeletePortproxy { rule } => Ok(OperationState::Portproxy { present: state.windows.portproxy.contains(rule) }),
        Operation::SetRpcPort { service, .. } => Ok(OperationState::RpcPort { port: state.rpc_port(*service) }),
        Operation::ExcludeFromDnsPool { .. } => Ok(OperationState::DnsPool { excluded: state.dns_excluded()? }),
        Operation::RemoveMaxUserPort => Ok(OperationState::MaxUserPort { value: state.windows.max_user_port }),
        Operation::StartTrace | Operation::StopTrace => {
            let now = if state.is_traced { TraceState::Running } else { TraceState::Off };
            Ok(OperationState::Trace { now })
        }
        // `check` has refused tasks.
        Operation::InstallTask { .. } | Operation::RemoveTask { .. } | Operation::Manual { .. } => Ok(OperationState::Nothing),
    }
}

/// What the drop-in of a practice machine holds.
const DROP_IN: &str = "[Service]\nAmbientCapabilities=CAP_NET_BIND_SERVICE\n";

pub fn perform(state: &mut State, operation: &Operation) -> Result<(), PlatformError> {
    state.pass(STEP);
    check(state, operation)?;
    match *operation {
        Operation::StopService { ref service } => state.stop(service),
        Operation::StartService { ref service } => state.start(service),
        Operation::RestartService { ref service } => {
            state.stop(service)?;
            state.start(service)
        }
        Operation::CloseConnection { protocol, local, remote, .. } => {
            state.close(protocol, local, remote);
            Ok(())
        }
        Operation::EndProcess { process, .. } => {
            if state.processes.get(&process.pid).is_some_and(|found| found.id == process) {
                state.end_process(process.pid);
            }
            Ok(())
        }
        Operation::AddExclusion { range, protocol, stores } => state.add_exclusion(range, protocol, stores),
        Operation::RemoveExclusion { range, protocol, stores } => {
            state.remove_exclusion(range, protocol, stores);
            Ok(())
        }
        Operation::SetDynamicRange { range, protocol, family, stores } => {
            for store in both(stores) {
                state.set_range(Some(range), protocol, family, store);
            }
            if stores.persistent() && state.is_linux() {
                state.own_range = Some(range);
            }
            Ok(())
        }
        Operation::AllowLowPort { ref service } => {
            state.allow_low_port(service, true);
            Ok(())
        }
        Operation::RestartWinnat { range, protocol } => state.restart_winnat(range, protocol),
        Operation::DeletePortproxy { ref rule } => {
            state.delete_portproxy(rule);
            Ok(())
        }
        Operation::SetRpcPort { service, port } => {
            state.set_rpc_port(service, Some(port));
            Ok(())
        }
        Operation::ExcludeFromDnsPool { ref ports } => {
            let excluded = state.dns_excluded()?.union(ports);
            state.set_dns_excluded(excluded);
            Ok(())
        }
        Operation::RemoveMaxUserPort => {
            state.windows.max_user_port = None;
            Ok(())
        }
        Operation::StartTrace | Operation::StopTrace => {
            state.is_traced = *operation == Operation::StartTrace;
            Ok(())
        }
        Operation::InstallTask { .. } | Operation::RemoveTask { .. } => refused(NO_TASKS.to_owned()),
        Operation::Manual { .. } => refused("only a person can do this step".to_owned()),
    }
}

/// Puts back what `operation` changed, where nobody has changed it since.
pub fn restore(
    state: &mut State,
    operation: &Operation,
    before: &OperationState,
    after: &OperationState,
) -> Result<(), PlatformError> {
    if let Some(why) = operation.irreversible_because() {
        return refused(why.to_owned());
    }
    state.pass(STEP);
    if let Some(drift) = operation.drift(after, &state_now(state, operation)?) {
        return Err(PlatformError::Changed(drift));
    }
    match (operation, before) {
        (
            Operation::StopService { service } | Operation::StartService { service },
            OperationState::Service { state: was, .. },
        ) => {
            if *was == ServiceState::Running {
                state.start(service)
            } else {
                state.stop(service)
            }
        }
        (Operation::RestartWinnat { protocol, .. }, before) => state.restore_exclusions(Some(*protocol), Stores::Both, before),
        (Operation::DeletePortproxy { rule }, OperationState::Portproxy { present }) => {
            if *present {
                state.add_portproxy(rule);
            }
            Ok(())
        }
        (Operation::SetRpcPort { service, .. }, OperationState::RpcPort { port }) => {
            state.set_rpc_port(*service, *port);
            Ok(())
        }
        (Operation::ExcludeFromDnsPool { .. }, OperationState::DnsPool { excluded }) => {
            state.set_dns_excluded(excluded.clone());
            Ok(())
        }
        (Operation::RemoveMaxUserPort, OperationState::MaxUserPort { value }) => {
            state.windows.max_user_port = *value;
            Ok(())
        }
        (Operation::AddExclusion { protocol, stores, .. } | Operation::RemoveExclusion { protocol, stores, .. }, before) => {
            state.restore_exclusions(*protocol, *stores, before)
        }
        (
            Operation::SetDynamicRange { protocol, family, stores, .. },
            OperationState::DynamicRange { active, persistent, own_file },
        ) => {
            restore_range(state, (*protocol, *family), *stores, (*active, *persistent));
            if stores.persistent() {
                state.own_range = own_file.as_deref().and_then(|text| text.parse().ok());
            }
            Ok(())
        }
        (Operation::AllowLowPort { service }, OperationState::LowPort { allowed, .. }) => {
            state.allow_low_port(service, *allowed);
            Ok(())
        }
        _ => refused("the record of this step is about something else".to_owned()),
    }
}

type Which = (Option<crate::machine::Protocol>, Option<crate::machine::Family>);
type Ranges = (crate::machine::PortRange, Option<crate::machine::PortRange>);

fn restore_range(state: &mut State, (protocol, family): Which, stores: Stores, (active, persistent): Ranges) {
    for store in both(stores) {
        let range = if store == Store::Active { Some(active) } else { persistent };
        state.set_range(range, protocol, family, store);
    }
}

fn refused<T>(why: String) -> Result<T, PlatformError> {
    Err(PlatformError::Refused(why))
}
