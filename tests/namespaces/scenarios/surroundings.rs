//! Hostile surroundings: what somebody else laid in the way of the helper, or set before it was started.

use std::collections::BTreeSet;
use std::fs::{self, File, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Stdio};

use rustix::fs::{CWD, FileType, Mode, mknodat};
use serde_json::Value;

use super::helper::{exclude, is_refused, request, results};
use crate::answer::{executable, portmedic_with_input};
use crate::kernel::{self, RESERVED};
use crate::next_start::files;
use crate::room::{self, Scenario};

pub const ALL: &[Scenario] = &[
    ("the helper runs no program by PATH, and takes nothing from the environment or the folder it is started in", environment),
    ("the helper keeps no file to which it was handed, and writes its own with rights of its own", handed_files),
    ("the helper follows no link in place of what it writes", links),
    ("the helper is not held up by a named pipe in place of what it opens", pipes),
    ("the helper writes nowhere where others could exchange it", open_folders),
    ("the helper takes a request once", replay),
    ("the helper does not lose what stands in files of others or was added to its own", others),
];

const LIBRARY: &str = "/var/lib/portmedic";
const OWN_LIST: &str = "/etc/sysctl.d/zz-portmedic-exclusions.conf";

fn say(text: &str) -> Vec<Value> {
    replies(&portmedic_with_input(&["helper"], text).stdout)
}

fn replies(said: &str) -> Vec<Value> {
    said.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{line}: {error}"))).collect()
}

/// The request to exclude 1433, as it was planned on the computer as it is at first.
fn plan(id: &str) -> String {
    let mut request = request(&[exclude(1433, "")]);
    request["id"] = id.into();
    format!("{request}\n")
}

/// Everything of a name that a program could be started by, which leaves a mark where it is.
fn traps(folder: &str) {
    fs::create_dir_all(folder).expect("a folder");
    for tool in ["systemctl", "getent", "journalctl", "ip", "nft", "iptables", "sysctl", "sh", "bash", "portmedic", "ldconfig"] {
        let trap = format!("{folder}/{tool}");
        fs::write(&trap, "#!/bin/sh\n/usr/bin/touch /run/trapped\n").expect("a trap");
        fs::set_permissions(&trap, Permissions::from_mode(0o755)).expect("that runs");
    }
}

fn environment() {
    let folder = "/var/lib/home/traps";
    traps(folder);
    for name in ["sysctl.d", "etc", "journal.jsonl", "lock"] {
        fs::write(format!("{folder}/{name}"), "trap").expect("a trap");
    }
    let before = listing(folder);
    let mut helper = Command::new("/bin/sh");
    helper.args(["-c", "umask 0; ulimit -S -f 0; exec \"$0\" helper", &executable()]).current_dir(folder).env_clear();
    for name in [
        "PATH",
        "HOME",
        "TMPDIR",
        "TMP",
        "XDG_STATE_HOME",
        "XDG_CONFIG_HOME",
        "XDG_DATA_HOME",
        "XDG_RUNTIME_DIR",
        "PWD",
        "SHELL",
        "PAGER",
        "SYSTEMD_PAGER",
        "TZDIR",
        "LOCPATH",
    ] {
        helper.env(name, folder);
    }
    helper.env("DBUS_SESSION_BUS_ADDRESS", format!("unixexec:path={folder}/sh"));
    helper.env("DBUS_SYSTEM_BUS_ADDRESS", format!("unixexec:path={folder}/sh"));
    helper.env("TZ", format!(":{folder}/etc")).env("LANG", "../../etc").env("PKEXEC_UID", "x").env("SUDO_UID", "-1");
    helper.env("RUST_LOG", "trace").env("RUST_BACKTRACE", "full").env("IFS", "/");
    let answer = crate::answer::run_as_it_is(&mut helper, &plan("a"));
    assert_eq!(results(&replies(&answer.stdout)), ["done"], "{}{}", answer.stdout, answer.stderr);
    assert!(!Path::new("/run/trapped").exists(), "something of theirs was run");
    assert_eq!(listing(folder), before, "something was written there");
    for path in [OWN_LIST, "/var/lib/portmedic/journal.jsonl"] {
        assert_eq!(fs::metadata(path).expect(path).mode() & 0o7777, 0o644, "{path}");
    }
    assert_eq!(fs::metadata(LIBRARY).expect("its folder").mode() & 0o7777, 0o755);
}

