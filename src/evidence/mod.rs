//! Outputs and logs of another machine, read into facts. Bytes in, facts out: no file, clock or process.
//!
//! ```text
//! Input (name, bytes)
//!   -> archive      the files in it, in memory
//!   -> text         which encoding, and the lines
//!   -> readers      each knows one kind of output by its shape and numbers, never by the words of one language
//!   -> Reading      facts, each with its place (file and line), and what could not be read, with the reason
//! ```
//!
//! What a file does not say is left out and never guessed: no family without the command, no port that is not printed, no owner that is
//! not shown. A command that changes something is no fact about what is. Files are hostile: a reader looks at a few lines to know its
//! kind, then takes each line once, so that time and memory grow with the file and no faster.

mod answer;
mod archive;
mod command;
mod computers;
mod fact;
mod holders;
mod join;
mod kind;
mod logs;
mod looks;
mod page;
mod read;
mod readers;
mod sections;
mod snapshot;
mod text;
mod time;
mod trend;
pub mod windows_event;
mod winsock;

pub use answer::Answer;
pub use archive::{Room, is_clutter, unpack};
pub use fact::{
    Address, ExcludedRange, FailedService, Failure, FileRead, HolderCount, NETSH, Name, Names, Place, Problem, ProcessNamed,
    Reading, SectionStart, SocketRow, StatedRange,
};
pub use kind::Kind;
pub use logs::{MessageFailure, failure_of_message};
pub use read::{Input, read, text};
pub use snapshot::{
    counted, earlier_looks, failure_of, port_events, processes, ranges_not_shown, refused, snapshot, sockets, source,
    use_not_shown,
};
pub use text::Encoding;
pub use trend::Trend;
pub use winsock::port_error;
