//! `portmedic helper`: reads one request from standard input, does it, replies on standard output, ends.

use std::env;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use rustix::fs::Mode;

use super::journal::{Asker, FileJournal};
use super::protocol::{MAX_LINE, Reply, Request, STOP, VERSION};
use super::{Ended, Executor};
use crate::platform::linux::{LinuxPlatform, remove_leftovers, user_name};

/// Is the helper. The exit code only says how it went; the replies say what happened.
pub fn main_helper() -> ExitCode {
    let mut reply = |reply: Reply| -> io::Result<()> {
        let mut line = serde_json::to_string(&reply)?;
        line.push('\n');
        let mut out = io::stdout().lock();
        out.write_all(line.as_bytes())?;
        out.flush()
    };
    let ended = match prepare().and_then(|()| listen()) {
        Ok((request, stop)) => serve(&request, &stop, &mut reply),
        Err(because) => {
            // Where nobody listens there is nobody to tell, and nothing was done.
            let _unheard = reply(Reply::Refused { because });
            Ended::Refused
        }
    };
    match ended {
        Ended::Complete => ExitCode::SUCCESS,
        Ended::Early => ExitCode::from(1),
        Ended::Refused => ExitCode::from(2),
    }
}

fn serve(request: &Request, stop: &AtomicBool, reply: &mut dyn FnMut(Reply) -> io::Result<()>) -> Ended {
    let hello = Reply::Hello {
        version: VERSION,
        id: request.id.clone(),
        user: user_name(rustix::process::geteuid().as_raw()).unwrap_or_else(|| "root".to_owned()),
    };
    if reply(hello).is_err() {
        return Ended::Refused;
    }
    let mut journal = match FileJournal::system() {
        Ok(journal) => journal,
        Err(error) => {
            let _unheard = reply(Reply::Refused { because: error.to_string() });
            return Ended::Refused;
        }
    };
    remove_leftovers();
    let mut executor = Executor {
        platform: &LinuxPlatform,
        journal: &mut journal,
        asker: asker(),
        stop: &|| stop.load(Ordering::Acquire),
        reply,
    };
    executor.run(request)
}

/// Leaves the surroundings of whoever started us: their folder, their file mode, their terminal.
fn prepare() -> Result<(), String> {
    if !rustix::process::geteuid().is_root() {
        return Err("the helper needs administrator rights; PortMedic starts it itself when a fix is applied".to_owned());
    }
    rustix::process::umask(Mode::from_raw_mode(0o022));
    rustix::process::chdir("/").map_err(|error| format!("could not go to the root folder: {error}"))?;
    // In a session of our own, closing the terminal or Ctrl+C does not end us in the middle of a step: whoever listens is gone then, and we
    // end after it. A process that already leads a group keeps its session, and such a group is not the terminal's foreground one.
    let _leads_already = rustix::process::setsid();
    Ok(())
}

/// Reads the request, and goes on listening for the word that asks to stop.
fn listen() -> Result<(Request, Arc<AtomicBool>), String> {
    let mut input = BufReader::new(io::stdin());
    let mut line = Vec::new();
    let limit = u64::try_from(MAX_LINE).unwrap_or(u64::MAX);
    input.by_ref().take(limit).read_until(b'\n', &mut line).map_err(|error| format!("the request could not be read: {error}"))?;
    if line.last() != Some(&b'\n') {
        return Err(if line.len() < MAX_LINE {
            "no whole request came; PortMedic starts the helper itself when a fix is applied".to_owned()
        } else {
            "the request is too long".to_owned()
        });
    }
    let request = serde_json::from_slice(&line).map_err(|error| format!("the request is not understood: {error}"))?;

    let stop = Arc::new(AtomicBool::new(false));
    let heard = Arc::clone(&stop);
    thread::Builder::new()
        .name("listen for stop".to_owned())
        .spawn(move || {
            let mut word = String::new();
            let limit = u64::try_from(STOP.len() + 1).unwrap_or(u64::MAX);
            // The end of input is no wish to stop: whoever has nothing more to say may close it.
            if input.take(limit).read_line(&mut word).is_ok() && word.trim_end() == STOP {
                heard.store(true, Ordering::Release);
            }
        })
        .map_err(|error| format!("could not listen: {error}"))?;
    Ok((request, stop))
}

/// Who asked. `pkexec` and `sudo` (and `run0`, as `sudo`) set these themselves.
fn asker() -> Asker {
    let number = |name: &str| env::var(name).ok()?.parse::<u32>().ok();
    let (uid, by) = match (number("PKEXEC_UID"), number("SUDO_UID")) {
        (Some(uid), _) => (Some(uid), "pkexec"),
        (None, Some(uid)) => (Some(uid), "sudo"),
        (None, None) => (Some(rustix::process::getuid().as_raw()), "root"),
    };
    Asker { uid, name: uid.and_then(user_name), by: by.to_owned() }
}
