//! The Case as a text for the ticket. Pure: a Case goes in, a text comes out.

mod finding;
mod markdown;

pub use finding::finding;
pub use markdown::markdown;

use crate::case::Case;

/// The Case as the JSON document of the promise.
pub fn json(case: &Case) -> String {
    case.to_json().unwrap_or_else(|error| format!("This case has no JSON form: {error}"))
}
