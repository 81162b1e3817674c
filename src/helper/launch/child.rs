//! A helper that is our child: it has the request on its standard input, and replies on its standard output.

use std::io::Read;
use std::process::{Child, Command, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::LaunchError;
use super::conversation::{Ending, LOOK, Line, spawn, talk, unstarted};
use crate::helper::protocol::{Reply, Request};
use crate::machine::visible;

/// How long a child may take to end after its last word. What a terminal or a prompt keeps open is not waited for.
const END_WITHIN: Duration = Duration::from_secs(5);
/// The most that is kept of what it complains about.
const MAX_SAID: u64 = 16 << 10;

/// How a child ended that never became the helper.
#[derive(Debug, PartialEq, Eq)]
pub struct Unheard {
    /// Its exit code.
    pub code: Option<i32>,
    /// What it complained about.
    pub said: String,
    /// Whether the user wanted to stop.
    pub cancelled: bool,
}

/// What came of it.
#[derive(Debug, PartialEq, Eq)]
pub enum Heard {
    /// The helper ran and said its last word.
    All,
    /// Whatever was to give the rights ended without it.
    Nothing(Unheard),
}

/// Runs `command` with `request` and passes on the replies.
pub fn hold(
    mut command: Command,
    request: &Request,
    cancelled: &(dyn Fn() -> bool + Sync),
    on_reply: &mut dyn FnMut(Reply),
) -> Result<Heard, LaunchError> {
    let mut child = match command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn() {
        Ok(child) => child,
        Err(error) => return Ok(Heard::Nothing(Unheard { code: None, said: error.to_string(), cancelled: false })),
    };
    let (Some(orders), Some(replies), Some(stderr)) = (child.stdin.take(), child.stdout.take(), child.stderr.take()) else {
        return Err(unstarted(&std::io::Error::other("it has no pipes")));
    };
    let complaints = spawn("helper complaints", move || {
        let mut bytes = Vec::new();
        // What came before an error is still worth having.
        let _read = stderr.take(MAX_SAID).read_to_end(&mut bytes);
        String::from_utf8_lossy(&bytes).into_owned()
    });
    let complaints = complaints.map_err(|error| unstarted(&error))?;

    let ending = talk(Line { replies, orders }, request, cancelled, &mut || child.kill(), on_reply)?;
    let code = end_of(&mut child);
    match ending {
        Ending::Complete => Ok(Heard::All),
        Ending::Broken { step } => Err(LaunchError::HelperDied { step, said: last_words(complaints) }),
        Ending::Silent { cancelled } => Ok(Heard::Nothing(Unheard { code, said: last_words(complaints), cancelled })),
    }
}

/// Waits a while for the end of the child.
fn end_of(child: &mut Child) -> Option<i32> {
    let begin = Instant::now();
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return status.code(),
            Ok(None) if begin.elapsed() < END_WITHIN => std::thread::sleep(LOOK),
            _ => return None,
        }
    }
}

/// What it complained about, on one line.
fn last_words(complaints: JoinHandle<String>) -> String {
    let begin = Instant::now();
    while !complaints.is_finished() && begin.elapsed() < END_WITHIN {
        std::thread::sleep(LOOK);
    }
    let said = if complaints.is_finished() { complaints.join().unwrap_or_default() } else { String::new() };
    let lines: Vec<String> = said.lines().map(str::trim).filter(|line| !line.is_empty()).map(visible).collect();
    if lines.is_empty() { "it said nothing".to_owned() } else { lines.join(" ") }
}

#[cfg(all(test, unix))]
mod tests {
    use std::path::Path;
    use std::process::Command;
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::{Heard, LaunchError, Reply, Request, Unheard, hold};
    use crate::helper::protocol::{Job, VERSION};
    use crate::platform::command;

    const HELLO: &str = r#"{"reply":"hello","version":1,"id":"a","user":"root"}"#;
    const STARTED: &str = r#"{"reply":"step_started","index":2}"#;
    const FINISHED: &str = r#"{"reply":"finished","entry":"20261121-1"}"#;

    fn request() -> Request {
        Request { version: VERSION, id: "a".to_owned(), job: Job::undo("x".to_owned()) }
    }

