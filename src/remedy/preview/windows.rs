//! What a step will run on Windows, as text for PowerShell. `netsh`, `net`, `reg` and `dnscmd` mean the same at the command prompt.

use std::net::SocketAddr;

use super::scheduled;
use crate::machine::{Family, PortRange, PortSet, PortproxyRule, Protocol, RpcService, Snapshot, Store, visible};
use crate::remedy::shell::powershell;
use crate::remedy::{Operation, PreviewKind, Stores, trace};

const BOTH_FAMILIES: [Family; 2] = [Family::Ipv4, Family::Ipv6];

const TCPIP_PARAMETERS: &str = r"HKLM\SYSTEM\CurrentControlSet\Services\Tcpip\Parameters";

pub(super) fn preview(operation: &Operation, snapshot: &Snapshot) -> (String, PreviewKind) {
    if cannot_be_typed(operation) {
        return (operation.to_string(), PreviewKind::NoCommand);
    }
    let command = |text: String| (text, PreviewKind::Command);
    match operation {
        Operation::StopService { service } => command(service_command("Stop", service)),
        Operation::StartService { service } => command(service_command("Start", service)),
        Operation::RestartService { service } => command(service_command("Restart", service)),
        Operation::CloseConnection { local, remote, .. } => (close_call(*local, *remote), PreviewKind::NoCommand),
        Operation::EndProcess { process, .. } => (format!("Stop-Process -Id {} -Force", process.pid), PreviewKind::SystemCall),
        Operation::AddExclusion { range, protocol, stores } => {
            let add = |protocol| {
                let there = snapshot.administered(protocol, read_store(*stores));
                add_exclusions(&PortSet::from(*range).difference(&there), protocol, *stores)
            };
            command(lines(protocols(*protocol).map(add)))
        }
        Operation::RemoveExclusion { range, protocol, stores } => {
            command(lines(protocols(*protocol).map(|protocol| remove_exclusions(snapshot, *range, protocol, *stores))))
        }
        Operation::SetDynamicRange { range, protocol, family, stores } => {
            command(range_commands(*range, *protocol, *family, *stores))
        }
        Operation::RestartWinnat { range, protocol } => {
            let there = snapshot.administered(*protocol, Store::Persistent);
            let exclude = add_exclusions(&PortSet::from(*range).difference(&there), *protocol, Stores::Both);
            command(lines([vec!["net stop winnat".to_owned()], exclude, vec!["net start winnat".to_owned()]]))
        }
        Operation::DeletePortproxy { rule } => command(delete_portproxy(rule)),
        Operation::SetRpcPort { service, port } => command(set_rpc_port(*service, *port)),
        Operation::ExcludeFromDnsPool { ports } => {
            let pool = snapshot.windows.dns_socket_pool.as_ref();
            command(dns_pool_command(&pool.map_or_else(|| ports.clone(), |pool| pool.excluded.union(ports))))
        }
        Operation::RemoveMaxUserPort => command(format!("reg delete \"{TCPIP_PARAMETERS}\" /v MaxUserPort /f")),
        Operation::AllowLowPort { .. } => ("Windows gives every program low ports".to_owned(), PreviewKind::NoCommand),
        Operation::StartTrace => command(lines([trace::start_commands()])),
        Operation::StopTrace => command(lines([trace::stop_commands()])),
        Operation::InstallTask { task } => {
            command(lines([scheduled::install_task_commands(task, snapshot.host.program.as_deref())]))
        }
        Operation::RemoveTask { task } => command(lines([scheduled::remove_task_commands(*task)])),
        Operation::Manual { instructions } => (instructions.join("\n"), PreviewKind::Manual),
    }
}

/// Whether a name in it has a character that ends a line or does not show: then what one reads is not what would run.
fn cannot_be_typed(operation: &Operation) -> bool {
    let hides = |text: &str| visible(text) != text;
    match operation {
        Operation::StopService { service } | Operation::StartService { service } | Operation::RestartService { service } => {
            hides(service)
        }
        Operation::DeletePortproxy { rule } => hides(&rule.listen_address) || hides(&rule.connect_address),
        _ => false,
    }
}

/// `Start-Service -Name MSSQLSERVER`.
pub(in crate::remedy) fn service_command(verb: &str, service: &str) -> String {
    format!("{verb}-Service -Name {}", powershell(service))
}

/// Windows has a call that closes a connection, for IPv4 only, and no command that uses it.
fn close_call(local: SocketAddr, remote: SocketAddr) -> String {
    if local.is_ipv4() {
        format!("SetTcpEntry: delete the connection {local} to {remote} (no command does this)")
    } else {
        format!("Windows has no call that closes an IPv6 connection ({local} to {remote})")
    }
}

/// One command for each block. An exclusion counts for IPv4 and IPv6, whichever of the two it is made with.
pub(in crate::remedy) fn add_exclusions(ports: &PortSet, protocol: Protocol, stores: Stores) -> Vec<String> {
    ports.ranges().iter().map(|range| exclusion_command("add", *range, protocol, stores)).collect()
}

/// Takes out ports that were added as blocks of their own.
pub(in crate::remedy) fn delete_exclusions(ports: &PortSet, protocol: Protocol, stores: Stores) -> Vec<String> {
    ports.ranges().iter().map(|range| exclusion_command("delete", *range, protocol, stores)).collect()
}

