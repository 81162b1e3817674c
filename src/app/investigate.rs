//! From a target to a Case: look at the service, then at its port, then let the rules speak.

use std::collections::BTreeSet;

use crate::case::Case;
use crate::catalog;
use crate::diagnosis::{Complaint, OwnerKind, Symptom, Target, diagnose, owners_of, read_error_lines};
use crate::machine::{
    FailureKind, KnownFrom, Port, Protocol, Service, ServicePort, Snapshot, Socket, SocketState, StartFailure, visible,
};
use crate::platform::{OwnerSearch, Platform, PlatformError, Scope, ServiceScope, SocketScope};
use crate::remedy;

/// Where a fact comes from that the user pasted.
const PASTED: &str = "the text you gave";

/// What an investigation is doing right now, for people who wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Looking {
    /// At the services and their logs.
    AtServices,
    /// At the port: sockets, owners, ranges, bind test.
    AtPort,
    /// At what the steps of the plan would change.
    AtPlan,
}

impl Looking {
    /// The same in words.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AtServices => "Looking at the services and their logs",
            Self::AtPort => "Looking at the port and who has it",
            Self::AtPlan => "Working out what can be done",
        }
    }
}

/// A Case and the facts it was made from.
#[derive(Debug, Clone)]
pub struct Investigation {
    /// The record.
    pub case: Case,
    /// The facts.
    pub snapshot: Snapshot,
}

/// Finds out what is wrong with `target`.
///
/// # Errors
/// Where a service was named that is not there, or nothing could be seen at all.
pub fn investigate(
    platform: &dyn Platform,
    target: &Target,
    progress: &mut dyn FnMut(Looking),
) -> Result<Investigation, PlatformError> {
    progress(Looking::AtServices);
    let (symptom, first_look) = symptom_of(platform, target)?;
    look_into(platform, target.to_string(), symptom, first_look, progress)
}

/// Finds out what is behind a symptom. `asked` is what the user asked for, and `first_look` has the services that the symptom is from.
pub(super) fn look_into(
    platform: &dyn Platform,
    asked: String,
    symptom: Symptom,
    first_look: Snapshot,
    progress: &mut dyn FnMut(Looking),
) -> Result<Investigation, PlatformError> {
    progress(Looking::AtPort);
    let mut snapshot = platform.observe(&scope_for(&symptom))?;
    snapshot.add_services_of(first_look);
    add_services_of_holders(platform, &mut snapshot, &symptom);
    add_listeners_at_far_ends(platform, &mut snapshot, &symptom);
    progress(Looking::AtPlan);
    let diagnosis = diagnose(&snapshot, &symptom);
    let mut plan = remedy::plan(&snapshot, &symptom, &diagnosis);
    for step in plan.options.iter_mut().flat_map(|option| &mut option.steps) {
        // Without it the helper has nothing to compare with; it reads the state itself before it acts, and says so where it cannot.
        step.before = platform.state_of(&step.operation).ok();
    }
    let gaps = snapshot.gaps.clone();
    let case = Case::new(snapshot.taken_at, snapshot.host.clone(), asked, symptom, diagnosis, plan, gaps);
    let case = case.with_facts(&snapshot);
    Ok(Investigation { case, snapshot })
}

/// Looks at the units of those who have the port: what they are called, and whether they start again by themselves.
fn add_services_of_holders(platform: &dyn Platform, snapshot: &mut Snapshot, symptom: &Symptom) {
    /// One unit in the way is usual; a plan that stops more than a few is none that people would take.
    const MAX_UNITS: usize = 4;
    let Some(port) = symptom.port else { return };
    let mut units: Vec<String> = owners_of(snapshot, port, symptom.protocol)
        .into_iter()
        .filter(|owner| matches!(owner.kind, OwnerKind::Unit | OwnerKind::Service | OwnerKind::HttpSys | OwnerKind::Portproxy))
        .filter_map(|owner| owner.service)
        .filter(|unit| snapshot.service(unit).is_none())
        .collect();
    units.dedup();
    for unit in units.into_iter().take(MAX_UNITS) {
        // A unit that ended meanwhile is not there any more; its name is known from its process.
        if let Ok(look) = platform.observe(&services(ServiceScope::Named(unit))) {
            snapshot.add_services_of(look);
        }
    }
}

/// Looks for listeners at the far ends of connections of this computer with itself: they tell which end began the connection. A look at one
/// port alone does not show them.
fn add_listeners_at_far_ends(platform: &dyn Platform, snapshot: &mut Snapshot, symptom: &Symptom) {
    /// The first connection decides; a few more may be to the same port.
    const MAX_PORTS: usize = 2;
    let far_end = |socket: &Socket| {
        let remote = socket.remote.filter(|remote| snapshot.is_here(*remote, socket.local))?;
        let asked = socket.state.is_connected() && Some(socket.local.port()) == symptom.port;
        asked.then_some((remote.port(), socket.protocol))
    };
    let far_ends: BTreeSet<(Port, Protocol)> = snapshot.sockets.iter().filter_map(far_end).collect();
    for (port, protocol) in far_ends.into_iter().take(MAX_PORTS) {
        let sockets = SocketScope::Port { port, protocol: Some(protocol) };
        // Without the look the direction is only likely, and the verdict says so.
        let Ok(look) = platform.observe(&Scope { sockets, owners: OwnerSearch::None, ..Scope::default() }) else { continue };
        for socket in look.sockets {
            if socket.state == SocketState::Listen && !snapshot.sockets.contains(&socket) {
                snapshot.sockets.push(socket);
            }
        }
    }
}

