//! How the bytes of a file are encoded, and its text.
//!
//! ```text
//! bytes -> signature   a picture, an archive, a program: no text, and named
//!       -> runs        where 16-bit text begins and ends: PowerShell 5 appends it to any file
//!       -> legacy      lines that are not UTF-8: which code page makes words of a language of them
//! ```

mod clean;
mod code_page;
mod encoding;
mod language;
mod legacy;
mod plausible;
mod runs;
mod signature;
#[cfg(test)]
mod tests;
mod wide;

use std::borrow::Cow;

pub use encoding::Encoding;

use runs::{Form, Run};

/// The text of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded<'a> {
    /// The text; borrowed where the bytes are UTF-8 already.
    pub text: Cow<'a, str>,
    /// How it was encoded.
    pub encoding: Encoding,
}

/// What a file is that is no text, as in "this is a picture (PNG)".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotText(pub &'static str);

/// The text of a file.
///
/// # Errors
/// Where the bytes are no text.
pub fn decode(bytes: &[u8]) -> Result<Decoded<'_>, NotText> {
    if let Some(what) = signature::what(bytes) {
        return Err(NotText(what));
    }
    let runs = runs::split(bytes);
    if runs.iter().any(|run| run.form == Form::Narrow && signature::is_no_text(run.bytes)) {
        return Err(NotText("a file of bytes that are no text"));
    }
    let decoded: Vec<Decoded<'_>> = runs.iter().map(Run::decode).filter(|run| !run.text.is_empty()).collect();
    let encoding = Encoding::of_parts(decoded.iter().map(|run| run.encoding), runs.iter().any(|run| run.form != Form::Narrow));
    let mut texts = decoded.into_iter().map(|run| run.text);
    let first = texts.next().unwrap_or_default();
    let text = texts.fold(first, |text, next| text + next);
    Ok(Decoded { text: clean::clean(text), encoding })
}
