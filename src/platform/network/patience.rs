//! How long to wait for an answer, and whether anybody still wants it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

/// How often it is looked whether somebody wants to stop.
const SLICE: Duration = Duration::from_millis(50);

/// How long to wait for one answer, unless somebody stops before.
#[derive(Debug, Clone, Copy)]
pub struct Patience<'a> {
    /// The longest time for one answer.
    pub limit: Duration,
    /// Whether nobody wants the answer any more.
    pub stop: &'a AtomicBool,
}

impl Patience<'_> {
    /// The same with at most this time.
    #[must_use]
    pub fn at_most(self, limit: Duration) -> Self {
        Self { limit: self.limit.min(limit), ..self }
    }

    /// Whether somebody wants to stop.
    pub fn is_over(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// The rest of the time, in slices: calls `wait` with each until it gives something, the time is over, or somebody stops.
    pub fn in_slices<T>(&self, mut wait: impl FnMut(Duration) -> Option<T>) -> Option<T> {
        let end = Instant::now() + self.limit;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() || self.is_over() {
                return None;
            }
            if let Some(found) = wait(left.min(SLICE)) {
                return Some(found);
            }
        }
    }

    /// Runs a call of the system that cannot be cut short, and gives its answer unless it takes too long; then it goes on unheard.
    pub fn for_call<T: Send + 'static>(&self, name: &str, call: impl FnOnce() -> T + Send + 'static) -> Option<T> {
        let (send, receive) = mpsc::channel();
        // Where no thread can be made, nothing answers.
        let thread = thread::Builder::new().name(name.to_owned()).spawn(move || {
            // Nobody may listen any more.
            let _unheard = send.send(call());
        });
        thread.ok()?;
        self.in_slices(|slice| match receive.recv_timeout(slice) {
            Ok(answer) => Some(Some(answer)),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => Some(None),
        })?
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::sync::mpsc;
    use std::thread;
    use std::time::Duration;

    use super::Patience;

    #[test]
    fn an_answer_that_comes_is_given_and_one_that_does_not_is_given_up() {
        let stop = AtomicBool::new(false);
        let patience = Patience { limit: Duration::from_mins(1), stop: &stop };
        assert_eq!(patience.for_call("test", || 5), Some(5));
        let (keep, never) = mpsc::channel::<()>();
        let short = patience.at_most(Duration::from_millis(60));
        assert_eq!(short.for_call("test", move || never.recv()), None);
        drop(keep);
    }

    #[test]
    fn nobody_waits_once_somebody_stops() {
        let stop = AtomicBool::new(false);
        let patience = Patience { limit: Duration::from_mins(10), stop: &stop };
        let (begun, has_begun) = mpsc::channel();
        let (_keep, never) = mpsc::channel::<()>();
        thread::scope(|threads| {
            let stop = &stop;
            threads.spawn(move || {
                has_begun.recv().unwrap();
                stop.store(true, Ordering::Relaxed);
            });
            let call = move || {
                begun.send(()).unwrap();
                never.recv()
            };
            assert_eq!(patience.for_call("test", call), None);
        });
    }
}
