//! The event log, as every Windows since Vista has it.

use std::time::{Duration, Instant};

use windows::Win32::Foundation::{ERROR_INSUFFICIENT_BUFFER, ERROR_NO_MORE_ITEMS};
use windows::Win32::System::EventLog::{
    EVT_HANDLE, EvtClose, EvtNext, EvtQuery, EvtQueryChannelPath, EvtQueryReverseDirection, EvtRender, EvtRenderEventXml,
};
use windows::core::{Error, HSTRING};

use crate::platform::windows_text::services::event_log::EventLog;

/// How long one question may take altogether. A large log on a slow disk takes seconds.
const LIMIT: Duration = Duration::from_secs(5);
/// How many events are taken at once.
const BATCH: usize = 32;

/// The event log of this computer.
#[derive(Debug)]
pub struct WindowsEventLog;

impl EventLog for WindowsEventLog {
    fn read(&self, channel: &str, query: &str, most: usize) -> Result<Vec<String>, String> {
        let begin = Instant::now();
        let flags = EvtQueryChannelPath.0 | EvtQueryReverseDirection.0;
        // SAFETY: without a session it is the log of this computer, and both texts end with a zero.
        let result = unsafe { EvtQuery(None, &HSTRING::from(channel), &HSTRING::from(query), flags) };
        let result = Handle(result.map_err(|error| in_words(&error))?);
        let mut texts = Vec::new();
        while texts.len() < most && begin.elapsed() < LIMIT {
            let mut batch = [0_isize; BATCH];
            let mut count = 0;
            let patience = u32::try_from(LIMIT.saturating_sub(begin.elapsed()).as_millis()).unwrap_or(0);
            // SAFETY: the query is open, and the call gets the length of the array.
            match unsafe { EvtNext(result.0, &mut batch, patience, 0, &raw mut count) } {
                Ok(()) => {}
                Err(error) if error.code() == ERROR_NO_MORE_ITEMS.to_hresult() => break,
                // What was read before counts.
                Err(_) if !texts.is_empty() => break,
                Err(error) => return Err(in_words(&error)),
            }
            let count = usize::try_from(count).unwrap_or(0);
            // Each handle is closed, also where its event cannot be rendered.
            let events: Vec<Handle> = batch.iter().take(count).map(|handle| Handle(EVT_HANDLE(*handle))).collect();
            texts.extend(events.iter().filter_map(render));
        }
        texts.truncate(most);
        Ok(texts)
    }
}

/// A handle of the event log, closed when it goes.
struct Handle(EVT_HANDLE);

impl Drop for Handle {
    fn drop(&mut self) {
        // SAFETY: the handle is ours and open; nobody uses it afterwards.
        let closed = unsafe { EvtClose(self.0) };
        debug_assert!(closed.is_ok(), "a handle of our own can be closed");
    }
}

/// The event as XML; `None` where Windows cannot write it so.
fn render(event: &Handle) -> Option<String> {
    let mut buffer = vec![0_u16; 4 << 10];
    loop {
        let (mut used, mut count) = (0, 0);
        let size = u32::try_from(buffer.len() * 2).ok()?;
        let start = buffer.as_mut_ptr().cast();
        // SAFETY: the event is open, the buffer is ours, and the call gets its length in bytes.
        let rendered = unsafe { EvtRender(None, event.0, EvtRenderEventXml.0, size, Some(start), &raw mut used, &raw mut count) };
        let used = usize::try_from(used).ok()? / 2;
        match rendered {
            Ok(()) => {
                let text = buffer.get(..used)?;
                return Some(String::from_utf16_lossy(text).trim_end_matches('\0').to_owned());
            }
            Err(error) if error.code() == ERROR_INSUFFICIENT_BUFFER.to_hresult() && used > buffer.len() => {
                buffer = vec![0; used];
            }
            Err(_) => return None,
        }
    }
}

fn in_words(error: &Error) -> String {
    // Wine has the call and no log: it gives neither events nor an error.
    if error.code().is_ok() {
        return "this Windows does not answer questions about its event log".to_owned();
    }
    let text = error.message();
    if text.is_empty() { format!("Windows answers with error {}", error.code().0 & 0xFFFF) } else { text }
}
