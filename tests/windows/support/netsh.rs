//! The double of netsh, which `.ci/windows` puts in the place of Wine's own. It keeps what it knows in one file, so one test at a time has it.
//! A computer has one journal as well: the same turn is for both.

use std::fs;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

static TURN: Mutex<()> = Mutex::new(());

/// Waits until no other test has the journal or the double of netsh, which is as on a new computer then.
pub fn turn() -> MutexGuard<'static, ()> {
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The double, for one test.
pub struct Netsh {
    _turn: MutexGuard<'static, ()>,
    file: PathBuf,
}

impl Netsh {
    /// The double with these facts, one a line (`tests/doubles/netsh/state.rs`). `None` on a real Windows, whose ranges no test changes.
    pub fn with(facts: &str) -> Option<Self> {
        std::env::var_os("PORTMEDIC_DOUBLES")?;
        let turn = turn();
        let file = system("netsh-double.txt");
        fs::write(&file, facts).unwrap();
        let answer = assert_cmd::Command::new(system("netsh.exe")).arg("double").output().unwrap();
        assert_eq!(answer.stdout, b"netsh double\r\n", "the double of netsh is not installed in this Wine");
        Some(Self { _turn: turn, file })
    }

    /// More facts, beside those that it has.
    pub fn tell(&self, facts: &str) {
        fs::write(&self.file, format!("{}{facts}\r\n", self.facts())).unwrap();
    }

    /// What it knows now.
    pub fn facts(&self) -> String {
        String::from_utf8(fs::read(&self.file).unwrap()).unwrap()
    }

    /// The exclusions that it knows now: `tcp active 1433 1433 *`.
    pub fn blocks(&self) -> Vec<String> {
        self.facts().lines().filter_map(|line| line.strip_prefix("block ")).map(str::to_owned).collect()
    }
}

impl Drop for Netsh {
    fn drop(&mut self) {
        // The next test writes its own facts; one that takes no double finds a fresh computer.
        let _gone = fs::remove_file(&self.file);
    }
}

fn system(name: &str) -> PathBuf {
    PathBuf::from(r"C:\windows\system32").join(name)
}
