//! Scripts do what their comments say, and no name in them gets out of its comment or its quotes.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output};

use portmedic::case::Case;
use portmedic::machine::{Protocol, Snapshot, System};
use portmedic::remedy::{FixOption, Operation, Plan, Risk, single_step};
use portmedic::report::{Format, Hide, report};

use crate::cases::office;
use crate::machine::linux;

/// Unit names that would leave a file behind if they got out.
const NAMES: &[&str] = &[
    "x'; touch pwned; '.service",
    "x\"; touch pwned; \".service",
    "$(touch pwned).service",
    "`touch pwned`.service",
    "x && touch pwned &&.service",
    "a\ntouch pwned\n.service",
    "a\r\ntouch pwned",
    "\\'; touch pwned #.service",
    "-rf.service",
];

/// A Case whose only option starts these units.
fn starts(names: &[&str], system: System) -> Case {
    let mut snapshot: Snapshot = linux();
    snapshot.host.system = system;
    let steps = names
        .iter()
        .map(|name| {
            let mut step = single_step(Operation::StartService { service: (*name).to_owned() }, &snapshot);
            // What a person called it stands in comments as it came.
            step.title = format!("Start {name}");
            step.undo = Some(format!("Stop {name}"));
            step
        })
        .collect();
    let option = FixOption {
        title: format!("Start {}", names[0]),
        effect: String::new(),
        recommended: true,
        risk: Risk::Low,
        reversible: String::new(),
        interrupts: String::new(),
        restart: String::new(),
        changes: Vec::new(),
        steps,
    };
    let mut case = office();
    case.host.system = system;
    names[0].clone_into(&mut case.host.name);
    names[0].clone_into(&mut case.verdict.headline);
    case.plan = Plan { options: vec![option] };
    case
}

fn script(case: &Case, format: Format) -> String {
    report(case, format, &Hide::everything()).text
}

#[expect(clippy::disallowed_methods, reason = "the shell that people run the script with")]
fn shell(shell: &str) -> Command {
    Command::new(shell)
}

/// Runs a script in `folder` where every tool that it could call only writes down how it was called, as if by root. Failures cannot be
/// forgotten there: systemd has none of the units loaded.
fn run(text: &str, folder: &Path) -> Output {
    let tools = folder.join("tools");
    fs::create_dir(&tools).unwrap();
    let note = "#!/bin/sh\nprintf '%s' \"${0##*/}\" >> calls\nfor a in \"$@\"; do printf ' <%s>' \"$a\" >> calls; done\necho >> calls\n\
                [ \"$1\" != reset-failed ]\n";
    for tool in ["systemctl", "sysctl", "ss", "kill"] {
        fs::write(tools.join(tool), note).unwrap();
    }
    fs::write(tools.join("id"), "#!/bin/sh\necho 0\n").unwrap();
    for tool in fs::read_dir(&tools).unwrap() {
        fs::set_permissions(tool.unwrap().path(), fs::Permissions::from_mode(0o755)).unwrap();
    }
    fs::write(folder.join("fix.sh"), text).unwrap();
    let path = format!("{}:/usr/bin:/bin", tools.display());
    shell("/bin/sh").arg("fix.sh").current_dir(folder).env_clear().env("PATH", path).output().unwrap()
}

#[test]
fn every_script_is_a_script_of_its_shell() {
    for name in NAMES {
        for case in [starts(&[name], System::Linux), starts(&[name], System::Windows)] {
            let folder = tempfile::tempdir().unwrap();
            let file = folder.path().join("fix.sh");
            fs::write(&file, script(&case, Format::Shell)).unwrap();
            for shell in ["bash", "sh"] {
                let checked = self::shell(shell).arg("-n").arg(&file).output().unwrap();
                assert!(checked.status.success(), "{shell} of {name:?}: {}", String::from_utf8_lossy(&checked.stderr));
            }
        }
    }
}

#[test]
fn no_name_gets_out_of_its_comment_or_quotes() {
    for name in NAMES {
        let folder = tempfile::tempdir().unwrap();
        let output = run(&script(&starts(&[name], System::Linux), Format::Shell), folder.path());
        assert!(!folder.path().join("pwned").exists(), "{name:?} got out: {output:?}");
    }
}

#[test]
fn a_script_calls_exactly_what_the_plan_shows() {
    let folder = tempfile::tempdir().unwrap();
    let name = "it's \"$HOME\".service";
    let output = run(&script(&starts(&[name, "b.service"], System::Linux), Format::Shell), folder.path());
    assert!(output.status.success(), "{output:?}");
    let calls = String::from_utf8(fs::read(folder.path().join("calls")).unwrap()).unwrap();
    let wanted = format!(
        "systemctl <reset-failed> <{name}>\nsystemctl <start> <{name}>\nsystemctl <reset-failed> <b.service>\nsystemctl <start> \
         <b.service>\n"
    );
    assert_eq!(calls, wanted);
}

