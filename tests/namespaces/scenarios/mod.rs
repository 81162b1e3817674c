//! What happens in the rooms.

mod clients;
mod commands;
mod elsewhere;
mod exhausted;
mod helper;
mod listeners;
mod users;

use crate::room::Scenario;

/// The scenarios of one user, who has all rights.
pub fn for_anyone() -> Box<dyn Iterator<Item = &'static Scenario>> {
    let all = [clients::ALL, listeners::ALL, elsewhere::ALL, exhausted::ALL, commands::ALL, helper::ALL];
    Box::new(all.into_iter().flatten())
}

/// The scenarios of several users.
pub fn for_root() -> Box<dyn Iterator<Item = &'static Scenario>> {
    Box::new(users::ALL.iter())
}