fn listing(folder: &str) -> BTreeSet<String> {
    let name = |entry: fs::DirEntry| entry.file_name().to_string_lossy().into_owned();
    fs::read_dir(folder).expect("a folder").map(|entry| name(entry.expect("an entry"))).collect()
}

/// Descriptors that whoever started it left open, and standard ones that are closed: a file opened later must not become one of them.
fn handed_files() {
    let precious = "/var/lib/home/precious";
    fs::write(precious, "precious").expect("a file");
    let script = format!("exec 3<>{precious} 4<>{precious}; exec \"$0\" helper 2>&-");
    let mut helper = Command::new("/bin/sh");
    helper.args(["-c", &script, &executable()]);
    let answer = crate::answer::run(&mut helper, &plan("a"));
    assert_eq!(results(&replies(&answer.stdout)), ["done"], "{}", answer.stdout);
    // Nobody hears it, and its journal is not where it speaks to.
    let mut deaf = Command::new("/bin/sh");
    deaf.args(["-c", "exec \"$0\" helper >&- 2>&-", &executable()]).stdin(Stdio::piped());
    crate::answer::run(&mut deaf, &plan("b"));
    assert_eq!(fs::read(precious).expect("a file"), b"precious");
    let journal = fs::read_to_string("/var/lib/portmedic/journal.jsonl").expect("the journal");
    assert!(journal.lines().all(|line| line.starts_with("{\"record\":")), "{journal}");
}

fn links() {
    let target = "/var/lib/home/shadow";
    for place in ["/var/lib/portmedic/journal.jsonl", "/var/lib/portmedic/lock", LIBRARY, OWN_LIST, "/etc/sysctl.d"] {
        for what in ["a link to a file", "a link to nowhere", "a second name of a file", "a link to a folder"] {
            let is_folder = [LIBRARY, "/etc/sysctl.d"].contains(&place);
            clean_up();
            fs::write(target, "precious").expect("a file");
            fs::remove_dir(place).ok();
            fs::create_dir_all(Path::new(place).parent().expect("a folder")).expect("a folder");
            match what {
                "a link to a file" => symlink(target, place).expect("a link"),
                "a link to nowhere" => symlink("/var/lib/home/nowhere", place).expect("a link"),
                "a link to a folder" => symlink("/var/lib/home", place).expect("a link"),
                // Two names are one file; the journal and the lock are written in place, the list is replaced.
                _ if is_folder || place == OWN_LIST => continue,
                _ => fs::hard_link(target, place).expect("a second name"),
            }
            let said = say(&plan("a"));
            // Whether the folder for the next start can be written shows when it is written.
            let refused = said.iter().any(|reply| reply["reply"] == "refused");
            assert!(refused || results(&said) == ["failed"], "{place}, {what}: {said:#?}");
            assert_eq!(kernel::setting(RESERVED), "", "{place}, {what}");
            assert_eq!(fs::read(target).expect("a file"), b"precious", "{place}, {what}");
            assert_eq!(listing("/var/lib/home"), BTreeSet::from(["shadow".to_owned()]), "{place}, {what}");
        }
    }
}

/// Takes away what an earlier case laid in the way.
fn clean_up() {
    for place in [LIBRARY, "/etc/sysctl.d", "/var/lib/home"] {
        if fs::symlink_metadata(place).is_ok_and(|facts| facts.is_dir()) {
            fs::remove_dir_all(place).expect("a folder goes");
        } else {
            fs::remove_file(place).ok();
        }
    }
    for place in ["/etc/sysctl.d", "/var/lib/home"] {
        fs::create_dir(place).expect("an empty folder");
    }
}

fn pipes() {
    for place in ["/var/lib/portmedic/journal.jsonl", "/var/lib/portmedic/lock", OWN_LIST] {
        clean_up();
        fs::create_dir_all(LIBRARY).expect("its folder");
        mknodat(CWD, place, FileType::Fifo, Mode::from_raw_mode(0o600), 0).expect("a named pipe");
        let said = say(&plan("a"));
        assert!(said.iter().any(|reply| reply["reply"] == "refused"), "{place}: {said:#?}");
        assert_eq!(kernel::setting(RESERVED), "", "{place}");
    }
    // In a file of somebody else it is what systemd makes of it: nothing.
    clean_up();
    mknodat(CWD, "/etc/sysctl.d/10-site.conf", FileType::Fifo, Mode::from_raw_mode(0o600), 0).expect("a named pipe");
    assert_eq!(results(&say(&plan("b"))), ["done"]);
}

