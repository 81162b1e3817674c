//! Sees that the facts of a practice machine fit together: whoever writes one is told the line, what is wrong and what to do.

use std::collections::BTreeSet;

use toml::Spanned;

use super::form::{Form, SocketForm, StoreForm};
use crate::machine::{ServiceState, System};

/// What is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    /// The place in the text, in bytes.
    pub at: usize,
    /// What is wrong and what to do about it.
    pub what: String,
}

/// The first thing that does not fit.
pub fn check(form: &Form) -> Result<(), Wrong> {
    processes(form)?;
    services(form)?;
    sockets(form)?;
    ranges(form)?;
    windows(form)?;
    behaviour(form)
}

fn wrong<T>(entry: &Spanned<T>, what: impl Into<String>) -> Wrong {
    Wrong { at: entry.span().start, what: what.into() }
}

fn processes(form: &Form) -> Result<(), Wrong> {
    let mut pids = BTreeSet::new();
    for entry in &form.process {
        let process = entry.get_ref();
        if process.pid == 0 {
            return Err(wrong(entry, format!("{} has the PID 0, which no process has; give it another", process.name)));
        }
        if !pids.insert(process.pid) {
            return Err(wrong(entry, format!("two processes have the PID {}; give one of them another", process.pid)));
        }
    }
    for entry in &form.process {
        let process = entry.get_ref();
        if let Some(parent) = process.parent.filter(|parent| !is_process(form, *parent)) {
            return Err(wrong(entry, format!("its parent {parent} is no process; add a [[process]] with this pid")));
        }
        if let Some(service) = process.service.as_ref().filter(|service| !is_service(form, service)) {
            return Err(wrong(entry, format!("it belongs to {service}, which is no service; add a [[service]] with this name")));
        }
    }
    Ok(())
}

fn services(form: &Form) -> Result<(), Wrong> {
    let mut names = BTreeSet::new();
    for entry in &form.service {
        let service = entry.get_ref();
        if !names.insert(&service.name) {
            return Err(wrong(entry, format!("two services are called {}; rename one of them", service.name)));
        }
        let is_unit = service.name.ends_with(".service") || service.name.ends_with(".socket");
        if (form.host.system == System::Linux) != is_unit {
            let form = if is_unit { "without .service or .socket on Windows" } else { "with .service or .socket on Linux" };
            return Err(wrong(entry, format!("\"{}\" is no name of a service here; write it {form}", service.name)));
        }
        let is_socket = service.name.ends_with(".socket");
        let runs = service.state == ServiceState::Running && !is_socket;
        match service.main_pid {
            None if runs => {
                return Err(wrong(entry, format!("{} runs without a process; give it a main_pid", service.name)));
            }
            Some(pid) if !form.process.iter().any(|process| process.get_ref().pid == pid) => {
                let what = format!("the main process {pid} of {} is no process; add a [[process]] with this pid", service.name);
                return Err(wrong(entry, what));
            }
            _ => {}
        }
        if service.state == ServiceState::Failed && service.log.is_empty() {
            return Err(wrong(entry, format!("{} failed and logged nothing; give it the lines of its log", service.name)));
        }
        if is_socket && service.port.is_empty() {
            return Err(wrong(entry, format!("{} listens on nothing; give it a [[service.port]]", service.name)));
        }
        if let Some(linked) = service.linked.iter().find(|linked| !is_service(form, linked)) {
            return Err(wrong(
                entry,
                format!("it is linked with {linked}, which is no service; add a [[service]] with this name"),
            ));
        }
    }
    Ok(())
}

fn sockets(form: &Form) -> Result<(), Wrong> {
    for entry in &form.socket {
        let socket = entry.get_ref();
        if socket.local.port() == 0 {
            return Err(wrong(entry, "the local port is 0, and ports begin at 1"));
        }
        holders(form, entry, &socket.pids)?;
        fits_its_state(entry)?;
    }
    for entry in &form.socket_block {
        holders(form, entry, &entry.get_ref().pids)?;
    }
    for entry in &form.flow {
        holders(form, entry, &[entry.get_ref().pid])?;
    }
    Ok(())
}

fn holders<T>(form: &Form, entry: &Spanned<T>, pids: &[u32]) -> Result<(), Wrong> {
    match pids.iter().find(|pid| !is_process(form, **pid)) {
        Some(pid) => Err(wrong(entry, format!("it belongs to PID {pid}, which is no process; add a [[process]] with this pid"))),
        None => Ok(()),
    }
}

fn fits_its_state(entry: &Spanned<SocketForm>) -> Result<(), Wrong> {
    let socket = entry.get_ref();
    let state = socket.state;
    let is_over = state.is_closing();
    if (state.is_connected() || is_over) != socket.remote.is_some() {
        let what = if socket.remote.is_some() { "has no far end; leave remote out" } else { "has a far end; give it a remote" };
        return Err(wrong(entry, format!("a socket in the state {state} {what}")));
    }
    if is_over && !socket.pids.is_empty() {
        return Err(wrong(entry, format!("no process has a socket in the state {state} any more; leave pids out")));
    }
    if !is_over && socket.pids.is_empty() {
        return Err(wrong(entry, format!("somebody must have a socket in the state {state}; give it pids")));
    }
    if socket.reconnects_after.is_some() && !state.is_connected() {
        return Err(wrong(entry, "only a connection can be made again; leave reconnects_after out"));
    }
    Ok(())
}

fn ranges(form: &Form) -> Result<(), Wrong> {
    let linux = form.host.system == System::Linux;
    for entry in &form.dynamic_range {
        let row = entry.get_ref();
        if linux && (row.protocol.is_some() || row.family.is_some()) {
            return Err(wrong(entry, "Linux has one dynamic range for everything; leave protocol and family out"));
        }
    }
    if !form.dynamic_range.is_empty() && form.dynamic_range.iter().all(|entry| entry.get_ref().store == StoreForm::Persistent) {
        return Err(wrong(&form.dynamic_range[0], "no dynamic range is in force; add one with store = \"active\""));
    }
    for entry in &form.exclusion {
        let row = entry.get_ref();
        if linux && (row.protocol.is_some() || !row.administered) {
            let what = "Linux has one list for both protocols, and none whose ports cannot be asked for; leave protocol and administered out";
            return Err(wrong(entry, what));
        }
    }
    Ok(())
}

fn windows(form: &Form) -> Result<(), Wrong> {
    let Some(entry) = &form.windows else { return Ok(()) };
    let facts = entry.get_ref();
    if form.host.system == System::Linux {
        return Err(wrong(entry, "[windows] tells what only Windows has; leave it out on Linux"));
    }
    for url in &facts.http_sys {
        if url.port().is_none() {
            return Err(wrong(entry, format!("\"{}\" is no URL of HTTP.sys; write it as http://+:80/", url.url)));
        }
        holders(form, entry, &url.pids)?;
    }
    Ok(())
}

fn behaviour(form: &Form) -> Result<(), Wrong> {
    if form.behaviour.step.iter().any(|step| step.number == 0) {
        return Err(Wrong { at: 0, what: "[[behaviour.step]]: steps are counted from 1".to_owned() });
    }
    Ok(())
}

/// The first process is there although nobody writes it down.
fn is_process(form: &Form, pid: u32) -> bool {
    let first = if form.host.system == System::Linux { 1 } else { 4 };
    pid == first || form.process.iter().any(|entry| entry.get_ref().pid == pid)
}

fn is_service(form: &Form, name: &str) -> bool {
    form.service.iter().any(|entry| entry.get_ref().name == name)
}
