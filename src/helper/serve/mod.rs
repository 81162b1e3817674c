//! `portmedic helper`: reads one request, does it, replies, ends. On standard input and output, or through a named pipe of Windows.

mod line;
#[cfg(target_os = "linux")]
mod linux;
#[cfg(windows)]
mod windows;

#[cfg(windows)]
use std::io::Write;
use std::io::{self, Read};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};

use line::{PATIENCE, listen, write_to};

#[cfg(target_os = "linux")]
use linux as system;
#[cfg(windows)]
use windows as system;

#[cfg(windows)]
pub use windows::Door;

use super::journal::Asker;
use super::protocol::{Reply, Request, VERSION};
use super::{Ended, Executor};

/// Is the helper, on standard input and output. The exit code only says how it went; the replies say what happened.
pub fn main_helper() -> ExitCode {
    let standard = || {
        system::prepare()?;
        Ok((io::stdin(), system::asker()))
    };
    match write_to(io::stdout(), PATIENCE) {
        Ok(mut reply) => run(standard(), &mut reply),
        Err(_nobody_can_be_told) => code(Ended::Refused),
    }
}

/// Is the helper behind a prompt of Windows, at the other end of this pipe.
#[cfg(windows)]
pub fn main_helper_at(door: &Door) -> ExitCode {
    match system::prepare().and_then(|()| door.open()) {
        Ok(windows::Opened { input, output, asker }) => match write_to(output, PATIENCE) {
            Ok(mut reply) => run(Ok((input, asker)), &mut reply),
            Err(_nobody_can_be_told) => code(Ended::Refused),
        },
        // Whoever is at the other end is not the one who may hear why.
        Err(because) => {
            let _unheard = writeln!(io::stderr(), "portmedic: {because}");
            code(Ended::Refused)
        }
    }
}

/// Reads the request and does it.
fn run(input: Result<(impl Read + Send + 'static, Asker), String>, reply: &mut dyn FnMut(Reply) -> io::Result<()>) -> ExitCode {
    let request = input.and_then(|(input, asker)| listen(input, PATIENCE).map(|heard| (heard, asker)));
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
