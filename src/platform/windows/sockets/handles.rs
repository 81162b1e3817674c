//! Asking Windows for the handles of processes.

use std::collections::{BTreeSet, HashMap};
use std::io;
use std::time::{Duration, Instant};

use super::super::ffi::{HandlesOf, is_administrator, look_at_all_processes, socket_without_port, with_all_handles};
use crate::machine::{Gap, Handles};
use crate::platform::windows_tables::handles::{is_of_sockets, of_same_type};
use crate::platform::windows_tables::socket_handles::{Source, count};

/// So long the handles of all processes together are looked at. One takes a few millionths of a second.
const LIMIT: Duration = Duration::from_secs(2);

/// Counts the sockets among the handles of these processes; says of whom it could not.
pub fn count_sockets(processes: &mut [Handles]) -> Vec<Gap> {
    if is_administrator() {
        // Where it is refused, so are the processes, one by one.
        let _refused_later = look_at_all_processes();
    }
    count(&Live { until: Instant::now() + LIMIT }, processes)
}

/// This Windows.
struct Live {
    until: Instant,
}

impl Source for Live {
    fn files(&self, pids: &BTreeSet<u32>) -> Result<HashMap<u32, Vec<usize>>, String> {
        // A socket of our own shows of which type handles of sockets are, and that this Windows tells their device.
        let socket = socket_without_port().map_err(|code| format!("no socket could be opened to compare with (error {code})"))?;
        let own = (std::process::id(), socket.handle());
        let device = HandlesOf::open(own.0).and_then(|process| process.device(own.1));
        let device = device.map_err(|error| format!("this Windows does not tell the device of a handle ({error})"))?;
        if !is_of_sockets(&device) {
            return Err("this Windows tells another device for a socket".to_owned());
        }
        let files = with_all_handles(|bytes| of_same_type(bytes, own, pids));
        let files = files.map_err(|error| format!("Windows did not list the handles ({error})"))?;
        files.ok_or_else(|| "the list of handles that Windows gave is not whole".to_owned())
    }

    fn sockets(&self, pid: u32, handles: &[usize]) -> io::Result<Option<u32>> {
        let process = HandlesOf::open(pid)?;
        let mut sockets = 0;
        for handle in handles {
            if Instant::now() >= self.until {
                return Ok(None);
            }
            sockets += u32::from(is_of_sockets(&process.device(*handle)?));
        }
        Ok(Some(sockets))
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::ffi::socket_without_port;
    use super::count_sockets;
    use crate::machine::Handles;

    #[test]
    fn our_own_sockets_are_counted_or_the_reason_is_said() {
        let row = || Handles { pid: std::process::id(), process: Some("own.exe".to_owned()), handles: 1, sockets: None };
        let (mut before, mut after) = ([row()], [row()]);
        let gaps = count_sockets(&mut before);
        let own: Vec<_> = (0..200).map(|_| socket_without_port().unwrap()).collect();
        let _same = count_sockets(&mut after);
        match (before[0].sockets, after[0].sockets) {
            // Tests beside this one have a few sockets as well.
            (Some(before), Some(after)) => assert!((150..=250).contains(&(after - before)), "{before} and {after}"),
            // Wine does not tell the device.
            _ => assert!(gaps[0].because.contains("does not tell the device of a handle"), "{gaps:?}"),
        }
        assert_eq!(own.len(), 200);
    }
}
