//! The socket table as JSON, one socket after another: it is never in memory as a whole.

use serde::ser::SerializeSeq;
use serde::{Serialize, Serializer};

use super::Arguments;
use crate::machine::{Container, Gap, Snapshot, Socket, unit_of};
use crate::platform::SocketTable;

/// The answer as `portmedic.ports/1`.
#[derive(Serialize)]
pub struct Answer<'a> {
    schema: &'static str,
    sockets: Rows<'a>,
    gaps: &'a [Gap],
}

impl<'a> Answer<'a> {
    /// The sockets of this table that are asked for.
    pub fn new(table: &'a SocketTable, arguments: &'a Arguments) -> Self {
        Self { schema: "portmedic.ports/1", sockets: Rows { table, arguments }, gaps: &table.look.gaps }
    }
}

struct Rows<'a> {
    table: &'a SocketTable,
    arguments: &'a Arguments,
}

impl Serialize for Rows<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut rows = serializer.serialize_seq(None)?;
        let mut written = Ok(());
        self.table.sockets.each(0..self.table.sockets.count(), &mut |socket| {
            if written.is_ok() && self.arguments.shows(socket) {
                written = rows.serialize_element(&Row { socket, owners: holders(&self.table.look, socket) });
            }
        });
        written?;
        rows.end()
    }
}

/// A socket and who has it.
#[derive(Serialize)]
struct Row<'a> {
    #[serde(flatten)]
    socket: &'a Socket,
    owners: Vec<Holder<'a>>,
}

/// One process that has a socket, or what the socket's control group tells where no process was seen.
#[derive(Serialize)]
struct Holder<'a> {
    pid: Option<u32>,
    process: Option<&'a str>,
    exe: Option<&'a str>,
    user: Option<&'a str>,
    service: Option<&'a str>,
    container: Option<&'a Container>,
}

fn holders<'a>(look: &'a Snapshot, socket: &'a Socket) -> Vec<Holder<'a>> {
    if socket.pids.is_empty() {
        let service = socket.cgroup.as_deref().and_then(unit_of).map(|unit| unit.name);
        let nobody = Holder { pid: None, process: None, exe: None, user: None, service, container: None };
        return if service.is_some() { vec![nobody] } else { Vec::new() };
    }
    let holder = |pid: &u32| {
        let process = look.processes.get(pid);
        Holder {
            pid: Some(*pid),
            process: process.map(|process| process.name.as_str()),
            exe: process.and_then(|process| process.exe.as_deref()),
            user: process.and_then(|process| process.user.as_deref()),
            service: process.and_then(|process| process.service.as_deref()),
            container: process.and_then(|process| process.container.as_ref()),
        }
    };
    socket.pids.iter().map(holder).collect()
}
