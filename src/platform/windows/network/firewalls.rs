//! Windows Firewall, from the registry: the rules of this computer and those of group policy.

use windows_registry::{Type, Value};

use crate::machine::Gap;
use crate::machine::connect::Ruleset;
use crate::platform::PlatformError;
use crate::platform::firewall_text::windows::{PROFILES, Profile, RULES, ruleset};
use crate::platform::windows::registry;

const OF_POLICY: &str = r"SOFTWARE\Policies\Microsoft\WindowsFirewall\FirewallRules";

/// The rules.
///
/// # Errors
/// Where they cannot be read, or this Windows has none.
pub fn read() -> Result<Vec<Ruleset>, Gap> {
    let gap = |why: String| Gap::new("the rules of Windows Firewall", why, "`netsh advfirewall firewall show rule name=all`");
    let failed = |error: PlatformError| gap(error.to_string());
    let Some(mut values) = registry::values(RULES).map_err(failed)? else {
        return Err(gap("this Windows has no rules in its registry".to_owned()));
    };
    values.extend(registry::values(OF_POLICY).map_err(failed)?.unwrap_or_default());
    let text = |(_, value): (String, Value)| String::try_from(value).ok();
    let rules: Vec<String> = values.into_iter().filter(|(_, value)| value.ty() == Type::String).filter_map(text).collect();
    let profile = |(name, key): (&'static str, &str)| {
        let number = |value: &str| registry::number(key, value).map_err(failed);
        Ok(Profile {
            name,
            on: number("EnableFirewall")?.unwrap_or(1) != 0,
            lets_in: number("DefaultInboundAction")? == Some(0),
            keeps_out: number("DefaultOutboundAction")? == Some(1),
        })
    };
    let profiles: Vec<Profile> = PROFILES.into_iter().map(profile).collect::<Result<_, Gap>>()?;
    Ok(vec![ruleset(&profiles, &rules)])
}
