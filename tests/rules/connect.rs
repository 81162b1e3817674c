//! The checklist of connections, over facts built by hand: which cause each answer of the network has, and how sure it is.

use portmedic::diagnosis::Confidence;
use portmedic::diagnosis::connect::{Answer, ConnectCause, Fact, Facts, Item, Question, Wanted, checklist, judge};
use portmedic::machine::connect::{
    Chain, ClientAlias, FirewallAction, Greeting, GreetingKind, Hook, HostsEntry, Matches, NameLookup, NameProblem, Opening,
    Probe, ProbeResult, ProxySetting, Redirects, Rule, RuleOutcome, Ruleset, SqlClient,
};
use portmedic::machine::{Gap, Service, ServiceState, SocketState};

use crate::machine::{ip, linux, tcp, unit};

const CLIENT: &str = "10.0.0.5";
const OTHER: &str = "10.0.0.9";

/// A client that asks another computer, which has told its address; nobody was asked for a connection yet.
fn asks(what: &str) -> Facts {
    let mut facts = Facts::new(Wanted::parse("db1", Some(what)).unwrap());
    facts.own_addresses = Fact::Seen(vec![ip("127.0.0.1"), ip(CLIENT)]);
    facts.here = Fact::Seen(linux());
    facts.redirects = Fact::Seen(Redirects::default());
    facts.sql_client = Fact::Seen(SqlClient::default());
    facts.sql_servers = Fact::Seen(Vec::new());
    facts.firewalls = Fact::Seen(Vec::new());
    facts.ipsec = Fact::Seen(Vec::new());
    leads_to(&mut facts, &[OTHER]);
    facts
}

fn leads_to(facts: &mut Facts, addresses: &[&str]) {
    let addresses: Vec<_> = addresses.iter().map(|address| ip(address)).collect();
    facts.back = Fact::Seen(addresses.iter().map(|address| (*address, Some("db1.corp.example".to_owned()))).collect());
    facts.name = Fact::Seen(NameLookup::found("db1", addresses));
}

fn probe(to: &str, result: ProbeResult) -> Probe {
    Probe { to: to.parse().unwrap(), result, told_by: None, error: None, took_ms: 1, greeting: None }
}

/// The client got this answer.
fn told(result: ProbeResult) -> Facts {
    let mut facts = asks("5432");
    facts.probes = Fact::Seen(vec![probe("10.0.0.9:5432", result)]);
    facts
}

fn said(facts: &Facts) -> (ConnectCause, Confidence) {
    let verdict = judge(facts);
    (verdict.cause, verdict.confidence)
}

fn item(facts: &Facts, question: Question) -> Item {
    checklist(facts).into_iter().find(|item| item.question == question).unwrap()
}

/// This computer is the one that is asked for, with these services and listeners.
fn asks_itself(services: Vec<Service>, listeners: &[&str], result: ProbeResult) -> Facts {
    let mut facts = asks("5432");
    leads_to(&mut facts, &[CLIENT]);
    let mut here = linux();
    here.services = services;
    here.sockets = listeners.iter().map(|local| tcp(local, SocketState::Listen, &[])).collect();
    facts.here = Fact::Seen(here);
    facts.probes = Fact::Seen(vec![probe("10.0.0.5:5432", result)]);
    facts
}

#[test]
fn every_answer_of_the_network_has_its_cause() {
    for (result, cause, confidence) in [
        (ProbeResult::Accepted, ConnectCause::Works, Confidence::Certain),
        (ProbeResult::Refused, ConnectCause::NothingListens, Confidence::Likely),
        (ProbeResult::Rejected, ConnectCause::FirewallRejects, Confidence::Certain),
        (ProbeResult::HostUnreachable, ConnectCause::NotReachable, Confidence::Certain),
        (ProbeResult::NetworkUnreachable, ConnectCause::NotReachable, Confidence::Certain),
        (ProbeResult::Reset, ConnectCause::Reset, Confidence::Certain),
        (ProbeResult::Forbidden, ConnectCause::FirewallOut, Confidence::Certain),
        (ProbeResult::NoLocalPort, ConnectCause::NoLocalPort, Confidence::Certain),
        (ProbeResult::Other, ConnectCause::Unknown, Confidence::CannotTell),
    ] {
        assert_eq!(said(&told(result)), (cause, confidence), "{result:?}");
    }
}

