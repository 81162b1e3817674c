//! The entries that the records of a journal make.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Asker, Record};
use crate::remedy::{StepRecord, StepResult};

/// One run of the helper.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its name.
    pub id: String,
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
}

/// One step of an entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryStep {
    /// What became of it.
    #[serde(flatten)]
    pub record: StepRecord,
    /// Whether the helper was ended while it was done: what it changed is not known.
    pub interrupted: bool,
}

impl Entry {
    /// Whether it changed something that undo could take back, and has not been taken back.
    pub fn can_be_undone(&self) -> bool {
        let counts = |step: &EntryStep| step.record.has_changed() && step.record.taken_back_as().irreversible_because().is_none();
        self.undoes.is_none() && self.undone.is_none() && self.steps.iter().any(counts)
    }

    /// Whether it changed anything.
    pub fn has_changed(&self) -> bool {
        self.steps.iter().any(|step| step.record.has_changed())
    }
}

/// Makes the entries out of lines. A line that is no record is left out: the last one may be cut off by a crash, and its step then counts
/// as interrupted.
pub fn read<'a>(lines: impl Iterator<Item = &'a str>) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    for record in lines.filter_map(|line| serde_json::from_str(line).ok()) {
        match record {
            Record::Begin { entry, time, request: _, asker, title, undoes } => {
                let steps = Vec::new();
                entries.push(Entry { id: entry, time, asker, title, undoes, steps, finished: false, undone: None });
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
                put(&mut entries, &entry, index, EntryStep { record, interrupted: true });
            }
            Record::Result { entry, index, step, .. } => {
                put(&mut entries, &entry, index, EntryStep { record: *step, interrupted: false });
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
        }
    }
    entries
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
