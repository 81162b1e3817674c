//! Firewalls and IPsec on this computer.

use super::super::{Decision, Facts, Item, Packet, Question, decide};
use super::answered;
use crate::diagnosis::wording::list;
use crate::machine::connect::{FirewallAction, Hook, IpsecPolicy, Ruleset};
use crate::machine::visible;

/// A rule that keeps the connection away, and the firewall it belongs to.
pub(in super::super) struct Obstacle<'a> {
    pub ruleset: &'a Ruleset,
    pub decision: Decision<'a>,
    pub packet: Packet,
}

/// What the firewalls of this computer do against the connection: on the way out, or in from anywhere where it is asked for itself.
pub(in super::super) fn obstacle(facts: &Facts) -> Option<Obstacle<'_>> {
    let rulesets = facts.firewalls.seen()?;
    let packets = packets(facts);
    let found = packets.iter().flat_map(|packet| {
        rulesets.iter().filter_map(move |ruleset| {
            let decision = decide(ruleset, packet).filter(|own| own.action != FirewallAction::Accept)?;
            Some(Obstacle { ruleset, decision, packet: *packet })
        })
    });
    let mut found: Vec<Obstacle<'_>> = found.collect();
    // What is certain counts before what may be.
    found.sort_by_key(|own| !own.decision.certain);
    found.into_iter().next()
}

/// The first packets of the connection, as they meet the rules of this computer.
fn packets(facts: &Facts) -> Vec<Packet> {
    let Some(port) = facts.wanted.port else { return Vec::new() };
    let mut packets = Vec::new();
    for address in facts.addresses() {
        let here = facts.is_own(*address) == Some(true);
        packets.push(Packet { hook: Hook::Output, from: None, to: *address, port, loopback: here });
        if here {
            packets.push(Packet { hook: Hook::Input, from: Some(*address), to: *address, port, loopback: true });
        }
        if here && !address.is_loopback() {
            packets.push(Packet { hook: Hook::Input, from: None, to: *address, port, loopback: false });
        }
    }
    packets
}

pub(super) fn firewall(facts: &Facts) -> Item {
    const QUESTION: Question = Question::Firewall;
    answered(QUESTION, &facts.firewalls, |rulesets| {
        if rulesets.iter().all(|ruleset| ruleset.chains.iter().all(|chain| chain.hook.is_none())) {
            return Item::ok(QUESTION, "no firewall of this computer has rules").explained(
                "A firewall on the way or on the other computer is not to be seen from here; only what comes back tells of it.",
            );
        }
        if facts.addresses().is_empty() || facts.wanted.port.is_none() {
            return if facts.name.is_waiting() || (facts.wanted.port.is_none() && facts.browser.is_waiting()) {
                Item::waiting(QUESTION)
            } else {
                Item::could_not(QUESTION, "there is no address and port to look for", "Repair the name first, or name the port")
            };
        }
        let Some(found) = obstacle(facts) else {
            let tools: Vec<String> = rulesets.iter().map(|own| own.tool.clone()).collect();
            return Item::ok(QUESTION, format!("{} lets it pass", list(&tools))).explained(
                "A firewall on the way or on the other computer is not to be seen from here; only what comes back tells of it.",
            );
        };
        let what = keeps(&found);
        let item = if found.decision.certain {
            Item::problem(QUESTION, what)
        } else {
            Item::problem(QUESTION, format!("{what}, unless one of its other conditions says otherwise"))
        };
        item.next(format!("Change the rule where it is set: {}", where_set(&found)))
            .shown(rule_text(&found), found.ruleset.source.clone())
    })
}

/// "a rule of nftables (chain inet filter input) drops it on its way in".
pub(in super::super) fn keeps(found: &Obstacle<'_>) -> String {
    let by = match found.decision.rule {
        Some(_) => format!("a rule of {} ({})", found.ruleset.tool, visible(&found.decision.chain.name)),
        None => format!(
            "{} ({}), which lets nothing through that no rule allows,",
            found.ruleset.tool,
            visible(&found.decision.chain.name)
        ),
    };
    let does = match found.decision.action {
        FirewallAction::Drop => "drops it without a word",
        FirewallAction::Reject => "rejects it",
        FirewallAction::Accept => "lets it pass",
    };
    let way = match (found.packet.hook, found.packet.loopback) {
        (Hook::Output, _) => "on its way out of this computer",
        (Hook::Input, true) => "on its way in",
        (Hook::Input, false) => "where it comes from another computer",
    };
    format!("{by} {does} {way}")
}

/// The rule as its firewall writes it.
pub(in super::super) fn rule_text(found: &Obstacle<'_>) -> String {
    match found.decision.rule {
        Some(rule) => visible(&rule.text),
        None => format!("policy of {}: {:?}", visible(&found.decision.chain.name), found.decision.action).to_lowercase(),
    }
}

/// The tool that people change such a rule with: managers of firewalls write their rules into the tables of others.
pub(in super::super) fn where_set(found: &Obstacle<'_>) -> String {
    let chain = found.decision.chain.name.to_ascii_lowercase();
    if chain.contains("firewalld") {
        "firewalld (firewall-cmd)".to_owned()
    } else if chain.contains("ufw") {
        "ufw".to_owned()
    } else {
        found.ruleset.tool.clone()
    }
}

pub(super) fn ipsec(facts: &Facts) -> Item {
    const QUESTION: Question = Question::Ipsec;
    answered(QUESTION, &facts.ipsec, |policies| {
        let own: Vec<&IpsecPolicy> = policies.iter().filter(|policy| concerns(facts, policy)).collect();
        if own.is_empty() {
            return Item::ok(
                QUESTION,
                if policies.is_empty() { "it has none" } else { "none of its policies is for this computer" },
            );
        }
        let blocks = own.iter().any(|policy| policy.blocks == Some(true));
        let item = if blocks {
            Item::problem(QUESTION, "a policy lets nothing through")
                .explained("When the service of IPsec could not start because a port it needs was taken, Windows may block all traffic until it runs.")
                .next("See whether the service IPsec Policy Agent runs and has its ports 500 and 4500 over UDP; then look at the policy")
        } else {
            Item::ok(
                QUESTION,
                format!(
                    "{} may be for it",
                    if own.len() == 1 { "a policy".to_owned() } else { format!("{} policies", own.len()) }
                ),
            )
            .explained("Where IPsec is asked for on one side only, packets vanish without a word.")
        };
        own.iter().fold(item, |item, policy| item.shown(visible(&policy.text), policy.source.clone()))
    })
}

/// Whether the policy may be for the connection.
pub(in super::super) fn concerns(facts: &Facts, policy: &IpsecPolicy) -> bool {
    facts.addresses().is_empty() || facts.addresses().iter().any(|address| policy.is_for(*address))
}
