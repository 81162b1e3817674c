//! Which row each socket of a look had in the table before.
//!
//! The kernel's sockets come in few long runs that are in order already, which a stable sort only has to merge. Walking through two such
//! lists at once costs less than a hash of each socket.

use std::sync::Arc;

use super::row::{PortRow, SocketId};
use crate::machine::Socket;

/// The sockets of a look beside the rows of the table before.
pub struct Followed<'a> {
    /// Each socket in the order of the look: its identity, and its row in the table before.
    pub sockets: Vec<(SocketId, Option<&'a Arc<PortRow>>)>,
    /// The rows of which the look shows no socket.
    pub gone: Vec<&'a Arc<PortRow>>,
}

/// Finds the row of each socket.
pub fn follow<'a>(before: &'a [Arc<PortRow>], sockets: &[Socket]) -> Followed<'a> {
    let mut ids: Vec<(SocketId, usize)> = sockets.iter().map(SocketId::of).zip(0..).collect();
    ids.sort();
    tell_apart(&mut ids);
    let mut rows: Vec<&Arc<PortRow>> = before.iter().collect();
    rows.sort_by_key(|row| row.id);
    let mut rows = rows.into_iter().peekable();
    let mut followed = Followed { sockets: ids.iter().map(|(id, _)| (*id, None)).collect(), gone: Vec::new() };
    for (id, place) in ids {
        while let Some(row) = rows.next_if(|row| row.id < id) {
            followed.gone.push(row);
        }
        followed.sockets[place] = (id, rows.next_if(|row| row.id == id));
    }
    followed.gone.extend(rows);
    followed
}

/// Gives each of the sockets that have the same ends and the same number, which stand side by side, a number of its own.
fn tell_apart(ids: &mut [(SocketId, usize)]) {
    let mut last: Option<SocketId> = None;
    for (id, _) in ids {
        if let Some(last) = last.filter(|last| *id <= *last) {
            id.which = last.which + 1;
        }
        last = Some(*id);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::sync::Arc;

    use super::{SocketId, follow};
    use crate::app::ports::testing::{connection, listener, table};
    use crate::machine::Socket;

    /// The places in the table before of the rows that the sockets of the next look had, and of those that are gone.
    fn followed(before: Vec<Socket>, next: &[Socket]) -> (Vec<Option<usize>>, Vec<usize>) {
        let table = table(before);
        let place = |row| table.rows.iter().position(|own| Arc::ptr_eq(own, row)).unwrap();
        let followed = follow(&table.rows, next);
        (followed.sockets.iter().map(|(_, row)| row.map(place)).collect(), followed.gone.into_iter().map(place).collect())
    }

    #[test]
    fn each_socket_finds_its_row_in_whatever_order_they_come() {
        let [a, b, c] = [("10.0.0.5:80", 7), ("10.0.0.5:22", 8), ("10.0.0.5:443", 9)];
        let socket = |(local, inode)| connection(local, "10.0.0.9:9", inode, &[812]);
        let new = connection("10.0.0.5:1", "10.0.0.9:9", 10, &[812]);
        let (rows, gone) = followed(vec![socket(a), socket(b), socket(c)], &[socket(c), new, socket(a)]);
        assert_eq!((rows, gone), (vec![Some(2), None, Some(0)], vec![1]));
        let (rows, gone) = followed(vec![socket(c), socket(b), socket(a)], &[socket(a), socket(c)]);
        assert_eq!((rows, gone), (vec![Some(2), Some(0)], vec![1]));
    }

    #[test]
    fn sockets_that_nothing_tells_apart_find_one_row_each() {
        let twin = || connection("10.0.0.5:80", "10.0.0.9:9", 7, &[812]);
        assert_eq!(followed(vec![twin(), twin(), twin()], &[twin(), twin()]), (vec![Some(0), Some(1)], vec![2]));
        assert_eq!(followed(vec![twin()], &[twin(), twin()]), (vec![Some(0), None], vec![]));
    }

    #[test]
    fn a_number_that_was_given_to_tell_a_socket_apart_is_not_taken_for_that_of_another() {
        let listeners = || [7, 7, 8].map(|inode| listener("0.0.0.0:80", inode, &[812]));
        assert_eq!(followed(listeners().into(), &listeners()), (vec![Some(0), Some(1), Some(2)], vec![]));
        for inodes in [[7, 7, 7, 8], [8, 7, 7, 7]] {
            let sockets = inodes.map(|inode| listener("0.0.0.0:80", inode, &[812]));
            let ids: BTreeSet<SocketId> = follow(&[], &sockets).sockets.into_iter().map(|(id, _)| id).collect();
            assert_eq!(ids.len(), sockets.len(), "{ids:?}");
        }
    }
}
