//! What can be said of a change that somebody asks for, before anybody is asked for rights: why it is not possible, and what to know first.

mod caution;
mod connection;
mod exclusion;
mod refusal;

pub use caution::cautions;
pub use refusal::{Refusal, RefusalKind, refusal};

use super::preview::windows::protocols;
use crate::diagnosis::wording::{capital, span};
use crate::machine::{PortRange, Protocol, Snapshot};

/// How many ports clients of `protocol` can get now, and how many once `range` is excluded too; `None` where the dynamic range is not known.
fn left_to_clients(snapshot: &Snapshot, protocol: Protocol, range: PortRange) -> Option<(u32, u32)> {
    let now = snapshot.open_to_clients(snapshot.dynamic_range(protocol)?.range, protocol);
    Some((now.count(), now.difference(&range.into()).count()))
}

/// How many ports of a dynamic range `range` clients could get, of `protocol` or of the one that has fewer; the others are excluded.
pub fn ports_for_clients(snapshot: &Snapshot, range: PortRange, protocol: Option<Protocol>) -> u32 {
    protocols(protocol).map(|own| snapshot.open_to_clients(range, own).count()).min().unwrap_or_default()
}

/// `port 1433` or `ports 8080–8090`.
fn ports(range: PortRange) -> String {
    if range.count() == 1 { format!("port {}", range.start()) } else { format!("ports {}", span(range)) }
}

/// The same to begin a sentence.
fn ports_capital(range: PortRange) -> String {
    capital(&ports(range))
}

const fn is_or_are(range: PortRange) -> &'static str {
    if range.count() == 1 { "is" } else { "are" }
}
