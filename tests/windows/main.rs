//! The Windows platform on a real service control manager, registry and sockets: those of Windows, or of Wine.
//!
//! Services that a test installs have names of their own and are removed with it.
#![cfg(windows)]
#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests, which clippy takes for product code")]

mod answer;
mod exclusions;
mod fix;
mod helper;
mod operations;
mod owners;
mod port_settings;
mod services;
mod sql_server;
mod support;
mod trace;
