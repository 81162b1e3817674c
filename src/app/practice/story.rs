//! What a trainee is told of the practice machine in the window.

use crate::platform::practice::Machine;

/// The story of a practice machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Practice {
    /// The machine's short name.
    pub name: String,
    /// What happened, in one line.
    pub title: String,
    /// What the trainee is told at the beginning.
    pub story: String,
    /// What to check.
    pub target: String,
    /// What a client cannot connect to, where the story is about that: a computer, and a port or name behind a blank.
    pub connect: Option<String>,
    /// What the trainee knows afterwards.
    pub learns: String,
}

impl From<&Machine> for Practice {
    fn from(machine: &Machine) -> Self {
        // Files have line breaks where their lines are full.
        let flowing = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        Self {
            name: machine.name.clone(),
            title: machine.title.clone(),
            story: flowing(&machine.story),
            target: machine.lesson.target.clone(),
            connect: machine.lesson.connect.as_ref().map(|connect| connect.to.clone()),
            learns: flowing(&machine.lesson.learns),
        }
    }
}
