//! What a rule says when it fires.

use crate::diagnosis::{Cause, Confidence, Owner, Verdict};
use crate::machine::{Evidence, Gap};

/// How sure a rule is, with the reason for every doubt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Certainty {
    /// The facts prove it.
    Certain,
    /// Facts point there; this one is missing or speaks against it.
    Likely(String),
    /// This was not seen, and nothing can be said without it.
    CannotTell(String),
}

impl Certainty {
    pub(super) fn likely(because: impl Into<String>) -> Self {
        Self::Likely(because.into())
    }
}

/// The answer of one rule.
#[derive(Debug, Clone)]
pub(super) struct Finding {
    pub(super) cause: Cause,
    pub(super) certainty: Certainty,
    pub(super) headline: String,
    pub(super) explanation: String,
    pub(super) next_step: String,
    pub(super) evidence: Vec<Evidence>,
    pub(super) owners: Vec<Owner>,
    pub(super) gaps: Vec<Gap>,
}

impl Finding {
    /// The verdict, with the reason for its confidence.
    pub(super) fn verdict(self) -> Verdict {
        let (confidence, confidence_because) = match self.certainty {
            Certainty::Certain => (Confidence::Certain, agreement(self.evidence.len())),
            Certainty::Likely(because) => (Confidence::Likely, because),
            Certainty::CannotTell(because) => (Confidence::CannotTell, because),
        };
        Verdict {
            cause: self.cause,
            confidence,
            confidence_because,
            headline: self.headline,
            explanation: self.explanation,
            next_step: self.next_step,
            evidence: self.evidence,
            notes: Vec::new(),
        }
    }
}

fn agreement(facts: usize) -> String {
    match facts {
        0 | 1 => "nothing speaks against it".to_owned(),
        facts => format!("{facts} facts agree, none against"),
    }
}
