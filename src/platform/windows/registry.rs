//! The registry below `HKEY_LOCAL_MACHINE`, and what is the user's own: the one place that opens it. A key or value that is not there is `None`, never an error.

use windows::Win32::Foundation::{ERROR_ACCESS_DENIED, ERROR_FILE_NOT_FOUND, WIN32_ERROR};
use windows::core::{Error, HRESULT};
use windows_registry::{CURRENT_USER, Key, LOCAL_MACHINE, Value};

use crate::machine::visible;
use crate::platform::PlatformError;

/// Whether there is such a key.
pub fn has_key(key: &str) -> Result<bool, PlatformError> {
    Ok(open(key)?.is_some())
}

/// A number (`REG_DWORD`).
pub fn number(key: &str, name: &str) -> Result<Option<u32>, PlatformError> {
    value(key, name, |key| key.get_u32(name))
}

/// A text (`REG_SZ`, `REG_EXPAND_SZ`), as it stands there.
pub fn text(key: &str, name: &str) -> Result<Option<String>, PlatformError> {
    value(key, name, |key| key.get_string(name))
}

/// A list of texts (`REG_MULTI_SZ`), without empty ones.
pub fn texts(key: &str, name: &str) -> Result<Option<Vec<String>>, PlatformError> {
    let mut texts = value(key, name, |key| key.get_multi_string(name))?;
    if let Some(texts) = &mut texts {
        texts.retain(|text| !text.is_empty());
    }
    Ok(texts)
}

/// Every value of a key, by name.
pub fn values(key: &str) -> Result<Option<Vec<(String, Value)>>, PlatformError> {
    let Some(opened) = open(key)? else { return Ok(None) };
    Ok(Some(opened.values().map_err(|error| failed("read", key, &error))?.collect()))
}

/// The names of the keys below a key.
pub fn keys(key: &str) -> Result<Option<Vec<String>>, PlatformError> {
    let Some(opened) = open(key)? else { return Ok(None) };
    Ok(Some(opened.keys().map_err(|error| failed("read", key, &error))?.collect()))
}

/// Every value of a key below `HKEY_CURRENT_USER`, by name.
pub fn values_of_user(key: &str) -> Result<Option<Vec<(String, Value)>>, PlatformError> {
    let failed =
        |error: &Error| PlatformError::Failed { what: format!(r"could not read HKCU\{}", visible(key)), why: error.message() };
    let Some(opened) = there(CURRENT_USER.open(key)).map_err(|error| failed(&error))? else { return Ok(None) };
    Ok(Some(opened.values().map_err(|error| failed(&error))?.collect()))
}

/// Writes a number. The key must be there.
pub fn set_number(key: &str, name: &str, number: u32) -> Result<(), PlatformError> {
    let write = || LOCAL_MACHINE.options().read().write().open(key)?.set_u32(name, number);
    write().map_err(|error| failed("write", &format!(r"{key}\{name}"), &error))
}

/// Removes a value; one that is not there is no error.
pub fn remove(key: &str, name: &str) -> Result<(), PlatformError> {
    let remove = || LOCAL_MACHINE.options().read().write().open(key)?.remove_value(name);
    match remove() {
        Err(error) if !is(&error, ERROR_FILE_NOT_FOUND) => Err(failed("remove", &format!(r"{key}\{name}"), &error)),
        _ => Ok(()),
    }
}

fn open(key: &str) -> Result<Option<Key>, PlatformError> {
    there(LOCAL_MACHINE.open(key)).map_err(|error| failed("read", key, &error))
}

fn value<T>(key: &str, name: &str, read: impl FnOnce(&Key) -> Result<T, Error>) -> Result<Option<T>, PlatformError> {
    let Some(opened) = open(key)? else { return Ok(None) };
    there(read(&opened)).map_err(|error| failed("read", &format!(r"{key}\{name}"), &error))
}

fn there<T>(result: Result<T, Error>) -> Result<Option<T>, Error> {
    match result {
        Ok(found) => Ok(Some(found)),
        Err(error) if is(&error, ERROR_FILE_NOT_FOUND) => Ok(None),
        Err(error) => Err(error),
    }
}

fn is(error: &Error, code: WIN32_ERROR) -> bool {
    error.code() == HRESULT::from_win32(code.0)
}

fn failed(verb: &str, place: &str, error: &Error) -> PlatformError {
    let what = format!(r"could not {verb} HKLM\{}", visible(place));
    let why = error.message();
    if is(error, ERROR_ACCESS_DENIED) { PlatformError::NotPermitted { what, why } } else { PlatformError::Failed { what, why } }
}

#[cfg(test)]
mod tests {
    use super::{has_key, keys, number, remove, set_number, text, texts, values};

    const CURRENT_VERSION: &str = r"SOFTWARE\Microsoft\Windows NT\CurrentVersion";

    #[test]
    fn what_is_there_is_read_and_what_is_not_is_none() {
        assert!(text(CURRENT_VERSION, "SystemRoot").unwrap().is_some_and(|root| root.contains(":\\")));
        assert!(has_key(CURRENT_VERSION).unwrap() && !has_key(r"SOFTWARE\PortMedic-not-there").unwrap());
        assert_eq!(text(CURRENT_VERSION, "PortMedic-not-there").unwrap(), None);
        assert_eq!(number(r"SOFTWARE\PortMedic-not-there", "x").unwrap(), None);
        assert_eq!(values(r"SOFTWARE\PortMedic-not-there").unwrap().map(|values| values.len()), None);
        assert!(keys("SOFTWARE").unwrap().unwrap().iter().any(|key| key == "Microsoft"));
    }

    #[test]
    fn a_value_of_another_kind_is_an_error_and_not_nothing() {
        let error = number(CURRENT_VERSION, "SystemRoot").unwrap_err().to_string();
        assert!(error.starts_with(r"could not read HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\SystemRoot: "), "{error}");
    }

    #[test]
    fn a_number_is_written_read_back_and_removed() {
        let (key, name) = (r"SYSTEM\CurrentControlSet\Services\Tcpip\Parameters", "PortMedicTestNumber");
        set_number(key, name, 65_534).unwrap();
        assert_eq!(number(key, name).unwrap(), Some(65_534));
        remove(key, name).unwrap();
        remove(key, name).unwrap();
        assert_eq!(number(key, name).unwrap(), None);
        assert_eq!(texts(key, name).unwrap(), None);
    }
}
