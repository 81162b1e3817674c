//! Every call into Windows that Rust cannot check, each behind a function that can be called without care. One interface of Windows a file.
#![expect(unsafe_code, reason = "Windows has no safe interface for these calls; this is the one place")]

mod directories;
mod services;

pub use directories::system_directory;
pub use services::{Right, Service, ServiceManager};
