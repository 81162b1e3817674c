//! Talks with a helper that runs as a child: writes the request, reads replies line by line, asks it to stop, and takes note of its end.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, Instant};

use super::LaunchError;
use crate::helper::protocol::{MAX_LINE, Reply, Request, STOP, VERSION};
use crate::machine::visible;

/// How often it is looked whether the user wants to stop.
const LOOK: Duration = Duration::from_millis(50);
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

/// How far the helper came.
#[derive(Default)]
struct Progress {
    hello: bool,
    over: bool,
    step: Option<usize>,
}

/// Runs `command` with `request` and passes on the replies.
pub fn hold(
    mut command: Command,
    request: &Request,
    cancelled: &(dyn Fn() -> bool + Sync),
    on_reply: &mut dyn FnMut(Reply),
) -> Result<Heard, LaunchError> {
    let unstarted = |error: std::io::Error| LaunchError::HelperDied { step: None, said: error.to_string() };
    let mut line = serde_json::to_vec(request).map_err(|error| unstarted(error.into()))?;
    line.push(b'\n');
    let mut child = match command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn() {
        Ok(child) => child,
        Err(error) => return Ok(Heard::Nothing(Unheard { code: None, said: error.to_string(), cancelled: false })),
    };
    let (Some(stdin), Some(stdout), Some(stderr)) = (child.stdin.take(), child.stdout.take(), child.stderr.take()) else {
        return Err(unstarted(std::io::Error::other("it has no pipes")));
    };
    let (lines, replies) = sync_channel(64);
    let reader = spawn("helper replies", move || {
        let mut output = BufReader::new(stdout);
        while let Some(line) = next_line(&mut output) {
            if lines.send(line).is_err() {
                break;
            }
        }
    });
    let complaints = spawn("helper complaints", move || {
        let mut bytes = Vec::new();
        // What came before an error is still worth having.
        let _read = stderr.take(MAX_SAID).read_to_end(&mut bytes);
        String::from_utf8_lossy(&bytes).into_owned()
    });
    // A request may be longer than a pipe holds, and nobody reads it while a prompt is open.
    let writer = spawn("helper request", move || {
        let mut stdin = stdin;
        let written = stdin.write_all(&line).and_then(|()| stdin.flush());
        written.is_ok().then_some(stdin)
    });
    let (_reader, complaints, writer) = (reader.map_err(unstarted)?, complaints.map_err(unstarted)?, writer.map_err(unstarted)?);

    let mut progress = Progress::default();
    let was_cancelled = listen(&mut child, &replies, writer, cancelled, &mut progress, request, on_reply)?;
    // Closed, so that a helper that still has something to say finds out that nobody listens.
    drop(replies);
    let code = end_of(&mut child);
    let said = || last_words(complaints);
    match progress {
        Progress { over: true, .. } => Ok(Heard::All),
        Progress { hello: true, step, .. } => Err(LaunchError::HelperDied { step, said: said() }),
        Progress { .. } => Ok(Heard::Nothing(Unheard { code, said: said(), cancelled: was_cancelled })),
    }
}

/// Passes replies on until there are no more; gives whether the user wanted to stop.
fn listen(
    child: &mut Child,
    replies: &Receiver<Vec<u8>>,
    writer: JoinHandle<Option<ChildStdin>>,
    cancelled: &(dyn Fn() -> bool + Sync),
    progress: &mut Progress,
    request: &Request,
    on_reply: &mut dyn FnMut(Reply),
) -> Result<bool, LaunchError> {
    let mut writer = Some(writer);
    let mut stop_told = false;
    loop {
        if !stop_told && cancelled() {
            stop_told = true;
            if progress.hello {
                tell_to_stop(writer.take());
            } else if child.kill().is_err() {
                // With rights of its own already, and not yet at its first word: it will be told then.
                stop_told = false;
            }
        }
        match replies.recv_timeout(LOOK) {
            Ok(line) => {
                let reply: Reply =
                    serde_json::from_slice(&line).map_err(|_| LaunchError::Protocol(visible(&String::from_utf8_lossy(&line))))?;
                note(&reply, progress, request)?;
                on_reply(reply);
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return Ok(stop_told),
        }
    }
}

/// Notes how far the helper is, and refuses what does not fit.
fn note(reply: &Reply, progress: &mut Progress, request: &Request) -> Result<(), LaunchError> {
    match reply {
        Reply::Hello { version, id, .. } => {
            if *version != VERSION || *id != request.id {
                return Err(LaunchError::Protocol(format!("version {version}, request {}", visible(id))));
            }
            progress.hello = true;
        }
        Reply::StepStarted { index } => progress.step = Some(*index),
        Reply::StepFinished { .. } => {}
        Reply::Refused { .. } | Reply::Finished { .. } => progress.over = true,
    }
    Ok(())
}

/// Says the word. The writer has long written the request: the helper has answered it.
fn tell_to_stop(writer: Option<JoinHandle<Option<ChildStdin>>>) {
    if let Some(mut stdin) = writer.and_then(|writer| writer.join().ok()).flatten() {
        // A helper that is at its end does not hear it any more, and need not.
        let _unheard = writeln!(stdin, "{STOP}");
    }
}

/// One line; `None` at the end, and where it is longer than any reply.
fn next_line(output: &mut impl BufRead) -> Option<Vec<u8>> {
    let mut line = Vec::new();
    let limit = u64::try_from(MAX_LINE).unwrap_or(u64::MAX);
    let length = output.by_ref().take(limit).read_until(b'\n', &mut line).ok()?;
    (length > 0 && line.pop() == Some(b'\n')).then_some(line)
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

fn spawn<T: Send + 'static>(name: &str, work: impl FnOnce() -> T + Send + 'static) -> std::io::Result<JoinHandle<T>> {
    Builder::new().name(name.to_owned()).spawn(work)
}

#[cfg(test)]
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
        Request { version: VERSION, id: "a".to_owned(), job: Job::Undo { entry: "x".to_owned() } }
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
