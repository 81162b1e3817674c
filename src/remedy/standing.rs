//! Where a computer stands between the states before and after a step: who is ended in the middle of one leaves a store done and another not.

use super::{Operation, OperationState, StepRecord, TraceState, one_by_one};
use crate::machine::{Family, PortRange, PortSet, Protocol, ServiceState};

/// Where the computer stands on the way of a step, forth or back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// All is as it was before the step.
    Before,
    /// Each store is plainly as before or as after the step, and at least one as after it.
    Begun,
}

/// Where the computer stands on the way of the first of `steps`; the others were done before it. Where it stands on the way of an earlier one
/// that changed the same thing, the first was taken back by an undo that did not come to its end.
///
/// # Errors
/// What somebody else changed, in words.
pub fn standing_of(steps: &[StepRecord], now: &OperationState) -> Result<Standing, String> {
    let Some((first, earlier)) = steps.split_first() else { return Ok(Standing::Before) };
    let stands = |step: &StepRecord| match &step.before {
        Some(before) => step.operation.standing(before, step.after.as_ref(), now),
        None => Ok(Standing::Before),
    };
    let mut same = earlier.iter().filter(|step| step.before.is_some() && step.operation.subject() == first.operation.subject());
    stands(first).or_else(|change| if same.any(|step| stands(step).is_ok()) { Ok(Standing::Before) } else { Err(change) })
}

impl Operation {
    /// Where `now` stands between `before` and `after`. Where nobody read back what was there `after`, because the helper was ended, it is
    /// what the operation makes of `before`.
    ///
    /// # Errors
    /// What somebody else changed, in words, where a store is neither as before nor as after.
    pub fn standing(
        &self,
        before: &OperationState,
        after: Option<&OperationState>,
        now: &OperationState,
    ) -> Result<Standing, String> {
        let tables = self.told_tables([Some(before), after, Some(now)]);
        if !tables.is_empty() {
            let each = tables.iter().map(|(operation, name)| {
                let after = after.map(|state| table(state, name));
                operation.standing(&table(before, name), after.as_ref(), &table(now, name))
            });
            let each = each.collect::<Result<Vec<_>, _>>()?;
            let begun = each.contains(&Standing::Begun);
            return Ok(if begun { Standing::Begun } else { Standing::Before });
        }
        if self.drift(before, now).is_none() {
            return Ok(Standing::Before);
        }
        let known_or_made = after.cloned().or_else(|| self.makes_of(before, now));
        let Some(after) = known_or_made else { return Err(format!("it was {before} then and is {now} now")) };
        let Some(change) = self.drift(&after, now) else { return Ok(Standing::Begun) };
        let half_done = [mix(&after, before), mix(before, &after)];
        if half_done.into_iter().flatten().any(|state| self.drift(&state, now).is_none()) {
            return Ok(Standing::Begun);
        }
        Err(change)
    }

    /// The state that the operation makes of `before`; `None` where it leaves none that could be told. Which text our own file gets is not
    /// known here, so a file that is there `now` counts where it sets what the operation is for.
    fn makes_of(&self, before: &OperationState, now: &OperationState) -> Option<OperationState> {
        match (self, before) {
            (Self::StopService { .. }, OperationState::Service { .. }) => Some(service(ServiceState::Stopped)),
            (Self::StartService { .. }, OperationState::Service { .. }) => Some(service(ServiceState::Running)),
            (Self::AddExclusion { range, .. } | Self::RestartWinnat { range, .. }, OperationState::Exclusions { .. }) => {
                exclusions(before, now, &|ports| ports.union(&(*range).into()))
            }
            (Self::RemoveExclusion { range, .. }, OperationState::Exclusions { .. }) => {
                exclusions(before, now, &|ports| ports.difference(&(*range).into()))
            }
            (Self::SetDynamicRange { range, .. }, OperationState::DynamicRange { .. }) => dynamic_range(*range, before, now),
            (Self::AllowLowPort { .. }, OperationState::LowPort { own_file: old, .. }) => match now {
                // systemd may not have read the file yet.
                OperationState::LowPort { own_file, allowed } if *allowed || old.is_none() => {
                    Some(OperationState::LowPort { allowed: true, own_file: own_file.clone() })
                }
                _ => None,
            },
            (Self::DeletePortproxy { .. }, OperationState::Portproxy { .. }) => {
                Some(OperationState::Portproxy { present: false })
            }
            (Self::SetRpcPort { port, .. }, OperationState::RpcPort { .. }) => {
                Some(OperationState::RpcPort { port: Some(*port) })
            }
            (Self::ExcludeFromDnsPool { ports }, OperationState::DnsPool { excluded }) => {
                Some(OperationState::DnsPool { excluded: excluded.union(ports) })
            }
            // The system may not know of the file yet. It is ours where it is what the task is written as.
            (Self::InstallTask { task }, OperationState::Task { .. }) => match now {
                OperationState::Task { own_file: Some(text), enabled, .. } if *text == task.unit_text() => {
                    Some(OperationState::Task { works: Some(task.clone()), enabled: *enabled, own_file: Some(text.clone()) })
                }
                _ => None,
            },
            (Self::RemoveTask { .. }, OperationState::Task { own_file: old, .. }) => match now {
                OperationState::Task { own_file, .. } if own_file.is_none() || own_file == old => {
                    Some(OperationState::Task { works: None, enabled: false, own_file: own_file.clone() })
                }
                _ => None,
            },
            (Self::StartTrace, OperationState::Trace { .. }) => Some(OperationState::Trace { now: TraceState::Running }),
            (Self::StopTrace, OperationState::Trace { .. }) => Some(OperationState::Trace { now: TraceState::Off }),
            (Self::RemoveMaxUserPort, OperationState::MaxUserPort { .. }) => Some(OperationState::MaxUserPort { value: None }),
            _ => None,
        }
    }
}

