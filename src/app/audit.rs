//! The audit of a computer: one look, the risks of its fixed ports, and one plan against them. The command line and the window use it alike.

use serde::Serialize;

use super::change::without_a_problem;
use super::verify::verify_in;
use crate::case::Case;
use crate::diagnosis::Symptom;
use crate::diagnosis::audit::{Findings, NotFixed, Risk, SafePort};
use crate::machine::{Evidence, Gap, Port, Protocol, Snapshot, Table};
use crate::platform::{OwnerSearch, Platform, PlatformError, Scope, ServiceScope, SocketScope};
use crate::remedy::{Check, CheckOutcome, Operation, OperationState, Outcome, Plan, Refusal, RefusalKind, Step, protect};

/// A risk and what helps against it.
#[derive(Debug, Clone, Serialize)]
pub struct AuditedRisk {
    /// The risk.
    #[serde(flatten)]
    pub risk: Risk,
    /// What helps: a step of the plan, a step of its own, or words for a person.
    pub fix: Step,
    /// Whether the plan does it.
    pub in_plan: bool,
}

/// The answer of an audit.
#[derive(Debug, Clone)]
pub struct Audit {
    /// The ports at risk, the most likely first. One port may have several risks.
    pub risks: Vec<AuditedRisk>,
    /// One option that protects every port whose risk says `in_plan`; no option where there is none.
    pub plan: Plan,
    /// How many fixed ports were checked.
    pub checked: usize,
    /// Those that nothing was found against.
    pub safe: Vec<SafePort>,
    /// Ports of services that are not fixed, so that there is nothing to protect.
    pub not_fixed: Vec<NotFixed>,
    /// What could not be seen.
    pub gaps: Vec<Gap>,
    /// The look that all of it rests on.
    pub snapshot: Snapshot,
}

/// What the audit looks at: every service, everybody who listens, and the ranges. Connections do not matter, however many there are.
fn scope() -> Scope {
    Scope {
        services: ServiceScope::All,
        sockets: SocketScope::Listeners,
        owners: OwnerSearch::ControlGroup,
        ranges: true,
        ..Scope::default()
    }
}

/// Looks at a computer once and says which fixed ports are at risk. `named` are ports that the user calls fixed, whoever wants them.
///
/// # Errors
/// Where nothing could be seen at all.
pub fn audit(platform: &dyn Platform, named: &[(Port, Protocol)]) -> Result<Audit, PlatformError> {
    Ok(of_look(platform, platform.observe(&scope())?, named))
}

/// The audit of what one look shows.
fn of_look(platform: &dyn Platform, snapshot: Snapshot, named: &[(Port, Protocol)]) -> Audit {
    let Findings { checked, risks, safe, not_fixed, gaps } = crate::diagnosis::audit::audit(&snapshot, named);
    let dependants = |service: &str| match platform.state_of(&Operation::StopService { service: service.to_owned() }) {
        Ok(OperationState::Service { dependants, .. }) => dependants,
        // Where it cannot be read now, the run of the plan says so.
        _ => Vec::new(),
    };
    let protection = protect(&snapshot, &risks, &dependants);
    let fixed = risks.into_iter().zip(protection.fixes);
    let risks = fixed.map(|(risk, fix)| AuditedRisk { risk, fix: fix.step, in_plan: fix.in_plan }).collect();
    let plan = Plan { options: protection.option.into_iter().collect() };
    Audit { risks, plan, checked, safe, not_fixed, gaps, snapshot }
}

impl Audit {
    /// Whether enough was seen to call a computer without a risk safe.
    pub fn is_complete(&self) -> bool {
        let snapshot = &self.snapshot;
        let ranges = !snapshot.dynamic_ranges.is_empty() && snapshot.shows(Table::Exclusions);
        ranges && (!snapshot.services.is_empty() || snapshot.shows(Table::TcpSockets))
    }

    /// The plan as a Case, ready to be applied; without an option where the plan has none.
    pub fn fix(&self, platform: &dyn Platform) -> AuditFix {
        let mut plan = self.plan.clone();
        for step in plan.options.iter_mut().flat_map(|option| &mut option.steps) {
            // Where the state cannot be read, the run of the plan says so before anybody is asked for rights.
            step.before = platform.state_of(&step.operation).ok();
        }
        let evidence = self.risks.iter().map(|own| Evidence {
            fact: own.risk.why.trim_end_matches('.').to_owned(),
            source: own.risk.source.clone(),
            raw: None,
            time: Some(self.snapshot.taken_at),
        });
        let next = if plan.options.is_empty() { "Do the steps by hand" } else { "Apply the plan" };
        let mut diagnosis = without_a_problem(self.in_short(), next, evidence.collect());
        diagnosis.verdict.headline = self.headline();
        let host = self.snapshot.host.clone();
        let case =
            Case::new(self.snapshot.taken_at, host, "audit".to_owned(), Symptom::default(), diagnosis, plan, self.gaps.clone());
        AuditFix { case: case.with_facts(&self.snapshot), before: self.clone() }
    }

