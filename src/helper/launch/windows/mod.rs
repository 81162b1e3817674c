//! The way to administrator rights on Windows: where they are there already the helper is a child, else Windows asks (UAC).

mod door;
mod executable;

use super::child::{Heard, hold};
use super::{Elevator, LaunchError, Method};
use crate::helper::protocol::{Reply, Request};
use crate::platform::command;
use crate::platform::windows::ffi;

/// Asks Windows for rights.
#[derive(Debug, Clone, Copy)]
pub struct SystemElevator {
    /// The only way to try; `None` for the one that fits.
    only: Option<Method>,
}

impl SystemElevator {
    /// For a window.
    pub const fn in_window() -> Self {
        Self { only: None }
    }

    /// For a command, by this way only or by the one that fits.
    pub const fn for_command(only: Option<Method>) -> Self {
        Self { only }
    }
}

impl Elevator for SystemElevator {
    fn method(&self) -> Method {
        self.only.unwrap_or_else(|| if ffi::is_administrator() { Method::Administrator } else { Method::Uac })
    }

    fn run(
        &self,
        request: &Request,
        cancelled: &(dyn Fn() -> bool + Sync),
        on_reply: &mut dyn FnMut(Reply),
    ) -> Result<(), LaunchError> {
        if self.method() == Method::Uac {
            return door::ask(&executable::own_for_prompt()?, request, cancelled, on_reply);
        }
        // Who has the rights already gains nothing by the helper, whoever may have written the executable that runs.
        let mut helper = command::program(&executable::own()?);
        helper.arg("helper");
        match hold(helper, request, cancelled, on_reply)? {
            Heard::All => Ok(()),
            Heard::Nothing(unheard) if unheard.cancelled => Err(LaunchError::Declined { method: Method::Administrator }),
            Heard::Nothing(unheard) => Err(LaunchError::HelperDied { step: None, said: unheard.said }),
        }
    }
}
