//! The real executable against real sockets: every test runs in network, process and mount namespaces of its own, which end with it.
//!
//! Needs no rights, only a kernel that grants user namespaces. Where it grants none, the tests report themselves as ignored with the
//! reason; with `PORTMEDIC_LABS=required` they fail instead.

#![cfg_attr(
    target_os = "linux",
    expect(clippy::disallowed_methods, reason = "tests start programs and write system files themselves"),
    expect(clippy::panic, reason = "helpers of tests, which clippy takes for product code")
)]

#[cfg(target_os = "linux")]
mod answer;
#[cfg(target_os = "linux")]
mod kernel;
#[cfg(target_os = "linux")]
mod next_start;
#[cfg(target_os = "linux")]
mod puppet;
#[cfg(target_os = "linux")]
mod room;
#[cfg(target_os = "linux")]
mod scenarios;
#[cfg(target_os = "linux")]
mod trials;

#[cfg(target_os = "linux")]
fn main() -> std::process::ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    match arguments.get(1).map(String::as_str) {
        Some(room::INSIDE) => room::inside(&arguments[2]),
        Some(puppet::PUPPET) => puppet::play(&arguments[2]),
        _ => trials::run(),
    }
}

#[cfg(not(target_os = "linux"))]
fn main() {}