    /// The result in one sentence.
    pub fn headline(&self) -> String {
        match (self.risks.len(), self.checked) {
            (0, 0) => "No fixed port was found".to_owned(),
            (0, 1) => "The one fixed port is not at risk".to_owned(),
            (0, checked) => format!("None of {checked} fixed ports is at risk"),
            (risks, _) => {
                let mut ports: Vec<_> = self.risks.iter().map(|own| (own.risk.port, own.risk.protocol)).collect();
                ports.sort_unstable();
                ports.dedup();
                let reasons = if risks == ports.len() { String::new() } else { format!(", for {risks} reasons") };
                match ports.len() {
                    1 => format!("1 port is at risk at the next restart{reasons}"),
                    ports => format!("{ports} ports are at risk at the next restart{reasons}"),
                }
            }
        }
    }

    /// How many ports the plan protects.
    pub fn planned(&self) -> usize {
        let ports = self.risks.iter().filter(|own| own.in_plan).map(|own| (own.risk.port, own.risk.protocol));
        ports.collect::<std::collections::BTreeSet<_>>().len()
    }

    /// Why there is nothing to apply; `None` where the plan has something to do.
    pub fn refusal(&self) -> Option<Refusal> {
        if !self.plan.options.is_empty() {
            return None;
        }
        let mut refusal = match (self.risks.is_empty(), self.is_complete()) {
            (true, true) => {
                Refusal::not_possible("Nothing is at risk", format!("{}. There is nothing to do.", self.headline()), "")
            }
            (true, false) => Refusal::not_possible(
                "Whether a port is at risk could not be told",
                "Too little of the services and ranges could be seen.",
                "What was not seen is listed on the page.",
            ),
            (false, _) => Refusal::not_possible(
                "What is left needs a person",
                "No exclusion helps against these risks.",
                "What helps stands with each of them.",
            ),
        };
        if self.risks.is_empty() && self.is_complete() {
            refusal.kind = RefusalKind::AlreadySo;
        }
        Some(refusal)
    }

    fn in_short(&self) -> String {
        let planned = self.risks.iter().filter(|own| own.in_plan).count();
        format!(
            "{} fixed ports were checked against dynamic ranges, exclusions and each other; the plan is for {planned} of {} risks.",
            self.checked,
            self.risks.len()
        )
    }
}

/// The plan of an audit on its way: applied as a Case, then proven by another audit.
#[derive(Debug, Clone)]
pub struct AuditFix {
    /// The record, with the plan as its only option.
    pub case: Case,
    before: Audit,
}

impl AuditFix {
    /// Looks again and notes in the Case what the computer says, also where it says nothing. Gives the audit of afterwards, where there is one.
    pub fn prove(&mut self, platform: &dyn Platform, named: &[(Port, Protocol)]) -> Option<Audit> {
        self.before.prove(&mut self.case, platform, named)
    }
}

impl Audit {
    /// Looks again after the plan was applied in `case`, as [`AuditFix::prove`] does.
    pub fn prove(&self, case: &mut Case, platform: &dyn Platform, named: &[(Port, Protocol)]) -> Option<Self> {
        match verify_in(platform, &scope(), case, &self.snapshot) {
            Ok(look) => {
                let after = of_look(platform, look, named);
                self.compare(&after, case);
                Some(after)
            }
            Err(error) => {
                case.outcome = Some(Outcome::CouldNotCheck);
                case.message = Some(format!("whether the ports are safe now could not be seen: {error}"));
                None
            }
        }
    }

    /// Every risk that the plan was for must be gone.
    fn compare(&self, after: &Self, case: &mut Case) {
        let planned: Vec<&Risk> = self.risks.iter().filter(|own| own.in_plan).map(|own| &own.risk).collect();
        let is_left = |risk: &&&Risk| {
            let same = |other: &Risk| (other.port, other.protocol, &other.service) == (risk.port, risk.protocol, &risk.service);
            after.risks.iter().any(|own| own.risk.kind.is_solved_by_exclusion() && same(&own.risk))
        };
        let left = planned.iter().filter(is_left).count();
        let others = after.risks.len() - after.risks.iter().filter(|own| own.in_plan).count();
        let Some(proof) = &mut case.verification else { return };
        let outcome = if left == 0 { CheckOutcome::Passed } else { CheckOutcome::Failed };
        proof.checks.push(Check {
            what: "Risks that the plan is for".to_owned(),
            before: planned.len().to_string(),
            now: left.to_string(),
            outcome,
            source: "another audit".to_owned(),
        });
        if left > 0 {
            proof.outcome = Outcome::NotFixed;
            proof.headline = format!("Not fixed: {left} of {} ports are still at risk", planned.len());
        } else if proof.outcome == Outcome::Fixed {
            proof.headline = match others {
                0 => "Fixed: no fixed port is at risk any more".to_owned(),
                1 => "Fixed: what the plan is for; one risk is left for you, and portmedic audit tells it".to_owned(),
                others => format!("Fixed: what the plan is for; {others} risks are left for you, and portmedic audit tells them"),
            };
        }
        case.outcome = Some(proof.outcome);
    }
}
