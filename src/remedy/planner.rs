//! What every remedy needs: the service that shall run, the port that shall last, and how an option is put together.

use super::changes::changes;
use super::dynamic_range;
use super::essential::{is_essential, is_essential_service};
use super::plan::NO_RESTART;
use super::preview::windows::{FIRST_DYNAMIC_PORT, service_command};
use super::step::single_step;
use super::{FixOption, Operation, Risk, Step, Stores};
use crate::diagnosis::judge::{Answer, judge};
use crate::diagnosis::wording::port_name;
use crate::diagnosis::{Cause, Diagnosis, Owner, OwnerKind, Symptom, holder_name, wanted_name};
use crate::machine::{
    FailureKind, Port, PortRange, PortSet, Protocol, Service, ServiceKind, ServiceState, Snapshot, StartFailure, Store, System,
};

/// The facts, the question and the answer that a plan is made for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Planner<'a> {
    pub(super) snapshot: &'a Snapshot,
    pub(super) symptom: &'a Symptom,
    pub(super) diagnosis: &'a Diagnosis,
    /// The service that does not work.
    pub(super) service: Option<&'a Service>,
}

impl<'a> Planner<'a> {
    pub(super) fn new(snapshot: &'a Snapshot, symptom: &'a Symptom, diagnosis: &'a Diagnosis) -> Self {
        let service = diagnosis.service.as_deref().and_then(|name| snapshot.service(name));
        Self { snapshot, symptom, diagnosis, service }
    }

    pub(super) fn step(&self, operation: Operation) -> Step {
        single_step(operation, self.snapshot)
    }

    /// The port in question; plans without a port never ask.
    pub(super) fn port(&self) -> Port {
        self.diagnosis.port.unwrap_or_default()
    }

    pub(super) fn protocol(&self) -> Protocol {
        self.diagnosis.protocol.unwrap_or(Protocol::Tcp)
    }

    /// The port as it stands in a sentence.
    pub(super) fn port_name(&self) -> String {
        port_name(self.port(), self.protocol())
    }

    /// The service's name for a sentence.
    pub(super) fn wanted(&self) -> Option<String> {
        wanted_name(self.snapshot, self.symptom)
    }

    pub(super) fn server(&self) -> String {
        self.wanted().unwrap_or_else(|| "the service".to_owned())
    }

    /// The first holder's name for a sentence.
    pub(super) fn holder(&self) -> String {
        if self.diagnosis.verdict.cause == Cause::HeldByOwnInstance {
            return "an older instance".to_owned();
        }
        self.diagnosis.owners.first().map_or_else(|| "the holder".to_owned(), |owner| held_by(self.snapshot, owner))
    }

    pub(super) fn is_linux(&self) -> bool {
        self.snapshot.host.system == System::Linux
    }

