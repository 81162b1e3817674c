//! A finished connection rests on the port: it goes by itself, or it is closed for good.

use super::client::{close_all, connections};
use crate::diagnosis::Confidence;
use crate::remedy::FixOption;
use crate::remedy::planner::Planner;

pub(super) fn options(planner: &Planner<'_>) -> Vec<FixOption> {
    let mut options = Vec::new();
    // Not certain means that the system gives the port to servers that set SO_REUSEADDR, as most do: the start may just work.
    let may_just_start = planner.diagnosis.verdict.confidence != Confidence::Certain;
    if may_just_start {
        options.extend(just_start(planner));
    }
    options.extend(close(planner));
    options.push(wait(planner));
    options
}

fn just_start(planner: &Planner<'_>) -> Option<FixOption> {
    let start = planner.start()?;
    let name = planner.server();
    let effect = format!("{name} gets the port at once where it sets SO_REUSEADDR, as most servers do.");
    let steps = planner.keep().into_iter().chain([start]).collect();
    Some(planner.option(format!("Start {name}"), effect, steps, "Nothing".to_owned()))
}

fn close(planner: &Planner<'_>) -> Option<FixOption> {
    let closing = close_all(planner)?;
    let keep = planner.keep();
    let title = match closing.len() {
        1 => "Close what rests on the port".to_owned(),
        _ => format!("Close {} that rest on the port", connections(closing.len())),
    };
    let title = format!("{title}{}{}", planner.and_keep(), planner.and_start());
    let steps = planner.then_start(keep.into_iter().chain(closing).collect());
    let effect = "The connection is over, so nobody loses anything. Late packets of it are answered with a reset.";
    Some(planner.option(title, effect.to_owned(), steps, "Nothing".to_owned()))
}

fn wait(planner: &Planner<'_>) -> FixOption {
    let sockets = planner.snapshot.sockets_on(planner.port(), planner.protocol());
    let longest = sockets.filter(|socket| socket.state.is_closing()).filter_map(|socket| socket.expires_ms).max();
    let usual = if planner.is_linux() { "a minute" } else { "four minutes" };
    let wait = longest.map_or_else(|| usual.to_owned(), |ms| format!("{} seconds", ms.div_ceil(1000)));
    let mut instructions = vec![format!("Wait {wait}")];
    instructions.extend(planner.start_by_hand());
    let effect =
        "The port frees itself. Nothing is changed, and a client can take the port again where it lies in the dynamic range.";
    planner.by_hand(format!("Wait {wait}"), effect.to_owned(), instructions, "Nothing")
}
