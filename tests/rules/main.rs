//! The rules, the plans and the proof, over facts built by hand.

#[path = "../support/machine.rs"]
mod machine;

mod owners;
