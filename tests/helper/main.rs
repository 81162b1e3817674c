//! The privileged door against a computer made up for it: what it does, what it refuses, what it leaves behind when things go wrong.

#![expect(clippy::panic, reason = "helpers of tests, which clippy takes for product code")]

mod choices;
mod computer;
mod cuts;
mod faults;
mod given_back;
mod run;
mod session;
mod steps;
mod tasks;
mod undo;
