//! Ports are kept from clients, in the running kernel and for the next start, beside what others keep there.

use std::fs;
use std::process::Command;

use crate::answer::portmedic;
use crate::kernel::{self, RANGE, RESERVED};
use crate::next_start::{files, next_start};
use crate::room::{self, Scenario};

pub const ALL: &[Scenario] = &[
    ("exclude keeps a port in both stores", add),
    ("exclude keeps a range of ports", add_range),
    ("exclude --remove lets a port go in both stores", remove),
    ("exclude keeps a list of 15 KB whole", long_list),
    ("exclude --remove keeps the rest of a list of 15 KB", long_list_remove),
    ("exclude --remove leaves alone what another file keeps", remove_from_other_file),
    ("exclude keeps what another file keeps", other_file),
    ("undo of exclude restores both stores exactly", undo),
    ("what undo shows, typed by hand, restores both stores exactly", undo_by_hand),
    ("undo is refused where somebody changed the list since", undo_after_change),
    ("undo takes back what a helper that was killed had half done", undo_half_done),
    ("undo of a killed helper's step is refused where somebody changed the list since", undo_half_done_after_change),
    ("exclude of what is excluded changes nothing", twice),
    ("exclude is refused before the prompt where nothing can be kept for the next start", read_only),
    ("exclude that would leave clients no port is refused before the prompt", whole_range),
    ("exclude is refused before the prompt where the kernel's settings are read-only", read_only_kernel),
    ("exclude --dry-run changes nothing", dry_run),
    ("a change is told to people in words, not in codes", words),
    ("exclude without consent changes nothing", no_consent),
];

const SITE: &str = "/etc/sysctl.d/10-site.conf";

/// 3,000 ports, none beside another, as a list of 15 KB.
fn long() -> String {
    let list: Vec<_> = (2000..8000).step_by(2).map(|port: u16| port.to_string()).collect();
    let list = list.join(",");
    assert!(list.len() > 14_000, "{} bytes", list.len());
    list
}

/// The ports of a list, one by one.
fn ports(list: &str) -> Vec<u16> {
    let mut ports: Vec<u16> = list
        .split(',')
        .filter(|part| !part.is_empty())
        .flat_map(|part| {
            let (low, high) = part.split_once('-').unwrap_or((part, part));
            low.parse().expect("a port")..=high.parse().expect("a port")
        })
        .collect();
    ports.sort_unstable();
    ports
}

fn add() {
    let answer = portmedic(&["exclude", "1433", "--yes", "--json"]);
    answer.has_code(0);
    assert_eq!(answer.json["outcome"], "fixed");
    assert_eq!(answer.json["steps"][0]["operation"], "add_exclusion");
    assert_eq!(answer.json["steps"][0]["result"], "done");
    assert_eq!(kernel::setting(RESERVED), "1433");
    assert_eq!(next_start(RESERVED).as_deref(), Some("1433"));
}

fn add_range() {
    kernel::set(RESERVED, "8085");
    portmedic(&["exclude", "8080-8090", "--yes", "--json"]).has_code(0);
    assert_eq!(kernel::setting(RESERVED), "8080-8090");
}

fn remove() {
    portmedic(&["exclude", "1430-1435", "--yes"]).has_code(0);
    let answer = portmedic(&["exclude", "1433", "--remove", "--yes", "--json"]);
    answer.has_code(0);
    assert_eq!(answer.json["steps"][0]["operation"], "remove_exclusion");
    assert_eq!(kernel::setting(RESERVED), "1430-1432,1434-1435");
    assert_eq!(ports(&next_start(RESERVED).unwrap_or_default()), [1430, 1431, 1432, 1434, 1435]);
}

/// A site that keeps 3,000 ports, in both stores.
fn site_keeps(list: &str) {
    kernel::set(RESERVED, list);
    fs::write(SITE, format!("net.ipv4.{RESERVED} = {list}\n")).expect("the site's own file");
    assert_eq!(kernel::setting(RESERVED).len(), list.len(), "the kernel has it whole");
}

fn long_list() {
    let list = long();
    site_keeps(&list);
    portmedic(&["exclude", "1433", "--yes", "--json"]).has_code(0);
    let mut wanted = ports(&list);
    wanted.insert(0, 1433);
    assert_eq!(ports(&kernel::setting(RESERVED)), wanted);
    assert_eq!(ports(&next_start(RESERVED).expect("a list for the next start")), wanted);
}

