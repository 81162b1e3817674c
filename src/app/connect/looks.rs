//! The looks of the checklist, one after the other: each fills in facts, and later ones use what earlier ones found.
//!
//! An answer that was cut short because somebody stopped is no answer: its question goes on waiting.

use std::net::{IpAddr, SocketAddr, SocketAddrV6};
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use jiff::Timestamp;

use crate::diagnosis::connect::{DEFAULT_INSTANCE, Fact, Facts, PortFrom, Wanted, judge, opening, service};
use crate::machine::connect::{BrowserResult, NameLookup, NameProblem, ProbeResult};
use crate::machine::{Gap, Port, Protocol, Service, ServiceState};
use crate::platform::network::{Network, Patience, ssrp};
use crate::platform::{OwnerSearch, Platform, PlatformError, Scope, ServiceScope, SocketScope};

use super::Checking;

/// More addresses than this are a matter of the name servers; each may cost the whole time.
const MOST_ADDRESSES: usize = 4;
/// A port that is hardly ever open ("discard"), so that a computer which runs refuses it at once.
const OTHER_DOOR: Port = 9;
/// A service writes a moment after the connection.
const A_MOMENT: Duration = Duration::from_millis(300);
/// The newest lines of a log tell the most.
const MOST_LINES: usize = 20;

/// The looks on their way.
pub struct Looks<'a> {
    platform: &'a dyn Platform,
    patience: Patience<'a>,
    /// When the connection was tried.
    tried: Option<Timestamp>,
    /// What was found so far.
    pub facts: Facts,
}

impl<'a> Looks<'a> {
    /// Nothing was looked at yet.
    pub fn new(platform: &'a dyn Platform, wanted: Wanted, limit: Duration, stop: &'a AtomicBool) -> Self {
        Self { platform, patience: Patience { limit, stop }, tried: None, facts: Facts::new(wanted) }
    }

    /// Whether this look tells anything, after those before it.
    pub fn are_needed(&self, checking: Checking) -> bool {
        let facts = &self.facts;
        let here = facts.is_here() == Some(true);
        match checking {
            Checking::Settings | Checking::Name | Checking::Services | Checking::Firewalls => true,
            Checking::Back => !facts.addresses().is_empty(),
            Checking::Browser => {
                facts.wanted.named_instance().is_some()
                    && facts.wanted.port.is_none()
                    && !facts.wanted.pipe
                    && !facts.addresses().is_empty()
            }
            Checking::Listeners => here && facts.wanted.port.is_some(),
            Checking::Connection => facts.wanted.port.is_some() && !facts.wanted.pipe && !facts.addresses().is_empty(),
            Checking::OtherDoor => {
                let silent = |result| result == ProbeResult::TimedOut;
                !here && !facts.probes().is_empty() && facts.probes().iter().all(|probe| silent(probe.result))
            }
            Checking::Log => here && self.tried.is_some() && self.running_service().is_some(),
            Checking::Service => judge(facts).diagnose.is_some(),
        }
    }

    /// Looks.
    ///
    /// # Errors
    /// Where nothing of this computer could be seen at all.
    pub fn look(&mut self, checking: Checking) -> Result<(), PlatformError> {
        match (checking, self.platform.network()) {
            (Checking::Services, _) => self.services()?,
            (Checking::Listeners, _) => self.listeners()?,
            (Checking::Settings, Some(network)) => self.settings(network),
            (Checking::Name, Some(network)) => self.name(network),
            (Checking::Back, Some(network)) => self.back(network),
            (Checking::Browser, Some(network)) => self.browser(network),
            (Checking::Firewalls, Some(network)) => {
                self.facts.firewalls = network.firewalls().into();
                self.facts.ipsec = network.ipsec().into();
            }
            (Checking::Connection, Some(network)) => self.connection(network),
            (Checking::OtherDoor, Some(network)) => self.other_door(network),
            (Checking::Log, Some(network)) => self.log(network),
            (Checking::Service, _) => {}
            (_, None) => self.without_network(checking)?,
        }
        Ok(())
    }

    fn settings(&mut self, network: &dyn Network) {
        self.facts.own_addresses = network.addresses().into();
        self.facts.redirects = network.redirects().into();
        self.facts.sql_client = network.sql_client().into();
    }

