//! nftables, as `nft -j list ruleset` writes it (libnftables-json(5)), with the text of each rule from `nft -a list ruleset`.

use std::collections::HashMap;

use serde_json::Value;

use crate::machine::connect::{Chain, FirewallAction, Hook, Matches, Network, Rule, RuleOutcome, Ruleset};
use crate::machine::{Family, PortRange, PortSet, Protocol};

/// The command whose answer is read.
pub const COMMAND: [&str; 3] = ["-j", "list", "ruleset"];
/// The command that shows the same rules as people write them.
pub const TEXT_COMMAND: [&str; 3] = ["-a", "list", "ruleset"];

/// Reads the answers of both commands; `None` where the first is no answer of nft. `text` may be empty.
pub fn read(json: &str, text: &str) -> Option<Ruleset> {
    let root: Value = serde_json::from_str(json).ok()?;
    let objects = root.get("nftables")?.as_array()?;
    let texts = texts(text);
    let sets = sets(objects);
    let mut chains: Vec<Chain> = objects.iter().filter_map(|object| chain(object.get("chain")?)).collect();
    for rule in objects.iter().filter_map(|object| object.get("rule")) {
        let Some(name) = chain_name(rule, "chain") else { continue };
        let Some(chain) = chains.iter_mut().find(|chain| chain.name == name) else { continue };
        let written = || {
            let handle = rule.get("handle").and_then(Value::as_u64);
            let known = handle.and_then(|handle| texts.get(&(table_name(rule)?, handle)));
            known.cloned().unwrap_or_else(|| rule.get("expr").map(Value::to_string).unwrap_or_default())
        };
        let reader = Reader { sets: &sets, table: table_name(rule).unwrap_or_default() };
        chain.rules.extend(reader.rules(rule).into_iter().map(|(matches, outcome)| Rule { matches, outcome, text: written() }));
    }
    Some(Ruleset { tool: "nftables".to_owned(), chains, source: "nft -j list ruleset".to_owned() })
}

fn text_of<'a>(value: &'a Value, name: &str) -> Option<&'a str> {
    value.get(name).and_then(Value::as_str)
}

fn table_name(value: &Value) -> Option<String> {
    Some(format!("{} {}", text_of(value, "family")?, text_of(value, "table")?))
}

fn chain_name(value: &Value, field: &str) -> Option<String> {
    Some(format!("{} {}", table_name(value)?, text_of(value, field)?))
}

fn chain(value: &Value) -> Option<Chain> {
    let hook = match text_of(value, "hook") {
        // Rules that rewrite addresses let nothing vanish.
        _ if text_of(value, "type") == Some("nat") => None,
        Some("input") => Some(Hook::Input),
        Some("output") => Some(Hook::Output),
        _ => None,
    };
    let family = match text_of(value, "family")? {
        "ip" => Some(Family::Ipv4),
        "ip6" => Some(Family::Ipv6),
        _ => None,
    };
    let policy = match text_of(value, "policy") {
        Some("drop") => Some(FirewallAction::Drop),
        _ => Some(FirewallAction::Accept),
    };
    let priority = value.get("prio").and_then(Value::as_i64).and_then(|number| i32::try_from(number).ok()).unwrap_or(0);
    Some(Chain {
        name: chain_name(value, "name")?,
        family,
        hook,
        priority,
        policy: policy.filter(|_| hook.is_some()),
        rules: Vec::new(),
    })
}

/// The lines of the rules as people write them, by table and number.
fn texts(text: &str) -> HashMap<(String, u64), String> {
    let mut texts = HashMap::new();
    let mut table = String::new();
    for line in text.lines() {
        let (rule, handle) =
            line.rsplit_once("# handle ").map_or((line, None), |(rule, handle)| (rule, handle.trim().parse().ok()));
        let rule = rule.trim();
        if let Some(name) = rule.strip_prefix("table ").and_then(|rest| rest.strip_suffix('{')) {
            name.trim().clone_into(&mut table);
        } else if let Some(handle) = handle
            && !rule.ends_with('{')
        {
            texts.insert((table.clone(), handle), rule.to_owned());
        }
    }
    texts
}

