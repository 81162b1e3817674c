//! What the services of every system have in common: the places that tell of their ports, their files and their logs.

pub mod arguments;
pub mod config;
pub mod files;
pub mod log_file;
pub mod open_ports;
pub mod ports;
