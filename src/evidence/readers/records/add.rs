//! From a row with named columns to facts.

use std::ops::Range;

use super::field::{Field, Holds, Record, protocol};
use super::group::counted;
use crate::evidence::computers;
use crate::evidence::fact::{Names, Problem, ProcessNamed, Reading, SocketRow};
use crate::evidence::page::{Page, number};
use crate::evidence::readers::cell::{self, End, NoEnd};
use crate::evidence::readers::state;
use crate::machine::{Protocol, SocketState};

/// Adds what a row tells; the problem where it cannot be read.
pub fn add(
    record: &Record<'_>,
    holds: Holds,
    page: &Page<'_>,
    lines: Range<usize>,
    reading: &mut Reading,
    problems: &mut Vec<Problem>,
) {
    if !record.get(Field::Computer).trim().is_empty() {
        computers::begin(page, lines.start, record.get(Field::Computer).trim(), reading);
    }
    match holds {
        Holds::Processes => reading.processes.extend(process(record, page, lines)),
        Holds::Groups => match counted(record, page) {
            Ok(counted) => reading.counted.extend(counted),
            Err(because) => problems.push(Problem { line: Some(number(lines.start)), because: because.to_owned() }),
        },
        Holds::Sockets(protocol) => match socket(record, protocol, page, lines.clone()) {
            Ok(socket) => reading.sockets.push(socket),
            Err(because) => problems.push(Problem { line: Some(number(lines.start)), because: because.to_owned() }),
        },
    }
}

fn process(record: &Record<'_>, page: &Page<'_>, lines: Range<usize>) -> Option<ProcessNamed> {
    let name =
        [Field::Process, Field::GroupName].into_iter().map(|field| record.get(field).trim()).find(|name| !name.is_empty())?;
    let pid = cell::pid(record.get(Field::Pid)).filter(|_| !record.get(Field::Pid).trim().is_empty())?;
    Some(ProcessNamed { pid, name: page.name(name), services: services(record, page), place: page.places(lines) })
}

fn socket(record: &Record<'_>, table: Protocol, page: &Page<'_>, lines: Range<usize>) -> Result<SocketRow, &'static str> {
    let Some(protocol) = protocol(record, table) else { return Err("this row has a protocol that is neither TCP nor UDP") };
    let address = |field| cell::address(record.get(field), page).map_err(NoEnd::because);
    let port = |field| cell::port(record.get(field)).map_err(NoEnd::because);
    let pid_cell = record.get(Field::Pid).trim();
    let pid = if pid_cell.is_empty() { None } else { cell::pid(pid_cell) };
    let remote_port = port(Field::RemotePort)?;
    let local = End { address: address(Field::LocalAddress)?, port: port(Field::LocalPort)? };
    let remote = End { address: address(Field::RemoteAddress)?, port: remote_port };
    Ok(SocketRow {
        state: if protocol == Protocol::Tcp { state_of(record.get(Field::State), remote_port == Some(0)) } else { None },
        pid,
        process: Some(record.get(Field::Process)).filter(|name| is_process(name, pid)).map(|name| page.name(name)),
        services: services(record, page),
        ..cell::row(protocol, (local, remote), page.places(lines))
    })
}

/// CurrPorts calls what it does not know `Unknown`.
fn is_process(name: &str, pid: Option<u32>) -> bool {
    let unknown = pid == Some(0) && name == "Unknown";
    !(name.trim().is_empty() || unknown)
}

fn state_of(cell: &str, to_nobody: bool) -> Option<SocketState> {
    let cell = cell.trim();
    match cell.parse() {
        Ok(number) => state::of_number(number),
        Err(_) => state::of_cut(cell).or_else(|| (to_nobody && !cell.is_empty()).then_some(SocketState::Listen)),
    }
}

fn services(record: &Record<'_>, page: &Page<'_>) -> Names {
    let names = record.get(Field::Services).split([',', ';']).map(str::trim).filter(|name| !name.is_empty());
    names.map(|name| page.name(name)).collect()
}
