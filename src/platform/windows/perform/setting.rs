//! Settings in the registry that decide about ports: `MaxUserPort`, fixed RPC ports, and the ports that the DNS server leaves alone.

use std::time::Duration;

use crate::machine::{Port, PortSet, RpcService};
use crate::platform::PlatformError;
use crate::platform::command;
use crate::platform::windows::facts;
use crate::remedy::OperationState;

/// How long the DNS server's tool may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// The registry value `MaxUserPort`.
pub fn max_user_port() -> Result<OperationState, PlatformError> {
    Ok(OperationState::MaxUserPort { value: facts::max_user_port()? })
}

/// Refuses a computer that has no such service, whose port could be fixed.
pub fn check_rpc(service: RpcService) -> Result<(), PlatformError> {
    if facts::has_rpc_service(service)? {
        return Ok(());
    }
    Err(PlatformError::Refused(format!("{} does not run on this computer: it is no domain controller", service.as_str())))
}

/// The fixed RPC port of a service.
pub fn rpc_port(service: RpcService) -> Result<OperationState, PlatformError> {
    Ok(OperationState::RpcPort { port: facts::rpc_port(service)? })
}

/// Fixes it, and reads it back.
pub fn set_rpc_port(service: RpcService, port: Option<Port>) -> Result<(), PlatformError> {
    facts::set_rpc_port(service, port)?;
    read_back(facts::rpc_port(service)? == port, "the fixed RPC port")
}

/// Sets `MaxUserPort` or removes it, and reads it back.
pub fn set_max_user_port(value: Option<u32>) -> Result<(), PlatformError> {
    facts::set_max_user_port(value)?;
    read_back(facts::max_user_port()? == value, "MaxUserPort")
}

/// Refuses a computer without a DNS server, or without its tool.
pub fn check_dns() -> Result<(), PlatformError> {
    dns_excluded()?;
    match command::find("dnscmd") {
        Some(_) => Ok(()),
        None => Err(PlatformError::Refused(
            "dnscmd is not installed on this computer; it comes with the tools of the DNS server (RSAT-DNS-Server)".to_owned(),
        )),
    }
}

/// The ports that the DNS server leaves alone.
pub fn dns_pool() -> Result<OperationState, PlatformError> {
    Ok(OperationState::DnsPool { excluded: dns_excluded()? })
}

/// Has the DNS server leave these ports alone, beside those it does already.
pub fn exclude_from_dns_pool(ports: &PortSet) -> Result<(), PlatformError> {
    set_dns_pool(&dns_excluded()?.union(ports))
}

/// Has the DNS server leave exactly these ports alone.
pub fn set_dns_pool(ports: &PortSet) -> Result<(), PlatformError> {
    // It takes no single ports.
    let ranges = ports.ranges().iter().map(|range| format!("{}-{}", range.start(), range.end()));
    let arguments: Vec<String> =
        ["/Config", "/SocketPoolExcludedPortRanges"].into_iter().map(str::to_owned).chain(ranges).collect();
    let output = command::run("dnscmd", &arguments, PATIENCE)?;
    if !output.success() {
        let what = "could not set the ports that the DNS server leaves alone".to_owned();
        return Err(PlatformError::Failed { what, why: output.complaint() });
    }
    read_back(dns_excluded()? == *ports, "the list of the DNS server")
}

fn dns_excluded() -> Result<PortSet, PlatformError> {
    let none = || PlatformError::Refused("no DNS server is installed on this computer".to_owned());
    facts::dns_socket_pool()?.map(|pool| pool.excluded).ok_or_else(none)
}

fn read_back(is_so: bool, what: &str) -> Result<(), PlatformError> {
    if is_so {
        return Ok(());
    }
    Err(PlatformError::Failed { what: format!("could not change {what}"), why: "the registry shows no change".to_owned() })
}
