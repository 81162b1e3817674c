//! Windows Firewall, as the registry has it: one text a rule, of fields between bars ([MS-GPFAS] 2.2.2.20).
//! <https://learn.microsoft.com/openspecs/windows_protocols/ms-gpfas/2efe0b76-7b4a-41ff-9050-1023f8196d16>

use crate::machine::connect::{Chain, FirewallAction, Hook, Matches, Network, Rule, RuleOutcome, Ruleset};
use crate::machine::{PortRange, PortSet, Protocol};

/// The key of the rules.
pub const RULES: &str = r"SYSTEM\CurrentControlSet\Services\SharedAccess\Parameters\FirewallPolicy\FirewallRules";
/// The keys of the profiles, with their names in the rules.
pub const PROFILES: [(&str, &str); 3] = [
    ("Domain", r"SYSTEM\CurrentControlSet\Services\SharedAccess\Parameters\FirewallPolicy\DomainProfile"),
    ("Private", r"SYSTEM\CurrentControlSet\Services\SharedAccess\Parameters\FirewallPolicy\StandardProfile"),
    ("Public", r"SYSTEM\CurrentControlSet\Services\SharedAccess\Parameters\FirewallPolicy\PublicProfile"),
];

/// How one profile is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Profile {
    /// Its name in the rules.
    pub name: &'static str,
    /// Whether the firewall is on in it.
    pub on: bool,
    /// Whether it lets in what no rule allows.
    pub lets_in: bool,
    /// Whether it keeps from going out what no rule allows.
    pub keeps_out: bool,
}

/// The rules in the order in which they count: what blocks, then what allows, then the way of the profiles.
///
/// Which profile a network has is not told, so what differs between those that are on is uncertain.
pub fn ruleset(profiles: &[Profile], rules: &[String]) -> Ruleset {
    let on: Vec<&Profile> = profiles.iter().filter(|profile| profile.on).collect();
    let chains = if on.is_empty() {
        Vec::new()
    } else {
        vec![chain(Hook::Input, &on, profiles, rules), chain(Hook::Output, &on, profiles, rules)]
    };
    Ruleset { tool: "Windows Firewall".to_owned(), chains, source: format!(r"HKLM\{RULES}") }
}

fn chain(hook: Hook, on: &[&Profile], profiles: &[Profile], rules: &[String]) -> Chain {
    let mut own: Vec<(FirewallAction, Rule)> = rules.iter().filter_map(|text| rule(text, hook, on, profiles)).collect();
    own.sort_by_key(|(action, _)| *action == FirewallAction::Accept);
    let mut rules: Vec<Rule> = own.into_iter().map(|(_, rule)| rule).collect();
    let passes = |profile: &Profile| if hook == Hook::Input { profile.lets_in } else { !profile.keeps_out };
    let all_pass = on.iter().all(|profile| passes(profile));
    if !all_pass && (on.len() < profiles.len() || on.iter().any(|profile| passes(profile))) {
        // In some profiles it passes, and which one counts is not told.
        let matches = Matches { more: true, ..Matches::default() };
        let text = "profiles in which the firewall is off or lets through what no rule names".to_owned();
        rules.push(Rule { matches, outcome: RuleOutcome::Decide(FirewallAction::Accept), text });
    }
    let (name, policy) = match hook {
        Hook::Input => ("inbound rules", all_pass),
        Hook::Output => ("outbound rules", all_pass),
    };
    // Windows never filters what stays inside the computer.
    rules.insert(
        0,
        Rule {
            matches: Matches { loopback: Some(true), ..Matches::default() },
            outcome: RuleOutcome::Decide(FirewallAction::Accept),
            text: "inside the computer".to_owned(),
        },
    );
    let policy = if policy { FirewallAction::Accept } else { FirewallAction::Drop };
    Chain { name: name.to_owned(), family: None, hook: Some(hook), priority: 0, policy: Some(policy), rules }
}

/// One rule; `None` where it is off, for the other way, or for other protocols.
fn rule(text: &str, hook: Hook, on: &[&Profile], profiles: &[Profile]) -> Option<(FirewallAction, Rule)> {
    let fields: Vec<(&str, &str)> = text.split('|').filter_map(|field| field.split_once('=')).collect();
    let value = |name: &str| fields.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| *value);
    let all =
        |name: &str| fields.iter().filter(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| *value).collect::<Vec<_>>();
    let direction = if hook == Hook::Input { "In" } else { "Out" };
    if !value("Active")?.eq_ignore_ascii_case("TRUE") || !value("Dir")?.eq_ignore_ascii_case(direction) {
        return None;
    }
    let action = match value("Action")? {
        action if action.eq_ignore_ascii_case("Block") => FirewallAction::Drop,
        action if action.eq_ignore_ascii_case("Allow") => FirewallAction::Accept,
        _ => return None,
    };
    let mut matches = Matches::default();
    match value("Protocol") {
        Some("6") => matches.protocol = Some(Protocol::Tcp),
        None => {}
        Some(_) => return None,
    }
    // The port that the packet goes to is the local one on the way in, and the other side's on the way out.
    let (own_ports, other_ports) = if hook == Hook::Input { ("LPort", "RPort") } else { ("RPort", "LPort") };
    let mut named: Vec<&str> = all(own_ports);
    let ranges = all(if hook == Hook::Input { "LPort2_10" } else { "RPort2_10" });
    named.extend(ranges);
    if !named.is_empty() {
        matches.ports = ports(&named);
        // "RPC", "IPHTTPS" and the like are ports by other names.
        matches.more |= matches.ports.is_none();
    }
    let mut addresses = all("RA4");
    addresses.extend(all("RA6"));
    if !addresses.is_empty() {
        let networks: Option<Vec<Network>> = addresses.iter().map(|address| address.parse().ok()).collect();
        let place = if hook == Hook::Input { &mut matches.from } else { &mut matches.to };
        matches.more |= networks.is_none();
        *place = networks;
    }
    let in_profiles: Vec<&str> = all("Profile");
    if !in_profiles.is_empty() {
        let counts = |profile: &Profile| in_profiles.iter().any(|own| own.eq_ignore_ascii_case(profile.name));
        if !on.iter().any(|profile| counts(profile)) {
            return None;
        }
        matches.more |= !profiles.iter().all(counts);
    }
    let conditions =
        ["App", "Svc", "LA4", "LA6", "IF", "IFType", "LUAuth", "RUAuth", "RMauth", "Security", "Edge", "LUOwn", "AppPkgId"];
    let harmless = |name: &str| name.eq_ignore_ascii_case("Edge");
    matches.more |= conditions
        .iter()
        .any(|name| !harmless(name) && value(name).is_some_and(|value| !value.is_empty() && value != "System" && value != "*"));
    matches.more |= !all(other_ports).is_empty();
    let name = value("Name").unwrap_or("unnamed");
    let text = format!(
        "{name} ({})",
        text.split('|')
            .filter(|field| !field.is_empty() && !field.starts_with("Desc=") && !field.starts_with("EmbedCtxt="))
            .collect::<Vec<_>>()
            .join(" ")
    );
    Some((action, Rule { matches, outcome: RuleOutcome::Decide(action), text }))
}

