//! What stops a connection before the port is asked: the name, an alias, the instance, this computer itself.

use super::super::items::{
    alias_of, alias_target, hosts_lead_away, instance_here, is_elsewhere, keeps, named, obstacle, other_name, rule_text,
};
use super::super::{Facts, Question, Wanted};
use super::{ConnectCause, ConnectVerdict, place};
use crate::diagnosis::Confidence;
use crate::diagnosis::wording::capital;
use crate::machine::connect::{BrowserResult, NameProblem, ProbeResult, SqlServer};
use crate::machine::visible;

pub(super) fn name(facts: &Facts) -> Option<ConnectVerdict> {
    let lookup = facts.name.seen()?;
    if !lookup.addresses.is_empty() {
        return None;
    }
    let host = visible(&facts.wanted.host);
    let verdict = |cause, confidence| ConnectVerdict::new(cause, confidence, &[Question::Name, Question::Hosts]);
    Some(match lookup.problem {
        Some(NameProblem::NoAnswer) => verdict(ConnectCause::NameNotAnswered, Confidence::Certain).says(
            format!("Nobody told the address of {host}"),
            "No name server answered. Whether the name is right is not known.",
            "Check the connection to the name servers of this computer",
        ),
        Some(NameProblem::NoInterface) => verdict(ConnectCause::NotReachable, Confidence::Certain).says(
            format!("This computer has no network interface as {host} names it"),
            "Such an address exists in every network, and the interface behind it tells which one is meant.",
            "Write an interface of this computer behind the address",
        ),
        Some(NameProblem::Other(_)) => verdict(ConnectCause::NameNotAnswered, Confidence::Likely).says(
            format!("The address of {host} could not be found out"),
            "The system could not look the name up.",
            "Try the address in place of the name",
        ),
        Some(NameProblem::Unknown) | None => verdict(ConnectCause::NameUnknown, Confidence::Certain).says(
            format!("Nobody knows a computer called {host}"),
            "The name has no address, neither in the hosts file nor in DNS. So no client gets as far as the port.",
            "Correct the name, or enter it in DNS",
        ),
    })
}

pub(super) fn alias(facts: &Facts) -> Option<ConnectVerdict> {
    if !facts.wanted.is_sql() {
        return None;
    }
    let client = facts.sql_client.seen()?;
    let own = alias_of(facts, &client.aliases).filter(|own| is_elsewhere(facts, own))?;
    let verdict = ConnectVerdict::new(ConnectCause::Alias, Confidence::Likely, &[Question::Alias]);
    Some(verdict.says(
        format!("An alias on this computer leads {} elsewhere", visible(&own.name)),
        format!(
            "Clients of SQL Server on this computer that ask for {} go to {}, whatever DNS and SQL Server Browser say.",
            visible(&own.name),
            alias_target(own)
        ),
        "Correct or remove the alias",
    ))
}

pub(super) fn pipe(facts: &Facts) -> Option<ConnectVerdict> {
    facts.wanted.pipe.then(|| {
        ConnectVerdict::new(ConnectCause::NamedPipe, Confidence::CannotTell, &[Question::Tcp, Question::ProtocolOrder]).says(
            "A named pipe was asked for, and no port",
            "Named pipes go over the port of file shares, with the rights of file shares. The checklist of ports does not apply.",
            "Ask by TCP (tcp: in front of the name), or check the port 445 of that computer",
        )
    })
}

pub(super) fn browser(facts: &Facts) -> Option<ConnectVerdict> {
    let answer = facts.browser.seen()?;
    let instance = visible(facts.wanted.named_instance()?);
    let host = visible(&facts.wanted.host);
    let questions = [Question::Browser, Question::Instance];
    let verdict = |cause, confidence| ConnectVerdict::new(cause, confidence, &questions);
    match &answer.result {
        BrowserResult::Instances(all) => match named(facts, all) {
            Some(own) if own.tcp.is_none() => Some(tcp_off(&facts.wanted, &questions)),
            Some(_) => None,
            None => Some(verdict(ConnectCause::InstanceUnknown, Confidence::Certain).says(
                format!("{host} has no instance {instance} that runs"),
                "SQL Server Browser answers there and does not know the instance.",
                "Check the name of the instance, and whether its service runs",
            )),
        },
        // The instance is known to run: its Browser is what is missing.
        BrowserResult::Silent | BrowserResult::Refused => {
            let refused = answer.result == BrowserResult::Refused;
            let why = if refused {
                "SQL Server Browser does not run there, and without it a client does not find the port of a named instance."
            } else {
                "SQL Server Browser does not run there, UDP port 1434 is kept by a firewall, or it does not know the instance."
            };
            // As a second word it may have been meant for something else; db1\SALES is nothing but an instance.
            let taken = if facts.wanted.asked.contains('\\') {
                String::new()
            } else {
                format!(" {instance} is no product that PortMedic knows, so it was taken for an instance of SQL Server.")
            };
            Some(verdict(ConnectCause::BrowserSilent, if refused { Confidence::Certain } else { Confidence::Likely }).says(
                format!("Nobody on {host} tells the port of the instance {instance}"),
                format!("{why}{taken}"),
                "Start SQL Server Browser there and let UDP port 1434 in, or name the port",
            ))
        }
        BrowserResult::Nonsense(_) => Some(verdict(ConnectCause::BrowserSilent, Confidence::Likely).says(
            format!("What answers in the place of SQL Server Browser on {host} is something else"),
            "Another program has its UDP port 1434, so no client finds the port of a named instance.",
            "Find out which program has UDP port 1434 there",
        )),
        BrowserResult::NotAsked(_) => None,
    }
}

