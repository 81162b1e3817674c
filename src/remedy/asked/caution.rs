//! What to know before a change that is possible.

use super::exclusion::first_in_use;
use super::{left_to_clients, ports, ports_for_clients, protocols};
use crate::diagnosis::{holder_name, owners_of};
use crate::machine::{PortRange, Protocol, Snapshot};
use crate::remedy::Operation;

/// Fewer ports than this for clients run out on a busy server.
const FEW: u32 = 1000;

/// What to know before `operation`, one plain sentence each.
pub fn cautions(operation: &Operation, snapshot: &Snapshot) -> Vec<String> {
    match operation {
        Operation::AddExclusion { range, protocol, .. } => {
            [in_use(snapshot, *range, *protocol), few_left(snapshot, *range, *protocol), inside_wsl(snapshot)]
                .into_iter()
                .flatten()
                .collect()
        }
        Operation::RemoveExclusion { .. } => inside_wsl(snapshot).into_iter().collect(),
        Operation::SetDynamicRange { range, protocol, .. } => few_in(snapshot, *range, *protocol).into_iter().collect(),
        _ => Vec::new(),
    }
}

/// An exclusion takes nothing away from whoever has the port.
fn in_use(snapshot: &Snapshot, range: PortRange, protocol: Option<Protocol>) -> Option<String> {
    let (protocol, port) = protocols(protocol).find_map(|own| first_in_use(snapshot, range, own).map(|port| (own, port)))?;
    let owners = owners_of(snapshot, port, Some(protocol));
    let owner = owners.first()?;
    let who = holder_name(snapshot, owner);
    Some(if owner.remote.is_some() {
        format!("Port {port} is in use by {who} now, and stays so until that connection ends. To free it now, check port {port}.")
    } else {
        format!(
            "Port {port} is in use by {who} now. That does not change: an excluded port can still be asked for by its number."
        )
    })
}

fn few_left(snapshot: &Snapshot, range: PortRange, protocol: Option<Protocol>) -> Option<String> {
    let (now, then) =
        protocols(protocol).filter_map(|own| left_to_clients(snapshot, own, range)).min_by_key(|(_, then)| *then)?;
    (then < FEW && then < now)
        .then(|| format!("Without {} only {then} ports of the dynamic range are left for clients.", ports(range)))
}

/// What a new dynamic range would leave for clients.
fn few_in(snapshot: &Snapshot, range: PortRange, protocol: Option<Protocol>) -> Option<String> {
    let left = ports_for_clients(snapshot, range, protocol);
    (left < FEW)
        .then(|| format!("Clients would have {left} ports. A busy server uses more at once, and then no new connection works."))
}

fn inside_wsl(snapshot: &Snapshot) -> Option<String> {
    snapshot.host.wsl.then(|| {
        "This is Linux inside Windows (WSL): the list counts for programs in WSL alone. Ports of Windows are excluded in Windows."
            .to_owned()
    })
}
