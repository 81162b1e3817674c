//! Everything that PortMedic reads and somebody else may have written, damaged: it is read to its end, without a panic, and what is made of it
//! holds. Outputs of other machines have tests of their own (`tests/evidence`), and so have the bytes of the kernel, beside their readers.
//!
//! Bounded in `cargo test`; `PROPTEST_CASES=100000 cargo test --test hostile` looks for longer. README tells how long that was done.

#![expect(clippy::unwrap_used, clippy::panic, reason = "the helpers of a test are part of the test")]

#[path = "../support/archives.rs"]
mod archives;
#[path = "../support/damage.rs"]
mod damage;

mod door;
mod files;
mod network;
mod packed;
mod settings;
mod windows;

use proptest::prelude::*;

/// What a run of many cases needs to know: nothing is kept of it but what it prints.
fn cases() -> ProptestConfig {
    ProptestConfig { failure_persistence: None, ..ProptestConfig::default() }
}

/// One of these texts, damaged a few times.
fn damaged_text(texts: &[&str]) -> impl Strategy<Value = String> + use<> {
    let files = texts.iter().map(|text| text.as_bytes().to_vec()).collect();
    damage::damaged_one_of(files).prop_map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
}
