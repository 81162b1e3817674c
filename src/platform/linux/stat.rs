//! `/proc/PID/stat` (proc_pid_stat(5)): the identity, name and parent of a process, readable for everybody.

use std::io;

use rustix::io::Errno;

use super::proc_file;
use crate::machine::ProcessId;

/// Set in the flags of a thread of the kernel (`PF_KTHREAD`, `linux/sched.h`).
const KERNEL_THREAD: u64 = 0x0020_0000;

/// What the line tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stat {
    /// The process beyond doubt: its start is in clock ticks since boot.
    pub id: ProcessId,
    /// Its short name, as it calls itself.
    pub name: String,
    /// Whether it is over and only waits for its parent to take note.
    pub over: bool,
    /// The number of its parent; 0 for none in our namespace.
    pub parent: u32,
    /// The number of its session.
    pub session: u32,
    /// Whether the kernel itself runs it.
    pub kernel_thread: bool,
}

impl Stat {
    /// Reads it; `None` where no such process is there or may be seen.
    ///
    /// # Errors
    /// Where `/proc` cannot be read or does not have the form that it has had since Linux 2.6.
    pub fn of(pid: u32) -> io::Result<Option<Self>> {
        match proc_file::read(format!("/proc/{pid}/stat")) {
            Ok(bytes) => {
                let text = String::from_utf8_lossy(&bytes);
                Self::parse(&text).map(Some).ok_or_else(|| io::Error::other(format!("/proc/{pid}/stat is not understood")))
            }
            // The second is the answer where it ended between open and read.
            Err(error) if error.kind() == io::ErrorKind::NotFound || error.raw_os_error() == Some(Errno::SRCH.raw_os_error()) => {
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// The name stands in parentheses and may itself have blanks and parentheses: it ends at the last one.
    fn parse(text: &str) -> Option<Self> {
        let (pid, rest) = text.split_once(" (")?;
        let (name, rest) = rest.rsplit_once(") ")?;
        // Field 3, the state, is the first of these.
        let fields: Vec<&str> = rest.split_ascii_whitespace().collect();
        let number = |field: usize| fields.get(field - 3)?.parse::<u64>().ok();
        Some(Self {
            id: ProcessId { pid: pid.parse().ok()?, started: number(22)? },
            name: name.to_owned(),
            over: matches!(fields.first(), Some(&("Z" | "X" | "x"))),
            parent: u32::try_from(number(4)?).ok()?,
            session: u32::try_from(number(6)?).ok()?,
            kernel_thread: number(9)? & KERNEL_THREAD != 0,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Stat;

    const LINE: &str =
        "4711 (a) R (b) S 1 4711 4700 0 -1 4194560 600 0 0 0 3 1 0 0 20 0 1 0 1312 2560000 350 18446744073709551615\n";

    #[test]
    fn a_name_with_parentheses_and_blanks_does_not_shift_the_fields() {
        let stat = Stat::parse(LINE).unwrap();
        assert_eq!((stat.id.pid, stat.id.started, stat.name.as_str()), (4711, 1312, "a) R (b"));
        assert_eq!((stat.parent, stat.session, stat.over, stat.kernel_thread), (1, 4700, false, false));
    }

    #[test]
    fn a_process_that_nobody_took_note_of_is_over() {
        assert!(Stat::parse(&LINE.replace(") S ", ") Z ")).unwrap().over);
    }

    #[test]
    fn a_thread_of_the_kernel_is_told_by_its_flag() {
        let text = "2 (kthreadd) S 0 0 0 0 -1 2129984 0 0 0 0 0 0 0 0 20 0 1 0 5 0 0 0\n";
        assert!(Stat::parse(text).unwrap().kernel_thread);
    }

    #[test]
    fn we_see_ourselves() {
        let own = Stat::of(std::process::id()).unwrap().unwrap();
        assert_eq!(own.id.pid, std::process::id());
        assert!(!own.over && !own.kernel_thread);
    }

    #[test]
    fn a_number_that_nobody_has_is_nobody() {
        assert_eq!(Stat::of(u32::MAX).unwrap(), None);
    }
}
