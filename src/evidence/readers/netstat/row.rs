//! One row of `netstat`.

use crate::evidence::fact::SocketRow;
use crate::evidence::page::Page;
use crate::evidence::readers::cell::{self, End, NoEnd};
use crate::evidence::readers::state;
use crate::machine::{Protocol, SocketState};

/// What a line of the table holds.
pub enum Row {
    /// A socket; its place is not told yet.
    Socket(SocketRow),
    /// A row that is damaged, and why it cannot be read.
    Unreadable(&'static str),
}

/// Whether a line is a row even where no other row stands above it.
pub fn begins(line: &str, page: &Page<'_>) -> bool {
    let Some((_, rest)) = protocol(line) else { return false };
    let mut ends = rest.split_whitespace().take(2).map(|word| cell::end(word, page));
    let mut is_end = || matches!(ends.next(), Some(Ok(_) | Err(NoEnd::NoAddress | NoEnd::NoPort)));
    is_end() && is_end()
}

/// Whether a line begins as a row does, however damaged it is.
pub fn is_like(line: &str) -> bool {
    protocol(line).is_some()
}

/// The row of a line below another row; `None` where the table is over.
pub fn of_line(line: &str, page: &Page<'_>) -> Option<Row> {
    let (protocol, rest) = protocol(line)?;
    let mut words = rest.split_whitespace();
    let (Some(local), Some(remote)) = (words.next(), words.next()) else {
        return Some(Row::Unreadable("this row is cut off"));
    };
    let (local, remote) = match (cell::end(local, page), cell::end(remote, page)) {
        (Ok(local), Ok(remote)) => (local, remote),
        (Err(because), _) | (_, Err(because)) => return Some(Row::Unreadable(because.because())),
    };
    let (state, pid) = state_and_pid(words, protocol, &remote);
    Some(Row::Socket(SocketRow { state, pid, ..cell::row(protocol, (local, remote), page.place(0)) }))
}

/// The number of the process on the line below a row that has none, as a ticket wraps long lines.
pub fn pid_below(row: &Row, below: &str) -> Option<u32> {
    matches!(row, Row::Socket(socket) if socket.pid.is_none()).then_some(())?;
    cell::pid(below).filter(|_| !below.trim().is_empty())
}

/// The protocol at the start of a line, behind the number that `findstr /n` prints; Linux writes it in small letters.
fn protocol(line: &str) -> Option<(Protocol, &str)> {
    let line = line.trim_start();
    let digits = line.trim_start_matches(|c: char| c.is_ascii_digit());
    let line = if digits.len() < line.len() { digits.strip_prefix(':')?.trim_start() } else { line };
    let (word, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    if !word.starts_with(['T', 'U']) {
        return None;
    }
    Some((cell::protocol(word)?, rest))
}

/// The state, then the process; behind them may stand more columns (`-t`, `-y`).
fn state_and_pid<'a>(
    words: impl Iterator<Item = &'a str>,
    protocol: Protocol,
    remote: &End,
) -> (Option<SocketState>, Option<u32>) {
    let words: Vec<&str> = words.take(6).collect();
    let number = words.iter().position(|word| cell::pid(word).is_some());
    let pid = number.and_then(|at| cell::pid(words[at]));
    if protocol == Protocol::Udp {
        return (None, pid);
    }
    let told = &words[..number.unwrap_or(words.len())];
    let known = state::of(&told.concat()).or_else(|| told.first().and_then(|word| state::of(word)));
    // No connection has port 0 at its far end: where the word is unknown, this is a listener.
    let by_shape = || (remote.port == Some(0)).then_some(SocketState::Listen);
    (known.or_else(by_shape), pid)
}
