//! HTTP.sys has the port for programs with a URL on it: those let go, or one of the two moves. HTTP.sys itself is never stopped.

use super::{listener, move_port};
use crate::diagnosis::owner::windows::urls_on;
use crate::remedy::FixOption;
use crate::remedy::evict::evict;
use crate::remedy::planner::Planner;

pub(super) fn options(planner: &Planner<'_>) -> Vec<FixOption> {
    let eviction = evict(planner, &planner.diagnosis.owners);
    let first =
        if eviction.is_automatic() { listener::give_up(planner, &eviction) } else { super::unknown::by_hand(planner, &eviction) };
    [first].into_iter().chain(other_binding(planner)).chain(move_port::option(planner)).collect()
}

/// IIS serves several sites: only the one on this port need give way.
fn other_binding(planner: &Planner<'_>) -> Option<FixOption> {
    let port = planner.port();
    urls_on(planner.snapshot, port).find(|url| url.app_pool.is_some())?;
    let mut instructions = vec![
        format!("Find the web site on the port: Get-WebBinding -Port {port}"),
        "Give it another port in IIS Manager (Bindings), or stop this one site: Stop-WebSite -Name NAME".to_owned(),
        "Stopping its application pool is not enough: HTTP.sys keeps the port and answers 503".to_owned(),
    ];
    instructions.extend(planner.start_by_hand());
    Some(planner.by_hand(
        "Give the web site another port".to_owned(),
        "The other sites of IIS stay up. Users of this site need its new port.".to_owned(),
        instructions,
        "One web site",
    ))
}
