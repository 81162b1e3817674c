//! What the tests stand on.

pub mod netsh;
pub mod process;
pub mod service;
