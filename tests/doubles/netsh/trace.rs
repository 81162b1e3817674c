//! `netsh trace`: one at a time, with a file. Whether one runs is told with the name of the file; that none does is an error.

use std::path::Path;

use crate::language::Say;
use crate::state::State;
use crate::{Answer, full};

/// Runs one command; `None` where there is no such.
pub fn run(words: &[String], state: &mut State) -> Option<Answer> {
    let (verb, rest) = words.split_first()?;
    let answer = match full(verb, &["show", "start", "stop"])? {
        "show" if rest.first().is_some_and(|what| full(what, &["status"]).is_some()) => {
            let told = |file: &String| Ok(state.language.trace_status(file));
            state.trace.as_ref().map_or(Err(Say::NoTrace), told)
        }
        "start" => start(rest, state)?,
        "stop" => {
            let ends = !state.has("lies") && state.trace.is_some();
            let was = state.trace.clone();
            if ends {
                state.trace = None;
                state.changed = true;
            }
            was.map_or(Err(Say::NoTrace), |_| Ok(state.language.ok()))
        }
        _ => return None,
    };
    Some(answer)
}

fn start(words: &[String], state: &mut State) -> Option<Answer> {
    let value = |name: &str| words.iter().find_map(|word| word.strip_prefix(name)?.strip_prefix('='));
    let file = value("tracefile")?;
    value("scenario")?;
    if state.has("denied") {
        return Some(Err(Say::Denied));
    }
    // It makes no folder.
    let has_folder = Path::new(file).parent().is_some_and(Path::is_dir);
    if state.trace.is_some() || !has_folder {
        return Some(Err(if has_folder { Say::TraceRuns } else { Say::NoSuchThing }));
    }
    if !state.has("lies") {
        state.trace = Some(file.to_owned());
        state.changed = true;
    }
    Some(Ok(state.language.ok()))
}
