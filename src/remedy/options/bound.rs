//! A program keeps the port without listening: there is no connection to close, so the program itself has to let go.

use super::client::{around_the_holder, end_process};
use super::move_port;
use crate::remedy::FixOption;
use crate::remedy::evict::evict;
use crate::remedy::planner::Planner;

pub(super) fn options(planner: &Planner<'_>) -> Vec<FixOption> {
    let mut options: Vec<FixOption> = around_the_holder(planner).into_iter().chain(end_process(planner)).collect();
    if options.is_empty() {
        options.push(super::unknown::by_hand(planner, &evict(planner, &planner.diagnosis.owners)));
    }
    options.extend(move_port::option(planner));
    options
}