/// What the target tells, completed by what the services tell.
fn symptom_of(platform: &dyn Platform, target: &Target) -> Result<(Symptom, Snapshot), PlatformError> {
    match target {
        Target::Port { port, protocol } => {
            let look = platform.observe(&services(ServiceScope::Failing))?;
            let mut symptom =
                Symptom { port: Some(*port), protocol: *protocol, port_known_from: Some(KnownFrom::User), ..Symptom::default() };
            if let Some(service) = failing_for_want_of(&look, *port, *protocol) {
                symptom.take_service(service);
                // The log says which protocol failed; a user who named one knows better.
                symptom.protocol = protocol.or_else(|| wanted(service, *port).map(|wanted| wanted.protocol));
                symptom.address = wanted(service, *port).and_then(|wanted| wanted.address);
            }
            Ok((symptom, look))
        }
        Target::Name(name) => symptom_of_name(platform, name),
        Target::ErrorText(text) => symptom_of_text(platform, text),
    }
}

fn symptom_of_name(platform: &dyn Platform, name: &str) -> Result<(Symptom, Snapshot), PlatformError> {
    let look = platform.observe(&services(ServiceScope::Named(name.to_owned())))?;
    let service = look.services.first().ok_or_else(|| PlatformError::NoSuchService(name.to_owned()))?;
    Ok((Symptom::of_service(service), look))
}

/// What does not work, where a text says only that: no error that is known, and no product.
pub fn complaint_of(text: &str) -> Option<Complaint> {
    let lines: Vec<&str> = text.lines().collect();
    let names_more = read_error_lines(&lines).is_some() || catalog::product_called(text).is_some();
    Complaint::read(text).filter(|_| !names_more)
}

/// Reads a pasted text and takes the line that says most; a service of the product it names is looked up too.
fn symptom_of_text(platform: &dyn Platform, text: &str) -> Result<(Symptom, Snapshot), PlatformError> {
    let lines: Vec<&str> = text.lines().collect();
    let Some((best, error)) = read_error_lines(&lines) else {
        // Products have names with blanks: "SQL Server".
        if catalog::product_called(text).is_some() {
            return symptom_of_name(platform, text);
        }
        if let Some(complaint) = complaint_of(text) {
            let symptom = Symptom { complaint: Some(complaint), ..Symptom::default() };
            return Ok((symptom, platform.observe(&services(ServiceScope::Failing))?));
        }
        return Err(PlatformError::Refused(format!(
            "the text names no port error that PortMedic knows: \"{}\"; give the port (1433) or the service (nginx), or paste the line \
             with the error",
            visible(lines.first().unwrap_or(&text))
        )));
    };
    let failure = StartFailure {
        kind: error.kind,
        message: visible(lines[best].trim()),
        source: PASTED.to_owned(),
        time: None,
        port: error.port,
        protocol: error.protocol,
        address: error.address,
    };
    let look = match &error.product {
        Some(product) => match platform.observe(&services(ServiceScope::Named(product.clone()))) {
            // The text may come from elsewhere: a product that is not here does not stop the look at its port.
            Err(PlatformError::NoSuchService(_) | PlatformError::NoServiceManager(_)) => {
                platform.observe(&services(ServiceScope::Failing))?
            }
            other => other?,
        },
        None => platform.observe(&services(ServiceScope::Failing))?,
    };
    let service = match &error.product {
        Some(_) => look.services.iter().find(|service| service.product == error.product),
        None => error.port.and_then(|port| failing_for_want_of(&look, port, error.protocol)),
    };
    let mut symptom =
        service.map_or_else(|| Symptom { product: error.product.clone(), ..Symptom::default() }, Symptom::of_service);
    if let Some(port) = error.port {
        symptom.port = Some(port);
        symptom.protocol = error.protocol;
        symptom.address = error.address.filter(|_| !error.kind.is_of_a_client());
        symptom.port_known_from = Some(KnownFrom::Log);
        symptom.port_source = Some(PASTED.to_owned());
    }
    symptom.failure = Some(failure);
    Ok((symptom, look))
}

/// The one failing service that wants this port; with several, none is meant.
fn failing_for_want_of(look: &Snapshot, port: Port, protocol: Option<Protocol>) -> Option<&Service> {
    let wants = |service: &&Service| {
        wanted(service, port).is_some_and(|wanted| protocol.is_none_or(|protocol| wanted.protocol == protocol))
    };
    let mut failing = look.services.iter().filter(|service| service.is_failing()).filter(wants);
    failing.next().filter(|_| failing.next().is_none())
}

fn wanted(service: &Service, port: Port) -> Option<&ServicePort> {
    service.ports.iter().find(|wanted| wanted.port == port)
}

pub(super) fn services(scope: ServiceScope) -> Scope {
    Scope { services: scope, owners: OwnerSearch::None, ..Scope::default() }
}

/// What to look at once the symptom is known.
pub(super) fn scope_for(symptom: &Symptom) -> Scope {
    let told = symptom.failure.as_ref().is_some_and(|failure| failure.kind == FailureKind::Exhausted);
    let exhausted = told || symptom.complaint.is_some();
    let sockets = match symptom.port {
        // Whether the range is used up shows in the whole table only.
        _ if exhausted => SocketScope::All,
        Some(port) => SocketScope::Port { port, protocol: symptom.protocol },
        None => SocketScope::None,
    };
    Scope {
        services: ServiceScope::None,
        sockets,
        owners: OwnerSearch::All,
        searched: None,
        ranges: true,
        bind_tests: symptom.port.is_some(),
        load: exhausted,
        sightings: true,
        bind_address: symptom.address,
    }
}
