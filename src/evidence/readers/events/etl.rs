//! Traces of Windows (`.etl`): whether a program was given no port. The file has no lines: the place of an event is its number in the file.
//!
//! The file is a row of buffers of one size, each with a head of 72 bytes and events behind it. Which head an event has stands in its third
//! byte (`WMI_BUFFER_HEADER`, `EVENT_HEADER` and `TRACE_LOGFILE_HEADER` of the Windows SDK:
//! <https://learn.microsoft.com/windows/win32/api/evntrace/ns-evntrace-trace_logfile_header>). What counts are the answers of the socket driver
//! (Microsoft-Windows-Winsock-AFD): `STATUS_TOO_MANY_ADDRESSES` is what a program gets that asks for a port when none is left
//! (<https://learn.microsoft.com/troubleshoot/windows-client/networking/tcp-ip-port-exhaustion-troubleshooting>).

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{Problem, Reading};
use crate::evidence::fact::{Failure, Name, Place};
use crate::machine::FailureKind;

/// The head of a buffer, in bytes.
const BUFFER_HEAD: usize = 72;
/// The head of an event of a provider with a manifest, in bytes.
const EVENT_HEAD: usize = 80;
/// The head of an event of the system, in bytes: the first event of a file has one.
const SYSTEM_HEAD: usize = 32;
/// The provider Microsoft-Windows-Winsock-AFD, `e53c6823-7bb8-44bb-90dc-3f86090d48a6`, as it stands in the file.
const AFD: [u8; 16] = [0x23, 0x68, 0x3c, 0xe5, 0xb8, 0x7b, 0xbb, 0x44, 0x90, 0xdc, 0x3f, 0x86, 0x09, 0x0d, 0x48, 0xa6];
/// Its events of a program that connects or binds, which is when it is given a port. The answer stands behind two numbers and the addresses of
/// process and socket in the kernel.
const OF_PORTS: [u16; 4] = [1017, 1020, 1029, 1030];
/// Those of connecting in which the address and the length of a buffer stand before the answer.
const OF_PORTS_WITH_BUFFER: [u16; 2] = [1018, 1021];
/// `STATUS_TOO_MANY_ADDRESSES`.
const TOO_MANY_ADDRESSES: u32 = 0xC000_0209;
/// The mode of a file in which the newest events take the place of the oldest: `EVENT_TRACE_FILE_MODE_CIRCULAR`.
const CIRCULAR: u32 = 2;
/// Between 1601, when the time of Windows begins, and 1970, in seconds.
const UNIX_EPOCH: i64 = 11_644_473_600;
/// The processes that are told; the others only count.
const MOST: usize = 8;

/// Whether the bytes are a trace: its first buffer begins with the event that tells about the file, and is as long as that says.
pub fn is_trace(bytes: &[u8]) -> bool {
    let at = BUFFER_HEAD;
    let head = bytes.get(at + 2).is_some_and(|kind| matches!(kind, 1 | 2)) && bytes.get(at + 3) == Some(&0xC0);
    let size = number(bytes, 0);
    head && size.is_some_and(|size| size >= 1024 && size % 1024 == 0 && number(bytes, at + SYSTEM_HEAD) == Some(size))
}

/// Reads a trace; `false` where no event of it can be read.
pub fn trace(file: &Name, bytes: &[u8], reading: &mut Reading, problems: &mut Vec<Problem>) -> bool {
    let mut seen = Seen { clock: Clock::of(bytes), ..Seen::default() };
    let buffer = number(bytes, 0).and_then(|size| usize::try_from(size).ok()).unwrap_or(bytes.len()).max(BUFFER_HEAD);
    for one in bytes.chunks(buffer) {
        seen.take_buffer(one);
    }
    let mut tell = |because: String| problems.push(Problem { line: None, because });
    if seen.damaged > 0 {
        let buffers = if seen.damaged == 1 { "a buffer" } else { "buffers" };
        tell(format!("{buffers} of this trace could not be read to the end, {} in all; the rest was read", seen.damaged));
    }
    let (lost, overwritten) = missing(bytes, buffer);
    if lost > 0 {
        tell(format!("Windows could not write {lost} events or buffers of this trace, and what they told is not known"));
    }
    if overwritten {
        tell("this trace was longer than its file; of the time before its oldest event nothing is known".to_owned());
    }
    if seen.of_ports == 0 {
        tell(
            "this trace has no event of a program that connects or binds, so it cannot tell whether a program got no port; \
             portmedic exhaustion --trace start makes one that can"
                .to_owned(),
        );
    }
    let any = seen.events > 0;
    seen.tell(file, reading);
    any
}

