//! The entries that the records of a journal make.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Asker, Record, StepCheck};
use crate::machine::Boot;
use crate::remedy::{Operation, OperationState, Purpose, Recheck, StepRecord, StepResult, Subject};

/// One run of the helper.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its name.
    pub id: String,
    /// The id of the request that asked for it. Nobody but the helper needs it.
    #[serde(skip)]
    pub request: String,
    /// When it began.
    pub time: Timestamp,
    /// Who asked.
    pub asker: Asker,
    /// What for.
    pub title: String,
    /// The entry that it takes back.
    pub undoes: Option<String>,
    /// Its steps in the order in which they were done.
    pub steps: Vec<EntryStep>,
    /// Whether the helper came to its end.
    pub finished: bool,
    /// When it was taken back.
    pub undone: Option<Timestamp>,
    /// Whether it has a step that this version does not understand.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unreadable: bool,
    /// What it shall bring about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<Purpose>,
    /// The run of the computer in which it was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub boot: Option<Boot>,
    /// The checks after restarts, the oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rechecks: Vec<Recheck>,
}

/// One step of an entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryStep {
    /// What became of it.
    #[serde(flatten)]
    pub record: StepRecord,
    /// Whether the helper was ended while it was done: what it changed is not known.
    pub interrupted: bool,
    /// Whether what it did still held at the end of the run; `None` where that was not looked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check: Option<StepCheck>,
}

impl Entry {
    /// Whether it changed something that undo could take back, and has not been taken back.
    pub fn can_be_undone(&self) -> bool {
        let counts = |step: &StepRecord| step.operation.can_be_taken_back();
        self.undoes.is_none() && self.undone.is_none() && !self.unreadable && self.to_take_back().iter().any(counts)
    }

    /// Whether it changed something and was not taken back.
    pub fn is_in_force(&self) -> bool {
        self.undoes.is_none() && self.undone.is_none() && self.has_left_something()
    }

    /// What it changed, the last first, each as what it is taken back as.
    pub fn to_take_back(&self) -> Vec<StepRecord> {
        let left = lasting(self.steps.iter().map(|step| &step.record)).into_iter().rev();
        left.map(|record| StepRecord { operation: record.taken_back_as(), ..record.clone() }).collect()
    }

    /// Whether it changed anything, for however short a time.
    pub fn has_changed(&self) -> bool {
        self.steps.iter().any(|step| step.record.has_changed())
    }

    /// Whether it changed anything that it did not put back itself.
    pub fn has_left_something(&self) -> bool {
        !lasting(self.steps.iter().map(|step| &step.record)).is_empty()
    }
}

/// Those of the records that changed something, but for services that were stopped and started again with nothing else changed in between:
/// of those nothing is left.
pub fn lasting<'a>(records: impl IntoIterator<Item = &'a StepRecord>) -> Vec<&'a StepRecord> {
    let changed: Vec<&StepRecord> = records.into_iter().filter(|record| record.has_changed()).collect();
    let is_turn =
        |record: &StepRecord| matches!(record.operation, Operation::StopService { .. } | Operation::StartService { .. });
    let groups = changed.chunk_by(|one, next| is_turn(one) && is_turn(next));
    groups.flat_map(|group| group.iter().filter(|record| !is_turn(record) || !is_back(record, group))).copied().collect()
}

/// Whether the service of a record runs after all of these as it did before them, with those that stopped along with it.
fn is_back(record: &StepRecord, turns: &[&StepRecord]) -> bool {
    let is_as_before = |service: &str| {
        let turn = |record: &&StepRecord| record.turn_of(service);
        match (turns.iter().find_map(turn), turns.iter().rev().find_map(turn)) {
            (Some((ran, _)), Some((_, runs))) => ran == runs,
            // Of one that nobody looked at nothing is known.
            _ => false,
        }
    };
    let along: &[String] = match &record.before {
        Some(OperationState::Service { dependants, .. }) => dependants,
        _ => &[],
    };
    let own = match record.operation.subject() {
        Subject::Service(service) => is_as_before(service),
        _ => false,
    };
    own && along.iter().all(|service| is_as_before(service))
}

/// Makes the entries out of lines. A line that is no record is left out: the last one may be cut off by a crash, and its step then counts
/// as interrupted.
pub fn read<'a>(lines: impl Iterator<Item = &'a str>) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    for line in lines {
        let Ok(record) = serde_json::from_str(line) else {
            if let Some(entry) = not_understood(line).and_then(|entry| named(&mut entries, &entry)) {
                entry.unreadable = true;
            }
            continue;
        };
        match record {
            Record::Begin { entry, time, request, asker, title, undoes, purpose, boot } => {
                let steps = Vec::new();
                entries.push(Entry {
                    id: entry,
                    request,
                    time,
                    asker,
                    title,
                    undoes,
                    steps,
                    finished: false,
                    undone: None,
                    unreadable: false,
                    purpose,
                    boot,
                    rechecks: Vec::new(),
                });
            }
            Record::Intent { entry, index, operation, before, .. } => {
                let record = StepRecord {
                    operation,
                    before: Some(before),
                    after: None,
                    result: StepResult::NotVerified,
                    message: Some("PortMedic was ended while it did this step; what it changed is not known".to_owned()),
                    duration_ms: 0,
                };
                put(&mut entries, &entry, index, EntryStep { record, interrupted: true, check: None });
            }
            Record::Result { entry, index, step, .. } => {
                put(&mut entries, &entry, index, EntryStep { record: *step, interrupted: false, check: None });
            }
            Record::Checked { entry, checks, .. } => {
                let Some(entry) = named(&mut entries, &entry) else { continue };
                for check in checks {
                    if let Some(step) = entry.steps.get_mut(check.index) {
                        step.check = Some(check);
                    }
                }
            }
            Record::End { entry, .. } => {
                if let Some(entry) = named(&mut entries, &entry) {
                    entry.finished = true;
                }
            }
            Record::Undone { entry, time, .. } => {
                if let Some(entry) = named(&mut entries, &entry) {
                    entry.undone = Some(time);
                }
            }
            Record::Rechecked { entry, check } => {
                if let Some(entry) = named(&mut entries, &entry) {
                    entry.rechecks.push(*check);
                }
            }
        }
    }
    entries
}

