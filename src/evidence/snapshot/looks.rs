//! What files tell of used up ports beside their last table: the tables before it, and events.

use jiff::SignedDuration;
use jiff::civil::DateTime;

use super::sockets::row;
use super::source;
use crate::evidence::fact::{Reading, SocketRow, TCPIP};
use crate::evidence::sections::sections;
use crate::machine::{PortEvent, Snapshot};

/// How many looks are told, the newest.
const MOST: usize = 200;

/// The looks before the last one of its file, the oldest first; `all` is that one without its sockets. The files tell the time of the place
/// where they were written, so what counts is how long before the last one each was. A look of which the time is not told is left out.
pub fn earlier_looks(reading: &Reading, all: &Snapshot) -> Vec<Snapshot> {
    let timed = timed(reading);
    let newest = &timed[timed.len().saturating_sub(MOST)..];
    let look = |(ago, rows): &(SignedDuration, &[SocketRow])| {
        let taken_at = all.taken_at.checked_sub(*ago).ok()?;
        Some(Snapshot { taken_at, sockets: rows.iter().filter_map(row).collect(), ..all.clone() })
    };
    newest.iter().filter_map(look).collect()
}

/// Whether there are looks before the last one.
pub(super) fn has_several_looks(reading: &Reading) -> bool {
    !timed(reading).is_empty()
}

/// The looks before the last one, each with how long before it was.
fn timed(reading: &Reading) -> Vec<(SignedDuration, &[SocketRow])> {
    let Some((last, end)) = reading.samples.last().and_then(|last| Some((last, time(&last.name)?))) else { return Vec::new() };
    let before = sections(&reading.samples, &reading.sockets)
        .filter(|(start, _)| start.place.file == last.place.file && start.place.line < last.place.line);
    let timed = before.filter_map(|(start, rows)| Some((end.duration_since(time(&start.name)?), rows)));
    timed.filter(|(ago, _)| *ago > SignedDuration::ZERO).collect()
}

fn time(name: &str) -> Option<DateTime> {
    name.parse().ok()
}

/// The events in which Windows says that ports ran out.
pub fn port_events(reading: &Reading) -> Vec<PortEvent> {
    let of_tcpip = reading.failures.iter().filter(|failure| failure.is_of(TCPIP));
    let events = of_tcpip.filter_map(|failure| {
        let id = failure.code.as_deref()?.parse().ok().filter(|id| PortEvent::IDS.contains(id))?;
        let time = failure.time.as_deref().and_then(|time| time.parse().ok());
        Some(PortEvent { id, time, source: source(&failure.place) })
    });
    events.collect()
}
