//! What happens in the rooms.

mod audit;
mod clients;
mod commands;
mod connect;
mod cut;
mod elsewhere;
mod exclude;
mod exhausted;
mod faults;
mod fix;
mod helper;
mod listeners;
mod long_life;
mod range;
mod recorder;
mod running_out;
mod surroundings;
mod undo;
mod users;

use crate::room::{Kind, Scenario};

/// The scenarios that need a room of this kind.
pub fn of(kind: Kind) -> impl Iterator<Item = &'static Scenario> {
    let groups: &[&[Scenario]] = match kind {
        Kind::Private => &[
            clients::ALL,
            listeners::ALL,
            elsewhere::ALL,
            connect::WIRED,
            connect::NFT,
            connect::IPTABLES,
            exhausted::ALL,
            running_out::ALL,
            commands::ALL,
            exclude::ALL,
            audit::ALL,
            range::ALL,
            fix::ALL,
            helper::ALL,
            recorder::ALL,
            cut::ALL,
            faults::ALL,
            long_life::ALL,
            surroundings::ALL,
            undo::ALL,
        ],
        Kind::Shared => &[users::ALL],
    };
    groups.iter().copied().flatten()
}

/// The tools that a scenario needs beside those of every room.
pub fn tools_of(name: &str) -> &'static [&'static str] {
    let is_one_of = |group: &[Scenario]| group.iter().any(|(own, _)| *own == name);
    if is_one_of(connect::NFT) {
        &["ip", "nft"]
    } else if is_one_of(connect::IPTABLES) {
        &["ip", "iptables", "iptables-save"]
    } else if is_one_of(faults::ALL) {
        &["strace"]
    } else if is_one_of(connect::WIRED) {
        &["ip"]
    } else {
        &[]
    }
}
