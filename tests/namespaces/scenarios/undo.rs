//! Somebody changed the same thing since: undo says who has what now, changes nothing by itself, and does what is chosen.

use std::fs;
use std::process::Command;

use serde_json::Value;

use crate::answer::{Answer, portmedic};
use crate::kernel::{self, RANGE, RESERVED};
use crate::next_start::{files, next_start};
use crate::room::{self, Scenario};

pub const ALL: &[Scenario] = &[
    ("undo tells who changed the list since, and the choices", told),
    ("undo --only-own keeps what others added since", only_own),
    ("undo --restore-all puts back what was there before and loses the rest", restore_all),
    ("undo --only-own takes an earlier change back without touching a later one", earlier),
    ("undo --only-own takes back one store of a range that was changed in the other", range_store),
    ("undo of a plan of many steps takes all back with one question", whole_plan),
    ("undo --dry-run of a choice changes nothing", dry_run),
    ("history holds who, when, what, before, after and what the checks showed", history),
    ("history is exported in every form, with the rules of reports", export),
    ("hostile names in the history do nothing in any form", hostile),
    ("a full disk of the journal is told before the prompt", full),
    ("a read-only folder of the journal is told before the prompt", read_only),
];

const SITE: &str = "/etc/sysctl.d/10-site.conf";

fn exclude(ports: &str) {
    portmedic(&["exclude", ports, "--yes"]).has_code(0);
}

/// Somebody keeps more ports: one in the site's own file, one only in the running system.
fn somebody_adds() {
    fs::write(SITE, format!("net.ipv4.{RESERVED} = 30000\n")).expect("the site's own file");
    kernel::set(RESERVED, "1433,30000,40000");
}

fn undo(arguments: &[&str]) -> Answer {
    portmedic(&[&["undo", "--yes", "--json"], arguments].concat())
}

fn told() {
    exclude("1433");
    somebody_adds();
    // Of the files the last one counts.
    let last = "/etc/sysctl.d/zzz-site.conf";
    fs::rename(SITE, last).expect("a file that is read after PortMedic's");
    let left = (kernel::setting(RESERVED), files());
    let answer = undo(&[]);
    answer.has_code(1);
    assert_eq!(answer.json["outcome"], "not_fixed");
    let facts: Vec<&str> =
        answer.json["verdict"]["evidence"].as_array().expect("facts").iter().filter_map(|fact| fact["fact"].as_str()).collect();
    assert!(facts.iter().any(|fact| fact.starts_with("30000 ") && fact.contains(last)), "{facts:?}");
    assert!(facts.iter().any(|fact| fact.starts_with("40000 ") && fact.contains("nothing tells by whom")), "{facts:?}");
    assert_eq!(answer.options().len(), 2);
    let text = portmedic(&["undo", "--yes"]);
    text.has_code(1);
    for choice in ["--only-own", "--restore-all", "Nothing was changed"] {
        assert!(text.stdout.contains(choice), "{choice}: {}", text.stdout);
    }
    assert_eq!((kernel::setting(RESERVED), files()), left);
}

fn only_own() {
    exclude("1433");
    somebody_adds();
    let answer = undo(&["--only-own"]);
    answer.has_code(0);
    assert_eq!(answer.json["outcome"], "fixed");
    assert_eq!(kernel::setting(RESERVED), "30000,40000");
    assert_eq!(next_start(RESERVED).as_deref(), Some("30000"));
    assert_eq!(undo(&[]).code, 2, "nothing is left to take back");
}

fn restore_all() {
    kernel::set(RESERVED, "3000");
    let before = (kernel::setting(RESERVED), files());
    exclude("1433");
    kernel::set(RESERVED, "1433,40000");
    let answer = undo(&["--restore-all"]);
    answer.has_code(0);
    assert_eq!((kernel::setting(RESERVED), files()), before);
}

fn earlier() {
    exclude("1433");
    let first = portmedic(&["history", "--json"]).json["entries"][0]["id"].as_str().expect("a name").to_owned();
    exclude("8080");
    let answer = undo(&[&first]);
    answer.has_code(1);
    assert!(answer.json["message"].as_str().is_some_and(|text| text.contains("PortMedic's change")), "{}", answer.json);
    undo(&[&first, "--only-own"]).has_code(0);
    assert_eq!((kernel::setting(RESERVED), next_start(RESERVED).as_deref()), ("8080".to_owned(), Some("8080")));
    // What the second change found is not there any more, so it has an own part only, too.
    undo(&["--only-own"]).has_code(0);
    assert_eq!((kernel::setting(RESERVED), files().len()), (String::new(), 0));
}

fn range_store() {
    let before = kernel::setting(RANGE);
    portmedic(&["range", "20000-29999", "--yes"]).has_code(0);
    kernel::set(RANGE, "40000 50000");
    undo(&[]).has_code(1);
    undo(&["--only-own"]).has_code(0);
    assert_eq!((kernel::setting(RANGE).as_str(), files().len()), ("40000\t50000", 0));
    assert_ne!(kernel::setting(RANGE), before);
}

fn whole_plan() {
    let before = (kernel::setting(RESERVED), files());
    for ports in ["1433", "8080-8090"] {
        exclude(ports);
    }
    portmedic(&["exclude", "8085", "--remove", "--yes"]).has_code(0);
    for _ in 0..3 {
        undo(&[]).has_code(0);
    }
    assert_eq!((kernel::setting(RESERVED), files()), before);
}

