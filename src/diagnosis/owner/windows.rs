//! Who has a port on Windows, behind the processes that have it for others: HTTP.sys, iphlpsvc and svchost.

use std::collections::BTreeSet;

use super::{Owner, OwnerKind};
use crate::machine::{HttpSysUrl, Port, PortproxyRule, Process, Protocol, SYSTEM_PID, Snapshot, Socket};

/// The service that passes on the connections of portproxy rules.
pub(crate) const IP_HELPER: &str = "iphlpsvc";

/// The service of IIS that registers the URLs of its application pools.
const IIS: &str = "W3SVC";

/// The port on which DNS servers answer.
pub(crate) const DNS_PORT: Port = 53;

/// The URLs for which HTTP.sys has `port`.
pub(crate) fn urls_on(snapshot: &Snapshot, port: Port) -> impl Iterator<Item = &HttpSysUrl> {
    snapshot.windows.http_sys.iter().filter(move |url| url.port() == Some(port))
}

/// The portproxy rules for which `socket` listens.
pub(crate) fn rules_on<'a>(snapshot: &'a Snapshot, socket: &Socket) -> impl Iterator<Item = &'a PortproxyRule> {
    let (protocol, local) = (socket.protocol, socket.local);
    let fits = move |rule: &&PortproxyRule| rule.listen_port == local.port() && rule.listens_on(local.ip());
    snapshot.windows.portproxy.iter().filter(move |_| protocol == Protocol::Tcp).filter(fits)
}

/// Whether the kernel listens there for programs that answer HTTP.
pub(super) fn is_http_sys(snapshot: &Snapshot, socket: &Socket) -> bool {
    socket.protocol == Protocol::Tcp
        && socket.is_listener()
        && *socket.pids == [SYSTEM_PID]
        && urls_on(snapshot, socket.local.port()).next().is_some()
}

/// The processes for which HTTP.sys listens; the kernel's own where none was seen.
pub(super) fn behind_http_sys(snapshot: &Snapshot, socket: &Socket) -> Vec<u32> {
    let pids: BTreeSet<u32> = urls_on(snapshot, socket.local.port()).flat_map(|url| url.pids.iter().copied()).collect();
    if pids.is_empty() { vec![SYSTEM_PID] } else { pids.into_iter().collect() }
}

/// The service behind a process that takes requests from HTTP.sys. The processes of an application pool come and go; the service that
/// starts them keeps the URL.
pub(super) fn service_behind_http_sys(snapshot: &Snapshot, socket: &Socket, pid: u32, own: Option<String>) -> Option<String> {
    let of_pool = |url: &HttpSysUrl| url.app_pool.is_some() && url.pids.contains(&pid);
    let pooled = urls_on(snapshot, socket.local.port()).any(of_pool);
    let service = if pooled { Some(IIS.to_owned()) } else { own };
    service.filter(|_| pid != SYSTEM_PID)
}

/// What a process is, and the service it acts for. `service` is the one that the process or a service itself tells.
pub(super) fn kind(
    snapshot: &Snapshot,
    socket: &Socket,
    process: &Process,
    service: Option<String>,
) -> (OwnerKind, Option<String>) {
    // One svchost.exe runs several services; the tag of the socket tells which one it was.
    let service = socket.service.as_deref().map(str::to_owned).or(service);
    if is_http_sys(snapshot, socket) {
        return (OwnerKind::HttpSys, service_behind_http_sys(snapshot, socket, process.id.pid, service));
    }
    let is_ip_helper = service.as_deref().is_some_and(|service| service.eq_ignore_ascii_case(IP_HELPER));
    if is_ip_helper && socket.is_listener() && rules_on(snapshot, socket).next().is_some() {
        return (OwnerKind::Portproxy, service);
    }
    // What LSASS and the other pillars of Windows have belongs to no service that could be stopped.
    if process.protected.is_some() && !is_svchost(process) {
        return (OwnerKind::Process, None);
    }
    let kind = if service.is_some() { OwnerKind::Service } else { OwnerKind::Process };
    (kind, service)
}

fn is_svchost(process: &Process) -> bool {
    process.name.eq_ignore_ascii_case("svchost.exe")
}

/// Whether the holder is the DNS server of Windows.
pub(crate) fn is_dns_server(owner: &Owner) -> bool {
    owner.process.as_deref().is_some_and(|name| name.eq_ignore_ascii_case("dns.exe"))
}
