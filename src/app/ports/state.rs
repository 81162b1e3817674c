//! What the Ports page shows.

use std::sync::Arc;

use jiff::Timestamp;

use super::arrange::{Arranged, Sort};
use super::filter::Filter;
use super::row::PortRow;
use super::table::PortTable;
use crate::app::Busy;

/// The chosen socket.
#[derive(Debug, Clone)]
pub struct Selection {
    /// Its row, the last one where the socket is gone.
    pub row: Arc<PortRow>,
    /// Its place among the rows that are shown; `None` where the filter hides it or it is gone.
    pub at: Option<usize>,
}

/// The Ports page.
#[derive(Debug, Clone, Default)]
pub struct PortsState {
    /// Since when nothing is looked at by itself; `None` while the table is live.
    pub paused: Option<Timestamp>,
    /// The number that the answers of the watcher must carry.
    pub watch: u64,
    /// The look that the user waits for.
    pub busy: Option<Busy>,
    /// Why the last look gave nothing.
    pub problem: Option<String>,
    /// The newest table.
    pub table: Option<Arc<PortTable>>,
    /// What is shown of it.
    pub filter: Filter,
    /// In which order.
    pub sort: Sort,
    /// Whether the pointer is on the rows, so that they keep their places.
    pub held: bool,
    /// The number that the answer of the newest arrangement must carry.
    pub arranging: u64,
    /// The rows as they are shown.
    pub shown: Option<Arc<Arranged>>,
    /// Rows with their tables that are shown no longer. To let go of very many takes longer than a frame may, so they go with the next
    /// arrangement, and are let go of on its thread; until there is one, the last of them stay.
    pub done_with: Vec<Arc<Arranged>>,
    /// The chosen socket.
    pub selected: Option<Selection>,
    /// How often the chosen row was moved by key: then it is brought into sight.
    pub moved: u64,
    /// How often something else was asked for: then the list begins at its top.
    pub asked: u64,
}

impl PortsState {
    /// Whether the table is live.
    pub const fn is_live(&self) -> bool {
        self.paused.is_none()
    }

    /// The row of the chosen socket.
    pub fn selected_row(&self) -> Option<&PortRow> {
        self.selected.as_ref().map(|selected| &*selected.row)
    }

    /// Whether rows keep their places although the order would have them elsewhere.
    pub const fn is_held(&self) -> bool {
        self.held && self.is_live()
    }
}