fn dry_run() {
    exclude("1433");
    somebody_adds();
    let left = (kernel::setting(RESERVED), files());
    for choice in ["--only-own", "--restore-all"] {
        undo(&[choice, "--dry-run"]).has_code(0);
    }
    assert_eq!((kernel::setting(RESERVED), files()), left);
    portmedic(&["undo", "--only-own", "--restore-all"]).has_code(2);
}

fn history() {
    exclude("1433");
    let entry: &Value = &portmedic(&["history", "--json"]).json["entries"][0];
    let step = &entry["steps"][0];
    assert_eq!((&entry["asker"]["name"], &step["result"]), (&"root".into(), &"done".into()));
    assert_eq!((&step["before"]["active"], &step["after"]["active"]), (&"".into(), &"1433".into()));
    assert_eq!(step["check"]["outcome"], "passed", "{entry:#}");
    assert!(entry["time"].is_string() && entry["title"].as_str().is_some_and(|title| title.contains("1433")));
}

fn full() {
    room::run(Command::new("mount").args(["-t", "tmpfs", "-o", "size=4k,mode=755", "tmpfs", "/var/lib"]));
    fs::write("/var/lib/filler", "x".repeat(4096)).expect("a file that fills it");
    let answer = portmedic(&["exclude", "1433", "--yes"]);
    answer.has_code(2);
    assert!(answer.stderr.contains("full") && answer.stderr.contains("nothing was changed"), "{}", answer.stderr);
    assert_eq!((kernel::setting(RESERVED), files().len()), (String::new(), 0));
}

fn read_only() {
    room::run(Command::new("mount").args(["-o", "remount,bind,ro", "/var/lib"]));
    let answer = portmedic(&["exclude", "1433", "--yes"]);
    answer.has_code(2);
    assert!(answer.stderr.contains("read-only") && answer.stderr.contains("nothing was changed"), "{}", answer.stderr);
    assert_eq!((kernel::setting(RESERVED), files().len()), (String::new(), 0));
}

fn export() {
    exclude("1433");
    portmedic(&["undo", "--yes"]).has_code(0);
    let save = |name: &str, more: &[&str]| {
        let path = format!("/var/lib/home/{name}");
        let answer = portmedic(&[&["history", "--to", &path], more].concat());
        answer.has_code(0);
        fs::read_to_string(path).expect("the history")
    };
    let json: Value = serde_json::from_str(&save("h.json", &[])).expect("a document");
    assert_eq!(
        (&json["schema"], &json["entries"][1]["title"]),
        (&"portmedic.history/1".into(), &"Exclude port 1433, now and after a restart".into())
    );
    let csv = save("h.csv", &[]);
    assert!(csv.starts_with("\"Change\",\"Time\",\"User\"") && csv.lines().count() == 3, "{csv}");
    for text in [save("h.md", &[]), save("h.html", &["--no-redact"])] {
        assert!(text.contains("Exclude port 1433") && text.contains("taken back"), "{text}");
    }
    for arguments in
        [&["--to", "/var/lib/home/h.html"][..], &["--to", "/var/lib/home/h.sh"], &["--to", "-"], &["--to", "/nowhere/h.md"]]
    {
        portmedic(&[&["history"], arguments].concat()).has_code(2);
    }
    save("h.csv", &["--force"]);
    assert!(portmedic(&["history", "--to", "-", "--format", "md"]).has_code(0).stdout.starts_with("# What PortMedic changed"));
}

fn hostile() {
    let names = ["=1+1", "<script>alert(1)</script>", "a|b`c", "\u{202e}gpj", "x;@SUM(A1)", "it's"];
    let mut journal = String::new();
    for (index, name) in names.iter().enumerate() {
        let begin = serde_json::json!({
            "record": "begin", "entry": format!("20261121-{index}"), "time": "2026-11-21T03:00:00Z", "request": "r",
            "asker": { "uid": 1000, "name": name, "by": "pkexec" }, "title": name
        });
        journal.push_str(&begin.to_string());
        journal.push('\n');
    }
    fs::create_dir("/var/lib/portmedic").expect("its folder");
    fs::write("/var/lib/portmedic/journal.jsonl", journal).expect("a journal");
    let say = |form: &str| portmedic(&["history", "--to", "-", "--format", form, "--no-redact"]).has_code(0).stdout.clone();
    let html = say("html");
    assert!(!html.contains("<script>") && html.contains("&lt;script&gt;"), "{html}");
    let csv = say("csv");
    assert!(csv.contains("\"'=1+1\"") && csv.contains("x;'@SUM(A1)") && !csv.contains("\"=1+1"), "{csv}");
    for text in [&html, &csv, &say("md"), &say("json")] {
        assert!(!text.contains('\u{202e}'), "{text}");
    }
    assert!(say("md").contains("a\\|b\\`c"), "{}", say("md"));
    let hidden = portmedic(&["history", "--to", "-", "--format", "json"]);
    let json: Value = serde_json::from_str(&hidden.has_code(0).stdout).expect("a document");
    for entry in json["entries"].as_array().expect("entries") {
        assert!(entry["asker"]["name"].as_str().is_some_and(|name| name.contains("user-")), "{entry}");
    }
}
