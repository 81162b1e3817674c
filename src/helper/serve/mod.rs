//! `portmedic helper`: reads one request, does it, replies, ends. On standard input and output, or through a named pipe of Windows.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(windows)]
mod windows;

use std::io::{self, BufRead, BufReader, Read, Write};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

#[cfg(target_os = "linux")]
use linux as system;
#[cfg(windows)]
use windows as system;

#[cfg(windows)]
pub use windows::Door;

use super::journal::Asker;
use super::protocol::{MAX_LINE, Reply, Request, STOP, VERSION};
use super::{Ended, Executor};

/// Is the helper, on standard input and output. The exit code only says how it went; the replies say what happened.
pub fn main_helper() -> ExitCode {
    let standard = || {
        system::prepare()?;
        Ok((io::stdin(), system::asker()))
    };
    run(standard(), &mut write_to(io::stdout()))
}

/// Is the helper behind a prompt of Windows, at the other end of this pipe.
#[cfg(windows)]
pub fn main_helper_at(door: &Door) -> ExitCode {
    match system::prepare().and_then(|()| door.open()) {
        Ok(windows::Opened { input, output, asker }) => run(Ok((input, asker)), &mut write_to(output)),
        // Whoever is at the other end is not the one who may hear why.
        Err(because) => {
            let _unheard = writeln!(io::stderr(), "portmedic: {because}");
            code(Ended::Refused)
        }
    }
}

/// Reads the request and does it.
fn run(input: Result<(impl Read + Send + 'static, Asker), String>, reply: &mut dyn FnMut(Reply) -> io::Result<()>) -> ExitCode {
    let request = input.and_then(|(input, asker)| listen(input).map(|heard| (heard, asker)));
    code(match request {
        Ok(((request, stop), asker)) => serve(&request, asker, &stop, reply),
        Err(because) => refuse(because, reply),
    })
}

/// Where nobody listens there is nobody to tell, and nothing was done.
fn refuse(because: String, reply: &mut dyn FnMut(Reply) -> io::Result<()>) -> Ended {
    let _unheard = reply(Reply::Refused { because });
    Ended::Refused
}

fn code(ended: Ended) -> ExitCode {
    match ended {
        Ended::Complete => ExitCode::SUCCESS,
        Ended::Early => ExitCode::from(1),
        Ended::Refused => ExitCode::from(2),
    }
}

fn serve(request: &Request, asker: Asker, stop: &AtomicBool, reply: &mut dyn FnMut(Reply) -> io::Result<()>) -> Ended {
    let hello = Reply::Hello { version: VERSION, id: request.id.clone(), user: system::user() };
    if reply(hello).is_err() {
        return Ended::Refused;
    }
    let mut journal = match system::open_journal() {
        Ok(journal) => journal,
        Err(error) => return refuse(error.to_string(), reply),
    };
    let platform = crate::platform::live();
    let mut executor =
        Executor { platform: platform.as_ref(), journal: &mut journal, asker, stop: &|| stop.load(Ordering::Acquire), reply };
    executor.run(request)
}

/// Writes each reply as a line.
fn write_to(mut output: impl Write) -> impl FnMut(Reply) -> io::Result<()> {
    move |reply| {
        let mut line = serde_json::to_string(&reply)?;
        line.push('\n');
        output.write_all(line.as_bytes())?;
        output.flush()
    }
}

/// Reads the request, and goes on listening for the word that asks to stop.
fn listen(input: impl Read + Send + 'static) -> Result<(Request, Arc<AtomicBool>), String> {
    let mut input = BufReader::new(input);
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
