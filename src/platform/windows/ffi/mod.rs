//! Every call into Windows that Rust cannot check, each behind a function that can be called without care. One interface of Windows a file.
#![expect(unsafe_code, reason = "Windows has no safe interface for these calls; this is the one place")]

mod addresses;
mod bind;
mod close_window;
mod command_line;
mod console;
mod directories;
mod elevation;
mod end_process;
mod event_log;
mod files;
mod handles;
mod library;
mod pipe;
mod process;
mod process_list;
mod security;
mod service_tag;
mod services;
mod socket_tables;
mod system_information;
mod task_scheduler;
mod tcp_entry;
mod token;

use std::io;
use std::time::Duration;

use windows::Win32::Foundation::WIN32_ERROR;

pub use addresses::addresses;
pub use bind::{BoundPort, bind_exclusively, socket_without_port};
pub use close_window::ask_to_close;
pub use console::leave_own_console;
pub use directories::{program_data, program_files, system_directory};
pub use elevation::run_as_administrator;
pub use event_log::WindowsEventLog;
pub use files::{make_folder, open_file};
pub use handles::{HandlesOf, with_all_handles};
pub use pipe::{PIPE_USE, Pipe, unguessable_name};
pub use process::RunningProcess;
pub use process_list::processes;
pub use security::{descriptor_of, descriptor_of_path};
pub use service_tag::service_of_tag;
pub use services::{Right, Service, ServiceManager};
pub use socket_tables::socket_table;
pub use task_scheduler::TaskScheduler;
pub use tcp_entry::delete_connection;
pub use token::{account_name, account_of, is_administrator, is_split, look_at_all_processes};

/// An error of Windows as Rust knows it, so that its kind can be asked for.
fn os_error(error: windows::core::Error) -> io::Error {
    match WIN32_ERROR::from_error(&error) {
        Some(code) => io::Error::from_raw_os_error(code.0.cast_signed()),
        None => error.into(),
    }
}

/// A time as the waiting calls of Windows take it; for ever without one.
fn milliseconds(limit: Option<Duration>) -> u32 {
    // The highest number means for ever, so a longer limit is one less.
    limit.map_or(u32::MAX, |limit| u32::try_from(limit.as_millis()).unwrap_or(u32::MAX).min(u32::MAX - 1))
}