#[test]
fn silence_at_one_port_is_told_from_a_computer_that_is_off() {
    let mut facts = told(ProbeResult::TimedOut);
    assert_eq!(said(&facts), (ConnectCause::Unknown, Confidence::CannotTell), "the other port was not asked yet");
    facts.other_door = Fact::Seen(probe("10.0.0.9:9", ProbeResult::Refused));
    assert_eq!(said(&facts), (ConnectCause::FirewallDrops, Confidence::Likely));
    assert_eq!(item(&facts, Question::Reachable).answer, Answer::Ok);
    facts.other_door = Fact::Seen(probe("10.0.0.9:9", ProbeResult::TimedOut));
    assert_eq!(said(&facts), (ConnectCause::NotReachable, Confidence::Likely));
    assert_eq!(item(&facts, Question::Reachable).answer, Answer::Problem);
}

#[test]
fn who_sent_the_rejection_tells_where_the_firewall_is() {
    let by = |by: &str| {
        let mut facts = told(ProbeResult::Rejected);
        facts.probes = Fact::Seen(vec![Probe { told_by: Some(ip(by)), ..probe("10.0.0.9:5432", ProbeResult::Rejected) }]);
        judge(&facts)
    };
    assert_eq!(by(CLIENT).cause, ConnectCause::FirewallOut, "this computer itself");
    assert!(by(OTHER).explanation.starts_with("A firewall on that computer"));
    assert!(by("10.0.0.1").explanation.starts_with("A firewall on the way (10.0.0.1)"));
}

#[test]
fn a_name_without_an_address_ends_the_way() {
    for (problem, cause) in
        [(NameProblem::Unknown, ConnectCause::NameUnknown), (NameProblem::NoAnswer, ConnectCause::NameNotAnswered)]
    {
        let mut facts = asks("5432");
        facts.name = Fact::Seen(NameLookup::failed("db1", problem));
        assert_eq!(said(&facts), (cause, Confidence::Certain));
        assert_eq!(item(&facts, Question::Answer).answer, Answer::CouldNotCheck);
    }
}

#[test]
fn another_name_behind_the_address_matters_only_where_nobody_takes_the_connection() {
    let mut facts = told(ProbeResult::Refused);
    facts.back = Fact::Seen(vec![(ip(OTHER), Some("print02.corp.example".to_owned()))]);
    assert_eq!(said(&facts), (ConnectCause::WrongComputer, Confidence::Likely));
    facts.probes = Fact::Seen(vec![probe("10.0.0.9:5432", ProbeResult::Accepted)]);
    assert_eq!(said(&facts), (ConnectCause::Works, Confidence::Certain));
    assert_eq!(item(&facts, Question::Back).answer, Answer::Ok);
}

#[test]
fn a_line_of_the_hosts_file_for_the_own_name_is_usual() {
    let entry = |name: &str, address: &str| HostsEntry {
        address: ip(address),
        names: vec![name.to_owned()],
        source: "/etc/hosts, line 2".to_owned(),
    };
    let mut facts = told(ProbeResult::Refused);
    facts.redirects = Fact::Seen(Redirects { hosts: vec![entry("DB1", OTHER)], proxies: Vec::new() });
    assert_eq!(said(&facts), (ConnectCause::HostsFile, Confidence::Likely));
    let mut own = asks_itself(Vec::new(), &[], ProbeResult::Refused);
    own.wanted.host = "srv1".to_owned();
    own.redirects = Fact::Seen(Redirects { hosts: vec![entry("srv1", CLIENT)], proxies: Vec::new() });
    assert_eq!(item(&own, Question::Hosts).answer, Answer::Ok);
    assert_eq!(said(&own).0, ConnectCause::NothingListens);
}

#[test]
fn a_service_that_does_not_run_is_the_cause_and_one_that_failed_goes_to_the_wizard() {
    let postgres = |state| {
        let mut own = Service { state, ..unit("postgresql.service") };
        own.product = Some("PostgreSQL".to_owned());
        own
    };
    let mut facts = asks_itself(vec![postgres(ServiceState::Failed)], &[], ProbeResult::Refused);
    facts.wanted = Wanted::parse("db1", Some("postgresql")).unwrap();
    let verdict = judge(&facts);
    assert_eq!((verdict.cause, verdict.diagnose.as_deref()), (ConnectCause::ServiceDown, Some("postgresql.service")));
    let mut stopped = asks_itself(vec![postgres(ServiceState::Stopped)], &[], ProbeResult::Refused);
    stopped.wanted = facts.wanted;
    let verdict = judge(&stopped);
    assert_eq!((verdict.cause, verdict.diagnose), (ConnectCause::ServiceDown, None), "nothing went wrong: it is to be started");
}

