//! Outputs and logs from other machines, read by the executable: each case in `cases/` has the files and what must be read from them.

#![expect(clippy::unwrap_used, reason = "the helpers of a test are part of the test")]

#[path = "../support/archives.rs"]
mod archives;
#[path = "../support/damage.rs"]
mod damage;
#[path = "../support/hostile_names.rs"]
mod hostile_names;

mod binary_log;
mod commands;
mod expected;
mod hostile;
mod intake;
mod reports;
mod samples;
mod traces;
