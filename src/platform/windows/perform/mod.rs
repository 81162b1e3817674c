//! What the helper does to a Windows computer: one kind of operation a file. Each is checked here again, whatever the plan says.

mod connection;
mod process;
mod service;

use crate::platform::PlatformError;
use crate::remedy::{Operation, OperationState};

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
        Operation::CloseConnection { protocol, local, .. } => connection::check(*protocol, *local),
        Operation::EndProcess { process, .. } => process::check(*process),
        Operation::AllowLowPort { .. } => refused("Windows needs no right for low ports"),
        Operation::Manual { .. } => Ok(()),
        Operation::AddExclusion { .. }
        | Operation::RemoveExclusion { .. }
        | Operation::SetDynamicRange { .. }
        | Operation::RestartWinnat { .. }
        | Operation::DeletePortproxy { .. }
        | Operation::SetRpcPort { .. }
        | Operation::ExcludeFromDnsPool { .. }
        | Operation::RemoveMaxUserPort => no_change(operation),
    }
}

fn state_now(operation: &Operation) -> Result<OperationState, PlatformError> {
    match *operation {
        Operation::StopService { ref service }
        | Operation::StartService { ref service }
        | Operation::RestartService { ref service } => service::state(service),
        Operation::CloseConnection { protocol, local, remote, .. } => connection::state(protocol, local, remote),
        Operation::EndProcess { process, .. } => process::state(process),
        // `check` has refused what Windows does not have.
        Operation::AllowLowPort { .. } | Operation::Manual { .. } => Ok(OperationState::Nothing),
        Operation::AddExclusion { .. }
        | Operation::RemoveExclusion { .. }
        | Operation::SetDynamicRange { .. }
        | Operation::RestartWinnat { .. }
        | Operation::DeletePortproxy { .. }
        | Operation::SetRpcPort { .. }
        | Operation::ExcludeFromDnsPool { .. }
        | Operation::RemoveMaxUserPort => no_change(operation),
    }
}

/// Does it, and returns when the system says that it is done.
pub fn perform(operation: &Operation) -> Result<(), PlatformError> {
    check(operation)?;
    match *operation {
        Operation::StopService { ref service } => service::stop(service),
        Operation::StartService { ref service } => service::start(service),
        Operation::RestartService { ref service } => service::restart(service),
        Operation::CloseConnection { protocol, local, remote, .. } => connection::close(protocol, local, remote),
        Operation::EndProcess { process, ref name } => process::end(process, name),
        Operation::AllowLowPort { .. } => refused("Windows needs no right for low ports"),
        Operation::Manual { .. } => refused("only a person can do this step"),
        Operation::AddExclusion { .. }
        | Operation::RemoveExclusion { .. }
        | Operation::SetDynamicRange { .. }
        | Operation::RestartWinnat { .. }
        | Operation::DeletePortproxy { .. }
        | Operation::SetRpcPort { .. }
        | Operation::ExcludeFromDnsPool { .. }
        | Operation::RemoveMaxUserPort => no_change(operation),
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
    match operation {
        Operation::StopService { service } | Operation::StartService { service } => service::restore(service, before),
        // What cannot be taken back was refused above, and what Windows does not have was never done.
        Operation::RestartService { .. }
        | Operation::CloseConnection { .. }
        | Operation::EndProcess { .. }
        | Operation::AllowLowPort { .. }
        | Operation::Manual { .. } => Ok(()),
        Operation::AddExclusion { .. }
        | Operation::RemoveExclusion { .. }
        | Operation::SetDynamicRange { .. }
        | Operation::RestartWinnat { .. }
        | Operation::DeletePortproxy { .. }
        | Operation::SetRpcPort { .. }
        | Operation::ExcludeFromDnsPool { .. }
        | Operation::RemoveMaxUserPort => no_change(operation),
    }
}

fn no_change<T>(operation: &Operation) -> Result<T, PlatformError> {
    refused(&format!("this version changes nothing of that on Windows, so this was not done: {operation}"))
}

fn refused<T>(why: &str) -> Result<T, PlatformError> {
    Err(PlatformError::Refused(why.to_owned()))
}
