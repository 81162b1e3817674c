//! Reports: what they hide, and that no name from the system means anything in them.
#![expect(clippy::unwrap_used, reason = "the helpers of a test are part of the test")]

#[path = "../support/hostile_names.rs"]
mod hostile_names;
#[path = "../support/machine.rs"]
#[expect(dead_code, reason = "other tests build more kinds of facts")]
mod machine;

mod cases;
mod hostile;
mod redaction;
mod saved;
#[cfg(unix)] // they are run by a shell
mod scripts;
