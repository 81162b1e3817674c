//! The helper behind a prompt of Windows. Such a program inherits nothing of ours, so a named pipe connects us with it.
//!
//! We make the pipe before the prompt opens, under a name that nobody can guess, and let this user, the system and administrators in: the
//! helper may run as another user, whose password an administrator typed here. Whoever opens it must be the process that Windows started.

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::{Duration, Instant};

use crate::helper::launch::conversation::{Ending, LOOK, Line, spawn, talk, unstarted};
use crate::helper::launch::{LaunchError, Method};
use crate::helper::pipe::{Both, NAME, descriptor};
use crate::helper::protocol::{Reply, Request};
use crate::machine::visible;
use crate::platform::windows::ffi::{self, Pipe, RunningProcess};

/// How long a helper may take from the prompt to its first step, and to end after its last word. A slow disk and a scanner for viruses count.
const PATIENCE: Duration = Duration::from_mins(1);

const DECLINED: LaunchError = LaunchError::Declined { method: Method::Uac };

/// Asks, and runs the helper with `request`.
pub fn ask(
    program: &Path,
    request: &Request,
    cancelled: &(dyn Fn() -> bool + Sync),
    on_reply: &mut dyn FnMut(Reply),
) -> Result<(), LaunchError> {
    let name = ffi::unguessable_name().map_err(|error| unstarted(&error))?;
    let name = format!("{NAME}{name}");
    let user = ffi::account_of(None).map_err(|error| unstarted(&error))?;
    let pipe = Pipe::create(&name, &descriptor(&user)).map_err(|error| unstarted(&error))?;

    let (program, arguments) = (program.to_owned(), format!("helper --pipe {name} --parent {}", std::process::id()));
    let (answer, answered) = sync_channel(1);
    // Windows waits for the user in the call. Where they stop here first, an answer that comes later finds no pipe.
    let prompt = spawn("prompt", move || {
        let _nobody_waits = answer.send(ffi::run_as_administrator(&program, &arguments));
    });
    prompt.map_err(|error| unstarted(&error))?;
    let helper = approved(&answered, cancelled)?;
    come_in(&pipe, &helper, cancelled)?;

    let pipe = Arc::new(pipe);
    let line = Line { replies: Both(Arc::clone(&pipe)), orders: Both(pipe) };
    // It has more rights than we have, so it cannot be ended; it is told to stop when it has spoken.
    let mut end = || Err(std::io::ErrorKind::PermissionDenied.into());
    match talk(line, request, cancelled, &mut end, on_reply)? {
        Ending::Complete => Ok(()),
        Ending::Broken { step } => Err(LaunchError::HelperDied { step, said: last_word(&helper) }),
        Ending::Silent { .. } => Err(LaunchError::HelperDied { step: None, said: last_word(&helper) }),
    }
}

/// Waits for the answer of the user.
fn approved(
    answered: &Receiver<std::io::Result<Option<RunningProcess>>>,
    cancelled: &(dyn Fn() -> bool + Sync),
) -> Result<RunningProcess, LaunchError> {
    loop {
        match answered.recv_timeout(LOOK) {
            Ok(Ok(Some(helper))) => return Ok(helper),
            Ok(Ok(None)) => return Err(DECLINED),
            // Windows itself says no: a rule of the computer, or an account that may not.
            Ok(Err(error)) => return Err(LaunchError::NotAuthorized { method: Method::Uac, said: visible(&error.to_string()) }),
            Err(RecvTimeoutError::Timeout) if cancelled() => return Err(DECLINED),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return Err(unstarted(&std::io::Error::other("the prompt gave no answer"))),
        }
    }
}

