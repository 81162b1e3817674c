//! The way from a Linux computer to another one.

mod firewalls;
mod probe;
mod xfrm;

use std::fs;
use std::net::{IpAddr, SocketAddr};

use jiff::Timestamp;

use super::{host, services};
use crate::machine::connect::{BrowserAnswer, IpsecPolicy, NameLookup, Opening, Probe, Redirects, Ruleset, SqlClient, SqlServer};
use crate::machine::{Evidence, Gap, Service};
use crate::platform::network::{Network, Patience, hosts_file, lookup, proxy, ssrp};

const HOSTS: &str = "/etc/hosts";

/// The network as a Linux computer sees it, in the network namespace that PortMedic runs in.
#[derive(Debug, Default)]
pub struct LinuxNetwork;

impl Network for LinuxNetwork {
    fn lookup(&self, name: &str, patience: &Patience<'_>) -> NameLookup {
        lookup::lookup(name, patience)
    }

    fn interface(&self, address: &str) -> Option<u32> {
        lookup::interface(address)
    }

    fn lookup_back(&self, address: IpAddr, patience: &Patience<'_>) -> Result<Option<String>, Gap> {
        lookup::lookup_back(address, patience)
    }

    fn addresses(&self) -> Result<Vec<IpAddr>, Gap> {
        host::addresses().map_err(|error| {
            let why = format!("the kernel's list of them (rtnetlink) is refused here ({error})");
            Gap::new("the addresses of this computer", why, "PortMedic outside of the sandbox it runs in")
        })
    }

    fn probe(&self, to: SocketAddr, opening: Option<Opening>, patience: &Patience<'_>) -> Probe {
        probe::probe(to, opening, patience)
    }

    fn browse(&self, at: SocketAddr, instance: &str, patience: &Patience<'_>) -> BrowserAnswer {
        ssrp::browse(at, instance, patience)
    }

    fn redirects(&self) -> Result<Redirects, Gap> {
        let bytes = fs::read(HOSTS).map_err(|error| Gap::new("the hosts file", error.to_string(), format!("cat {HOSTS}")))?;
        let hosts = hosts_file::read(&String::from_utf8_lossy(&bytes), HOSTS);
        Ok(Redirects { hosts, proxies: proxy::of_environment() })
    }

    fn sql_client(&self) -> Result<SqlClient, Gap> {
        Ok(SqlClient::default())
    }

    fn sql_servers(&self) -> Result<Vec<SqlServer>, Gap> {
        Ok(Vec::new())
    }

    fn firewalls(&self) -> Result<Vec<Ruleset>, Gap> {
        firewalls::read()
    }

    fn ipsec(&self) -> Result<Vec<IpsecPolicy>, Gap> {
        xfrm::read()
    }

    fn service_log(&self, service: &Service, since: Timestamp) -> Result<Vec<Evidence>, Gap> {
        services::written_since(service, since)
    }
}