#[test]
fn a_service_of_which_no_port_is_known_is_no_instance_of_sql_server() {
    let own = |state| Service { state, ports: Vec::new(), ..unit("agent.service") };
    let asked = |state| {
        let mut facts = asks_itself(vec![own(state)], &[], ProbeResult::Refused);
        facts.wanted = Wanted::parse("srv1", Some("agent")).unwrap();
        facts.wanted.take_service(&own(state));
        facts.probes = Fact::Waiting;
        facts
    };
    let running = asked(ServiceState::Running);
    assert_eq!((running.wanted.is_sql(), running.wanted.instance.as_deref(), running.wanted.port), (false, None, None));
    assert_eq!(item(&running, Question::Instance).answer, Answer::NotApplicable);
    assert_eq!(item(&running, Question::Port).answer, Answer::CouldNotCheck);
    let verdict = judge(&running);
    assert_eq!((verdict.cause, verdict.confidence), (ConnectCause::Unknown, Confidence::CannotTell));
    assert!(verdict.headline.contains("agent") && verdict.next_step.contains("port"), "{verdict:#?}");
    let verdict = judge(&asked(ServiceState::Failed));
    assert_eq!((verdict.cause, verdict.diagnose.as_deref()), (ConnectCause::ServiceDown, Some("agent.service")));
}

#[test]
fn where_the_listener_listens_decides_who_gets_in() {
    let of = |listeners: &[&str], result| said(&asks_itself(Vec::new(), listeners, result)).0;
    assert_eq!(of(&["127.0.0.1:5432"], ProbeResult::Refused), ConnectCause::LoopbackOnly);
    assert_eq!(of(&["10.0.0.6:5432"], ProbeResult::Refused), ConnectCause::OtherAddress);
    assert_eq!(of(&["0.0.0.0:5432"], ProbeResult::Accepted), ConnectCause::Works);
    assert_eq!(of(&["[::]:5432"], ProbeResult::Accepted), ConnectCause::Works);
    assert_eq!(of(&[], ProbeResult::Refused), ConnectCause::NothingListens);
}

#[test]
fn what_one_of_two_addresses_answers_decides_what_clients_make_of_it() {
    let mut facts = asks("5432");
    leads_to(&mut facts, &["2001:db8::9", OTHER]);
    for (first, cause, confidence) in [
        (ProbeResult::Accepted, ConnectCause::Works, Confidence::Certain),
        // A client that has no IPv6 goes on with IPv4.
        (ProbeResult::NetworkUnreachable, ConnectCause::Works, Confidence::Certain),
        (ProbeResult::NoLocalPort, ConnectCause::Works, Confidence::Certain),
        (ProbeResult::Refused, ConnectCause::Works, Confidence::Likely),
        (ProbeResult::TimedOut, ConnectCause::OtherAddress, Confidence::Likely),
    ] {
        facts.probes = Fact::Seen(vec![probe("[2001:db8::9]:5432", first), probe("10.0.0.9:5432", ProbeResult::Accepted)]);
        assert_eq!(said(&facts), (cause, confidence), "{first:?}");
    }
}

fn keeps(hook: Hook, action: FirewallAction, matches: Matches) -> Fact<Vec<Ruleset>> {
    let rule = Rule { matches, outcome: RuleOutcome::Decide(action), text: "tcp dport 5432 drop".to_owned() };
    let chain =
        Chain { name: "inet filter x".to_owned(), family: None, hook: Some(hook), priority: 0, policy: None, rules: vec![rule] };
    Fact::Seen(vec![Ruleset { tool: "nftables".to_owned(), chains: vec![chain], source: "nft".to_owned() }])
}

#[test]
fn a_rule_counts_only_where_the_answer_fits_to_it() {
    let port = || Matches { ports: "5432".parse().ok(), ..Matches::default() };
    let mut facts = told(ProbeResult::TimedOut);
    facts.firewalls = keeps(Hook::Output, FirewallAction::Drop, port());
    assert_eq!(said(&facts), (ConnectCause::FirewallOut, Confidence::Certain));
    let mut refused = told(ProbeResult::Refused);
    refused.firewalls = keeps(Hook::Output, FirewallAction::Drop, port());
    assert_eq!(said(&refused).0, ConnectCause::NothingListens, "what is dropped is never refused");
    let mut others = asks_itself(Vec::new(), &["0.0.0.0:5432"], ProbeResult::Accepted);
    others.firewalls = keeps(Hook::Input, FirewallAction::Drop, Matches { loopback: Some(false), ..port() });
    assert_eq!(said(&others), (ConnectCause::FirewallDrops, Confidence::Certain), "it works here, and for nobody else");
    let mut unsure = told(ProbeResult::TimedOut);
    unsure.firewalls = keeps(Hook::Output, FirewallAction::Drop, Matches { more: true, ..port() });
    assert_eq!(said(&unsure), (ConnectCause::FirewallOut, Confidence::Likely));
}

