//! What an operation is for, what it touches, and whether somebody changed that since: the questions of the helper, of undo and of the
//! platforms, answered in one place.

use super::{Operation, OperationState, StepRecord, StepResult, TaskName, TraceState};
use crate::machine::{Family, PortSet, Protocol, RpcService, ServiceState};

/// What an operation changes. Two operations with the same subject change the same thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject<'a> {
    /// A service, by its name.
    Service(&'a str),
    /// The list of exclusions of one protocol; of both where there is one list only.
    Exclusions(Option<Protocol>),
    /// The dynamic range of one protocol and family; of both where there is one range only.
    DynamicRange(Option<Protocol>, Option<Family>),
    /// The right of a service to low ports.
    LowPort(&'a str),
    /// The fixed RPC port of a service.
    RpcPort(RpcService),
    /// The ports that the DNS server leaves alone.
    DnsPool,
    /// The trace of the network.
    Trace,
    /// A task of PortMedic's own.
    Task(TaskName),
    /// Something that no other operation changes.
    Own(&'a Operation),
}

impl Operation {
    /// What it changes.
    pub fn subject(&self) -> Subject<'_> {
        match self {
            Self::StopService { service } | Self::StartService { service } | Self::RestartService { service } => {
                Subject::Service(service)
            }
            Self::AddExclusion { protocol, .. } | Self::RemoveExclusion { protocol, .. } => Subject::Exclusions(*protocol),
            Self::RestartWinnat { protocol, .. } => Subject::Exclusions(Some(*protocol)),
            Self::SetDynamicRange { protocol, family, .. } => Subject::DynamicRange(*protocol, *family),
            Self::AllowLowPort { service } => Subject::LowPort(service),
            Self::SetRpcPort { service, .. } => Subject::RpcPort(*service),
            Self::ExcludeFromDnsPool { .. } => Subject::DnsPool,
            Self::StartTrace | Self::StopTrace => Subject::Trace,
            Self::InstallTask { task } => Subject::Task(task.name()),
            Self::RemoveTask { task } => Subject::Task(*task),
            Self::CloseConnection { .. }
            | Self::EndProcess { .. }
            | Self::DeletePortproxy { .. }
            | Self::RemoveMaxUserPort
            | Self::Manual { .. } => Subject::Own(self),
        }
    }

    /// Whether `state` is what the operation is for: nothing is left to do, or it has been done.
    pub fn is_reached_in(&self, state: &OperationState) -> bool {
        match (self, state) {
            (Self::StopService { .. }, OperationState::Service { state, .. }) => {
                matches!(state, ServiceState::Stopped | ServiceState::Failed)
            }
            (Self::StartService { .. } | Self::RestartService { .. }, OperationState::Service { state, .. }) => {
                *state == ServiceState::Running
            }
            (Self::CloseConnection { .. }, OperationState::Connection { present })
            | (Self::DeletePortproxy { .. }, OperationState::Portproxy { present }) => !present,
            (Self::EndProcess { .. }, OperationState::Process { alive }) => !alive,
            (Self::AddExclusion { range, stores, .. }, OperationState::Exclusions { active, persistent, .. }) => {
                (!stores.active() || active.contains_range(*range)) && (!stores.persistent() || persistent.contains_range(*range))
            }
            (Self::RemoveExclusion { range, stores, .. }, OperationState::Exclusions { active, persistent, .. }) => {
                let free = |set: &PortSet| set.intersection(&(*range).into()).is_empty();
                (!stores.active() || free(active)) && (!stores.persistent() || free(persistent))
            }
            (Self::SetDynamicRange { range, stores, .. }, OperationState::DynamicRange { active, persistent, .. }) => {
                (!stores.active() || active == range) && (!stores.persistent() || *persistent == Some(*range))
            }
            (Self::AllowLowPort { .. }, OperationState::LowPort { allowed, .. }) => *allowed,
            (Self::RestartWinnat { range, .. }, OperationState::Exclusions { active, persistent, .. }) => {
                active.contains_range(*range) && persistent.contains_range(*range)
            }
            (Self::SetRpcPort { port, .. }, OperationState::RpcPort { port: now }) => *now == Some(*port),
            (Self::ExcludeFromDnsPool { ports }, OperationState::DnsPool { excluded }) => ports.difference(excluded).is_empty(),
            (Self::RemoveMaxUserPort, OperationState::MaxUserPort { value }) => value.is_none(),
            (Self::StartTrace, OperationState::Trace { now }) => *now == TraceState::Running,
            (Self::StopTrace, OperationState::Trace { now }) => *now == TraceState::Off,
            (Self::InstallTask { task }, OperationState::Task { works, .. }) => works.as_ref() == Some(task),
            (Self::RemoveTask { .. }, OperationState::Task { enabled, own_file, .. }) => !enabled && own_file.is_none(),
            _ => false,
        }
    }

    /// What somebody changed between `then` and `now`, in words; `None` where nothing that matters to this operation is different.
    ///
    /// Services count by whether they run: one that fails again and again changes its state all the time, and a new number of its process
    /// is no other service. Lists count by the running one and by our own file, as far as the operation touches them: what other files
    /// hold is taken into account anew when ours is written.
    pub fn drift(&self, then: &OperationState, now: &OperationState) -> Option<String> {
        match (then, now) {
            (OperationState::Service { state: before, .. }, OperationState::Service { state: after, .. }) => {
                let runs = |state: &ServiceState| *state == ServiceState::Running;
                let flips = matches!(before, ServiceState::Restarting | ServiceState::Starting);
                (!flips && runs(before) != runs(after)).then(|| format!("it was {then} then and is {now} now"))
            }
            (
                OperationState::Exclusions { active: before, persistent: next_before, own_file: file_before },
                OperationState::Exclusions { active: after, persistent: next_after, own_file: file_after },
            ) => {
                if self.touches_active() && before != after {
                    Some(format!("the list of excluded ports was changed: {}", list_change(before, after)))
                } else if self.touches_persistent() && file_before != file_after {
                    let change = list_change(next_before, next_after);
                    Some(format!("PortMedic's list of ports for the next start was changed: {change}"))
                } else if self.is_for_one_table() && self.touches_persistent() && next_before != next_after {
                    let change = list_change(next_before, next_after);
                    Some(format!("the list of excluded ports for the next start was changed: {change}"))
                } else {
                    None
                }
            }
            (
                OperationState::DynamicRange { active: before, own_file: file_before, persistent: next_before },
                OperationState::DynamicRange { active: after, own_file: file_after, persistent },
            ) => {
                if self.touches_active() && before != after {
                    Some(format!("the dynamic range was {before} then and is {after} now"))
                } else if self.touches_persistent()
                    && (file_before != file_after || (self.is_for_one_table() && next_before != persistent))
                {
                    let range = persistent.map_or_else(|| "not set".to_owned(), |range| range.to_string());
                    Some(format!("PortMedic's dynamic range for the next start was changed; it is {range} now"))
                } else {
                    None
                }
            }
            (OperationState::LowPort { own_file: before, .. }, OperationState::LowPort { own_file: after, .. }) => {
                (before != after).then(|| "the file with the right to low ports was changed".to_owned())
            }
            (
                OperationState::Task { own_file: before, enabled: was, .. },
                OperationState::Task { own_file: after, enabled: is, .. },
            ) => (before != after || was != is).then(|| format!("the task was {then} then and is {now} now")),
            (OperationState::Trace { now: before }, OperationState::Trace { now: after }) => {
                after.has_changed_since(*before).then(|| format!("{before} was the answer then, {after} is it now"))
            }
            _ => (then != now).then(|| format!("it was {then} then and is {now} now")),
        }
    }

    /// Whether it can be taken back.
    pub const fn can_be_taken_back(&self) -> bool {
        self.irreversible_because().is_none()
    }

    /// Why it cannot be taken back, one plain sentence; `None` where it can.
    pub const fn irreversible_because(&self) -> Option<&'static str> {
        match self {
            Self::CloseConnection { .. } => {
                Some("a closed connection cannot be opened again from outside; the program that had it does so when it needs one")
            }
            Self::RestartService { .. } => Some("a restart leaves nothing to take back: the service runs again"),
            Self::EndProcess { .. } => Some("a process that was ended cannot be brought back; start its program again"),
            Self::StartTrace => Some("a trace changes no setting; `portmedic exhaustion --trace stop` ends it"),
            Self::StopTrace => Some("a trace that was stopped is whole; start another one where it shall go on"),
            Self::Manual { .. } => Some("a step that was done by hand can only be taken back by hand"),
            Self::StopService { .. }
            | Self::StartService { .. }
            | Self::AddExclusion { .. }
            | Self::RemoveExclusion { .. }
            | Self::SetDynamicRange { .. }
            | Self::AllowLowPort { .. }
            | Self::RestartWinnat { .. }
            | Self::DeletePortproxy { .. }
            | Self::SetRpcPort { .. }
            | Self::ExcludeFromDnsPool { .. }
            | Self::RemoveMaxUserPort
            | Self::InstallTask { .. }
            | Self::RemoveTask { .. } => None,
        }
    }

    /// Whether it is about one of several lists or ranges, as only Windows has them. There nobody else's files add to what is kept for the
    /// next start.
    const fn is_for_one_table(&self) -> bool {
        match self {
            Self::AddExclusion { protocol, .. } | Self::RemoveExclusion { protocol, .. } => protocol.is_some(),
            Self::SetDynamicRange { protocol, family, .. } => protocol.is_some() || family.is_some(),
            Self::RestartWinnat { .. } => true,
            _ => false,
        }
    }

    const fn touches_active(&self) -> bool {
        match self {
            Self::AddExclusion { stores, .. } | Self::RemoveExclusion { stores, .. } | Self::SetDynamicRange { stores, .. } => {
                stores.active()
            }
            _ => true,
        }
    }

    const fn touches_persistent(&self) -> bool {
        match self {
            Self::AddExclusion { stores, .. } | Self::RemoveExclusion { stores, .. } | Self::SetDynamicRange { stores, .. } => {
                stores.persistent()
            }
            _ => true,
        }
    }
}

