//! Code pages of Windows and DOS.

use encoding_rs::{
    BIG5, EUC_KR, Encoding, GBK, SHIFT_JIS, WINDOWS_1250, WINDOWS_1251, WINDOWS_1252, WINDOWS_1253, WINDOWS_1254, WINDOWS_1257,
};
use oem_cp::code_table::DECODING_TABLE_CP_MAP;

/// What a byte is that a code page does not define.
const UNDEFINED: char = char::REPLACEMENT_CHARACTER;

/// The encoding of a page that `encoding_rs` has.
fn known(page: u16) -> Option<&'static Encoding> {
    Some(match page {
        932 => SHIFT_JIS,
        936 => GBK,
        949 => EUC_KR,
        950 => BIG5,
        1250 => WINDOWS_1250,
        1251 => WINDOWS_1251,
        1252 => WINDOWS_1252,
        1253 => WINDOWS_1253,
        1254 => WINDOWS_1254,
        1257 => WINDOWS_1257,
        _ => return None,
    })
}

/// The characters of the bytes from 0x80 on of a page whose characters are one byte each.
pub fn upper_half(page: u16) -> [char; 128] {
    std::array::from_fn(|index| {
        let byte = 0x80 + u8::try_from(index).unwrap_or_default();
        let character = match known(page) {
            Some(encoding) => encoding.decode_without_bom_handling(&[byte]).0.chars().next(),
            None => DECODING_TABLE_CP_MAP.get(&page).and_then(|table| table.decode_char_checked(byte)),
        };
        character.unwrap_or(UNDEFINED)
    })
}

/// Adds the text of bytes in a page to a text.
pub fn decode(page: u16, bytes: &[u8], text: &mut String) {
    match (known(page), DECODING_TABLE_CP_MAP.get(&page)) {
        (Some(encoding), _) => text.push_str(&encoding.decode_without_bom_handling(bytes).0),
        (None, Some(table)) => text.push_str(&table.decode_string_lossy(bytes)),
        (None, None) => text.push_str(&String::from_utf8_lossy(bytes)),
    }
}
