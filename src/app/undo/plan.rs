//! What taking a change back would do, as the computer is now: exactly, or the choices where somebody changed the same thing since.

use super::since::since;
use crate::app::change::without_a_problem;
use crate::case::Case;
use crate::diagnosis::Symptom;
use crate::helper::journal::Entry;
use crate::helper::{Changed, changed_since};
use crate::machine::{Evidence, Snapshot};
use crate::platform::{Platform, PlatformError, Scope};
use crate::remedy::{
    Change, FixOption, OperationState, Plan, PreviewKind, Risk, Step, StepRecord, UndoMode, WayBack, commands_back, single_step,
    way_back,
};

/// What can be done about an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UndoPlan {
    /// The Case about it: an option a choice.
    pub case: Case,
    /// How much each option takes back.
    pub choices: Vec<UndoMode>,
    /// What there is now, a state a step: the helper refuses where that has changed again.
    pub seen: Vec<OperationState>,
    /// What others changed since, with who did where something tells it; empty where nothing did.
    pub changed: Vec<String>,
}

impl UndoPlan {
    /// The place of the option that takes so much back.
    pub fn option_of(&self, mode: UndoMode) -> Option<usize> {
        self.choices.iter().position(|choice| *choice == mode)
    }
}

/// What can be done about the entry with this name.
///
/// # Errors
/// Where the computer could not be looked at.
pub fn plan(platform: &dyn Platform, entries: &[Entry], entry: &Entry) -> Result<UndoPlan, PlatformError> {
    let snapshot = platform.observe(&Scope::of_ranges())?;
    let steps = entry.to_take_back();
    let place = entries.iter().rposition(|other| other.id == entry.id).unwrap_or(entries.len());
    let later = entries.get(place + 1..).unwrap_or_default();
    let conflicts = changed_since(platform, &steps)?;
    let told = |conflict: &Changed| since(&steps[conflict.place], &conflict.change, &conflict.now, &snapshot, later);
    let mut changed: Vec<String> = Vec::new();
    for sentence in conflicts.iter().flat_map(told) {
        if !changed.contains(&sentence) {
            changed.push(sentence);
        }
    }
    let seen: Vec<OperationState> = steps
        .iter()
        .map(|step| match step.operation.irreversible_because() {
            Some(_) => Ok(OperationState::Nothing),
            None => platform.state_of(&step.operation),
        })
        .collect::<Result<_, _>>()?;
    let maker = Maker { entry, steps: &steps, seen: &seen, snapshot: &snapshot };
    let (choices, options): (Vec<UndoMode>, Vec<FixOption>) = if conflicts.is_empty() {
        (vec![UndoMode::Exact], vec![maker.exact()])
    } else {
        let own = maker.own_only().map(|option| (UndoMode::OwnOnly, option));
        own.into_iter().chain([(UndoMode::Everything, maker.everything(&changed))]).unzip()
    };
    let mut explanation = format!("This takes back the change {} of {:.0}: {}.", entry.id, entry.time, entry.title);
    if !changed.is_empty() {
        explanation.push_str(" Somebody changed the same thing since.");
    }
    let evidence = changed.iter().map(|fact| Evidence {
        fact: fact.clone(),
        source: "the computer, compared with the journal".to_owned(),
        raw: None,
        time: Some(snapshot.taken_at),
    });
    let next_step = if changed.is_empty() { "Take the change back" } else { "Choose how much is taken back, or leave it" };
    let diagnosis = without_a_problem(explanation, next_step, evidence.collect());
    let (gaps, host) = (snapshot.gaps.clone(), snapshot.host.clone());
    let title = format!("Undo: {}", entry.title);
    let case = Case::new(snapshot.taken_at, host, title, Symptom::default(), diagnosis, Plan { options }, gaps);
    Ok(UndoPlan { case, choices, seen, changed })
}

/// Makes the options of one entry.
struct Maker<'a> {
    entry: &'a Entry,
    steps: &'a [StepRecord],
    seen: &'a [OperationState],
    snapshot: &'a Snapshot,
}

