//! A portproxy rule for the port of a service: iphlpsvc listens there from the start of Windows on.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::{FixedPort, Likelihood, Risk, RiskKind, Scene, port_name, risk};
use crate::diagnosis::owner::windows::IP_HELPER;
use crate::machine::{Family, KnownFrom, PortproxyRule, Protocol, visible};

pub(super) fn lint(scene: &Scene<'_>, port: &FixedPort<'_>) -> Option<Risk> {
    let service = port.service.filter(|_| port.protocol == Protocol::Tcp)?;
    // The service of the rules has the port because of the rule.
    if service.name.eq_ignore_ascii_case(IP_HELPER) {
        return None;
    }
    let rule = scene.snapshot.windows.portproxy.iter().find(|rule| rule.listen_port == port.port && meets(rule, port.address))?;
    let likelihood = if port.starts_by_itself() && port.known_from != KnownFrom::Catalogue {
        Likelihood::Certain
    } else {
        Likelihood::Possible
    };
    let listens = format!("{}:{}", visible(&rule.listen_address), rule.listen_port);
    let why = format!(
        "{} needs {} (from {}), and a portproxy rule for {listens} passes connections on to {}:{}. Its service (iphlpsvc) starts with \
         Windows: the quicker one gets the port.",
        port.name,
        port_name(port),
        port.known_from.as_str(),
        visible(&rule.connect_address),
        rule.connect_port
    );
    let rival = Some(format!("the portproxy rule for {listens}"));
    Some(Risk { rival, rule: Some(rule.clone()), ..risk(port, RiskKind::Portproxy, likelihood, why) })
}

/// Whether the rule and the service ask for the same address.
fn meets(rule: &PortproxyRule, address: Option<IpAddr>) -> bool {
    let wild = match rule.listen_family {
        Family::Ipv4 => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
        Family::Ipv6 => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
    };
    match address {
        None => true,
        Some(address) if Family::of(address) != rule.listen_family => false,
        Some(address) => address.is_unspecified() || rule.listens_on(address) || rule.listens_on(wild),
    }
}
