//! Runs netsh. Its exit code and what is there afterwards count, never its words.

use std::thread;
use std::time::Duration;

use crate::machine::visible;
use crate::platform::PlatformError;
use crate::platform::command::{self, Output};

/// How long netsh may take. It waits for services at the start of the computer.
const PATIENCE: Duration = Duration::from_secs(30);

/// What a `show` prints. Silence with exit code 0 is an error too: then it is not known what there is.
pub fn show(arguments: &[&str]) -> Result<String, PlatformError> {
    let output = ask(arguments)?;
    if !output.success() {
        return Err(failed(arguments, output.complaint()));
    }
    if output.stdout.trim().is_empty() {
        return Err(failed(arguments, "it printed nothing".to_owned()));
    }
    Ok(output.stdout)
}

/// Several at the same time, as each start of netsh costs time.
pub fn show_all(questions: &[Vec<&str>]) -> Vec<Result<String, PlatformError>> {
    thread::scope(|scope| {
        let asked: Vec<_> = questions.iter().map(|arguments| scope.spawn(|| show(arguments))).collect();
        asked.into_iter().map(|one| one.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect()
    })
}

/// What it prints, whatever its exit code says.
///
/// # Errors
/// Where it could not be run, or took too long.
pub fn ask(arguments: &[&str]) -> Result<Output, PlatformError> {
    command::run("netsh", arguments, PATIENCE)
}

/// Makes a change. Exit code 0 says only that netsh complained of nothing: read back what is there.
///
/// # Errors
/// What it complained of.
pub fn change(arguments: &[&str]) -> Result<(), String> {
    change_within(arguments, PATIENCE)
}

/// The same, for a change that may take so long.
///
/// # Errors
/// What it complained of.
pub fn change_within(arguments: &[&str], patience: Duration) -> Result<(), String> {
    let output = command::run("netsh", arguments, patience).map_err(|error| error.to_string())?;
    if output.success() { Ok(()) } else { Err(output.complaint()) }
}

fn failed(arguments: &[&str], why: String) -> PlatformError {
    PlatformError::Failed { what: format!("\"netsh {}\" gave no answer", visible(&arguments.join(" "))), why }
}

/// An answer of another form than Windows is known to give.
pub fn not_understood(source: &str) -> PlatformError {
    PlatformError::Failed {
        what: format!("\"{source}\" gave no answer"),
        why: "its text has another form than is known".to_owned(),
    }
}