impl Maker<'_> {
    fn exact(&self) -> FixOption {
        let effect = "What was there before the change is put back, in the running system and for the next start.";
        self.option(format!("Undo: {}", self.entry.title), effect.to_owned(), UndoMode::Exact)
    }

    /// `None` where nothing of the change is PortMedic's own any more.
    fn own_only(&self) -> Option<FixOption> {
        let effect = "What PortMedic did is taken back. What others changed since stays.".to_owned();
        let option = self.option(format!("Take back only what PortMedic did: {}", self.entry.title), effect, UndoMode::OwnOnly);
        option.steps.iter().any(|step| !step.is_manual()).then_some(option)
    }

    fn everything(&self, changed: &[String]) -> FixOption {
        let effect =
            format!("All is as it was before the change then. What others changed since is lost: {}.", changed.join("; "));
        let title = format!("Put everything back as it was before: {}", self.entry.title);
        FixOption { recommended: false, ..self.option(title, effect, UndoMode::Everything) }
    }

    fn option(&self, title: String, effect: String, mode: UndoMode) -> FixOption {
        let both = self.steps.iter().zip(self.seen);
        let (steps, changes): (Vec<Step>, Vec<Option<Change>>) =
            both.map(|(record, now)| self.step_back(record, now, mode)).unzip();
        FixOption {
            title,
            effect,
            recommended: true,
            risk: steps.iter().map(|step| step.risk).max().unwrap_or(Risk::Low),
            reversible: "No; make the change again".to_owned(),
            interrupts: "See each step".to_owned(),
            restart: "Not needed".to_owned(),
            changes: changes.into_iter().flatten().collect(),
            steps,
        }
    }

    /// The step that takes `record` back and what it changes, or why it stays.
    fn step_back(&self, record: &StepRecord, now: &OperationState, mode: UndoMode) -> (Step, Option<Change>) {
        let operation = &record.operation;
        let done = single_step(operation.clone(), self.snapshot);
        let check = match mode {
            UndoMode::OwnOnly => "Nothing of it is PortMedic's own any more",
            UndoMode::Exact | UndoMode::Everything => "It is what it was before the change",
        };
        let step = Step { undo: None, check: check.to_owned(), before: record.after.clone(), ..done };
        let stays = |why: &str| Step {
            title: format!("Stays as it is: {}", step.title),
            preview: why.to_owned(),
            preview_kind: PreviewKind::Manual,
            elevation: false,
            risk: Risk::Low,
            ..step.clone()
        };
        if let Some(why) = operation.irreversible_because() {
            return (stays(why), None);
        }
        let Some(before) = &record.before else { return (stays("nothing was changed"), None) };
        let ways = match mode {
            // Of several steps on the same thing, the earlier ones begin where those after them end.
            UndoMode::Exact => vec![WayBack::Restore { operation: operation.clone(), to: before.clone() }],
            mode => operation.ways_back(mode, before, record.after.as_ref(), now),
        };
        if ways.is_empty() {
            return (stays("nothing of it is left to take back"), None);
        }
        let command = |way: &WayBack| match (way, mode) {
            (WayBack::Restore { operation, to }, UndoMode::Exact) => {
                way_back(self.snapshot.host.system, operation, to).unwrap_or_default()
            }
            (way, _) => commands_back(way, now, self.snapshot),
        };
        let commands: Vec<String> = ways.iter().map(command).collect();
        let goal = |way: &WayBack| match way {
            WayBack::Restore { to, .. } => to.to_string(),
            WayBack::Do(opposite) => opposite.to_string(),
        };
        let from = if mode == UndoMode::Exact { record.after.as_ref().unwrap_or(now) } else { now };
        let change = Change {
            what: operation.to_string(),
            before: from.to_string(),
            after: ways.iter().map(goal).collect::<Vec<_>>().join(", "),
        };
        let title = format!("Take back: {}", step.title);
        (Step { title, preview: commands.join("\n"), preview_kind: PreviewKind::Command, ..step }, Some(change))
    }
}
