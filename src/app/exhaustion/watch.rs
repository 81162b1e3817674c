//! Looks again and again until the end that was asked for.

use std::net::SocketAddr;
use std::time::Duration;

use super::monitor::{Exhaustion, Monitor};
use crate::app::Cancel;
use crate::platform::{Platform, PlatformError};

/// A wait ends this soon after somebody asked for the end.
const PATIENCE: Duration = Duration::from_millis(200);

/// How often to look, and how long.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// From the begin of one look to that of the next. A look that takes longer is followed by the next one at once.
    pub every: Duration,
    /// Ends after this time; `None` for never.
    pub over: Option<Duration>,
}

/// Looks at this pace until the time is over or somebody cancels, and tells each answer. Gives the last one; there is at least one.
///
/// # Errors
/// Where nothing could be seen at all.
pub fn watch(
    platform: &dyn Platform,
    monitor: &mut Monitor,
    destination: Option<SocketAddr>,
    pace: Pace,
    cancel: &Cancel,
    told: &mut dyn FnMut(&Exhaustion),
) -> Result<Exhaustion, PlatformError> {
    let begin = platform.clock();
    loop {
        let started = platform.clock();
        let look = monitor.look(platform, destination)?;
        let answer = monitor.answer(platform, look);
        told(&answer);
        let next = started + pace.every;
        let is_over = |at: Duration| pace.over.is_some_and(|over| at.saturating_sub(begin) > over);
        while !cancel.is_cancelled() && !is_over(next) && platform.clock() < next {
            platform.wait(PATIENCE.min(next.saturating_sub(platform.clock())));
        }
        if cancel.is_cancelled() || is_over(next) {
            return Ok(answer);
        }
    }
}
