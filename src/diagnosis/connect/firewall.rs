//! What the rules of a firewall do with the first packet of a connection over TCP.

use std::net::IpAddr;

use crate::machine::connect::{Chain, FirewallAction, Hook, Matches, Rule, RuleOutcome, Ruleset};
use crate::machine::{Family, Port, Protocol};

/// The first packet of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Packet {
    /// Where it meets the rules.
    pub hook: Hook,
    /// Who sends it; `None` for anybody.
    pub from: Option<IpAddr>,
    /// Who is to get it.
    pub to: IpAddr,
    /// The port it goes to.
    pub port: Port,
    /// Whether it stays in this computer.
    pub loopback: bool,
}

/// What becomes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decision<'a> {
    /// What.
    pub action: FirewallAction,
    /// The rule that says so; `None` for the policy of the chain.
    pub rule: Option<&'a Rule>,
    /// The chain.
    pub chain: &'a Chain,
    /// Whether nothing that PortMedic does not understand may decide otherwise.
    pub certain: bool,
}

/// Jumps deeper than this are a circle.
const DEEPEST: usize = 16;
/// The most rules that are looked at for one packet: chains that jump to each other again and again would take years.
const MOST_RULES: usize = 1_000_000;

/// What the firewall does with the packet; `None` where it has no rules for it.
///
/// Every chain of the place must let it pass; the first one that does not decides.
pub fn decide<'a>(ruleset: &'a Ruleset, packet: &Packet) -> Option<Decision<'a>> {
    let mut chains: Vec<&Chain> = ruleset.chains.iter().filter(|chain| meets(chain, packet)).collect();
    chains.sort_by_key(|chain| chain.priority);
    let mut passed = None;
    for chain in chains {
        let mut walk = Walk { ruleset, packet, doubt: false, maybe: None, left: MOST_RULES };
        let policy = Decision { action: chain.policy.unwrap_or(FirewallAction::Accept), rule: None, chain, certain: true };
        let decided = match walk.go(chain, 0) {
            Flow::Decided(decision) => decision,
            Flow::Back => policy,
        };
        let decided = match (decided.action, walk.maybe) {
            // Something that may fit stands before what lets it pass.
            (FirewallAction::Accept, Some(maybe)) => maybe,
            _ => Decision { certain: decided.certain && !walk.doubt, ..decided },
        };
        if decided.action != FirewallAction::Accept {
            return Some(decided);
        }
        passed = passed.or(Some(decided));
    }
    passed
}

fn meets(chain: &Chain, packet: &Packet) -> bool {
    chain.hook == Some(packet.hook) && chain.family.is_none_or(|family| family == Family::of(packet.to.to_canonical()))
}

enum Flow<'a> {
    Decided(Decision<'a>),
    Back,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fit {
    Yes,
    Maybe,
    No,
}

struct Walk<'a, 'p> {
    ruleset: &'a Ruleset,
    packet: &'p Packet,
    /// Whether a rule that may fit could have decided otherwise.
    doubt: bool,
    /// The first rule that may fit and keeps the packet away.
    maybe: Option<Decision<'a>>,
    /// How many more rules may be looked at.
    left: usize,
}

impl<'a> Walk<'a, '_> {
    fn go(&mut self, chain: &'a Chain, depth: usize) -> Flow<'a> {
        for rule in &chain.rules {
            let Some(left) = self.left.checked_sub(1) else {
                self.doubt = true;
                return Flow::Back;
            };
            self.left = left;
            let fit = fit(&rule.matches, self.packet);
            if fit == Fit::No {
                continue;
            }
            let sure = fit == Fit::Yes;
            match &rule.outcome {
                RuleOutcome::Nothing => {}
                RuleOutcome::Return if sure => return Flow::Back,
                RuleOutcome::Return => self.doubt = true,
                RuleOutcome::Decide(action) => {
                    let decision = Decision { action: *action, rule: Some(rule), chain, certain: sure };
                    if sure {
                        return Flow::Decided(decision);
                    }
                    self.doubt = true;
                    if *action != FirewallAction::Accept {
                        self.maybe = self.maybe.or(Some(decision));
                    }
                }
                RuleOutcome::Jump(name) | RuleOutcome::Goto(name) => {
                    let Some(next) = self.chain(name).filter(|_| depth < DEEPEST) else {
                        self.doubt = true;
                        continue;
                    };
                    match self.go(next, depth + 1) {
                        Flow::Decided(decision) if sure => return Flow::Decided(decision),
                        Flow::Decided(decision) => {
                            self.doubt = true;
                            if decision.action != FirewallAction::Accept {
                                self.maybe = self.maybe.or(Some(Decision { certain: false, ..decision }));
                            }
                        }
                        Flow::Back if sure && matches!(rule.outcome, RuleOutcome::Goto(_)) => return Flow::Back,
                        Flow::Back => {}
                    }
                }
            }
        }
        Flow::Back
    }

    fn chain(&self, name: &str) -> Option<&'a Chain> {
        self.ruleset.chains.iter().find(|chain| chain.name == name)
    }
}

