//! Are the settings that only Windows has as the option promised?

use super::{Check, CheckOutcome, Operation, Proof, passed, row};
use crate::machine::{Snapshot, visible};

pub(super) fn checks(proof: &Proof<'_>) -> Vec<Check> {
    proof.operations().filter_map(|operation| check(proof, operation)).collect()
}

fn check(proof: &Proof<'_>, operation: &Operation) -> Option<Check> {
    let (before, after) = (proof.before, proof.after);
    Some(match operation {
        Operation::DeletePortproxy { rule } => {
            let there = |look: &Snapshot| look.windows.portproxy.contains(rule);
            let words = |there: bool| if there { "there" } else { "not there" }.to_owned();
            let what = format!("Portproxy rule for {}:{}", visible(&rule.listen_address), rule.listen_port);
            let gone = !there(after);
            row(what, words(there(before)), words(!gone), passed(gone), "netsh interface portproxy show all")
        }
        Operation::ExcludeFromDnsPool { ports } => {
            let list = |look: &Snapshot| look.windows.dns_socket_pool.as_ref().map(|pool| pool.excluded.clone());
            let words = |look: &Snapshot| list(look).map_or_else(|| "not seen".to_owned(), |list| list.short());
            let outcome = list(after).map_or(CheckOutcome::CouldNotCheck, |list| passed(ports.difference(&list).is_empty()));
            let what = "UDP ports the DNS server leaves alone".to_owned();
            row(what, words(before), words(after), outcome, "dnscmd /Info /SocketPoolExcludedPortRanges")
        }
        Operation::SetRpcPort { service, port } => {
            let fixed = |look: &Snapshot| look.windows.rpc_ports.iter().find(|own| own.service == *service).map(|own| own.port);
            let words = |look: &Snapshot| fixed(look).map_or_else(|| "not fixed".to_owned(), |port| port.to_string());
            let what = format!("RPC port of {}, after a restart", service.as_str());
            row(what, words(before), words(after), passed(fixed(after) == Some(*port)), "registry")
        }
        Operation::RemoveMaxUserPort => {
            let words =
                |look: &Snapshot| look.windows.max_user_port.map_or_else(|| "not set".to_owned(), |value| value.to_string());
            let gone = after.windows.max_user_port.is_none();
            row("Registry value MaxUserPort".to_owned(), words(before), words(after), passed(gone), "registry")
        }
        _ => return None,
    })
}
