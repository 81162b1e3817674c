//! Files of another computer need not show its sockets: nothing follows from what is not in them.

use crate::diagnosis::sockets_command;
use crate::machine::{Gap, Protocol, Snapshot, Table};

/// A gap for each of the protocols whose sockets were not seen at all; `what` says what nobody knows then.
pub fn gaps(snapshot: &Snapshot, protocols: &[Protocol], what: impl Fn(Protocol) -> String) -> Vec<Gap> {
    let hidden = protocols.iter().filter(|protocol| !snapshot.shows(Table::sockets(**protocol)));
    let gap =
        |protocol: &Protocol| Gap::new(what(*protocol), "no file shows it", sockets_command(snapshot.host.system, *protocol));
    hidden.map(gap).collect()
}
