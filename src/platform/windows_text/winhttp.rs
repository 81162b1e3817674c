//! The proxy of services on Windows, as the registry value `WinHttpSettings` has it: numbers of four bytes and texts behind their lengths.

use crate::machine::connect::ProxySetting;
use crate::platform::network::proxy::{list, without_password};

/// The key of the value.
pub const KEY: &str = r"SOFTWARE\Microsoft\Windows\CurrentVersion\Internet Settings\Connections";
/// The name of the value.
pub const VALUE: &str = "WinHttpSettings";
/// The flag that a proxy is used.
const USES_PROXY: u32 = 0x2;

/// Reads the value; `None` where it names no proxy.
pub fn read(bytes: &[u8]) -> Option<ProxySetting> {
    let number = |at: usize| Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?));
    let flags = number(8)?;
    let length = usize::try_from(number(12)?).ok()?;
    let proxy = bytes.get(16..16_usize.checked_add(length)?)?;
    if flags & USES_PROXY == 0 || proxy.is_empty() {
        return None;
    }
    let except = number(16 + length).and_then(|count| bytes.get(20 + length..)?.get(..usize::try_from(count).ok()?));
    Some(ProxySetting {
        name: "WinHTTP".to_owned(),
        value: without_password(&String::from_utf8_lossy(proxy)),
        except: list(&String::from_utf8_lossy(except.unwrap_or_default())),
        source: format!(r"HKLM\{KEY}\{VALUE}"),
    })
}

#[cfg(test)]
mod tests {
    use super::read;

    fn value(flags: u32, proxy: &str, except: &str) -> Vec<u8> {
        let mut bytes = Vec::new();
        for number in [0x28, 0, flags] {
            bytes.extend(number.to_le_bytes());
        }
        for text in [proxy, except] {
            bytes.extend(u32::try_from(text.len()).unwrap().to_le_bytes());
            bytes.extend(text.as_bytes());
        }
        bytes
    }

    #[test]
    fn the_proxy_and_its_exceptions_are_read() {
        let found = read(&value(3, "proxy.corp.example:8080", "<local>;*.corp.example")).unwrap();
        assert_eq!((found.value.as_str(), found.except.len()), ("proxy.corp.example:8080", 2));
        assert_eq!(read(&value(1, "", "")), None);
    }

    #[test]
    fn a_value_that_breaks_off_does_no_harm() {
        let whole = value(3, "proxy:8080", "x");
        for end in 0..whole.len() {
            let _cut = read(&whole[..end]);
        }
        let mut lying = whole;
        lying[12..16].copy_from_slice(&u32::MAX.to_le_bytes());
        assert_eq!(read(&lying), None);
    }
}
