//! Reads the sources and fails where a rule of the house is broken. `src/lib.rs` has the map.

mod source;

use std::collections::BTreeSet;

use source::Source;

/// Each room and those it may know.
const ROOMS: &[(&str, &[&str])] = &[
    ("machine", &[]),
    ("catalog", &["machine"]),
    ("diagnosis", &["machine", "catalog"]),
    ("evidence", &["machine", "catalog", "diagnosis"]),
    ("remedy", &["machine", "catalog", "diagnosis"]),
    ("case", &["machine", "catalog", "diagnosis", "remedy"]),
    ("report", &["machine", "catalog", "diagnosis", "evidence", "remedy", "case"]),
    ("platform", &["machine", "catalog", "diagnosis", "evidence", "remedy"]),
    ("helper", &["machine", "catalog", "diagnosis", "remedy", "platform"]),
    ("app", &["machine", "catalog", "diagnosis", "evidence", "remedy", "case", "report", "platform", "helper"]),
    ("ui", &["machine", "catalog", "diagnosis", "evidence", "remedy", "case", "report", "platform", "helper", "app"]),
    ("cli", &["machine", "catalog", "diagnosis", "evidence", "remedy", "case", "report", "platform", "helper", "app"]),
];

/// The doors: they start a room and are none.
const DOORS: &[&str] = &["main", "lib", "build"];

/// Rooms that compute and do nothing else.
const PURE: &[&str] = &["machine", "catalog", "diagnosis", "evidence", "remedy", "case"];

/// What they must not name: files, network, processes, threads, clocks, surroundings, the system they are built for.
const IMPURE: &[&str] = &[
    "std::fs",
    "fs::read",
    "File::open",
    "TcpStream",
    "TcpListener",
    "UdpSocket",
    "std::process",
    "std::thread",
    "std::env",
    "SystemTime",
    "Instant",
    "now()",
    "target_os",
    "cfg(unix)",
    "cfg(windows)",
    "rustix",
];

/// What is wrong in `source`, one line a breach.
fn breaches(source: &Source) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut breach = |what: String| wrong.push(format!("src/{}: {what}", source.path));
    let room = source.room();
    if !DOORS.contains(&room) {
        match ROOMS.iter().find(|(name, _)| *name == room) {
            None => breach(format!("{room} is no room of the house")),
            Some((_, known)) => {
                let rooms: BTreeSet<&str> = ROOMS.iter().map(|(name, _)| *name).collect();
                for name in source.names() {
                    if name != room && rooms.contains(name.as_str()) && !known.contains(&name.as_str()) {
                        breach(format!("{room} must not know {name}"));
                    }
                }
            }
        }
    }
    if PURE.contains(&room) {
        for word in IMPURE.iter().filter(|word| source.says(word)) {
            breach(format!("{room} is pure and must not say {word}"));
        }
    }
    if room != "ui" && ["egui", "eframe", "egui_extras"].iter().any(|word| source.says(word)) {
        breach("egui lives in ui alone".to_owned());
    }
    if source.says("unsafe") && !in_ffi(&source.path) {
        breach("unsafe lives in platform/*/ffi alone".to_owned());
    }
    if source.path != "platform/command.rs" && source.says("Command::new") {
        breach("programs are started in platform/command.rs alone".to_owned());
    }
    wrong
}

/// Whether the path is `platform/<system>/ffi.rs` or lies in a folder of that name.
fn in_ffi(path: &str) -> bool {
    let parts: Vec<&str> = path.split('/').collect();
    parts.first() == Some(&"platform") && parts.get(2).is_some_and(|part| *part == "ffi" || *part == "ffi.rs")
}

