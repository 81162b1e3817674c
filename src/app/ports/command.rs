//! What the user does on the Ports page.

use super::arrange::Column;
use super::filter::StateGroup;
use super::row::SocketId;
use crate::machine::{Port, Protocol};

/// An action on the Ports page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PortsCommand {
    /// Look each second, or stop doing so.
    Live(bool),
    /// The window is minimised, so that nobody sees the table, or no longer.
    Away(bool),
    /// Type into the filter.
    Filter(String),
    /// Show sockets of this protocol only.
    Protocol(Option<Protocol>),
    /// Show sockets in these states only.
    State(Option<StateGroup>),
    /// Show sockets of this program only.
    Program(Option<String>),
    /// Show everything.
    ShowAll,
    /// Press the head of a column.
    SortBy(Column),
    /// Keep the rows in their places, because the pointer is on them, or no longer.
    Hold(bool),
    /// Choose a socket.
    Select(SocketId),
    /// Choose the row so many rows further down.
    Move(i32),
    /// Check the port of the chosen socket.
    Check,
    /// Check a port that nobody has.
    CheckPort(Port),
    /// Copy the chosen row.
    CopyRow,
}
