//! The proxies of this computer and user: environment, WinHTTP, and the settings of the desktop.

use windows_registry::{Type, Value};

use crate::machine::connect::ProxySetting;
use crate::platform::network::proxy::{list, of_environment, without_password};
use crate::platform::windows::registry;
use crate::platform::windows_text::winhttp;

const DESKTOP: &str = r"Software\Microsoft\Windows\CurrentVersion\Internet Settings";

/// All that are set. A setting that cannot be read is none that programs of this user could follow.
pub fn read() -> Vec<ProxySetting> {
    let mut proxies = of_environment();
    let services = registry::values(winhttp::KEY).ok().flatten().unwrap_or_default();
    let value = services.into_iter().find(|(name, _)| name.eq_ignore_ascii_case(winhttp::VALUE));
    proxies.extend(value.and_then(|(_, value)| winhttp::read(&value)));
    let desktop = registry::values_of_user(DESKTOP).ok().flatten().unwrap_or_default();
    proxies.extend(of_desktop(&desktop));
    proxies
}

fn of_desktop(values: &[(String, Value)]) -> Vec<ProxySetting> {
    let value = |name: &str| values.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value);
    let text = |name: &str| {
        let value = value(name).filter(|value| matches!(value.ty(), Type::String | Type::ExpandString))?;
        String::try_from(value.clone()).ok().filter(|text| !text.trim().is_empty())
    };
    let is_on = value("ProxyEnable").and_then(|value| u32::try_from(value.clone()).ok()) == Some(1);
    let setting = |name: &str, value: String, except| ProxySetting {
        name: name.to_owned(),
        value: without_password(&value),
        except,
        source: format!(r"HKCU\{DESKTOP}\{name}"),
    };
    let except = text("ProxyOverride").map(|text| list(&text)).unwrap_or_default();
    let fixed = text("ProxyServer").filter(|_| is_on).map(|value| setting("ProxyServer", value, except));
    let script = text("AutoConfigURL").map(|value| setting("AutoConfigURL", value, Vec::new()));
    fixed.into_iter().chain(script).collect()
}
