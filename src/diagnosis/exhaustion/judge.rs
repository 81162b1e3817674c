//! The answer: exhausted, heading there, a leak, many connections at rest, or ports are left.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use super::facts::Facts;
use super::leak::{Leak, leak};
use super::{Forecast, History, LostHandles, Probes, Tie, Usage, forecast, with_lost_handles};
use crate::diagnosis::{Cause, Confidence, Diagnosis, Verdict};
use crate::machine::{ConnectResult, Family, Gap, PortEvent, Protocol, Snapshot, SocketState};

/// Use from which a range counts as nearly full, in percent.
pub(super) const NEARLY_FULL: u32 = 90;
/// So many connections at rest are many, whatever the range.
const MANY_RESTING: u32 = 1000;
/// In a narrow range fewer are many: a fifth of it, but not fewer than this.
const FEW_RESTING: u32 = 50;
/// An event of Windows tells of now for so long.
const EVENT_IS_FRESH: SignedDuration = SignedDuration::from_mins(10);

/// How it stands with the dynamic ports, the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// No port is left, for anybody or for one destination.
    Exhausted,
    /// Ports are left, and within a day none will be.
    HeadingThere,
    /// A process takes sockets and does not give them back.
    Leak,
    /// Many connections are over and keep their ports a while yet.
    ManyTimeWait,
    /// Ports are left.
    NotExhausted,
    /// Too little was seen.
    CannotTell,
}

impl Standing {
    /// Whether something has to be done.
    pub const fn is_trouble(self) -> bool {
        matches!(self, Self::Exhausted | Self::HeadingThere | Self::Leak)
    }
}

/// The answer with what it rests on.
#[derive(Debug, Clone)]
pub struct Judgement {
    /// How it stands.
    pub standing: Standing,
    /// The same as a verdict, with those who have the most ports as owners.
    pub diagnosis: Diagnosis,
    /// Which range of the newest sample it is about; `None` where no range was seen.
    pub range: Option<usize>,
    /// Where each range of the newest sample goes.
    pub forecasts: Vec<Forecast>,
    /// Who leaks, where somebody does.
    pub leak: Option<Leak>,
}

/// Judges the newest sample of `history`, which was made from `snapshot`, in the light of those before it.
pub fn judge(snapshot: &Snapshot, history: &History, probes: &Probes) -> Judgement {
    let ranges = history.last().map_or(&[][..], |last| &last.ranges);
    let forecasts: Vec<Forecast> =
        ranges.iter().map(|own| forecast(&history.points(own.protocol, own.family), own.capacity)).collect();
    let leak = leak(history);
    let lost = with_lost_handles(snapshot);
    let scene = Scene { snapshot, history, probes, leak: leak.as_ref(), lost: &lost };
    let candidates = ranges.iter().zip(&forecasts).enumerate();
    let judged = candidates.map(|(place, (usage, forecast))| (scene.standing(usage, forecast), place, usage, forecast));
    // Of several ranges in the same state the one that is fuller counts; of two alike the first.
    let worst = judged.min_by(|one, other| {
        let fuller = |(standing, place, usage, _): &(Told, usize, &Usage, &Forecast)| {
            (standing.standing, std::cmp::Reverse(usage.percent()), *place)
        };
        fuller(one).cmp(&fuller(other))
    });
    let (told, range, about) = match worst {
        Some((told, place, usage, forecast)) => (told, Some(place), Some((usage, forecast))),
        None => (scene.without_ranges(), None, None),
    };
    let diagnosis = scene.diagnosis(&told, about);
    Judgement { standing: told.standing, diagnosis, range, forecasts, leak }
}

/// The answer for one range, and how sure.
#[derive(Debug, Clone)]
pub(super) struct Told {
    pub(super) standing: Standing,
    confidence: Confidence,
    because: &'static str,
}

/// A leak that only the handles tell of.
const LOST: Told = Told {
    standing: Standing::Leak,
    confidence: Confidence::Likely,
    because: "its socket handles were counted and compared with the socket table; whether their number rises is not known",
};