/// Whether the rule is for the packet.
fn fit(matches: &Matches, packet: &Packet) -> Fit {
    let never = matches.never
        || matches.only_established
        || matches.protocol.is_some_and(|protocol| protocol != Protocol::Tcp)
        || matches.ports.as_ref().is_some_and(|ports| !ports.contains(packet.port))
        || matches.loopback.is_some_and(|loopback| loopback != packet.loopback)
        || matches.to.as_ref().is_some_and(|to| !to.iter().any(|network| network.contains(packet.to)));
    if never {
        return Fit::No;
    }
    match (&matches.from, packet.from) {
        (Some(from), Some(sender)) if !from.iter().any(|network| network.contains(sender)) => Fit::No,
        (Some(_), None) => Fit::Maybe,
        _ if matches.more => Fit::Maybe,
        _ => Fit::Yes,
    }
}

#[cfg(test)]
mod tests {
    use super::{Decision, Packet, decide};
    use crate::machine::connect::{Chain, FirewallAction, Hook, Matches, Rule, RuleOutcome, Ruleset};

    fn rule(outcome: RuleOutcome, matches: Matches) -> Rule {
        Rule { text: format!("{outcome:?}"), matches, outcome }
    }

    fn drop_port() -> Rule {
        rule(RuleOutcome::Decide(FirewallAction::Drop), Matches { ports: "1433".parse().ok(), ..Matches::default() })
    }

    fn input(rules: Vec<Rule>, policy: FirewallAction) -> Chain {
        Chain { name: "input".to_owned(), family: None, hook: Some(Hook::Input), priority: 0, policy: Some(policy), rules }
    }

    fn set(chains: Vec<Chain>) -> Ruleset {
        Ruleset { tool: "nftables".to_owned(), chains, source: "nft".to_owned() }
    }

    fn packet(port: u16) -> Packet {
        Packet { hook: Hook::Input, from: None, to: "10.0.0.5".parse().unwrap(), port, loopback: false }
    }

    fn said(decision: Option<Decision<'_>>) -> Option<(FirewallAction, bool)> {
        decision.map(|decision| (decision.action, decision.certain))
    }

    #[test]
    fn the_first_rule_that_fits_decides_and_else_the_policy() {
        let accept =
            rule(RuleOutcome::Decide(FirewallAction::Accept), Matches { ports: "22".parse().ok(), ..Matches::default() });
        let rules = set(vec![input(vec![accept, drop_port()], FirewallAction::Reject)]);
        assert_eq!(said(decide(&rules, &packet(22))), Some((FirewallAction::Accept, true)));
        assert_eq!(said(decide(&rules, &packet(1433))), Some((FirewallAction::Drop, true)));
        let by_policy = decide(&rules, &packet(80)).unwrap();
        assert_eq!((by_policy.action, by_policy.rule), (FirewallAction::Reject, None));
        assert_eq!(said(decide(&rules, &Packet { hook: Hook::Output, ..packet(80) })), None);
    }

    #[test]
    fn rules_for_connections_that_are_there_are_not_for_the_first_packet() {
        let established = Matches { only_established: true, ..Matches::default() };
        let rules = vec![rule(RuleOutcome::Decide(FirewallAction::Accept), established), drop_port()];
        assert_eq!(
            said(decide(&set(vec![input(rules, FirewallAction::Accept)]), &packet(1433))),
            Some((FirewallAction::Drop, true))
        );
    }

    #[test]
    fn what_is_not_understood_makes_the_answer_uncertain() {
        let unknown = |action| rule(RuleOutcome::Decide(action), Matches { more: true, ..Matches::default() });
        let before = set(vec![input(vec![unknown(FirewallAction::Accept), drop_port()], FirewallAction::Accept)]);
        assert_eq!(said(decide(&before, &packet(1433))), Some((FirewallAction::Drop, false)));
        let keeps = set(vec![input(vec![unknown(FirewallAction::Reject)], FirewallAction::Accept)]);
        assert_eq!(said(decide(&keeps, &packet(1433))), Some((FirewallAction::Reject, false)));
    }

    #[test]
    fn jumps_are_followed_and_circles_end() {
        let jump = || rule(RuleOutcome::Jump("more".to_owned()), Matches::default());
        let more = |rules| Chain { name: "more".to_owned(), family: None, hook: None, priority: 0, policy: None, rules };
        let rules = set(vec![input(vec![jump()], FirewallAction::Accept), more(vec![drop_port()])]);
        assert_eq!(said(decide(&rules, &packet(1433))), Some((FirewallAction::Drop, true)));
        assert_eq!(said(decide(&rules, &packet(80))), Some((FirewallAction::Accept, true)));
        let circle = set(vec![input(vec![jump()], FirewallAction::Accept), more(vec![jump()])]);
        assert_eq!(said(decide(&circle, &packet(80))), Some((FirewallAction::Accept, false)));
    }

    #[test]
    fn every_chain_of_the_place_must_let_it_pass() {
        let late = Chain { name: "late".to_owned(), priority: 10, ..input(vec![drop_port()], FirewallAction::Accept) };
        let rules = set(vec![late, input(Vec::new(), FirewallAction::Accept)]);
        assert_eq!(decide(&rules, &packet(1433)).unwrap().chain.name, "late");
    }
}
