//! Questions about SQL Server: which instance, on which port, by which protocol. The port is asked of every service.

use super::super::{DEFAULT_INSTANCE, Facts, Item, PortFrom, Question};
use super::{answered, on_the_server, system};
use crate::diagnosis::wording::list;
use crate::machine::connect::{BrowserResult, SqlInstance, SqlServer};
use crate::machine::{System, visible};

const NOT_SQL: &str = "it is a question of SQL Server only";

pub(super) fn instance(facts: &Facts) -> Item {
    const QUESTION: Question = Question::Instance;
    if !facts.wanted.is_sql() {
        return Item::not_applicable(QUESTION, NOT_SQL);
    }
    match facts.wanted.named_instance() {
        Some(name) if facts.wanted.port_from == Some(PortFrom::Asked) => {
            Item::ok(QUESTION, format!("the named instance {}, at the port you named: nobody asks SQL Server Browser then", visible(name)))
        }
        Some(name) => Item::ok(QUESTION, format!("the named instance {}", visible(name)))
            .explained("A named instance has a port of its own, often another one after each start. Its clients ask SQL Server Browser for it, over UDP port 1434."),
        None => Item::ok(QUESTION, "the default instance")
            .explained("Clients of the default instance take port 1433 unless they are told another one; they ask nobody."),
    }
}

pub(super) fn browser(facts: &Facts) -> Item {
    const QUESTION: Question = Question::Browser;
    let wanted = &facts.wanted;
    if !wanted.is_sql() {
        return Item::not_applicable(QUESTION, NOT_SQL);
    }
    let Some(name) = wanted.named_instance() else {
        return Item::not_applicable(QUESTION, "only clients of named instances ask it");
    };
    if wanted.port_from == Some(PortFrom::Asked) {
        return Item::not_applicable(QUESTION, "the port is named, so no client asks it");
    }
    if wanted.pipe {
        return Item::not_applicable(QUESTION, "the pipe is named, so no client asks it");
    }
    let name = visible(name);
    answered(QUESTION, &facts.browser, |answer| {
        let source = format!("question to UDP {}", answer.at);
        match &answer.result {
            BrowserResult::Instances(all) => {
                let item = match named(facts, all) {
                    Some(SqlInstance { tcp: Some(port), .. }) => Item::ok(QUESTION, format!("it says that {name} has TCP port {port}")),
                    Some(_) => Item::problem(QUESTION, format!("it knows {name}, and no TCP port of it"))
                        .explained("The instance runs and does not take TCP.")
                        .next("Enable TCP/IP for the instance in SQL Server Configuration Manager and restart it"),
                    None => {
                        let others: Vec<String> = all.iter().map(|own| visible(&own.name)).collect();
                        let others = if others.is_empty() { "none".to_owned() } else { list(&others) };
                        Item::problem(QUESTION, format!("it knows no instance {name}; it knows {others}"))
                            .explained("The name is misspelt, the instance is on another computer, or it does not run.")
                            .next("Check the name of the instance, and whether its service runs")
                    }
                };
                all.iter().fold(item, |item, own| item.shown(in_words(own), source.clone()))
            }
            BrowserResult::Silent => Item::problem(QUESTION, "it does not answer")
                .explained(format!("The service SQL Server Browser does not run there, a firewall keeps UDP port 1434, or it knows no instance {name}: then it says nothing, too."))
                .next("Start SQL Server Browser on that computer and let UDP port 1434 in, or name the port of the instance")
                .shown("No answer came back", source),
            BrowserResult::Refused => Item::problem(QUESTION, "nobody receives on UDP port 1434: SQL Server Browser does not run")
                .next("Start SQL Server Browser on that computer, or name the port of the instance")
                .shown("The computer says that nobody receives there", source),
            BrowserResult::Nonsense(why) => Item::problem(QUESTION, format!("what answers is no SQL Server Browser: {}", visible(why)))
                .next("Find out which program has UDP port 1434 there")
                .shown(visible(why), source),
            BrowserResult::NotAsked(why) => Item::could_not(QUESTION, visible(why), "Name the port of the instance"),
        }
    })
}

/// The instance that is asked for, of those that SQL Server Browser knows.
pub(in super::super) fn named<'a>(facts: &Facts, all: &'a [SqlInstance]) -> Option<&'a SqlInstance> {
    let name = facts.wanted.instance.as_deref().unwrap_or(DEFAULT_INSTANCE);
    all.iter().find(|own| own.name.eq_ignore_ascii_case(name))
}

fn in_words(own: &SqlInstance) -> String {
    let version = own.version.as_deref().map(|version| format!(", version {}", visible(version))).unwrap_or_default();
    let tcp = own.tcp.map_or_else(|| "no TCP port".to_owned(), |port| format!("TCP port {port}"));
    let pipe = own.pipe.as_deref().map(|pipe| format!(", pipe {}", visible(pipe))).unwrap_or_default();
    format!("{} has {tcp}{pipe}{version}", visible(&own.name))
}

