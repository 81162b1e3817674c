//! Why a change that was asked for is not begun. Found before the prompt: nobody types a password for something that cannot work.

use super::{connection, exclusion};
use crate::diagnosis::wording::span;
use crate::machine::{Port, PortRange, Protocol, Snapshot, Store, System};
use crate::remedy::LEAST_PORTS_OF_WINDOWS;
use crate::remedy::preview::windows::FIRST_DYNAMIC_PORT;
use crate::remedy::{Operation, OperationState};

/// Whether there is nothing to do, or nothing that can be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefusalKind {
    /// The computer is as it is asked to be already.
    AlreadySo,
    /// The system would not take it, or it would do harm.
    NotPossible,
}

/// Why a change is not begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Which of the two.
    pub kind: RefusalKind,
    /// That it is so, as a headline.
    pub title: String,
    /// Why, in one or two sentences.
    pub why: String,
    /// What to do instead; empty where nothing needs to be done.
    pub next: String,
    /// The port that is in the way: looking into it is the way on.
    pub port: Option<Port>,
}

impl Refusal {
    /// One that says why the change is not possible.
    pub fn not_possible(title: impl Into<String>, why: impl Into<String>, next: impl Into<String>) -> Self {
        let kind = RefusalKind::NotPossible;
        Self { kind, title: title.into(), why: why.into(), next: next.into(), port: None }
    }

    /// Cause and next step in one text, for a terminal.
    pub fn sentence(&self) -> String {
        let mut text = format!("{}. {}", self.title, self.why);
        if !self.next.is_empty() {
            text.push(' ');
            text.push_str(&self.next);
        }
        text
    }
}

/// Why `operation` is not begun on the computer of `snapshot`; `None` where nothing speaks against it. `now` is the state that it would
/// change, where that was read.
pub fn refusal(operation: &Operation, snapshot: &Snapshot, now: Option<&OperationState>) -> Option<Refusal> {
    if now.is_some_and(|now| operation.is_reached_in(now)) {
        return Some(already_so(operation));
    }
    match operation {
        Operation::AddExclusion { range, protocol, .. } => exclusion::refused_addition(snapshot, *range, *protocol),
        Operation::RemoveExclusion { range, protocol, .. } => exclusion::refused_removal(snapshot, *range, *protocol),
        Operation::SetDynamicRange { range, protocol, .. } => {
            refused_range(snapshot, *range).or_else(|| no_port_left(snapshot, *range, *protocol))
        }
        Operation::CloseConnection { protocol, local, remote, .. } => {
            connection::refused_close(snapshot, *protocol, *local, *remote)
        }
        _ => None,
    }
}

fn already_so(operation: &Operation) -> Refusal {
    let (title, why) = match operation {
        Operation::AddExclusion { range, .. } => (
            format!("{} {} excluded already", super::ports_capital(*range), super::is_or_are(*range)),
            "It stands in the running list and in the one for the next start. There is nothing to do.".to_owned(),
        ),
        Operation::RemoveExclusion { range, .. } => (
            format!("{} {} not excluded", super::ports_capital(*range), super::is_or_are(*range)),
            "It stands in no list, so there is nothing to remove.".to_owned(),
        ),
        Operation::SetDynamicRange { range, .. } => (
            format!("The dynamic range is {} already", span(*range)),
            "It is so now and after a restart. There is nothing to do.".to_owned(),
        ),
        Operation::CloseConnection { local, remote, .. } => (
            "The connection is gone already".to_owned(),
            format!("No connection goes from {local} to {remote} any more. There is nothing to close."),
        ),
        Operation::StartTrace => ("The trace runs already".to_owned(), "Do what does not work, and stop it then.".to_owned()),
        Operation::StopTrace => ("No trace runs".to_owned(), "There is nothing to stop.".to_owned()),
        _ => ("It is as you ask already".to_owned(), "There is nothing to do.".to_owned()),
    };
    Refusal { kind: RefusalKind::AlreadySo, title, why, next: String::new(), port: None }
}

/// What the system or the Windows Subsystem for Linux does not allow.
fn refused_range(snapshot: &Snapshot, range: PortRange) -> Option<Refusal> {
    if snapshot.host.wsl {
        return Some(Refusal::not_possible(
            "The dynamic range is not changed inside WSL",
            "This is Linux in the Windows Subsystem: Windows gives it its port range, and with another one no connection would work any more.",
            "Change the range in Windows.",
        ));
    }
    let why = match snapshot.host.system {
        System::Windows if range.start() < FIRST_DYNAMIC_PORT => {
            format!(
                "Windows takes no dynamic range that begins below port {FIRST_DYNAMIC_PORT}; {} begins at {}.",
                span(range),
                range.start()
            )
        }
        System::Windows if range.count() < LEAST_PORTS_OF_WINDOWS => {
            format!(
                "Windows takes no dynamic range with fewer than {LEAST_PORTS_OF_WINDOWS} ports; {} has {}.",
                span(range),
                range.count()
            )
        }
        System::Linux => {
            let first = snapshot.unprivileged_port_start.filter(|first| range.start() < *first)?;
            format!(
                "Linux takes no dynamic range that begins below port {first}, the first one that needs no right; {} begins at {}.",
                span(range),
                range.start()
            )
        }
        System::Windows => return None,
    };
    let system = if snapshot.host.system == System::Windows { "Windows" } else { "Linux" };
    let title = format!("{system} does not take this dynamic range");
    Some(Refusal::not_possible(title, why, "Choose another range."))
}

/// A range of which every port is excluded has none for clients.
fn no_port_left(snapshot: &Snapshot, range: PortRange, protocol: Option<Protocol>) -> Option<Refusal> {
    let used_up = |own: Protocol| snapshot.excluded(own, Store::Active).contains_range(range);
    super::protocols(protocol).any(used_up).then(|| {
        Refusal::not_possible(
            "This dynamic range has no port for clients",
            format!("Every port of {} is excluded: no program could open a connection any more.", span(range)),
            "Choose a larger range, or remove exclusions first.",
        )
    })
}
