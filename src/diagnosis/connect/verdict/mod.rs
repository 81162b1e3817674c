//! The cause, named from the facts: the first thing on the way of the connection that stops it.

mod answered;
mod before;
mod cause;
mod here;

pub use cause::ConnectCause;

use serde::Serialize;

use super::{Facts, Question};
use crate::diagnosis::Confidence;

/// The answer of the checklist.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ConnectVerdict {
    /// The cause.
    pub cause: ConnectCause,
    /// How sure.
    pub confidence: Confidence,
    /// The verdict in one sentence, in plain words.
    pub headline: String,
    /// Why it is so, in one or two sentences.
    pub explanation: String,
    /// What to do next, as a short sentence that starts with a verb.
    pub next_step: String,
    /// The questions whose answers it rests on, the most important first.
    pub questions: Vec<Question>,
    /// The service of this computer that the wizard should look into, where the trouble goes on there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub diagnose: Option<String>,
}

impl ConnectVerdict {
    fn new(cause: ConnectCause, confidence: Confidence, questions: &[Question]) -> Self {
        Self {
            cause,
            confidence,
            headline: String::new(),
            explanation: String::new(),
            next_step: String::new(),
            questions: questions.to_vec(),
            diagnose: None,
        }
    }

    /// Somebody stopped the checklist before it told a cause.
    pub fn stopped() -> Self {
        Self::new(ConnectCause::Unknown, Confidence::CannotTell, &[]).says(
            "The checklist was stopped before its end",
            "The answers so far do not tell why. The other questions wait.",
            "Check again, and let it run to its end",
        )
    }

    /// Why it is that sure: a short reason without a full stop.
    pub fn confidence_because(&self) -> String {
        match self.questions.len() {
            0 => "no answer of the checklist tells it".to_owned(),
            1 => "1 answer of the checklist says so".to_owned(),
            count => format!("{count} answers of the checklist go into it"),
        }
    }

    fn says(mut self, headline: impl Into<String>, explanation: impl Into<String>, next_step: impl Into<String>) -> Self {
        self.headline = headline.into();
        self.explanation = explanation.into();
        self.next_step = next_step.into();
        self
    }
}

/// The cause, as far as the facts go. While looks are missing it is [`ConnectCause::Unknown`], unless one that is there already decides.
pub fn judge(facts: &Facts) -> ConnectVerdict {
    // In the order of the way: what stops a connection earlier is why nothing behind it matters.
    let rules: [fn(&Facts) -> Option<ConnectVerdict>; 15] = [
        before::name,
        before::alias,
        before::pipe,
        before::browser,
        before::tcp,
        here::no_port,
        before::no_way_out,
        here::own_firewall,
        here::full_queue,
        here::other_port,
        here::no_listener,
        here::not_heard,
        before::wrong_computer,
        answered::not_let_in,
        answered::let_in,
    ];
    rules.iter().find_map(|rule| rule(facts)).unwrap_or_else(unknown)
}

fn unknown() -> ConnectVerdict {
    ConnectVerdict::new(ConnectCause::Unknown, Confidence::CannotTell, &[]).says(
        "The checklist does not tell why",
        "What was seen does not name one cause.",
        "See the answers below, and run the checklist on the other computer as well",
    )
}

/// "port 1433 of db1".
fn place(facts: &Facts) -> String {
    let host = crate::machine::visible(&facts.wanted.host);
    match (facts.wanted.port, facts.wanted.named_instance()) {
        (Some(port), _) => format!("port {port} of {host}"),
        (None, Some(instance)) => format!(r"{host}\{}", crate::machine::visible(instance)),
        (None, None) => host,
    }
}