/// The named sets, by table and name.
fn sets(objects: &[Value]) -> HashMap<(String, String), Value> {
    let all = objects.iter().filter_map(|object| object.get("set").or_else(|| object.get("map")));
    let named = all.filter_map(|set| {
        let elements = set.get("elem").cloned().unwrap_or_else(|| Value::Array(Vec::new()));
        Some(((table_name(set)?, text_of(set, "name")?.to_owned()), elements))
    });
    named.collect()
}

struct Reader<'a> {
    sets: &'a HashMap<(String, String), Value>,
    table: String,
}

impl Reader<'_> {
    /// What a rule is for and does. A verdict map gives a rule for each of its entries.
    fn rules(&self, rule: &Value) -> Vec<(Matches, RuleOutcome)> {
        let mut matches = Matches::default();
        let mut rules = Vec::new();
        for statement in rule.get("expr").and_then(Value::as_array).into_iter().flatten() {
            let Some((name, value)) = statement.as_object().and_then(|fields| fields.iter().next()) else { continue };
            match name.as_str() {
                "match" => self.condition(value, &mut matches),
                "vmap" => {
                    for (key, verdict) in self.entries(value) {
                        let mut own = matches.clone();
                        let condition = serde_json::json!({ "op": "==", "left": value.get("key"), "right": key });
                        self.condition(&condition, &mut own);
                        let outcome = verdict.as_object().and_then(|fields| fields.iter().next());
                        if let Some(outcome) = outcome.and_then(|(name, value)| self.outcome(name, value)) {
                            rules.push((own, outcome));
                        }
                    }
                }
                // It fits so many times a second only.
                "limit" | "quota" | "ct count" | "xt" | "socket" | "tproxy" => matches.more = true,
                name => {
                    if let Some(outcome) = self.outcome(name, value) {
                        rules.push((matches.clone(), outcome));
                    }
                }
            }
        }
        rules
    }

    fn outcome(&self, name: &str, value: &Value) -> Option<RuleOutcome> {
        let target = || text_of(value, "target").map(|chain| format!("{} {chain}", self.table));
        Some(match name {
            "accept" => RuleOutcome::Decide(FirewallAction::Accept),
            "drop" => RuleOutcome::Decide(FirewallAction::Drop),
            "reject" => RuleOutcome::Decide(FirewallAction::Reject),
            "return" => RuleOutcome::Return,
            "jump" => RuleOutcome::Jump(target()?),
            "goto" => RuleOutcome::Goto(target()?),
            _ => return None,
        })
    }

    /// The entries of a verdict map.
    fn entries(&self, vmap: &Value) -> Vec<(Value, Value)> {
        let data = vmap.get("data");
        let elements = match data {
            Some(Value::String(name)) => self.named(name),
            Some(data) => data.get("set"),
            None => None,
        };
        let pair = |entry: &Value| Some((entry.get(0)?.clone(), entry.get(1)?.clone()));
        elements.and_then(Value::as_array).into_iter().flatten().filter_map(pair).collect()
    }

    fn named(&self, name: &str) -> Option<&Value> {
        self.sets.get(&(self.table.clone(), name.strip_prefix('@')?.to_owned()))
    }

    fn condition(&self, condition: &Value, matches: &mut Matches) {
        let (Some(left), Some(right)) = (condition.get("left"), condition.get("right")) else {
            matches.more = true;
            return;
        };
        let values = self.values(right);
        let not = text_of(condition, "op") == Some("!=");
        let payload = left
            .get("payload")
            .map(|own| (text_of(own, "protocol").unwrap_or_default(), text_of(own, "field").unwrap_or_default()));
        let meta = left.get("meta").and_then(|own| text_of(own, "key"));
        match (payload, meta) {
            (Some(("tcp", "dport")), _) if !not => {
                matches.protocol = Some(Protocol::Tcp);
                matches.ports = ports(&values);
                matches.more |= matches.ports.is_none();
            }
            (Some(("th", "dport")), _) if !not => {
                matches.ports = ports(&values);
                matches.more |= matches.ports.is_none();
            }
            (Some(("udp" | "icmp" | "icmpv6" | "sctp" | "dccp" | "udplite", _)), _) => matches.never = true,
            (Some(("ip" | "ip6", "saddr")), _) if !not => set_networks(&values, &mut matches.from, &mut matches.more),
            (Some(("ip" | "ip6", "daddr")), _) if !not => set_networks(&values, &mut matches.to, &mut matches.more),
            (Some(("ip", "protocol") | ("ip6", "nexthdr")), _) | (None, Some("l4proto")) => {
                let tcp = values.iter().any(|own| own.as_str() == Some("tcp") || own.as_u64() == Some(6));
                matches.never |= tcp == not;
            }
            (None, Some("iif" | "iifname" | "oif" | "oifname")) => {
                let loopback = values.iter().any(|own| own.as_str() == Some("lo"));
                if loopback {
                    matches.loopback = Some(!not);
                } else if not {
                    matches.more = true;
                } else {
                    matches.loopback = Some(false);
                    matches.more = true;
                }
            }
            (None, Some("nfproto")) => matches.more = true,
            _ if left.get("ct").and_then(|own| text_of(own, "key")) == Some("state") => state(&values, not, matches),
            _ => matches.more = true,
        }
    }

    /// Every value that the right side may be.
    fn values(&self, right: &Value) -> Vec<Value> {
        match right {
            Value::String(name) if name.starts_with('@') => match self.named(name) {
                Some(set) => self.values(set),
                None => vec![Value::Null],
            },
            Value::Array(all) => all.iter().flat_map(|own| self.values(own)).collect(),
            Value::Object(fields) => match (fields.get("set"), fields.get("elem")) {
                (Some(set), _) => self.values(set),
                (_, Some(element)) => element.get("val").map(|own| self.values(own)).unwrap_or_default(),
                _ => vec![right.clone()],
            },
            _ => vec![right.clone()],
        }
    }
}

