//! What leads a client elsewhere before it asks for anything: hosts file, aliases, proxies.

use std::net::IpAddr;

use super::super::{Facts, Item, Question};
use super::{answered, got_through, system};
use crate::diagnosis::wording::list;
use crate::machine::connect::{ClientAlias, HostsEntry, Opening, ProxySetting};
use crate::machine::{System, visible};

pub(super) fn hosts(facts: &Facts) -> Item {
    const QUESTION: Question = Question::Hosts;
    let host = &facts.wanted.host;
    if facts.wanted.address().is_some() {
        return Item::not_applicable(QUESTION, "an address was asked for, and the hosts file is for names");
    }
    answered(QUESTION, &facts.redirects, |redirects| {
        let own: Vec<&HostsEntry> = redirects.hosts.iter().filter(|entry| entry.is_for(host)).collect();
        if own.is_empty() {
            return Item::ok(QUESTION, format!("it has no line for {}", visible(host)));
        }
        let addresses: Vec<String> = own.iter().map(|entry| entry.address.to_string()).collect();
        let finding = format!("it says that {} has {}, whatever DNS says", visible(host), list(&addresses));
        let leads_away = own.iter().any(|entry| leads_away(facts, entry));
        let item = if leads_away { Item::problem(QUESTION, finding) } else { Item::ok(QUESTION, finding) };
        let item = own.iter().fold(item, |item, entry| {
            item.shown(format!("{} {}", entry.address, visible(&entry.names.join(" "))), entry.source.clone())
        });
        if leads_away {
            item.explained("A line in the hosts file counts before DNS, on this computer only. One that was left behind leads to an old address.")
                .next("Take the line out if it is out of date")
        } else {
            item
        }
    })
}

/// Whether a line of the hosts file may be why the connection does not come about. That a computer knows itself by it is usual.
pub(in super::super) fn leads_away(facts: &Facts, entry: &HostsEntry) -> bool {
    let own_name = facts.here.seen().is_some_and(|here| entry.is_for(&here.host.name) || entry.is_for("localhost"));
    !(got_through(facts) || own_name && facts.is_own(entry.address) == Some(true))
}

pub(super) fn alias(facts: &Facts) -> Item {
    const QUESTION: Question = Question::Alias;
    if !facts.wanted.is_sql() {
        return Item::not_applicable(QUESTION, "only clients of SQL Server have such aliases");
    }
    if system(facts) == Some(System::Linux) {
        return Item::not_applicable(QUESTION, "only clients of SQL Server on Windows have such aliases");
    }
    answered(QUESTION, &facts.sql_client, |client| {
        let Some(own) = alias_of(facts, &client.aliases) else {
            let others = client.aliases.len();
            let beside = if others == 0 { "none is set".to_owned() } else { format!("none of {others} is for it") };
            return Item::ok(QUESTION, beside);
        };
        let finding = format!("the alias {} leads to {}", visible(&own.name), target(own));
        let item = if is_elsewhere(facts, own) {
            Item::problem(QUESTION, finding)
                .explained("A client of SQL Server that finds an alias asks nobody else: neither DNS nor SQL Server Browser. Its port does not follow when the instance moves.")
                .next("Correct the alias in SQL Server Configuration Manager or cliconfg.exe, or remove it")
        } else {
            Item::ok(QUESTION, finding)
        };
        item.shown(format!("{} = {}", visible(&own.name), target(own)), own.source.clone())
    })
}

/// The alias for what is asked for: `db1`, or `db1\SALES`.
pub(in super::super) fn alias_of<'a>(facts: &Facts, aliases: &'a [ClientAlias]) -> Option<&'a ClientAlias> {
    let wanted = &facts.wanted;
    let with_instance = wanted.instance.as_deref().map(|instance| format!(r"{}\{instance}", wanted.host));
    let is_meant = |alias: &&ClientAlias| {
        let name = alias.name.as_str();
        name.eq_ignore_ascii_case(&wanted.host) || with_instance.as_deref().is_some_and(|own| name.eq_ignore_ascii_case(own))
    };
    aliases.iter().find(is_meant)
}

/// Whether the alias leads to another computer or port than the one that is asked for.
pub(in super::super) fn is_elsewhere(facts: &Facts, alias: &ClientAlias) -> bool {
    let same_host = alias.host.eq_ignore_ascii_case(&facts.wanted.host)
        || alias.host.parse::<IpAddr>().is_ok_and(|address| facts.addresses().contains(&address));
    let same_port = alias.port.is_none_or(|port| facts.wanted.port.is_none_or(|wanted| wanted == port));
    alias.is_pipe || !same_host || !same_port
}

/// Where the alias leads, for people.
pub(in super::super) fn target(alias: &ClientAlias) -> String {
    let host = visible(&alias.host);
    match (alias.is_pipe, alias.port) {
        (true, _) => format!("a named pipe of {host}"),
        (false, Some(port)) => format!("port {port} of {host}"),
        (false, None) => host,
    }
}

pub(super) fn proxy(facts: &Facts) -> Item {
    const QUESTION: Question = Question::Proxy;
    answered(QUESTION, &facts.redirects, |redirects| {
        let set: Vec<&ProxySetting> = redirects.proxies.iter().collect();
        if set.is_empty() {
            return Item::ok(QUESTION, "none is set");
        }
        let names: Vec<String> = set.iter().map(|proxy| visible(&proxy.name)).collect();
        let speaks_http = matches!(super::super::opening(&facts.wanted), Opening::Http | Opening::Tls);
        let asks_it: Vec<&&ProxySetting> = set.iter().filter(|proxy| !leaves_out(proxy, &facts.wanted.host)).collect();
        let item = if !speaks_http {
            Item::not_applicable(QUESTION, format!("{} is set, and only programs that speak HTTP ask a proxy", list(&names)))
        } else if asks_it.is_empty() {
            Item::ok(QUESTION, format!("{} is set, and leaves {} out", list(&names), visible(&facts.wanted.host)))
        } else {
            let finding = format!("programs that follow {} ask a proxy in place of the computer", list(&names));
            let answer = if got_through(facts) { Item::ok(QUESTION, finding) } else { Item::problem(QUESTION, finding) };
            answer
                .explained(
                    "PortMedic asks the computer itself. Where that works and the program does not, the proxy is what refuses.",
                )
                .next(format!("Add {} to the hosts that the proxy leaves out", visible(&facts.wanted.host)))
        };
        set.iter().fold(item, |item, proxy| {
            item.shown(format!("{} is {}", visible(&proxy.name), visible(&proxy.value)), proxy.source.clone())
        })
    })
}

/// Whether the setting leaves this host out: by name, by ending (`.corp.example`, `*.corp.example`), or `<local>` for names without a dot.
fn leaves_out(proxy: &ProxySetting, host: &str) -> bool {
    let host = host.trim_end_matches('.').to_lowercase();
    proxy.except.iter().any(|except| {
        let except = except.trim().to_lowercase();
        match except.as_str() {
            "*" => true,
            "<local>" => !host.contains('.'),
            _ => {
                let ending = except.trim_start_matches('*').trim_start_matches('.');
                host == ending || (!ending.is_empty() && host.ends_with(&format!(".{ending}")))
            }
        }
    })
}
