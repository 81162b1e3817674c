//! PortMedic's own tasks, on every system: how they are installed, taken away and put back, whatever the system keeps them in.
//!
//! A task starts a copy of this very executable in a folder where only administrators can change anything, because it runs with all rights
//! from each start of the computer on: the user's own file could be exchanged by whoever runs as that user, or simply be deleted.

mod same;

pub use same::is_same;

use crate::platform::PlatformError;
use crate::remedy::{OperationState, Task, TaskName};

/// What starts tasks on a computer: systemd, or the Task Scheduler of Windows.
pub trait Manager {
    /// The text by which the system knows the task; `None` where it knows none of this name.
    fn read(&self, name: TaskName) -> Result<Option<String>, PlatformError>;
    /// Has it know the task by this text, or no more.
    fn write(&self, name: TaskName, text: Option<&str>) -> Result<(), PlatformError>;
    /// Whether it starts the task with the computer.
    fn is_enabled(&self, name: TaskName) -> Result<bool, PlatformError>;
    /// Has it start the task with the computer; or stop it, where it runs, and start it no more.
    fn enable(&self, name: TaskName, wanted: bool) -> Result<(), PlatformError>;
    /// Starts the task anew, and returns when it runs.
    fn restart(&self, name: TaskName) -> Result<(), PlatformError>;
    /// Refuses where the text cannot be kept.
    fn check_place(&self, name: TaskName) -> Result<(), PlatformError>;
    /// The text for a task.
    fn text_of(&self, task: &Task) -> String;
    /// The task that PortMedic wrote with this text; `None` where somebody else wrote or changed it.
    fn task_of(&self, text: &str) -> Option<Task>;
}

/// The copy of this executable that tasks start.
pub trait Program {
    /// Whether it is there with the same contents as this executable, and nobody but administrators can exchange it.
    fn is_ours(&self) -> bool;
    /// Refuses a place where it cannot be kept, or in which others could exchange what runs with all rights.
    fn check_place(&self) -> Result<(), PlatformError>;
    /// Puts it there where it is not, or is another version.
    fn put(&self) -> Result<(), PlatformError>;
    /// Takes it away, and its folder where that is empty then.
    fn remove(&self) -> Result<(), PlatformError>;
}

/// The tasks of a computer.
pub struct Tasks {
    /// What starts them.
    pub manager: Box<dyn Manager>,
    /// What they start.
    pub program: Box<dyn Program>,
}

impl Tasks {
    /// What is there of the task.
    pub fn state(&self, name: TaskName) -> Result<OperationState, PlatformError> {
        let own_file = self.manager.read(name)?;
        let enabled = self.manager.is_enabled(name)?;
        let task = own_file.as_deref().and_then(|text| self.manager.task_of(text));
        let works = task.filter(|task| enabled && task.name() == name && self.program.is_ours());
        Ok(OperationState::Task { works, enabled, own_file })
    }

    /// Refuses places in which nothing can be kept, or somebody else could exchange what runs with all rights.
    pub fn check_places(&self, name: TaskName) -> Result<(), PlatformError> {
        self.manager.check_place(name)?;
        self.program.check_place()
    }

    /// Puts the program and the task in their places and has the system start it. Where one of these cannot be done, all goes back.
    pub fn install(&self, task: &Task) -> Result<(), PlatformError> {
        let name = task.name();
        let before = self.state(name)?;
        self.check_places(name)
            .and_then(|()| self.set_up(name, &self.manager.text_of(task), true))
            .map_err(|error| self.put_back(name, &before, error))
    }

    /// Takes all of it away. Where that cannot be done, what was there goes back.
    pub fn remove(&self, name: TaskName) -> Result<(), PlatformError> {
        let before = self.state(name)?;
        self.take_away(name).map_err(|error| self.put_back(name, &before, error))
    }

    /// Puts back what was there before.
    pub fn restore(&self, name: TaskName, before: &OperationState) -> Result<(), PlatformError> {
        let OperationState::Task { enabled, own_file, .. } = before else {
            return Err(PlatformError::Refused("the record of this step is not about a task".to_owned()));
        };
        match own_file {
            Some(text) => self.check_places(name).and_then(|()| self.set_up(name, text, *enabled)),
            None => self.take_away(name),
        }
    }

    /// After `error`.
    fn put_back(&self, name: TaskName, before: &OperationState, error: PlatformError) -> PlatformError {
        match self.restore(name, before) {
            Ok(()) => error,
            Err(second) => PlatformError::Failed {
                what: error.to_string(),
                why: format!("and what was there before ({before}) could not be put back: {second}"),
            },
        }
    }

    /// Puts all in place, and leaves it as it is where that fails. The task first: whoever is killed in between leaves one that shows that the program is PortMedic's to remove.
    pub(in crate::platform) fn set_up(&self, name: TaskName, text: &str, enabled: bool) -> Result<(), PlatformError> {
        self.manager.write(name, Some(text))?;
        self.program.put()?;
        self.manager.enable(name, enabled)?;
        match name {
            // With other ports it is another one.
            TaskName::Recorder if enabled => self.manager.restart(name),
            TaskName::Recorder | TaskName::Recheck => Ok(()),
        }
    }

    /// Takes all away, as far as it goes. The task last, for the same reason.
    pub(in crate::platform) fn take_away(&self, name: TaskName) -> Result<(), PlatformError> {
        if self.manager.read(name)?.is_none() {
            return Ok(());
        }
        self.manager.enable(name, false)?;
        let mut others = TaskName::ALL.into_iter().filter(|other| *other != name);
        if others.try_fold(true, |alone, other| Ok::<_, PlatformError>(alone && self.manager.read(other)?.is_none()))? {
            self.program.remove()?;
        }
        self.manager.write(name, None)
    }
}
