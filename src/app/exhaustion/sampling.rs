//! Looks at the ports again and again for the page, until somebody asks for the end.

use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::monitor::{Exhaustion, Monitor};
use crate::app::Backend;

/// A look may take this part of the time: where one takes long, the next one comes later.
const SHARE: u32 = 4;

/// How often the page looks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Every {
    /// Each two seconds, to see something happen.
    TwoSeconds,
    /// Each five seconds.
    #[default]
    FiveSeconds,
    /// Each half minute.
    HalfMinute,
    /// Each two minutes, for a day.
    TwoMinutes,
}

impl Every {
    /// All of them, the shortest first.
    pub const ALL: [Self; 4] = [Self::TwoSeconds, Self::FiveSeconds, Self::HalfMinute, Self::TwoMinutes];

    /// The time between two looks.
    pub const fn time(self) -> Duration {
        Duration::from_secs(match self {
            Self::TwoSeconds => 2,
            Self::FiveSeconds => 5,
            Self::HalfMinute => 30,
            Self::TwoMinutes => 120,
        })
    }

    /// Its words.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TwoSeconds => "every 2 seconds",
            Self::FiveSeconds => "every 5 seconds",
            Self::HalfMinute => "every 30 seconds",
            Self::TwoMinutes => "every 2 minutes",
        }
    }
}

/// What to look at, and how often.
#[derive(Debug, Clone)]
pub struct Sampling {
    /// The number that the answers carry.
    pub number: u64,
    /// What remembers the looks.
    pub monitor: Arc<Mutex<Monitor>>,
    /// How often.
    pub every: Every,
    /// Whether to go on after the first look.
    pub live: bool,
}

/// Looks until `stop` is dropped, and tells each answer.
pub fn sample(
    backend: &dyn Backend,
    what: &Sampling,
    stop: &Receiver<()>,
    tell: &mut dyn FnMut(Result<Arc<Exhaustion>, String>),
) {
    loop {
        let begin = Instant::now();
        // What an earlier look left behind is whole also where that look came to grief: a sample is added in one piece.
        let mut monitor = what.monitor.lock().unwrap_or_else(PoisonError::into_inner);
        let answer = backend.exhaustion(&mut monitor, what.every.time()).map(Arc::new);
        drop(monitor);
        tell(answer);
        let pause = what.every.time().max(begin.elapsed() * SHARE);
        if !what.live || stop.recv_timeout(pause) != Err(RecvTimeoutError::Timeout) {
            return;
        }
    }
}
