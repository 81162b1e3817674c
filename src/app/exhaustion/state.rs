//! What the Exhaustion page shows.

use std::sync::{Arc, Mutex};

use jiff::{SignedDuration, Timestamp};

use super::monitor::{Exhaustion, Monitor};
use super::sampling::Every;
use crate::app::Busy;
use crate::app::order::{Order, SortColumn};
use crate::diagnosis::Complaint;
use crate::diagnosis::exhaustion::{Forecast, Holder, Usage};
use crate::machine::{Family, Protocol};
use crate::platform::{Platform, PlatformError};

/// How much of the past the plot shows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Span {
    /// A quarter of an hour.
    #[default]
    Quarter,
    /// An hour.
    Hour,
    /// A day.
    Day,
}

impl Span {
    /// All of them, the shortest first.
    pub const ALL: [Self; 3] = [Self::Quarter, Self::Hour, Self::Day];

    /// Its words.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Quarter => "15 min",
            Self::Hour => "1 hour",
            Self::Day => "1 day",
        }
    }

    /// How long it is.
    pub const fn time(self) -> SignedDuration {
        match self {
            Self::Quarter => SignedDuration::from_mins(15),
            Self::Hour => SignedDuration::from_hours(1),
            Self::Day => SignedDuration::from_hours(24),
        }
    }
}

/// A column of the holders.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum HolderColumn {
    /// Process and service.
    Who,
    /// Ports of connections.
    Connected,
    /// Ports of connections that only the far end has closed.
    LeftOpen,
    /// Ports of connections that are over.
    Closing,
    /// Ports without a connection.
    Bound,
    /// All ports.
    #[default]
    Ports,
}

impl HolderColumn {
    /// Its head.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Who => "Who",
            Self::Connected => "Connected",
            Self::LeftOpen => "Left open",
            Self::Closing => "Closing",
            Self::Bound => "Bound",
            Self::Ports => "Ports",
        }
    }

    /// What its numbers are, where the head is too short to say it.
    pub const fn hint(self) -> Option<&'static str> {
        match self {
            Self::Who | Self::Ports => None,
            Self::Connected => Some("Connections that both ends have"),
            Self::LeftOpen => Some("Connections that the far end has closed and the program has not (CLOSE_WAIT)"),
            Self::Closing => Some("Connections that are over for the program, such as those at rest (TIME_WAIT)"),
            Self::Bound => Some("Sockets without a connection: bound, listening or receiving"),
        }
    }
}

impl SortColumn for HolderColumn {
    fn starts_descending(self) -> bool {
        self != Self::Who
    }
}

/// The order of the holders.
pub type HolderSort = Order<HolderColumn>;

impl Default for HolderSort {
    fn default() -> Self {
        Self::usual(HolderColumn::Ports)
    }
}

impl HolderSort {
    /// The holders in this order.
    pub fn sorted(self, holders: &[Holder]) -> Vec<&Holder> {
        let number = |own: &Holder| match self.by {
            HolderColumn::Connected => own.states.connected(),
            HolderColumn::LeftOpen => own.states.left_open(),
            HolderColumn::Closing => own.states.closing(),
            HolderColumn::Bound => own.states.bound(),
            HolderColumn::Ports | HolderColumn::Who => own.ports,
        };
        let compare = |one: &Holder, other: &Holder| match self.by {
            HolderColumn::Who => one.name().to_lowercase().cmp(&other.name().to_lowercase()),
            _ => number(one).cmp(&number(other)),
        };
        let mut sorted: Vec<&Holder> = holders.iter().collect();
        sorted.sort_by(|one, other| self.directed(compare(one, other)));
        sorted
    }
}

/// The Exhaustion page.
#[derive(Debug, Clone, Default)]
pub struct ExhaustionState {
    /// What remembers the looks: a bounded number of samples.
    pub monitor: Arc<Mutex<Monitor>>,
    /// The newest answer.
    pub latest: Option<Arc<Exhaustion>>,
    /// Why there is no newer one.
    pub problem: Option<String>,
    /// The first look on its way.
    pub busy: Option<Busy>,
    /// Since when nobody looks any more, where the user said so.
    pub paused: Option<Timestamp>,
    /// How often to look.
    pub every: Every,
    /// Whether to go on while another page shows.
    pub keep: bool,
    /// Whether a worker looks again and again.
    pub sampling: bool,
    /// How much of the past is shown.
    pub span: Span,
    /// The range that the user chose; `None` for the one of the verdict.
    pub chosen: Option<(Protocol, Family)>,
    /// The order of the holders.
    pub sort: HolderSort,
    /// What does not work, where the user came for that.
    pub complaint: Option<Complaint>,
    /// The number of the question that is still asked.
    pub number: u64,
}

impl ExhaustionState {
    /// The page of a computer that is known from files: what its last look and those before it come to. Nobody looks at it again.
    ///
    /// # Errors
    /// Where the files tell nothing at all.
    pub fn of_files(platform: &dyn Platform) -> Result<Self, PlatformError> {
        let mut monitor = Monitor::default();
        let look = monitor.look(platform, None)?;
        let latest = Some(Arc::new(monitor.answer(platform, look)));
        // All looks show, however far apart they were.
        Ok(Self { monitor: Arc::new(Mutex::new(monitor)), latest, span: Span::Day, ..Self::default() })
    }

    /// Whether it is of a computer that is known from files.
    pub fn is_of_files(&self) -> bool {
        self.latest.as_deref().is_some_and(|latest| latest.case.host.is_captured())
    }

    /// The place of the range that is shown, among those of the newest sample.
    pub fn range(&self) -> Option<usize> {
        let latest = self.latest.as_deref()?;
        let is_chosen = |own: &Usage| self.chosen == Some((own.protocol, own.family));
        latest.sample.ranges.iter().position(is_chosen).or(latest.range)
    }

    /// The use of that range.
    pub fn usage(&self) -> Option<&Usage> {
        self.latest.as_deref()?.sample.ranges.get(self.range()?)
    }

    /// Where that range goes.
    pub fn forecast(&self) -> Option<&Forecast> {
        self.latest.as_deref()?.forecasts.get(self.range()?)
    }

    /// How many of its ports were in use over time, the oldest first, as far back as is shown.
    pub fn points(&self) -> &[(Timestamp, u32)] {
        let Some((latest, range)) = self.latest.as_deref().zip(self.range()) else { return &[] };
        let points = latest.points(range);
        let begin = latest.sample.time.saturating_sub(self.span.time()).unwrap_or(Timestamp::MIN);
        &points[points.partition_point(|(time, _)| *time < begin)..]
    }
}
