//! The network namespace in which everything is measured, and the order of the measurements.

use std::process::Command;

use super::groups::Groups;
use super::peers::{self, Question};
use super::table::{self, Asked, Table};
use super::{kernel, whole_process};

/// The argument with which the bench measures in the room that it is in.
pub const INSIDE: &str = "--inside";

const SIZES: [&str; 4] = ["1000", "10000", "50000", "200000"];

/// Makes the room and measures in it.
pub fn enter(sizes: &[&str]) {
    let sizes = if sizes.is_empty() { &SIZES[..] } else { sizes };
    let users: &[&str] = if rustix::process::geteuid().is_root() { &[] } else { &["--user", "--map-root-user"] };
    let own = std::env::current_exe().expect("this executable");
    let room = ["--net", "--pid", "--mount", "--fork", "--kill-child", "--mount-proc"];
    let ended = Command::new("unshare").args(users).args(room).arg(own).arg(INSIDE).args(sizes).status();
    assert!(ended.is_ok_and(|status| status.success()), "the bench ended early; without root's rights it needs user namespaces");
}

/// Measures, in the room.
pub fn inside(sizes: &[&str]) {
    kernel::bring_loopback_up();
    kernel::set(kernel::RANGE, "10000 60000");
    start();
    for size in sizes {
        let size = size.parse().expect("a number of sockets");
        if let Some(groups) = Groups::make() {
            measure(size, Some(&groups));
        } else {
            println!("\nThe holders cannot be put into control groups here: only the table without them is measured");
        }
        measure(size, None);
    }
}

/// What the start of a program takes, without any question.
fn start() {
    println!("The start of a program");
    whole_process::compare(&peers::starts());
}

fn measure(size: usize, groups: Option<&Groups>) {
    let _table = Table::fill(size, groups);
    let groups = if groups.is_some() { "each holder in a control group of its own" } else { "everybody in one control group" };
    println!("\n{size} sockets wanted, {} there, {groups}", table::sockets());
    for asked in Asked::ALL {
        println!("who has a port: {}", asked.in_words());
        whole_process::compare(&peers::all(Question::Owner(asked)));
    }
    println!("the whole table with owners");
    whole_process::compare(&peers::all(Question::Ports));
}
