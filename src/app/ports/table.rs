//! The whole table, and how one look follows another.

use std::cell::OnceCell;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::follow::follow;
use super::holder::{Holder, Known};
use super::row::{Change, PortRow};
use crate::machine::{Gap, Host, Snapshot, Socket};

/// How long a row says that it is new, and how long a closed one stays.
const LINGERS: SignedDuration = SignedDuration::from_secs(3);

/// All sockets of one look, with what earlier looks knew of them. Rows that did not change are the same ones as before.
#[derive(Debug, Clone)]
pub struct PortTable {
    /// The rows, in the order of the look.
    pub rows: Vec<Arc<PortRow>>,
    /// What could not be seen.
    pub gaps: Vec<Gap>,
    /// The computer.
    pub host: Host,
    /// See [`Self::not_seen`]: counted once, since every frame tells it.
    not_seen: usize,
}

impl PortTable {
    /// The table after a look. A look that did not search for owners takes them from `before`.
    pub fn after(before: Option<&Self>, look: &Snapshot) -> Self {
        let rows_before = before.map(|table| table.rows.as_slice()).unwrap_or_default();
        let followed = follow(rows_before, &look.sockets);
        let mut holders = Holders::new(look, rows_before);
        let mut rows = Vec::with_capacity(look.sockets.len() + followed.gone.len());
        for (socket, (id, old)) in look.sockets.iter().zip(followed.sockets) {
            let old = old.filter(|row| !row.is_gone());
            let change = match (before, old) {
                (None, _) => Change::Stays,
                (Some(_), None) => Change::New(look.taken_at),
                (Some(_), Some(old)) => after_a_while(old.change, look.taken_at),
            };
            let holder = holders.of(socket, old.map(|row| &**row));
            rows.push(match old {
                Some(old) if is_same(old, socket, &holder, change) => Arc::clone(old),
                _ => Arc::new(PortRow::new(id, socket, look.taken_at, holder, change)),
            });
        }
        rows.extend(followed.gone.into_iter().filter_map(|row| match row.change {
            // A clock that is set back tells no age; then it has been long enough.
            Change::Closed(at) if look.taken_at.duration_since(at).abs() >= LINGERS => None,
            Change::Closed(_) => Some(Arc::clone(row)),
            Change::Stays | Change::New(_) => Some(Arc::new(row.closed(look.taken_at))),
        }));
        let searched = look.searched_everywhere || before.is_none();
        let gaps = if searched { look.gaps.clone() } else { before.map(|table| table.gaps.clone()).unwrap_or_default() };
        let not_seen = rows.iter().filter(|row| !row.is_gone() && row.holder.known == Known::NotSeen).count();
        Self { rows, gaps, host: look.host.clone(), not_seen }
    }

    /// Whether somebody who looks at the table sees something else than with `other`.
    pub fn differs_from(&self, other: &Self) -> bool {
        self.gaps != other.gaps
            || self.host != other.host
            || self.rows.len() != other.rows.len()
            || self.rows.iter().zip(&other.rows).any(|(own, others)| !Arc::ptr_eq(own, others))
    }

    /// The sockets whose holders were searched for already, by their inodes.
    pub fn searched(&self) -> HashSet<u64> {
        self.rows.iter().filter_map(|row| row.inode).collect()
    }

    /// How many sockets there are now.
    pub fn open(&self) -> usize {
        self.rows.iter().filter(|row| !row.is_gone()).count()
    }

    /// How many of them have a holder that could not be seen.
    pub const fn not_seen(&self) -> usize {
        self.not_seen
    }
}

/// A row is not new for ever.
fn after_a_while(change: Change, now: Timestamp) -> Change {
    match change {
        Change::New(since) if now.duration_since(since).abs() < LINGERS => change,
        _ => Change::Stays,
    }
}

/// Whether a look shows a socket just as its row says. The end of its rest is told once: each look is off by a little.
fn is_same(row: &PortRow, socket: &Socket, holder: &Holder, change: Change) -> bool {
    row.state == socket.state
        && row.cookie == socket.cookie
        && row.inode == socket.inode
        && row.v6only == socket.v6only
        && row.change == change
        && *row.holder == *holder
}

/// What the sockets of one holder have in common: processes, control group and Windows service.
type Whose<'a> = (&'a [u32], Option<&'a str>, Option<&'a str>);