/// What the answer is made from.
pub(super) struct Scene<'a> {
    pub(super) snapshot: &'a Snapshot,
    pub(super) history: &'a History,
    pub(super) probes: &'a Probes,
    pub(super) leak: Option<&'a Leak>,
    /// Who has socket handles without a socket in the table, the most first.
    pub(super) lost: &'a [LostHandles<'a>],
}

impl Scene<'_> {
    fn standing(&self, usage: &Usage, forecast: &Forecast) -> Told {
        if let Some((confidence, because)) = self.exhausted(usage) {
            return Told { standing: Standing::Exhausted, confidence, because };
        }
        if forecast.full_in_minutes.is_some() {
            let because = if self.is_rise_of_resting(usage) {
                "the rise is of connections that are over, and levels off when the first of them have rested"
            } else {
                "a straight line through the last samples; what the programs do next is not known"
            };
            return Told { standing: Standing::HeadingThere, confidence: Confidence::Likely, because };
        }
        if let Some(leak) = self.leak {
            let (confidence, because) = if leak.is_growing() {
                (Confidence::Certain, "the number only rose while it was watched")
            } else if self.lost.iter().any(|lost| lost.of.pid == leak.pile.pid) {
                (
                    Confidence::Certain,
                    "most of its socket handles have no socket in the table any more, so it does not close them",
                )
            } else if leak.looks > 1 {
                (Confidence::Likely, "the number did not fall while it was watched, nor rise")
            } else {
                (Confidence::Likely, "one look does not tell whether it grows; --watch does")
            };
            return Told { standing: Standing::Leak, confidence, because };
        }
        if !self.lost.is_empty() {
            return LOST;
        }
        let resting = usage.states.of(SocketState::TimeWait);
        let many = MANY_RESTING.min((usage.capacity / 5).max(FEW_RESTING));
        let (confidence, because) = if self.is_seen_whole() {
            (Confidence::Certain, "the whole socket table and the range were read")
        } else {
            (Confidence::Likely, "a part of the sockets could not be seen")
        };
        let standing = if resting >= many { Standing::ManyTimeWait } else { Standing::NotExhausted };
        Told { standing, confidence, because }
    }

    /// Whether no port is left of this range, how surely and why.
    fn exhausted(&self, usage: &Usage) -> Option<(Confidence, &'static str)> {
        // The question for any port is asked over IPv4.
        let asked = usage.family == Family::Ipv4;
        let (none_left, given) = (asked && self.probes.none_left(usage.protocol), asked && self.probes.given(usage.protocol));
        let connection = self
            .probes
            .connection
            .as_ref()
            .filter(|test| usage.protocol == Protocol::Tcp && test.to.is_ipv4() == (usage.family == Family::Ipv4));
        let refused = connection.is_some_and(|test| matches!(test.result, ConnectResult::NoPortLeft | ConnectResult::PortRests));
        let nearly = usage.percent() >= NEARLY_FULL;
        let newest =
            self.snapshot.load.events.iter().filter(|event| event.is_of_whole_range()).filter_map(|event| event.time).max();
        let told = newest.is_some_and(|time| self.snapshot.taken_at.duration_since(time) <= EVENT_IS_FRESH);
        if none_left {
            Some((
                Confidence::Certain,
                if usage.is_full() {
                    "the system had no port to give, and the socket table shows why"
                } else {
                    "the system had no port to give"
                },
            ))
        } else if usage.is_full_for_all() && !given {
            Some((Confidence::Certain, "every port that may be handed out has a socket"))
        } else if usage.full_destination().is_some() {
            Some((Confidence::Certain, "every port has a connection to that one destination"))
        } else if refused && nearly {
            Some((Confidence::Certain, "a connection got no port, and the socket table shows why"))
        } else if told && nearly && !given && usage.protocol == Protocol::Tcp {
            Some((Confidence::Likely, "Windows said so within the last minutes, and the range is nearly full"))
        } else {
            None
        }
    }

    /// Whether the whole table is known, bound sockets too.
    fn is_seen_whole(&self) -> bool {
        self.snapshot.not_shown.is_empty() && self.snapshot.gaps.iter().all(|gap| !gap.what.contains("bound without listening"))
    }

    /// The same range as it was when the watch began.
    pub(super) fn first_look_at(&self, usage: &Usage) -> Option<&Usage> {
        self.history.samples().find_map(|own| own.range(usage.protocol, usage.family))
    }

    /// Whether what rose since the first sample are mostly connections at rest.
    fn is_rise_of_resting(&self, usage: &Usage) -> bool {
        let Some(first) = self.first_look_at(usage) else { return false };
        let rise = usage.in_use.saturating_sub(first.in_use);
        let resting = |own: &Usage| own.states.of(SocketState::TimeWait);
        rise > 0 && resting(usage).saturating_sub(resting(first)) * 2 > rise
    }

    /// Whether logs of another computer say that no port was left. Here the system is asked for one.
    pub(super) fn was_refused(&self) -> bool {
        let load = &self.snapshot.load;
        let events = load.events.iter().any(PortEvent::is_of_whole_range);
        self.snapshot.host.is_captured() && (events || !load.refused.is_empty())
    }

    fn without_ranges(&self) -> Told {
        let none = self.probes.any_port.iter().any(|(protocol, _)| self.probes.none_left(*protocol));
        if none {
            Told { standing: Standing::Exhausted, confidence: Confidence::Certain, because: "the system had no port to give" }
        } else if self.was_refused() {
            let because = "what was written then says so; how the ports are used is not known";
            Told { standing: Standing::Exhausted, confidence: Confidence::Likely, because }
        } else if self.leak.is_some() {
            let because = "the dynamic range is not known, so it is not known how far it is used";
            Told { standing: Standing::Leak, confidence: Confidence::Likely, because }
        } else if !self.lost.is_empty() {
            LOST
        } else {
            let because = "the dynamic range or the whole socket table is not known";
            Told { standing: Standing::CannotTell, confidence: Confidence::CannotTell, because }
        }
    }

    fn diagnosis(&self, told: &Told, about: Option<(&Usage, &Forecast)>) -> Diagnosis {
        let owners = self.owners(told.standing, about.map(|(usage, _)| usage));
        let lack = self.lack(told.standing, about.map(|(usage, _)| usage), &owners);
        let facts = Facts { snapshot: self.snapshot, history: self.history, probes: self.probes };
        let mut evidence: Vec<_> = facts.of_probes();
        evidence.extend(about.iter().flat_map(|(usage, forecast)| facts.of_range(usage, forecast)));
        evidence.extend(facts.of_system(self.leak));
        let text = self.text(told, about, owners.first());
        let cause = match told.standing {
            Standing::Exhausted | Standing::HeadingThere | Standing::Leak => Cause::Exhausted,
            Standing::ManyTimeWait | Standing::NotExhausted => Cause::NotAPortProblem,
            Standing::CannotTell => Cause::Unknown,
        };
        let verdict = Verdict {
            cause,
            confidence: told.confidence,
            confidence_because: told.because.to_owned(),
            headline: text.headline,
            explanation: text.explanation,
            next_step: text.next_step.to_owned(),
            evidence,
            notes: Vec::new(),
        };
        let (protocol, usage) = about.map(|(usage, _)| (usage.protocol, usage)).unzip();
        Diagnosis { protocol, owners, gaps: gaps(usage), lack, ..Diagnosis::of(verdict) }
    }
}

/// What would tell more.
fn gaps(usage: Option<&Usage>) -> Vec<Gap> {
    let mut gaps = Vec::new();
    let nobody = |holder: &&super::Holder| holder.tie == Tie::Nobody;
    if let Some(lost) = usage.and_then(|usage| usage.holders.iter().find(nobody)).filter(|lost| lost.ports >= FEW_RESTING) {
        gaps.push(Gap::new(
            format!("whose {} finished connections were", lost.ports),
            "the system forgets the process of a connection that is over",
            "portmedic exhaustion --watch while the program runs: it remembers who had a connection before it was over",
        ));
    }
    gaps
}
