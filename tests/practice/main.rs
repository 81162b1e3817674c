//! The practice machines through the real engine: diagnosis, planner, helper, proof and way back.

#![expect(clippy::unwrap_used, reason = "the helpers of a test are part of the test")]

mod audit;
mod command_line;
mod connect;
mod exhaustion;
mod files;
mod lessons;
mod outcomes;
mod restarts;
mod session;
