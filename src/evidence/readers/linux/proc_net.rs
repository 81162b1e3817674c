//! `/proc/net/tcp`, `tcp6`, `udp` and `udp6`: addresses as hexadecimal words of the processor's order (proc(5)).

use std::net::IpAddr;

use super::super::Taken;
use super::super::cell::End;
use super::row;
use crate::evidence::fact::{Address, Problem, Reading};
use crate::evidence::kind::Kind;
use crate::evidence::page::Page;
use crate::machine::{Protocol, SocketState};

/// A heading and the rows below it; the heading of UDP ends with `drops`.
pub fn proc_net(page: &Page<'_>, at: usize, reading: &mut Reading, _: &mut Vec<Problem>) -> Option<Taken> {
    let heading = page.line(at);
    if !heading.trim_start().starts_with("sl  local_address") {
        return None;
    }
    let protocol = if heading.trim_end().ends_with("drops") { Protocol::Udp } else { Protocol::Tcp };
    let mut next = at + 1;
    while let Some((local, remote, state)) = fields(page.line(next)) {
        reading.sockets.push(row(protocol, (local, remote), state, None, page.place(next)));
        next += 1;
    }
    Some(Taken { lines: next - at, kind: Kind::ProcNet })
}

fn fields(line: &str) -> Option<(End, End, Option<SocketState>)> {
    let mut words = line.split_whitespace();
    words.next()?.strip_suffix(':')?;
    Some((end(words.next()?)?, end(words.next()?)?, state(words.next()?)))
}

fn end(text: &str) -> Option<End> {
    let (address, port) = text.split_once(':')?;
    let words: Option<Vec<u32>> =
        address.as_bytes().chunks(8).map(|word| u32::from_str_radix(std::str::from_utf8(word).ok()?, 16).ok()).collect();
    let bytes: Vec<u8> = words?.into_iter().flat_map(u32::to_le_bytes).collect();
    let ip = <[u8; 4]>::try_from(&bytes[..]).map(IpAddr::from).or_else(|_| <[u8; 16]>::try_from(&bytes[..]).map(IpAddr::from));
    Some(End { address: Some(Address::Ip(ip.ok()?)), port: Some(u16::from_str_radix(port, 16).ok()?) })
}

/// The numbers of `include/net/tcp_states.h` of Linux.
fn state(text: &str) -> Option<SocketState> {
    Some(match text {
        "01" => SocketState::Established,
        "02" => SocketState::SynSent,
        "03" | "0C" => SocketState::SynReceived,
        "04" => SocketState::FinWait1,
        "05" => SocketState::FinWait2,
        "06" => SocketState::TimeWait,
        "08" => SocketState::CloseWait,
        "09" => SocketState::LastAck,
        "0A" => SocketState::Listen,
        "0B" => SocketState::Closing,
        _ => return None,
    })
}
