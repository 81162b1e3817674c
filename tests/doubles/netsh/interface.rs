//! `netsh interface ipv4|ipv6`: dynamic ranges and exclusions.

use std::net::{Ipv4Addr, SocketAddrV4, TcpListener, UdpSocket};

use crate::language::Say;
use crate::state::{Block, Range, State};
use crate::{Answer, full, parameters};

/// Runs one command; `None` where there is no such.
pub fn run(family: &str, words: &[String], state: &mut State) -> Option<Answer> {
    let [verb, table, rest @ ..] = words else { return None };
    let verb = full(verb, &["show", "add", "delete", "set"])?;
    let table = full(table, &["excludedportrange", "dynamicport", "dynamicportrange"])?;
    match (verb, table) {
        ("show", _) => {
            let [protocol, store] = parameters(rest, &["protocol", "store"])?.try_into().ok()?;
            let (protocol, store) = (protocol.as_deref().and_then(protocol_of)?, store_of(store.as_deref(), "active")?);
            Some(Ok(if table == "excludedportrange" {
                show_excluded(protocol, store, state)
            } else {
                show_dynamic(family, protocol, store, state)
            }))
        }
        ("set", "dynamicport" | "dynamicportrange") | ("add" | "delete", "excludedportrange") => {
            let [protocol, start, count, store] =
                parameters(rest, &["protocol", "startport", "numberofports", "store"])?.try_into().ok()?;
            let protocol = protocol.as_deref().and_then(protocol_of)?;
            let store = store_of(store.as_deref(), "persistent")?;
            if state.has("denied") {
                return Some(Err(Say::Denied));
            }
            let ports = (start?.parse().ok(), count?.parse().ok());
            let (Some(start), Some(count)) = ports else { return Some(Err(Say::WrongParameter)) };
            let done = match verb {
                "set" => set_dynamic(family, protocol, store, (start, count), state),
                "add" => add(protocol, store, (start, count), state),
                _ => delete(protocol, store, (start, count), state),
            };
            state.changed = true;
            Some(done.map(|()| state.language.ok()))
        }
        _ => None,
    }
}

fn protocol_of(word: &str) -> Option<&'static str> {
    ["tcp", "udp"].into_iter().find(|own| own.eq_ignore_ascii_case(word))
}

fn store_of(word: Option<&str>, usual: &'static str) -> Option<&'static str> {
    word.map_or(Some(usual), |word| full(word, &["active", "persistent"]))
}

/// The stores that a change of `store` is for: what is kept for the next start counts at once as well.
fn stores(store: &str) -> &'static [&'static str] {
    if store == "active" { &["active"] } else { &["active", "persistent"] }
}

fn show_excluded(protocol: &str, store: &str, state: &State) -> Vec<u8> {
    let mut text = state.language.excluded_heading(protocol);
    if state.has("garbled") {
        text.retain(|byte| *byte != b'-');
    }
    for block in state.blocks.iter().filter(|block| block.protocol == protocol && block.store == store) {
        let star = if block.administered { "     *" } else { "      " };
        text.extend(format!("{:>10}{:>12}{star}\r\n", block.start, block.end).bytes());
    }
    text.extend(state.language.footnote());
    text
}

fn show_dynamic(family: &str, protocol: &str, store: &str, state: &mut State) -> Vec<u8> {
    let (mut text, start_label, count_label) = state.language.dynamic(protocol);
    let Some(Range { start, count, .. }) = state.range(family, protocol, store) else { return text };
    text.extend([start_label, start.to_string().as_bytes(), b"\r\n"].concat());
    text.extend([count_label, count.to_string().as_bytes(), b"\r\n\r\n"].concat());
    text
}

fn set_dynamic(family: &str, protocol: &str, store: &str, (start, count): (u32, u32), state: &mut State) -> Result<(), Say> {
    if start < 1025 || count < 255 || start + count > 65536 {
        return Err(Say::WrongParameter);
    }
    if state.has("lies") {
        return Ok(());
    }
    for store in stores(store) {
        if let Some(range) = state.range(family, protocol, store) {
            (range.start, range.count) = (start, count);
        }
    }
    Ok(())
}

fn add(protocol: &str, store: &str, (start, count): (u32, u32), state: &mut State) -> Result<(), Say> {
    let end = start.saturating_add(count).saturating_sub(1);
    if start == 0 || count == 0 || end > 65535 {
        return Err(Say::WrongParameter);
    }
    let overlaps = |block: &&Block| {
        block.protocol == protocol && stores(store).contains(&block.store.as_str()) && block.start <= end && start <= block.end
    };
    if state.blocks.iter().any(|block| overlaps(&block)) || (start..=end).any(|port| is_used(protocol, port, state)) {
        return Err(Say::InUse);
    }
    if state.has("lies") {
        return Ok(());
    }
    for store in stores(store) {
        let (protocol, store) = (protocol.to_owned(), (*store).to_owned());
        state.blocks.push(Block { protocol, store, start, end, administered: true });
    }
    Ok(())
}

/// Whether a program has the port, as the kernel knows it.
fn is_used(protocol: &str, port: u32, state: &State) -> bool {
    if state.hidden.iter().any(|hidden| hidden.0 == protocol && hidden.1 == port) {
        return true;
    }
    let Ok(port) = u16::try_from(port) else { return true };
    let everywhere = SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, port);
    if protocol == "tcp" { TcpListener::bind(everywhere).is_err() } else { UdpSocket::bind(everywhere).is_err() }
}

/// Only a block as it was added can be deleted, and only an administrator's.
fn delete(protocol: &str, store: &str, (start, count): (u32, u32), state: &mut State) -> Result<(), Say> {
    let end = start.saturating_add(count).saturating_sub(1);
    let is_meant = |block: &Block| block.protocol == protocol && block.start == start && block.end == end;
    let Some(block) = state.blocks.iter().find(|block| is_meant(block) && block.store == store) else {
        return Err(Say::NoSuchThing);
    };
    if !block.administered {
        return Err(Say::Denied);
    }
    if !state.has("lies") {
        state.blocks.retain(|block| !(is_meant(block) && stores(store).contains(&block.store.as_str())));
    }
    Ok(())
}