fn tcp_off(wanted: &Wanted, questions: &[Question]) -> ConnectVerdict {
    let instance = visible(wanted.instance.as_deref().unwrap_or(super::super::DEFAULT_INSTANCE));
    ConnectVerdict::new(ConnectCause::TcpDisabled, Confidence::Certain, &[&[Question::Tcp], questions].concat()).says(
        format!("The instance {instance} takes no connections over TCP"),
        "It runs, and TCP is not enabled for it. New installations of some editions begin so.",
        "Enable TCP/IP for the instance in SQL Server Configuration Manager and restart it",
    )
}

pub(super) fn tcp(facts: &Facts) -> Option<ConnectVerdict> {
    facts.server()?;
    let own: &SqlServer = instance_here(facts, facts.sql_servers.seen()?)?;
    (facts.wanted.is_sql() && own.tcp == Some(false)).then(|| tcp_off(&facts.wanted, &[Question::Port]))
}

/// The packet never left this computer.
pub(super) fn no_way_out(facts: &Facts) -> Option<ConnectVerdict> {
    let has = |result| facts.probes().iter().any(|probe| probe.result == result);
    // A computer without IPv6 has no port for it either; where another address answers, there are ports.
    if has(ProbeResult::NoLocalPort) && !has(ProbeResult::Accepted) {
        return Some(ConnectVerdict::new(ConnectCause::NoLocalPort, Confidence::Certain, &[Question::Answer]).says(
            "This computer has no port left for the connection",
            "Every outgoing connection needs a port of its own, and the dynamic range has none left for this destination. The other side was never asked.",
            "Find out who uses them up: portmedic exhaustion",
        ));
    }
    if has(ProbeResult::Forbidden) && !has(ProbeResult::Accepted) {
        let by = match obstacle(facts) {
            Some(found) => format!("{}: {}.", keeps(&found), rule_text(&found)),
            None => "A firewall or a security program of this computer does not allow it.".to_owned(),
        };
        return Some(
            ConnectVerdict::new(ConnectCause::FirewallOut, Confidence::Certain, &[Question::Answer, Question::Firewall]).says(
                format!("This computer does not let programs out to {}", place(facts)),
                capital(&by),
                "Change the rule for outgoing connections on this computer",
            ),
        );
    }
    None
}

/// The name leads to a computer that is not meant.
pub(super) fn wrong_computer(facts: &Facts) -> Option<ConnectVerdict> {
    let tried = !facts.probes().is_empty() && facts.probes().iter().all(|probe| probe.result != ProbeResult::Accepted);
    if !tried {
        return None;
    }
    let host = visible(&facts.wanted.host);
    if let Some(entry) = hosts_lead_away(facts) {
        return Some(
            ConnectVerdict::new(
                ConnectCause::HostsFile,
                Confidence::Likely,
                &[Question::Hosts, Question::Name, Question::Answer],
            )
            .says(
                format!("The hosts file of this computer leads {host} to {}", entry.address),
                format!(
                    "That line counts before DNS, and {} does not take the connection. Other computers may be led elsewhere.",
                    place(facts)
                ),
                format!("See whether {} is right, and take the line out where it is not", entry.address),
            ),
        );
    }
    let other = other_name(facts)?;
    Some(
        ConnectVerdict::new(ConnectCause::WrongComputer, Confidence::Likely, &[Question::Back, Question::Name, Question::Answer])
            .says(
                format!("The name {host} seems to lead to another computer, {}", visible(other)),
                "The address leads back to another name, and nobody takes the connection there.",
                format!("See on {host} which address it has, and correct DNS where it is another one"),
            ),
    )
}