/// The entry whose step stands in a line that is whole and not understood: another version wrote it.
fn not_understood(line: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Step {
        record: String,
        entry: String,
    }
    let step: Step = serde_json::from_str(line).ok()?;
    matches!(step.record.as_str(), "intent" | "result").then_some(step.entry)
}

/// Puts a step in its place. The result of a step replaces what was noted before it.
fn put(entries: &mut [Entry], id: &str, index: usize, step: EntryStep) {
    let Some(entry) = named(entries, id) else { return };
    match entry.steps.get_mut(index) {
        Some(place) => *place = step,
        None => entry.steps.push(step),
    }
}

/// The newest entry with this name.
fn named<'a>(entries: &'a mut [Entry], id: &str) -> Option<&'a mut Entry> {
    entries.iter_mut().rev().find(|entry| entry.id == id)
}

#[cfg(test)]
mod tests {
    use super::{Entry, read};
    use crate::machine::Boot;

    const BEGIN: &str = r#"{"record":"begin","entry":"a","time":"2026-11-21T03:00:00Z","request":"r","asker":{"uid":0,"name":null,"by":"root"},"title":"t"}"#;
    const STEP: &str = r#"{"record":"result","entry":"a","time":"2026-11-21T03:00:00Z","index":0,"step":{"operation":"remove_max_user_port","before":{"of":"max_user_port","value":65534},"after":{"of":"max_user_port","value":null},"result":"done","message":null,"duration_ms":1}}"#;

    fn entry(lines: &[&str]) -> Entry {
        read(lines.iter().copied()).remove(0)
    }

    #[test]
    fn records_of_a_kind_that_is_not_known_are_passed_over() {
        let entry = entry(&[BEGIN, r#"{"record":"weather","entry":"a","sunny":true}"#, STEP, "", "{", "null"]);
        assert!(entry.can_be_undone() && !entry.unreadable && entry.steps.len() == 1);
    }

    #[test]
    fn an_entry_with_a_step_that_is_not_understood_is_not_taken_back() {
        let unknown = STEP.replace("remove_max_user_port", "paint_the_server");
        let entry = entry(&[BEGIN, STEP, &unknown]);
        assert!(entry.unreadable && !entry.can_be_undone());
    }

    #[test]
    fn a_check_stands_beside_its_step() {
        let check = r#"{"record":"checked","entry":"a","time":"2026-11-21T03:00:00Z","checks":[{"index":0,"outcome":"passed","now":null},{"index":7,"outcome":"failed","now":null}]}"#;
        let entry = entry(&[BEGIN, STEP, check]);
        assert_eq!(entry.steps[0].check.as_ref().map(|check| check.outcome.as_str()), Some("passed"));
    }

    #[test]
    fn a_journal_of_an_older_version_tells_of_no_purpose_and_no_boot() {
        let entry = read([BEGIN].into_iter()).remove(0);
        assert_eq!((entry.purpose, entry.boot, entry.rechecks), (None, None, Vec::new()));
    }

    #[test]
    fn records_and_fields_of_a_newer_version_are_passed_over() {
        let newer = BEGIN.replace("\"title\"", "\"colour\":\"red\",\"title\"");
        let unknown = r#"{"record":"praised","entry":"a","time":"2026-11-21T03:02:00Z"}"#;
        let entries = read([newer.as_str(), unknown].into_iter());
        assert_eq!((entries.len(), entries[0].title.as_str()), (1, "t"));
    }

    #[test]
    fn checks_after_restarts_belong_to_their_entry_in_their_order() {
        let check = |outcome: &str, boot: u64| {
            format!(
                r#"{{"record":"rechecked","entry":"a","check":{{"time":"2026-11-22T03:12:00Z","boot":"0f/{boot}",
                "verification":{{"outcome":"{outcome}","headline":"h","checks":[]}}}}}}"#
            )
            .replace('\n', " ")
        };
        let (held, lost) = (check("fixed", 2), check("not_fixed", 3));
        let entry = read([BEGIN, held.as_str(), lost.as_str()].into_iter()).remove(0);
        let told: Vec<_> = entry.rechecks.iter().map(|check| (check.holds(), check.boot.clone())).collect();
        assert_eq!(told, [(true, Boot::new("0f", 2)), (false, Boot::new("0f", 3))]);
    }
}