/// Windows deletes a block only as it was added, so what else is in it is added again.
fn remove_exclusions(snapshot: &Snapshot, range: PortRange, protocol: Protocol, stores: Stores) -> Vec<String> {
    let unwanted = PortSet::from(range);
    let mut blocks: Vec<PortRange> = snapshot
        .exclusions
        .iter()
        .filter(|row| row.administered && row.store == read_store(stores) && row.protocol.is_none_or(|own| own == protocol))
        .map(|row| row.range)
        .filter(|block| !unwanted.intersection(&PortSet::from(*block)).is_empty())
        .collect();
    // The tables of IPv4 and IPv6 show the same blocks.
    blocks.sort_unstable();
    blocks.dedup();
    let back = blocks.iter().copied().collect::<PortSet>().difference(&unwanted);
    let mut commands: Vec<String> = blocks.iter().map(|block| exclusion_command("delete", *block, protocol, stores)).collect();
    commands.extend(add_exclusions(&back, protocol, stores));
    commands
}

fn exclusion_command(verb: &str, range: PortRange, protocol: Protocol, stores: Stores) -> String {
    format!(
        "netsh int ipv4 {verb} excludedportrange protocol={} startport={} numberofports={} store={}",
        protocol.as_str(),
        range.start(),
        range.count(),
        written_store(stores)
    )
}

/// One command for each table: Windows has four.
pub(in crate::remedy) fn range_commands(
    range: PortRange,
    protocol: Option<Protocol>,
    family: Option<Family>,
    stores: Stores,
) -> String {
    let (start, count, store) = (range.start(), range.count(), written_store(stores));
    let families = BOTH_FAMILIES.into_iter().filter(|own| family.is_none_or(|asked| asked == *own));
    lines(families.map(|family| {
        let context = match family {
            Family::Ipv4 => "ipv4",
            Family::Ipv6 => "ipv6",
        };
        let one = |protocol: Protocol| {
            format!("netsh int {context} set dynamicport {} start={start} num={count} store={store}", protocol.as_str())
        };
        protocols(protocol).map(one).collect()
    }))
}

/// The first port that netsh lets a dynamic range start at.
pub const FIRST_DYNAMIC_PORT: u16 = 1025;

/// The range as far as netsh can set it: only the registry value `MaxUserPort` makes one that starts at 1024.
pub fn settable_on_windows(range: PortRange) -> PortRange {
    PortRange::new(range.start().max(FIRST_DYNAMIC_PORT), range.end()).unwrap_or(range)
}

/// What netsh writes: `persistent` counts at once and after a restart.
const fn written_store(stores: Stores) -> &'static str {
    match stores {
        Stores::Active => "active",
        Stores::Both | Stores::Persistent => "persistent",
    }
}

/// The store that tells what is there already.
const fn read_store(stores: Stores) -> Store {
    match stores {
        Stores::Active => Store::Active,
        Stores::Both | Stores::Persistent => Store::Persistent,
    }
}

fn delete_portproxy(rule: &PortproxyRule) -> String {
    format!("netsh interface portproxy delete {} {}", rule.kind(), listens(rule))
}

pub(in crate::remedy) fn add_portproxy(rule: &PortproxyRule) -> String {
    let connects = powershell(&format!("connectaddress={}", rule.connect_address));
    format!("netsh interface portproxy add {} {} connectport={} {connects}", rule.kind(), listens(rule), rule.connect_port)
}

fn listens(rule: &PortproxyRule) -> String {
    format!("listenport={} {}", rule.listen_port, powershell(&format!("listenaddress={}", rule.listen_address)))
}

/// The key and the name of the value that fixes the RPC port (<https://support.microsoft.com/kb/224196>).
const fn rpc_value(service: RpcService) -> (&'static str, &'static str) {
    match service {
        RpcService::ActiveDirectory => (r"HKLM\SYSTEM\CurrentControlSet\Services\NTDS\Parameters", "TCP/IP Port"),
        RpcService::Netlogon => (r"HKLM\SYSTEM\CurrentControlSet\Services\Netlogon\Parameters", "DCTcpipPort"),
    }
}

pub(in crate::remedy) fn set_rpc_port(service: RpcService, port: u16) -> String {
    let (key, value) = rpc_value(service);
    format!("reg add \"{key}\" /v \"{value}\" /t REG_DWORD /d {port} /f")
}

pub(in crate::remedy) fn remove_rpc_port(service: RpcService) -> String {
    let (key, value) = rpc_value(service);
    format!("reg delete \"{key}\" /v \"{value}\" /f")
}

/// The whole list, each port as a range: the DNS server takes no single ports. Without any the list is emptied.
pub(in crate::remedy) fn dns_pool_command(ports: &PortSet) -> String {
    let ranges: Vec<String> = ports.ranges().iter().map(|range| format!(" {}-{}", range.start(), range.end())).collect();
    format!("dnscmd /Config /SocketPoolExcludedPortRanges{}", ranges.concat())
}

pub(in crate::remedy) fn set_max_user_port(value: u32) -> String {
    format!("reg add \"{TCPIP_PARAMETERS}\" /v MaxUserPort /t REG_DWORD /d {value} /f")
}

pub(in crate::remedy) fn protocols(protocol: Option<Protocol>) -> impl Iterator<Item = Protocol> {
    Protocol::ALL.into_iter().filter(move |own| protocol.is_none_or(|asked| asked == *own))
}

/// One command a line: the command prompt and PowerShell agree on nothing else that could stand between two.
pub(in crate::remedy) fn lines(commands: impl IntoIterator<Item = Vec<String>>) -> String {
    commands.into_iter().flatten().collect::<Vec<_>>().join("\n")
}
