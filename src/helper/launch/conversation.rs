//! Talks with a helper, whatever connects us with it: writes the request, reads replies line by line, asks it to stop.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use super::LaunchError;
use crate::helper::protocol::{MAX_LINE, Reply, Request, STOP, VERSION};
use crate::machine::visible;

/// How often it is looked whether the user wants to stop.
pub const LOOK: Duration = Duration::from_millis(50);

/// The two ends of whatever connects us with the helper.
pub struct Line<R, W> {
    /// What it says.
    pub replies: R,
    /// What it is told.
    pub orders: W,
}

/// How a conversation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// The helper said its last word.
    Complete,
    /// It was at work and said no last word.
    Broken {
        /// The step that it was doing, counted from 0; `None` where it had begun none.
        step: Option<usize>,
    },
    /// It never spoke.
    Silent {
        /// Whether the user wanted to stop.
        cancelled: bool,
    },
}

/// How far the helper came.
#[derive(Default)]
struct Progress {
    hello: bool,
    over: bool,
    step: Option<usize>,
}

/// Writes the request and passes on the replies until there are no more. `end` ends whoever is on the other side and has not spoken yet; an
/// error means that this cannot be done.
pub fn talk<R: Read + Send + 'static, W: Write + Send + 'static>(
    line: Line<R, W>,
    request: &Request,
    cancelled: &(dyn Fn() -> bool + Sync),
    end: &mut dyn FnMut() -> io::Result<()>,
    on_reply: &mut dyn FnMut(Reply),
) -> Result<Ending, LaunchError> {
    let Line { replies, mut orders } = line;
    let mut text = serde_json::to_vec(request).map_err(|error| unstarted(&error.into()))?;
    text.push(b'\n');
    let (lines, heard) = sync_channel(64);
    let reader = spawn("helper replies", move || {
        let mut replies = BufReader::new(replies);
        while let Some(line) = next_line(&mut replies) {
            if lines.send(line).is_err() {
                break;
            }
        }
    });
    // A request may be longer than a pipe holds, and nobody reads it while a prompt is open.
    let writer = spawn("helper request", move || {
        let written = orders.write_all(&text).and_then(|()| orders.flush());
        written.is_ok().then_some(orders)
    });
    let (_reader, writer) = (reader.map_err(|error| unstarted(&error))?, writer.map_err(|error| unstarted(&error))?);

    let mut progress = Progress::default();
    // What is heard ends with this function, so that a helper that still has something to say finds out that nobody listens.
    let was_cancelled = listen(&heard, writer, cancelled, end, &mut progress, request, on_reply)?;
    Ok(match progress {
        Progress { over: true, .. } => Ending::Complete,
        Progress { hello: true, step, .. } => Ending::Broken { step },
        Progress { .. } => Ending::Silent { cancelled: was_cancelled },
    })
}

/// Why there is no conversation.
pub fn unstarted(error: &io::Error) -> LaunchError {
    LaunchError::HelperDied { step: None, said: error.to_string() }
}

/// Passes replies on until there are no more; gives whether the user wanted to stop.
fn listen<W: Write>(
    replies: &Receiver<Vec<u8>>,
    writer: JoinHandle<Option<W>>,
    cancelled: &(dyn Fn() -> bool + Sync),
    end: &mut dyn FnMut() -> io::Result<()>,
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
            } else if end().is_err() {
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
fn tell_to_stop<W: Write>(writer: Option<JoinHandle<Option<W>>>) {
    if let Some(mut orders) = writer.and_then(|writer| writer.join().ok()).flatten() {
        // A helper that is at its end does not hear it any more, and need not.
        let _unheard = writeln!(orders, "{STOP}").and_then(|()| orders.flush());
    }
}

/// One line; `None` at the end, and where it is longer than any reply.
fn next_line(output: &mut impl BufRead) -> Option<Vec<u8>> {
    let mut line = Vec::new();
    let limit = u64::try_from(MAX_LINE).unwrap_or(u64::MAX);
    let length = output.by_ref().take(limit).read_until(b'\n', &mut line).ok()?;
    (length > 0 && line.pop() == Some(b'\n')).then_some(line)
}

/// A thread with this name.
pub fn spawn<T: Send + 'static>(name: &str, work: impl FnOnce() -> T + Send + 'static) -> io::Result<JoinHandle<T>> {
    Builder::new().name(name.to_owned()).spawn(work)
}
