//! Outputs and logs from other machines, read by the executable: each case in `cases/` has the files and what must be read from them.

#![expect(clippy::unwrap_used, reason = "the helpers of a test are part of the test")]

mod expected;
mod hostile;
mod intake;
mod samples;
