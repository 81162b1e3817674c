//! The one privileged door: a typed plan goes in, records come out, the journal is written, the helper ends.
//!
//! # Who could want what
//!
//! *Another user of the computer* wants an administrator's rights. They cannot start the helper with rights without an administrator who
//! agrees, and what they leave lying about is not trusted: files of ours are opened without following links, must belong to administrators
//! and be writable by them alone, and are replaced as a whole in folders of which the same is true ([`journal`],
//! `platform::linux::perform`). The lock of the journal is a file that only administrators can open, so nobody else can hold it and keep
//! PortMedic from working. PortMedic does not ask for rights for an executable that others could exchange ([`launch`]).
//!
//! *A program that runs as the user* wants to make use of a prompt that the user agrees to. It can replace an executable in the user's own
//! folders, draw on the screen and type: against that only an installation in a folder of root helps. What the door adds is that whoever
//! speaks through it can do no more than the closed list of [`Operation`](crate::remedy::Operation): no command, no path, no file name
//! comes through it. Unknown fields, jobs, versions and too long lines are refused (`validate`), names of services are checked against
//! what systemd allows, and the platform refuses processes and units that hold the computer or the session together.
//!
//! On Windows the helper behind a prompt is reached through a named pipe. Its name cannot be guessed, it is made before the prompt opens and
//! as the first of its name, lets in only the user who asks, the system and administrators, and nobody over the network. Each end demands
//! that the other is the process that it knows of, and the helper that it is the same executable; the helper lets nobody act in its name.
//! A request comes soon, on one line of bounded length, and once: a pipe is for one run.
//!
//! *A name on the computer* (of a process, a unit, a file) wants to be taken for something else. Names are shown with control characters
//! made visible; tools get them after `--`, never through a shell; processes are held by a handle that is compared with the start time
//! after it is open, connections are named by the kernel's own cookie.
//!
//! *Time* works against everybody: between the plan and the click others change the computer. Each step is compared with the state that the
//! user saw, before the first step for all and before each one again; after it, it is read back. At the first surprise nothing further is
//! done, but that a service which the run itself had stopped is started again (`given_back`). What is about to be done is on the disk before
//! it is, so a crash leaves the truth behind.
//!
//! What it does not stop: an administrator who agrees to a plan that a hostile program made. The prompt says who asks; the plan says what.

mod executor;
mod given_back;
pub mod journal;
pub mod launch;
#[cfg(windows)]
pub mod pipe;
pub mod protocol;
mod serve;
mod taken_back;
mod undo;
mod validate;

pub use executor::{Ended, Executor};
pub use serve::main_helper;
#[cfg(windows)]
pub use serve::{Door, main_helper_at};
pub use taken_back::{Changed, changed_since};
