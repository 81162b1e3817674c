//! What one table says about the rows of another: processes by their number.

use std::collections::HashMap;

use super::fact::Reading;

/// Names the processes of sockets that another table names.
pub fn processes(reading: &mut Reading) {
    let named: HashMap<u32, usize> = reading.processes.iter().enumerate().map(|(index, process)| (process.pid, index)).collect();
    for socket in &mut reading.sockets {
        let Some(process) = socket.pid.and_then(|pid| named.get(&pid)).map(|index| &reading.processes[*index]) else { continue };
        socket.process.get_or_insert_with(|| process.name.clone());
        if socket.services.is_empty() {
            socket.services = process.services.clone();
        }
    }
}
