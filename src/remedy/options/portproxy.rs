//! A portproxy rule has the port: the rule goes, the service that listens for it stays.

use super::move_port;
use crate::remedy::FixOption;
use crate::remedy::evict::evict;
use crate::remedy::planner::Planner;

pub(super) fn options(planner: &Planner<'_>) -> Vec<FixOption> {
    let eviction = evict(planner, &planner.diagnosis.owners);
    let first =
        if eviction.is_automatic() { delete(planner, eviction.steps) } else { super::unknown::by_hand(planner, &eviction) };
    std::iter::once(first).chain(move_port::option(planner)).collect()
}

fn delete(planner: &Planner<'_>, deletes: Vec<crate::remedy::Step>) -> FixOption {
    let what = if deletes.len() == 1 { "the portproxy rule" } else { "the portproxy rules" };
    let keep = planner.exclusion().into_iter().collect();
    let steps = planner.then_start(planner.in_order(keep, deletes));
    let effect = format!("Frees the port. Whoever used {what} does not reach the other side any more; other rules stay.");
    planner.option(format!("Delete {what}{}", planner.and_start()), effect, steps, "Users of the rule".to_owned())
}
