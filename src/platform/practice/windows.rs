//! What only Windows has, on a practice machine: WinNAT's blocks, portproxy rules, HTTP.sys, the DNS server's socket pool, the registry.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use super::services::listener;
use super::state::State;
use crate::machine::{
    Exclusion, Family, HttpSysUrl, Port, PortRange, PortSet, PortproxyRule, Protocol, Reserver, RpcPort, RpcService, SYSTEM_PID,
    Socket, Store,
};
use crate::platform::PlatformError;
use crate::remedy::Stores;

/// The service that listens for portproxy rules.
const PORTPROXY_SERVICE: &str = "iphlpsvc";
/// The service of the DNS server.
const DNS_SERVICE: &str = "DNS";
/// How many ports WinNAT reserves at once.
const WINNAT_BLOCK: u16 = 100;

impl State {
    /// WinNAT is stopped and gives its blocks back, the ports are excluded, and it takes other blocks when it starts.
    pub fn restart_winnat(&mut self, range: PortRange, protocol: Protocol) -> Result<(), PlatformError> {
        let of_winnat = |row: &Exclusion| row.reserver() == Some(Reserver::WinNat);
        let (blocks, others): (Vec<Exclusion>, Vec<Exclusion>) =
            std::mem::take(&mut self.exclusions).into_iter().partition(of_winnat);
        self.exclusions = others;
        let excluded = self.add_exclusion(range, Some(protocol), Stores::Both);
        // It is started again whether the exclusion worked or not.
        for block in blocks {
            if let Some(range) = self.free_block(&block) {
                self.exclusions.push(Exclusion { range, ..block });
            }
        }
        excluded
    }

    /// Where WinNAT finds room for a block: where it was, else in the next hundred ports of the dynamic range that nobody has.
    fn free_block(&self, block: &Exclusion) -> Option<PortRange> {
        let protocol = block.protocol.unwrap_or(Protocol::Tcp);
        let mut taken: PortSet = self
            .exclusions
            .iter()
            .filter(|row| row.protocol.is_none() || row.protocol == block.protocol)
            .map(|row| row.range)
            .collect();
        taken = taken.union(&self.sockets_of(protocol).map(|socket| PortRange::single(socket.local.port())).collect());
        let dynamic = self.dynamic_range(protocol)?;
        let hundreds = (dynamic.start()..=dynamic.end()).step_by(usize::from(WINNAT_BLOCK));
        let places = hundreds.filter_map(|start| PortRange::new(start, start.checked_add(WINNAT_BLOCK - 1)?).ok());
        std::iter::once(block.range).chain(places).find(|range| taken.intersection(&(*range).into()).is_empty())
    }

    fn sockets_of(&self, protocol: Protocol) -> impl Iterator<Item = &Socket> {
        self.sockets.iter().map(|own| &own.socket).filter(move |socket| socket.protocol == protocol)
    }

    /// The rule goes, and what iphlpsvc listens on for it.
    pub fn delete_portproxy(&mut self, rule: &PortproxyRule) {
        self.windows.portproxy.retain(|own| own != rule);
        self.sockets.retain(|own| {
            let socket = &own.socket;
            let of_rule = socket.is_listener() && socket.local.port() == rule.listen_port && rule.listens_on(socket.local.ip());
            !(of_rule && socket.protocol == Protocol::Tcp)
        });
    }

    /// The rule comes back, and iphlpsvc listens for it where it runs and nobody else does.
    pub fn add_portproxy(&mut self, rule: &PortproxyRule) {
        if self.windows.portproxy.contains(rule) {
            return;
        }
        self.windows.portproxy.push(rule.clone());
        let pid = self.service(PORTPROXY_SERVICE).ok().and_then(|own| own.service.main_pid);
        let everywhere = match rule.listen_family {
            Family::Ipv4 => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
            Family::Ipv6 => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
        };
        let local = SocketAddr::new(rule.listen_address.parse().unwrap_or(everywhere), rule.listen_port);
        let taken = self.sockets_of(Protocol::Tcp).any(|socket| socket.is_listener() && socket.local == local);
        if let Some(pid) = pid.filter(|_| !taken) {
            let mut own = listener(Protocol::Tcp, local, pid);
            own.socket.service = Some(PORTPROXY_SERVICE.into());
            self.open(own);
        }
    }

