//! The two directions in which the helper and whoever started it talk. Neither is waited for without end: a helper that had the rights and
//! waited for its request would be a door left open, and one that waits until a reply is taken would keep the lock of the journal, and
//! perhaps a service stopped.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread;
use std::time::Duration;

use crate::helper::protocol::{MAX_LINE, Reply, Request, STOP};

/// How long whoever started us may take to say what to do, and to take a reply. PortMedic does both at once.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// Reads the request, which must come as a whole within `patience`, and goes on listening for the word that asks to stop.
///
/// # Errors
/// Why there is no request, one plain sentence.
pub fn listen(input: impl Read + Send + 'static, patience: Duration) -> Result<(Request, Arc<AtomicBool>), String> {
    let stop = Arc::new(AtomicBool::new(false));
    let heard = Arc::clone(&stop);
    let (request, first) = sync_channel(1);
    thread::Builder::new()
        .name("listen".to_owned())
        .spawn(move || {
            let mut input = BufReader::new(input);
            let line = first_line(&mut input);
            // Where nobody waits for it any more there is nothing to stop either.
            if request.send(line).is_ok() && says_stop(input) {
                heard.store(true, Ordering::Release);
            }
        })
        .map_err(|error| format!("could not listen: {error}"))?;
    let late = |_| format!("no whole request came within {} s, so nothing is waited for any more", patience.as_secs());
    let line = first.recv_timeout(patience).map_err(late)??;
    let request = serde_json::from_slice(&line).map_err(|error| format!("the request is not understood: {error}"))?;
    Ok((request, stop))
}

fn first_line(input: &mut impl BufRead) -> Result<Vec<u8>, String> {
    let mut line = Vec::new();
    let limit = u64::try_from(MAX_LINE).unwrap_or(u64::MAX);
    input.take(limit).read_until(b'\n', &mut line).map_err(|error| format!("the request could not be read: {error}"))?;
    match line.last() {
        Some(b'\n') => Ok(line),
        _ if line.len() < MAX_LINE => {
            Err("no whole request came; PortMedic starts the helper itself when a fix is applied".to_owned())
        }
        _ => Err("the request is too long".to_owned()),
    }
}

/// The end of input is no wish to stop: whoever has nothing more to say may close it.
fn says_stop(input: impl BufRead) -> bool {
    let mut word = String::new();
    let limit = u64::try_from(STOP.len() + 1).unwrap_or(u64::MAX);
    input.take(limit).read_line(&mut word).is_ok() && word.trim_end() == STOP
}

/// Writes each reply as a line. Whoever does not take one within `patience` is gone from then on.
///
/// # Errors
/// Where there is no thread for it.
pub fn write_to(mut output: impl Write + Send + 'static, patience: Duration) -> io::Result<impl FnMut(Reply) -> io::Result<()>> {
    let (lines, to_write): (SyncSender<String>, Receiver<String>) = sync_channel(1);
    let (done, written) = sync_channel(1);
    thread::Builder::new().name("reply".to_owned()).spawn(move || {
        for line in to_write {
            let result = output.write_all(line.as_bytes()).and_then(|()| output.flush());
            if done.send(result).is_err() {
                break;
            }
        }
    })?;
    let mut is_gone = false;
    Ok(move |reply| {
        if is_gone {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        let mut line = serde_json::to_string(&reply)?;
        line.push('\n');
        let said = match lines.try_send(line) {
            Ok(()) => written.recv_timeout(patience).unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into())),
            Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => Err(io::ErrorKind::BrokenPipe.into()),
        };
        is_gone = said.is_err();
        said
    })
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader, ErrorKind, Write, pipe};
    use std::sync::atomic::Ordering;
    use std::thread;
    use std::time::{Duration, Instant};

    use super::{PATIENCE, listen, says_stop, write_to};
    use crate::helper::protocol::{Job, MAX_LINE, Reply, Request, VERSION};

    /// Longer than any test may take, and shorter than for ever.
    const LONG: Duration = Duration::from_mins(1);
    const SHORT: Duration = Duration::from_millis(20);

    fn request() -> Vec<u8> {
        let request = Request { version: VERSION, id: "a".to_owned(), job: Job::undo("x".to_owned()) };
        let mut line = serde_json::to_vec(&request).unwrap();
        line.push(b'\n');
        line
    }

    #[test]
    fn a_request_and_the_word_to_stop_are_heard() {
        let (input, mut sender) = pipe().unwrap();
        sender.write_all(&request()).unwrap();
        let (heard, stop) = listen(input, LONG).unwrap();
        assert_eq!((heard.id.as_str(), stop.load(Ordering::Acquire)), ("a", false));
        sender.write_all(b"stop\n").unwrap();
        let begin = Instant::now();
        while !stop.load(Ordering::Acquire) {
            assert!(begin.elapsed() < LONG);
            thread::yield_now();
        }
    }

    #[test]
    fn nothing_but_the_word_stops_it() {
        for said in ["", "sto", "stopp\n", "\nstop\n"] {
            assert!(!says_stop(said.as_bytes()), "{said:?}");
        }
        assert!(says_stop(&b"stop\n"[..]));
    }

    #[test]
    fn a_request_that_does_not_come_or_comes_too_slowly_is_not_waited_for() {
        for begun in [0, 1, request().len() - 1] {
            let (input, mut sender) = pipe().unwrap();
            sender.write_all(&request()[..begun]).unwrap();
            let because = listen(input, SHORT).unwrap_err();
            assert!(because.contains("no whole request came within"), "{because}");
            drop(sender);
        }
    }

    #[test]
    fn a_request_that_is_cut_off_or_too_long_is_refused() {
        let whole = request();
        assert!(listen(std::io::Cursor::new(whole[..whole.len() - 1].to_vec()), LONG).unwrap_err().contains("no whole request"));
        assert!(listen(std::io::Cursor::new(vec![b'x'; MAX_LINE]), LONG).unwrap_err().contains("too long"));
        assert!(listen(std::io::repeat(b'x'), LONG).unwrap_err().contains("too long"));
    }

    #[test]
    fn replies_arrive_as_lines() {
        let (reader, output) = pipe().unwrap();
        let mut reply = write_to(output, LONG).unwrap();
        reply(Reply::StepStarted { index: 3 }).unwrap();
        let mut line = String::new();
        BufReader::new(reader).read_line(&mut line).unwrap();
        assert_eq!(line, "{\"reply\":\"step_started\",\"index\":3}\n");
    }

    #[test]
    fn whoever_takes_no_reply_is_gone() {
        let (reader, output) = pipe().unwrap();
        let mut reply = write_to(output, SHORT).unwrap();
        let long = || Reply::Refused { because: "x".repeat(1 << 20) };
        assert_eq!(reply(long()).unwrap_err().kind(), ErrorKind::TimedOut);
        drop(reader);
        assert_eq!(
            reply(long()).unwrap_err().kind(),
            ErrorKind::BrokenPipe,
            "what comes late is not taken for an answer to this"
        );
        let (reader, output) = pipe().unwrap();
        drop(reader);
        assert!(write_to(output, PATIENCE).unwrap()(long()).is_err());
    }
}
