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
