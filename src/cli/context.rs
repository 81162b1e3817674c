//! What every command has: the computer, the two outputs and the wish for JSON.

use std::io::{self, IsTerminal, Write};

use serde::Serialize;

use super::Exit;
use crate::diagnosis::TargetError;
use crate::machine::visible;
use crate::platform::{Platform, PlatformError};

/// Why a command could not do its work. Each text says what, why and what to do.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// The target names nothing.
    #[error(transparent)]
    Target(#[from] TargetError),
    /// The computer did not play along.
    #[error(transparent)]
    Platform(#[from] PlatformError),
    /// Standard output could not be written.
    #[error("the answer could not be written: {0}")]
    Output(#[from] io::Error),
    /// The answer has no JSON form.
    #[error("the answer could not be written as JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// Something else, said in full.
    #[error("{0}")]
    Other(String),
}

impl CliError {
    /// The exit code that tells of it.
    const fn exit(&self) -> Exit {
        match self {
            Self::Platform(PlatformError::NotPermitted { .. }) => Exit::Declined,
            Self::Target(_) | Self::Platform(_) | Self::Output(_) | Self::Json(_) | Self::Other(_) => Exit::CouldNot,
        }
    }
}

/// What every command has.
pub struct Context {
    /// The computer.
    pub platform: Box<dyn Platform>,
    /// Whether the answer is one JSON document.
    pub json: bool,
    /// Where the answer goes.
    pub out: Box<dyn Write>,
}

impl Context {
    /// The live computer and the real outputs.
    pub fn live(json: bool) -> Self {
        Self { platform: crate::platform::live(), json, out: Box::new(io::BufWriter::new(io::stdout())) }
    }

    /// Writes the answer as one JSON document.
    ///
    /// # Errors
    /// Where standard output cannot be written.
    pub fn write_json(&mut self, answer: &impl Serialize) -> Result<(), CliError> {
        let text = serde_json::to_string_pretty(answer)?;
        writeln!(self.out, "{text}")?;
        Ok(())
    }

    /// Tells a person who waits what is being done. Silent where nobody looks: standard error is a file or a pipe, or JSON was asked for.
    pub fn progress(&self, text: &str) {
        let mut err = io::stderr();
        if !self.json && err.is_terminal() {
            // A lost progress line changes nothing about the answer.
            let _lost = writeln!(err, "{text} …");
        }
    }

    /// Tells of an error, if there is one, and gives the exit code.
    pub fn finish(&mut self, result: Result<Exit, CliError>) -> Exit {
        let result = result.and_then(|exit| self.out.flush().map(|()| exit).map_err(CliError::from));
        match result {
            Ok(exit) => exit,
            // The reader closed the pipe (`| head`): it has what it wanted.
            Err(CliError::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => Exit::Clean,
            Err(error) => {
                // What the user typed or the system answered stands in it.
                let text = error.to_string().lines().map(visible).collect::<Vec<_>>().join("\n");
                if self.json {
                    let _lost = self.write_json(&serde_json::json!({ "schema": "portmedic.error/1", "error": text }));
                    let _lost = self.out.flush();
                }
                let _lost = writeln!(io::stderr(), "portmedic: {text}");
                error.exit()
            }
        }
    }
}
