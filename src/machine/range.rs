//! Port ranges, the dynamic port range and exclusions from it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{Family, Port, Protocol, System, visible};

/// A block of ports, both ends included, never empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "RawRange")]
pub struct PortRange {
    start: Port,
    end: Port,
}

#[derive(Deserialize)]
struct RawRange {
    start: Port,
    end: Port,
}

impl TryFrom<RawRange> for PortRange {
    type Error = PortRangeError;
    fn try_from(raw: RawRange) -> Result<Self, Self::Error> {
        Self::new(raw.start, raw.end)
    }
}

/// Why two numbers are no port range.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PortRangeError {
    /// The first port is above the last one.
    #[error("the range {0}-{1} ends before it starts")]
    Reversed(Port, Port),
    /// What stands behind the slash is neither `tcp` nor `udp`.
    #[error("\"{0}\" names no protocol that has ports; write /tcp or /udp")]
    NotAProtocol(String),
    /// The text is not `PORT` or `PORT-PORT` with ports from 1 to 65535.
    #[error("a port range looks like 1433 or 1433-1440, with numbers from 1 to 65535; this is \"{0}\"")]
    NotARange(String),
}

impl PortRange {
    /// A range from `start` to `end`, both included.
    pub const fn new(start: Port, end: Port) -> Result<Self, PortRangeError> {
        if start > end {
            return Err(PortRangeError::Reversed(start, end));
        }
        Ok(Self { start, end })
    }

    /// The range that holds one port.
    pub const fn single(port: Port) -> Self {
        Self { start: port, end: port }
    }

    /// Reads `8080-8090/udp`: a range, and the protocol where one is named.
    ///
    /// # Errors
    /// Where the text is no range, or names something else than `tcp` or `udp`.
    pub fn parse_with_protocol(text: &str) -> Result<(Self, Option<Protocol>), PortRangeError> {
        let (ports, protocol) = match text.split_once('/') {
            None => (text, None),
            Some((ports, name)) if name.eq_ignore_ascii_case("tcp") => (ports, Some(Protocol::Tcp)),
            Some((ports, name)) if name.eq_ignore_ascii_case("udp") => (ports, Some(Protocol::Udp)),
            Some(_) => return Err(PortRangeError::NotAProtocol(visible(text))),
        };
        Ok((ports.parse()?, protocol))
    }

    /// Whether both have a port in common.
    pub const fn overlaps(self, other: Self) -> bool {
        self.start <= other.end && other.start <= self.end
    }

    /// The first port.
    pub const fn start(self) -> Port {
        self.start
    }

    /// The last port.
    pub const fn end(self) -> Port {
        self.end
    }

    /// How many ports it holds: 1 to 65536.
    pub const fn count(self) -> u32 {
        self.end as u32 - self.start as u32 + 1
    }

    /// Whether `port` lies in it.
    pub const fn contains(self, port: Port) -> bool {
        self.start <= port && port <= self.end
    }
}

/// `1433` or `1433-1440`, as commands and the kernel write it.
impl fmt::Display for PortRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.start == self.end { write!(f, "{}", self.start) } else { write!(f, "{}-{}", self.start, self.end) }
    }
}

impl FromStr for PortRange {
    type Err = PortRangeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || PortRangeError::NotARange(visible(text));
        let port = |part: &str| -> Result<Port, PortRangeError> {
            if part.is_empty() || !part.bytes().all(|b| b.is_ascii_digit()) {
                return Err(wrong());
            }
            part.parse().ok().filter(|port| *port > 0).ok_or_else(wrong)
        };
        match text.split_once('-') {
            Some((start, end)) => Self::new(port(start)?, port(end)?),
            None => Ok(Self::single(port(text)?)),
        }
    }
}

/// Where a setting lives: in the running system, or where the next start reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Store {
    /// In force now, gone after a restart of the computer.
    Active,
    /// Read at the next start of the computer.
    Persistent,
}

/// The dynamic port range: the ports the system hands to clients that do not ask for one.
///
/// Windows has one for each family and protocol, Linux one for all (`net.ipv4.ip_local_port_range`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DynamicRange {
    /// The ports.
    pub range: PortRange,
    /// The protocol it is for; `None` where one range serves both.
    pub protocol: Option<Protocol>,
    /// The family it is for; `None` where one range serves both.
    pub family: Option<Family>,
    /// The store it was read from.
    pub store: Store,
    /// Where it was read: a file, a command or an interface.
    pub source: String,
}

/// First and last port of the dynamic range of a computer that nobody has changed: Linux by `Documentation/networking/ip-sysctl.rst`,
/// Windows since 2008 by <https://learn.microsoft.com/troubleshoot/windows-server/networking/default-dynamic-port-range-tcpip-chang>.
pub const fn usual_dynamic_range(system: System) -> (Port, Port) {
    match system {
        System::Linux => (32768, 60999),
        System::Windows => (49152, 65535),
    }
}

/// An excluded port range: ports that the system never hands to clients by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exclusion {
    /// The ports.
    pub range: PortRange,
    /// The protocol it is for; `None` where it is for both (Linux).
    pub protocol: Option<Protocol>,
    /// The family it is for; `None` where it is for both.
    pub family: Option<Family>,
    /// The store it was read from.
    pub store: Store,
    /// An administered exclusion: a service can still ask for the port by number. Without it (Windows only) asking fails.
    pub administered: bool,
    /// Whose it most likely is, in words, where that is known.
    pub owner: Option<String>,
    /// Where it was read: a file, a command or an interface.
    pub source: String,
}
