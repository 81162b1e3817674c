//! Port ranges that a file states.

use serde::Serialize;

use super::Place;
use crate::machine::{Family, PortRange, Protocol};

/// A dynamic port range.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StatedRange {
    /// The ports.
    #[serde(flatten)]
    pub range: PortRange,
    /// The protocol, where the command or the heading names it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub protocol: Option<Protocol>,
    /// The family, where the command names it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub family: Option<Family>,
    /// Where it stands.
    #[serde(flatten)]
    pub place: Place,
}

/// A range of ports that clients do not get.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ExcludedRange {
    /// The ports.
    #[serde(flatten)]
    pub range: PortRange,
    /// The protocol, where the command or the heading names it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub protocol: Option<Protocol>,
    /// The family, where the command names it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub family: Option<Family>,
    /// Whether an administrator excluded it; `None` where the file cannot show that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub administered: Option<bool>,
    /// Where it stands.
    #[serde(flatten)]
    pub place: Place,
}
