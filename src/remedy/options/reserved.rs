//! The range is reserved for another: its owner gives it back, or the service moves.

use super::move_port;
use crate::remedy::FixOption;
use crate::remedy::planner::Planner;

pub(super) fn options(planner: &Planner<'_>) -> Vec<FixOption> {
    let free = planner.by_hand(
        "Free the reserved range".to_owned(),
        "The port can be asked for again. Whoever reserved the range takes another one.".to_owned(),
        vec![
            "Stop what reserved the range (for ranges of Hyper-V and WSL: net stop winnat)".to_owned(),
            format!("Exclude port {} so that no such range covers it again", planner.port()),
            "Start what was stopped again (net start winnat)".to_owned(),
        ],
        "Networks of virtual machines and containers",
    );
    std::iter::once(free).chain(move_port::option(planner)).collect()
}