    /// What hands out ports, for a sentence.
    pub(super) fn kernel(&self) -> &'static str {
        if self.is_linux() { "the kernel" } else { "Windows" }
    }

    /// The steps that free the port and those that keep it, in the order that the system allows. Linux excludes a port that is in use, and
    /// so leaves no gap; Windows refuses that, so the port has to be free first.
    pub(super) fn in_order(&self, keep: Vec<Step>, free: Vec<Step>) -> Vec<Step> {
        let (first, then) = if self.is_linux() { (keep, free) } else { (free, keep) };
        first.into_iter().chain(then).collect()
    }

    /// Whether PortMedic can start the service: it is known, and belongs to the system's service manager.
    pub(super) fn can_start(&self) -> bool {
        self.snapshot.host.service_manager && self.service.is_some_and(|service| !service.user_manager)
    }

    /// The step that brings the service up; none where no service is known or it belongs to a user's own manager.
    pub(super) fn start(&self) -> Option<Step> {
        let service = self.service.filter(|_| self.can_start())?;
        let name = service.name.clone();
        let operation = match service.state {
            ServiceState::Running | ServiceState::Stopping => Operation::RestartService { service: name },
            ServiceState::Starting | ServiceState::Restarting | ServiceState::Stopped | ServiceState::Failed => {
                Operation::StartService { service: name }
            }
        };
        Some(self.step(operation))
    }

    /// The command that a person types to bring the service up.
    pub(super) fn start_by_hand(&self) -> Option<String> {
        let service = self.service?;
        if !self.is_linux() {
            return Some(format!("Start it: {}", service_command("Start", &service.name)));
        }
        let unit = super::shell::quote(&service.name);
        Some(if service.user_manager {
            format!("As its user, start it: systemctl --user reset-failed {unit}; systemctl --user restart {unit}")
        } else {
            format!("Start it: systemctl reset-failed {unit}; systemctl restart {unit}")
        })
    }

    /// Steps and the start of the service after them.
    pub(super) fn then_start(&self, mut steps: Vec<Step>) -> Vec<Step> {
        steps.extend(self.start());
        steps
    }

    /// `", then start SQL Server"` where the option does that.
    pub(super) fn and_start(&self) -> String {
        if self.can_start() { format!(", then start {}", self.server()) } else { String::new() }
    }

    pub(super) fn dynamic_range(&self) -> Option<PortRange> {
        self.snapshot.dynamic_range(self.protocol()).map(|range| range.range)
    }

    /// Whether a client can get the port by chance, now or after the next restart.
    pub(super) fn is_at_risk(&self) -> bool {
        let kept = |store| self.snapshot.excluded(self.protocol(), store).contains(self.port());
        self.dynamic_range().is_some_and(|range| range.contains(self.port())) && !(kept(Store::Active) && kept(Store::Persistent))
    }

    /// The steps that keep the port from clients for good: the exclusion and, where that would leave no port to hand out, the usual range
    /// before it. Nothing where no client can get the port, or where other programs would lose their last port.
    pub(super) fn keep(&self) -> Vec<Step> {
        if !self.is_at_risk() {
            return Vec::new();
        }
        match (self.leaves_room(), self.usual_range()) {
            (true, _) => vec![self.add_exclusion()],
            (false, Some(range)) => range.into_iter().chain([self.add_exclusion()]).collect(),
            (false, None) => Vec::new(),
        }
    }

    /// The exclusion alone, where one is due and leaves the clients a port.
    pub(super) fn exclusion(&self) -> Option<Step> {
        (self.is_at_risk() && self.leaves_room()).then(|| self.add_exclusion())
    }

    fn add_exclusion(&self) -> Step {
        // Linux keeps one list for both protocols.
        let protocol = if self.is_linux() { None } else { Some(self.protocol()) };
        self.step(Operation::AddExclusion { range: PortRange::single(self.port()), protocol, stores: Stores::Both })
    }

    /// Whether the dynamic range still has a port to hand out once this one is excluded.
    fn leaves_room(&self) -> bool {
        let mut excluded: PortSet = self.snapshot.excluded(self.protocol(), Store::Active);
        excluded.insert(PortRange::single(self.port()));
        self.dynamic_range().is_some_and(|range| !excluded.contains_range(range))
    }

    /// What [`Planner::keep`] does, to stand behind what frees the port.
    pub(super) fn and_keep(&self) -> String {
        match self.keep().len() {
            0 => String::new(),
            1 => format!(" and exclude {}", self.port_name()),
            _ => format!(", exclude {} and move the dynamic range back", self.port_name()),
        }
    }

    /// The steps that move the dynamic range back to where the system has it, where that takes the port out of it.
    ///
    /// Never in WSL: Windows gives it the range, and with another one no connection works (<https://github.com/microsoft/WSL/issues/11450>).
    pub(super) fn usual_range(&self) -> Option<Vec<Step>> {
        let now = self.dynamic_range()?;
        let usual = self.usual_ports()?;
        let helps = now.contains(self.port()) && !usual.contains(self.port());
        (helps && self.is_at_risk() && self.may_set_range(usual)).then(|| self.set_range(usual))
    }

    /// The dynamic range of a computer that nobody has changed.
    pub(super) fn usual_ports(&self) -> Option<PortRange> {
        dynamic_range::usual(self.snapshot)
    }

    /// Whether this computer takes another dynamic range at all, and this one.
    pub(super) fn may_set_range(&self, range: PortRange) -> bool {
        dynamic_range::may_be_set(self.snapshot, self.protocol(), range)
    }

    /// The steps that set the dynamic range.
    pub(super) fn set_range(&self, range: PortRange) -> Vec<Step> {
        dynamic_range::set(self.snapshot, self.protocol(), range)
    }

    /// Why the dynamic range stays as it is, for the effect of an option; empty where there is nothing to explain.
    pub(super) fn why_no_range(&self) -> &'static str {
        if self.snapshot.host.wsl {
            " The dynamic range is not touched: in WSL Windows gives it, and with another one no connection would work."
        } else {
            ""
        }
    }

    /// Whether Windows refuses the port to everybody.
    pub(super) fn is_denied(&self) -> bool {
        judge(self.snapshot, self.port(), self.protocol(), self.diagnosis.address) == Answer::Denied
    }

    /// Whether a unit can be stopped without taking the computer or the session down.
    pub(super) fn may_stop(&self, unit: &str) -> bool {
        let needed = if self.is_linux() { is_essential(unit) } else { is_essential_service(unit) };
        self.snapshot.host.service_manager && !needed
    }

    /// Whether the log says that the port was in use; Windows says "forbidden" of some holders and of reserved blocks.
    pub(super) fn was_in_use(&self) -> bool {
        self.failure().is_some_and(|failure| match failure.kind {
            FailureKind::InUse => true,
            FailureKind::Forbidden => !self.is_linux(),
            _ => false,
        })
    }

    /// What the log or the pasted text says.
    pub(super) fn failure(&self) -> Option<&'a StartFailure> {
        self.symptom.failure.as_ref().or_else(|| self.service.and_then(|service| service.failure.as_ref()))
    }

    /// Puts an option together; the plan marks the recommended one.
    pub(super) fn option(&self, title: String, mut effect: String, steps: Vec<Step>, interrupts: String) -> FixOption {
        // A service of a user's own manager is out of the helper's reach, so its start is left to the user.
        if let Some(left) = self.start_by_hand().filter(|_| !self.can_start() && !steps.iter().any(Step::is_manual)) {
            effect = format!("{effect} {left}.");
        }
        let excludes = steps.iter().any(|step| matches!(step.operation, Operation::AddExclusion { .. }));
        if excludes && !title.contains("xclude") {
            effect = format!("{effect} The port is excluded as well, so that no client takes it.");
        }
        FixOption {
            title,
            effect,
            recommended: false,
            risk: steps.iter().map(|step| step.risk).max().unwrap_or(Risk::Low),
            reversible: self.reversible(&steps).to_owned(),
            interrupts,
            restart: NO_RESTART.to_owned(),
            changes: changes(self, &steps),
            steps,
        }
    }

    /// An option that only a person can carry out.
    pub(super) fn by_hand(&self, title: String, effect: String, instructions: Vec<String>, interrupts: &str) -> FixOption {
        let step = self.step(Operation::Manual { instructions });
        self.option(title, effect, vec![step], interrupts.to_owned())
    }

    /// Socket units that would start a unit again as soon as somebody connects.
    pub(super) fn socket_units_of(&self, unit: &str) -> Vec<&'a Service> {
        let triggers = |service: &&Service| {
            service.kind == ServiceKind::SocketUnit
                && service.state == ServiceState::Running
                && service.linked.iter().any(|linked| linked == unit)
        };
        self.snapshot.services.iter().filter(triggers).collect()
    }

    /// Whether what the steps do can be taken back.
    fn reversible(&self, steps: &[Step]) -> &'static str {
        let acts: Vec<&Step> = steps.iter().filter(|step| !step.is_manual()).collect();
        let any = |is_meant: &dyn Fn(&Operation) -> bool| acts.iter().any(|step| is_meant(&step.operation));
        if acts.is_empty() {
            "By hand"
        } else if any(&|operation| matches!(operation, Operation::EndProcess { .. })) {
            "All but the process"
        } else if any(&|operation| matches!(operation, Operation::CloseConnection { .. })) {
            "All but the connection"
        } else if any(&|operation| self.loses_the_first_port(operation)) {
            "All but port 1024"
        } else {
            "Yes, exactly"
        }
    }

    /// Whether the dynamic range of before starts lower than netsh can set it again.
    fn loses_the_first_port(&self, operation: &Operation) -> bool {
        let Operation::SetDynamicRange { protocol, family, .. } = operation else { return false };
        let now = self.snapshot.dynamic_range_of(*protocol, *family, Store::Active);
        !self.is_linux() && now.is_some_and(|now| now.start() < FIRST_DYNAMIC_PORT)
    }
}

/// The holder's name, to stand after "held by". What the kernel has is a connection that is over.
pub(super) fn held_by(snapshot: &Snapshot, owner: &Owner) -> String {
    match owner.kind {
        OwnerKind::Kernel if owner.state.is_closing() => "a finished connection".to_owned(),
        _ => holder_name(snapshot, owner),
    }
}
