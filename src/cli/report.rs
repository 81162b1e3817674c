//! `portmedic report --to FILE`: the last Case, or a saved one, as a report; and `--to FILE` of other commands.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use serde::Serialize;

use super::{CliError, Context, Exit};
use crate::app::{SaveProblem, files};
use crate::case::Case;
use crate::machine::visible;
use crate::report::{Format, Hide, Report, report};

/// Where a report goes, and what it hides.
#[derive(Debug, Args)]
pub struct Destination {
    /// Save a report to this file: .html, .md, .json, .csv, .sh or .ps1
    #[arg(long, value_name = "FILE")]
    to: Option<PathBuf>,
    #[command(flatten)]
    manner: Manner,
}

/// How a report is written.
#[derive(Debug, Args)]
pub(super) struct Manner {
    /// Show the names of computers and users, addresses, folders and passwords in the report; without it they are hidden
    #[arg(long)]
    no_redact: bool,
    /// Replace the file that is there
    #[arg(long)]
    pub(super) force: bool,
}

/// Writes the last case, or a saved one, as a report.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The file: .html, .md, .json, .csv, .sh or .ps1; - for standard output, with --format
    #[arg(long, value_name = "FILE")]
    to: PathBuf,
    /// The case that was saved in this .json file; without it the last one of this user
    #[arg(long, value_name = "FILE")]
    case: Option<PathBuf>,
    /// The form of the report; without it the end of the file's name tells
    #[arg(long)]
    format: Option<Form>,
    #[command(flatten)]
    manner: Manner,
}

/// The forms by their names on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Form {
    /// One page to read and print
    Html,
    /// Text for a ticket
    Md,
    /// The case, which opens again
    Json,
    /// A table for a spreadsheet
    Csv,
    /// The commands for a POSIX shell
    Sh,
    /// The commands for PowerShell
    Ps1,
}

impl From<Form> for Format {
    fn from(form: Form) -> Self {
        match form {
            Form::Html => Self::Html,
            Form::Md => Self::Markdown,
            Form::Json => Self::Json,
            Form::Csv => Self::Csv,
            Form::Sh => Self::Shell,
            Form::Ps1 => Self::PowerShell,
        }
    }
}

/// The answer as `portmedic.report/1`.
#[derive(Debug, Serialize)]
struct Answer {
    schema: &'static str,
    path: String,
    format: &'static str,
    /// What is hidden, without the values themselves.
    hidden: Vec<HiddenValue>,
}

#[derive(Debug, Serialize)]
struct HiddenValue {
    kind: &'static str,
    word: String,
    places: usize,
}

/// Runs the command.
///
/// # Errors
/// Where there is no Case, or the report could not be saved.
pub fn run(arguments: &Arguments, context: &mut Context) -> Result<Exit, CliError> {
    let to_screen = arguments.to.as_os_str() == "-";
    let format = match arguments.format {
        Some(form) => form.into(),
        None if to_screen => return Err(CliError::Other(format!("--to - needs --format: {}", endings()))),
        None => format_of(&arguments.to)?,
    };
    if to_screen && context.json {
        return Err(CliError::Other("--to - and --json both write to standard output; name a file".to_owned()));
    }
    let case = case(arguments.case.as_deref(), context)?;
    let made = report(&case, format, &arguments.manner.hide());
    if to_screen {
        write!(context.out, "{}", made.text)?;
    } else {
        save(&arguments.to, &made, arguments.manner.force)?;
        tell("report", &arguments.to, format, &made, context)?;
    }
    Ok(Exit::Clean)
}

impl Manner {
    pub(super) fn hide(&self) -> Hide {
        if self.no_redact { Hide::nothing() } else { Hide::everything() }
    }
}

impl Destination {
    /// Refuses a file that cannot be written in the end, before anything else is done.
    ///
    /// # Errors
    /// Where the file's name tells no form, it is there already, or its folder is not.
    pub fn check(&self) -> Result<(), CliError> {
        let Some(path) = &self.to else { return Ok(()) };
        format_of(path)?;
        if !self.manner.force && path.symlink_metadata().is_ok() {
            return Err(exists(path));
        }
        files::check_folder(path).map_err(CliError::Other)
    }

    /// Saves the report of a Case where one was asked for.
    ///
    /// # Errors
    /// Where it could not be saved.
    pub fn write(&self, case: &Case, context: &mut Context) -> Result<(), CliError> {
        let Some(path) = &self.to else { return Ok(()) };
        let format = format_of(path)?;
        let made = report(case, format, &self.manner.hide());
        save(path, &made, self.manner.force)?;
        // As JSON the answer is the Case alone.
        if context.json { Ok(()) } else { tell("report", path, format, &made, context) }
    }
}

/// The Case in a file, or the last one.
fn case(path: Option<&Path>, context: &Context) -> Result<Case, CliError> {
    if let Some(path) = path {
        return files::open(path).map_err(|error| CliError::Other(error.to_string()));
    }
    if context.is_practice() {
        let why = "a practice machine keeps no last case; use `diagnose TARGET --to FILE`, or name a saved case with --case";
        return Err(CliError::Other(why.to_owned()));
    }
    match files::last_case() {
        Some(path) if path.exists() => files::open(&path).map_err(|error| CliError::Other(error.to_string())),
        _ => Err(CliError::Other(
            "there is no last case of this user; run `portmedic diagnose TARGET` first, or name a saved case with --case FILE"
                .to_owned(),
        )),
    }
}

pub(super) fn format_of(path: &Path) -> Result<Format, CliError> {
    let extension = path.extension().map(|extension| extension.to_string_lossy().into_owned()).unwrap_or_default();
    Format::of_extension(&extension).ok_or_else(|| {
        let name = visible(&path.to_string_lossy());
        CliError::Other(format!(
            "\"{name}\" does not tell which form the report shall have; its name must end with {}",
            endings()
        ))
    })
}

fn endings() -> String {
    let [rest @ .., last] = Format::ALL.map(|format| format!(".{}", format.extension()));
    format!("{} or {last}", rest.join(", "))
}

fn exists(path: &Path) -> CliError {
    CliError::Other(format!(
        "{} is there already; name another file, or replace it with --force",
        visible(&path.to_string_lossy())
    ))
}

pub(super) fn save(path: &Path, made: &Report, force: bool) -> Result<(), CliError> {
    files::save(path, &made.text, force).map_err(|problem| match problem {
        SaveProblem::Exists => exists(path),
        SaveProblem::Other(why) => CliError::Other(why),
    })
}

pub(super) fn tell(what: &str, path: &Path, format: Format, made: &Report, context: &mut Context) -> Result<(), CliError> {
    let path = visible(&path.to_string_lossy());
    if context.json {
        let hidden = made.hidden.iter().map(|hidden| HiddenValue {
            kind: hidden.kind.name(),
            word: hidden.word.clone(),
            places: hidden.places,
        });
        let hidden = hidden.collect();
        return context.write_json(&Answer { schema: "portmedic.report/1", path, format: format.extension(), hidden });
    }
    let hidden = match (made.hidden.len(), format.can_hide()) {
        (_, false) => "A script works only with the real names, so nothing is hidden in it".to_owned(),
        (0, true) => "Nothing is hidden in it".to_owned(),
        (1, true) => "1 value is hidden in it".to_owned(),
        (count, true) => format!("{count} values are hidden in it"),
    };
    writeln!(context.out, "\nThe {what} is saved as {path}. {hidden}.")?;
    Ok(())
}
