//! Processes with many handles: a socket is a handle, so who leaks sockets leaks handles.

use crate::machine::{Handles, Snapshot, System};

/// From so many handles on a process is worth a look
/// (<https://learn.microsoft.com/troubleshoot/windows-client/networking/tcp-ip-port-exhaustion-troubleshooting>).
pub const MANY_HANDLES: u32 = 3000;

/// So many socket handles without a socket in the table are a leak. The same page calls hundreds to thousands of socket handles unusual
/// without asking for the table; those that have a socket there are judged by their state.
const MANY_LOST: u32 = 500;

/// Programs that have that many in good health, by the same page; it writes the last one without its `r`.
const USUAL: [&str; 5] = ["System", "lsass.exe", "store.exe", "sqlservr.exe", "sqlsvr.exe"];

/// Whether a program of this name has many handles in good health.
pub fn is_usual_with_many(process: &str) -> bool {
    USUAL.iter().any(|own| own.eq_ignore_ascii_case(process))
}

/// The processes that have more handles than a healthy one, the most first.
pub fn with_many_handles(snapshot: &Snapshot) -> impl Iterator<Item = &Handles> {
    let usual = |own: &Handles| own.process.as_deref().is_some_and(is_usual_with_many);
    snapshot.load.handles.iter().filter(move |own| own.handles > MANY_HANDLES && !usual(own))
}

/// A process most of whose socket handles have no socket in the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LostHandles<'a> {
    /// The process and its handles.
    pub of: &'a Handles,
    /// How many of its handles are sockets.
    pub sockets: u32,
    /// How many sockets the table has of it.
    pub in_table: u32,
}

impl LostHandles<'_> {
    const fn lost(self) -> u32 {
        self.sockets.saturating_sub(self.in_table)
    }
}

/// The processes most of whose socket handles have no socket in the table, those with the most of them first: sockets whose connection is
/// over or never was, and that were not closed. Windows before version 1809 does not list bound sockets, so there they may hold ports.
/// Only of Windows: on Linux sockets of other kinds are many in good health.
pub fn with_lost_handles(snapshot: &Snapshot) -> Vec<LostHandles<'_>> {
    // Without a table nothing is missing in it.
    if snapshot.host.system != System::Windows || snapshot.sockets.is_empty() || !snapshot.not_shown.is_empty() {
        return Vec::new();
    }
    let in_table = |pid: u32| {
        let own = snapshot.sockets.iter().filter(|socket| socket.pids.contains(&pid)).count();
        u32::try_from(own).unwrap_or(u32::MAX)
    };
    let of = |own: &Handles| own.sockets.filter(|sockets| *sockets >= MANY_LOST);
    let told = snapshot.load.handles.iter().filter_map(|own| Some((own, of(own)?)));
    let told = told.map(|(of, sockets)| LostHandles { of, sockets, in_table: in_table(of.pid) });
    let mut lost: Vec<_> = told.filter(|own| own.lost() >= MANY_LOST && own.lost() > own.in_table).collect();
    lost.sort_by_key(|own| std::cmp::Reverse(own.lost()));
    lost
}

#[cfg(test)]
mod tests {
    use super::{with_lost_handles, with_many_handles};
    use crate::diagnosis::exhaustion::testing::{look, socket};
    use crate::machine::{Handles, Snapshot, SocketState, System};

    fn with_sockets(sockets: Option<u32>, in_table: u16) -> Snapshot {
        let mut snapshot = look((0..in_table).map(|place| socket(40_000 + place, "", SocketState::Bound, Some(7))).collect());
        snapshot.host.system = System::Windows;
        snapshot.load.handles = vec![Handles { pid: 7, process: None, handles: 5000, sockets }];
        snapshot
    }

    #[test]
    fn socket_handles_without_a_socket_in_the_table_are_lost() {
        let snapshot = with_sockets(Some(1200), 20);
        let lost = with_lost_handles(&snapshot);
        assert_eq!((lost.len(), lost[0].sockets, lost[0].in_table), (1, 1200, 20));
    }

    #[test]
    fn few_and_those_that_have_their_socket_are_not() {
        for (sockets, in_table) in [(Some(499), 1), (Some(1200), 600), (Some(1500), 900), (None, 20), (Some(1200), 0)] {
            assert!(with_lost_handles(&with_sockets(sockets, in_table)).is_empty(), "{sockets:?} and {in_table}");
        }
        let mut linux = with_sockets(Some(1200), 20);
        linux.host.system = System::Linux;
        assert!(with_lost_handles(&linux).is_empty(), "sockets of other kinds are not in the table");
    }

    #[test]
    fn the_programs_of_the_article_may_have_many_handles() {
        let mut snapshot = look(Vec::new());
        let row = |pid, name: &str, handles| Handles { pid, process: Some(name.to_owned()), handles, sockets: None };
        snapshot.load.handles = vec![
            row(4, "System", 9000),
            row(700, "LSASS.EXE", 5000),
            row(3180, "cloudsync.exe", 4211),
            row(9, "sqlservr.exe", 4000),
            row(10, "store.exe", 3900),
            row(11, "notepad.exe", 3000),
        ];
        let many: Vec<u32> = with_many_handles(&snapshot).map(|own| own.pid).collect();
        assert_eq!(many, [3180], "3000 is not more than 3000");
    }
}
