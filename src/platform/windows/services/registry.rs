//! The registry of this computer, for the readers of settings.

use std::cell::RefCell;

use windows_registry::Type;

use crate::platform::PlatformError;
use crate::platform::windows::registry;
use crate::platform::windows_text::services::registry::{Registry, Value};

/// The registry below `HKEY_LOCAL_MACHINE`. What may not be read is noted.
#[derive(Debug, Default)]
pub struct LiveRegistry {
    denied: RefCell<Vec<String>>,
}

impl LiveRegistry {
    /// The keys that are there but may not be read.
    pub fn into_denied(self) -> Vec<String> {
        self.denied.into_inner()
    }

    /// The answer for a key, which begins with `HKLM\`.
    fn ask<T>(&self, key: &str, ask: impl FnOnce(&str) -> Result<Option<T>, PlatformError>) -> Option<T> {
        match ask(key.strip_prefix(r"HKLM\")?) {
            Ok(answer) => answer,
            Err(PlatformError::NotPermitted { .. }) => {
                let mut denied = self.denied.borrow_mut();
                if !denied.iter().any(|own| own == key) {
                    denied.push(key.to_owned());
                }
                None
            }
            // A value that breaks off or a key that goes away tells nothing.
            Err(_) => None,
        }
    }
}

impl Registry for LiveRegistry {
    fn value(&self, key: &str, name: &str) -> Option<Value> {
        self.values(key).into_iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    fn values(&self, key: &str) -> Vec<(String, Value)> {
        let values = self.ask(key, registry::values).unwrap_or_default();
        values.into_iter().filter_map(|(name, value)| Some((name, convert(value)?))).collect()
    }

    fn keys(&self, key: &str) -> Vec<String> {
        self.ask(key, registry::keys).unwrap_or_default()
    }
}

/// The kinds of values that settings are; `None` for every other.
fn convert(value: windows_registry::Value) -> Option<Value> {
    match value.ty() {
        Type::U32 => u32::try_from(value).ok().map(|number| Value::Number(number.into())),
        Type::U64 => u64::try_from(value).ok().map(Value::Number),
        Type::String | Type::ExpandString => String::try_from(value).ok().map(Value::Text),
        Type::MultiString => Vec::<String>::try_from(value).ok().map(Value::List),
        _ => None,
    }
}
