//! Listeners of Windows that take whatever port they are given: the DNS server's socket pool, and RPC.

use super::{Context, words};
use crate::diagnosis::Owner;
use crate::diagnosis::owner::windows::{DNS_PORT, is_dns_server};
use crate::machine::{Evidence, Protocol, System};

/// Why the listener has this port of all ports, in one or two sentences; `None` where it asked for the port, as most do.
pub(super) fn reason(context: &Context<'_>, owner: &Owner) -> Option<String> {
    if context.scene.snapshot.host.system != System::Windows {
        return None;
    }
    let port = context.port;
    if is_in_dns_pool(context, owner) {
        return Some(format!(
            "It takes thousands of UDP ports by chance when it starts, so that nobody can guess from which one it asks, and {port} \
             is not excluded from this socket pool."
        ));
    }
    if context.in_dynamic_range() != Some(true) || context.is_excluded() {
        return None;
    }
    let start = context.scene.snapshot.dynamic_range(context.protocol)?.range.start();
    let rpc = owner.protected.is_some() && context.protocol == Protocol::Tcp;
    let who = if rpc {
        "It asks Windows for any port when the computer starts (RPC), and got this one"
    } else {
        "It may have got this one"
    };
    Some(format!("{who} by chance, because the dynamic range starts at {start}{}.", context.and_not_excluded()))
}

/// Whether the DNS server has the port only because it fills its socket pool.
pub(super) fn is_in_dns_pool(context: &Context<'_>, owner: &Owner) -> bool {
    context.protocol == Protocol::Udp && context.port != DNS_PORT && is_dns_server(owner)
}

/// What the DNS server's pool is like.
pub(super) fn pool_fact(context: &Context<'_>, owner: &Owner) -> Option<Evidence> {
    let pool = context.scene.snapshot.windows.dns_socket_pool.as_ref().filter(|_| is_in_dns_pool(context, owner))?;
    let excluded = if pool.excluded.is_empty() { "no port".to_owned() } else { pool.excluded.short() };
    let fact = format!("The DNS server takes {} UDP ports of each family and leaves {excluded} alone", pool.size);
    Some(context.scene.fact(fact, "dnscmd /Info /SocketPoolSize and /SocketPoolExcludedPortRanges", None))
}

/// The registry value that widens the dynamic range, where it does.
pub(super) fn max_user_port_fact(context: &Context<'_>) -> Option<Evidence> {
    let value = context.scene.snapshot.windows.max_user_port.filter(|_| context.protocol == Protocol::Tcp)?;
    let range = context.scene.snapshot.dynamic_range(context.protocol).map(|range| words::span(range.range))?;
    let fact = format!("The registry value MaxUserPort is {value}, which makes the dynamic range {range}");
    Some(context.scene.fact(fact, r"HKLM\SYSTEM\CurrentControlSet\Services\Tcpip\Parameters", None))
}
