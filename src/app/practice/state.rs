//! The choice of a practice machine.

use super::Turn;
use crate::platform::practice::Machine;

/// The choice of a machine.
#[derive(Debug, Clone, Default)]
pub struct Practising {
    /// The machines to choose from; none before the page was opened.
    pub machines: Vec<Machine>,
    /// Why they could not be read.
    pub problem: Option<String>,
    /// The chosen one, by its name.
    pub chosen: Option<String>,
    /// What shall happen on it.
    pub turn: Turn,
    /// The step in which it happens, counted from 1; 0 means that none was chosen.
    step: usize,
}

impl Practising {
    /// The chosen machine.
    pub fn chosen_machine(&self) -> Option<&Machine> {
        let name = self.chosen.as_ref()?;
        self.machines.iter().find(|machine| machine.name == *name)
    }

    /// The step in which it happens, counted from 1.
    pub fn step(&self) -> usize {
        self.step.max(1)
    }

    pub(super) const fn set_step(&mut self, step: usize) {
        self.step = step;
    }
}
