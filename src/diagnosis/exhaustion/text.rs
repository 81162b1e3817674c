//! The sentences of a judgement.

use super::culprit::{Culprit, culprits};
use super::judge::{NEARLY_FULL, Scene, Standing, Told};
use super::words::{is_or_are, kernel, rate, rest, table};
use super::{Destination, Forecast, LostHandles, Usage, facts, minutes};
use crate::diagnosis::Owner;
use crate::diagnosis::names::{holder_name, sentence};
use crate::diagnosis::wording::span;
use crate::machine::{ConnectResult, Protocol, SocketState, visible};

/// The next step where files leave open what the answer rests on.
const MISSING: &str = "Run the commands for what was not seen on that computer, and open their outputs together with these";

/// The sentences of a verdict.
pub(super) struct Text {
    pub(super) headline: String,
    pub(super) explanation: String,
    pub(super) next_step: &'static str,
}

impl Scene<'_> {
    pub(super) fn text(&self, told: &Told, about: Option<(&Usage, &Forecast)>, owner: Option<&Owner>) -> Text {
        match (told.standing, about) {
            (Standing::Exhausted, about) => self.text_exhausted(about.map(|(usage, _)| usage), owner),
            (Standing::HeadingThere, Some((usage, forecast))) => self.text_heading(usage, forecast, owner),
            (Standing::Leak, about) => self.text_leak(about.map(|(usage, _)| usage), owner),
            (Standing::ManyTimeWait, Some((usage, _))) => Text {
                headline: "Many connections rest in TIME_WAIT, and ports are left".to_owned(),
                explanation: format!(
                    "{} of {} ports are in use, {} of them by connections that are over; each frees itself after {}. Many of them alone do \
                     not mean that ports ran out: they mean that a program opens and closes many connections.",
                    usage.in_use,
                    usage.capacity,
                    usage.states.of(SocketState::TimeWait),
                    rest(self.snapshot.host.system)
                ),
                next_step: "Watch whether it grows: portmedic exhaustion --watch",
            },
            (_, Some((usage, _))) => Text {
                headline: if usage.percent() >= NEARLY_FULL {
                    "Few ports are left for outgoing connections".to_owned()
                } else {
                    "Ports are left for outgoing connections".to_owned()
                },
                explanation: format!(
                    "{} of the {} ports of the fullest dynamic range, {} for {}, {} in use.{}",
                    usage.in_use,
                    usage.capacity,
                    span(usage.range),
                    table(usage.protocol, usage.family),
                    is_or_are(usage.in_use),
                    self.other_reason()
                ),
                next_step: "Look for another reason, or watch it while the trouble is there: portmedic exhaustion --watch",
            },
            (_, None) => Text {
                headline: "It could not be seen how many ports are in use".to_owned(),
                explanation: "The dynamic range or the whole socket table is not known, so nothing can be concluded.".to_owned(),
                next_step: if self.snapshot.host.is_captured() { MISSING } else { "Look again with administrator rights" },
            },
        }
    }

    /// What the connection says that was asked for, where ports are left.
    fn other_reason(&self) -> &'static str {
        match self.probes.connection.as_ref().map(|test| test.result) {
            Some(ConnectResult::Refused) => " The far end refuses the connection: nobody listens there.",
            Some(ConnectResult::TimedOut) => {
                " The far end does not answer: a firewall, a wrong address or a computer that is off."
            }
            Some(ConnectResult::Unreachable) => " No way leads to the far end.",
            Some(ConnectResult::NoPortLeft | ConnectResult::PortRests | ConnectResult::Other) => {
                " The connection was not made for another reason than a lack of ports."
            }
            Some(ConnectResult::Connected) | None => "",
        }
    }

    fn text_exhausted(&self, usage: Option<&Usage>, owner: Option<&Owner>) -> Text {
        let kernel = kernel(self.snapshot.host.system);
        let next_step = "Stop what uses up the ports, or widen the dynamic range";
        let Some(usage) = usage else {
            if self.was_refused() {
                return Text {
                    headline: "No port was left for outgoing connections".to_owned(),
                    explanation: format!("The logs say so.{} How far the ports are used is not known.", self.of_leak(owner)),
                    next_step: MISSING,
                };
            }
            return Text {
                headline: "No port is left for outgoing connections".to_owned(),
                explanation: format!("{kernel} had no port to give when it was asked for any."),
                next_step,
            };
        };
        let range = span(usage.range);
        let top = self.top(usage, owner);
        let (headline, others) = none_left(usage, usage.full_destination());
        let explanation = match usage.capacity {
            0 => format!("{kernel} takes the ports of outgoing connections from {range}, and every one of them is excluded."),
            capacity => format!(
                "{kernel} takes the ports of outgoing connections from {range}, and {} of the {capacity} are taken.{top}{others}",
                usage.in_use
            ),
        };
        Text { headline, explanation, next_step }
    }

    fn text_heading(&self, usage: &Usage, forecast: &Forecast, owner: Option<&Owner>) -> Text {
        let (slope, full) = (forecast.ports_a_minute.unwrap_or_default(), forecast.full_in_minutes.unwrap_or_default());
        let top = self.top(usage, owner);
        Text {
            headline: format!("The ports run out in {}, at {}", about(full), rate(slope)),
            explanation: format!(
                "{} of the {} ports of {} are in use, and the number rises.{top}",
                usage.in_use,
                usage.capacity,
                span(usage.range)
            ),
            next_step: "Stop what uses up the ports before none is left",
        }
    }

    /// What piled up at this program, as a sentence behind another one.
    fn of_leak(&self, owner: Option<&Owner>) -> String {
        let Some(leak) = self.leak else { return String::new() };
        format!(
            " {} takes sockets and does not give them back: {} of them {}.",
            self.who_leaks(owner),
            leak.pile.sockets,
            leak.pile.fault()
        )
    }

    /// Who leaks, at the beginning of a sentence. A pile that was only counted has no socket whose owner could be looked up.
    fn who_leaks(&self, owner: Option<&Owner>) -> String {
        let counted = || match self.leak {
            Some(leak) => leak.pile.process.as_deref().map(visible),
            None => self.lost.first().map(|lost| sentence(&facts::name(lost.of))),
        };
        owner.map(|owner| self.name(owner)).or_else(counted).unwrap_or_else(|| "A program".to_owned())
    }

    fn text_leak(&self, about: Option<&Usage>, owner: Option<&Owner>) -> Text {
        let who = self.who_leaks(owner);
        let of_pile = self.leak.map(|leak| {
            let rises = if leak.is_growing() { " The number only rises." } else { "" };
            format!("{} of its sockets {}.{rises}", leak.pile.sockets, leak.pile.fault())
        });
        let meant = |lost: &&LostHandles<'_>| self.leak.is_none_or(|leak| leak.pile.pid == lost.of.pid);
        let of_handles = self.lost.iter().find(meant).map(|lost| {
            format!(
                "It has {} socket handles, and {} sockets in the table: it does not close those whose connection is over.",
                lost.sockets, lost.in_table
            )
        });
        let explanation: Vec<String> = of_pile.into_iter().chain(of_handles).collect();
        let explanation = explanation.join(" ");
        let left = if about.is_some() { "Ports are left now." } else { "How many ports are left is not known." };
        Text {
            headline: format!("{who} takes sockets and does not give them back"),
            explanation: format!("{explanation} {left}"),
            next_step: "Restart the program, and tell its makers",
        }
    }

    /// The name of a holder at the beginning of a sentence.
    fn name(&self, owner: &Owner) -> String {
        sentence(&holder_name(self.snapshot, owner))
    }

    /// Who has the most, and what it does wrong: a sentence behind another one, or nothing.
    pub(super) fn top(&self, usage: &Usage, owner: Option<&Owner>) -> String {
        let own = |own: &Culprit| owner.and_then(|owner| owner.pid) == Some(own.pid);
        let Some((first, owner)) = culprits(usage).into_iter().find(own).zip(owner) else {
            let resting = usage.states.of(SocketState::TimeWait);
            return if resting * 2 > usage.in_use {
                format!(
                    " {resting} of them belong to connections that are over; each frees itself after {}.",
                    rest(self.snapshot.host.system)
                )
            } else {
                String::new()
            };
        };
        let likely = if first.likely { " most likely" } else { "" };
        let share = first.ports * 100 / usage.in_use.max(1);
        let pile = match (first.has.of(SocketState::Bound), first.has.of(SocketState::CloseWait)) {
            (bound, _) if bound * 2 > first.ports => {
                format!(" {bound} of its sockets are bound and neither connected nor closed.")
            }
            (_, waiting) if waiting * 2 > first.ports => {
                format!(" {waiting} of its sockets are connections that the far end has closed and it has not.")
            }
            _ => String::new(),
        };
        format!(" {} has{likely} {} of them, {share} %.{pile}", self.name(owner), first.ports)
    }
}

/// The headline where no port is left, and a sentence on who may still get one. `full` is a destination that gets none.
pub(super) fn none_left(usage: &Usage, full: Option<&Destination>) -> (String, &'static str) {
    match (usage.protocol, full) {
        (Protocol::Udp, _) => ("No UDP port is left".to_owned(), ""),
        (Protocol::Tcp, _) if usage.is_full_for_all() => ("No port is left for outgoing connections".to_owned(), ""),
        (Protocol::Tcp, Some(destination)) => (
            format!("No port is left for connections to {}", destination.remote),
            " Linux counts each destination by itself: others may still be reached, except by programs that bind a port before they \
             connect.",
        ),
        (Protocol::Tcp, None) if usage.counts_by_destination && usage.is_full() => (
            "No port is left for programs that bind one before they connect".to_owned(),
            " Linux gives each port again for another destination, so others may still connect.",
        ),
        (Protocol::Tcp, None) => ("No port is left for outgoing connections".to_owned(), ""),
    }
}

/// `about 14 minutes`, `under a minute`.
fn about(full: f64) -> String {
    let text = minutes(full);
    if text.starts_with("under") { text } else { format!("about {text}") }
}
