//! What every command has: the computer, the two outputs and the wish for JSON.

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;
use serde::Serialize;

use super::Exit;
use super::consent::Consent;
use crate::app::{Computer, files};
use crate::case::Case;
use crate::diagnosis::{Target, TargetError};
use crate::evidence;
use crate::helper::journal::Entry;
use crate::helper::launch::Elevator;
use crate::machine::visible;
use crate::platform::captured::files::FileError;
use crate::platform::captured::{self, CapturedPlatform};
use crate::platform::practice::{Machine, MachineError};
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
    /// The practice machine is none.
    #[error(transparent)]
    Practice(#[from] MachineError),
    /// Standard output could not be written.
    #[error("the answer could not be written: {0}")]
    Output(#[from] io::Error),
    /// The answer has no JSON form.
    #[error("the answer could not be written as JSON: {0}")]
    Json(serde_json::Error),
    /// A file from another computer cannot be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// Something else, said in full.
    #[error("{0}")]
    Other(String),
}

/// What goes wrong while JSON is written is mostly the output's fault.
impl From<serde_json::Error> for CliError {
    fn from(error: serde_json::Error) -> Self {
        if error.is_io() { Self::Output(error.into()) } else { Self::Json(error) }
    }
}

impl CliError {
    /// The exit code that tells of it.
    const fn exit(&self) -> Exit {
        match self {
            Self::Platform(PlatformError::NotPermitted { .. }) => Exit::Declined,
            Self::Target(_)
            | Self::Platform(_)
            | Self::Practice(_)
            | Self::Output(_)
            | Self::Json(_)
            | Self::File(_)
            | Self::Other(_) => Exit::CouldNot,
        }
    }
}

/// An answer that says that it is about a practice machine.
#[derive(Serialize)]
struct Marked<'a, T> {
    practice: &'a str,
    #[serde(flatten)]
    answer: &'a T,
}

/// What every command has.
pub struct Context {
    /// The computer.
    pub platform: Arc<dyn Platform>,
    /// The practice machine that it is; `None` for the live one.
    practice: Option<Computer>,
    /// Whether it is known from files only.
    captured: bool,
    /// Whether the answer is one JSON document.
    pub json: bool,
    /// Where the answer goes.
    pub out: Box<dyn Write>,
}

impl Context {
    /// The live computer and the real outputs.
    pub fn live(json: bool) -> Self {
        Self::of(Arc::from(crate::platform::live()), None, json)
    }

    /// A practice machine and the real outputs. What a person reads says so first.
    ///
    /// # Errors
    /// Where standard output cannot be written.
    pub fn practice(machine: &Machine, json: bool) -> Result<Self, CliError> {
        let computer = Computer::practice(machine, machine.behaviour.clone());
        let mut context = Self::of(Arc::clone(&computer.platform), Some(computer), json);
        if !json {
            writeln!(context.out, "Practice machine {}: nothing real is changed", machine.name)?;
        }
        Ok(context)
    }

    /// A computer that is known from these files, and the real outputs.
    ///
    /// # Errors
    /// Where one of them cannot be read.
    pub fn captured(files: &[PathBuf], json: bool) -> Result<Self, CliError> {
        let reading = evidence::read(&captured::files::collect(files)?);
        let platform = CapturedPlatform::new(Arc::new(reading), Timestamp::now());
        Ok(Self { captured: true, ..Self::of(Arc::new(platform), None, json) })
    }

    fn of(platform: Arc<dyn Platform>, practice: Option<Computer>, json: bool) -> Self {
        Self { platform, practice, captured: false, json, out: Box::new(io::BufWriter::new(io::stdout())) }
    }

    /// Whether a practice machine stands in the place of the computer.
    pub const fn is_practice(&self) -> bool {
        self.practice.is_some()
    }

    /// Whether the computer is known from files only, so that nothing can be changed on it from here.
    pub const fn is_captured(&self) -> bool {
        self.captured
    }

    /// What a command looks into: what was typed, and on a practice machine without that what its story is about.
    ///
    /// # Errors
    /// Where that names nothing, or nothing was named on a computer that has no story.
    pub fn target(&self, typed: Option<&str>) -> Result<Target, CliError> {
        let story = self.practice.as_ref().and_then(|computer| computer.practice.as_ref());
        match typed.or(story.map(|story| story.target.as_str())) {
            Some(text) => Ok(Target::parse(text)?),
            None => Err(CliError::Other(
                "name what does not work: a port (1433, 53/udp), a service (nginx), or an error text in quotes".to_owned(),
            )),
        }
    }

    /// What the story of a practice machine has a client connect to: a computer, and a port or name behind a blank.
    pub fn connect_target(&self) -> Option<&str> {
        self.practice.as_ref()?.practice.as_ref()?.connect.as_deref()
    }

    /// Keeps a Case of this computer for `portmedic report`. That it could not be kept is said and spoils nothing.
    pub fn keep(&self, case: &Case) {
        if self.is_practice() || self.captured {
            return;
        }
        if let Err(why) = files::keep(case) {
            // Nobody reads a message that standard error does not take.
            let _lost = writeln!(io::stderr(), "portmedic: {why}");
        }
    }

    /// What gets the rights on this computer, as the user wishes; `None` where nobody may.
    pub fn elevator(&self, consent: &Consent) -> Option<Arc<dyn Elevator>> {
        match &self.practice {
            Some(practice) => Some(Arc::clone(&practice.elevator)),
            None => consent.elevator(),
        }
    }

    /// What PortMedic changed on this computer, the oldest first.
    ///
    /// # Errors
    /// Where the journal cannot be read.
    pub fn history(&self) -> Result<Vec<Entry>, CliError> {
        let entries = match &self.practice {
            Some(practice) => (practice.journal)(),
            None => (Computer::live().journal)(),
        };
        entries.map_err(|error| CliError::Other(error.to_string()))
    }

    /// Writes the answer as one JSON document.
    ///
    /// # Errors
    /// Where standard output cannot be written.
    pub fn write_json(&mut self, answer: &impl Serialize) -> Result<(), CliError> {
        match self.practice.as_ref().and_then(|computer| computer.practice.as_ref()) {
            None => serde_json::to_writer_pretty(&mut self.out, answer)?,
            Some(practice) => serde_json::to_writer_pretty(&mut self.out, &Marked { practice: &practice.name, answer })?,
        }
        writeln!(self.out)?;
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