/// The states of a connection: the first packet is new.
fn state(values: &[Value], not: bool, matches: &mut Matches) {
    let has = |name: &str| values.iter().any(|own| own.as_str() == Some(name));
    match (has("new"), not) {
        (true, true) => matches.only_established = true,
        (true, false) | (false, true) => {}
        (false, false) if has("established") || has("related") => matches.only_established = true,
        (false, false) if has("invalid") => matches.never = true,
        (false, false) => matches.more = true,
    }
}

fn ports(values: &[Value]) -> Option<PortSet> {
    let range = |value: &Value| {
        let port = |value: &Value| value.as_u64().and_then(|number| u16::try_from(number).ok());
        match value.get("range") {
            Some(range) => PortRange::new(port(range.get(0)?)?, port(range.get(1)?)?).ok(),
            None => port(value).filter(|port| *port > 0).map(PortRange::single),
        }
    };
    values.iter().map(range).collect()
}

fn set_networks(values: &[Value], networks: &mut Option<Vec<Network>>, more: &mut bool) {
    let network = |value: &Value| match value.get("prefix") {
        Some(prefix) => {
            let bits = prefix.get("len").and_then(Value::as_u64).and_then(|bits| u8::try_from(bits).ok())?;
            Network::new(text_of(prefix, "addr")?.parse().ok()?, bits)
        }
        None => value.as_str()?.parse().ok(),
    };
    match values.iter().map(network).collect() {
        Some(all) => *networks = Some(all),
        None => *more = true,
    }
}

#[cfg(test)]
mod tests {
    use super::read;
    use crate::diagnosis::connect::{Packet, decide};
    use crate::machine::connect::{FirewallAction, Hook, Ruleset};

