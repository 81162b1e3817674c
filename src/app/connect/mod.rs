//! Why a client gets no connection: the checklist, run from this computer. The command line and the window use it alike.

mod looks;
mod record;

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use jiff::Timestamp;

use crate::case::Case;
use crate::diagnosis::Target;
use crate::diagnosis::connect::{Answer, ConnectCause, ConnectVerdict, Fact, Facts, Item, Wanted, checklist, judge};
use crate::machine::Host;
use crate::platform::{Platform, PlatformError};

use super::investigate::investigate;
use looks::Looks;

/// What the checklist is looking at right now, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Checking {
    /// The hosts file, proxies, aliases and addresses of this computer.
    Settings,
    /// The addresses of the name.
    Name,
    /// The names of the addresses.
    Back,
    /// The services of this computer, where it is the one that is asked for.
    Services,
    /// SQL Server Browser.
    Browser,
    /// Who listens on the port, where it is this computer.
    Listeners,
    /// The firewalls and IPsec of this computer.
    Firewalls,
    /// The connection.
    Connection,
    /// Another port, where this one gave no answer.
    OtherDoor,
    /// What the service wrote around the attempt.
    Log,
    /// Why the service does not run.
    Service,
}

impl Checking {
    /// The looks that every run makes.
    pub const ALL: [Self; 11] = [
        Self::Settings,
        Self::Name,
        Self::Back,
        Self::Services,
        Self::Browser,
        Self::Listeners,
        Self::Firewalls,
        Self::Connection,
        Self::OtherDoor,
        Self::Log,
        Self::Service,
    ];

    /// The same in words.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Settings => "Looking at the hosts file, proxies and aliases",
            Self::Name => "Looking up the name",
            Self::Back => "Looking up the address",
            Self::Services => "Looking at the service",
            Self::Browser => "Asking SQL Server Browser",
            Self::Listeners => "Looking who listens on the port",
            Self::Firewalls => "Looking at firewalls and IPsec",
            Self::Connection => "Connecting",
            Self::OtherDoor => "Asking whether the computer answers at all",
            Self::Log => "Reading what the service wrote",
            Self::Service => "Finding out why the service does not run",
        }
    }
}

/// How far the checklist is.
#[derive(Debug)]
pub struct Progress<'a> {
    /// What is looked at now.
    pub checking: Checking,
    /// How many looks are done, of [`Checking::ALL`].
    pub done: usize,
    /// Every item, answered as far as is known; the others wait.
    pub items: &'a [Item],
}

/// The checklist with its answers.
#[derive(Debug, Clone)]
pub struct Checked {
    /// What was seen.
    pub facts: Facts,
    /// The items, in order.
    pub items: Vec<Item>,
    /// The cause.
    pub verdict: ConnectVerdict,
    /// What the wizard says of the service that does not run, where that is the cause.
    pub diagnosis: Option<Case>,
    /// Whether somebody stopped it before its end; the items that are left wait.
    pub stopped: bool,
    /// When it began.
    pub taken_at: Timestamp,
    /// The computer that asked.
    pub host: Host,
}

/// The longest time for one answer, unless somebody chooses another.
pub const USUAL_LIMIT: Duration = Duration::from_secs(5);

/// Runs the checklist. Each answer takes at most `limit`; `stop` ends it between looks, and while one waits.
///
/// `progress` is told before each look, with the answers so far.
///
/// # Errors
/// Where nothing of this computer could be seen at all.
pub fn check(
    platform: &dyn Platform,
    wanted: Wanted,
    limit: Duration,
    stop: &AtomicBool,
    progress: &mut dyn FnMut(&Progress<'_>),
) -> Result<Checked, PlatformError> {
    let taken_at = platform.now();
    let mut looks = Looks::new(platform, wanted, limit, stop);
    let mut diagnosis = None;
    let mut left_out = false;
    for (done, checking) in Checking::ALL.into_iter().enumerate() {
        if !looks.are_needed(checking) {
            continue;
        }
        if stop.load(Ordering::Relaxed) {
            left_out = true;
            break;
        }
        progress(&Progress { checking, done, items: &checklist(&looks.facts) });
        if checking == Checking::Service {
            diagnosis = why_down(platform, &looks.facts);
        } else {
            looks.look(checking)?;
        }
    }
    let facts = looks.facts;
    let host = match &facts.here {
        Fact::Seen(here) => here.host.clone(),
        _ => platform.observe(&crate::platform::Scope::default())?.host,
    };
    let items = checklist(&facts);
    // A look that was cut short leaves its question open; who stops when all have their answers has stopped nothing.
    let cut = stop.load(Ordering::Relaxed) && items.iter().any(|item| item.answer == Answer::Waiting);
    let stopped = left_out || cut;
    let mut verdict = judge(&facts);
    if stopped && verdict.cause == ConnectCause::Unknown {
        verdict = ConnectVerdict::stopped();
    }
    Ok(Checked { facts, items, verdict, diagnosis, stopped, taken_at, host })
}

/// What the wizard says of the service that does not run; `None` where that cannot be looked at, and then the item of the service stands alone.
fn why_down(platform: &dyn Platform, facts: &Facts) -> Option<Case> {
    let service = judge(facts).diagnose?;
    investigate(platform, &Target::Name(service), &mut |_| {}).ok().map(|found| found.case)
}