    /// The fixed RPC port of a service; it takes it at the next start of the computer.
    pub fn rpc_port(&self, service: RpcService) -> Option<Port> {
        self.windows.rpc_ports.iter().find(|own| own.service == service).map(|own| own.port)
    }

    pub fn set_rpc_port(&mut self, service: RpcService, port: Option<Port>) {
        self.windows.rpc_ports.retain(|own| own.service != service);
        self.windows.rpc_ports.extend(port.map(|port| RpcPort { service, port }));
    }

    /// The ports that the DNS server leaves alone.
    pub fn dns_excluded(&self) -> Result<PortSet, PlatformError> {
        let none = || PlatformError::Refused("no DNS server is installed on this computer".to_owned());
        self.windows.dns_socket_pool.as_ref().map(|pool| pool.excluded.clone()).ok_or_else(none)
    }

    pub fn set_dns_excluded(&mut self, excluded: PortSet) {
        if let Some(pool) = &mut self.windows.dns_socket_pool {
            pool.excluded = excluded;
        }
    }

    /// What a service of Windows does when it has started, beside its own ports.
    pub fn after_start(&mut self, name: &str, pid: u32) {
        if name == DNS_SERVICE {
            self.fill_dns_pool(pid);
        }
        let Ok(own) = self.service(name) else { return };
        for url in own.http_urls.clone() {
            self.windows.http_sys.push(HttpSysUrl { url, queue: None, app_pool: None, pids: vec![pid] });
        }
        self.listen_for_urls();
    }

    /// The DNS server takes its ports for questions, of both families.
    fn fill_dns_pool(&mut self, pid: u32) {
        let Some(pool) = self.windows.dns_socket_pool.clone() else { return };
        let size = usize::try_from(pool.size).unwrap_or(usize::MAX);
        let free = self.free_dynamic_ports(Protocol::Udp).into_iter().filter(|port| !pool.excluded.contains(*port));
        let ports: Vec<Port> = free.take(size).collect();
        for address in [IpAddr::V4(Ipv4Addr::UNSPECIFIED), IpAddr::V6(Ipv6Addr::UNSPECIFIED)] {
            for port in &ports {
                self.open(listener(Protocol::Udp, SocketAddr::new(address, *port), pid));
            }
        }
    }

    /// HTTP.sys lets go of the URLs of programs that have ended.
    pub fn forget_urls_of(&mut self, pids: &[u32]) {
        for url in &mut self.windows.http_sys {
            url.pids.retain(|pid| !pids.contains(pid));
        }
        let left = |url: &HttpSysUrl| url.pids.is_empty();
        let gone: Vec<Port> = self.windows.http_sys.iter().filter(|url| left(url)).filter_map(HttpSysUrl::port).collect();
        self.windows.http_sys.retain(|url| !left(url));
        let wanted: Vec<Port> = self.windows.http_sys.iter().filter_map(HttpSysUrl::port).collect();
        self.sockets.retain(|own| {
            let port = own.socket.local.port();
            let of_http_sys = *own.socket.pids == [SYSTEM_PID] && gone.contains(&port);
            !of_http_sys || wanted.contains(&port)
        });
    }

    /// HTTP.sys listens on the port of every URL, for all programs at once.
    fn listen_for_urls(&mut self) {
        let ports: Vec<Port> = self.windows.http_sys.iter().filter_map(HttpSysUrl::port).collect();
        for port in ports {
            for address in [IpAddr::V4(Ipv4Addr::UNSPECIFIED), IpAddr::V6(Ipv6Addr::UNSPECIFIED)] {
                let local = SocketAddr::new(address, port);
                if !self.sockets_of(Protocol::Tcp).any(|socket| socket.is_listener() && socket.local == local) {
                    let mut own = listener(Protocol::Tcp, local, SYSTEM_PID);
                    own.exclusive = true;
                    self.open(own);
                }
            }
        }
    }

    /// What WinNAT and others hold is no list that an administrator can change; theirs is.
    pub fn changeable(&self, protocol: Option<Protocol>, store: Store) -> PortSet {
        if self.is_linux() { self.listed(protocol, store) } else { self.administered(protocol, store) }
    }
}