/// How many events and buffers were lost, and whether older ones were overwritten, as the first event tells.
fn missing(bytes: &[u8], buffer: usize) -> (u32, bool) {
    let about = |at: usize| number(bytes, BUFFER_HEAD + SYSTEM_HEAD + at).unwrap_or_default();
    let buffers_lost = about(if is_wide(bytes) { 276 } else { 268 });
    let written = usize::try_from(about(36)).unwrap_or(usize::MAX);
    (about(48).saturating_add(buffers_lost), about(32) & CIRCULAR != 0 && written > bytes.len().div_ceil(buffer))
}

/// Whether addresses were of eight bytes on the computer: two of them stand in the first event.
fn is_wide(bytes: &[u8]) -> bool {
    number(bytes, BUFFER_HEAD + SYSTEM_HEAD + 44) == Some(8)
}

/// What a trace tells so far.
#[derive(Debug, Default)]
struct Seen {
    clock: Option<Clock>,
    events: u32,
    of_ports: u32,
    damaged: u32,
    /// By process.
    without_port: BTreeMap<u32, WithoutPort>,
}

impl Seen {
    fn take_buffer(&mut self, buffer: &[u8]) {
        // As far as it was filled.
        let end = number(buffer, 0x30).and_then(|end| usize::try_from(end).ok()).unwrap_or_default();
        let Some(mut rest) = buffer.get(BUFFER_HEAD..end.min(buffer.len())) else { return };
        while rest.len() >= 8 && rest[..4] != [0xFF; 4] {
            let Some((event, after)) = length(rest).and_then(|length| Some((rest.get(..length)?, length.next_multiple_of(8))))
            else {
                self.damaged += 1;
                return;
            };
            self.take(event);
            rest = rest.get(after..).unwrap_or_default();
        }
    }

    fn take(&mut self, event: &[u8]) {
        self.events = self.events.saturating_add(1);
        let Some(answer) = answer_of(event) else { return };
        self.of_ports = self.of_ports.saturating_add(1);
        if answer == TOO_MANY_ADDRESSES {
            let (pid, time) = (number(event, 12).unwrap_or_default(), long(event, 16).unwrap_or_default());
            let own = self.without_port.entry(pid).or_insert(WithoutPort { count: 0, time, line: self.events });
            own.count = own.count.saturating_add(1);
            // Buffers need not stand in the order of time.
            if time < own.time {
                (own.time, own.line) = (time, self.events);
            }
        }
    }

    /// One failure, with the processes that got no port: those that got none most often first.
    fn tell(self, file: &Name, reading: &mut Reading) {
        let Some(first) = self.without_port.values().min_by_key(|own| own.time) else { return };
        let mut all: Vec<_> = self.without_port.iter().map(|(pid, own)| (*pid, own.count)).collect();
        all.sort_by_key(|(pid, count)| (std::cmp::Reverse(*count), *pid));
        let total = all.iter().fold(0_u32, |sum, (_, count)| sum.saturating_add(*count));
        let who: Vec<String> = all.iter().take(MOST).map(|(pid, count)| format!("PID {pid} ({count})")).collect();
        let more = if all.len() > MOST { format!(" and {} more", all.len() - MOST) } else { String::new() };
        let times = if total == 1 { "Once".to_owned() } else { format!("{total} times") };
        reading.add_failure(Failure {
            product: None,
            service: None,
            port: None,
            protocol: None,
            code: Some("STATUS_TOO_MANY_ADDRESSES".to_owned()),
            cause: FailureKind::Exhausted,
            message: format!(
                "{times} a program asked for a port and got STATUS_TOO_MANY_ADDRESSES, as none was left: {}{more}",
                who.join(", ")
            ),
            time: self.clock.and_then(|clock| clock.time(first.time)).map(|time| time.to_string()),
            place: Place { file: file.clone(), line: first.line, line_end: first.line },
            port_line: None,
        });
    }
}