impl StepRecord {
    /// Whether the step changed something, or may have.
    pub fn has_changed(&self) -> bool {
        let tried = matches!(self.result, StepResult::Done | StepResult::NotVerified | StepResult::Failed);
        let same = || match (&self.before, &self.after) {
            // A restart of a service that runs shows in no state.
            _ if self.result == StepResult::Done => false,
            (Some(before), Some(after)) => self.operation.drift(before, after).is_none(),
            _ => false,
        };
        tried && !same()
    }

    /// Whether `service` ran before the step, and whether it ran after it; `None` where the step did not start or stop it. One that needs
    /// another one stops along with that. Starting again and again counts as running, and what nobody could read afterwards as stopped.
    pub fn turn_of(&self, service: &str) -> Option<(bool, bool)> {
        let Some(OperationState::Service { state, dependants, .. }) = &self.before else { return None };
        let is_meant = self.operation.subject() == Subject::Service(service) || dependants.iter().any(|own| own == service);
        let ran = !matches!(state, ServiceState::Stopped | ServiceState::Failed);
        let runs = matches!(self.after, Some(OperationState::Service { state: ServiceState::Running, .. }));
        (is_meant && self.has_changed()).then_some((ran, runs))
    }

    /// The operation as which it is taken back. A restart that left a service stopped that ran before, or may have, was no more than a stop.
    pub fn taken_back_as(&self) -> Operation {
        let runs = |state: &OperationState| matches!(state, OperationState::Service { state: ServiceState::Running, .. });
        match &self.operation {
            Operation::RestartService { service }
                if self.before.as_ref().is_some_and(runs) && !self.after.as_ref().is_some_and(runs) =>
            {
                Operation::StopService { service: service.clone() }
            }
            operation => operation.clone(),
        }
    }
}

