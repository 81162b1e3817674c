//! What is seen on the way of a connection, from the name to the program that answers: raw answers without a judgement.

mod browser;
mod filter;
mod name;
mod network;
mod probe;
mod redirect;
mod sql;

pub use browser::{BrowserAnswer, BrowserResult, SqlInstance};
pub use filter::{Chain, FirewallAction, Hook, IpsecPolicy, Matches, Rule, RuleOutcome, Ruleset};
pub use name::{NameLookup, NameProblem};
pub use network::Network;
pub use probe::{Greeting, GreetingKind, Opening, Probe, ProbeResult};
pub use redirect::{HostsEntry, ProxySetting, Redirects};
pub use sql::{ClientAlias, SqlClient, SqlServer};
