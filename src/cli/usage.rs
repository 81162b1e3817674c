//! What is wrong with a command line, in words, and as the same JSON document that every other error gives.

use std::error::Error as _;
use std::ffi::OsString;
use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue, Error, ErrorKind};

use super::{CliError, Context, Exit};
use crate::machine::visible;

/// Answers a command line that is none: help and version are texts, all else is an error with exit code 2.
pub fn answer(error: Error, arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let error = &without_advice(error);
    if !error.use_stderr() {
        // Where nobody reads the help, there is nobody to tell.
        let _unread = error.print();
        return ExitCode::SUCCESS;
    }
    // The line could not be read as a whole, so the wish for JSON is looked for by itself; behind "--" nothing is an option.
    let json = arguments.into_iter().take_while(|argument| argument != "--").any(|argument| argument == "--json");
    let text = if json { first_paragraph(&words(error)) } else { words(error) };
    refuse(json, text)
}

/// Tells that the command line asks for what there is not.
pub fn refuse(json: bool, why: String) -> ExitCode {
    Context::live(json).finish(Err::<Exit, _>(CliError::Other(why))).into()
}

/// The error in our words where a value is wrong, in those of the parser where a word is missing or too much.
fn words(error: &Error) -> String {
    match error.kind() {
        // Our own reader of the value has said it all.
        ErrorKind::ValueValidation => {
            error.source().map_or_else(|| without_label(error), |reason| format!("{}: {reason}", option(error)))
        }
        ErrorKind::InvalidValue => wrong_value(error).unwrap_or_else(|| without_label(error)),
        _ => without_label(error),
    }
}

/// The parser also advises commands that the help does not show, so of an unknown command it only tells that there is none.
fn without_advice(mut error: Error) -> Error {
    if error.kind() == ErrorKind::InvalidSubcommand {
        let _advice = error.remove(ContextKind::SuggestedSubcommand);
    }
    error
}

/// A value that is not one of a few, or none at all.
fn wrong_value(error: &Error) -> Option<String> {
    let Some(ContextValue::String(value)) = error.get(ContextKind::InvalidValue) else { return None };
    let choice = match error.get(ContextKind::ValidValue) {
        Some(ContextValue::Strings(values)) if !values.is_empty() => format!("; use one of {}", values.join(", ")),
        _ => String::new(),
    };
    let option = option(error);
    Some(if value.is_empty() {
        format!("{option} needs a value{choice}")
    } else {
        format!("\"{}\" is no value for {option}{choice}", visible(value))
    })
}

/// The option that the error is about, as the help writes it.
fn option(error: &Error) -> String {
    match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(option)) => option.clone(),
        _ => "the command line".to_owned(),
    }
}

fn without_label(error: &Error) -> String {
    let text = error.to_string();
    text.strip_prefix("error: ").unwrap_or(&text).trim_end().to_owned()
}

/// The beginning up to the first empty line, in one line: usage and advice behind it are for people.
fn first_paragraph(text: &str) -> String {
    text.split("\n\n").next().unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ")
}
