//! Dynamic port ranges, exclusions, and the settings of Windows that decide about ports.

use crate::machine::{Gap, Snapshot};

/// Looks at the ranges of both stores.
pub fn look(snapshot: &mut Snapshot) {
    snapshot.gaps.push(Gap::new(
        "Dynamic and excluded port ranges",
        "this version does not read them on Windows",
        "`netsh int ipv4 show excludedportrange tcp`",
    ));
}
