//! Exclusions: read in any language, made, read back, undone, and refused with the port that blocks.

use std::net::TcpListener;

use portmedic::machine::{PortRange, Protocol, Store};
use portmedic::platform::{PlatformError, Scope, live};
use portmedic::remedy::{Operation, OperationState, Stores};

use crate::answer;
use crate::support::netsh::Netsh;

fn range(text: &str) -> PortRange {
    text.parse().unwrap()
}

fn exclude(ports: &str, protocol: Option<Protocol>) -> Operation {
    Operation::AddExclusion { range: range(ports), protocol, stores: Stores::Both }
}

fn allow(ports: &str, protocol: Option<Protocol>) -> Operation {
    Operation::RemoveExclusion { range: range(ports), protocol, stores: Stores::Both }
}

/// Does it, and says what was there before and after, as the helper does.
fn done(operation: &Operation) -> (OperationState, OperationState) {
    let before = live().state_of(operation).unwrap();
    live().perform(operation).unwrap();
    let after = live().state_of(operation).unwrap();
    assert!(operation.is_reached_in(&after), "{after}");
    (before, after)
}

fn why(result: Result<(), PlatformError>) -> String {
    result.unwrap_err().to_string()
}

#[test]
fn the_ranges_are_the_same_in_every_language() {
    let facts = "range ipv4 tcp active 1024 64511\nrange ipv4 tcp persistent 1024 64511\nblock tcp active 50000 50059 *\n\
                 block tcp active 8000 8099\nblock tcp persistent 50000 50059 *\nblock udp active 5985 5985\n";
    let mut first = None;
    for language in ["en", "de", "fr", "ja"] {
        let Some(_netsh) = Netsh::with(&format!("language {language}\n{facts}")) else { return };
        let seen = live().observe(&Scope::of_ranges()).unwrap();
        assert!(seen.gaps.iter().all(|gap| !gap.what.contains("ranges")), "{language}: {:?}", seen.gaps);
        assert_eq!(seen.dynamic_ranges.len(), 8, "{language}");
        assert_eq!(seen.dynamic_range(Protocol::Tcp).unwrap().range, range("1024-65534"));
        assert_eq!(seen.dynamic_range(Protocol::Udp).unwrap().range, range("49152-65535"));
        let block = seen.reservation_of(8080, Protocol::Tcp).unwrap();
        assert_eq!(block.by_whom(), ", most likely by WinNAT, for virtual machines and containers");
        assert_eq!(seen.administered(Protocol::Tcp, Store::Persistent).to_string(), "50000-50059");
        let rows = (seen.dynamic_ranges, seen.exclusions);
        assert_eq!(*first.get_or_insert(rows.clone()), rows, "{language}");
    }
}

#[test]
fn the_command_ranges_says_the_same_on_a_german_and_a_japanese_windows() {
    let facts = "range ipv4 tcp active 1024 64511\nblock tcp active 50000 50059 *\nblock tcp active 8000 8099\n";
    let mut said = Vec::new();
    for language in ["en", "de", "ja"] {
        let Some(_netsh) = Netsh::with(&format!("language {language}\n{facts}")) else { return };
        let (mut answer, exit) = answer::json(&["ranges"]);
        assert_eq!(exit, 0, "{language}: {answer:#}");
        said.push(["dynamic_ranges", "exclusions", "gaps"].map(|part| answer[part].take()));
    }
    let [dynamic, excluded, _] = &said[0];
    assert!(dynamic.as_array().is_some_and(|rows| rows.iter().any(|row| row["range"]["start"] == 1024)), "{dynamic:#}");
    assert!(excluded.as_array().is_some_and(|rows| rows.len() == 2), "{excluded:#}");
    assert_eq!(said[0], said[1], "German");
    assert_eq!(said[0], said[2], "Japanese");
}

#[test]
fn silence_of_netsh_is_a_gap_and_not_an_empty_list() {
    let Some(_netsh) = Netsh::with("mode silent") else { return };
    let seen = live().observe(&Scope::of_ranges()).unwrap();
    assert!(seen.exclusions.is_empty() && seen.dynamic_ranges.is_empty());
    let told: Vec<&str> = seen.gaps.iter().map(|gap| gap.what.as_str()).collect();
    for what in ["The dynamic port ranges", "The excluded port ranges", "The URLs of HTTP.sys"] {
        assert!(told.contains(&what), "{what}: {told:?}");
    }
    assert!(seen.gaps.iter().any(|gap| gap.because.ends_with("it printed nothing")));
}

#[test]
fn a_table_of_another_form_is_a_gap_too() {
    let Some(_netsh) = Netsh::with("mode garbled\nblock tcp active 8000 8099\n") else { return };
    let seen = live().observe(&Scope::of_ranges()).unwrap();
    assert!(seen.exclusions.is_empty());
    assert!(seen.gaps.iter().any(|gap| gap.what == "The excluded port ranges" && gap.because.contains("another form")));
}