    /// What nftables 1.0.6 writes for a small ruleset.
    fn ruleset(rules: &str) -> Ruleset {
        let json = format!(
            r#"{{"nftables": [{{"metainfo": {{"version": "1.0.6", "json_schema_version": 1}}}},
            {{"table": {{"family": "inet", "name": "filter", "handle": 1}}}},
            {{"set": {{"family": "inet", "name": "closed", "table": "filter", "type": "inet_service", "handle": 9, "elem": [8080, {{"range": [9000, 9010]}}]}}}},
            {{"chain": {{"family": "inet", "table": "filter", "name": "input", "handle": 1, "type": "filter", "hook": "input", "prio": 0, "policy": "accept"}}}},
            {{"chain": {{"family": "inet", "table": "filter", "name": "late", "handle": 2}}}}, {rules}]}}"#
        );
        read(&json, "table inet filter { # handle 1\n\tchain input { # handle 1\n\t\ttcp dport 1433 drop # handle 4\n\t}\n}\n")
            .unwrap()
    }

    fn rule(chain: &str, expressions: &str) -> String {
        format!(
            r#"{{"rule": {{"family": "inet", "table": "filter", "chain": "{chain}", "handle": 4, "expr": [{expressions}]}}}}"#
        )
    }

    fn action(rules: &str, port: u16) -> (FirewallAction, bool) {
        let packet = Packet { hook: Hook::Input, from: None, to: "10.0.0.5".parse().unwrap(), port, loopback: false };
        let rules = ruleset(rules);
        let decision = decide(&rules, &packet).unwrap();
        (decision.action, decision.certain)
    }

    const PORT: &str = r#"{"match": {"op": "==", "left": {"payload": {"protocol": "tcp", "field": "dport"}}, "right": 1433}}"#;
    const DROP: &str = r#"{"counter": {"packets": 0, "bytes": 0}}, {"drop": null}"#;

    #[test]
    fn a_rule_for_a_port_is_found_with_its_text() {
        let rules = rule("input", &format!("{PORT}, {DROP}"));
        assert_eq!((action(&rules, 1433), action(&rules, 80)), ((FirewallAction::Drop, true), (FirewallAction::Accept, true)));
        assert_eq!(ruleset(&rules).chains[0].rules[0].text, "tcp dport 1433 drop");
    }

    #[test]
    fn sets_ranges_and_jumps_are_followed() {
        let by_set = r#"{"match": {"op": "==", "left": {"payload": {"protocol": "tcp", "field": "dport"}}, "right": "@closed"}}"#;
        let rules = [
            rule("late", &format!(r#"{by_set}, {{"reject": {{"type": "tcp reset"}}}}"#)),
            rule("input", r#"{"jump": {"target": "late"}}"#),
        ];
        let rules = rules.join(",");
        assert_eq!(action(&rules, 9005), (FirewallAction::Reject, true));
        assert_eq!(action(&rules, 8080), (FirewallAction::Reject, true));
        assert_eq!(action(&rules, 1433), (FirewallAction::Accept, true));
    }

    #[test]
    fn the_usual_rules_of_a_firewall_do_not_hide_the_one_that_drops() {
        let usual = [
            r#"{"vmap": {"key": {"ct": {"key": "state"}}, "data": {"set": [["established", {"accept": null}], ["related", {"accept": null}], ["invalid", {"drop": null}]]}}}"#,
            r#"{"match": {"op": "==", "left": {"meta": {"key": "iifname"}}, "right": "lo"}}, {"accept": null}"#,
            r#"{"match": {"op": "==", "left": {"payload": {"protocol": "udp", "field": "dport"}}, "right": 53}}, {"accept": null}"#,
            r#"{"match": {"op": "==", "left": {"meta": {"key": "l4proto"}}, "right": "icmp"}}, {"accept": null}"#,
            r#"{"match": {"op": "==", "left": {"payload": {"protocol": "ip", "field": "daddr"}}, "right": {"prefix": {"addr": "10.9.0.0", "len": 16}}}}, {"accept": null}"#,
        ];
        let mut rules: Vec<String> = usual.iter().map(|own| rule("input", own)).collect();
        rules.push(rule("input", r#"{"drop": null}"#));
        assert_eq!(action(&rules.join(","), 1433), (FirewallAction::Drop, true));
        let unknown =
            rule("input", r#"{"match": {"op": "==", "left": {"fib": {"result": "type"}}, "right": "local"}}, {"accept": null}"#);
        assert_eq!(action(&[unknown, rules.pop().unwrap()].join(","), 1433), (FirewallAction::Drop, false));
    }

    #[test]
    fn what_is_no_ruleset_is_refused() {
        for text in ["", "null", "[]", r#"{"nftables": 5}"#, "Operation not permitted"] {
            assert_eq!(read(text, ""), None, "{text}");
        }
        assert_eq!(read(r#"{"nftables": [{"rule": {}}, {"chain": {}}, 5, {"set": null}]}"#, "").unwrap().chains, []);
    }
}
