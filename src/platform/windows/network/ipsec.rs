//! The policies of IPsec: the one that is assigned, and the connection security rules of Windows Firewall.

use windows_registry::{Type, Value};

use crate::machine::Gap;
use crate::machine::connect::IpsecPolicy;
use crate::platform::PlatformError;
use crate::platform::windows::registry;

/// Where the assigned policy is: that of this computer, and that of group policy.
const ASSIGNED: [(&str, &str); 2] = [
    (r"SOFTWARE\Policies\Microsoft\Windows\IPSec\Policy\Local", "ActivePolicy"),
    (r"SOFTWARE\Policies\Microsoft\Windows\IPSec\GPTIPSECPolicy", "DSIPSECPolicyName"),
];
const CONNECTION_RULES: [&str; 2] = [
    r"SYSTEM\CurrentControlSet\Services\SharedAccess\Parameters\FirewallPolicy\ConSecRules",
    r"SOFTWARE\Policies\Microsoft\WindowsFirewall\ConSecRules",
];

/// The policies. What they say about one address is in a form of its own, so each may be for all.
///
/// # Errors
/// Where the registry cannot be read.
pub fn read() -> Result<Vec<IpsecPolicy>, Gap> {
    let failed = |error: PlatformError| Gap::new("the policies of IPsec", error.to_string(), "`netsh ipsec static show all`");
    let mut policies = Vec::new();
    let policy = |text: String, source: String| IpsecPolicy { text, blocks: None, networks: Vec::new(), source };
    for (key, value) in ASSIGNED {
        if let Some(text) = registry::text(key, value).map_err(failed)?.filter(|text| !text.is_empty()) {
            policies.push(policy(format!("Assigned policy: {text}"), format!(r"HKLM\{key}\{value}")));
        }
    }
    for key in CONNECTION_RULES {
        let values = registry::values(key).map_err(failed)?.unwrap_or_default();
        let text = |(_, value): (String, Value)| String::try_from(value).ok();
        let rules = values.into_iter().filter(|(_, value)| value.ty() == Type::String).filter_map(text);
        let active = rules.filter(|rule| rule.to_ascii_uppercase().contains("|ACTIVE=TRUE|"));
        policies.extend(active.map(|rule| policy(rule, format!(r"HKLM\{key}"))));
    }
    Ok(policies)
}