pub(super) fn tcp(facts: &Facts) -> Item {
    const QUESTION: Question = Question::Tcp;
    if !facts.wanted.is_sql() {
        return Item::not_applicable(QUESTION, NOT_SQL);
    }
    if let Some(item) = by_browser(facts) {
        return item;
    }
    on_the_server(QUESTION, facts, |here| {
        if here.host.system == System::Linux {
            return Item::ok(QUESTION, "SQL Server on Linux always takes TCP, and from other computers, too");
        }
        answered(QUESTION, &facts.sql_servers, |servers| {
            let Some(own) = instance_here(facts, servers) else {
                return Item::could_not(
                    QUESTION,
                    "the registry of this computer knows no such instance",
                    "Check the name of the instance",
                );
            };
            let pipes = match own.pipes {
                Some(true) => "; named pipes are enabled",
                Some(false) => "; named pipes are not",
                None => "",
            };
            let item = match own.tcp {
                Some(true) => Item::ok(QUESTION, format!("TCP is enabled{pipes}")),
                Some(false) => {
                    Item::problem(QUESTION, format!("TCP is not enabled, so no other computer gets in by a port{pipes}"))
                        .next("Enable TCP/IP for the instance in SQL Server Configuration Manager and restart it")
                }
                None => Item::could_not(
                    QUESTION,
                    "the registry does not tell whether TCP is enabled",
                    "SQL Server Configuration Manager",
                ),
            };
            item.shown(format!("Instance {}: TCP {}", visible(&own.instance), on_off(own.tcp)), own.source.clone())
        })
    })
}

fn by_browser(facts: &Facts) -> Option<Item> {
    let BrowserResult::Instances(all) = &facts.browser.seen()?.result else { return None };
    let own = named(facts, all)?;
    Some(match own.tcp {
        Some(_) => Item::ok(Question::Tcp, "SQL Server Browser names a TCP port, so it is"),
        None => Item::problem(Question::Tcp, "SQL Server Browser names no TCP port, so it is not")
            .next("Enable TCP/IP for the instance in SQL Server Configuration Manager and restart it"),
    })
}

const fn on_off(value: Option<bool>) -> &'static str {
    match value {
        Some(true) => "enabled",
        Some(false) => "not enabled",
        None => "not set",
    }
}

/// The settings of the instance that is asked for, on this computer.
pub(in super::super) fn instance_here<'a>(facts: &Facts, servers: &'a [SqlServer]) -> Option<&'a SqlServer> {
    let name = facts.wanted.instance.as_deref().unwrap_or(DEFAULT_INSTANCE);
    servers.iter().find(|own| own.instance.eq_ignore_ascii_case(name))
}

pub(super) fn protocol_order(facts: &Facts) -> Item {
    const QUESTION: Question = Question::ProtocolOrder;
    if !facts.wanted.is_sql() {
        return Item::not_applicable(QUESTION, NOT_SQL);
    }
    if system(facts) == Some(System::Linux) {
        return Item::not_applicable(QUESTION, "clients of SQL Server on Linux know TCP only");
    }
    answered(QUESTION, &facts.sql_client, |client| {
        if client.protocol_order.is_empty() {
            return Item::ok(QUESTION, "nobody changed it: shared memory, TCP, named pipes");
        }
        let order: Vec<String> = client.protocol_order.iter().map(|own| visible(&long_name(own))).collect();
        let place = |name: &str| client.protocol_order.iter().position(|own| own.eq_ignore_ascii_case(name));
        let source = client.source.clone().unwrap_or_else(|| "registry".to_owned());
        let item = match (place("tcp"), place("np")) {
            (None, _) => Item::problem(QUESTION, format!("{}: TCP is not among them", list(&order)))
                .next("Enable TCP/IP for clients in SQL Server Configuration Manager or cliconfg.exe"),
            (Some(tcp), Some(pipes)) if pipes < tcp => Item::ok(QUESTION, list(&order)).explained(
                "Named pipes are tried first. Where both do not work, the client tells the error of TCP, the last one it tried.",
            ),
            _ => Item::ok(QUESTION, list(&order)),
        };
        item.shown(format!("ProtocolOrder is {}", visible(&client.protocol_order.join(", "))), source)
    })
}

fn long_name(short: &str) -> String {
    match short.to_ascii_lowercase().as_str() {
        "sm" | "lpc" => "shared memory".to_owned(),
        "tcp" => "TCP".to_owned(),
        "np" => "named pipes".to_owned(),
        _ => short.to_owned(),
    }
}