#[test]
fn an_alias_counts_only_where_it_leads_elsewhere() {
    let mut facts = asks("1433");
    facts.here = Fact::NotSeen(Gap::new("x", "y", "z"));
    let alias = |host: &str, port| ClientAlias {
        name: "DB1".to_owned(),
        is_pipe: false,
        host: host.to_owned(),
        port,
        source: "registry".to_owned(),
    };
    facts.probes = Fact::Seen(vec![probe("10.0.0.9:1433", ProbeResult::Accepted)]);
    let mut with = |alias| {
        facts.sql_client = Fact::Seen(SqlClient { aliases: vec![alias], ..SqlClient::default() });
        said(&facts).0
    };
    assert_eq!(with(alias("db1", Some(1433))), ConnectCause::Works);
    assert_eq!(with(alias(OTHER, None)), ConnectCause::Works);
    assert_eq!(with(alias("db1", Some(1444))), ConnectCause::Alias);
    assert_eq!(with(alias("db2", None)), ConnectCause::Alias);
}

#[test]
fn another_protocol_than_the_expected_one_is_told() {
    let mut facts = asks("443");
    let greeting = |kind| Some(Greeting { kind, text: None, opening: Opening::Tls });
    let mut with = |kind| {
        facts.probes = Fact::Seen(vec![Probe { greeting: greeting(kind), ..probe("10.0.0.9:443", ProbeResult::Accepted) }]);
        said(&facts).0
    };
    assert_eq!(with(GreetingKind::Tls), ConnectCause::Works);
    assert_eq!(with(GreetingKind::Silent), ConnectCause::Works);
    assert_eq!(with(GreetingKind::Ssh), ConnectCause::OtherProtocol);
    assert_eq!(with(GreetingKind::Closed), ConnectCause::Reset);
}

#[test]
fn a_proxy_matters_to_http_and_not_to_hosts_that_it_leaves_out() {
    let with = |what: &str, except: &[&str]| {
        let mut facts = asks(what);
        let except = except.iter().map(|own| (*own).to_owned()).collect();
        let proxy = ProxySetting {
            name: "https_proxy".to_owned(),
            value: "http://p:3128".to_owned(),
            except,
            source: "environment".to_owned(),
        };
        facts.redirects = Fact::Seen(Redirects { hosts: Vec::new(), proxies: vec![proxy] });
        item(&facts, Question::Proxy).answer
    };
    assert_eq!(with("443", &[]), Answer::Problem);
    assert_eq!(with("443", &["db1"]), Answer::Ok);
    assert_eq!(with("443", &["<local>"]), Answer::Ok);
    assert_eq!(with("5432", &[]), Answer::NotApplicable);
}

#[test]
fn what_was_not_looked_at_waits_and_what_could_not_be_seen_says_why() {
    let mut facts = Facts::new(Wanted::parse("db1", Some("5432")).unwrap());
    let waiting = checklist(&facts).iter().filter(|item| item.answer == Answer::Waiting).count();
    assert!(waiting >= 10, "{waiting}");
    facts.firewalls = Fact::NotSeen(Gap::new("the firewall", "only root may see it", "the same as root"));
    let firewall = item(&facts, Question::Firewall);
    assert_eq!((firewall.answer, firewall.finding.as_str()), (Answer::CouldNotCheck, "only root may see it"));
}

#[test]
fn texts_are_plain() {
    let results = [
        ProbeResult::Accepted,
        ProbeResult::Refused,
        ProbeResult::Rejected,
        ProbeResult::TimedOut,
        ProbeResult::HostUnreachable,
        ProbeResult::Reset,
        ProbeResult::Forbidden,
        ProbeResult::NoLocalPort,
    ];
    for verdict in results.map(|result| judge(&told(result))) {
        assert!(!verdict.headline.ends_with('.') && !verdict.next_step.ends_with('.'), "{verdict:?}");
        assert!(verdict.explanation.ends_with('.'), "{verdict:?}");
        for code in ["ECONN", "EACCES", "100", "os error"] {
            assert!(!verdict.headline.contains(code), "{verdict:?}");
        }
    }
}
