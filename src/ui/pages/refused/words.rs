//! How answers and causes look.

use crate::diagnosis::connect::{Answer, ConnectCause, Item};
use crate::ui::theme::Status;

/// The colour of a verdict: green where the connection is made, amber where it cannot be told, red where something stops it.
pub const fn status(cause: ConnectCause) -> Status {
    match cause {
        ConnectCause::Works => Status::Ok,
        ConnectCause::Unknown | ConnectCause::NamedPipe => Status::Warn,
        _ => Status::Err,
    }
}

/// The counts of the answers: "2 problems, 11 ok, 3 could not be checked".
pub fn counts(items: &[Item]) -> String {
    let count = |answer| items.iter().filter(|item| item.answer == answer).count();
    let (problems, waiting) = (count(Answer::Problem), count(Answer::Waiting));
    let problem = if problems == 1 { "1 problem".to_owned() } else { format!("{problems} problems") };
    let rest = match (count(Answer::CouldNotCheck), waiting) {
        (0, 0) => String::new(),
        (unseen, 0) => format!(", {unseen} could not be checked"),
        (_, waiting) => format!(", {waiting} not answered yet"),
    };
    format!("{problem}, {} ok{rest}", count(Answer::Ok))
}
