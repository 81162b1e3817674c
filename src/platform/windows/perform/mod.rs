//! What the helper does to a Windows computer: one kind of operation a file. Each is checked here again, whatever the plan says.

mod connection;
mod dynamic_range;
mod exclusions;
mod portproxy;
mod process;
pub mod service;
mod setting;
mod task;
mod trace;
mod winnat;

use connection::Connection;
use dynamic_range::Which;
use exclusions::Exclusions;

use crate::machine::{PortRange, Protocol};
use crate::platform::PlatformError;
use crate::remedy::{Operation, OperationState, Stores};

/// Reads the part of the computer that `operation` would change. Refuses an operation that must not be done here, so that a plan with such
/// a step is refused before its first one.
pub fn state_of(operation: &Operation) -> Result<OperationState, PlatformError> {
    check(operation)?;
    state_now(operation)
}

/// Refuses an operation that must not be done on this computer.
fn check(operation: &Operation) -> Result<(), PlatformError> {
    match operation {
        Operation::StopService { service } | Operation::RestartService { service } => service::check_stop(service),
        Operation::StartService { service } => service::check_name(service),
        Operation::CloseConnection { protocol, local, remote, cookie } => {
            Connection { protocol: *protocol, local: *local, remote: *remote, identity: *cookie }.check()
        }
        Operation::EndProcess { process, .. } => process::check(*process),
        Operation::AllowLowPort { .. } => refused("Windows needs no right for low ports"),
        Operation::InstallTask { task } => task::system()?.check_places(task.name()),
        Operation::RemoveTask { .. } => task::system().map(drop),
        Operation::AddExclusion { .. }
        | Operation::DeletePortproxy { .. }
        | Operation::RemoveMaxUserPort
        | Operation::Manual { .. }
        // Whether a trace runs is asked of netsh, by what starts and stops it: it need not be asked twice.
        | Operation::StartTrace
        | Operation::StopTrace => Ok(()),
        Operation::RemoveExclusion { range, protocol, stores } => {
            Exclusions { range: *range, protocol: *protocol, stores: *stores }.check_removal()
        }
        Operation::SetDynamicRange { range, protocol, family, .. } => {
            Which { protocol: *protocol, family: *family }.check(*range)
        }
        Operation::RestartWinnat { .. } => winnat::check(),
        Operation::SetRpcPort { service, .. } => setting::check_rpc(*service),
        Operation::ExcludeFromDnsPool { .. } => setting::check_dns(),
    }
}

fn state_now(operation: &Operation) -> Result<OperationState, PlatformError> {
    match *operation {
        Operation::StopService { ref service }
        | Operation::StartService { ref service }
        | Operation::RestartService { ref service } => service::state(service),
        Operation::CloseConnection { protocol, local, remote, cookie } => {
            Connection { protocol, local, remote, identity: cookie }.state()
        }
        Operation::EndProcess { process, .. } => process::state(process),
        // `check` has refused what Windows does not have.
        Operation::AllowLowPort { .. } | Operation::Manual { .. } => Ok(OperationState::Nothing),
        Operation::InstallTask { ref task } => task::system()?.state(task.name()),
        Operation::RemoveTask { task } => task::system()?.state(task),
        Operation::AddExclusion { range, protocol, stores } => Exclusions { range, protocol, stores }.state(true),
        Operation::RemoveExclusion { range, protocol, stores } => Exclusions { range, protocol, stores }.state(false),
        Operation::RestartWinnat { range, protocol } => around_winnat(range, protocol).state(true),
        Operation::SetDynamicRange { range, protocol, family, .. } => Which { protocol, family }.state(range),
        Operation::DeletePortproxy { ref rule } => portproxy::state(rule),
        Operation::SetRpcPort { service, .. } => setting::rpc_port(service),
        Operation::ExcludeFromDnsPool { .. } => setting::dns_pool(),
        Operation::RemoveMaxUserPort => setting::max_user_port(),
        Operation::StartTrace | Operation::StopTrace => trace::state(),
    }
}

