//! The columns that tell of sockets and processes, and what a table with them holds.

use std::borrow::Cow;

use crate::evidence::page::Page;
use crate::evidence::readers::cell;
use crate::machine::Protocol;

/// A column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// The address here.
    LocalAddress,
    /// The port here.
    LocalPort,
    /// The address at the far end.
    RemoteAddress,
    /// The port at the far end.
    RemotePort,
    /// The state of the connection.
    State,
    /// The number of the process.
    Pid,
    /// The name of the process.
    Process,
    /// The protocol.
    Protocol,
    /// The computer.
    Computer,
    /// The services in the process.
    Services,
    /// What a group of sockets has in common.
    GroupName,
    /// How many sockets a group has.
    Count,
}

impl Field {
    const COUNT: usize = 12;

    /// The column with this heading.
    pub fn of_heading(heading: &str) -> Option<Self> {
        let plain: String = heading.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
        Some(match plain.as_str() {
            "localaddress" | "localip" | "localipaddress" => Self::LocalAddress,
            "localport" => Self::LocalPort,
            "remoteaddress" | "foreignaddress" | "remoteip" | "remoteipaddress" => Self::RemoteAddress,
            "remoteport" | "foreignport" => Self::RemotePort,
            "state" => Self::State,
            "owningprocess" | "processid" | "pid" | "id" | "owningpid" => Self::Pid,
            "processname" | "process" | "imagename" | "proc" | "owningprocessname" => Self::Process,
            "protocol" | "proto" => Self::Protocol,
            "pscomputername" | "computername" => Self::Computer,
            "processservices" | "services" | "servicename" => Self::Services,
            "name" => Self::GroupName,
            "count" => Self::Count,
            _ => return None,
        })
    }
}

/// One row: a text for each column; empty where there is none.
#[derive(Debug, Clone, Default)]
pub struct Record<'a>([Cow<'a, str>; Field::COUNT]);

impl<'a> Record<'a> {
    /// Sets a column; the first one of its name counts.
    pub fn set(&mut self, field: Field, text: impl Into<Cow<'a, str>>) {
        let place = &mut self.0[field as usize];
        if place.is_empty() {
            *place = text.into();
        }
    }

    /// The text of a column.
    pub fn get(&self, field: Field) -> &str {
        &self.0[field as usize]
    }
}

/// What a table holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    /// Sockets, of the protocol that their table is about; a column may name another one.
    Sockets(Protocol),
    /// Processes.
    Processes,
    /// How many sockets are alike.
    Groups,
}

impl Holds {
    /// What a table with these columns holds; `about` is what stands above it, such as a type.
    pub fn of(fields: &[Field], page: &Page<'_>, about: &str) -> Option<Self> {
        let has = |field| fields.contains(&field);
        // Where a column names the protocol and none the port, the addresses end with their ports: that is netstat.
        if has(Field::Protocol) && has(Field::LocalAddress) && !has(Field::LocalPort) {
            return None;
        }
        if has(Field::LocalPort) || has(Field::LocalAddress) && (has(Field::RemoteAddress) || has(Field::Pid)) {
            let command = page.command.map_or("", |command| command.text);
            let named = [about, command].into_iter().find_map(protocol_of_command);
            let is_tcp = has(Field::State) || has(Field::RemotePort) || has(Field::RemoteAddress);
            return Some(Self::Sockets(named.unwrap_or(if is_tcp { Protocol::Tcp } else { Protocol::Udp })));
        }
        if has(Field::Count) && has(Field::GroupName) && !has(Field::Pid) {
            return Some(Self::Groups);
        }
        // A table of services has names and processes too, but the names are those of the services.
        let of_services =
            has(Field::State) || page.command.is_some_and(|command| command.text.to_ascii_lowercase().contains("service"));
        let named = has(Field::Process) || has(Field::GroupName) && !of_services;
        (has(Field::Pid) && named).then_some(Self::Processes)
    }
}

fn protocol_of_command(text: &str) -> Option<Protocol> {
    let text = text.to_ascii_lowercase();
    let at = |words: [&str; 2]| words.into_iter().find_map(|word| text.find(word));
    match (at(["nettcpconnection", "nettcpendpoint"]), at(["netudpendpoint", "netudpconnection"])) {
        (Some(_), None) => Some(Protocol::Tcp),
        (None, Some(_)) => Some(Protocol::Udp),
        _ => None,
    }
}

/// The protocol of a cell, where there is one.
pub fn protocol(record: &Record<'_>, holds: Protocol) -> Option<Protocol> {
    let cell = record.get(Field::Protocol).trim();
    if cell.is_empty() { Some(holds) } else { cell::protocol(cell) }
}