/// Waits for the helper at the other end, and lets nobody else in.
fn come_in(pipe: &Pipe, helper: &RunningProcess, cancelled: &(dyn Fn() -> bool + Sync)) -> Result<(), LaunchError> {
    let begin = Instant::now();
    while !pipe.accept(LOOK).map_err(|error| unstarted(&error))? {
        if cancelled() {
            return Err(DECLINED);
        }
        if helper.wait(Some(Duration::ZERO)) || begin.elapsed() > PATIENCE {
            return Err(LaunchError::HelperDied { step: None, said: last_word(helper) });
        }
    }
    let client = pipe.client().map_err(|error| unstarted(&error))?;
    if helper.id() == Some(client) { Ok(()) } else { Err(LaunchError::Stranger(format!("process {client}"))) }
}

/// What is known of its end.
fn last_word(helper: &RunningProcess) -> String {
    if !helper.wait(Some(LOOK)) {
        return "it does not answer".to_owned();
    }
    helper.exit_code().map_or_else(|| "it said nothing".to_owned(), |code| format!("exit code {code}"))
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::process::{Child, Stdio};
    use std::sync::mpsc::sync_channel;

    use super::{DECLINED, approved, come_in};
    use crate::helper::launch::LaunchError;
    use crate::helper::pipe::{NAME, descriptor};
    use crate::platform::command;
    use crate::platform::windows::ffi::{Pipe, RunningProcess, account_of, unguessable_name};

    /// A pipe as the door makes it, and its name.
    fn pipe() -> (Pipe, String) {
        let name = format!("{NAME}{}", unguessable_name().unwrap());
        let pipe = Pipe::create(&name, &descriptor(&account_of(None).unwrap())).unwrap();
        (pipe, name)
    }

    /// Another program, which waits for its input as long as it is held.
    fn somebody() -> (Child, RunningProcess) {
        let mut shell = command::tool("cmd").unwrap();
        let child = shell.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        let process = RunningProcess::open(child.id()).unwrap();
        (child, process)
    }

    fn end(mut child: Child) {
        child.kill().unwrap();
        child.wait().unwrap();
    }

    #[test]
    fn who_is_not_the_helper_that_was_started_is_not_spoken_to() {
        let (pipe, name) = pipe();
        let (child, helper) = somebody();
        let _stranger = Pipe::open(&name).unwrap();
        let error = come_in(&pipe, &helper, &|| false).unwrap_err();
        assert_eq!(error, LaunchError::Stranger(format!("process {}", std::process::id())));
        assert!(!error.is_declined());
        end(child);
    }

    #[test]
    fn the_helper_that_was_started_comes_in() {
        let (pipe, name) = pipe();
        let _helper = Pipe::open(&name).unwrap();
        assert_eq!(come_in(&pipe, &RunningProcess::open(std::process::id()).unwrap(), &|| false), Ok(()));
    }

    #[test]
    fn a_helper_that_ends_before_it_comes_in_is_not_waited_for() {
        let (pipe, _name) = pipe();
        let (child, helper) = somebody();
        end(child);
        let error = come_in(&pipe, &helper, &|| false).unwrap_err();
        assert!(matches!(&error, LaunchError::HelperDied { step: None, said } if said.contains("exit code")), "{error:?}");
    }

    #[test]
    fn a_closed_prompt_and_a_user_who_stops_waiting_change_nothing() {
        let (answer, answered) = sync_channel(1);
        answer.send(Ok(None)).unwrap();
        assert_eq!(approved(&answered, &|| false).unwrap_err(), DECLINED);
        assert_eq!(approved(&answered, &|| true).unwrap_err(), DECLINED);
        let (pipe, _name) = pipe();
        let (child, helper) = somebody();
        assert_eq!(come_in(&pipe, &helper, &|| true).unwrap_err(), DECLINED);
        assert!(DECLINED.is_declined());
        end(child);
    }

    #[test]
    fn a_rule_that_forbids_it_is_told_in_the_words_of_windows() {
        let (answer, answered) = sync_channel(1);
        answer.send(Err(io::Error::from_raw_os_error(1260))).unwrap();
        let error = approved(&answered, &|| false).unwrap_err();
        assert!(matches!(error, LaunchError::NotAuthorized { .. }) && error.is_declined(), "{error:?}");
    }
}
