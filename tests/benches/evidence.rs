//! How long a large `netstat -ano` takes to be read, and how much memory, beside the plainest programs that look at each line, in the
//! same run. Then how the time grows with the file, for every case of the tests.
//!
//! `cargo bench --bench evidence`

#[cfg(not(target_os = "linux"))]
fn main() {}

#[cfg(target_os = "linux")]
fn main() {
    linux::main();
}

#[cfg(target_os = "linux")]
#[expect(clippy::disallowed_methods, reason = "it measures programs and plain reading, not PortMedic's own doors to the system")]
mod linux {
    use std::fmt::Write as _;
    use std::fs;
    use std::hint::black_box;
    use std::io::Write as _;
    use std::path::{Path, PathBuf};
    use std::process::{Child, Command, Stdio};
    use std::thread;
    use std::time::{Duration, Instant};

    use portmedic::evidence::{Input, read};

    const ROWS: usize = 400_000;
    const RUNS: usize = 5;
    /// The questions that this program answers when it is started as its own child, so that each has a memory of its own.
    const SPLIT: &str = "--split";
    const READ: &str = "--read";

    pub fn main() {
        let arguments: Vec<String> = std::env::args().collect();
        match arguments.get(1).map(String::as_str) {
            Some(SPLIT) => println!("{}", split(Path::new(&arguments[2]))),
            Some(READ) => println!("{}", read_file(Path::new(&arguments[2]))),
            _ => compare(),
        }
    }

    fn compare() {
        let mut file = tempfile::NamedTempFile::new().expect("a file");
        file.write_all(capture().as_bytes()).expect("written");
        let size = file.as_file().metadata().expect("its size").len() as f64 / 1e6;
        let path = file.path().to_str().expect("a plain path");
        let own = std::env::current_exe().expect("this program");
        let own = own.to_str().expect("a plain path");
        println!("{ROWS} rows, {size:.1} MB, median of {RUNS} (least to most)");
        measure("wc -l", "wc", &["-l", path]);
        measure("split into lines and words", own, &[SPLIT, path]);
        measure("evidence::read", own, &[READ, path]);
        measure("portmedic analyze --json", env!("CARGO_BIN_EXE_portmedic"), &["analyze", "--json", path]);
        growth();
    }

    /// A table as `netstat -ano` prints it.
    fn capture() -> String {
        let mut text = String::from(
            "\r\nActive Connections\r\n\r\n  Proto  Local Address          Foreign Address        State           PID\r\n",
        );
        for row in 0..ROWS {
            let local = format!("10.20.{}.{}:{}", row % 4, row % 250, 1024 + row % 64_000);
            let remote = format!("192.168.{}.{}:{}", row / 250 % 256, row % 250, [443, 1433, 8080, 5671][row % 4]);
            let state = ["ESTABLISHED", "TIME_WAIT", "CLOSE_WAIT", "FIN_WAIT_2"][row / 7 % 4];
            writeln!(text, "  TCP    {local:<22} {remote:<22} {state:<15} {}\r", 4 + row % 900 * 4).expect("memory");
        }
        text
    }

    fn split(path: &Path) -> usize {
        let text = fs::read_to_string(path).expect("the file");
        text.lines().map(|line| line.split_whitespace().count()).sum()
    }

    fn read_file(path: &Path) -> usize {
        let bytes = fs::read(path).expect("the file");
        read(&[Input::new("netstat.txt".to_owned(), bytes)]).sockets.len()
    }

    /// Runs a program several times; its time, and the most memory that it had.
    fn measure(what: &str, program: &str, arguments: &[&str]) {
        let mut times = Vec::new();
        let mut memory = 0;
        for _ in 0..RUNS {
            let begin = Instant::now();
            let child = Command::new(program).args(arguments).stdout(Stdio::null()).spawn().expect("started");
            let used = memory_of(child);
            times.push(begin.elapsed());
            memory = memory.max(used);
        }
        times.sort_unstable();
        let seconds = |time: Duration| time.as_secs_f64();
        let (least, median, most) = (seconds(times[0]), seconds(times[RUNS / 2]), seconds(times[RUNS - 1]));
        println!("{what:<30} {median:>7.3} s ({least:.3} to {most:.3}) {:>8.1} MB", memory as f64 / 1e3);
    }

    /// The most memory that a program has until it ends, in thousands of bytes. The kernel forgets it at the end, so it is asked often:
    /// what was used in the last millisecond is not in it.
    fn memory_of(mut child: Child) -> u64 {
        let status = format!("/proc/{}/status", child.id());
        let mut most = 0;
        while child.try_wait().expect("its end").is_none() {
            let text = fs::read_to_string(&status).unwrap_or_default();
            let peak = text.lines().find_map(|line| line.strip_prefix("VmHWM:")).and_then(|peak| peak.split_whitespace().next());
            most = peak.and_then(|peak| peak.parse::<u64>().ok()).map_or(most, |kib| most.max(kib * 1024 / 1000));
            thread::sleep(Duration::from_millis(1));
        }
        most
    }

    /// How much longer each case of the tests takes when it is repeated twice as often; about 2 where the time grows with the file.
    fn growth() {
        let mut growths: Vec<(f64, f64, PathBuf)> = Vec::new();
        for folder in entries(Path::new("tests/evidence/cases")) {
            for file in entries(&folder).into_iter().filter(|file| !file.ends_with("expect.json")) {
                let case = fs::read(&file).expect("a case");
                let times = 500_000 / case.len().max(1) + 1;
                let (once, twice) = (time(&case.repeat(times)), time(&case.repeat(times * 2)));
                growths.push((twice / once, once, file));
            }
        }
        growths.sort_by(|one, other| other.0.total_cmp(&one.0));
        println!("\nhow the time grows when a file of half a megabyte becomes twice as long, the most first");
        for (growth, once, file) in growths.iter().take(8) {
            println!("{growth:>5.2}  {:>7.1} ms  {}", once * 1e3, file.display());
        }
        let slowest = growths.iter().max_by(|one, other| one.1.total_cmp(&other.1)).expect("a case");
        println!("the slowest: {:.1} ms, {}", slowest.1 * 1e3, slowest.2.display());
    }

    fn entries(folder: &Path) -> Vec<PathBuf> {
        fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()).collect()
    }

    /// The least time of several, in seconds: what else the computer does only adds to it.
    fn time(bytes: &[u8]) -> f64 {
        let input = [Input::new("case.txt".to_owned(), bytes.to_vec())];
        let run = |_| {
            let begin = Instant::now();
            black_box(read(&input));
            begin.elapsed().as_secs_f64()
        };
        (0..3).map(run).fold(f64::INFINITY, f64::min)
    }
}
