//! Tcpvcon of Sysinternals: with `-c` a line for each socket, else a block.

use super::Taken;
use super::cell::{self, End, NoEnd};
use super::delimited::first_row;
use super::state;
use crate::evidence::fact::{Problem, Reading, SocketRow};
use crate::evidence::kind::Kind;
use crate::evidence::page::{Page, number};
use crate::machine::{Protocol, SocketState};

/// What version 4 leaves out.
const NO_PORTS: &str = "this version of Tcpvcon prints no ports; run netstat -ano on that computer in its place";

/// Lines `TCP,svchost.exe,924,LISTENING,0.0.0.0:135,0.0.0.0:0`. Version 4 prints no ports.
pub fn csv(page: &Page<'_>, at: usize, reading: &mut Reading, problems: &mut Vec<Problem>) -> Option<Taken> {
    let mut next = at;
    let mut ports = false;
    while let Some(socket) = socket_of_line(page, next) {
        match socket {
            Ok(socket) => {
                ports |= socket.local_port.is_some();
                reading.sockets.push(socket);
            }
            Err(because) => problems.push(Problem { line: Some(number(next)), because: because.because().to_owned() }),
        }
        next += 1;
    }
    if next == at {
        return None;
    }
    if !ports {
        problems.push(Problem { line: Some(number(at)), because: NO_PORTS.to_owned() });
    }
    Some(Taken { lines: next - at, kind: Kind::Tcpvcon })
}

/// The socket of a line; `None` where the line is another one.
fn socket_of_line(page: &Page<'_>, at: usize) -> Option<Result<SocketRow, NoEnd>> {
    let line = page.line(at);
    let protocol = cell::protocol(line.trim_start().split(',').next()?)?;
    let row = first_row(page, at, b',').filter(|row| row.len() >= 6)?;
    // A name may have commas of its own: the number is the first cell behind it that is one, followed by a state.
    let pid_at = (2..row.len().saturating_sub(2))
        .find(|at| row.get(*at).is_some_and(|cell| !cell.is_empty() && cell::pid(cell).is_some()))?;
    let process = (1..pid_at).filter_map(|at| row.get(at)).collect::<Vec<_>>().join(",");
    let cells: Vec<&str> = row.iter().skip(pid_at + 2).collect();
    let state = state_of(row.get(pid_at + 1)?, protocol);
    let pid = cell::pid(row.get(pid_at)?);
    let ends = match cells.as_slice() {
        [local, local_port, remote, remote_port] => both(in_two(local, local_port, page), in_two(remote, remote_port, page)),
        [local, remote, ..] => both(in_one(local, page), in_one(remote, page)),
        _ => return None,
    };
    Some(ends.map(|ends| {
        let process = Some(page.name(&process));
        SocketRow { state, pid, process, ..cell::row(protocol, ends, page.places(at..at + 1)) }
    }))
}

fn both(local: Result<End, NoEnd>, remote: Result<End, NoEnd>) -> Result<(End, End), NoEnd> {
    Ok((local?, remote?))
}

fn in_two(address: &str, port: &str, page: &Page<'_>) -> Result<End, NoEnd> {
    Ok(End { address: cell::address(address, page)?, port: cell::port(port)? })
}

/// An address with or without a port.
fn in_one(text: &str, page: &Page<'_>) -> Result<End, NoEnd> {
    let text = text.trim();
    let bare_ipv6 = text.starts_with('[') && text.ends_with(']');
    if bare_ipv6 || !text.contains(':') {
        return in_two(text, "", page);
    }
    cell::end(text, page)
}

fn state_of(word: &str, protocol: Protocol) -> Option<SocketState> {
    if protocol == Protocol::Tcp { state::of(word) } else { None }
}

/// Blocks: `[TCP] C:\x\java.exe`, and indented below `PID:`, `State:`, `Local:` and `Remote:`.
pub fn blocks(page: &Page<'_>, at: usize, reading: &mut Reading, problems: &mut Vec<Problem>) -> Option<Taken> {
    let (mut next, mut ports) = (at, false);
    while let Some((lines, socket)) = block(page, next) {
        match socket {
            Ok(socket) => {
                ports |= socket.local_port.is_some();
                reading.sockets.push(socket);
            }
            Err(because) => problems.push(Problem { line: Some(number(next)), because: because.because().to_owned() }),
        }
        next += lines;
        let after = page.skip_blank(next);
        next = if block(page, after).is_some() { after } else { next };
    }
    if next == at {
        return None;
    }
    if !ports {
        problems.push(Problem { line: Some(number(at)), because: NO_PORTS.to_owned() });
    }
    Some(Taken { lines: next - at, kind: Kind::TcpvconText })
}

/// The lines of the block at `at`, and its socket.
fn block(page: &Page<'_>, at: usize) -> Option<(usize, Result<SocketRow, NoEnd>)> {
    let (protocol, path) = page.line(at).trim().strip_prefix('[')?.split_once(']')?;
    let protocol = cell::protocol(protocol)?;
    let value = |line: usize| page.line(at + line).trim().split_once(':').map(|(_, value)| value.trim());
    let pid = value(1).filter(|pid| !pid.is_empty()).and_then(cell::pid)?;
    let (state, local, remote) = (value(2)?, value(3)?, value(4)?);
    let name = path.trim().rsplit('\\').next().filter(|name| !name.is_empty()).map(|name| page.name(name));
    let ends = both(in_one(local, page), in_one(remote, page));
    let state = state_of(state, protocol);
    let socket =
        ends.map(|ends| SocketRow { state, pid: Some(pid), process: name, ..cell::row(protocol, ends, page.places(at..at + 5)) });
    Some((5, socket))
}