/// `1433`, `1433,1434`, `5000-5010`.
fn ports(texts: &[&str]) -> Option<PortSet> {
    let range = |text: &str| text.trim().parse::<PortRange>().ok();
    texts.iter().flat_map(|text| text.split(',')).map(range).collect()
}

#[cfg(test)]
mod tests {
    use super::{Profile, ruleset};
    use crate::diagnosis::connect::{Packet, decide};
    use crate::machine::connect::{FirewallAction, Hook};

    const USUAL: [Profile; 3] = [
        Profile { name: "Domain", on: true, lets_in: false, keeps_out: false },
        Profile { name: "Private", on: true, lets_in: false, keeps_out: false },
        Profile { name: "Public", on: true, lets_in: false, keeps_out: false },
    ];

    fn decided(profiles: &[Profile], rules: &[&str], hook: Hook) -> Option<(FirewallAction, bool)> {
        let rules: Vec<String> = rules.iter().map(|rule| (*rule).to_owned()).collect();
        let ruleset = ruleset(profiles, &rules);
        let packet = Packet { hook, from: None, to: "10.0.0.5".parse().unwrap(), port: 1433, loopback: false };
        decide(&ruleset, &packet).map(|own| (own.action, own.certain))
    }

    #[test]
    fn what_no_rule_allows_does_not_get_in_and_everything_gets_out() {
        assert_eq!(decided(&USUAL, &[], Hook::Input), Some((FirewallAction::Drop, true)));
        assert_eq!(decided(&USUAL, &[], Hook::Output), Some((FirewallAction::Accept, true)));
    }

    #[test]
    fn a_rule_that_allows_counts_and_one_that_blocks_counts_more() {
        let allow = "v2.30|Action=Allow|Active=TRUE|Dir=In|Protocol=6|LPort=1433|Name=SQL|";
        let range = "v2.30|Action=Allow|Active=TRUE|Dir=In|Protocol=6|LPort2_10=1000-2000|Name=SQL|";
        let block = "v2.30|Action=Block|Active=TRUE|Dir=In|Protocol=6|LPort=1433|Name=Closed|";
        let off = "v2.30|Action=Block|Active=FALSE|Dir=In|Protocol=6|LPort=1433|Name=Closed|";
        let udp = "v2.30|Action=Block|Active=TRUE|Dir=In|Protocol=17|LPort=1433|Name=Closed|";
        assert_eq!(decided(&USUAL, &[allow], Hook::Input), Some((FirewallAction::Accept, true)));
        assert_eq!(decided(&USUAL, &[range], Hook::Input), Some((FirewallAction::Accept, true)));
        assert_eq!(decided(&USUAL, &[allow, block], Hook::Input), Some((FirewallAction::Drop, true)));
        assert_eq!(decided(&USUAL, &[allow, off, udp], Hook::Input), Some((FirewallAction::Accept, true)));
    }

    #[test]
    fn conditions_make_it_uncertain() {
        let app = r"v2.30|Action=Allow|Active=TRUE|Dir=In|Protocol=6|LPort=1433|App=C:\SQL\sqlservr.exe|Name=SQL|";
        let domain = "v2.30|Action=Allow|Active=TRUE|Dir=In|Protocol=6|LPort=1433|Profile=Domain|Name=SQL|";
        for rule in [app, domain] {
            assert_eq!(decided(&USUAL, &[rule], Hook::Input), Some((FirewallAction::Drop, false)), "{rule}");
        }
    }

    #[test]
    fn a_firewall_that_is_off_has_no_rules() {
        let off = USUAL.map(|profile| Profile { on: false, ..profile });
        assert_eq!(decided(&off, &["v2.30|Action=Block|Active=TRUE|Dir=In|"], Hook::Input), None);
    }

    #[test]
    fn texts_that_are_no_rules_do_no_harm() {
        for text in ["", "|", "v2.30", "Action=Block", "v2.30|Action=Block|Active=TRUE|Dir=In|Protocol=6|LPort=RPC|", "=|=|="] {
            let _decision = decided(&USUAL, &[text], Hook::Output);
        }
    }
}