/// What a program got that connected or bound; `None` for an event of something else.
fn answer_of(event: &[u8]) -> Option<u32> {
    let address = match event.get(2)? {
        0x12 => 4,
        0x13 => 8,
        _ => return None,
    };
    let id = half(event, 40)?;
    let before = if OF_PORTS_WITH_BUFFER.contains(&id) { Some(address + 4) } else { OF_PORTS.contains(&id).then_some(0) };
    let at = EVENT_HEAD + 8 + 2 * address + before?;
    (event.get(24..40)? == AFD).then(|| number(event, at))?
}

/// How often a process got no port, and when first.
#[derive(Debug, Clone, Copy)]
struct WithoutPort {
    count: u32,
    time: i64,
    /// The number of the first event.
    line: u32,
}

/// How the times of events are counted.
#[derive(Debug, Clone, Copy)]
struct Clock {
    /// When the trace began, in units of 100 ns since 1601, and what the counter showed then.
    begin: (i64, i64),
    /// Steps of the counter in a second.
    frequency: i64,
}

impl Clock {
    /// Windows' own time has ten million steps in a second.
    const SYSTEM_TIME: i64 = 10_000_000;

    /// What the first event tells; `None` where the counter is that of the processor, whose steps are no fixed time.
    fn of(bytes: &[u8]) -> Option<Self> {
        let about = BUFFER_HEAD + SYSTEM_HEAD;
        let (frequency, start, kind) = if is_wide(bytes) { (256, 264, 272) } else { (248, 256, 264) };
        let counted = long(bytes, BUFFER_HEAD + 16)?;
        let (began, frequency) = (long(bytes, about + start)?, long(bytes, about + frequency)?);
        match number(bytes, about + kind)? {
            1 => Some(Self { begin: (began, counted), frequency }),
            2 => Some(Self { begin: (counted, counted), frequency: Self::SYSTEM_TIME }),
            _ => None,
        }
        .filter(|clock| clock.frequency > 0)
    }

    fn time(self, counted: i64) -> Option<Timestamp> {
        let steps = i128::from(counted) - i128::from(self.begin.1);
        let since_begin = steps * 1_000_000 / i128::from(self.frequency);
        let begin = i128::from(self.begin.0) / 10 - i128::from(UNIX_EPOCH) * 1_000_000;
        Timestamp::from_microsecond(i64::try_from(begin + since_begin).ok()?).ok()
    }
}

/// How long the event is that begins here, its head included; `None` where it has no known head.
fn length(event: &[u8]) -> Option<usize> {
    let (kind, flags) = (*event.get(2)?, *event.get(3)?);
    let (length, least) = match kind {
        // A text of an older kind: what stands for the kind of head is part of a number.
        _ if flags & 0xF0 == 0x90 => (half(event, 0)?, 8),
        1..=4 | 0x10 | 0x11 => (half(event, 4)?, 16),
        0x0A | 0x0B | 0x12..=0x15 => (half(event, 0)?, 48),
        _ => return None,
    };
    let length = usize::from(length);
    (length >= least).then_some(length)
}

fn half(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

fn number(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

fn long(bytes: &[u8], at: usize) -> Option<i64> {
    Some(i64::from_le_bytes(bytes.get(at..at + 8)?.try_into().ok()?))
}
