//! How a computer asks others: names, connections, SQL Server Browser; and what of its own settings stands in between.
//!
//! Nothing is sent to any computer but the one that is asked for, apart from questions for its name. Each look is bounded.

pub mod greeting;
pub mod hosts_file;
pub mod lookup;
mod patience;
pub mod proxy;
pub mod ssrp;

pub use patience::Patience;

use std::net::{IpAddr, SocketAddr};

use jiff::Timestamp;

use crate::machine::connect::{BrowserAnswer, IpsecPolicy, NameLookup, Opening, Probe, Redirects, Ruleset, SqlClient, SqlServer};
use crate::machine::{Evidence, Gap, Service};

/// What a computer can find out about the way to another one.
pub trait Network: Send + Sync {
    /// The addresses of a name, as programs of this computer get them.
    fn lookup(&self, name: &str, patience: &Patience<'_>) -> NameLookup;

    /// The number of the network interface that stands behind an address (`fe80::1%eth0`): 0 where none does, `None` where there is none of
    /// that name.
    fn interface(&self, address: &str) -> Option<u32>;

    /// The name of an address; `None` where it has none.
    ///
    /// # Errors
    /// Where nobody told within the time.
    fn lookup_back(&self, address: IpAddr, patience: &Patience<'_>) -> Result<Option<String>, Gap>;

    /// The addresses of this computer.
    ///
    /// # Errors
    /// Where the system does not list them.
    fn addresses(&self) -> Result<Vec<IpAddr>, Gap>;

    /// Connects once over TCP, and hears how the other side begins to speak. `None` does not wait for that.
    fn probe(&self, to: SocketAddr, opening: Option<Opening>, patience: &Patience<'_>) -> Probe;

    /// Asks SQL Server Browser for one instance, and for all of them where it stays silent.
    fn browse(&self, at: SocketAddr, instance: &str, patience: &Patience<'_>) -> BrowserAnswer;

    /// The hosts file and the proxies of this computer.
    ///
    /// # Errors
    /// Where the hosts file cannot be read.
    fn redirects(&self) -> Result<Redirects, Gap>;

    /// How clients of SQL Server on this computer connect; empty on systems that have no such settings.
    ///
    /// # Errors
    /// Where the settings cannot be read.
    fn sql_client(&self) -> Result<SqlClient, Gap>;

    /// The instances of SQL Server on this computer; none on systems that have no such settings.
    ///
    /// # Errors
    /// Where the settings cannot be read.
    fn sql_servers(&self) -> Result<Vec<SqlServer>, Gap>;

    /// The rules of every firewall of this computer that this user may see.
    ///
    /// # Errors
    /// Where none can be seen.
    fn firewalls(&self) -> Result<Vec<Ruleset>, Gap>;

    /// The policies of IPsec on this computer.
    ///
    /// # Errors
    /// Where they cannot be seen.
    fn ipsec(&self) -> Result<Vec<IpsecPolicy>, Gap>;

    /// What a service of this computer wrote into its logs since then, the oldest line first.
    ///
    /// # Errors
    /// Where its logs cannot be read.
    fn service_log(&self, service: &Service, since: Timestamp) -> Result<Vec<Evidence>, Gap>;
}
