//! Tables of sockets and settings as Linux, and with some of them other Unix systems, print them.

mod lsof;
mod netstat;
mod proc_net;
mod ss;
mod sysctl;

pub use lsof::lsof;
pub use netstat::netstat;
pub use proc_net::proc_net;
pub use ss::ss;
pub use sysctl::{setting, value};

use super::cell::{self, End, NoEnd};
use crate::evidence::fact::{Name, Place, Problem, SocketRow};
use crate::evidence::page::Page;
use crate::machine::{Protocol, SocketState};

/// `[fe80::1]%eth0:546` has its zone behind the bracket; the other forms are those of every table.
fn end(text: &str, page: &Page<'_>) -> Result<End, NoEnd> {
    cell::end(&text.replacen("]%", "%", 1), page)
}

/// Both ends; nothing, with a problem where they look like ends, where there is no such address or port.
fn ends(local: Result<End, NoEnd>, remote: Result<End, NoEnd>, place: &Place, problems: &mut Vec<Problem>) -> Option<(End, End)> {
    match (local, remote) {
        (Ok(local), Ok(remote)) => Some((local, remote)),
        (Err(no), _) | (_, Err(no)) => {
            problems.push(Problem { line: Some(place.line), because: no.because().to_owned() });
            None
        }
    }
}

fn row(protocol: Protocol, ends: (End, End), state: Option<SocketState>, owner: Option<(u32, Name)>, place: Place) -> SocketRow {
    let (pid, process) = owner.unzip();
    let state = state.filter(|_| protocol == Protocol::Tcp);
    SocketRow { state, pid, process, ..cell::row(protocol, ends, place) }
}

fn is_number(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit())
}
