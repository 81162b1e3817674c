//! How the bytes of a file are encoded, and its text.

use std::borrow::Cow;
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
    /// UTF-16, little end first, behind a byte order mark.
    Utf16LeBom,
    /// A code page of Windows, by its number.
    CodePage(u16),
    /// Several in one file.
    Mixed,
    /// No text.
    Binary,
    /// Nothing there that could be encoded.
    Unknown,
}

/// The encoding as `analyze --json` names it.
impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ascii => f.write_str("ascii"),
            Self::Utf8 => f.write_str("utf-8"),
            Self::Utf8Bom => f.write_str("utf-8-bom"),
            Self::Utf16LeBom => f.write_str("utf-16-le-bom"),
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

/// The text of a file, and how it was encoded.
pub fn decode(bytes: &[u8]) -> (Cow<'_, str>, Encoding) {
    if let Some(rest) = bytes.strip_prefix(b"\xef\xbb\xbf") {
        return (String::from_utf8_lossy(rest), Encoding::Utf8Bom);
    }
    if let Some(rest) = bytes.strip_prefix(b"\xff\xfe") {
        let units = rest.chunks(2).map(|pair| u16::from_le_bytes([pair[0], pair.get(1).copied().unwrap_or(0)]));
        return (
            char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect(),
            Encoding::Utf16LeBom,
        );
    }
    match std::str::from_utf8(bytes) {
        Ok(text) if text.is_ascii() => (text.into(), Encoding::Ascii),
        Ok(text) => (text.into(), Encoding::Utf8),
        Err(_) => (String::from_utf8_lossy(bytes), Encoding::CodePage(1252)),
    }
}
