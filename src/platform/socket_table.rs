//! Every socket of a computer, one at a time.

use std::ops::Range;

use crate::machine::{Snapshot, Socket};

/// Every socket with who has it. A computer may have hundreds of thousands, so none is made before it is asked for.
pub struct SocketTable {
    /// Everything else that the look came to: processes and gaps. It has no sockets.
    pub look: Snapshot,
    /// The sockets, in order.
    pub sockets: Box<dyn Sockets>,
}

impl SocketTable {
    /// The table of a look that has all sockets already.
    pub fn of(mut look: Snapshot) -> Self {
        let sockets = std::mem::take(&mut look.sockets);
        Self { look, sockets: Box::new(sockets) }
    }
}

/// Sockets that can be asked for. Several threads may do so at once.
pub trait Sockets: Sync {
    /// How many there are.
    fn count(&self) -> usize;

    /// Tells those with these numbers, one after another. Numbers beyond the last one are left out.
    fn each(&self, part: Range<usize>, tell: &mut dyn FnMut(&Socket));
}

impl Sockets for Vec<Socket> {
    fn count(&self) -> usize {
        self.len()
    }

    fn each(&self, part: Range<usize>, tell: &mut dyn FnMut(&Socket)) {
        let part = part.start.min(self.len())..part.end.min(self.len());
        self[part].iter().for_each(tell);
    }
}