fn open_folders() {
    for (place, mode) in [(LIBRARY, 0o777), (LIBRARY, 0o775), ("/etc/sysctl.d", 0o777), ("/etc/sysctl.d", 0o1777)] {
        clean_up();
        fs::create_dir_all(place).expect("a folder");
        fs::set_permissions(place, Permissions::from_mode(mode)).expect("rights");
        let said = say(&plan("a"));
        let told = said.iter().any(|reply| reply.to_string().contains("written by others"));
        assert!(told && !results(&said).contains(&"done"), "{place} {mode:o}: {said:#?}");
        assert_eq!((kernel::setting(RESERVED), files().len()), (String::new(), 0), "{place} {mode:o}");
    }
    clean_up();
    fs::create_dir_all(LIBRARY).expect("its folder");
    File::create("/var/lib/portmedic/journal.jsonl").expect("a journal");
    fs::set_permissions("/var/lib/portmedic/journal.jsonl", Permissions::from_mode(0o666)).expect("rights");
    is_refused(&say(&plan("a")), "written by others");
}

fn replay() {
    assert_eq!(results(&say(&plan("once"))), ["done"]);
    let before = files();
    for port in [1433, 1434] {
        let mut again = request(&[exclude(port, "1433")]);
        again["id"] = "once".into();
        let said = say(&format!("{again}\n"));
        assert!(said.iter().any(|reply| reply["because"].to_string().contains("taken before")), "{said:#?}");
    }
    assert_eq!((kernel::setting(RESERVED).as_str(), files()), ("1433", before));
}

fn others() {
    let site = "/etc/sysctl.d/10-site.conf";
    let text = "# ours\n\n-net.ipv4.ip_local_reserved_ports = 30000-32767\n; the end\nvm.swappiness=10";
    fs::write(site, text).expect("a file of somebody else");
    fs::set_permissions(site, Permissions::from_mode(0o640)).expect("rights");
    let change = |arguments: &[&str]| crate::answer::portmedic(arguments).has_code(0).code;
    change(&["exclude", "1433", "--yes"]);
    let noted = fs::read_to_string(OWN_LIST).expect("our list").replace("net.ipv4", "# ticket 4711\nnet.ipv4");
    fs::write(OWN_LIST, noted).expect("a note in it");
    fs::set_permissions(OWN_LIST, Permissions::from_mode(0o640)).expect("rights");
    change(&["exclude", "8080-8090", "--yes"]);
    change(&["exclude", "8085", "--remove", "--yes"]);
    assert_eq!(fs::read_to_string(site).expect("their file"), text);
    let own = fs::read_to_string(OWN_LIST).expect("our list");
    assert!(own.contains("\n# ticket 4711\n") && own.contains("= 1433,8080-8084,8086-8090,30000-32767\n"), "{own}");
    for path in [site, OWN_LIST] {
        assert_eq!(fs::metadata(path).expect(path).mode() & 0o7777, 0o640, "{path}");
    }
    // What somebody set in our file beside the list would be gone with the next change: then it is theirs.
    fs::write(OWN_LIST, format!("{own}vm.swappiness = 20\n")).expect("another setting in it");
    let answer = crate::answer::portmedic(&["exclude", "9000", "--yes"]);
    assert!(answer.code == 2 && answer.stderr.contains("somebody edited it"), "{}{}", answer.stdout, answer.stderr);
    assert_eq!(fs::read_to_string(OWN_LIST).expect("our list"), format!("{own}vm.swappiness = 20\n"));
    // What cannot be read would be lost by a list that wins over it.
    fs::write(OWN_LIST, own).expect("our list");
    fs::write(site, "#".repeat((4 << 20) + 1)).expect("a file that nobody reads");
    let answer = crate::answer::portmedic(&["exclude", "9000", "--yes"]);
    assert!(answer.code == 2 && answer.stderr.contains("10-site.conf"), "{}{}", answer.stdout, answer.stderr);
    room::run(Command::new("rm").arg(site));
    change(&["exclude", "9000", "--yes"]);
}
