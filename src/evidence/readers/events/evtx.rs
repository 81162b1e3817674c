//! Binary event logs. The file has no lines: the place of an event is its record number, as Event Viewer shows it (EventRecordID).

use std::io::Cursor;

use ::evtx::EvtxParser;

use super::{Event, Log, Problem, Reading};
use crate::evidence::fact::{Name, Place};

/// What a binary event log begins with.
const SIGNATURE: &[u8] = b"ElfFile\0";

/// Whether the bytes say that they are a binary event log.
pub fn is_binary_log(bytes: &[u8]) -> bool {
    bytes.starts_with(SIGNATURE)
}

/// Reads a binary event log, one block of 64 KiB after the other; `false` where no event of it can be read.
pub fn binary_log(file: &Name, bytes: &[u8], reading: &mut Reading, problems: &mut Vec<Problem>) -> bool {
    let mut tell = |because: String| problems.push(Problem { line: None, because });
    let mut parser = match EvtxParser::from_read_seek(Cursor::new(bytes)) {
        Ok(parser) => parser,
        Err(error) => {
            tell(format!("the beginning of this event log is damaged ({error}); export it again, or as text with wevtutil"));
            return false;
        }
    };
    let mut log = Log::default();
    let (mut events, mut unread, mut first_error) = (0_usize, 0_usize, None);
    for record in parser.records() {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                unread += 1;
                first_error.get_or_insert_with(|| error.to_string());
                continue;
            }
        };
        let Some(event) = Event::read(&record.data) else {
            unread += 1;
            first_error.get_or_insert_with(|| format!("record {} is no event", record.event_record_id));
            continue;
        };
        let line = u32::try_from(record.event_record_id).unwrap_or(u32::MAX);
        let place = Place { file: file.clone(), line, line_end: line };
        let time = event.time.map(|time| time.to_string());
        log.add(&event, time.as_deref(), place.clone(), place);
        events += 1;
    }
    log.tell(reading);
    if let Some(error) = first_error {
        let parts = if unread == 1 { "a part" } else { "parts" };
        tell(format!("{parts} of this event log could not be read, {unread} in all ({error}); the rest was read"));
    } else if events == 0 {
        tell("this event log has no events; export it again, or as text with wevtutil".to_owned());
    }
    events > 0
}