    fn name(&mut self, network: &dyn Network) {
        let host = &self.facts.wanted.host;
        let address = self.facts.wanted.address().map(|address| (address, network.interface(host)));
        let lookup = match address {
            None => network.lookup(host, &self.patience),
            Some((address, Some(interface))) => {
                NameLookup { interfaces: vec![(address, interface)], ..NameLookup::found(host, vec![address]) }
            }
            Some((_, None)) => NameLookup::failed(host, NameProblem::NoInterface),
        };
        if self.patience.is_over() {
            return;
        }
        self.facts.name =
            Fact::Seen(NameLookup { addresses: lookup.addresses.into_iter().take(MOST_ADDRESSES).collect(), ..lookup });
    }

    fn back(&mut self, network: &dyn Network) {
        let names: Result<Vec<_>, Gap> =
            self.facts.addresses().iter().map(|address| Ok((*address, network.lookup_back(*address, &self.patience)?))).collect();
        if !self.patience.is_over() {
            self.facts.back = names.into();
        }
    }

    /// The services matter where this computer is the one that is asked for; otherwise it is enough to know its system.
    fn services(&mut self) -> Result<(), PlatformError> {
        let here = self.facts.is_here() == Some(true);
        let services = if here { ServiceScope::All } else { ServiceScope::None };
        let look = self.platform.observe(&Scope { services, owners: OwnerSearch::None, ..Scope::default() })?;
        if here && let Some(named) = self.facts.wanted.instance.as_deref().and_then(|name| look.service(name)) {
            self.facts.wanted.take_service(named);
        }
        self.facts.here = Fact::Seen(look);
        if here && let Some(network) = self.platform.network() {
            self.facts.sql_servers = network.sql_servers().into();
        }
        Ok(())
    }

    fn browser(&mut self, network: &dyn Network) {
        let instance = self.facts.wanted.named_instance().unwrap_or(DEFAULT_INSTANCE).to_owned();
        // Browsers of old versions know IPv4 only.
        let addresses = self.facts.addresses();
        let Some(at) = addresses.iter().find(|own| own.is_ipv4()).or_else(|| addresses.first()).copied() else { return };
        let answer = network.browse(self.place(at, ssrp::PORT), &instance, &self.patience);
        if self.patience.is_over() {
            return;
        }
        let port = match &answer.result {
            BrowserResult::Instances(all) => {
                all.iter().find(|own| own.name.eq_ignore_ascii_case(&instance)).and_then(|own| own.tcp)
            }
            _ => None,
        };
        self.facts.browser = Fact::Seen(answer);
        if let Some(port) = port {
            self.facts.wanted.learn_port(port, PortFrom::Browser);
        } else if let Some((port, from)) = self.port_here(&instance) {
            self.facts.wanted.learn_port(port, from);
        }
    }

    /// The port of the instance, where it is one of this computer: its clients do not find it without SQL Server Browser, and we may.
    fn port_here(&self, instance: &str) -> Option<(Port, PortFrom)> {
        let Fact::Seen(servers) = &self.facts.sql_servers else { return None };
        let own = servers.iter().find(|own| own.instance.eq_ignore_ascii_case(instance))?;
        let settings = own.ports.first().map(|port| (port.port, PortFrom::Settings));
        let of_service = || service(&self.facts)?.ports.first().map(|port| (port.port, PortFrom::Service));
        settings.or_else(of_service)
    }

    fn listeners(&mut self) -> Result<(), PlatformError> {
        let Some(port) = self.facts.wanted.port else { return Ok(()) };
        let sockets = SocketScope::Port { port, protocol: Some(Protocol::Tcp) };
        let mut look = self.platform.observe(&Scope { sockets, owners: OwnerSearch::All, ..Scope::default() })?;
        if let Fact::Seen(earlier) = std::mem::replace(&mut self.facts.here, Fact::Waiting) {
            look.add_services_of(earlier);
        }
        self.facts.here = Fact::Seen(look);
        Ok(())
    }

    /// The port of an address, behind the right network interface.
    fn place(&self, address: IpAddr, port: Port) -> SocketAddr {
        let interface = self.facts.name.seen().map_or(0, |name| name.interface_to(address));
        match address {
            IpAddr::V4(_) => SocketAddr::new(address, port),
            IpAddr::V6(address) => SocketAddr::V6(SocketAddrV6::new(address, port, 0, interface)),
        }
    }

