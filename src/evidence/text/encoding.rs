//! The names of encodings.

use std::fmt;

use serde::{Serialize, Serializer};

/// An encoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// Only ASCII: every guess is right.
    Ascii,
    /// UTF-8 without a mark.
    Utf8,
    /// UTF-8 behind a byte order mark.
    Utf8Bom,
    /// UTF-16, little end first.
    Utf16Le,
    /// UTF-16, little end first, behind a byte order mark.
    Utf16LeBom,
    /// UTF-16, big end first.
    Utf16Be,
    /// UTF-16, big end first, behind a byte order mark.
    Utf16BeBom,
    /// A code page of Windows, by its number.
    CodePage(u16),
    /// Several in one file.
    Mixed,
    /// No text.
    Binary,
    /// Nothing there that could be encoded.
    Unknown,
}

impl Encoding {
    /// The encoding of a file by those of its parts. ASCII goes with everything but 16-bit text.
    pub fn of_parts(parts: impl Iterator<Item = Self>, wide: bool) -> Self {
        let mut telling = parts.filter(|part| wide || *part != Self::Ascii);
        match telling.next() {
            Some(first) if telling.all(|other| other == first) => first,
            Some(_) => Self::Mixed,
            None => Self::Ascii,
        }
    }
}

/// The encoding as `analyze --json` names it.
impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ascii => f.write_str("ascii"),
            Self::Utf8 => f.write_str("utf-8"),
            Self::Utf8Bom => f.write_str("utf-8-bom"),
            Self::Utf16Le => f.write_str("utf-16-le"),
            Self::Utf16LeBom => f.write_str("utf-16-le-bom"),
            Self::Utf16Be => f.write_str("utf-16-be"),
            Self::Utf16BeBom => f.write_str("utf-16-be-bom"),
            Self::CodePage(number) => write!(f, "cp{number}"),
            Self::Mixed => f.write_str("mixed"),
            Self::Binary => f.write_str("binary"),
            Self::Unknown => f.write_str("unknown"),
        }
    }
}

impl Serialize for Encoding {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
