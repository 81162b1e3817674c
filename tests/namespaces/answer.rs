//! Runs the real executable and reads what it answers.

use std::collections::BTreeSet;
use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::Value;

/// What one run of `portmedic` answered.
#[derive(Debug)]
pub struct Answer {
    /// The exit code.
    pub code: i32,
    /// The JSON document; `null` where the answer is a text.
    pub json: Value,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

/// The executable under test: the one that was built with this test, or the one that `PORTMEDIC` names.
pub fn executable() -> String {
    std::env::var("PORTMEDIC").unwrap_or_else(|_| env!("CARGO_BIN_EXE_portmedic").to_owned())
}

/// Runs `portmedic` with these arguments and no input.
pub fn portmedic(arguments: &[&str]) -> Answer {
    run(Command::new(executable()).args(arguments), "")
}

/// Runs `portmedic` with these arguments and this text as input.
pub fn portmedic_with_input(arguments: &[&str], input: &str) -> Answer {
    run(Command::new(executable()).args(arguments), input)
}

/// Runs a prepared command with this input, in an ordinary environment.
pub fn run(command: &mut Command, input: &str) -> Answer {
    run_as_it_is(command.env_clear().env("PATH", "/usr/bin:/bin:/usr/sbin:/sbin").env("HOME", "/var/lib/home"), input)
}

/// Runs a prepared command with this input.
pub fn run_as_it_is(command: &mut Command, input: &str) -> Answer {
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("portmedic starts");
    // A run that does not read its input closes the pipe; that is its right.
    child.stdin.take().expect("its input").write_all(input.as_bytes()).ok();
    let output = child.wait_with_output().expect("portmedic ends");
    let stdout = String::from_utf8(output.stdout).expect("text");
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    let json = serde_json::from_str(&stdout).unwrap_or(Value::Null);
    let code = output.status.code().unwrap_or_else(|| panic!("{command:?} ended by a signal: {stderr}"));
    assert!(!stderr.contains("panicked"), "{command:?}: {stderr}");
    Answer { code, json, stdout, stderr }
}

/// `portmedic diagnose TARGET --json`, which must answer with a Case, and with the exit code that fits its verdict.
#[track_caller]
pub fn diagnose(target: &str) -> Answer {
    let answer = portmedic(&["diagnose", target, "--json"]);
    answer.is_a_case(target);
    answer
}

/// A holder, as far as a test names it: process, kind, state of the socket.
pub type Holder<'a> = (Option<u32>, &'a str, &'a str);

impl Answer {
    /// Demands a Case, and the exit code that fits its verdict.
    #[track_caller]
    pub fn is_a_case(&self, target: &str) -> &Self {
        assert_eq!(self.json["schema"], "portmedic.case/1", "{target}: {}{}", self.stdout, self.stderr);
        let trouble = !matches!(self.cause(), "port_free" | "not_a_port_problem");
        assert_eq!(self.code, i32::from(trouble), "{target}: the exit code does not fit the verdict {}", self.cause());
        self
    }

    /// `verdict.cause`.
    pub fn cause(&self) -> &str {
        self.json["verdict"]["cause"].as_str().unwrap_or_default()
    }

    /// Demands this cause.
    #[track_caller]
    pub fn has_cause(&self, cause: &str) -> &Self {
        assert_eq!(self.cause(), cause, "{:#}", self.json["verdict"]);
        self
    }

    /// Demands these holders, all of them and no other, in any order.
    #[track_caller]
    pub fn has_owners(&self, wanted: &[Holder<'_>]) -> &Self {
        let seen: BTreeSet<_> = self
            .owners()
            .iter()
            .map(|owner| {
                let pid = owner["pid"].as_u64().map(|pid| u32::try_from(pid).expect("a process number"));
                (pid, owner["kind"].as_str().unwrap_or_default(), owner["state"].as_str().unwrap_or_default())
            })
            .collect();
        let wanted: BTreeSet<_> = wanted.iter().copied().collect();
        assert_eq!(seen, wanted, "{:#}", self.json["owners"]);
        self
    }

    /// `owners`.
    pub fn owners(&self) -> &[Value] {
        self.json["owners"].as_array().map_or(&[], Vec::as_slice)
    }

    /// The options of the plan.
    pub fn options(&self) -> &[Value] {
        self.json["plan"]["options"].as_array().map_or(&[], Vec::as_slice)
    }

    /// The names of the operations of one option.
    pub fn operations(option: &Value) -> Vec<&str> {
        option["steps"]
            .as_array()
            .map_or(Vec::new(), |steps| steps.iter().map(|step| step["operation"].as_str().unwrap_or_default()).collect())
    }

    /// Demands this exit code.
    #[track_caller]
    pub fn has_code(&self, code: i32) -> &Self {
        assert_eq!(self.code, code, "\n{}\n{}", self.stdout, self.stderr);
        self
    }
}
