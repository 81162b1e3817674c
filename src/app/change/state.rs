//! How far a change is that was asked for.

use super::AskedChange;
use crate::app::Look;
use crate::app::run::{Run, Stage};
use crate::case::Case;
use crate::remedy::Outcome;

/// The change that was asked for last.
#[derive(Debug, Clone, Default)]
pub struct ChangeState {
    /// The change, as soon as it is prepared.
    pub asked: Look<AskedChange>,
    /// Its one step as it runs.
    pub run: Run,
    /// Whether the computer is looked at again after the step.
    pub checking: bool,
}

impl ChangeState {
    /// Whether it is being made.
    pub const fn is_busy(&self) -> bool {
        self.run.is_busy() || self.checking
    }

    /// The Case.
    pub fn case(&self) -> Option<&Case> {
        self.asked.value().map(|asked| &asked.case)
    }

    /// Whether its step asks for administrator rights first.
    pub fn will_ask(&self) -> bool {
        let asks = |case: &Case| {
            let steps = case.plan.options.first().map(|option| option.steps.as_slice()).unwrap_or_default();
            !case.host.elevated && steps.iter().any(|step| step.elevation)
        };
        self.case().is_some_and(asks)
    }

    /// Whether it is made and proven.
    pub fn is_proven(&self) -> bool {
        self.run.stage == Stage::Done && self.case().is_some_and(|case| case.outcome == Some(Outcome::Fixed))
    }

    /// Forgets it; answers still on their way are dropped.
    pub fn forget(&mut self) {
        self.asked.forget();
        self.run.forget();
        self.checking = false;
    }
}
