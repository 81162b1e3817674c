//! Where 16-bit text begins and ends in a file: `>>` of PowerShell 5 appends it to whatever is there, and `>>` of cmd appends bytes to it.

use std::borrow::Cow;

use super::wide::{self, End};
use super::{Decoded, Encoding, legacy};

/// The unit size of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Bytes.
    Narrow,
    /// UTF-16.
    Wide(End),
}

/// Bytes of one form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run<'a> {
    /// The bytes, without a byte order mark.
    pub bytes: &'a [u8],
    /// Their form.
    pub form: Form,
    /// Whether a byte order mark stands in front.
    pub marked: bool,
}

impl<'a> Run<'a> {
    /// The text of the run.
    pub fn decode(&self) -> Decoded<'a> {
        let encoding = match (self.form, self.marked) {
            (Form::Narrow, marked) => {
                let decoded = legacy::decode(self.bytes);
                let utf8 = matches!(decoded.encoding, Encoding::Utf8 | Encoding::Ascii);
                return if marked && utf8 { Decoded { encoding: Encoding::Utf8Bom, ..decoded } } else { decoded };
            }
            (Form::Wide(End::Little), true) => Encoding::Utf16LeBom,
            (Form::Wide(End::Little), false) => Encoding::Utf16Le,
            (Form::Wide(End::Big), true) => Encoding::Utf16BeBom,
            (Form::Wide(End::Big), false) => Encoding::Utf16Be,
        };
        let Form::Wide(end) = self.form else { return Decoded { text: Cow::default(), encoding } };
        Decoded { text: wide::decode(self.bytes, end).into(), encoding }
    }
}

const MARKS: [(&[u8], Form); 3] =
    [(b"\xef\xbb\xbf", Form::Narrow), (b"\xff\xfe", Form::Wide(End::Little)), (b"\xfe\xff", Form::Wide(End::Big))];

/// The runs of a file, in their order.
pub fn split(bytes: &[u8]) -> Vec<Run<'_>> {
    let mut runs = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        let mark = MARKS.iter().find(|(mark, _)| rest.starts_with(mark));
        let form = mark.map_or_else(|| form_of(rest), |(_, form)| *form);
        rest = &rest[mark.map_or(0, |(mark, _)| mark.len())..];
        let (form, length) = match form {
            // Every run has at least a mark or a byte.
            Form::Wide(end) if mark.is_some() || end_of_wide(rest, end) > 0 => (form, end_of_wide(rest, end)),
            _ => (Form::Narrow, end_of_narrow(rest)),
        };
        let (bytes, behind) = rest.split_at(length);
        runs.push(Run { bytes, form, marked: mark.is_some() });
        rest = behind;
    }
    runs
}

/// How many units at the beginning tell the form.
const LOOK: usize = 512;

/// The form of text without a mark: 16-bit text has an ASCII character (blank, digit, end of line) in every fourth unit at least.
fn form_of(bytes: &[u8]) -> Form {
    let pairs = bytes.as_chunks::<2>().0;
    let pairs = &pairs[..pairs.len().min(LOOK)];
    let of = |end: End| pairs.iter().filter(|pair| is_ascii(end.unit(**pair))).count();
    let (little, big) = (of(End::Little), of(End::Big));
    if little.max(big) * 4 < pairs.len().max(8) {
        Form::Narrow
    } else if little >= big {
        Form::Wide(End::Little)
    } else {
        Form::Wide(End::Big)
    }
}

/// A printable character, a tabulator or an end of line.
fn is_ascii(unit: u16) -> bool {
    matches!(unit, 0x20..0x7f | 9 | 10 | 13)
}

/// How many units in a row must look like 16-bit text before it is believed to begin.
const BEGIN: usize = 4;

/// Bytes go on until 16-bit text begins.
fn end_of_narrow(bytes: &[u8]) -> usize {
    let mut from = 0;
    while let Some(zero) = bytes[from..].iter().position(|byte| *byte == 0).map(|at| from + at) {
        let starts = [(zero.checked_sub(1), End::Little), (Some(zero), End::Big)];
        let begins = |start: usize, end: End| {
            let mut units = wide::units(&bytes[start..], end).take(BEGIN);
            start > 0 && units.by_ref().filter(|unit| is_ascii(*unit)).count() >= BEGIN - 1
        };
        for (start, end) in starts {
            if let Some(start) = start.filter(|start| begins(*start, end)) {
                let mark = MARKS.iter().find(|(mark, form)| *form == Form::Wide(end) && bytes[..start].ends_with(mark));
                return start - mark.map_or(0, |(mark, _)| mark.len());
            }
        }
        from = zero + 1;
    }
    bytes.len()
}

/// How many pairs of ASCII bytes in a row may be bytes and no 16-bit text.
const SUSPECT: usize = 3;

/// How many of them are it in any case: so many characters of East Asia that look like that do not follow each other.
const SURE: usize = 12;

/// How many bytes are searched for the end of a line.
const LINE: usize = 512;

/// 16-bit text goes on until pairs of ASCII bytes stand in a row in a line that ends as lines of bytes do.
fn end_of_wide(bytes: &[u8], end: End) -> usize {
    let mut row = 0;
    for (at, pair) in bytes.as_chunks::<2>().0.iter().enumerate() {
        let other_mark = MARKS.iter().any(|(mark, form)| *form != Form::Wide(end) && bytes[at * 2..].starts_with(mark));
        if other_mark {
            return at * 2;
        }
        row = if pair.iter().all(|byte| is_ascii(u16::from(*byte))) { row + 1 } else { 0 };
        if row == SURE || (row == SUSPECT && ends_as_bytes(&bytes[at * 2..])) {
            return (at + 1 - row) * 2;
        }
    }
    bytes.len()
}

/// Whether the end of the line, or of the file, has no zero beside it.
fn ends_as_bytes(bytes: &[u8]) -> bool {
    let near = &bytes[..bytes.len().min(LINE)];
    match near.iter().position(|byte| *byte == b'\n') {
        Some(at) => bytes.get(at + 1) != Some(&0) && at.checked_sub(1).is_none_or(|before| bytes[before] != 0),
        None => near.len() < LINE && !near.contains(&0),
    }
}
