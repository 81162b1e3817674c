//! The real window without a screen, driven by what a person reads and by the keys of a keyboard.

#![expect(clippy::unwrap_used, clippy::panic, reason = "the helpers of a test are part of the test")]

mod accessible;
mod audit;
mod change;
mod computer;
mod dynamic;
mod evidence;
mod exhaustion;
mod facts;
mod failures;
mod filling;
mod keyboard;
mod layout;
mod live;
#[path = "../support/machine.rs"]
#[expect(dead_code, reason = "the computer of these tests needs only some of it")]
mod machine;
mod pictures;
mod ports;
mod practice;
mod practising;
mod ranges;
mod recorded;
mod refused;
mod report;
mod restarts;
mod screen;
mod states;
mod wizard;
