//! One attempt to connect. Windows does not tell a program of the ICMP message that ended it, only of the error.

use std::io::{self, ErrorKind};
use std::net::{SocketAddr, TcpStream};
use std::time::Instant;

use windows::Win32::Networking::WinSock::{
    WSAEACCES, WSAEADDRNOTAVAIL, WSAECONNABORTED, WSAECONNREFUSED, WSAECONNRESET, WSAEHOSTUNREACH, WSAENETUNREACH, WSAENOBUFS,
    WSAETIMEDOUT,
};

use crate::machine::connect::{Opening, Probe, ProbeResult};
use crate::platform::network::Patience;
use crate::platform::network::greeting::greet;

/// Connects once, and hears how the other side begins to speak.
pub fn probe(to: SocketAddr, opening: Option<Opening>, patience: &Patience<'_>) -> Probe {
    let begin = Instant::now();
    let limit = patience.limit;
    let attempt = patience.for_call("connect", move || TcpStream::connect_timeout(&to, limit));
    let took_ms = u32::try_from(begin.elapsed().as_millis()).unwrap_or(u32::MAX);
    let mut probe = Probe { to, result: ProbeResult::Accepted, told_by: None, error: None, took_ms, greeting: None };
    match attempt {
        Some(Ok(stream)) => probe.greeting = opening.map(|opening| greet(stream, opening, patience)),
        Some(Err(error)) => {
            probe.result = result(&error);
            probe.error = Some(error.to_string());
        }
        None => {
            probe.result = ProbeResult::TimedOut;
            probe.error = Some(format!("no answer within {:.1} s", limit.as_secs_f32()));
        }
    }
    probe
}

fn result(error: &io::Error) -> ProbeResult {
    let is = |code: windows::Win32::Networking::WinSock::WSA_ERROR| error.raw_os_error() == Some(code.0);
    match () {
        () if is(WSAECONNREFUSED) => ProbeResult::Refused,
        () if is(WSAETIMEDOUT) || error.kind() == ErrorKind::TimedOut => ProbeResult::TimedOut,
        () if is(WSAEHOSTUNREACH) => ProbeResult::HostUnreachable,
        () if is(WSAENETUNREACH) => ProbeResult::NetworkUnreachable,
        () if is(WSAECONNRESET) || is(WSAECONNABORTED) => ProbeResult::Reset,
        () if is(WSAEACCES) => ProbeResult::Forbidden,
        () if is(WSAEADDRNOTAVAIL) || is(WSAENOBUFS) => ProbeResult::NoLocalPort,
        () => ProbeResult::Other,
    }
}
