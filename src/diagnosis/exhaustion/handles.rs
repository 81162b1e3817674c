//! Processes with many handles: a socket is a handle, so who leaks sockets leaks handles.

use crate::machine::{Handles, Snapshot};

/// From so many handles on a process is worth a look
/// (<https://learn.microsoft.com/troubleshoot/windows-client/networking/tcp-ip-port-exhaustion-troubleshooting>).
pub const MANY_HANDLES: u32 = 3000;

/// Programs that have that many in good health, by the same page; it writes the last one without its `r`.
const USUAL: [&str; 5] = ["System", "lsass.exe", "store.exe", "sqlservr.exe", "sqlsvr.exe"];

/// Whether a program of this name has many handles in good health.
pub fn is_usual_with_many(process: &str) -> bool {
    USUAL.iter().any(|own| own.eq_ignore_ascii_case(process))
}

/// The processes that have more handles than a healthy one, the most first.
pub fn with_many_handles(snapshot: &Snapshot) -> impl Iterator<Item = &Handles> {
    let usual = |own: &Handles| own.process.as_deref().is_some_and(is_usual_with_many);
    snapshot.load.handles.iter().filter(move |own| own.handles > MANY_HANDLES && !usual(own))
}

#[cfg(test)]
mod tests {
    use super::with_many_handles;
    use crate::diagnosis::exhaustion::testing::look;
    use crate::machine::Handles;

    #[test]
    fn the_programs_of_the_article_may_have_many_handles() {
        let mut snapshot = look(Vec::new());
        let row = |pid, name: &str, handles| Handles { pid, process: Some(name.to_owned()), handles, sockets: None };
        snapshot.load.handles = vec![
            row(4, "System", 9000),
            row(700, "LSASS.EXE", 5000),
            row(3180, "cloudsync.exe", 4211),
            row(9, "sqlservr.exe", 4000),
            row(10, "store.exe", 3900),
            row(11, "notepad.exe", 3000),
        ];
        let many: Vec<u32> = with_many_handles(&snapshot).map(|own| own.pid).collect();
        assert_eq!(many, [3180], "3000 is not more than 3000");
    }
}
