//! What Windows answers about sockets and processes, as bytes. They are read here with every bound checked and without a call into Windows,
//! so that recorded answers are read by the same code on every system.

mod bytes;
pub mod handles;
pub mod processes;
pub mod search;
pub mod socket_handles;
pub mod sockets;
pub mod unicode_string;