/// What was added to a list and what was taken out.
fn list_change(then: &PortSet, now: &PortSet) -> String {
    let part = |ports: PortSet, what: &str| (!ports.is_empty()).then(|| format!("{} {what}", ports.short()));
    let parts: Vec<String> =
        [part(now.difference(then), "added"), part(then.difference(now), "taken out")].into_iter().flatten().collect();
    if parts.is_empty() { "whose ports are whose".to_owned() } else { parts.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::Subject;
    use crate::machine::{PortRange, ServiceState};
    use crate::remedy::{Operation, OperationState, StepRecord, StepResult, Stores};

    fn add(range: &str, stores: Stores) -> Operation {
        Operation::AddExclusion { range: range.parse().unwrap(), protocol: None, stores }
    }

    fn remove(range: &str) -> Operation {
        Operation::RemoveExclusion { range: range.parse().unwrap(), protocol: None, stores: Stores::Both }
    }

    fn lists(active: &str, persistent: &str, own_file: Option<&str>) -> OperationState {
        OperationState::Exclusions {
            active: active.parse().unwrap(),
            persistent: persistent.parse().unwrap(),
            own_file: own_file.map(str::to_owned),
        }
    }

    fn service(state: ServiceState, main_pid: u32) -> OperationState {
        OperationState::Service { state, main_pid: Some(main_pid), dependants: Vec::new() }
    }

    fn restart() -> Operation {
        Operation::RestartService { service: "a.service".to_owned() }
    }

    #[test]
    fn an_exclusion_is_reached_when_every_port_is_in_every_store_it_is_for() {
        assert!(add("10-12", Stores::Both).is_reached_in(&lists("1-20", "10-12", None)));
        assert!(!add("10-12", Stores::Both).is_reached_in(&lists("1-20", "10-11", None)));
        assert!(add("10-12", Stores::Active).is_reached_in(&lists("1-20", "", None)));
        assert!(add("10-12", Stores::Persistent).is_reached_in(&lists("", "10-12", None)));
    }

    #[test]
    fn a_removal_is_reached_when_no_port_is_left() {
        assert!(remove("10-12").is_reached_in(&lists("1-9,13", "", None)));
        assert!(!remove("10-12").is_reached_in(&lists("12", "", None)));
        assert!(!remove("10-12").is_reached_in(&lists("", "10", None)));
    }

    #[test]
    fn a_state_of_another_kind_is_never_what_an_operation_is_for() {
        assert!(!restart().is_reached_in(&OperationState::Connection { present: false }));
        assert!(restart().drift(&service(ServiceState::Running, 1), &OperationState::Nothing).is_some());
    }

    #[test]
    fn a_service_that_fails_again_and_again_has_not_drifted() {
        for now in [ServiceState::Running, ServiceState::Failed, ServiceState::Starting] {
            assert_eq!(restart().drift(&service(ServiceState::Restarting, 1), &service(now, 2)), None);
        }
        assert_eq!(restart().drift(&service(ServiceState::Failed, 1), &service(ServiceState::Restarting, 2)), None);
        assert!(restart().drift(&service(ServiceState::Failed, 1), &service(ServiceState::Running, 2)).is_some());
        assert!(restart().drift(&service(ServiceState::Running, 1), &service(ServiceState::Failed, 2)).is_some());
    }

    #[test]
    fn a_changed_list_tells_what_was_added_and_taken_out() {
        let drift = add("1433", Stores::Both).drift(&lists("10,20", "", None), &lists("20,30", "", None)).unwrap();
        assert!(drift.ends_with(": 30 added, 10 taken out"), "{drift}");
    }

    #[test]
    fn only_the_stores_that_the_operation_touches_count() {
        let (then, now) = (lists("10", "", None), lists("10", "20", Some("text")));
        assert_eq!(add("1433", Stores::Active).drift(&then, &now), None);
        assert!(add("1433", Stores::Persistent).drift(&then, &now).is_some());
        let now = lists("10,20", "", None);
        assert_eq!(add("1433", Stores::Persistent).drift(&then, &now), None);
    }

    #[test]
    fn what_other_files_hold_is_no_drift() {
        assert_eq!(add("1433", Stores::Both).drift(&lists("10", "", None), &lists("10", "30000", None)), None);
    }

    #[test]
    fn a_step_that_failed_without_effect_has_changed_nothing() {
        let record = |result, after: Option<OperationState>| StepRecord {
            operation: add("1433", Stores::Both),
            before: Some(lists("", "", None)),
            after,
            result,
            message: None,
            duration_ms: 0,
        };
        assert!(!record(StepResult::Failed, Some(lists("", "", None))).has_changed());
        assert!(record(StepResult::Failed, Some(lists("1433", "", None))).has_changed());
        assert!(record(StepResult::Failed, None).has_changed(), "it is not known");
        assert!(record(StepResult::Done, Some(lists("1433", "", None))).has_changed());
        assert!(!record(StepResult::AlreadyDone, Some(lists("", "", None))).has_changed());
    }

    #[test]
    fn operations_on_the_same_thing_have_the_same_subject() {
        assert_eq!(add("1", Stores::Both).subject(), remove("2").subject());
        let stop = Operation::StopService { service: "a.service".to_owned() };
        assert_eq!(stop.subject(), restart().subject());
        let range = PortRange::new(20000, 30000).unwrap();
        let set = Operation::SetDynamicRange { range, protocol: None, family: None, stores: Stores::Both };
        assert_eq!(set.subject(), Subject::DynamicRange(None, None));
    }
}
