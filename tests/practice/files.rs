//! Files of practice machines that are not right are refused with the place, what is wrong and what to do.

use portmedic::platform::practice::Machine;

/// A machine with `more` at its end.
fn machine(more: &str) -> String {
    format!(
        r#"title = "T"
story = "S"

[lesson]
target = "1433"
cause = "port_free"
fix = "nothing"
learns = "L"

[host]
name = "h"
system = "linux"
version = "V"
user = "root"
elevated = true

{more}"#
    )
}

fn refusal(text: &str) -> String {
    Machine::parse("m", "m.toml", text).expect_err("it is refused").to_string()
}

#[test]
fn the_smallest_machine_is_taken() {
    Machine::parse("m", "m.toml", &machine("")).unwrap();
}

#[test]
fn what_the_form_does_not_know_is_told_with_its_line() {
    for (more, line, what) in [
        ("[[service]]\nname = \"a.service\"\ncolour = \"red\"\n", "line 19", "colour"),
        ("[[dynamic_range]]\nrange = \"15000-1024\"\n", "line 18", "ends before it starts"),
        ("[[exclusion]]\nrange = \"70000\"\n", "line 18", "numbers from 1 to 65535"),
        ("[[socket]]\nlocal = \"nowhere\"\nstate = \"LISTEN\"\n", "line 18", "socket address"),
        ("[[socket]]\nlocal = \"0.0.0.0:1\"\nstate = \"SLEEPING\"\n", "line 19", "SLEEPING"),
        ("[[process]]\nname = \"x\"\n", "line 17", "pid"),
        ("[behaviour]\nprompt = \"perhaps\"\n", "line 18", "perhaps"),
        ("[[service]\n", "line 17", "expected"),
    ] {
        let refusal = refusal(&machine(more));
        assert!(refusal.contains(line) && refusal.contains(what), "{refusal}");
        assert!(refusal.starts_with("m.toml is no practice machine") && refusal.contains("assets/practice"), "{refusal}");
    }
}

#[test]
fn facts_that_do_not_fit_together_are_told_with_line_and_remedy() {
    let service = "[[service]]\nname = \"a.service\"\nstate = \"running\"\nprogram = \"/a\"\n";
    for (more, line, what, remedy) in [
        ("[[socket]]\nlocal = \"0.0.0.0:80\"\nstate = \"LISTEN\"\npids = [7]\n".to_owned(), 17, "PID 7", "add a [[process]]"),
        ("[[socket]]\nlocal = \"0.0.0.0:80\"\nstate = \"LISTEN\"\n".to_owned(), 17, "somebody must have", "give it pids"),
        (
            "[[socket]]\nlocal = \"0.0.0.0:80\"\nstate = \"ESTABLISHED\"\npids = [1]\n".to_owned(),
            17,
            "far end",
            "give it a remote",
        ),
        ("[[socket]]\nlocal = \"0.0.0.0:0\"\nstate = \"LISTEN\"\npids = [1]\n".to_owned(), 17, "port is 0", "begin at 1"),
        ("[[process]]\npid = 7\nname = \"x\"\n\n[[process]]\npid = 7\nname = \"y\"\n".to_owned(), 21, "PID 7", "another"),
        ("[[process]]\npid = 7\nname = \"x\"\nservice = \"b.service\"\n".to_owned(), 17, "b.service", "add a [[service]]"),
        ("[[process]]\npid = 7\nname = \"x\"\nparent = 9\n".to_owned(), 17, "parent 9", "add a [[process]]"),
        (service.to_owned(), 17, "without a process", "give it a main_pid"),
        (format!("{service}main_pid = 9\n"), 17, "main process 9", "add a [[process]]"),
        (service.replace("running", "failed"), 17, "logged nothing", "give it the lines"),
        (service.replace("a.service", "MSSQLSERVER").replace("running", "stopped"), 17, "no name of a service", "with .service"),
        ("[[dynamic_range]]\nrange = \"1024-2000\"\nprotocol = \"tcp\"\n".to_owned(), 17, "one dynamic range", "leave"),
        ("[[exclusion]]\nrange = \"80\"\nadministered = false\n".to_owned(), 17, "one list", "leave"),
    ] {
        let refusal = refusal(&machine(&more));
        assert!(refusal.starts_with(&format!("m.toml, line {line}: ")), "line {line} is meant: {refusal}");
        assert!(refusal.contains(what) && refusal.contains(remedy), "{refusal}");
    }
}

#[test]
fn facts_of_windows_are_for_windows_and_belong_to_a_process() {
    let url = "[[windows.http_sys]]\nurl = \"http://+:80/\"\npids = [7]\n";
    assert!(refusal(&machine(url)).contains("only Windows has"), "{}", refusal(&machine(url)));
    let on_windows = |more: &str| machine(more).replace("\"linux\"", "\"windows\"");
    let nobody = refusal(&on_windows(url));
    assert!(nobody.contains("PID 7") && nobody.contains("add a [[process]]"), "{nobody}");
    let no_url = refusal(&on_windows("[[windows.http_sys]]\nurl = \"port 80\"\n"));
    assert!(no_url.contains("no URL of HTTP.sys") && no_url.contains("http://+:80/"), "{no_url}");
}

#[test]
fn names_in_a_refusal_are_made_visible() {
    let text = machine("[[process]]\npid = 7\nname = \"x\"\nservice = \"b\\u202e.service\"\n");
    assert!(refusal(&text).contains("\\u{202e}"), "{}", refusal(&text));
}

#[test]
fn an_unknown_name_is_answered_with_the_known_ones() {
    let refusal = Machine::find("sql-clint").expect_err("no such machine").to_string();
    assert!(refusal.contains("\"sql-clint\"") && refusal.contains("sql-client"), "{refusal}");
}

#[test]
fn a_file_that_is_no_toml_by_its_name_is_not_read_as_one() {
    let refusal = Machine::find("/etc/passwd").expect_err("no such machine").to_string();
    assert!(refusal.contains("ends in .toml") && !refusal.contains("parse error"), "{refusal}");
}

#[test]
fn a_file_that_cannot_be_read_is_told_by_its_path() {
    for path in ["/nowhere/x.toml", "nowhere.toml"] {
        let refusal = Machine::find(path).expect_err("no such file").to_string();
        assert!(refusal.contains(path) && refusal.contains("could not be read"), "{refusal}");
    }
}
