//! What only Windows has that decides about ports: URLs of HTTP.sys, portproxy rules, the DNS server's ports, and settings of the registry.

use crate::machine::{
    DnsSocketPool, Gap, HttpSysUrl, Port, PortRange, PortSet, PortproxyRule, RpcPort, RpcService, WindowsFacts, visible,
};
use crate::platform::PlatformError;
use crate::platform::windows::{netsh, registry};
use crate::platform::windows_text::{http_sys, portproxy};

const TCPIP: &str = r"SYSTEM\CurrentControlSet\Services\Tcpip\Parameters";
const MAX_USER_PORT: &str = "MaxUserPort";
const DNS: &str = r"SYSTEM\CurrentControlSet\Services\DNS";
const DNS_PARAMETERS: &str = r"SYSTEM\CurrentControlSet\Services\DNS\Parameters";
const PRODUCT: &str = r"SYSTEM\CurrentControlSet\Control\ProductOptions";
/// How many sockets the DNS server takes where nobody set it (<https://learn.microsoft.com/en-us/previous-versions/windows/it-pro/windows-server-2008-R2-and-2008/ee649174(v=ws.10)>).
const USUAL_POOL: u32 = 2500;
const HTTP_SYS_QUESTION: [&str; 5] = ["http", "show", "servicestate", "view=requestq", "verbose=yes"];

/// Reads all of them. What cannot be read is a gap.
pub fn read() -> (WindowsFacts, Vec<Gap>) {
    let mut gaps = Vec::new();
    let mut or_gap =
        |what: &str, shown_by: &str, error: PlatformError| Gap::add(&mut gaps, [Gap::new(what, error.to_string(), shown_by)]);
    let mut facts = WindowsFacts::new();
    match http_sys_urls() {
        Ok(urls) => facts.http_sys = urls,
        Err(error) => or_gap("The URLs of HTTP.sys", "`netsh http show servicestate view=requestq`", error),
    }
    match portproxy_rules() {
        Ok(rules) => facts.portproxy = rules,
        Err(error) => or_gap("The portproxy rules", "`netsh interface portproxy show all`", error),
    }
    match dns_socket_pool() {
        Ok(pool) => facts.dns_socket_pool = pool,
        Err(error) => or_gap("The ports of the DNS server", "`dnscmd /Info /SocketPoolExcludedPortRanges`", error),
    }
    match max_user_port() {
        Ok(value) => facts.max_user_port = value,
        Err(error) => or_gap("The registry value MaxUserPort", "the registry editor", error),
    }
    match registry::texts(TCPIP, "ReservedPorts") {
        // What is no range there did nothing on old Windows either.
        Ok(ranges) => {
            let ranges = ranges.unwrap_or_default();
            facts.reserved_ports = ranges.iter().filter_map(|range| range.trim().parse::<PortRange>().ok()).collect();
        }
        Err(error) => or_gap("The registry value ReservedPorts", "the registry editor", error),
    }
    for service in [RpcService::ActiveDirectory, RpcService::Netlogon] {
        match rpc_port(service) {
            Ok(port) => facts.rpc_ports.extend(port.map(|port| RpcPort { service, port })),
            Err(error) => or_gap("The fixed RPC ports", "the registry editor", error),
        }
    }
    match registry::text(PRODUCT, "ProductType") {
        // The name is as old as LAN Manager; other servers say "ServerNT".
        Ok(kind) => facts.domain_controller = kind.is_some_and(|kind| kind.eq_ignore_ascii_case("LanmanNT")),
        Err(error) => or_gap("Whether it is a domain controller", "the registry editor", error),
    }
    (facts, gaps)
}

fn http_sys_urls() -> Result<Vec<HttpSysUrl>, PlatformError> {
    let text = netsh::show(&HTTP_SYS_QUESTION)?;
    http_sys::read(&text).ok_or_else(|| netsh::not_understood(&format!("netsh {}", HTTP_SYS_QUESTION.join(" "))))
}

/// The rules of every kind.
pub fn portproxy_rules() -> Result<Vec<PortproxyRule>, PlatformError> {
    let mut rules = Vec::new();
    for kind in portproxy::KINDS {
        let values = registry::values(portproxy::key(kind))?.unwrap_or_default();
        let text = |value| String::try_from(value).unwrap_or_default();
        rules.extend(values.into_iter().filter_map(|(name, value)| portproxy::rule(kind, &name, &text(value))));
    }
    Ok(rules)
}

/// The socket pool of the DNS server; `None` where none is installed.
pub fn dns_socket_pool() -> Result<Option<DnsSocketPool>, PlatformError> {
    if !registry::has_key(DNS)? {
        return Ok(None);
    }
    let size = registry::number(DNS_PARAMETERS, "SocketPoolSize")?.unwrap_or(USUAL_POOL);
    let ranges = registry::texts(DNS_PARAMETERS, "SocketPoolExcludedPortRanges")?.unwrap_or_default();
    let range = |text: &String| {
        text.trim().parse::<PortRange>().map_err(|error| PlatformError::Failed {
            what: format!("\"{}\" is no range of ports", visible(text)),
            why: error.to_string(),
        })
    };
    let excluded: PortSet = ranges.iter().map(range).collect::<Result<_, _>>()?;
    Ok(Some(DnsSocketPool { size, excluded }))
}

/// The registry value `MaxUserPort`.
pub fn max_user_port() -> Result<Option<u32>, PlatformError> {
    registry::number(TCPIP, MAX_USER_PORT)
}

/// Sets the registry value `MaxUserPort`, or removes it.
pub fn set_max_user_port(value: Option<u32>) -> Result<(), PlatformError> {
    set(TCPIP, MAX_USER_PORT, value)
}

/// The key and the value that fix the RPC port of a service (<https://support.microsoft.com/kb/224196>).
const fn rpc_value(service: RpcService) -> (&'static str, &'static str) {
    match service {
        RpcService::ActiveDirectory => (r"SYSTEM\CurrentControlSet\Services\NTDS\Parameters", "TCP/IP Port"),
        RpcService::Netlogon => (r"SYSTEM\CurrentControlSet\Services\Netlogon\Parameters", "DCTcpipPort"),
    }
}

/// Whether this computer has the service, so that its port can be fixed.
pub fn has_rpc_service(service: RpcService) -> Result<bool, PlatformError> {
    registry::has_key(rpc_value(service).0)
}

/// The fixed RPC port of a service.
pub fn rpc_port(service: RpcService) -> Result<Option<Port>, PlatformError> {
    let (key, name) = rpc_value(service);
    Ok(registry::number(key, name)?.and_then(|port| Port::try_from(port).ok()).filter(|port| *port > 0))
}

/// Fixes the RPC port of a service, or lets Windows choose it again.
pub fn set_rpc_port(service: RpcService, port: Option<Port>) -> Result<(), PlatformError> {
    let (key, name) = rpc_value(service);
    set(key, name, port.map(u32::from))
}

fn set(key: &str, name: &str, value: Option<u32>) -> Result<(), PlatformError> {
    match value {
        Some(value) => registry::set_number(key, name, value),
        None => registry::remove(key, name),
    }
}
