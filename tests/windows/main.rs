//! The Windows platform on a real service control manager, registry and sockets: those of Windows, or of Wine.
//!
//! Services that a test installs have names of their own and are removed with it.
#![cfg(windows)]

mod exclusions;
mod helper;
mod port_settings;
mod support;
