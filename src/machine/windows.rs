//! What only a Windows computer has that decides about ports. Elsewhere all of it is empty.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::{Exclusion, Family, Port, PortSet, visible};

/// The number of the process in which the Windows kernel itself runs. HTTP.sys listens there for every program that answers HTTP.
pub const SYSTEM_PID: u32 = 4;

/// The facts about ports that only Windows has.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WindowsFacts {
    /// The URLs that programs have registered with HTTP.sys and that a request queue serves.
    pub http_sys: Vec<HttpSysUrl>,
    /// The rules of `netsh interface portproxy`.
    pub portproxy: Vec<PortproxyRule>,
    /// The ports that the DNS server keeps for its own questions; `None` where no DNS server is installed, or it was not read.
    pub dns_socket_pool: Option<DnsSocketPool>,
    /// The registry value `MaxUserPort`, which lets the dynamic range of TCP start at 1024; `None` where it is not set.
    pub max_user_port: Option<u32>,
    /// The ports in the registry value `ReservedPorts`, which kept them from clients up to Windows Server 2003 and does nothing today.
    pub reserved_ports: PortSet,
    /// Whether it is a domain controller: there LSASS serves Active Directory.
    pub domain_controller: bool,
    /// The fixed ports that services of a domain controller take for RPC beside the one that Windows gives them.
    pub rpc_ports: Vec<RpcPort>,
}

impl WindowsFacts {
    /// Nothing seen.
    pub const fn new() -> Self {
        Self {
            http_sys: Vec::new(),
            portproxy: Vec::new(),
            dns_socket_pool: None,
            max_user_port: None,
            reserved_ports: PortSet::new(),
            domain_controller: false,
            rpc_ports: Vec::new(),
        }
    }

    /// Whether there is nothing to tell, as on Linux.
    pub fn is_empty(&self) -> bool {
        *self == Self::new()
    }
}

/// A URL of HTTP.sys, the part of the Windows kernel that takes HTTP requests and queues them for programs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HttpSysUrl {
    /// The URL as it is registered: `http://+:80/reports/`.
    pub url: String,
    /// The name of the request queue.
    #[serde(default)]
    pub queue: Option<String>,
    /// The application pool of IIS that has the queue.
    #[serde(default)]
    pub app_pool: Option<String>,
    /// The processes that take requests from the queue.
    #[serde(default)]
    pub pids: Vec<u32>,
}

impl HttpSysUrl {
    /// The port of the URL; `None` where it is no URL of HTTP.sys.
    pub fn port(&self) -> Option<Port> {
        let (scheme, rest) = self.url.split_once("://")?;
        let usual = match scheme.to_ascii_lowercase().as_str() {
            "http" => 80,
            "https" => 443,
            _ => return None,
        };
        let authority = rest.split('/').next().unwrap_or_default();
        let after_host = match authority.rsplit_once(']') {
            // An IPv6 address is full of colons itself.
            Some((_, after)) => after.strip_prefix(':'),
            // HTTP.sys writes a bound address behind the port: `127.0.0.1:8080:127.0.0.1`.
            None => authority.split_once(':').map(|(_, after)| after),
        };
        match after_host {
            None => Some(usual),
            Some(after) => after.split(':').next()?.parse().ok().filter(|port| *port > 0),
        }
    }
}

/// A rule of `netsh interface portproxy`: the service iphlpsvc listens and passes each connection on.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PortproxyRule {
    /// The family it listens on.
    pub listen_family: Family,
    /// The address it listens on, as the rule has it: an address, a name, or `*` for every address.
    pub listen_address: String,
    /// The port it listens on.
    pub listen_port: Port,
    /// The family it connects with.
    pub connect_family: Family,
    /// The address or name it connects to.
    pub connect_address: String,
    /// The port it connects to.
    pub connect_port: Port,
}

impl PortproxyRule {
    /// Whether a listener on `address` may be this rule's. A rule for a name may be any listener's.
    pub fn listens_on(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        Family::of(address) == self.listen_family
            && match self.listen_address.parse::<IpAddr>() {
                Ok(own) => own == address,
                Err(_) => self.listen_address != "*" || address.is_unspecified(),
            }
    }

    /// The kind of rule in netsh's words: `v4tov4`.
    pub const fn kind(&self) -> &'static str {
        match (self.listen_family, self.connect_family) {
            (Family::Ipv4, Family::Ipv4) => "v4tov4",
            (Family::Ipv4, Family::Ipv6) => "v4tov6",
            (Family::Ipv6, Family::Ipv4) => "v6tov4",
            (Family::Ipv6, Family::Ipv6) => "v6tov6",
        }
    }
}

/// The UDP ports that a Windows DNS server takes when it starts, so that nobody can guess from which one it asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DnsSocketPool {
    /// How many sockets it takes of each family: 0 to 10000, usually 2500 (`SocketPoolSize`).
    pub size: u32,
    /// The ports it leaves alone (`SocketPoolExcludedPortRanges`).
    #[serde(default)]
    pub excluded: PortSet,
}

/// A service of a domain controller whose RPC port can be fixed in the registry (<https://support.microsoft.com/kb/224196>).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RpcService {
    /// Active Directory replication and directory access (NTDS).
    ActiveDirectory,
    /// Netlogon.
    Netlogon,
}

impl RpcService {
    /// Its name for people.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ActiveDirectory => "Active Directory",
            Self::Netlogon => "Netlogon",
        }
    }
}

/// The fixed RPC port of one service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RpcPort {
    /// The service.
    pub service: RpcService,
    /// Its port.
    pub port: Port,
}

