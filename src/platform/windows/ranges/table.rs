//! One table that netsh shows: which one, how to ask for it, and what its text says.

use crate::machine::{Family, PortRange, Protocol, Store};
use crate::platform::PlatformError;
use crate::platform::windows::netsh;
use crate::platform::windows_text::dynamic_ports;
use crate::platform::windows_text::excluded_ports::{self, Row};

/// What is in the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The dynamic port range.
    Dynamic,
    /// The excluded port ranges.
    Excluded,
}

/// One of netsh's tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Table {
    /// What is in it.
    pub kind: Kind,
    /// The family it is for.
    pub family: Family,
    /// The protocol it is for.
    pub protocol: Protocol,
    /// The store it is read from.
    pub store: Store,
}

impl Table {
    /// What netsh is asked.
    pub fn arguments(self) -> Vec<&'static str> {
        let table = match self.kind {
            Kind::Dynamic => "dynamicport",
            Kind::Excluded => "excludedportrange",
        };
        vec!["interface", context(self.family), "show", table, protocol_argument(self.protocol), store_argument(self.store)]
    }

    /// The question as one types it.
    pub fn source(self) -> String {
        format!("netsh {}", self.arguments().join(" "))
    }

    /// The dynamic range that the answer says.
    pub fn dynamic_range(self, text: &str) -> Result<PortRange, PlatformError> {
        dynamic_ports::read(text).ok_or_else(|| netsh::not_understood(&self.source()))
    }

    /// The exclusions that the answer says.
    pub fn exclusions(self, text: &str) -> Result<Vec<Row>, PlatformError> {
        excluded_ports::read(text).ok_or_else(|| netsh::not_understood(&self.source()))
    }
}

/// The part of netsh that is about a family.
pub const fn context(family: Family) -> &'static str {
    match family {
        Family::Ipv4 => "ipv4",
        Family::Ipv6 => "ipv6",
    }
}

/// The protocol as netsh takes it.
pub const fn protocol_argument(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Tcp => "protocol=tcp",
        Protocol::Udp => "protocol=udp",
    }
}

/// The store as netsh takes it.
pub const fn store_argument(store: Store) -> &'static str {
    match store {
        Store::Active => "store=active",
        Store::Persistent => "store=persistent",
    }
}
