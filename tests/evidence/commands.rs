//! The commands on the files of another computer: what they say of it, and that they change nothing.

use std::fmt::Write;
use std::fs;

use assert_cmd::Command;
use assert_cmd::assert::Assert;
use portmedic::case::Case;
use portmedic::machine::Table;
use predicates::prelude::*;
use predicates::str::contains;
use serde_json::{Value, json};
use tempfile::TempDir;

/// Two rows of `ss -tlnp`.
const TABLE: &str = "Netid State  Recv-Q Send-Q Local Address:Port Peer Address:Port Process\n\
                     tcp   LISTEN 0      128    0.0.0.0:9443       0.0.0.0:*         users:((\"java\",pid=4312,fd=9))\n\
                     tcp   LISTEN 0      128    0.0.0.0:22         0.0.0.0:*         users:((\"sshd\",pid=700,fd=3))\n";
const LOG: &str = "2026/03/12 03:10:01 [emerg] 812#812: bind() to 0.0.0.0:9443 failed (98: Address already in use)\n";
const RANGES: &str = "net.ipv4.ip_local_port_range = 32768\t60999\nnet.ipv4.ip_local_reserved_ports = \n";

/// A folder with the table, the log and the ranges.
fn files() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in [("ss.txt", TABLE), ("error.log", LOG), ("sysctl.txt", RANGES)] {
        fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

fn portmedic(folder: &TempDir, arguments: &str) -> Assert {
    let mut command = Command::cargo_bin("portmedic").unwrap();
    command.args(arguments.split(' ')).current_dir(folder.path()).env("XDG_STATE_HOME", folder.path()).assert()
}

fn json(answer: &Assert) -> Value {
    serde_json::from_slice(&answer.get_output().stdout).unwrap()
}

#[test]
fn who_has_a_port_there_is_told_from_the_table() {
    let folder = files();
    let answer = json(&portmedic(&folder, "owner 9443 --json --captured ss.txt").code(0));
    assert_eq!((&answer["owners"][0]["process"], &answer["owners"][0]["pid"]), (&"java".into(), &4312.into()));
    portmedic(&folder, "ports --captured ss.txt").code(0).stdout(contains("sshd (700)").and(contains("Not seen").not()));
}

#[test]
fn the_verdict_of_that_computer_is_a_problem_found() {
    let folder = files();
    let answer = json(&portmedic(&folder, "diagnose 9443 --json --captured ss.txt").code(1));
    assert_eq!(answer["verdict"]["cause"], "held_by_listener");
    let times: Vec<&Value> = answer["verdict"]["evidence"].as_array().unwrap().iter().map(|row| &row["time"]).collect();
    assert!(times.iter().all(|time| time.is_null()), "the files do not tell when: {times:?}");
}

#[test]
fn a_listener_without_a_program_is_asked_for_again_as_root() {
    let folder = files();
    let without: Vec<&str> = TABLE.lines().map(|line| line.split("users:").next().unwrap_or_default()).collect();
    fs::write(folder.path().join("ss.txt"), without.join("\n")).unwrap();
    let answer = json(&portmedic(&folder, "diagnose 9443 --json --captured ss.txt").code(1));
    let told = [&answer["verdict"]["explanation"], &answer["plan"]["options"][0]["steps"]];
    assert!(told.iter().all(|text| text.to_string().contains("root")), "{told:#?}");
}

/// What is said of port 80 of a Windows computer by a table with one listener, which ends with this column.
fn verdict_of_netstat(head: &str, cell: &str) -> Value {
    let folder = tempfile::tempdir().unwrap();
    let table = format!(
        "Active Connections\n\n  Proto  Local Address  Foreign Address  State      {head}\n  \
         TCP    0.0.0.0:80     0.0.0.0:0        LISTENING  {cell}\n"
    );
    fs::write(folder.path().join("netstat.txt"), table).unwrap();
    json(&portmedic(&folder, "diagnose 80 --json --captured netstat.txt").code(1))
}

#[test]
fn a_holder_known_by_its_number_is_called_by_it_with_the_way_to_its_name() {
    let answer = verdict_of_netstat("PID", "4312");
    assert_eq!(answer["verdict"]["headline"], "A program that could not be seen (process 4312) listens on port 80");
    let option = &answer["plan"]["options"][0];
    assert_eq!((&option["title"], &option["interrupts"]), (&json!("Find out which program has the port"), &json!("Nothing")));
    let steps = option["steps"].to_string();
    assert!(steps.contains("tasklist") && steps.contains("PID eq 4312"), "{steps}");
}

#[test]
fn a_table_of_windows_without_numbers_asks_for_one_with_them() {
    let answer = verdict_of_netstat("", "");
    assert_eq!(answer["verdict"]["next_step"], "Find out which program has the port");
    assert!(answer["plan"]["options"][0]["steps"].to_string().contains("netstat -ano"), "{:#}", answer["plan"]);
}

#[test]
fn what_windows_itself_has_is_not_looked_for_among_its_programs() {
    let answer = verdict_of_netstat("PID", "4");
    assert_eq!(answer["verdict"]["headline"], "Windows itself listens on port 80");
    assert!(!answer["plan"].to_string().contains("tasklist"), "{:#}", answer["plan"]);
}

#[test]
fn an_audit_without_the_range_does_not_say_what_lies_in_it() {
    let folder = files();
    let answer = json(&portmedic(&folder, "audit --json --captured ss.txt").code(2));
    let not_fixed = answer["not_fixed"].as_array().unwrap();
    let reasons: Vec<&str> = not_fixed.iter().map(|row| row["because"].as_str().unwrap()).collect();
    assert!(
        matches!(reasons[..], [only] if only.starts_with("whether it lies in the dynamic range was not seen")),
        "{reasons:?}"
    );
    assert_eq!(not_fixed[0]["port"], 9443, "no system chooses port 22");
    assert!(!answer["gaps"].to_string().contains("netsh"), "it is a Linux computer: {:#}", answer["gaps"]);
}

#[test]
fn what_no_file_shows_is_not_said_to_be_missing_there() {
    let folder = files();
    let unknown = portmedic(&folder, "ranges --captured ss.txt").code(0);
    unknown.stdout(contains("No port is excluded").not().and(contains("the excluded ports: no file shows them")));
    let known = portmedic(&folder, "ranges --captured sysctl.txt").code(0);
    known.stdout(contains("No port is excluded").and(contains("32768-60999")).and(contains("Not seen").not()));
    portmedic(&folder, "services --captured ss.txt").code(0).stdout(contains("No file tells of a service that fails"));
}

#[test]
fn nothing_is_applied_there_and_the_commands_are_shown() {
    let folder = files();
    let answer = portmedic(&folder, "fix 9443 --yes --captured ss.txt").code(3);
    answer.stdout(contains("Nothing was changed").and(contains("kill -TERM 4312")));
}

#[test]
fn a_loop_of_netstat_tells_how_fast_the_ports_go_and_who_takes_them() {
    let folder = tempfile::tempdir().unwrap();
    let mut text = String::new();
    for look in 0..5 {
        writeln!(text, "2026-03-12 10:4{look}:00.12").unwrap();
        text.push_str("\nActive Connections\n\n  Proto  Local Address          Foreign Address        State           PID\n");
        for port in 49200..49220 + 20 * look {
            writeln!(text, "  TCP    10.4.0.7:{port}         10.4.0.90:8443         CLOSE_WAIT      4711").unwrap();
        }
    }
    let range = "netsh int ipv4 show dynamicport tcp\n\nProtocol tcp Dynamic Port Range\n---------------------------------\n\
                 Start Port      : 49152\nNumber of Ports : 256\n";
    fs::write(folder.path().join("netstat.txt"), text).unwrap();
    fs::write(folder.path().join("range.txt"), range).unwrap();
    let answer = json(&portmedic(&folder, "exhaustion --json --captured netstat.txt range.txt").code(1));
    assert_eq!(answer["standing"], "heading_there", "{:#}", answer["verdict"]);
    let forecast = &answer["ranges"][0]["forecast"];
    assert_eq!((&forecast["samples"], &forecast["ports_a_minute"]), (&5.into(), &20.0.into()));
    assert_eq!((&answer["leak"]["pid"], &answer["leak"]["grown"]), (&4711.into(), &80.into()));
    assert!(answer["ranges"][0]["in_use"] == 100, "{:#}", answer["ranges"][0]);
    portmedic(&folder, "exhaustion --watch --captured netstat.txt").code(2).stderr(contains("leave --watch"));
}

#[test]
fn a_table_without_its_range_is_not_called_safe() {
    let folder = files();
    let answer = json(&portmedic(&folder, "exhaustion --json --captured ss.txt").code(2));
    assert_eq!(answer["standing"], "cannot_tell");
}

#[test]
fn a_count_of_sockets_names_who_leaks_where_there_is_no_table() {
    let folder = files();
    let text = "Count Name                      ProcessName Group\n----- ----                      ----------- -----\n \
                4120 Bound, 5512               syncagent   {MSFT_NetTCPConnection (InstanceID = \"1\")}\n   \
                31 Established, 812          svchost     {MSFT_NetTCPConnection (InstanceID = \"2\")}\n";
    fs::write(folder.path().join("counts.txt"), text).unwrap();
    let answer = json(&portmedic(&folder, "exhaustion --json --captured counts.txt").code(1));
    assert_eq!((&answer["standing"], &answer["leak"]["pid"]), (&"leak".into(), &5512.into()), "{:#}", answer["verdict"]);
    assert_eq!(answer["verdict"]["headline"], "syncagent takes sockets and does not give them back");
    let gaps: Vec<&str> = answer["gaps"].as_array().unwrap().iter().filter_map(|gap| gap["shown_by"].as_str()).collect();
    assert!(gaps.contains(&"netstat -anobq"), "{gaps:?}");
}

#[test]
fn a_log_that_tells_of_no_port_left_is_believed_where_no_table_shows_more() {
    let folder = files();
    let log = "2026/03/12 03:10:01 [crit] 812#812: *9 connect() to 10.0.0.9:8080 failed (99: Cannot assign requested address) while \
               connecting to upstream, client: 10.0.0.1, server: _\n";
    fs::write(folder.path().join("error.log"), log).unwrap();
    let answer = json(&portmedic(&folder, "exhaustion --json --captured error.log").code(1));
    assert_eq!(answer["verdict"]["headline"], "No port was left for outgoing connections", "{:#}", answer["verdict"]);
    assert_eq!(answer["verdict"]["confidence"], "likely");
    assert_eq!(answer["verdict"]["evidence"][0]["source"], "error.log, line 1");
}

#[test]
fn commands_that_need_the_computer_itself_say_so() {
    let folder = files();
    for command in ["exclude 9443", "range 40000-50000", "history", "undo", "report --to x.md"] {
        let answer = portmedic(&folder, &format!("{command} --captured ss.txt")).code(2);
        answer.stderr(contains("--captured goes with the commands that look"));
    }
    portmedic(&folder, "owner 9443 --practice sql-client-1433 --captured ss.txt").code(2).stderr(contains("--practice"));
}

#[test]
fn the_report_of_an_analysis_is_saved_beside_its_answer() {
    let folder = files();
    portmedic(&folder, "analyze --to report.md error.log ss.txt").code(1).stdout(contains("report.md"));
    let report = String::from_utf8(fs::read(folder.path().join("report.md")).unwrap()).unwrap();
    assert!(report.contains("java listens on port 9443") && report.contains("error.log, line 1"), "{report}");
    portmedic(&folder, "analyze --to report.md error.log ss.txt").code(2).stderr(contains("report.md"));
}

#[test]
fn files_that_are_not_there_are_named() {
    let folder = files();
    portmedic(&folder, "analyze ss.txt none.txt").code(2).stderr(contains("none.txt cannot be read"));
    portmedic(&folder, "diagnose 9443 --captured none.txt").code(2).stderr(contains("none.txt cannot be read"));
}

#[test]
fn a_saved_case_keeps_what_no_file_showed() {
    let folder = files();
    portmedic(&folder, "analyze --to case.json error.log ss.txt").code(1);
    let case = Case::from_bytes(&fs::read(folder.path().join("case.json")).unwrap()).unwrap();
    assert!(!case.snapshot().shows(Table::Exclusions), "nothing is known of exclusions: {:?}", case.facts);
}

/// A client has the port of a server on Windows.
const CLIENT: &str = "C:\\>netstat -ano -p tcp\r\n\r\nActive Connections\r\n\r\n  \
                      Proto  Local Address          Foreign Address        State           PID\r\n  \
                      TCP    10.1.2.3:1433          10.1.2.9:445           ESTABLISHED     4488\r\n\r\n\
                      C:\\>tasklist /svc\r\n\r\n\
                      Image Name                     PID Services\r\n\
                      ========================= ======== ============================================\r\n\
                      backupagent.exe               4488 BackupAgent\r\n";

#[test]
fn on_another_computer_the_way_out_that_can_be_typed_comes_first() {
    let folder = files();
    fs::write(folder.path().join("client.txt"), CLIENT).unwrap();
    let answer = json(&portmedic(&folder, "diagnose 1433 --json --captured client.txt").code(1));
    let options = answer["plan"]["options"].as_array().unwrap();
    let kinds = |option: &Value| -> Vec<Value> {
        option["steps"].as_array().unwrap().iter().map(|step| step["preview_kind"].clone()).collect()
    };
    assert!(kinds(&options[0]).iter().all(|kind| kind == "command"), "{options:?}");
    assert!(options.iter().any(|option| kinds(option).contains(&"no_command".into())), "closing it is still told");
    assert_eq!(options[0]["recommended"], true);
}

/// What a loop of `netstat -ano` writes: a look at `minute` with so many sockets of process 5120.
fn look(minute: u32, sockets: u32) -> String {
    let rows = (0..sockets)
        .map(|at| format!("  TCP    10.0.0.4:{}         10.0.0.9:443           CLOSE_WAIT      5120\r\n", 50_000 + at));
    let heading = "Active Connections\r\n\r\n  Proto  Local Address          Foreign Address        State           PID\r\n";
    let always = "  TCP    0.0.0.0:135            0.0.0.0:0              LISTENING       812\r\n";
    format!("Tue 03/12/2024 10:{minute}:22.53\r\n\r\n{heading}{always}{}\r\n", rows.collect::<String>())
}

#[test]
fn what_grows_from_look_to_look_is_told() {
    let folder = files();
    fs::write(folder.path().join("loop.txt"), [look(41, 4), look(42, 0), look(43, 9)].concat()).unwrap();
    let answer = json(&portmedic(&folder, "analyze --json loop.txt").code(0));
    let trend = answer["trend"].as_array().unwrap();
    assert_eq!(trend.len(), 1, "what stays as it is has no trend: {trend:?}");
    assert_eq!((&trend[0]["pid"], &trend[0]["state"]), (&5120.into(), &"CLOSE_WAIT".into()));
    assert_eq!((&trend[0]["counts"], &trend[0]["change"]), (&serde_json::json!([4, 0, 9]), &5.into()));
    portmedic(&folder, "analyze loop.txt").stdout(contains("sockets in each look: 4, 0, 9").and(contains("change: +5")));
    let one = json(&portmedic(&folder, "analyze --json ss.txt").code(0));
    assert!(one["trend"].is_null(), "one look has no trend");
}

/// What is said of an exclusion that netsh refused in these words: as JSON, and with the plan, which only people are told.
fn analysis_of_netsh(answer: &str) -> (Value, String) {
    let folder = tempfile::tempdir().unwrap();
    let command = "netsh interface ipv4 add excludedportrange protocol=tcp startport=1433 numberofports=1";
    fs::write(folder.path().join("netsh.txt"), format!("{command}\n{answer}\n")).unwrap();
    let told = portmedic(&folder, "analyze netsh.txt").code(1);
    let text = String::from_utf8(told.get_output().stdout.clone()).unwrap();
    (json(&portmedic(&folder, "analyze netsh.txt --json").code(1)), text)
}

#[test]
fn what_netsh_was_refused_is_about_a_windows_computer_and_no_server() {
    let (answer, told) = analysis_of_netsh("The process cannot access the file because it is being used by another process.");
    for text in [&answer.to_string(), &told] {
        assert!(text.contains("netstat -ano") && !text.contains("sysctl") && !text.contains("ss -t"), "{text}");
        assert!(!text.contains("Move netsh") && !text.contains("portmedic diagnose 1433"), "{text}");
    }
    assert!(
        told.contains("Run netstat -ano on that computer, and open its output together with these files   (by hand)"),
        "{told}"
    );
}

#[test]
fn a_netsh_without_the_rights_for_it_says_nothing_about_the_port() {
    let (answer, _) = analysis_of_netsh("The requested operation requires elevation (Run as administrator).");
    assert_eq!(
        answer["verdict"]["headline"], "The error is about something other than port 1433",
        "nobody saw whether it is free"
    );
}
