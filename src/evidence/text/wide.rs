//! UTF-16.

/// Which byte of a unit comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The low one.
    Little,
    /// The high one.
    Big,
}

impl End {
    /// The unit of two bytes.
    pub fn unit(self, [first, second]: [u8; 2]) -> u16 {
        match self {
            Self::Little => u16::from_le_bytes([first, second]),
            Self::Big => u16::from_be_bytes([first, second]),
        }
    }
}

/// The units of bytes; half a unit at the end of a file that was cut off is left out.
pub fn units(bytes: &[u8], end: End) -> impl Iterator<Item = u16> {
    bytes.as_chunks().0.iter().map(move |pair| end.unit(*pair))
}

/// The text of bytes; what is no character becomes a replacement character.
pub fn decode(bytes: &[u8], end: End) -> String {
    let mut text = String::with_capacity(bytes.len() / 2);
    text.extend(char::decode_utf16(units(bytes, end)).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)));
    text
}
