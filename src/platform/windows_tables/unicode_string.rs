//! Texts as Windows passes them on: a `UNICODE_STRING` has the length of a text, in bytes, and its address.
//! <https://learn.microsoft.com/windows/win32/api/ntdef/ns-ntdef-_unicode_string>

use super::bytes::{u16_at, usize_at};

/// Where the address stands: behind two numbers of two bytes, at the next place for one.
const ADDRESS: usize = size_of::<usize>();

/// The text whose `UNICODE_STRING` stands at `at`. `address` is where the first byte stood when Windows wrote them all. `None` where the
/// text does not lie in `bytes`.
pub fn read(bytes: &[u8], address: usize, at: usize) -> Option<String> {
    let record = bytes.get(at..)?;
    let length = usize::from(u16_at(record, 0)?);
    if length == 0 {
        return Some(String::new());
    }
    let start = usize_at(record, ADDRESS)?.checked_sub(address)?;
    let letters = bytes.get(start..start.checked_add(length)?)?;
    let letters: Vec<u16> = letters.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
    Some(String::from_utf16_lossy(&letters))
}
