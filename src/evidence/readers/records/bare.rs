//! Tables of CurrPorts and TCPView without a heading: their columns are known by their places.

use csv::StringRecord;

use super::add::add;
use super::field::{Field, Holds, Record};
use crate::evidence::fact::{Problem, Reading};
use crate::evidence::kind::Kind;
use crate::evidence::page::Page;
use crate::evidence::readers::delimited::{Rows, first_row};
use crate::evidence::readers::{Taken, cell, state};
use crate::machine::Protocol;

/// Where each column stands.
type Layout = &'static [(usize, Field)];

/// CurrPorts writes no heading unless it is asked to.
const CURR_PORTS: Layout = &[
    (0, Field::Process),
    (1, Field::Pid),
    (2, Field::Protocol),
    (3, Field::LocalPort),
    (5, Field::LocalAddress),
    (6, Field::RemotePort),
    (8, Field::RemoteAddress),
    (10, Field::State),
];
/// TCPView from version 4 on.
const TCP_VIEW: Layout = &[
    (0, Field::Process),
    (1, Field::Pid),
    (2, Field::Protocol),
    (3, Field::State),
    (4, Field::LocalAddress),
    (5, Field::LocalPort),
    (6, Field::RemoteAddress),
    (7, Field::RemotePort),
];
/// TCPView up to version 3.
const OLD_TCP_VIEW: Layout = &[
    (0, Field::Process),
    (1, Field::Pid),
    (2, Field::Protocol),
    (3, Field::LocalAddress),
    (4, Field::LocalPort),
    (5, Field::RemoteAddress),
    (6, Field::RemotePort),
    (7, Field::State),
];

/// Rows that begin with a process, its number and a protocol.
pub fn bare(page: &Page<'_>, at: usize, reading: &mut Reading, problems: &mut Vec<Problem>) -> Option<Taken> {
    let line = page.line(at);
    if line.len() > 4096 || !(line.contains("TCP") || line.contains("UDP")) {
        return None;
    }
    let delimiter = if line.contains('\t') { b'\t' } else { b',' };
    let (layout, kind) = layout(&first_row(page, at, delimiter)?, delimiter, page)?;
    let (mut rows, mut row, mut next) = (Rows::new(page, at, delimiter), StringRecord::new(), at);
    while let Some(lines) = rows.read(&mut row) {
        if row.get(2).and_then(cell::protocol).is_none() {
            break;
        }
        next = lines.end;
        let mut record = Record::default();
        for (place, field) in layout {
            record.set(*field, row.get(*place).unwrap_or_default());
        }
        add(&record, Holds::Sockets(Protocol::Tcp), page, lines, reading, problems);
    }
    Some(Taken { lines: (next - at).max(1), kind })
}

fn layout(row: &StringRecord, delimiter: u8, page: &Page<'_>) -> Option<(Layout, Kind)> {
    let cell_at = |place: usize| row.get(place).unwrap_or_default();
    let number = |place: usize| !cell_at(place).is_empty() && cell::pid(cell_at(place)).is_some();
    let address = |place: usize| matches!(cell::address(cell_at(place), page), Ok(Some(_)));
    if !number(1) || cell::protocol(cell_at(2)).is_none() {
        return None;
    }
    if number(3) && address(5) && row.len() >= 10 {
        return Some((CURR_PORTS, if delimiter == b'\t' { Kind::CurrPortsTab } else { Kind::CurrPorts }));
    }
    if delimiter != b'\t' {
        return None;
    }
    if row.len() >= 7 && (state::of(cell_at(3)).is_some() || cell_at(3).is_empty()) {
        return Some((TCP_VIEW, Kind::TcpView));
    }
    (row.len() >= 6).then_some((OLD_TCP_VIEW, Kind::TcpView))
}
