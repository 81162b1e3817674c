//! `netsh interface portproxy`: the rules, which it keeps in the registry as the real one does.

use std::process::{Command, Stdio};

use crate::language::Say;
use crate::state::State;
use crate::{Answer, full, parameters};

const KINDS: [&str; 4] = ["v4tov4", "v4tov6", "v6tov4", "v6tov6"];

/// Runs one command; `None` where there is no such.
pub fn run(words: &[String], state: &State) -> Option<Answer> {
    let [verb, kind, rest @ ..] = words else { return None };
    let (verb, kind) = (full(verb, &["add", "delete"])?, full(kind, &KINDS)?);
    let key = format!(r"HKLM\SYSTEM\CurrentControlSet\Services\PortProxy\{kind}\tcp");
    let names: &[&str] = if verb == "add" {
        &["listenport", "connectaddress", "connectport", "listenaddress"]
    } else {
        &["listenport", "listenaddress"]
    };
    let values = parameters(rest, names)?;
    let value = |name: &str| values[names.iter().position(|own| *own == name)?].clone();
    let listens = format!("{}/{}", value("listenaddress").unwrap_or_else(|| "*".to_owned()), value("listenport")?);
    if state.has("denied") {
        return Some(Err(Say::Denied));
    }
    if state.has("lies") {
        return Some(Ok(state.language.ok()));
    }
    let done = if verb == "add" {
        let port = value("connectport").or_else(|| value("listenport"))?;
        let connects = format!("{}/{port}", value("connectaddress")?);
        reg(&["add", &key, "/v", &listens, "/t", "REG_SZ", "/d", &connects, "/f"])
    } else {
        reg(&["delete", &key, "/v", &listens, "/f"])
    };
    Some(if done { Ok(state.language.ok()) } else { Err(Say::NoSuchThing) })
}

#[expect(clippy::disallowed_methods, reason = "the double is a program of its own and has no platform")]
fn reg(arguments: &[&str]) -> bool {
    let mut command = Command::new("reg");
    let done = command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    done.is_ok_and(|status| status.success())
}