fn long_list_remove() {
    let list = long();
    site_keeps(&list);
    portmedic(&["exclude", "1430-1435", "--yes", "--json"]).has_code(0);
    portmedic(&["exclude", "1433", "--remove", "--yes", "--json"]).has_code(0);
    let mut wanted = ports(&list);
    wanted.splice(0..0, [1430, 1431, 1432, 1434, 1435]);
    assert_eq!(ports(&kernel::setting(RESERVED)), wanted);
    assert_eq!(ports(&next_start(RESERVED).expect("a list for the next start")), wanted);
}

fn remove_from_other_file() {
    site_keeps("3000-3010");
    let before = (kernel::setting(RESERVED), files());
    let answer = portmedic(&["exclude", "3005", "--remove", "--yes", "--json"]);
    answer.has_code(2);
    assert!(answer.stderr.contains(SITE), "whose it is, is said: {}", answer.stderr);
    assert_eq!((kernel::setting(RESERVED), files()), before);
}

fn other_file() {
    let text = "# Kept by the site.\nnet.ipv4.ip_local_reserved_ports = 3000\nkernel.pid_max = 4194304\n";
    fs::write(SITE, text).expect("the site's own file");
    kernel::set(RESERVED, "4000");
    portmedic(&["exclude", "1433", "--yes"]).has_code(0);
    assert_eq!(kernel::setting(RESERVED), "1433,4000", "the running list grows by what was asked for");
    assert_eq!(ports(&next_start(RESERVED).unwrap_or_default()), [1433, 3000], "so does the other, from what is there");
    assert_eq!(files()[SITE], text, "the site's own file is the site's");
}

fn undo() {
    kernel::set(RESERVED, "3000-3010,4000");
    fs::write(SITE, format!("# Kept by the site.\nnet.ipv4.{RESERVED} = 3000\n")).expect("the site's own file");
    let before = (kernel::setting(RESERVED), files());
    portmedic(&["exclude", "3005-4005", "--yes"]).has_code(0);
    assert_ne!((kernel::setting(RESERVED), files()), before);
    let answer = portmedic(&["undo", "--yes", "--json"]);
    answer.has_code(0);
    assert_eq!((kernel::setting(RESERVED), files()), before);
    assert_eq!(portmedic(&["undo", "--yes", "--json"]).code, 2, "nothing is left to take back");
}

