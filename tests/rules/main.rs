//! The rules, the plans and the proof, over facts built by hand.
#![expect(clippy::unwrap_used, clippy::panic, reason = "the helpers of a test are part of the test")]

#[path = "../support/machine.rs"]
mod machine;

mod asked;
mod audit;
mod connect;
mod exhaustion;
mod known;
mod more_ports;
mod owners;
mod plans;
mod promises;
mod proofs;
mod ranges;
mod recorded;
mod used_up;
mod verdicts;
mod windows;
mod wording;
