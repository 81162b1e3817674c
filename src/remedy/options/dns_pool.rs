//! The DNS server has taken the port for its socket pool: it is told to leave the ports of the service alone.

use crate::diagnosis::owner::windows::{DNS_PORT, is_dns_server};
use crate::machine::{PortRange, PortSet, Protocol, System};
use crate::remedy::planner::Planner;
use crate::remedy::step::unit_name;
use crate::remedy::{FixOption, Operation};

/// The DNS server's service.
const DNS_SERVICE: &str = "DNS";

/// `None` where somebody else is in the way too, or the service manager cannot be asked.
pub(super) fn option(planner: &Planner<'_>) -> Option<FixOption> {
    let owners = &planner.diagnosis.owners;
    let in_pool = planner.protocol() == Protocol::Udp && planner.port() != DNS_PORT && owners.iter().all(is_dns_server);
    let host = &planner.snapshot.host;
    if owners.is_empty() || !in_pool || host.system != System::Windows || !host.service_manager {
        return None;
    }
    let ports = wanted_ports(planner);
    let dns = unit_name(DNS_SERVICE, planner.snapshot);
    let mut steps = vec![
        planner.step(Operation::ExcludeFromDnsPool { ports: ports.clone() }),
        planner.step(Operation::RestartService { service: DNS_SERVICE.to_owned() }),
    ];
    steps.extend(planner.exclusion());
    let steps = planner.then_start(steps);
    let title = format!("Keep {dns} from UDP {}{}", ports.short(), planner.and_start());
    let effect = format!(
        "{dns} starts anew, answers nobody for some seconds, and takes other ports for its questions from then on, also after a restart of \
         the computer. Its protection against forged answers stays as it is."
    );
    Some(planner.option(title, effect, steps, dns))
}

/// Every UDP port that the service wants: the next start of the DNS server could take another of them.
fn wanted_ports(planner: &Planner<'_>) -> PortSet {
    let known = planner.service.map(|service| service.ports.as_slice()).unwrap_or_default();
    let udp = known.iter().filter(|known| known.protocol == Protocol::Udp && known.port != DNS_PORT).map(|known| known.port);
    udp.chain([planner.port()]).map(PortRange::single).collect()
}