/// Finds the holder of each socket; sockets of the same processes get the same one.
struct Holders<'a> {
    look: &'a Snapshot,
    before: &'a [Arc<PortRow>],
    /// What earlier searches found, by inode: a socket keeps that whatever becomes of it.
    earlier: OnceCell<HashMap<u64, &'a Arc<Holder>>>,
    all: HashMap<Whose<'a>, Arc<Holder>>,
}

impl<'a> Holders<'a> {
    fn new(look: &'a Snapshot, before: &'a [Arc<PortRow>]) -> Self {
        Self { look, before, earlier: OnceCell::new(), all: HashMap::new() }
    }

    fn of(&mut self, socket: &'a Socket, old: Option<&'a PortRow>) -> Arc<Holder> {
        if !socket.pids.is_empty() && !socket.state.is_closing() {
            let look = self.look;
            let holder = self.all.entry((&socket.pids, socket.cgroup.as_deref(), socket.service.as_deref()));
            return Arc::clone(holder.or_insert_with(|| Arc::new(Holder::of(look, socket))));
        }
        if let Some(holder) = self.earlier(socket, old) {
            return Arc::clone(holder);
        }
        let holder = Holder::of(self.look, socket);
        match old {
            Some(old) if holder.known == Known::Nobody => Arc::new(old.holder.before()),
            _ => Arc::new(holder),
        }
    }