    fn connection(&mut self, network: &dyn Network) {
        let Some(port) = self.facts.wanted.port else { return };
        let opening = opening(&self.facts.wanted);
        self.tried = Some(self.platform.now());
        let mut probes = Vec::new();
        let mut greeted = false;
        for address in self.facts.addresses() {
            // One of them is heard: the others lead to the same program.
            let probe = network.probe(self.place(*address, port), Some(opening).filter(|_| !greeted), &self.patience);
            if self.patience.is_over() {
                break;
            }
            greeted |= probe.greeting.is_some();
            probes.push(probe);
        }
        if !probes.is_empty() {
            self.facts.probes = Fact::Seen(probes);
        }
    }

    fn other_door(&mut self, network: &dyn Network) {
        let Some(address) = self.facts.addresses().first().copied() else { return };
        let probe = network.probe(self.place(address, OTHER_DOOR), None, &self.patience);
        if !self.patience.is_over() {
            self.facts.other_door = Fact::Seen(probe);
        }
    }

    fn running_service(&self) -> Option<&Service> {
        service(&self.facts).filter(|own| own.state == ServiceState::Running)
    }

    fn log(&mut self, network: &dyn Network) {
        let Some((own, tried)) = self.running_service().zip(self.tried) else { return };
        self.platform.wait(A_MOMENT);
        let mut lines = network.service_log(own, tried);
        if let Ok(lines) = &mut lines {
            lines.drain(..lines.len().saturating_sub(MOST_LINES));
        }
        self.facts.log = lines.into();
    }

    /// A computer that is known from files asks nobody; and it is the one that is meant, unless it is known to have another name and address.
    fn without_network(&mut self, checking: Checking) -> Result<(), PlatformError> {
        match checking {
            Checking::Settings => {
                let look = self.platform.observe(&Scope { owners: OwnerSearch::None, ..Scope::default() })?;
                self.facts.own_addresses = Fact::Seen(look.addresses.clone());
                self.facts.here = Fact::Seen(look);
                self.facts.redirects = not_in_files("the hosts file");
                self.facts.sql_client = not_in_files("the settings of clients");
                self.facts.sql_servers = not_in_files("the settings of SQL Server");
            }
            Checking::Name => self.name_in_files(),
            Checking::Back => self.facts.back = not_in_files("the name of the address"),
            Checking::Browser => self.facts.browser = not_in_files("the answer of SQL Server Browser"),
            Checking::Firewalls => {
                self.facts.firewalls = not_in_files("the rules of its firewall");
                self.facts.ipsec = not_in_files("the policies of IPsec");
            }
            Checking::Connection => self.facts.probes = not_in_files("the answer of the port"),
            Checking::OtherDoor | Checking::Log | Checking::Service | Checking::Services | Checking::Listeners => {}
        }
        Ok(())
    }

    fn name_in_files(&mut self) {
        let host = self.facts.wanted.host.clone();
        let found = |addresses| Fact::Seen(NameLookup::found(&host, addresses));
        let own: Vec<IpAddr> = self.facts.own_addresses.seen().cloned().unwrap_or_default();
        let of_network: Vec<IpAddr> = own.iter().filter(|own| !own.is_loopback()).copied().take(MOST_ADDRESSES).collect();
        let is_own_name = self.facts.here.seen().is_some_and(|here| here.host.name.eq_ignore_ascii_case(&host));
        self.facts.name = match self.facts.wanted.address() {
            Some(address) => {
                if of_network.is_empty() {
                    // The files do not tell its addresses: the one that is asked for is taken for its own.
                    self.facts.own_addresses = Fact::Seen([own, vec![address]].concat());
                }
                found(vec![address])
            }
            None if host.eq_ignore_ascii_case("localhost") => found(vec![IpAddr::from([127, 0, 0, 1])]),
            None if is_own_name && !of_network.is_empty() => found(of_network),
            None => not_in_files("the addresses of the name"),
        };
    }
}

fn not_in_files<T>(what: &str) -> Fact<T> {
    let because = "this computer is known from files only, and files can ask nobody";
    Fact::NotSeen(Gap::new(what, because, "`portmedic connect` on that computer itself"))
}
