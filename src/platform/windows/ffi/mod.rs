//! Every call into Windows that Rust cannot check, each behind a function that can be called without care. One interface of Windows a file.
#![expect(unsafe_code, reason = "Windows has no safe interface for these calls; this is the one place")]

mod addresses;
mod bind;
mod directories;
mod library;
mod process_list;
mod service_tag;
mod services;
mod socket_tables;
mod tcp_entry;

pub use addresses::addresses;
pub use bind::{BoundPort, bind_exclusively};
pub use directories::system_directory;
pub use process_list::processes;
pub use service_tag::service_of_tag;
pub use services::{Right, Service, ServiceManager};
pub use socket_tables::socket_table;
pub use tcp_entry::delete_connection;
