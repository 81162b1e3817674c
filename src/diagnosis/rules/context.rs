//! What the rules look at: the facts about one port, sorted by whether they stand in the service's way.

use std::net::IpAddr;

use super::Certainty;
use crate::diagnosis::judge::{Answer, in_the_way, judge};
use crate::diagnosis::owner::{blocking_order, owners_of_socket};
use crate::diagnosis::wording::port_name;
use crate::diagnosis::{Owner, Symptom, holder_name, wanted_name};
use crate::machine::{FailureKind, Port, Protocol, Service, Snapshot, Socket, StartFailure, Store, System, Table};

/// The trouble without a port: what some rules need only.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scene<'a> {
    pub(super) snapshot: &'a Snapshot,
    pub(super) symptom: &'a Symptom,
    /// The service that does not work.
    pub(super) service: Option<&'a Service>,
}

impl<'a> Scene<'a> {
    pub(super) fn new(snapshot: &'a Snapshot, symptom: &'a Symptom) -> Self {
        let service = symptom.service.as_deref().and_then(|name| snapshot.service(name));
        Self { snapshot, symptom, service }
    }

    /// What the log or the pasted text says.
    pub(super) fn failure(&self) -> Option<&'a StartFailure> {
        self.symptom.failure.as_ref().or_else(|| self.service.and_then(|service| service.failure.as_ref()))
    }

    /// The local address that the service wants; `None` for every address, or where it is not told.
    pub(super) fn address(&self) -> Option<IpAddr> {
        let local = |failure: &&StartFailure| !failure.kind.is_of_a_client();
        self.symptom.address.or_else(|| self.failure().filter(local).and_then(|failure| failure.address))
    }

    /// Whether this computer has the address; `None` where its addresses were not read.
    pub(super) fn has_address(&self, address: IpAddr) -> Option<bool> {
        let address = address.to_canonical();
        let everywhere = address.is_unspecified() || address.is_loopback();
        let known = &self.snapshot.addresses;
        (everywhere || !known.is_empty()).then(|| everywhere || known.contains(&address))
    }

    pub(super) fn says(&self, kind: FailureKind) -> bool {
        self.failure().is_some_and(|failure| failure.kind == kind)
    }

    /// Whether the service is known to be in trouble.
    pub(super) fn is_failing(&self) -> bool {
        self.service.is_some_and(Service::is_failing)
    }

    /// The service's name for a sentence.
    pub(super) fn wanted(&self) -> Option<String> {
        wanted_name(self.snapshot, self.symptom)
    }

    /// The service's name, or "a server" where no service is known.
    pub(super) fn server(&self) -> String {
        self.wanted().unwrap_or_else(|| "a server".to_owned())
    }

    /// Whether the computer runs Windows.
    pub(super) fn is_windows(&self) -> bool {
        self.snapshot.host.system == System::Windows
    }

    /// What a service is called there, beside its name.
    pub(super) fn service_noun(&self) -> &'static str {
        if self.is_windows() { "service" } else { "unit" }
    }

    /// What hands out ports, in the words of the people of that system.
    pub(super) const fn kernel(&self) -> &'static str {
        match self.snapshot.host.system {
            System::Linux => "the kernel",
            System::Windows => "Windows",
        }
    }
}

/// A socket in the way, and everybody who has it.
#[derive(Debug, Clone)]
pub(super) struct Holder<'a> {
    pub(super) socket: &'a Socket,
    pub(super) owners: Vec<Owner>,
}

/// One port of one protocol, as the rules see it.
#[derive(Debug, Clone)]
pub(super) struct Context<'a> {
    pub(super) scene: Scene<'a>,
    pub(super) port: Port,
    pub(super) protocol: Protocol,
    /// What the bind test says.
    pub(super) answer: Answer,
    /// The sockets in the way, the one that blocks first in front.
    pub(super) holders: Vec<Holder<'a>>,
    /// Sockets on the port that are not in the way: another address, IPv6 only, or the system gave the port all the same.
    pub(super) beside: Vec<Holder<'a>>,
}

