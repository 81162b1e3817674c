//! What shall happen while a machine is practised, as a trainee chooses it.

use crate::platform::practice::{Behaviour, Fault, Machine, Prompt, StepFault};

/// How long a slow step takes, in seconds.
const SLOW: u64 = 4;
/// The most steps that a plan has.
const STEPS: usize = 16;

/// The turn that things take.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Turn {
    /// As the machine is written.
    #[default]
    AsWritten,
    /// Every step takes its time.
    Slow,
    /// The prompt for administrator rights is closed.
    Declined,
    /// Nobody answers the prompt.
    Unanswered,
    /// A step could not be done.
    StepFails,
    /// The helper ends in the middle of a step.
    HelperEnds,
    /// The service ends again although every step was done.
    StaysDown,
    /// Somebody else changes the computer after the plan was shown.
    SomebodyElse,
}

impl Turn {
    /// All turns, the usual one first.
    pub const ALL: [Self; 8] = [
        Self::AsWritten,
        Self::Slow,
        Self::Declined,
        Self::Unanswered,
        Self::StepFails,
        Self::HelperEnds,
        Self::StaysDown,
        Self::SomebodyElse,
    ];

    /// In words.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AsWritten => "It goes as it usually does",
            Self::Slow => "Every step is slow",
            Self::Declined => "The prompt is declined",
            Self::Unanswered => "Nobody answers the prompt",
            Self::StepFails => "A step could not be done",
            Self::HelperEnds => "The helper ends in the middle of a step",
            Self::StaysDown => "The service ends again",
            Self::SomebodyElse => "Somebody else changes something",
        }
    }

    /// Whether it happens in one step, which the trainee chooses.
    pub const fn is_in_a_step(self) -> bool {
        matches!(self, Self::StepFails | Self::HelperEnds)
    }

    /// How `machine` behaves then; `step` counts from 1.
    pub fn behaviour(self, machine: &Machine, step: usize) -> Behaviour {
        let as_written = machine.behaviour.clone();
        let in_step = |fault| vec![StepFault { number: step, fault }];
        // Who is an administrator already is not asked: then there is no prompt to decline.
        let asked = Behaviour { elevated: Some(false), ..as_written.clone() };
        match self {
            Self::AsWritten => as_written,
            Self::Slow => {
                let step = (1..=STEPS).map(|number| StepFault { number, fault: Fault::Slow(SLOW) }).collect();
                Behaviour { step, ..as_written }
            }
            Self::Declined => Behaviour { prompt: Prompt::Declined, ..asked },
            Self::Unanswered => Behaviour { prompt: Prompt::Unanswered, ..asked },
            Self::StepFails => {
                Behaviour { step: in_step(Fault::Fails("the practice machine refuses this step".to_owned())), ..as_written }
            }
            Self::HelperEnds => Behaviour { step: in_step(Fault::HelperDies), ..as_written },
            Self::StaysDown => Behaviour { service_stays_down: true, ..as_written },
            Self::SomebodyElse => Behaviour { somebody_else_changes: true, ..as_written },
        }
    }
}
