//! What tells of used up ports beside the sockets: handles of processes, and what the event log says.

use std::cmp::Reverse;

use super::super::ffi::{WindowsEventLog, processes};
use super::handles::count_sockets;
use crate::machine::{Gap, Handles, Snapshot};
use crate::platform::windows_text::services::event_log::port_events;

/// How many processes are told: those with the most handles.
const MOST: usize = 12;

/// Adds the handles of the processes that have the most, and the events of the last day.
pub fn look(snapshot: &mut Snapshot) {
    match processes() {
        Ok(all) => {
            let mut most: Vec<_> = all.into_values().collect();
            most.sort_by_key(|own| (Reverse(own.handles), own.pid));
            most.truncate(MOST);
            let told = |own: crate::platform::windows_tables::processes::Listed| {
                let process = Some(own.name).filter(|name| !name.is_empty());
                Handles { pid: own.pid, process, handles: own.handles, sockets: None }
            };
            snapshot.load.handles = most.into_iter().map(told).collect();
        }
        Err(error) => {
            let because = format!("Windows did not list its processes ({error})");
            snapshot.gaps.push(Gap::new("how many handles each process has", because, "Task Manager, Details, column Handles"));
        }
    }
    let gaps = count_sockets(&mut snapshot.load.handles);
    Gap::add(&mut snapshot.gaps, gaps);
    let (events, gaps) = port_events(&WindowsEventLog);
    snapshot.load.events = events;
    Gap::add(&mut snapshot.gaps, gaps);
}
