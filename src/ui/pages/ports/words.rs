//! The words of the Ports page that depend on a socket.

use std::net::IpAddr;

use crate::app::AppState;
use crate::app::ports::{Change, Known, PortRow};
use crate::machine::{Protocol, SocketState};
use crate::ui::icons::Icon;
use crate::ui::theme::Tokens;
use crate::ui::words;

/// Which socket it is.
pub fn title(row: &PortRow) -> String {
    let protocol = if row.id.protocol == Protocol::Udp { " UDP" } else { "" };
    let port = format!("Port\u{a0}{}{protocol}", row.port());
    let what = match row.id.remote {
        Some(remote) => format!("connection to {remote}"),
        None => format!("{} on {}", row.state.in_words().to_lowercase(), local(row.id.local.ip())),
    };
    let gone = if row.is_gone() { ", gone" } else { "" };
    format!("{port}, {what}{gone}")
}

fn local(address: IpAddr) -> String {
    if address.is_unspecified() { "any address".to_owned() } else { address.to_string() }
}

/// Who has it.
pub fn who(row: &PortRow) -> String {
    let holder = &row.holder;
    let mut who = row.program_in_words();
    for (before, part) in [(", ", &holder.service), (", run by ", &holder.user)] {
        if let Some(part) = part {
            who = format!("{who}{before}{part}");
        }
    }
    match row.pid() {
        Some(pid) => format!("{who}, PID\u{a0}{pid}"),
        None => who,
    }
}

/// What its state means.
pub fn meaning(state: &AppState, row: &PortRow) -> String {
    if let Change::Closed(at) = row.change {
        return format!("It was closed at {}.", words::clock(state, at));
    }
    match row.state {
        SocketState::Listen if row.v6only == Some(false) => "Waits for clients, over IPv6 and IPv4.".to_owned(),
        SocketState::Listen => "Waits for clients.".to_owned(),
        SocketState::Unconnected => "Receives from everybody.".to_owned(),
        SocketState::Bound => "Has the port and does nothing with it.".to_owned(),
        SocketState::Established if row.holder.known == Known::Nobody => "The program has not accepted it yet.".to_owned(),
        SocketState::Established => "Both sides are connected.".to_owned(),
        SocketState::SynSent => "Asked for a connection, no answer yet.".to_owned(),
        SocketState::SynReceived => "Was asked for a connection that does not stand yet.".to_owned(),
        SocketState::CloseWait => "The other side has hung up, the program has not.".to_owned(),
        SocketState::FinWait1 | SocketState::FinWait2 | SocketState::Closing | SocketState::LastAck => {
            "The program has closed it, the system finishes it.".to_owned()
        }
        SocketState::TimeWait => match row.free_at {
            Some(at) => format!("It is over, the port rests until {}.", words::clock(state, at)),
            None => "It is over, the port rests for a while.".to_owned(),
        },
    }
}

/// The icon of a state, its colour, and the colour of its word. Only what is not usual has a colour.
pub fn look(row: &PortRow, t: &Tokens) -> (Icon, eframe::egui::Color32, eframe::egui::Color32) {
    if row.is_gone() {
        return (Icon::X, t.text3, t.text3);
    }
    match row.state {
        SocketState::Listen | SocketState::Unconnected => (Icon::CircleDot, t.ok, t.text),
        SocketState::Established => (Icon::ArrowLeftRight, t.text2, t.text2),
        SocketState::SynSent | SocketState::SynReceived => (Icon::Clock, t.text2, t.text2),
        SocketState::CloseWait => (Icon::Unplug, t.warn, t.warn),
        SocketState::Bound => (Icon::Lock, t.warn, t.warn),
        _ => (Icon::Hourglass, t.text3, t.text3),
    }
}
