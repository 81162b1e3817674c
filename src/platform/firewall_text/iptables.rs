//! iptables, as `iptables-save` and `ip6tables-save` write it.

use crate::machine::connect::{Chain, FirewallAction, Hook, Matches, Rule, RuleOutcome, Ruleset};
use crate::machine::{Family, PortRange, PortSet, Protocol};

/// Reads the answer of `command` for one family; `None` where it has no table.
pub fn read(text: &str, family: Family, command: &str) -> Option<Ruleset> {
    let mut chains: Vec<Chain> = Vec::new();
    let mut table = "";
    for line in text.lines().map(str::trim) {
        if let Some(name) = line.strip_prefix('*') {
            table = name;
        } else if let Some(declared) = line.strip_prefix(':').filter(|_| filters(table)) {
            let mut words = declared.split_whitespace();
            let (Some(name), policy) = (words.next(), words.next()) else { continue };
            chains.push(chain(table, name, policy.unwrap_or("-"), family));
        } else if line.starts_with("-A ") && filters(table) {
            let words = words(line);
            let Some(name) = words.get(1) else { continue };
            let full = format!("{table} {name}");
            let Some(chain) = chains.iter_mut().find(|chain| chain.name == full) else { continue };
            let (matches, outcome) = rule(&words[2..], table);
            chain.rules.push(Rule { matches, outcome, text: line.to_owned() });
        }
    }
    let tool = if family == Family::Ipv4 { "iptables" } else { "ip6tables" };
    (!table.is_empty()).then(|| Ruleset { tool: tool.to_owned(), chains, source: command.to_owned() })
}

/// The tables whose rules let packets vanish; `nat` rewrites addresses only.
fn filters(table: &str) -> bool {
    matches!(table, "filter" | "mangle" | "raw" | "security")
}

fn chain(table: &str, name: &str, policy: &str, family: Family) -> Chain {
    let hook = match name {
        "INPUT" => Some(Hook::Input),
        "OUTPUT" => Some(Hook::Output),
        _ => None,
    };
    let priority = match table {
        "raw" => -300,
        "mangle" => -150,
        "security" => 50,
        _ => 0,
    };
    let policy = match policy {
        "ACCEPT" => Some(FirewallAction::Accept),
        "DROP" => Some(FirewallAction::Drop),
        _ => None,
    };
    Chain { name: format!("{table} {name}"), family: Some(family), hook, priority, policy, rules: Vec::new() }
}

