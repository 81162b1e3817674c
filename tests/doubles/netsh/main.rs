//! A double of `netsh.exe` for Wine, whose own does nothing and says nothing. It behaves as Microsoft documents the tool
//! (<https://learn.microsoft.com/en-us/windows-server/administration/windows-commands/netsh-interface>): contexts and verbs may be shortened,
//! parameters stand in their order or with their names, errors go to standard output with exit code 1, and texts are in the language of the
//! display, in the code page of the console.
//!
//! What it knows is kept in `netsh-double.txt` beside it, which tests write and read. Whoever adds an exclusion for the next start has it at
//! once as well. It knows nothing of PortMedic.

mod http;
mod interface;
mod language;
mod portproxy;
mod state;
mod trace;

use std::process::ExitCode;

use language::Say;
use state::State;

/// What a command ends with: the bytes to print, or the complaint.
type Answer = Result<Vec<u8>, Say>;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    if words.first().is_some_and(|word| word == "double") {
        print(b"netsh double\r\n");
        return ExitCode::SUCCESS;
    }
    let mut state = State::load();
    let answer = if state.has("silent") { Ok(Vec::new()) } else { run(&words, &mut state) };
    match answer {
        Ok(text) => {
            if state.changed {
                state.save();
            }
            print(&text);
            ExitCode::SUCCESS
        }
        Err(complaint) => {
            print(&[state.language.text(&complaint), b"\r\n\r\n".to_vec()].concat());
            ExitCode::FAILURE
        }
    }
}

fn print(text: &[u8]) {
    use std::io::Write as _;
    // Nobody is left to tell when the reader is gone.
    let _written = std::io::stdout().write_all(text);
}

fn run(words: &[String], state: &mut State) -> Answer {
    let unknown = || Say::NotFound(words.join(" "));
    let (context, rest) = words.split_first().ok_or_else(unknown)?;
    let context = full(context, &["interface", "http", "trace"]).ok_or_else(unknown)?;
    match context {
        "http" => return http::run(rest, state).ok_or_else(unknown)?,
        "trace" => return trace::run(rest, state).ok_or_else(unknown)?,
        _ => {}
    }
    let (part, rest) = rest.split_first().ok_or_else(unknown)?;
    match full(part, &["ipv4", "ipv6", "portproxy"]).ok_or_else(unknown)? {
        "portproxy" => portproxy::run(rest, state).ok_or_else(unknown)?,
        family => interface::run(family, rest, state).ok_or_else(unknown)?,
    }
}

/// The word that `short` begins; the first one that it does.
fn full<'a>(short: &str, words: &[&'a str]) -> Option<&'a str> {
    let short = short.to_ascii_lowercase();
    words.iter().find(|word| **word == short).or_else(|| words.iter().find(|word| word.starts_with(&short))).copied()
}

/// The values of parameters that stand in their order or as `name=value`, where a name may be shortened.
fn parameters(words: &[String], names: &[&str]) -> Option<Vec<Option<String>>> {
    let mut values: Vec<Option<String>> = vec![None; names.len()];
    for (place, word) in words.iter().enumerate() {
        let (at, value) = match word.split_once('=') {
            Some((name, value)) => (names.iter().position(|own| full(name, &[own]).is_some())?, value),
            None => (place, word.as_str()),
        };
        *values.get_mut(at)? = Some(value.to_owned());
    }
    Some(values)
}
