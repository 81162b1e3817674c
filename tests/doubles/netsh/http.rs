//! `netsh http show servicestate view=requestq`: the queues of HTTP.sys.

use crate::state::State;
use crate::{Answer, full};

/// Runs one command; `None` where there is no such.
pub fn run(words: &[String], state: &State) -> Option<Answer> {
    let [verb, what, ..] = words else { return None };
    full(verb, &["show"])?;
    full(what, &["servicestate"])?;
    let mut text = b"\r\nSnapshot of HTTP service state (Request Queue View):\r\n".to_vec();
    text.extend(b"-----------------------------------------------------\r\n\r\n");
    for queue in &state.queues {
        let [name, controller, pids, urls @ ..] = queue.as_slice() else { continue };
        let name = if name == "-" { "Request queue is unnamed." } else { name };
        let pids: Vec<&str> = pids.split(',').filter(|pid| *pid != "-").collect();
        text.extend(format!("Request queue name: {name}\r\n    Version: 2.0\r\n    State: Active\r\n").bytes());
        text.extend(b"    Request queue 503 verbosity level: Limited\r\n    Max requests: 1000\r\n");
        text.extend(format!("    Number of active processes attached: {}\r\n", pids.len()).bytes());
        if controller != "-" {
            text.extend(format!("    Controller process ID: {controller}\r\n").bytes());
        }
        text.extend(b"    Process IDs:\r\n");
        text.extend(pids.iter().flat_map(|pid| format!("        {pid}\r\n").into_bytes()));
        text.extend(b"\r\n    URL groups:\r\n    URL group ID: FE00000040000001\r\n        State: Active\r\n");
        text.extend(
            format!("        Request queue name: {name}\r\n        Number of registered URLs: {}\r\n", urls.len()).bytes(),
        );
        text.extend(b"        Registered URLs:\r\n");
        text.extend(urls.iter().flat_map(|url| format!("            {url}\r\n").into_bytes()));
        text.extend(b"\r\n");
    }
    Some(Ok(text))
}