/// The words of a line; quoted ones keep their blanks.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let (mut quoted, mut escaped) = (false, false);
    for character in line.chars() {
        match character {
            _ if escaped => {
                word.push(character);
                escaped = false;
            }
            '\\' => escaped = true,
            '"' => quoted = !quoted,
            ' ' if !quoted => {
                if !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
            }
            _ => word.push(character),
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

fn rule(words: &[String], table: &str) -> (Matches, RuleOutcome) {
    let mut matches = Matches::default();
    let mut outcome = RuleOutcome::Nothing;
    let mut not = false;
    let mut rest = words.iter();
    while let Some(option) = rest.next() {
        if option == "!" {
            not = true;
            continue;
        }
        let mut value = || rest.next().map_or("", String::as_str);
        match option.as_str() {
            "-j" => {
                outcome = target(value(), table);
                // What follows belongs to the target.
                break;
            }
            "-g" => outcome = RuleOutcome::Goto(format!("{table} {}", value())),
            "-p" => {
                let tcp = matches!(value(), "tcp" | "6" | "all" | "0");
                matches.never |= tcp == not;
            }
            "-s" | "-d" => {
                let network = value().parse().ok();
                let place = if option == "-s" { &mut matches.from } else { &mut matches.to };
                match network.filter(|_| !not) {
                    Some(network) => *place = Some(vec![network]),
                    None => matches.more = true,
                }
            }
            "-i" | "-o" => {
                let loopback = value() == "lo";
                matches.loopback = Some(loopback != not).filter(|_| loopback || !not);
                matches.more |= !loopback;
            }
            "--dport" | "--dports" => match ports(value()).filter(|_| !not) {
                Some(ports) => (matches.protocol, matches.ports) = (Some(Protocol::Tcp), Some(ports)),
                None => matches.more = true,
            },
            "--state" | "--ctstate" => {
                let new = value().split(',').any(|state| state == "NEW");
                matches.only_established |= new == not;
            }
            "-m" | "--comment" => drop(value()),
            // The first packet has the flag SYN alone.
            "--syn" => matches.never |= not,
            _ => matches.more = true,
        }
        not = false;
    }
    (matches, outcome)
}

fn target(name: &str, table: &str) -> RuleOutcome {
    match name {
        "ACCEPT" => RuleOutcome::Decide(FirewallAction::Accept),
        "DROP" | "TARPIT" => RuleOutcome::Decide(FirewallAction::Drop),
        "REJECT" => RuleOutcome::Decide(FirewallAction::Reject),
        "RETURN" => RuleOutcome::Return,
        "LOG" | "NFLOG" | "ULOG" | "MARK" | "CONNMARK" | "TCPMSS" | "CLASSIFY" | "DSCP" | "TOS" | "TRACE" | "AUDIT" | "SET"
        | "CT" | "NOTRACK" | "CHECKSUM" | "SECMARK" | "CONNSECMARK" => RuleOutcome::Nothing,
        _ => RuleOutcome::Jump(format!("{table} {name}")),
    }
}

/// `1433`, `8080:8090`, `80,443`.
fn ports(text: &str) -> Option<PortSet> {
    let range = |text: &str| match text.split_once(':') {
        Some((first, last)) => {
            let last = if last.is_empty() { u16::MAX } else { last.parse().ok()? };
            let first = if first.is_empty() { 0 } else { first.parse().ok()? };
            PortRange::new(first, last).ok()
        }
        None => text.parse().ok().map(PortRange::single),
    };
    text.split(',').map(range).collect()
}

#[cfg(test)]
mod tests {
    use super::read;
    use crate::diagnosis::connect::{Packet, decide};
    use crate::machine::Family;
    use crate::machine::connect::{FirewallAction, Hook};

    fn decided(rules: &str, port: u16) -> Option<(FirewallAction, bool, String)> {
        let text = format!(
            "# Generated\n*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n:ufw-user-input - [0:0]\n{rules}\nCOMMIT\n"
        );
        let ruleset = read(&text, Family::Ipv4, "iptables-save").unwrap();
        let packet = Packet {
            hook: Hook::Input,
            from: Some("10.0.0.9".parse().unwrap()),
            to: "10.0.0.5".parse().unwrap(),
            port,
            loopback: false,
        };
        let decision = decide(&ruleset, &packet)?;
        Some((decision.action, decision.certain, decision.chain.name.clone()))
    }

    #[test]
    fn rules_are_read_as_iptables_means_them() {
        let chain = || "filter INPUT".to_owned();
        for (rules, port, expected) in [
            ("-A INPUT -p tcp -m tcp --dport 1433 -j DROP", 1433, (FirewallAction::Drop, true, chain())),
            ("-A INPUT -p tcp -m tcp --dport 1433 -j DROP", 80, (FirewallAction::Accept, true, chain())),
            ("-A INPUT -p udp -m udp --dport 1433 -j DROP", 1433, (FirewallAction::Accept, true, chain())),
            (
                "-A INPUT -p tcp -m multiport --dports 80,1430:1440 -j REJECT --reject-with tcp-reset",
                1433,
                (FirewallAction::Reject, true, chain()),
            ),
            (
                "-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n-A INPUT -i lo -j ACCEPT\n-A INPUT -j DROP",
                1433,
                (FirewallAction::Drop, true, chain()),
            ),
            ("-A INPUT -s 10.0.0.0/24 -j ACCEPT\n-A INPUT -j DROP", 1433, (FirewallAction::Accept, true, chain())),
            ("-A INPUT -s 192.168.0.0/16 -j ACCEPT\n-A INPUT -j DROP", 1433, (FirewallAction::Drop, true, chain())),
            ("-A INPUT -m set --match-set friends src -j ACCEPT\n-A INPUT -j DROP", 1433, (FirewallAction::Drop, false, chain())),
            ("-A INPUT -m comment --comment \"a -j ACCEPT b\" -j DROP", 1433, (FirewallAction::Drop, true, chain())),
            (
                "-A INPUT -j ufw-user-input\n-A ufw-user-input -p tcp -m tcp --dport 1433 -j DROP",
                1433,
                (FirewallAction::Drop, true, "filter ufw-user-input".to_owned()),
            ),
            ("-A INPUT ! -p tcp -j DROP", 1433, (FirewallAction::Accept, true, chain())),
        ] {
            assert_eq!(decided(rules, port), Some(expected), "{rules}");
        }
    }

    #[test]
    fn the_policy_counts_where_no_rule_does_and_other_families_never() {
        let text = "*filter\n:INPUT DROP [0:0]\nCOMMIT\n";
        let ruleset = read(text, Family::Ipv6, "ip6tables-save").unwrap();
        let packet = |to: &str| Packet { hook: Hook::Input, from: None, to: to.parse().unwrap(), port: 80, loopback: false };
        assert_eq!(decide(&ruleset, &packet("2001:db8::5")).unwrap().action, FirewallAction::Drop);
        assert_eq!(decide(&ruleset, &packet("10.0.0.5")), None);
    }

    #[test]
    fn lines_that_break_off_do_no_harm() {
        for text in [
            "",
            "iptables: command not found",
            "*filter\n:\n-A\n-A INPUT",
            "*nat\n:INPUT ACCEPT\n-A INPUT -j DROP",
            "*filter\n:INPUT\n-A INPUT -p\n-A INPUT \"x",
        ] {
            if let Some(ruleset) = read(text, Family::Ipv4, "x") {
                assert!(ruleset.chains.iter().all(|chain| chain.rules.iter().all(|rule| !rule.text.contains("DROP"))), "{text}");
            }
        }
    }
}