impl Operation {
    /// Those of its tables that one of the states tells of one by one: all or none.
    pub(super) fn told_tables(&self, states: [Option<&OperationState>; 3]) -> Vec<(Self, String)> {
        let tables = self.tables();
        let told = |(_, name): &(Self, String)| states.into_iter().flatten().any(|state| is_told(state, name));
        if tables.iter().any(told) { tables } else { Vec::new() }
    }

    /// The tables of Windows that it is for, each with an operation for it alone and its name in [`one_by_one`]; none where it is for no more
    /// than one.
    fn tables(&self) -> Vec<(Self, String)> {
        let protocols =
            |asked: Option<Protocol>| Protocol::ALL.into_iter().filter(move |own| asked.is_none_or(|asked| asked == *own));
        let families = |asked: Option<Family>| {
            [Family::Ipv4, Family::Ipv6].into_iter().filter(move |own| asked.is_none_or(|asked| asked == *own))
        };
        match *self {
            Self::AddExclusion { range, protocol: None, stores } => protocols(None)
                .map(|own| (Self::AddExclusion { range, protocol: Some(own), stores }, own.as_str().to_owned()))
                .collect(),
            Self::RemoveExclusion { range, protocol: None, stores } => protocols(None)
                .map(|own| (Self::RemoveExclusion { range, protocol: Some(own), stores }, own.as_str().to_owned()))
                .collect(),
            Self::SetDynamicRange { range, protocol, family, stores } if protocol.is_none() || family.is_none() => {
                families(family)
                    .flat_map(|family| protocols(protocol).map(move |protocol| (protocol, family)))
                    .map(|(protocol, family)| {
                        let name = format!("{} {}", family_name(family), protocol.as_str());
                        (Self::SetDynamicRange { range, protocol: Some(protocol), family: Some(family), stores }, name)
                    })
                    .collect()
            }
            _ => Vec::new(),
        }
    }
}

const fn family_name(family: Family) -> &'static str {
    match family {
        Family::Ipv4 => "ipv4",
        Family::Ipv6 => "ipv6",
    }
}

/// Whether a state tells of this table by itself.
fn is_told(state: &OperationState, name: &str) -> bool {
    match state {
        OperationState::Exclusions { own_file: Some(text), .. } | OperationState::DynamicRange { own_file: Some(text), .. } => {
            one_by_one::value::<String>(text, name, "active").is_some()
        }
        _ => false,
    }
}

/// The part of a state that is about this table.
pub(super) fn table(state: &OperationState, name: &str) -> OperationState {
    match state {
        OperationState::Exclusions { active, persistent, own_file: Some(text) } => OperationState::Exclusions {
            active: one_by_one::value(text, name, "active").unwrap_or_else(|| active.clone()),
            persistent: one_by_one::value(text, name, "persistent").unwrap_or_else(|| persistent.clone()),
            own_file: None,
        },
        OperationState::DynamicRange { active, persistent, own_file: Some(text) } => OperationState::DynamicRange {
            active: one_by_one::value(text, name, "active").unwrap_or(*active),
            persistent: one_by_one::value(text, name, "persistent").or(*persistent),
            own_file: None,
        },
        other => other.clone(),
    }
}

const fn service(state: ServiceState) -> OperationState {
    OperationState::Service { state, main_pid: None, dependants: Vec::new() }
}

fn exclusions(before: &OperationState, now: &OperationState, change: &dyn Fn(&PortSet) -> PortSet) -> Option<OperationState> {
    let OperationState::Exclusions { active, persistent, own_file } = before else { return None };
    let OperationState::Exclusions { persistent: next_now, own_file: file_now, .. } = now else { return None };
    let (active, persistent) = (change(active), change(persistent));
    let own_file = if *next_now == persistent { file_now } else { own_file }.clone();
    Some(OperationState::Exclusions { active, persistent, own_file })
}

fn dynamic_range(range: PortRange, before: &OperationState, now: &OperationState) -> Option<OperationState> {
    let OperationState::DynamicRange { own_file, .. } = before else { return None };
    let OperationState::DynamicRange { persistent: next_now, own_file: file_now, .. } = now else { return None };
    let own_file = if *next_now == Some(range) { file_now } else { own_file }.clone();
    Some(OperationState::DynamicRange { active: range, persistent: Some(range), own_file })
}