/// Who most likely reserved a range of ports. Windows keeps no record of it, so the shape of the range has to tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reserver {
    /// WinNAT or the Host Network Service, for virtual machines, containers and WSL: they take blocks of 100 ports.
    WinNat,
    /// WSL in its mirrored network mode: one block of 4096 ports.
    WslMirrored,
    /// HTTP.sys, which reserves single ports: 80, 443, 5357, 5985, 47001.
    HttpSys,
}

impl Reserver {
    /// Its name, to stand after "by".
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::WinNat => "WinNAT, for virtual machines and containers",
            Self::WslMirrored => "WSL in its mirrored network mode",
            Self::HttpSys => "HTTP.sys, for a program that answers HTTP",
        }
    }
}

impl Exclusion {
    /// Who reserved the range, to stand after "reserved": ` by WinNAT`, or nothing where that is not known.
    pub fn by_whom(&self) -> String {
        match (&self.owner, self.reserver()) {
            (Some(owner), _) => format!(" by {}", visible(owner)),
            (None, Some(who)) => format!(", most likely by {}", who.as_str()),
            (None, None) => String::new(),
        }
    }

    /// Who most likely reserved the range; `None` for an administered exclusion and for a range of no known shape.
    pub fn reserver(&self) -> Option<Reserver> {
        if self.administered {
            return None;
        }
        match (self.range.start(), self.range.count()) {
            (80 | 443 | 5357 | 5358 | 5985 | 5986 | 47001, 1) => Some(Reserver::HttpSys),
            (_, 4096 | 4097) => Some(Reserver::WslMirrored),
            (_, count) if count % 100 == 0 => Some(Reserver::WinNat),
            _ => None,
        }
    }
}

/// Why a program of Windows must never be ended, to stand after its name and a colon; `None` for every other program.
pub fn why_windows_needs(program: &str) -> Option<&'static str> {
    let stem = program.to_ascii_lowercase();
    match stem.strip_suffix(".exe").unwrap_or(&stem) {
        "system" | "registry" | "memory compression" | "secure system" => Some("it is Windows itself"),
        "lsass" | "lsaiso" => Some("it checks every logon, and Windows restarts the computer when it ends"),
        "csrss" | "smss" | "wininit" | "winlogon" | "services" | "lsm" => Some("Windows stops or restarts when it ends"),
        "svchost" => Some("it runs services of Windows, and others with them"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{HttpSysUrl, PortproxyRule, Reserver, why_windows_needs};
    use crate::machine::{Exclusion, Family, PortRange, Store};

    #[test]
    fn the_port_of_a_url_is_read_in_every_form_that_http_sys_writes() {
        for (url, port) in [
            ("http://+:80/", Some(80)),
            ("HTTP://*:8080/reports/", Some(8080)),
            ("https://srv1.example/app", Some(443)),
            ("HTTP://127.0.0.1:8080:127.0.0.1/", Some(8080)),
            ("http://[::1]:5985/wsman", Some(5985)),
            ("http://[::1]/", Some(80)),
            ("http://+:0/", None),
            ("net.tcp://+:808/", None),
            ("http://+:port/", None),
            ("", None),
        ] {
            let url = HttpSysUrl { url: url.to_owned(), queue: None, app_pool: None, pids: Vec::new() };
            assert_eq!(url.port(), port, "{}", url.url);
        }
    }

    fn rule(family: Family, address: &str) -> PortproxyRule {
        PortproxyRule {
            listen_family: family,
            listen_address: address.to_owned(),
            listen_port: 8080,
            connect_family: Family::Ipv4,
            connect_address: "10.0.0.9".to_owned(),
            connect_port: 80,
        }
    }

    #[test]
    fn a_rule_listens_on_its_own_address_only() {
        let listens = |family, own: &str, address: &str| rule(family, own).listens_on(address.parse().unwrap());
        assert!(listens(Family::Ipv4, "*", "0.0.0.0") && listens(Family::Ipv4, "0.0.0.0", "0.0.0.0"));
        assert!(listens(Family::Ipv4, "10.0.0.5", "10.0.0.5") && listens(Family::Ipv4, "srv1", "10.0.0.5"));
        assert!(!listens(Family::Ipv4, "*", "10.0.0.5") && !listens(Family::Ipv4, "10.0.0.5", "0.0.0.0"));
        assert!(!listens(Family::Ipv4, "*", "::") && listens(Family::Ipv6, "*", "::"));
        assert_eq!(rule(Family::Ipv6, "*").kind(), "v6tov4");
    }

    #[test]
    fn the_shape_of_a_range_tells_who_reserved_it() {
        let reserved = |start, end, administered| Exclusion {
            range: PortRange::new(start, end).unwrap(),
            protocol: None,
            family: None,
            store: Store::Active,
            administered,
            owner: None,
            source: "netsh".to_owned(),
        };
        assert_eq!(reserved(8000, 8099, false).reserver(), Some(Reserver::WinNat));
        assert_eq!(reserved(8000, 8099, true).reserver(), None, "administered");
        assert_eq!(reserved(44_620, 48_715, false).reserver(), Some(Reserver::WslMirrored));
        assert_eq!(reserved(5985, 5985, false).reserver(), Some(Reserver::HttpSys));
        assert_eq!(reserved(1433, 1433, false).reserver(), None);
    }

    #[test]
    fn programs_that_windows_needs_are_known_in_any_letter_case() {
        for name in ["System", "LSASS.EXE", "svchost.exe", "csrss.exe", "services.exe"] {
            assert!(why_windows_needs(name).is_some(), "{name}");
        }
        for name in ["dns.exe", "sqlservr.exe", "systemd", "lsass2.exe", ""] {
            assert!(why_windows_needs(name).is_none(), "{name}");
        }
    }
}
