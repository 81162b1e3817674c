//! A program keeps the port without listening: there is no connection to close, so the program itself has to let go.

use super::client::around_the_holder;
use super::{listener, move_port};
use crate::remedy::FixOption;
use crate::remedy::evict::evict;
use crate::remedy::planner::Planner;

pub(super) fn options(planner: &Planner<'_>) -> Vec<FixOption> {
    let eviction = evict(planner, &planner.diagnosis.owners);
    let first = match around_the_holder(planner) {
        Some(around) => around,
        None if eviction.is_automatic() => listener::give_up(planner, &eviction),
        None => super::unknown::by_hand(planner, &eviction),
    };
    std::iter::once(first).chain(move_port::option(planner)).collect()
}
