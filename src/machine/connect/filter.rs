//! The rules of a firewall in one form for every system, and the policies of IPsec.

use std::net::IpAddr;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

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

/// Addresses that begin alike: `10.0.0.0/8`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Network {
    address: IpAddr,
    /// How many bits count.
    bits: u8,
}

impl Network {
    /// The addresses that have the first `bits` bits of `address`; `None` where it has not so many.
    pub const fn new(address: IpAddr, bits: u8) -> Option<Self> {
        let most = if address.is_ipv4() { 32 } else { 128 };
        if bits <= most { Some(Self { address, bits }) } else { None }
    }

    /// Whether the address is one of them.
    pub fn contains(&self, address: IpAddr) -> bool {
        let same = |own: u128, other: u128, width: u32| {
            let rest = width.saturating_sub(u32::from(self.bits));
            own.checked_shr(rest).unwrap_or(0) == other.checked_shr(rest).unwrap_or(0)
        };
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(own), IpAddr::V4(other)) => same(own.to_bits().into(), other.to_bits().into(), 32),
            (IpAddr::V6(own), IpAddr::V6(other)) => same(own.to_bits(), other.to_bits(), 128),
            _ => false,
        }
    }
}

/// A text that is no network.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is no address and no network such as 10.0.0.0/8")]
pub struct NotANetwork(String);

impl FromStr for Network {
    type Err = NotANetwork;

    /// Reads `10.0.0.5`, `10.0.0.0/8` and `10.0.0.0/255.0.0.0`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parse = || {
            let (address, length) = text.trim().split_once('/').map_or((text.trim(), None), |(own, length)| (own, Some(length)));
            let address: IpAddr = address.parse().ok()?;
            let bits = match length {
                None => {
                    if address.is_ipv4() {
                        32
                    } else {
                        128
                    }
                }
                Some(length) => match length.parse::<IpAddr>() {
                    Ok(IpAddr::V4(mask)) => u8::try_from(mask.to_bits().leading_ones()).ok()?,
                    _ => length.parse().ok()?,
                },
            };
            Self::new(address, bits)
        };
        parse().ok_or_else(|| NotANetwork(text.to_owned()))
    }
}

impl TryFrom<String> for Network {
    type Error = NotANetwork;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Network> for String {
    fn from(network: Network) -> Self {
        format!("{}/{}", network.address, network.bits)
    }
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

#[cfg(test)]
mod tests {
    use super::Network;

    #[test]
    fn a_network_holds_the_addresses_that_begin_alike() {
        for (network, address, holds) in [
            ("10.0.0.0/8", "10.255.1.1", true),
            ("10.0.0.0/8", "11.0.0.1", false),
            ("10.0.0.0/255.255.255.0", "10.0.0.9", true),
            ("10.0.0.5", "10.0.0.5", true),
            ("10.0.0.5", "::ffff:10.0.0.5", true),
            ("0.0.0.0/0", "192.0.2.1", true),
            ("::/0", "2001:db8::1", true),
            ("::/0", "192.0.2.1", false),
            ("2001:db8::/32", "2001:db8:1::1", true),
            ("2001:db8::/32", "2001:db9::1", false),
        ] {
            let read: Network = network.parse().unwrap();
            assert_eq!(read.contains(address.parse().unwrap()), holds, "{address} in {network}");
        }
        for text in ["", "10.0.0.0/33", "::/129", "10.0.0/8", "host", "10.0.0.0/x"] {
            assert!(text.parse::<Network>().is_err(), "{text}");
        }
    }
}
