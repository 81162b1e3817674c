//! The way from a Windows computer to another one.

mod firewalls;
mod ipsec;
mod probe;
mod proxies;

use std::fs;
use std::net::{IpAddr, SocketAddr};

use jiff::Timestamp;

use super::services::registry::LiveRegistry;
use super::{ffi, services};
use crate::machine::connect::{BrowserAnswer, IpsecPolicy, NameLookup, Opening, Probe, Redirects, Ruleset, SqlClient, SqlServer};
use crate::machine::{Evidence, Gap, Service};
use crate::platform::network::{Network, Patience, hosts_file, lookup, ssrp};
use crate::platform::windows_text::services::registry::Registry;
use crate::platform::windows_text::sql_network;

/// The network as a Windows computer sees it.
#[derive(Debug, Default)]
pub struct WindowsNetwork;

impl Network for WindowsNetwork {
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
        ffi::addresses().map_err(|error| {
            let why = format!("Windows did not list its network adapters ({error})");
            Gap::new("the addresses of this computer", why, "`ipconfig` in a command prompt")
        })
    }

    fn probe(&self, to: SocketAddr, opening: Option<Opening>, patience: &Patience<'_>) -> Probe {
        probe::probe(to, opening, patience)
    }

    fn browse(&self, at: SocketAddr, instance: &str, patience: &Patience<'_>) -> BrowserAnswer {
        ssrp::browse(at, instance, patience)
    }

    fn redirects(&self) -> Result<Redirects, Gap> {
        let gap = |why: String| Gap::new("the hosts file", why, r"notepad C:\Windows\System32\drivers\etc\hosts");
        let folder = ffi::system_directory().ok_or_else(|| gap("Windows does not tell its folder".to_owned()))?;
        let path = folder.join(r"drivers\etc\hosts");
        let file = path.display().to_string();
        let hosts = match fs::read(&path) {
            Ok(bytes) => hosts_file::read(&String::from_utf8_lossy(&bytes), &file),
            // Windows does without one.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(gap(error.to_string())),
        };
        Ok(Redirects { hosts, proxies: proxies::read() })
    }

    fn sql_client(&self) -> Result<SqlClient, Gap> {
        of_registry(|registry| sql_network::client(registry), "the settings of clients of SQL Server")
    }

    fn sql_servers(&self) -> Result<Vec<SqlServer>, Gap> {
        of_registry(|registry| sql_network::servers(registry), "the settings of SQL Server")
    }

    fn firewalls(&self) -> Result<Vec<Ruleset>, Gap> {
        firewalls::read()
    }

    fn ipsec(&self) -> Result<Vec<IpsecPolicy>, Gap> {
        ipsec::read()
    }

    fn service_log(&self, service: &Service, since: Timestamp) -> Result<Vec<Evidence>, Gap> {
        services::written_since(&service.name, since)
    }
}

/// What the registry tells; a gap where it may not be read.
fn of_registry<T>(read: impl FnOnce(&dyn Registry) -> T, what: &str) -> Result<T, Gap> {
    let registry = LiveRegistry::default();
    let found = read(&registry);
    match registry.into_denied().first() {
        Some(key) => Err(Gap::new(what, format!("this user may not read {key}"), "the same as administrator")),
        None => Ok(found),
    }
}
