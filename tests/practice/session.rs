//! One session on a practice machine, as the window has it.

use portmedic::app::{Backend, Cancel, Computer, Investigation, RunProgress};
use portmedic::diagnosis::Target;
use portmedic::helper::journal::Entry;
use portmedic::machine::{DynamicRange, Exclusion, ServiceState};
use portmedic::platform::practice::{Behaviour, Machine};
use portmedic::platform::{OwnerSearch, Scope, ServiceScope};
use portmedic::remedy::{Operation, UndoMode};

/// A computer and what was found on it.
pub struct Session {
    pub computer: Computer,
    pub found: Investigation,
}

impl Session {
    /// Looks into what the lesson of the machine asks for.
    pub fn begin(machine: &Machine, behaviour: Behaviour) -> Self {
        let computer = Computer::practice(machine, behaviour);
        let target = Target::parse(&machine.lesson.target).expect("a target");
        let found = computer.investigate(&target, &mut |_| {}).expect("something is found");
        Self { computer, found }
    }

    /// The place of the recommended option.
    pub fn recommended(&self) -> usize {
        self.found.case.plan.options.iter().position(|option| option.recommended).expect("a recommended option")
    }

    /// Runs the recommended option.
    pub fn apply(&mut self) -> Result<(), String> {
        self.apply_until(&Cancel::default())
    }

    /// Runs the recommended option until somebody cancels it.
    pub fn apply_until(&mut self, cancel: &Cancel) -> Result<(), String> {
        self.apply_telling(cancel, || {})
    }

    /// The same; tells when a step begins.
    pub fn apply_telling(&mut self, cancel: &Cancel, step_begins: impl Fn()) -> Result<(), String> {
        let option = self.recommended();
        self.computer.apply(&mut self.found.case, option, cancel, &mut |progress| {
            if matches!(progress, RunProgress::StepStarted(_)) {
                step_begins();
            }
        })
    }

    fn operations(&self) -> impl Iterator<Item = &Operation> {
        self.found.case.plan.options[self.recommended()].steps.iter().map(|step| &step.operation)
    }

    /// How many steps the recommended option has.
    pub fn steps(&self) -> usize {
        self.operations().count()
    }

    /// Whether the recommended option is for a person.
    pub fn is_by_hand(&self) -> bool {
        self.found.case.plan.options[self.recommended()].is_by_hand()
    }

    /// Whether the service of the lesson shall run afterwards.
    pub fn starts_a_service(&self) -> bool {
        self.operations().any(|operation| matches!(operation, Operation::StartService { .. } | Operation::RestartService { .. }))
    }

    /// Whether a list or range is changed.
    pub fn changes_settings(&self) -> bool {
        self.operations().any(|operation| {
            matches!(
                operation,
                Operation::AddExclusion { .. } | Operation::RemoveExclusion { .. } | Operation::SetDynamicRange { .. }
            )
        })
    }

    /// Looks again.
    pub fn verify(&mut self) {
        self.computer.verify(&mut self.found, &Cancel::default(), &mut |_| {}).expect("it can be looked at");
    }

    /// Whether the service that the lesson is about runs.
    pub fn service_runs(&self) -> bool {
        let wanted = self.found.case.target.service.as_deref();
        self.settings().2.iter().any(|(service, runs)| Some(service.as_str()) == wanted && *runs)
    }

    /// Whether something lasts that can be taken back. A restart alone leaves nothing.
    pub fn can_undo(&self) -> bool {
        self.computer.history().expect("a journal").iter().any(Entry::can_be_undone)
    }

    /// Takes the newest change back.
    pub fn undo(&self) -> Result<String, String> {
        let newest = self.computer.history().expect("a journal").into_iter().find(Entry::can_be_undone).expect("a change");
        self.computer.undo(&newest.id, UndoMode::Exact, &[])
    }

    /// What lasts: the settings of both stores, and which services run.
    pub fn settings(&self) -> (Vec<DynamicRange>, Vec<Exclusion>, Vec<(String, bool)>) {
        let scope = Scope { services: ServiceScope::All, owners: OwnerSearch::None, ..Scope::of_ranges() };
        let mut now = self.computer.platform.observe(&scope).expect("it can be looked at");
        // WinNAT takes other blocks whenever it starts, and they are nobody's setting.
        now.exclusions.retain(|exclusion| exclusion.administered);
        let runs = now.services.iter().map(|service| (service.name.clone(), service.state == ServiceState::Running));
        (now.dynamic_ranges, now.exclusions, runs.collect())
    }
}
