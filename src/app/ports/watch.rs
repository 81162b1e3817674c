//! Looks at the sockets again and again, as long as the page shows.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use super::table::PortTable;
use crate::app::Backend;

/// The time between two looks.
pub const PERIOD: Duration = Duration::from_secs(1);
/// A look may take this part of the time: where one takes long, the next one comes later.
const SHARE: u32 = 4;
/// So often everything is searched, also for sockets whose holder is known: a socket can be passed on.
const WHOLE_EVERY: u32 = 30;

/// What to watch.
#[derive(Debug, Clone)]
pub struct Watch {
    /// The number that the answers carry.
    pub number: u64,
    /// The table so far.
    pub before: Option<Arc<PortTable>>,
    /// Whether to go on after the first look.
    pub live: bool,
}

/// Looks each `period` until `stop` is dropped; tells the first table and each that differs from the one before.
pub fn watch(
    backend: &dyn Backend,
    watch: &Watch,
    period: Duration,
    stop: &Receiver<()>,
    tell: &mut dyn FnMut(Result<Arc<PortTable>, String>),
) {
    let mut table = watch.before.clone();
    let mut told: Option<Result<(), String>> = None;
    for look in 0_u32.. {
        let begin = Instant::now();
        let searched = table.as_ref().filter(|_| !look.is_multiple_of(WHOLE_EVERY)).map(|table| Arc::new(table.searched()));
        match backend.ports(searched) {
            Ok(snapshot) => {
                let next = Arc::new(PortTable::after(table.as_deref(), &snapshot));
                let differs = table.as_ref().is_none_or(|table| next.differs_from(table));
                if differs || told != Some(Ok(())) {
                    tell(Ok(Arc::clone(&next)));
                }
                (table, told) = (Some(next), Some(Ok(())));
            }
            Err(problem) => {
                let problem = Some(Err(problem));
                if told != problem
                    && let Some(Err(why)) = &problem
                {
                    tell(Err(why.clone()));
                }
                told = problem;
            }
        }
        let pause = period.max(begin.elapsed() * SHARE);
        if !watch.live || stop.recv_timeout(pause) != Err(RecvTimeoutError::Timeout) {
            return;
        }
    }
}
