//! The one privileged door: a typed plan goes in, records come out, the journal is written, the helper ends.

pub mod protocol;