#[test]
fn every_source_keeps_the_rules() {
    let sources = source::all();
    assert!(sources.iter().any(|source| source.path == "machine/mod.rs"), "the sources were not found");
    let wrong: Vec<String> = sources.iter().flat_map(breaches).collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// How many pieces of unsafe code there are, all of them calls of Windows. README tells the number; a change of it is a decision.
const UNSAFE: usize = 140;

/// Each has its reason right above it, and each function that is unsafe to call its conditions.
#[test]
fn every_piece_of_unsafe_code_is_counted_and_justified() {
    let mut count = 0;
    for (path, text) in source::texts() {
        let lines: Vec<&str> = text.lines().collect();
        for (at, line) in lines.iter().enumerate().filter(|(_, line)| is_unsafe(line)) {
            count += 1;
            // The reason may stand above the statement that the piece is a part of.
            let above = lines[..at].iter().rev().take(6);
            let reason = above.take_while(|above| !is_unsafe(above) && !above.trim().is_empty());
            let has_reason = reason.into_iter().any(|above| above.contains("// SAFETY:") || above.contains("/// # Safety"));
            assert!(has_reason, "src/{path}:{}: no reason above: {}", at + 1, line.trim());
        }
    }
    assert_eq!(count, UNSAFE, "pieces of unsafe code were added or taken away");
}

/// Whether a line begins a piece of unsafe code. A type of a function that is unsafe to call is none.
fn is_unsafe(line: &str) -> bool {
    let code = line.split("//").next().unwrap_or_default();
    ["unsafe {", "unsafe impl", "unsafe fn"].iter().any(|word| code.contains(word))
}

#[test]
fn each_kind_of_breach_is_seen() {
    let cases = [
        ("machine/x.rs", "use crate::platform::Scope;", "machine must not know platform"),
        ("diagnosis/x.rs", "use crate::{machine::Port, remedy::{Plan, Step}};", "diagnosis must not know remedy"),
        ("remedy/x.rs", "fn f() -> super::super::platform::Scope {}", "remedy must not know platform"),
        ("platform/linux/x.rs", "use super::super::super::app;", "platform must not know app"),
        ("case.rs", "use super::helper::Request;", "case must not know helper"),
        ("report/html.rs", "use crate::platform::Platform;", "report must not know platform"),
        ("ui/x.rs", "use crate::cli::Table;", "ui must not know cli"),
        ("cellar/x.rs", "", "cellar is no room of the house"),
        ("machine/x.rs", "use std::fs;", "machine is pure and must not say std::fs"),
        ("remedy/x.rs", "let t = Timestamp::now();", "remedy is pure and must not say now()"),
        ("diagnosis/x.rs", "#[cfg(target_os = \"linux\")]", "diagnosis is pure and must not say target_os"),
        ("app/x.rs", "fn f(ui: &mut egui::Ui) {}", "egui lives in ui alone"),
        ("platform/linux/x.rs", "unsafe { f() }", "unsafe lives in platform/*/ffi alone"),
        ("ui/ffi.rs", "unsafe { f() }", "unsafe lives in platform/*/ffi alone"),
        ("helper/x.rs", "std::process::Command::new(path)", "programs are started in platform/command.rs alone"),
    ];
    for (path, text, wanted) in cases {
        let wrong = breaches(&Source::new(path, text));
        assert_eq!(wrong, [format!("src/{path}: {wanted}")], "in \"{text}\"");
    }
}

#[test]
fn what_is_allowed_is_no_breach() {
    let cases = [
        ("diagnosis/x.rs", "use crate::machine::Port; // unlike crate::platform\n/// See [`crate::platform`]"),
        ("machine/x.rs", "let text = \"std::fs and \\\" unsafe\"; let quote = '\"'; let c = '\\''; fn f<'a>(x: &'a str) {}"),
        ("machine/x.rs", "let text = r#\"a \" crate::app\"#;"),
        ("machine/x.rs", "struct Instantly; fn knows_std() {}"),
        ("diagnosis/x.rs", "fn f() {}\n#[cfg(test)]\nmod tests { use std::fs; }"),
        ("platform/linux/ffi/x.rs", "unsafe { f() }"),
        ("platform/command.rs", "Command::new(path)"),
        ("diagnosis/x.rs", "use super::Owner; use super::remedy_like;"),
        ("main.rs", "portmedic::cli::main()"),
    ];
    for (path, text) in cases {
        let wrong = breaches(&Source::new(path, text));
        assert!(wrong.is_empty(), "in \"{text}\": {wrong:?}");
    }
}
