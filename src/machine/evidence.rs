//! What was seen, with its source, and what could not be seen, with its reason.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A fact with its source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// The fact, one plain sentence without a full stop.
    pub fact: String,
    /// The interface, file or exact command that showed it.
    pub source: String,
    /// The raw text that shows it, for those who check; may have several lines.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw: Option<String>,
    /// When it was seen or, for a log line, written.
    pub time: Option<Timestamp>,
}

/// Something that could not be seen. It is said, never left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    /// What is missing.
    pub what: String,
    /// Why.
    pub because: String,
    /// What would show it: a right, a command, a setting.
    pub shown_by: String,
}

impl Gap {
    /// A gap in three texts.
    pub fn new(what: impl Into<String>, because: impl Into<String>, shown_by: impl Into<String>) -> Self {
        Self { what: what.into(), because: because.into(), shown_by: shown_by.into() }
    }

    /// Adds `more` to `gaps`, each that is not told already.
    pub fn add(gaps: &mut Vec<Self>, more: impl IntoIterator<Item = Self>) {
        for gap in more {
            if !gaps.contains(&gap) {
                gaps.push(gap);
            }
        }
    }
}
