//! What whole processes take: time in turn, so that a computer that becomes slower is slower for all of them; most memory; instructions.

use std::fs;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// Each program is run so often, unless that takes longer than [`PATIENCE`].
const RUNS: usize = 11;
const LEAST_RUNS: usize = 3;
/// How long one program may take altogether.
const PATIENCE: Duration = Duration::from_secs(10);

/// A program with its arguments.
pub struct Program {
    name: String,
    executable: String,
    arguments: Vec<String>,
}

impl Program {
    pub fn new(name: &str, executable: &str, arguments: &[&str]) -> Self {
        let arguments = arguments.iter().map(|argument| (*argument).to_owned()).collect();
        Self { name: name.to_owned(), executable: executable.to_owned(), arguments }
    }

    pub fn called(self, name: &str) -> Self {
        Self { name: name.to_owned(), ..self }
    }

    /// Starts it, its output thrown away; `None` where it is not installed.
    fn start(&self, before: &[&str]) -> Option<Child> {
        let mut words = before.iter().copied().chain([self.executable.as_str()]).chain(self.arguments.iter().map(String::as_str));
        let mut command = Command::new(words.next()?);
        command.args(words).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command.spawn().ok()
    }

    fn time(&self) -> Option<Duration> {
        let begin = Instant::now();
        let ended = self.start(&[])?.wait();
        let time = begin.elapsed();
        // Tools that find nothing say so with another code.
        ended.is_ok_and(|status| status.code().is_some()).then_some(time)
    }

    /// The most memory that it has until it ends, in kB. The kernel forgets it at the end, so it is asked often: what was used in the last
    /// moment may not be in it.
    fn memory(&self) -> u64 {
        let Some(mut child) = self.start(&[]) else { return 0 };
        let status = format!("/proc/{}/status", child.id());
        let mut most = 0;
        while child.try_wait().expect("its end").is_none() {
            let text = fs::read_to_string(&status).unwrap_or_default();
            let peak = text.lines().find_map(|line| line.strip_prefix("VmHWM:")).and_then(|peak| peak.split_whitespace().next());
            most = peak.and_then(|peak| peak.parse().ok()).map_or(most, |kib: u64| most.max(kib * 1024 / 1000));
            thread::sleep(Duration::from_micros(200));
        }
        most
    }

    /// The instructions that it takes outside of the kernel, as callgrind counts them: another computer load changes nothing of it.
    /// `None` where valgrind is not installed.
    fn instructions(&self) -> Option<u64> {
        let log = tempfile::NamedTempFile::new().expect("a file");
        let log_file = format!("--log-file={}", log.path().display());
        let before = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", &log_file];
        self.start(&before)?.wait().expect("its end");
        let text = fs::read_to_string(log.path()).expect("what valgrind says");
        text.lines().find_map(|line| line.split_once("Collected :")?.1.trim().parse().ok())
    }
}

/// Prints what each of these programs takes; the times of the others also as so many times that of the first.
pub fn compare(programs: &[Program]) {
    let mut times: Vec<Vec<Duration>> = vec![Vec::new(); programs.len()];
    for run in 0..RUNS {
        for (program, times) in programs.iter().zip(&mut times) {
            let spent: Duration = times.iter().sum();
            if run < LEAST_RUNS || spent < PATIENCE {
                times.extend(program.time());
            }
        }
    }
    for times in &mut times {
        times.sort_unstable();
    }
    let median = |times: &[Duration]| times.get(times.len() / 2).map(|time| time.as_secs_f64() * 1e3);
    let first = times.first().and_then(|times| median(times));
    for (index, (program, times)) in programs.iter().zip(&times).enumerate() {
        let name = &program.name;
        let (Some(median), Some(least), Some(most)) = (median(times), times.first(), times.last()) else {
            println!("  {name:<20} is not installed here");
            continue;
        };
        let ratio = first.map_or(f64::NAN, |first| median / first);
        let (least, most) = (least.as_secs_f64() * 1e3, most.as_secs_f64() * 1e3);
        let memory = program.memory() as f64 / 1e3;
        print!("  {name:<20} {median:>9.1} ms ({least:.1} to {most:.1}) {ratio:>7.1} x {memory:>7.1} MB");
        match (index == 0).then(|| program.instructions()).flatten() {
            Some(instructions) => println!(" {:>9.1} million instructions", instructions as f64 / 1e6),
            None => println!(),
        }
    }
}
