//! Lines with a label, a colon and a value, whose labels have the language of the computer; Chinese and Japanese write a wide colon.

/// How many letters a label has at most.
const LONGEST: usize = 40;

/// The label and what stands behind it.
pub fn split(line: &str) -> Option<(&str, &str)> {
    line.split_once([':', '\u{ff1a}'])
}

/// The value of `Label:   value` at the beginning of a line. A label is short.
pub fn value(line: &str) -> Option<&str> {
    let (label, value) = split(line)?;
    let is_label = label.starts_with(char::is_alphabetic) && label.chars().take(LONGEST + 1).count() <= LONGEST;
    is_label.then(|| value.trim())
}

/// `Name : value`, as lists of PowerShell and CurrPorts pad their names: the name, in front of which blanks may stand, and the value.
pub fn padded(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.split_once(':')?;
    let bare = name.trim_end();
    let is_name = bare.trim_start().starts_with(|c: char| c.is_ascii_alphabetic()) && bare.trim_start().len() <= LONGEST;
    (is_name && name.ends_with(' ') && (value.is_empty() || value.starts_with(' '))).then(|| (bare, value.trim()))
}
