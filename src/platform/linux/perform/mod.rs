//! What the helper does to a Linux computer: one kind of operation a file. Each is checked here again, whatever the plan says.

mod both;
mod connection;
mod dynamic_range;
mod exclusions;
pub mod leftovers;
mod low_port;
mod own_file;
mod process;
mod task;
mod unit;

use connection::Connection;

use crate::machine::{Family, Protocol};
use crate::platform::PlatformError;
use crate::platform::linux::ranges::kernel::{self, Setting};
use crate::remedy::{Operation, OperationState};

/// Reads the part of the computer that `operation` would change. Refuses an operation that must not be done here, so that a plan with such
/// a step is refused before its first one.
pub fn state_of(operation: &Operation) -> Result<OperationState, PlatformError> {
    check(operation)?;
    let now = state_now(operation)?;
    if !operation.is_reached_in(&now) {
        check_places(operation)?;
    }
    Ok(now)
}

/// Refuses an operation for which there is nothing to write to, whatever the rights. What our lists for the next start need is checked with
/// their texts.
fn check_places(operation: &Operation) -> Result<(), PlatformError> {
    match operation {
        Operation::AddExclusion { stores, .. } | Operation::RemoveExclusion { stores, .. } if stores.active() => {
            kernel::check_can_be_set(Setting::ReservedPorts)
        }
        Operation::SetDynamicRange { stores, .. } if stores.active() => kernel::check_can_be_set(Setting::DynamicRange),
        Operation::AllowLowPort { service } => low_port::check_place(service),
        Operation::InstallTask { task } => task::system()?.check_places(task.name()),
        _ => Ok(()),
    }
}

/// Refuses an operation that must not be done on this computer.
fn check(operation: &Operation) -> Result<(), PlatformError> {
    match operation {
        Operation::StopService { service } | Operation::RestartService { service } => unit::check_stop(service),
        Operation::StartService { service } => unit::check_name(service),
        Operation::EndProcess { process, .. } => process::check(*process),
        Operation::AddExclusion { range, protocol, stores } => {
            for_all(*protocol, None).and_then(|()| exclusions::check(*range, *stores, true))
        }
        Operation::RemoveExclusion { range, protocol, stores } => {
            for_all(*protocol, None).and_then(|()| exclusions::check(*range, *stores, false))
        }
        Operation::SetDynamicRange { range, protocol, family, stores } => {
            for_all(*protocol, *family).and_then(|()| dynamic_range::check(*range, *stores))
        }
        Operation::AllowLowPort { service } => low_port::check(service),
        Operation::InstallTask { .. } | Operation::RemoveTask { .. } => task::system().map(drop),
        Operation::CloseConnection { .. } | Operation::Manual { .. } => Ok(()),
        Operation::RestartWinnat { .. }
        | Operation::DeletePortproxy { .. }
        | Operation::SetRpcPort { .. }
        | Operation::ExcludeFromDnsPool { .. }
        | Operation::RemoveMaxUserPort
        | Operation::StartTrace
        | Operation::StopTrace => only_windows(operation),
    }
}

fn state_now(operation: &Operation) -> Result<OperationState, PlatformError> {
    match *operation {
        Operation::StopService { ref service } => unit::state_to_stop(service),
        Operation::StartService { ref service } | Operation::RestartService { ref service } => unit::state(service),
        Operation::CloseConnection { protocol, local, remote, cookie } => Connection { protocol, local, remote, cookie }.state(),
        Operation::EndProcess { process, .. } => process::state(process),
        Operation::AddExclusion { .. } | Operation::RemoveExclusion { .. } => exclusions::state(),
        Operation::SetDynamicRange { .. } => dynamic_range::state(),
        Operation::AllowLowPort { ref service } => low_port::state(service),
        Operation::InstallTask { ref task } => task::system()?.state(task.name()),
        Operation::RemoveTask { task } => task::system()?.state(task),
        // `check` has refused what only Windows has.
        Operation::Manual { .. }
        | Operation::RestartWinnat { .. }
        | Operation::DeletePortproxy { .. }
        | Operation::SetRpcPort { .. }
        | Operation::ExcludeFromDnsPool { .. }
        | Operation::RemoveMaxUserPort
        | Operation::StartTrace
        | Operation::StopTrace => Ok(OperationState::Nothing),
    }
}

/// Does it, and returns when the system says that it is done.
pub fn perform(operation: &Operation) -> Result<(), PlatformError> {
    check(operation)?;
    match *operation {
        Operation::StopService { ref service } => unit::stop(service),
        Operation::StartService { ref service } => unit::start(service),
        Operation::RestartService { ref service } => unit::restart(service),
        Operation::CloseConnection { protocol, local, remote, cookie } => Connection { protocol, local, remote, cookie }.close(),
        Operation::EndProcess { process, ref name } => process::end(process, name),
        Operation::AddExclusion { range, stores, .. } => exclusions::add(range, stores),
        Operation::RemoveExclusion { range, stores, .. } => exclusions::remove(range, stores),
        Operation::SetDynamicRange { range, stores, .. } => dynamic_range::set(range, stores),
        Operation::AllowLowPort { ref service } => low_port::allow(service),
        Operation::InstallTask { ref task } => task::system()?.install(task),
        Operation::RemoveTask { task } => task::system()?.remove(task),
        Operation::RestartWinnat { .. }
        | Operation::DeletePortproxy { .. }
        | Operation::SetRpcPort { .. }
        | Operation::ExcludeFromDnsPool { .. }
        | Operation::RemoveMaxUserPort
        | Operation::StartTrace
        | Operation::StopTrace => only_windows(operation),
        Operation::Manual { .. } => refused("only a person can do this step"),
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
        Operation::StopService { service } | Operation::StartService { service } => unit::restore(service, before),
        Operation::AddExclusion { stores, .. } | Operation::RemoveExclusion { stores, .. } => {
            exclusions::restore(*stores, before)
        }
        Operation::SetDynamicRange { stores, .. } => dynamic_range::restore(*stores, before),
        Operation::AllowLowPort { service } => low_port::restore(service, before),
        Operation::InstallTask { task } => task::system()?.restore(task.name(), before),
        Operation::RemoveTask { task } => task::system()?.restore(*task, before),
        Operation::RestartService { .. }
        | Operation::CloseConnection { .. }
        | Operation::EndProcess { .. }
        | Operation::Manual { .. } => Ok(()),
        Operation::RestartWinnat { .. }
        | Operation::DeletePortproxy { .. }
        | Operation::SetRpcPort { .. }
        | Operation::ExcludeFromDnsPool { .. }
        | Operation::RemoveMaxUserPort
        | Operation::StartTrace
        | Operation::StopTrace => only_windows(operation),
    }
}

fn only_windows(operation: &Operation) -> Result<(), PlatformError> {
    refused(&format!("{operation}: only Windows has this setting, and this computer runs Linux"))
}

fn refused(why: &str) -> Result<(), PlatformError> {
    Err(PlatformError::Refused(why.to_owned()))
}

/// Linux has one list and one range for everything. A wish for one protocol or family only would change more than was asked for.
fn for_all(protocol: Option<Protocol>, family: Option<Family>) -> Result<(), PlatformError> {
    match (protocol, family) {
        (None, None) => Ok(()),
        _ => refused("Linux keeps one port list and one dynamic range for TCP and UDP, IPv4 and IPv6; ask for all of them"),
    }
}
