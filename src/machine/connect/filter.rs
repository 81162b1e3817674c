//! The rules of a firewall in one form for every system, and the policies of IPsec.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::Network;
use crate::machine::{Family, PortSet, Protocol};

/// The rules of one firewall.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ruleset {
    /// What people call the firewall: `nftables`, `iptables`, `Windows Firewall`.
    pub tool: String,
    /// Its chains.
    pub chains: Vec<Chain>,
    /// The command or key that shows it.
    pub source: String,
}

/// Where packets meet a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Hook {
    /// On their way to a program of this computer.
    Input,
    /// On their way out of a program of this computer.
    Output,
}

/// What becomes of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FirewallAction {
    /// It goes on.
    Accept,
    /// It vanishes without a word.
    Drop,
    /// It vanishes and the sender is told.
    Reject,
}

/// Rules that are gone through in order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Chain {
    /// Its full name: `inet filter input`. Jumps name it.
    pub name: String,
    /// The family whose packets meet it; `None` for both.
    #[serde(default)]
    pub family: Option<Family>,
    /// Where packets meet it; `None` for a chain that only others jump to.
    #[serde(default)]
    pub hook: Option<Hook>,
    /// Chains of one place go in the order of this number.
    #[serde(default)]
    pub priority: i32,
    /// What becomes of a packet that no rule decides about; it goes back where the chain has no hook.
    #[serde(default)]
    pub policy: Option<FirewallAction>,
    /// The rules.
    #[serde(default)]
    pub rules: Vec<Rule>,
}

/// A rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// What it is for.
    #[serde(default)]
    pub matches: Matches,
    /// What it does.
    pub outcome: RuleOutcome,
    /// The rule as its firewall writes it.
    pub text: String,
}

/// What a rule does with what it is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RuleOutcome {
    /// It decides.
    Decide(FirewallAction),
    /// It goes through another chain, and comes back.
    Jump(String),
    /// It goes through another chain, and does not come back.
    Goto(String),
    /// It goes back to the chain that jumped here.
    Return,
    /// It goes on with the next rule: it counts or writes a log.
    Nothing,
}

/// What a rule is for. Everything that is set must fit.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Matches {
    /// The protocol.
    pub protocol: Option<Protocol>,
    /// The port that the packet goes to.
    pub ports: Option<PortSet>,
    /// The networks it comes from.
    pub from: Option<Vec<Network>>,
    /// The networks it goes to.
    pub to: Option<Vec<Network>>,
    /// Whether it is for the loopback interface alone (`true`), or for every other one (`false`).
    pub loopback: Option<bool>,
    /// It is for packets of connections that are there already, never for the first one.
    pub only_established: bool,
    /// It is for something else than the first packet of a connection over TCP, so it never fits.
    pub never: bool,
    /// It has conditions that PortMedic does not read: it may or may not fit.
    pub more: bool,
}

/// A policy of IPsec that may concern the connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IpsecPolicy {
    /// What it says, in the system's own words.
    pub text: String,
    /// Whether it lets nothing through; `None` where that is not told.
    #[serde(default)]
    pub blocks: Option<bool>,
    /// The networks it is for; none where it is for all, or that is not told.
    #[serde(default)]
    pub networks: Vec<Network>,
    /// Where it is set.
    pub source: String,
}

impl IpsecPolicy {
    /// Whether it may be for this address.
    pub fn is_for(&self, address: IpAddr) -> bool {
        self.networks.is_empty() || self.networks.iter().any(|network| network.contains(address))
    }
}