/// The running system of one state and the next start of the other; `None` for what is kept in one place only.
fn mix(running: &OperationState, next: &OperationState) -> Option<OperationState> {
    match (running, next) {
        (OperationState::Exclusions { active, .. }, OperationState::Exclusions { persistent, own_file, .. }) => {
            let (active, persistent, own_file) = (active.clone(), persistent.clone(), own_file.clone());
            Some(OperationState::Exclusions { active, persistent, own_file })
        }
        (OperationState::DynamicRange { active, .. }, OperationState::DynamicRange { persistent, own_file, .. }) => {
            Some(OperationState::DynamicRange { active: *active, persistent: *persistent, own_file: own_file.clone() })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::Standing;
    use crate::machine::{PortRange, ServiceState};
    use crate::remedy::{Operation, OperationState, Stores};

    fn lists(active: &str, persistent: &str, own_file: Option<&str>) -> OperationState {
        OperationState::Exclusions {
            active: active.parse().unwrap(),
            persistent: persistent.parse().unwrap(),
            own_file: own_file.map(str::to_owned),
        }
    }

    fn add() -> Operation {
        Operation::AddExclusion { range: "1433".parse().unwrap(), protocol: None, stores: Stores::Both }
    }

    #[test]
    fn each_store_may_be_as_before_or_as_after_whether_the_state_after_was_read_or_not() {
        let (before, after) = (lists("10", "20", None), lists("10,1433", "20,1433", Some("ours")));
        for known in [Some(&after), None] {
            let standing = |now: &OperationState| add().standing(&before, known, now);
            assert_eq!(standing(&before), Ok(Standing::Before));
            assert_eq!(standing(&after), Ok(Standing::Begun));
            assert_eq!(standing(&lists("10,1433", "20", None)), Ok(Standing::Begun), "only the running list");
            assert_eq!(standing(&lists("10", "20,1433", Some("ours"))), Ok(Standing::Begun), "only the file");
        }
    }

    #[test]
    fn a_store_that_somebody_else_changed_is_told() {
        let (before, after) = (lists("10", "20", None), lists("10,1433", "20,1433", Some("ours")));
        for known in [Some(&after), None] {
            let told = |now: &OperationState| add().standing(&before, known, now).unwrap_err();
            assert!(told(&lists("10,1433,5000", "20,1433", Some("ours"))).contains("5000 added"));
            assert!(told(&lists("1433", "20", None)).contains("10 taken out"));
            assert!(told(&lists("10,1433", "20,1433,5000", Some("edited"))).contains("5000 added"));
        }
    }

    #[test]
    fn a_text_that_was_read_back_must_be_the_same_text() {
        let (before, after) = (lists("", "", None), lists("1433", "1433", Some("ours")));
        assert!(add().standing(&before, Some(&after), &lists("1433", "1433", Some("edited"))).is_err());
    }

    #[test]
    fn a_range_is_between_where_one_store_has_it() {
        let ports = |text: &str| text.parse::<PortRange>().unwrap();
        let state = |active: &str, persistent: Option<&str>| OperationState::DynamicRange {
            active: ports(active),
            persistent: persistent.map(ports),
            own_file: persistent.map(str::to_owned),
        };
        let set = Operation::SetDynamicRange { range: ports("20000-29999"), protocol: None, family: None, stores: Stores::Both };
        let standing = |now: OperationState| set.standing(&state("32768-60999", None), None, &now);
        assert_eq!(standing(state("20000-29999", None)), Ok(Standing::Begun));
        assert_eq!(standing(state("32768-60999", Some("20000-29999"))), Ok(Standing::Begun));
        assert!(standing(state("40000-50000", Some("20000-29999"))).is_err());
        assert!(standing(state("20000-29999", Some("40000-50000"))).is_err());
    }

    #[test]
    fn a_service_runs_or_not() {
        let state = |state| OperationState::Service { state, main_pid: None, dependants: Vec::new() };
        let stop = Operation::StopService { service: "a.service".to_owned() };
        let standing = |now| stop.standing(&state(ServiceState::Running), None, &state(now));
        assert_eq!(standing(ServiceState::Running), Ok(Standing::Before));
        assert_eq!(standing(ServiceState::Stopping), Ok(Standing::Begun));
    }

    #[test]
    fn a_drop_in_that_systemd_has_not_read_yet_is_begun() {
        let state = |allowed, text: Option<&str>| OperationState::LowPort { allowed, own_file: text.map(str::to_owned) };
        let allow = Operation::AllowLowPort { service: "a.service".to_owned() };
        assert_eq!(allow.standing(&state(false, None), None, &state(false, Some("ours"))), Ok(Standing::Begun));
        assert!(allow.standing(&state(false, Some("old")), None, &state(false, Some("edited"))).is_err());
    }
}