/// Does it, and returns when the system says that it is done.
pub fn perform(operation: &Operation) -> Result<(), PlatformError> {
    check(operation)?;
    match *operation {
        Operation::StopService { ref service } => service::stop(service),
        Operation::StartService { ref service } => service::start(service),
        Operation::RestartService { ref service } => service::restart(service),
        Operation::CloseConnection { protocol, local, remote, cookie } => {
            Connection { protocol, local, remote, identity: cookie }.close()
        }
        Operation::EndProcess { process, ref name } => process::end(process, name),
        Operation::AllowLowPort { .. } => refused("Windows needs no right for low ports"),
        Operation::InstallTask { ref task } => task::system()?.install(task),
        Operation::RemoveTask { task } => task::system()?.remove(task),
        Operation::Manual { .. } => refused("only a person can do this step"),
        Operation::AddExclusion { range, protocol, stores } => Exclusions { range, protocol, stores }.add(),
        Operation::RemoveExclusion { range, protocol, stores } => Exclusions { range, protocol, stores }.remove(),
        Operation::RestartWinnat { range, protocol } => winnat::restart_around(range, protocol),
        Operation::SetDynamicRange { range, protocol, family, stores } => Which { protocol, family }.set(range, stores),
        Operation::DeletePortproxy { ref rule } => portproxy::delete(rule),
        Operation::SetRpcPort { service, port } => setting::set_rpc_port(service, Some(port)),
        Operation::ExcludeFromDnsPool { ref ports } => setting::exclude_from_dns_pool(ports),
        Operation::RemoveMaxUserPort => setting::set_max_user_port(None),
        Operation::StartTrace => trace::start(),
        Operation::StopTrace => trace::stop(),
    }
}

/// Puts back what `operation` changed, where nobody has changed it since.
pub fn restore(operation: &Operation, before: &OperationState, after: &OperationState) -> Result<(), PlatformError> {
    if let Some(why) = operation.irreversible_because() {
        return refused(why);
    }
    if let Some(drift) = operation.drift(after, &state_now(operation)?) {
        return Err(PlatformError::Changed(drift));
    }
    match (operation, before) {
        (Operation::StopService { service } | Operation::StartService { service }, before) => service::restore(service, before),
        (
            Operation::AddExclusion { range, protocol, stores } | Operation::RemoveExclusion { range, protocol, stores },
            before,
        ) => Exclusions { range: *range, protocol: *protocol, stores: *stores }.restore(before),
        (Operation::RestartWinnat { range, protocol }, before) => around_winnat(*range, *protocol).restore(before),
        (Operation::SetDynamicRange { protocol, family, stores, .. }, before) => {
            Which { protocol: *protocol, family: *family }.restore(*stores, before)
        }
        (Operation::DeletePortproxy { rule }, before) => portproxy::restore(rule, before),
        (Operation::SetRpcPort { service, .. }, OperationState::RpcPort { port }) => setting::set_rpc_port(*service, *port),
        (Operation::ExcludeFromDnsPool { .. }, OperationState::DnsPool { excluded }) => setting::set_dns_pool(excluded),
        (Operation::RemoveMaxUserPort, OperationState::MaxUserPort { value }) => setting::set_max_user_port(*value),
        (Operation::InstallTask { task }, before) => task::system()?.restore(task.name(), before),
        (Operation::RemoveTask { task }, before) => task::system()?.restore(*task, before),
        _ => refused("the record of this step is about something else"),
    }
}

/// The exclusion that [`winnat`] makes.
const fn around_winnat(range: PortRange, protocol: Protocol) -> Exclusions {
    Exclusions { range, protocol: Some(protocol), stores: Stores::Both }
}

fn refused<T>(why: &str) -> Result<T, PlatformError> {
    Err(PlatformError::Refused(why.to_owned()))
}
