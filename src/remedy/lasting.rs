//! What a change promises for the time after the next start of the computer.

use std::net::IpAddr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::effect::Subject;
use super::{Operation, Outcome, Verification};
use crate::machine::{Boot, Port, PortSet, Protocol};

/// What a run of the helper was for, so that whoever reads the journal later can tell whether it still serves.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Purpose {
    /// The service that shall run, by its full name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// The port that it shall have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub port: Option<Port>,
    /// The protocol of that port.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub protocol: Option<Protocol>,
    /// The address that it listens on, where it asks for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<IpAddr>,
}

/// A check of a change after a restart of the computer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recheck {
    /// When.
    pub time: Timestamp,
    /// The run of the computer in which it was made.
    pub boot: Boot,
    /// What it came to.
    pub verification: Verification,
    /// What is wrong now, where something is: the headline of a new diagnosis.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<String>,
}

impl Recheck {
    /// Whether the change still holds.
    pub fn holds(&self) -> bool {
        self.verification.outcome == Outcome::Fixed
    }

    /// What came of it, in a sentence.
    pub fn headline(&self) -> String {
        let outcome = self.verification.outcome;
        let told = self.verification.headline.as_str();
        let told = told.strip_prefix(&format!("{outcome}: ")).unwrap_or(told);
        match (outcome, &self.verdict) {
            (Outcome::Fixed, _) => format!("Holds after the restart: {told}"),
            (Outcome::NotFixed, Some(verdict)) => format!("Lost again after the restart: {verdict}"),
            (Outcome::NotFixed, None) => format!("Lost again after the restart: {told}"),
            (Outcome::CouldNotCheck | Outcome::Declined, _) => format!("Could not check after the restart: {told}"),
        }
    }
}

impl Operation {
    /// Whether its effect shall be there after the next start of the computer, too.
    pub const fn lasts(&self) -> bool {
        match self {
            Self::AddExclusion { stores, .. } | Self::RemoveExclusion { stores, .. } | Self::SetDynamicRange { stores, .. } => {
                stores.persistent()
            }
            Self::AllowLowPort { .. }
            | Self::RestartWinnat { .. }
            | Self::DeletePortproxy { .. }
            | Self::SetRpcPort { .. }
            | Self::ExcludeFromDnsPool { .. }
            | Self::RemoveMaxUserPort => true,
            // A service that was started or stopped does at the next start what its manager is told to do. Tasks are the system's own. A trace
            // ends with the computer.
            Self::StopService { .. }
            | Self::StartService { .. }
            | Self::RestartService { .. }
            | Self::CloseConnection { .. }
            | Self::EndProcess { .. }
            | Self::StartTrace
            | Self::StopTrace
            | Self::InstallTask { .. }
            | Self::RemoveTask { .. }
            | Self::Manual { .. } => false,
        }
    }

    /// Whether it was done about the same thing as `earlier`, so that what that one promised counts no more.
    pub fn replaces(&self, earlier: &Self) -> bool {
        if !self.lasts() || !earlier.lasts() {
            return false;
        }
        match (self.excluded(), earlier.excluded()) {
            (Some((ports, protocol)), Some((before, of))) => {
                let same_list = protocol.is_none() || of.is_none() || protocol == of;
                same_list && !ports.intersection(&before).is_empty()
            }
            (None, None) => !matches!(self.subject(), Subject::Own(_)) && self.subject() == earlier.subject(),
            _ => false,
        }
    }

    /// The ports whose exclusion it changes, and of which protocol.
    fn excluded(&self) -> Option<(PortSet, Option<Protocol>)> {
        match self {
            Self::AddExclusion { range, protocol, .. } | Self::RemoveExclusion { range, protocol, .. } => {
                Some(((*range).into(), *protocol))
            }
            Self::RestartWinnat { range, protocol } => Some(((*range).into(), Some(*protocol))),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::machine::{PortRange, Protocol};
    use crate::remedy::{Operation, Stores};

    fn range(text: &str) -> PortRange {
        text.parse().unwrap()
    }

    fn add(ports: &str, protocol: Option<Protocol>) -> Operation {
        Operation::AddExclusion { range: range(ports), protocol, stores: Stores::Both }
    }

    fn remove(ports: &str) -> Operation {
        Operation::RemoveExclusion { range: range(ports), protocol: None, stores: Stores::Both }
    }

    fn dynamic(ports: &str, stores: Stores) -> Operation {
        Operation::SetDynamicRange { range: range(ports), protocol: None, family: None, stores }
    }

    #[test]
    fn what_is_for_the_next_start_lasts_and_nothing_else() {
        assert!(add("1433", None).lasts() && dynamic("20000-30000", Stores::Persistent).lasts());
        assert!(!dynamic("20000-30000", Stores::Active).lasts());
        assert!(!Operation::StartService { service: "a.service".to_owned() }.lasts());
    }

    #[test]
    fn a_later_change_of_the_same_thing_takes_its_place() {
        assert!(remove("1433").replaces(&add("1433", None)));
        assert!(remove("1430-1440").replaces(&add("1433", None)));
        assert!(!remove("1434").replaces(&add("1433", None)));
        assert!(!add("53", Some(Protocol::Udp)).replaces(&add("53", Some(Protocol::Tcp))));
        assert!(dynamic("20000-30000", Stores::Both).replaces(&dynamic("40000-50000", Stores::Both)));
        assert!(!dynamic("20000-30000", Stores::Active).replaces(&dynamic("40000-50000", Stores::Both)));
        assert!(!dynamic("1000-2000", Stores::Both).replaces(&add("1433", None)));
    }
}