#[test]
fn an_exclusion_is_made_in_both_stores_and_undone_exactly() {
    let Some(netsh) = Netsh::with("language ja\nblock tcp active 1430 1432 *\nblock tcp persistent 1430 1432 *\n") else {
        return;
    };
    let operation = exclude("1433", Some(Protocol::Tcp));
    let (before, after) = done(&operation);
    let made = ["tcp active 1430 1432 *", "tcp active 1433 1433 *", "tcp persistent 1430 1432 *", "tcp persistent 1433 1433 *"];
    assert_eq!(netsh.blocks(), made);
    live().restore(&operation, &before, &after).unwrap();
    assert_eq!(netsh.blocks(), ["tcp active 1430 1432 *", "tcp persistent 1430 1432 *"]);
}

#[test]
fn an_exclusion_for_both_protocols_is_undone_for_the_one_that_did_not_have_it() {
    let Some(netsh) = Netsh::with("block tcp active 1433 1433 *\nblock tcp persistent 1433 1433 *\n") else { return };
    let was = ["tcp active 1433 1433 *", "tcp persistent 1433 1433 *"];
    let operation = exclude("1433", None);
    assert!(!operation.is_reached_in(&live().state_of(&operation).unwrap()), "UDP lacks it");
    let (before, after) = done(&operation);
    assert_eq!(netsh.blocks().len(), 4);
    live().restore(&operation, &before, &after).unwrap();
    assert_eq!(netsh.blocks(), was);
}

#[test]
fn a_port_in_use_refuses_the_block_by_name_and_leaves_nothing_half_done() {
    let Some(netsh) = Netsh::with("language de") else { return };
    let holder = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = holder.local_addr().unwrap().port();
    let block = format!("{}-{}", port - 2, port.saturating_add(2));
    let told = why(live().perform(&exclude(&block, None)));
    let expected = format!("could not exclude TCP {block}: port {port} is in use by ");
    assert!(told.starts_with(&expected) && told.ends_with("Windows excludes no port that is in use"), "{told}");
    assert!(told.contains(&format!("(PID {})", std::process::id())), "{told}");
    assert_eq!(netsh.blocks(), [""; 0]);
}

#[test]
fn a_port_that_shows_in_no_table_is_found_by_halves() {
    let Some(netsh) = Netsh::with("hidden udp 8717") else { return };
    let told = why(live().perform(&exclude("8700-8799", Some(Protocol::Udp))));
    assert!(told.contains("port 8717 is in use by a program that shows in no table"), "{told}");
    assert_eq!(netsh.blocks(), [""; 0]);
}

#[test]
fn a_port_inside_a_block_of_winnat_tells_who_has_the_block() {
    let Some(_netsh) = Netsh::with("block tcp active 8000 8099") else { return };
    let told = why(live().perform(&exclude("8080", Some(Protocol::Tcp))));
    assert!(told.contains("the block 8000-8099 was reserved, most likely by WinNAT"), "{told}");
}

#[test]
fn success_without_effect_is_no_success() {
    let Some(_netsh) = Netsh::with("mode lies") else { return };
    let told = why(live().perform(&exclude("1433", Some(Protocol::Tcp))));
    assert!(told.contains("netsh reported success, and its list"), "{told}");
}

#[test]
fn without_rights_netsh_is_heard_in_its_own_words() {
    let Some(_netsh) = Netsh::with("mode denied") else { return };
    let told = why(live().perform(&exclude("1433-1440", Some(Protocol::Tcp))));
    assert!(told.ends_with("Elevated rights are needed for this (run as administrator)."), "{told}");
}

#[test]
fn only_whole_exclusions_of_an_administrator_are_removed_and_come_back() {
    let facts = "block tcp active 1430 1439 *\nblock tcp active 1440 1449 *\nblock tcp active 8000 8099\n\
                 block tcp persistent 1430 1439 *\nblock tcp persistent 1440 1449 *\n";
    let Some(netsh) = Netsh::with(facts) else { return };
    let part = why(live().state_of(&allow("1433", Some(Protocol::Tcp))).map(drop));
    assert!(part.contains("this is part of 1430-1439"), "{part}");
    let theirs = why(live().state_of(&allow("8000-8099", Some(Protocol::Tcp))).map(drop));
    assert!(theirs.contains("only its owner can give it back"), "{theirs}");
    let operation = allow("1430-1449", Some(Protocol::Tcp));
    let (before, after) = done(&operation);
    assert_eq!(netsh.blocks(), ["tcp active 8000 8099"]);
    live().restore(&operation, &before, &after).unwrap();
    let ports = live().observe(&Scope::of_ranges()).unwrap().administered(Protocol::Tcp, Store::Persistent);
    assert_eq!(ports.to_string(), "1430-1449");
}

#[test]
fn undo_is_refused_where_somebody_changed_the_list_since() {
    let Some(netsh) = Netsh::with("") else { return };
    let operation = exclude("1433", Some(Protocol::Tcp));
    let (before, after) = done(&operation);
    netsh.tell("block tcp active 3000 3000 *");
    let told = why(live().restore(&operation, &before, &after));
    assert!(told.contains("3000 added"), "{told}");
    assert_eq!(netsh.blocks().len(), 3);
}