#[test]
fn a_script_ends_at_the_first_command_that_does_not_work() {
    let folder = tempfile::tempdir().unwrap();
    let text = script(&starts(&["a.service", "b.service"], System::Linux), Format::Shell);
    let text = text.replace("systemctl start a.service", "false");
    assert!(!run(&text, folder.path()).status.success());
    let calls = String::from_utf8(fs::read(folder.path().join("calls")).unwrap()).unwrap();
    assert!(!calls.contains("b.service"), "{calls}");
}

#[test]
fn a_command_with_a_line_break_in_it_is_left_out_and_said() {
    let folder = tempfile::tempdir().unwrap();
    let output = run(&script(&starts(&["a\ntouch pwned\n.service"], System::Linux), Format::Shell), folder.path());
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("left out"), "{output:?}");
}

#[test]
fn a_command_that_the_case_of_another_computer_brings_is_not_run() {
    let mut case = starts(&["a.service"], System::Linux);
    case.plan.options[0].steps[0].preview = "touch pwned".to_owned();
    let case = Case::from_json(&report(&case, Format::Json, &Hide::nothing()).text).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let output = run(&script(&case, Format::Shell), folder.path());
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("not the one that PortMedic makes"), "{output:?}");
    assert!(!folder.path().join("pwned").exists());
    case_is_named(&case);
}

/// A script says of which computer its case is.
fn case_is_named(case: &Case) {
    let text = script(case, Format::Shell);
    assert!(
        text.contains(&format!("# Case of {}, ", case.host.name)) && text.contains("# It was made for that computer"),
        "{text}"
    );
}

#[test]
fn the_script_of_a_saved_case_is_that_of_the_case_itself() {
    let case = office();
    let saved = Case::from_json(&report(&case, Format::Json, &Hide::nothing()).text).unwrap();
    let text = script(&saved, Format::Shell);
    assert_eq!(text, script(&case, Format::Shell));
    assert!(text.contains("ip_local_reserved_ports") && !text.contains("left out"), "{text}");
}

#[test]
fn a_script_for_another_system_does_nothing_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let output = run(&script(&starts(&["a.service"], System::Windows), Format::Shell), folder.path());
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("Windows"), "{output:?}");
    assert!(!folder.path().join("calls").exists());

    let text = script(&starts(&["a.service"], System::Linux), Format::PowerShell);
    let commands: Vec<&str> = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
    assert_eq!(commands, ["Write-Error 'The commands of this case are for Linux. Nothing was done.'"]);
    assert!(text.contains("#     systemctl reset-failed a.service || true; systemctl start a.service"), "{text}");
}

#[test]
fn every_line_of_a_powershell_script_is_ours_or_of_the_plan() {
    for name in NAMES {
        let text = script(&starts(&[name], System::Windows), Format::PowerShell);
        for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let ours = ["Set-StrictMode", "$ErrorActionPreference", "$global:LASTEXITCODE", "if ($LASTEXITCODE)", "Write-Error"];
            assert!(
                ours.iter().any(|start| line.starts_with(start)) || line.starts_with("Start-Service "),
                "{line:?} of {name:?}"
            );
        }
        assert!(text.lines().all(|line| !line.starts_with("touch")), "{text}");
    }
}

#[test]
fn steps_that_are_no_command_say_so() {
    let text = script(&office(), Format::Shell);
    assert!(
        text.contains("# PortMedic does this with a system call; this is the nearest command.\nss -taK src 10.20.0.15"),
        "{text}"
    );
}

#[test]
fn a_step_without_a_command_is_left_out_and_said() {
    let mut case = starts(&["MSSQLSERVER"], System::Windows);
    let mut snapshot = linux();
    snapshot.host.system = System::Windows;
    let close = Operation::CloseConnection {
        protocol: Protocol::Tcp,
        local: "10.20.0.15:1433".parse().unwrap(),
        remote: "10.20.0.40:443".parse().unwrap(),
        cookie: None,
    };
    case.plan.options[0].steps.insert(0, single_step(close, &snapshot));
    let text = script(&case, Format::PowerShell);
    assert!(text.contains("\r\nWrite-Error 'This step has no command."), "{text}");
    assert!(text.lines().filter(|line| !line.starts_with('#')).all(|line| !line.contains("SetTcpEntry")), "{text}");
}

#[test]
fn winnat_is_started_again_whatever_becomes_of_the_exclusion() {
    let mut case = starts(&["a"], System::Windows);
    let mut snapshot = linux();
    snapshot.host.system = System::Windows;
    let range = "8080".parse().unwrap();
    let step = single_step(Operation::RestartWinnat { range, protocol: Protocol::Tcp }, &snapshot);
    case.plan.options[0].steps = vec![step];
    let text = script(&case, Format::PowerShell);
    let commands: Vec<&str> = text.lines().map(str::trim_end).skip_while(|line| !line.starts_with("net stop")).collect();
    let check = "if ($LASTEXITCODE) { exit $LASTEXITCODE }";
    let add = "netsh int ipv4 add excludedportrange protocol=tcp startport=8080 numberofports=1 store=persistent";
    let expected = ["net stop winnat", check, "try {", add, check, "} finally {", "net start winnat", "}", check];
    assert_eq!(commands[..expected.len()], expected, "{text}");
}