    /// What an earlier search found for the socket, where this look did not search everywhere. Nearly all of them are where they were.
    fn earlier(&self, socket: &Socket, old: Option<&'a PortRow>) -> Option<&'a Arc<Holder>> {
        let inode = socket.inode.filter(|_| !self.look.searched_everywhere)?;
        if let Some(old) = old.filter(|old| old.inode == Some(inode)) {
            return Some(&old.holder);
        }
        // The rows of sockets that are gone come last, and must not take the place of the others.
        let by_inode = || self.before.iter().rev().filter_map(|row| Some((row.inode?, &row.holder))).collect();
        self.earlier.get_or_init(by_inode).get(&inode).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::ports::testing::{connection, listener, look, quick_look, socket, table};
    use crate::machine::SocketState;

    fn words(table: &PortTable) -> Vec<String> {
        table.rows.iter().map(|row| format!("{} {} {}", row.port(), row.state_in_words(), row.program_in_words())).collect()
    }

    #[test]
    fn a_look_that_shows_the_same_is_the_same_table() {
        let sockets = || vec![listener("0.0.0.0:80", 7, &[812]), connection("10.0.0.5:1433", "10.0.0.9:9392", 8, &[4312])];
        let first = table(sockets());
        for next in [look(1, sockets()), quick_look(1, sockets())] {
            assert!(!PortTable::after(Some(&first), &next).differs_from(&first));
        }
    }

    #[test]
    fn who_has_a_socket_is_known_without_another_search() {
        let first = table(vec![connection("10.0.0.5:1433", "10.0.0.9:9392", 8, &[4312])]);
        assert_eq!(first.searched(), HashSet::from([8]));
        let closing = socket("10.0.0.5:1433", "10.0.0.9:9392", SocketState::CloseWait, 8, &[]);
        let second = PortTable::after(Some(&first), &quick_look(1, vec![closing]));
        assert_eq!(words(&second), ["1433 Half closed bkagent"]);
    }

    #[test]
    fn a_udp_socket_that_gets_a_peer_keeps_its_holder() {
        let first = table(vec![socket("0.0.0.0:5353", "", SocketState::Unconnected, 9, &[812])]);
        let peered = || vec![socket("10.0.0.5:5353", "10.0.0.9:53", SocketState::Established, 9, &[])];
        let second = PortTable::after(Some(&first), &quick_look(1, peered()));
        assert_eq!(words(&second)[0], "5353 Connected nginx");
        let third = PortTable::after(Some(&second), &quick_look(2, peered()));
        assert_eq!(words(&third)[0], "5353 Connected nginx");
        let alone = socket("0.0.0.0:5353", "", SocketState::Unconnected, 9, &[]);
        let fourth = PortTable::after(Some(&third), &quick_look(3, vec![alone]));
        assert_eq!(words(&fourth)[0], "5353 Receiving nginx");
    }

    #[test]
    fn a_connection_that_closes_is_the_same_one_and_says_whose_it_was() {
        let first = table(vec![connection("10.0.0.5:1433", "10.0.0.9:9392", 8, &[4312])]);
        let resting = socket("10.0.0.5:1433", "10.0.0.9:9392", SocketState::TimeWait, 0, &[]);
        let second = PortTable::after(Some(&first), &quick_look(1, vec![resting]));
        assert_eq!(words(&second), ["1433 Resting was bkagent"]);
        assert_eq!(second.rows[0].id, first.rows[0].id);
    }

    #[test]
    fn nobody_says_whose_a_closing_connection_was_that_was_never_seen_alive() {
        let table = table(vec![socket("10.0.0.5:1433", "10.0.0.9:9392", SocketState::TimeWait, 0, &[])]);
        assert_eq!(words(&table), ["1433 Resting No program any more"]);
    }

    #[test]
    fn a_gone_socket_stays_for_a_while_and_then_leaves() {
        let first = table(vec![listener("0.0.0.0:80", 7, &[812])]);
        let second = PortTable::after(Some(&first), &quick_look(1, Vec::new()));
        assert_eq!(words(&second), ["80 Closed was nginx"]);
        assert_eq!((second.open(), second.searched().len()), (0, 1));
        let third = PortTable::after(Some(&second), &quick_look(2, Vec::new()));
        assert!(!third.differs_from(&second));
        assert!(PortTable::after(Some(&third), &quick_look(4, Vec::new())).rows.is_empty());
    }

    #[test]
    fn a_clock_that_is_set_back_keeps_nothing_in_the_table() {
        let listener = || listener("0.0.0.0:80", 1, &[812]);
        let table = PortTable::after(None, &look(7200, vec![]));
        let table = PortTable::after(Some(&table), &look(7201, vec![listener()]));
        let table = PortTable::after(Some(&table), &look(3600, vec![listener()]));
        assert!(matches!(table.rows[0].change, Change::Stays), "it is not new for an hour");
        let table = PortTable::after(Some(&PortTable::after(Some(&table), &look(3601, vec![]))), &look(60, vec![]));
        assert!(table.rows.is_empty(), "it is not shown as gone for an hour");
    }

    #[test]
    fn a_new_socket_says_so_for_a_while() {
        let first = table(Vec::new());
        let sockets = || vec![listener("0.0.0.0:80", 7, &[812])];
        let second = PortTable::after(Some(&first), &look(1, sockets()));
        assert!(matches!(second.rows[0].change, Change::New(_)));
        let later = PortTable::after(Some(&second), &quick_look(4, sockets()));
        assert_eq!(later.rows[0].change, Change::Stays);
        assert!(later.differs_from(&second));
        assert!(matches!(table(sockets()).rows[0].change, Change::Stays), "the first table is not news");
    }

    #[test]
    fn another_listener_on_the_port_is_another_socket() {
        let first = table(vec![listener("0.0.0.0:80", 7, &[812])]);
        let second = PortTable::after(Some(&first), &look(1, vec![listener("0.0.0.0:80", 70, &[4312])]));
        assert_eq!(words(&second), ["80 Listening bkagent", "80 Closed was nginx"]);
    }

    #[test]
    fn connections_with_the_same_ends_are_told_apart() {
        let twins =
            || vec![connection("10.0.0.5:80", "10.0.0.9:9", 7, &[812]), connection("10.0.0.5:80", "10.0.0.9:9", 8, &[812])];
        let table = table(twins());
        assert_ne!(table.rows[0].id, table.rows[1].id);
        assert!(!PortTable::after(Some(&table), &look(1, twins())).differs_from(&table));
    }

    #[test]
    fn holders_that_could_not_be_seen_are_counted() {
        let accepted_by_nobody = connection("10.0.0.5:80", "10.0.0.9:9", 0, &[]);
        let table = table(vec![listener("0.0.0.0:80", 7, &[]), listener("0.0.0.0:81", 8, &[812]), accepted_by_nobody]);
        assert_eq!(table.not_seen(), 1);
        assert_eq!(words(&table), ["80 Listening Not seen", "81 Listening nginx", "80 Connected Not accepted yet"]);
    }
}