    /// A shell in the place of the helper. The three lines stand in `$HELLO`, `$STARTED` and `$FINISHED`.
    fn shell(script: &str) -> Command {
        let mut shell = command::program(Path::new("/bin/sh"));
        shell.env("HELLO", HELLO).env("STARTED", STARTED).env("FINISHED", FINISHED).args(["-c", script]);
        shell
    }

    fn hear(script: &str) -> (Result<Heard, LaunchError>, Vec<Reply>) {
        let mut replies = Vec::new();
        let heard = hold(shell(script), &request(), &|| false, &mut |reply| replies.push(reply));
        (heard, replies)
    }

    #[test]
    fn the_helper_gets_the_request_and_its_replies_are_passed_on_in_order() {
        let script = r#"read line; case $line in *'"entry":"x"'*) printf '%s\n' "$HELLO" "$STARTED" "$FINISHED";; esac"#;
        let (heard, replies) = hear(script);
        assert_eq!(heard, Ok(Heard::All));
        assert!(matches!(replies.as_slice(), [Reply::Hello { .. }, Reply::StepStarted { index: 2 }, Reply::Finished { .. }]));
    }

    #[test]
    fn a_child_that_never_becomes_the_helper_tells_its_code_and_its_complaint() {
        let (heard, replies) = hear("echo 'Request dismissed' >&2; exit 126");
        let unheard = Unheard { code: Some(126), said: "Request dismissed".to_owned(), cancelled: false };
        assert_eq!((heard, replies.len()), (Ok(Heard::Nothing(unheard)), 0));
    }

    #[test]
    fn a_program_that_is_not_there_is_a_way_that_leads_nowhere() {
        let heard = hold(command::program(Path::new("/nowhere/pkexec")), &request(), &|| false, &mut |_| {});
        assert!(matches!(heard, Ok(Heard::Nothing(Unheard { code: None, .. }))), "{heard:?}");
    }

    #[test]
    fn a_helper_that_dies_tells_in_which_step() {
        let (heard, _) = hear(r#"printf '%s\n' "$HELLO" "$STARTED"; kill -9 $$"#);
        assert!(matches!(heard, Err(LaunchError::HelperDied { step: Some(2), .. })), "{heard:?}");
    }

    #[test]
    fn an_answer_that_is_no_reply_or_belongs_to_another_request_is_not_believed() {
        for script in ["echo 'Welcome to this server!'", r#"printf '%s\n' "$HELLO" | sed s/a/b/"#, "printf 'x%.0s\\n' 1"] {
            let (heard, _) = hear(script);
            assert!(matches!(heard, Err(LaunchError::Protocol(_))), "{script}: {heard:?}");
        }
    }

    #[test]
    fn an_answer_without_end_is_not_waited_for() {
        let (heard, _) = hear("yes | tr -d '\\n'");
        assert!(matches!(heard, Ok(Heard::Nothing(_))), "{heard:?}");
    }

    #[test]
    fn a_request_that_nobody_reads_holds_nobody_up() {
        let long = Request { id: "a".repeat(1 << 20), ..request() };
        let heard = hold(shell("exit 127"), &long, &|| false, &mut |_| {});
        assert!(matches!(heard, Ok(Heard::Nothing(Unheard { code: Some(127), .. }))), "{heard:?}");
    }

    #[test]
    fn a_prompt_is_closed_when_the_user_wants_to_stop() {
        let heard = hold(shell("exec sleep 60"), &request(), &|| true, &mut |_| {});
        assert!(matches!(heard, Ok(Heard::Nothing(Unheard { cancelled: true, .. }))), "{heard:?}");
    }

    #[test]
    fn a_helper_at_work_is_asked_to_stop_and_says_its_last_word() {
        let stop = AtomicBool::new(false);
        let script = r#"read request; printf '%s\n' "$HELLO"; read word; [ "$word" = stop ] && printf '%s\n' "$FINISHED""#;
        let heard = hold(shell(script), &request(), &|| stop.load(Ordering::Acquire), &mut |reply| {
            stop.fetch_or(matches!(reply, Reply::Hello { .. }), Ordering::AcqRel);
        });
        assert_eq!(heard, Ok(Heard::All));
    }
}
