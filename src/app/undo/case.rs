//! The Case about taking a change back: what is shown before it is done.

use super::changed;
use crate::app::change::without_a_problem;
use crate::case::Case;
use crate::diagnosis::Symptom;
use crate::helper::journal::Entry;
use crate::machine::Snapshot;
use crate::platform::{Platform, PlatformError, Scope};
use crate::remedy::{Change, FixOption, Plan, PreviewKind, Risk, Step, StepRecord, single_step, way_back};

/// A Case about taking the entry back, with one option.
///
/// # Errors
/// Where the computer could not be looked at.
pub fn case_of(platform: &dyn Platform, entry: &Entry) -> Result<Case, PlatformError> {
    let snapshot = platform.observe(&Scope::of_ranges())?;
    let steps: Vec<Step> = changed(entry).map(|record| step_back(record, &snapshot)).collect();
    let title = format!("Undo: {}", entry.title);
    let option = FixOption {
        title: title.clone(),
        effect: "What was there before the change is put back, in the running system and for the next start.".to_owned(),
        recommended: true,
        risk: steps.iter().map(|step| step.risk).max().unwrap_or(Risk::Low),
        reversible: "No; make the change again".to_owned(),
        interrupts: "See each step".to_owned(),
        restart: "Not needed".to_owned(),
        changes: changed(entry).filter_map(change).collect(),
        steps,
    };
    let explanation = format!("This takes back the change {} of {:.0}: {}.", entry.id, entry.time, entry.title);
    let diagnosis = without_a_problem(explanation, "Take the change back", Vec::new());
    let (plan, gaps, host) = (Plan { options: vec![option] }, snapshot.gaps.clone(), snapshot.host.clone());
    Ok(Case::new(snapshot.taken_at, host, title, Symptom::default(), diagnosis, plan, gaps))
}

/// From what it is to what it was.
fn change(record: &StepRecord) -> Option<Change> {
    let (after, before) = (record.after.as_ref()?, record.before.as_ref()?);
    let reversible = record.taken_back_as().irreversible_because().is_none();
    reversible.then(|| Change { what: record.operation.to_string(), before: after.to_string(), after: before.to_string() })
}

/// The step that takes `record` back, or says why it stays.
fn step_back(record: &StepRecord, snapshot: &Snapshot) -> Step {
    let operation = record.taken_back_as();
    let done = single_step(operation.clone(), snapshot);
    let step = Step { undo: None, check: "It is what it was before the change".to_owned(), before: record.after.clone(), ..done };
    if let Some(why) = operation.irreversible_because() {
        let title = format!("Stays as it is: {}", step.title);
        let (preview, preview_kind) = (why.to_owned(), PreviewKind::Manual);
        return Step { title, preview, preview_kind, elevation: false, risk: Risk::Low, ..step };
    }
    Step {
        title: format!("Take back: {}", step.title),
        preview: record.before.as_ref().and_then(|before| way_back(snapshot.host.system, &operation, before)).unwrap_or_default(),
        preview_kind: PreviewKind::Command,
        ..step
    }
}
