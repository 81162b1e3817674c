//! Why a client gets no connection.

use serde::{Deserialize, Serialize};

/// Why a client gets no connection, or that it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConnectCause {
    /// The connection was made, and what answers is what was expected.
    Works,
    /// The name has no address.
    NameUnknown,
    /// No name server answered.
    NameNotAnswered,
    /// The name leads to another computer.
    WrongComputer,
    /// A line of the hosts file leads to another computer.
    HostsFile,
    /// An alias of SQL Server's clients leads elsewhere.
    Alias,
    /// A proxy stands in between.
    Proxy,
    /// No computer answers for the address, or there is no way to it.
    NotReachable,
    /// Nobody listens on the port.
    NothingListens,
    /// The service that should listen does not run.
    ServiceDown,
    /// The service listens for programs of its own computer only.
    LoopbackOnly,
    /// The service listens on another address of its computer.
    OtherAddress,
    /// The service listens on another port.
    OtherPort,
    /// A firewall drops the connection without a word.
    FirewallDrops,
    /// A firewall rejects it and says so.
    FirewallRejects,
    /// A firewall of this computer does not let it out.
    FirewallOut,
    /// The program does not take its connections, and the queue is full.
    QueueFull,
    /// The connection is taken and ended at once.
    Reset,
    /// Another protocol answers than the one expected.
    OtherProtocol,
    /// SQL Server Browser does not answer.
    BrowserSilent,
    /// SQL Server Browser knows no such instance.
    InstanceUnknown,
    /// The instance takes no TCP.
    TcpDisabled,
    /// IPsec keeps it.
    Ipsec,
    /// This computer has no port left for the connection.
    NoLocalPort,
    /// A named pipe was asked for, which is no matter of ports.
    NamedPipe,
    /// What was seen does not tell.
    Unknown,
}

impl ConnectCause {
    /// Every cause.
    pub const ALL: [Self; 26] = [
        Self::Works,
        Self::NameUnknown,
        Self::NameNotAnswered,
        Self::WrongComputer,
        Self::HostsFile,
        Self::Alias,
        Self::Proxy,
        Self::NotReachable,
        Self::NothingListens,
        Self::ServiceDown,
        Self::LoopbackOnly,
        Self::OtherAddress,
        Self::OtherPort,
        Self::FirewallDrops,
        Self::FirewallRejects,
        Self::FirewallOut,
        Self::QueueFull,
        Self::Reset,
        Self::OtherProtocol,
        Self::BrowserSilent,
        Self::InstanceUnknown,
        Self::TcpDisabled,
        Self::Ipsec,
        Self::NoLocalPort,
        Self::NamedPipe,
        Self::Unknown,
    ];
}
