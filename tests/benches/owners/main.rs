//! Who has a port, and who has each socket: PortMedic beside the other tools, on the same generated tables, in one run.
//!
//! `cargo bench --bench owners [-- SIZE...]`; sizes are 1000, 10000, 50000 and 200000 sockets unless named. Needs user namespaces; with
//! root's rights and a cgroup2 tree that can be written, the holders stand in control groups of their own as well, as services do.
//! The figures are of whole processes, their output thrown away: median (least to most) in milliseconds, each tool in turn.

#![cfg_attr(
    target_os = "linux",
    expect(clippy::disallowed_methods, reason = "a bench starts programs and reads the system itself"),
    expect(clippy::panic, reason = "a bench ends where something is wrong")
)]

#[cfg(target_os = "linux")]
mod bare;
#[cfg(target_os = "linux")]
mod groups;
#[cfg(target_os = "linux")]
#[path = "../../namespaces/kernel.rs"]
#[expect(dead_code, reason = "the tests in namespaces use the rest")]
mod kernel;
#[cfg(target_os = "linux")]
mod peers;
#[cfg(target_os = "linux")]
mod room;
#[cfg(target_os = "linux")]
mod table;
#[cfg(target_os = "linux")]
#[path = "../whole_process.rs"]
mod whole_process;

#[cfg(target_os = "linux")]
fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [room::INSIDE, ref sizes @ ..] => room::inside(sizes),
        [table::HOLD, ref part @ ..] => table::hold(part),
        [peers::PEER, name, port] => peers::play(name, port.parse().expect("a port")),
        ref sizes => room::enter(sizes),
    }
}

#[cfg(not(target_os = "linux"))]
fn main() {}
