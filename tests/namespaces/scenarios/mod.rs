//! What happens in the rooms.

mod audit;
mod clients;
mod commands;
mod cut;
mod elsewhere;
mod exclude;
mod exhausted;
mod fix;
mod helper;
mod listeners;
mod range;
mod recorder;
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
            exhausted::ALL,
            commands::ALL,
            exclude::ALL,
            audit::ALL,
            range::ALL,
            fix::ALL,
            helper::ALL,
            recorder::ALL,
            cut::ALL,
            undo::ALL,
        ],
        Kind::Shared => &[users::ALL],
    };
    groups.iter().copied().flatten()
}