impl<'a> Context<'a> {
    pub(super) fn new(scene: Scene<'a>, port: Port, protocol: Protocol) -> Self {
        let address = scene.address();
        let answer = judge(scene.snapshot, port, protocol, address);
        let mut sockets: Vec<&Socket> = scene.snapshot.sockets_on(port, protocol).collect();
        sockets.sort_by_key(|socket| blocking_order(socket.state));
        let holders = sockets.into_iter().map(|socket| Holder { socket, owners: owners_of_socket(scene.snapshot, socket) });
        // Where the system gives the port, no socket is in the way, whatever the table shows.
        let blocks = |holder: &Holder<'_>| answer != Answer::Free && in_the_way(holder.socket, address);
        let (holders, beside) = holders.partition(blocks);
        Self { scene, port, protocol, answer, holders, beside }
    }

    /// The port as it stands in a sentence.
    pub(super) fn port_name(&self) -> String {
        port_name(self.port, self.protocol)
    }

    /// The listeners in the way.
    pub(super) fn listeners(&self) -> impl Iterator<Item = &Holder<'a>> {
        self.holders.iter().filter(|holder| holder.socket.is_listener())
    }

    /// The holders that a remedy has to deal with: the listeners, else everything in the way.
    pub(super) fn deciding(&self) -> Vec<&Holder<'a>> {
        let listeners: Vec<_> = self.listeners().collect();
        if listeners.is_empty() { self.holders.iter().collect() } else { listeners }
    }

    /// Whether `owner` belongs to the service that does not work.
    pub(super) fn is_own(&self, owner: &Owner) -> bool {
        self.scene.service.is_some_and(|service| {
            owner.service.as_ref() == Some(&service.name) || owner.pid.is_some_and(|pid| service.pids.contains(&pid))
        })
    }

    /// A holder's name for a sentence.
    pub(super) fn name_of(&self, owner: &Owner) -> String {
        holder_name(self.scene.snapshot, owner)
    }

    /// Whether the system may hand the port to any client; `None` where the ranges were not read.
    pub(super) fn in_dynamic_range(&self) -> Option<bool> {
        self.scene.snapshot.dynamic_range(self.protocol).map(|range| range.range.contains(self.port))
    }

    /// Whether the running system keeps the port from clients.
    pub(super) fn is_excluded(&self) -> bool {
        self.scene.snapshot.excluded(self.protocol, Store::Active).contains(self.port)
    }

    /// That the port is not excluded, as the end of a sentence; nothing where the exclusions were not seen.
    pub(super) fn and_not_excluded(&self) -> String {
        if self.scene.snapshot.shows(Table::Exclusions) { format!(" and {} is not excluded", self.port) } else { String::new() }
    }

    /// How sure a verdict of the form "somebody holds the port" is.
    pub(super) fn certainty(&self) -> Certainty {
        let listens = self.listeners().next().is_some();
        if self.scene.says(FailureKind::NotAPort) {
            return Certainty::likely("the log gives another reason as well");
        }
        if self.scene.address().is_none() && self.only_ipv6() {
            return Certainty::likely("only IPv6 is taken, and it is not known which address the service wants");
        }
        match self.answer {
            Answer::InUse | Answer::Denied => Certainty::Certain,
            Answer::FreeWithReuse => Certainty::likely("servers that set SO_REUSEADDR, as most do, get the port"),
            // A listener in the table is a proof of its own: two cannot listen on one address.
            Answer::NotAsked | Answer::Unclear if listens => Certainty::Certain,
            Answer::NotAsked => Certainty::likely("no bind test was made"),
            Answer::Unclear | Answer::NotLocal | Answer::Exhausted | Answer::Free => {
                Certainty::likely("the bind test could not tell")
            }
        }
    }

    /// Whether every socket in the way leaves IPv4 alone.
    fn only_ipv6(&self) -> bool {
        !self.holders.is_empty()
            && self.holders.iter().all(|holder| {
                let local = holder.socket.local.ip();
                local.to_canonical().is_ipv6() && (!local.is_unspecified() || holder.socket.v6only == Some(true))
            })
    }
}
