//! Takes out what programs put into text for a terminal or a reader of files, and nobody means.

use std::borrow::Cow;

const MARK: char = '\u{feff}';
const ESCAPE: char = '\u{1b}';

/// A text without byte order marks and without the colours of a terminal.
pub fn clean(text: Cow<'_, str>) -> Cow<'_, str> {
    if !text.contains([MARK, ESCAPE]) {
        return text;
    }
    let mut plain = String::with_capacity(text.len());
    let mut rest = &*text;
    while let Some(at) = rest.find([MARK, ESCAPE]) {
        plain.push_str(&rest[..at]);
        rest = &rest[at..];
        rest = rest.strip_prefix(MARK).unwrap_or_else(|| behind_sequence(rest));
    }
    plain.push_str(rest);
    Cow::Owned(plain)
}

/// What stands behind the control sequence that a text begins with (ECMA-48: `ESC [`, parameters, one letter); behind the escape alone
/// where it is none.
fn behind_sequence(text: &str) -> &str {
    let text = text.trim_start_matches(ESCAPE);
    let Some(inside) = text.strip_prefix('[') else { return text };
    inside
        .trim_start_matches(|c: char| c.is_ascii_digit() || ";?:".contains(c))
        .strip_prefix(|c: char| c.is_ascii_alphabetic())
        .unwrap_or(text)
}
