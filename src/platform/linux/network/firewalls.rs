//! The firewalls of a Linux computer: nftables, and iptables, into whose tables firewalld and ufw write.

use std::time::Duration;

use crate::machine::connect::Ruleset;
use crate::machine::{Family, Gap};
use crate::platform::command;
use crate::platform::firewall_text::{iptables, nft};

const LIMIT: Duration = Duration::from_secs(10);

/// The rules of all that are there.
///
/// # Errors
/// Where none can be read: no tool is installed, or this user may not.
pub fn read() -> Result<Vec<Ruleset>, Gap> {
    let mut rulesets = Vec::new();
    let mut refused = Vec::new();
    let mut installed = false;
    match ask("nft", &nft::COMMAND) {
        Some(Ok(json)) => {
            installed = true;
            let text = ask("nft", &nft::TEXT_COMMAND).and_then(Result::ok).unwrap_or_default();
            match nft::read(&json, &text) {
                Some(ruleset) => rulesets.push(ruleset),
                None => refused.push("nft: its answer is not understood".to_owned()),
            }
        }
        Some(Err(why)) => {
            installed = true;
            refused.push(format!("nft: {why}"));
        }
        None => {}
    }
    for (tool, family) in [("iptables-save", Family::Ipv4), ("ip6tables-save", Family::Ipv6)] {
        match ask(tool, &[]) {
            Some(Ok(text)) => {
                installed = true;
                rulesets.extend(iptables::read(&text, family, tool));
            }
            Some(Err(why)) => {
                installed = true;
                refused.push(format!("{tool}: {why}"));
            }
            None => {}
        }
    }
    let gap = |why: String, shown_by: &str| Gap::new("the firewall of this computer", why, shown_by);
    match (installed, refused.is_empty()) {
        (false, _) => Err(gap(
            "neither nft nor iptables is installed here, which would show its rules".to_owned(),
            "`nft list ruleset` as root",
        )),
        (true, false) if rulesets.iter().all(|own| own.chains.is_empty()) => Err(gap(refused.join("; "), "the same as root")),
        _ => Ok(rulesets),
    }
}

/// What a tool answers, or complains about; `None` where it is not installed.
fn ask(tool: &str, arguments: &[&str]) -> Option<Result<String, String>> {
    command::find(tool)?;
    Some(match command::run(tool, arguments, LIMIT) {
        Ok(output) if output.success() => Ok(output.stdout),
        Ok(output) => Err(output.complaint()),
        Err(error) => Err(error.to_string()),
    })
}
