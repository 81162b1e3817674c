//! The session without a screen: what is known, what the user did, what follows from it, and the workers that do it. Knows no egui.

pub mod apply;
mod backend;
pub mod change;
mod command;
mod computer;
mod effect;
mod event;
pub mod files;
pub mod investigate;
mod look;
mod page;
mod run;
mod settings;
mod state;
mod steps;
mod system_theme;
pub mod undo;
mod update;
pub mod verify;
mod worker;

pub use backend::{Backend, Cancel, RunProgress};
pub use change::{AskedChange, ChangeCommand, ChangeEffect, ChangeEvent, ChangeState};
pub use command::{Command, Key, Shortcut};
pub use computer::{Computer, ReadJournal};
pub use effect::Effect;
pub use event::{Event, Input, SaveProblem};
pub use investigate::Investigation;
pub use look::{Busy, Look};
pub use page::Page;
pub use run::{Run, RunLine, RunStep, Stage};
pub use settings::{Settings, ThemeChoice};
pub use state::{AppState, Picker, Question, ReportState, ServiceView, Services, Toast, ToastAction};
pub use steps::{Mark, StepView, is_open, steps};
pub use update::{back_to, is_changing, opened, update};
pub use worker::Workers;