fn undo_by_hand() {
    kernel::set(RESERVED, "3000-3010,4000");
    fs::write(SITE, format!("# Kept by the site.\nnet.ipv4.{RESERVED} = 3000\n")).expect("the site's own file");
    let mut before = Vec::new();
    for ports in ["3005-4005", "5000"] {
        before.push((kernel::setting(RESERVED), files()));
        portmedic(&["exclude", ports, "--yes"]).has_code(0);
    }
    // The second change finds a file of PortMedic's, the first one found none.
    for (id, before) in
        portmedic(&["history", "--json"]).json["entries"].as_array().expect("entries").iter().zip(before.iter().rev())
    {
        let id = id["id"].as_str().expect("its name");
        let shown = portmedic(&["undo", id, "--dry-run", "--json"]);
        shown.has_code(0);
        let command = shown.json["plan"]["options"][0]["steps"][0]["preview"].as_str().expect("a preview");
        room::run(Command::new("sh").args(["-c", command]).env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin"));
        assert_eq!((kernel::setting(RESERVED), files()), *before, "{command}");
    }
}

/// Excludes 1433, and leaves a journal as if the helper had been killed in the middle of it.
fn killed_while_excluding() {
    const JOURNAL: &str = "/var/lib/portmedic/journal.jsonl";
    portmedic(&["exclude", "1433", "--yes"]).has_code(0);
    let text = fs::read_to_string(JOURNAL).expect("its journal");
    let begun: String = text.split_inclusive('\n').take(2).collect();
    assert!(begun.contains("\"intent\"") && begun.len() < text.len(), "{text}");
    fs::write(JOURNAL, begun).expect("its journal");
}

fn undo_half_done() {
    kernel::set(RESERVED, "3000-3010");
    let before = (kernel::setting(RESERVED), files());
    killed_while_excluding();
    let file = "/etc/sysctl.d/zz-portmedic-exclusions.conf";
    fs::remove_file(file).unwrap_or_else(|error| panic!("{file}: {error}"));
    assert!(portmedic(&["history"]).has_code(0).stdout.contains("did not come to its end; portmedic undo"));
    let answer = portmedic(&["undo", "--yes", "--json"]);
    answer.has_code(0);
    assert_eq!(answer.json["outcome"], "fixed");
    assert_eq!((kernel::setting(RESERVED), files()), before);
}

fn undo_half_done_after_change() {
    killed_while_excluding();
    kernel::set(RESERVED, "1433,5000");
    let left = (kernel::setting(RESERVED), files());
    let answer = portmedic(&["undo", "--yes", "--json"]);
    answer.has_code(1);
    assert!(answer.json["message"].as_str().is_some_and(|text| text.contains("5000 is excluded")), "{}", answer.json["message"]);
    assert_eq!((kernel::setting(RESERVED), files()), left);
}

fn undo_after_change() {
    portmedic(&["exclude", "1433", "--yes"]).has_code(0);
    kernel::set(RESERVED, "1433,5000");
    let answer = portmedic(&["undo", "--yes", "--json"]);
    answer.has_code(1);
    assert_eq!(kernel::setting(RESERVED), "1433,5000", "what somebody else has set stays");
}

fn twice() {
    portmedic(&["exclude", "1433", "--yes"]).has_code(0);
    let before = (kernel::setting(RESERVED), files());
    let answer = portmedic(&["exclude", "1433", "--yes", "--json"]);
    answer.has_code(0);
    assert_eq!((kernel::setting(RESERVED), files()), before);
}

fn read_only() {
    room::run(Command::new("mount").args(["-t", "tmpfs", "-o", "ro", "tmpfs", "/etc/sysctl.d"]));
    for arguments in [&["exclude", "1433", "--json"], &["range", "40000-50001", "--json"]] {
        let answer = portmedic(arguments);
        answer.has_code(2);
        assert!(answer.stderr.contains("/etc/sysctl.d is on a file system that is mounted read-only"), "{}", answer.stderr);
    }
    is_untouched();
}

fn whole_range() {
    kernel::set(RANGE, "20000 20009");
    let answer = portmedic(&["exclude", "20000-20009", "--json"]);
    answer.has_code(2);
    assert!(answer.stderr.contains("would leave no port for clients"), "{}", answer.stderr);
    is_untouched();
    portmedic(&["exclude", "20001-20009", "--yes"]).has_code(0);
}

fn read_only_kernel() {
    room::run(Command::new("mount").args(["--bind", "/proc/sys", "/proc/sys"]));
    room::run(Command::new("mount").args(["-o", "remount,bind,ro", "/proc/sys"]));
    for arguments in [&["exclude", "1433", "--json"], &["range", "40000-50001", "--json"]] {
        let answer = portmedic(arguments);
        answer.has_code(2);
        assert!(answer.stderr.contains("/proc/sys/net/ipv4/") && answer.stderr.contains("read-only"), "{}", answer.stderr);
    }
    is_untouched();
}

fn dry_run() {
    let answer = portmedic(&["exclude", "1433", "--dry-run", "--json"]);
    answer.has_code(0);
    assert_eq!(answer.json["plan"]["options"][0]["steps"][0]["operation"], "add_exclusion");
    assert!(answer.json["outcome"].is_null());
    is_untouched();
}

fn no_consent() {
    kernel::set(RANGE, "20000 30000");
    portmedic(&["exclude", "1433"]).has_code(3);
    is_untouched();
    let answer = portmedic(&["exclude", "1433", "--json"]);
    answer.has_code(3);
    assert_eq!(answer.json["outcome"], "declined");
    is_untouched();
}

fn words() {
    let told = [&["exclude", "1433", "--yes"][..], &["history"], &["undo", "--yes"], &["history"]].map(|arguments| {
        let answer = portmedic(arguments);
        answer.has_code(0).stdout.clone()
    });
    for text in &told {
        assert!(text.contains("Exclude 1433"), "{text}");
        assert!(!text.contains("add_exclusion") && !text.contains("add exclusion"), "{text}");
    }
}

#[track_caller]
fn is_untouched() {
    assert_eq!(kernel::setting(RESERVED), "");
    assert!(files().is_empty(), "{:?}", files());
}
