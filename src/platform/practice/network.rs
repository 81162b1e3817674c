//! The network around a practice machine: what others answer, and what of its own settings stands in between.

use std::net::{IpAddr, SocketAddr};

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use super::PracticePlatform;
use super::state::State;
use crate::diagnosis::connect::hears;
use crate::machine::connect::{
    BrowserAnswer, BrowserResult, Greeting, GreetingKind, IpsecPolicy, NameLookup, NameProblem, Opening, Probe, ProbeResult,
    Redirects, Ruleset, SqlClient, SqlServer,
};
use crate::machine::{Evidence, Gap, Service, SocketState};
use crate::platform::network::{Network, Patience};

/// The network as a file tells of it. What it leaves out is as quiet as an empty network: no name is known, and nobody answers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NetworkForm {
    /// The names that are known, and those that are not.
    pub name: Vec<NameLookup>,
    /// The names of addresses.
    pub back: Vec<BackForm>,
    /// What comes of a connection. Without an entry this machine itself answers as its sockets are, and others stay silent.
    pub answer: Vec<Probe>,
    /// What SQL Server Browser answers.
    pub browser: Vec<BrowserAnswer>,
    /// The hosts file and the proxies of this machine.
    pub redirects: Redirects,
    /// How clients of SQL Server on this machine connect.
    pub sql_client: SqlClient,
    /// The instances of SQL Server on this machine.
    pub sql_server: Vec<SqlServer>,
    /// The rules of its firewalls.
    pub firewall: Vec<Ruleset>,
    /// Its policies of IPsec.
    pub ipsec: Vec<IpsecPolicy>,
    /// What its services write when somebody connects.
    pub service_log: Vec<ServiceLogForm>,
}

/// What a service writes when somebody connects.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServiceLogForm {
    pub service: String,
    pub source: String,
    pub lines: Vec<String>,
}

/// The name of an address.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BackForm {
    pub address: IpAddr,
    pub name: String,
}

impl Network for PracticePlatform {
    fn lookup(&self, name: &str, _patience: &Patience<'_>) -> NameLookup {
        let state = self.state();
        let bare = name.trim_end_matches('.');
        // The hosts file counts before DNS.
        let hosts = state.network.redirects.hosts.iter().filter(|entry| entry.is_for(bare));
        let addresses: Vec<IpAddr> = hosts.map(|entry| entry.address).collect();
        let found = |addresses| NameLookup::found(name, addresses);
        if !addresses.is_empty() {
            return found(addresses);
        }
        if let Some(own) = state.network.name.iter().find(|own| own.name.eq_ignore_ascii_case(bare)) {
            return own.clone();
        }
        if bare.eq_ignore_ascii_case("localhost") {
            return found(state.addresses.iter().filter(|own| own.is_loopback()).copied().collect());
        }
        if bare.eq_ignore_ascii_case(&state.host.name) {
            return found(state.addresses.iter().filter(|own| !own.is_loopback()).copied().collect());
        }
        NameLookup::failed(name, NameProblem::Unknown)
    }

    fn interface(&self, _address: &str) -> Option<u32> {
        Some(0)
    }

    fn lookup_back(&self, address: IpAddr, _patience: &Patience<'_>) -> Result<Option<String>, Gap> {
        let state = self.state();
        let known = state.network.back.iter().find(|own| own.address == address).map(|own| own.name.clone());
        let own = || state.addresses.contains(&address).then(|| state.host.name.clone());
        Ok(known.or_else(own))
    }

    fn addresses(&self) -> Result<Vec<IpAddr>, Gap> {
        Ok(self.state().addresses.clone())
    }

    fn probe(&self, to: SocketAddr, opening: Option<Opening>, patience: &Patience<'_>) -> Probe {
        let mut state = self.state();
        let mut probe = match state.network.answer.iter().find(|own| own.to == to) {
            Some(told) => told.clone(),
            None => own_answer(&state, to),
        };
        if probe.result == ProbeResult::TimedOut {
            let limit = SignedDuration::try_from(patience.limit).unwrap_or_default();
            probe.took_ms = u32::try_from(limit.as_millis()).unwrap_or(u32::MAX);
            probe.error = Some(format!("no answer within {:.1} s", patience.limit.as_secs_f32()));
            state.pass(limit);
        }
        probe.greeting = opening.filter(|_| probe.result == ProbeResult::Accepted).map(|opening| match &probe.greeting {
            Some(told) => Greeting { opening, ..told.clone() },
            None => Greeting { kind: GreetingKind::Silent, text: None, opening },
        });
        probe
    }

    fn browse(&self, at: SocketAddr, _instance: &str, _patience: &Patience<'_>) -> BrowserAnswer {
        let state = self.state();
        let told = state.network.browser.iter().find(|own| own.at == at).cloned();
        told.unwrap_or(BrowserAnswer { at, result: BrowserResult::Silent })
    }

    fn redirects(&self) -> Result<Redirects, Gap> {
        Ok(self.state().network.redirects.clone())
    }

    fn sql_client(&self) -> Result<SqlClient, Gap> {
        Ok(self.state().network.sql_client.clone())
    }

    fn sql_servers(&self) -> Result<Vec<SqlServer>, Gap> {
        Ok(self.state().network.sql_server.clone())
    }

    fn firewalls(&self) -> Result<Vec<Ruleset>, Gap> {
        let state = self.state();
        if state.is_linux() && !state.host.elevated {
            return Err(Gap::new("the firewall of this computer", "only an administrator may see its rules", "the same as root"));
        }
        Ok(state.network.firewall.clone())
    }

    fn ipsec(&self) -> Result<Vec<IpsecPolicy>, Gap> {
        Ok(self.state().network.ipsec.clone())
    }

    fn service_log(&self, service: &Service, _since: Timestamp) -> Result<Vec<Evidence>, Gap> {
        let state = self.state();
        let time = Some(state.now);
        let logs = state.network.service_log.iter().filter(|own| own.service == service.name);
        let line = |fact: &String, source: &String| Evidence { fact: fact.clone(), source: source.clone(), raw: None, time };
        Ok(logs.flat_map(|log| log.lines.iter().map(|fact| line(fact, &log.source)).collect::<Vec<_>>()).collect())
    }
}

/// What the machine itself answers: as its sockets are. Others answer only what the file tells.
fn own_answer(state: &State, to: SocketAddr) -> Probe {
    let own = to.ip().is_loopback() || state.addresses.contains(&to.ip());
    let listener = state.sockets.iter().map(|own| &own.socket).find(|own| own.state == SocketState::Listen && hears(own, to));
    let (result, error) = match listener {
        _ if !own => (ProbeResult::TimedOut, None),
        Some(full) if full.backlog.is_some_and(|(waiting, most)| waiting > most) => (ProbeResult::TimedOut, None),
        Some(_) => (ProbeResult::Accepted, None),
        None if state.is_linux() => (ProbeResult::Refused, Some("Connection refused (os error 111)")),
        None => (
            ProbeResult::Refused,
            Some("No connection could be made because the target machine actively refused it. (os error 10061)"),
        ),
    };
    Probe { to, result, told_by: None, error: error.map(str::to_owned), took_ms: 1, greeting: None }
}
