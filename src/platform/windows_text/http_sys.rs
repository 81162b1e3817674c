//! `netsh http show servicestate view=requestq verbose=yes`: a block for each request queue, with its processes and URLs.
//!
//! A block begins with a line that is not indented, `label: name of the queue`; the same line within a group of URLs is indented. Older Windows
//! lists numbers of processes alone, newer ones `ID: number, image: path`. The queue of an application pool has one line more before that
//! list, the process that controls it.

use super::{after_colon, is_rule};
use crate::machine::HttpSysUrl;

/// The URLs that are registered; `None` where the text is no such answer.
pub fn read(text: &str) -> Option<Vec<HttpSysUrl>> {
    let lines: Vec<&str> = text.lines().collect();
    let heading = lines.iter().position(|line| is_rule(line))?;
    let mut urls = Vec::new();
    let mut queue = Queue::default();
    for line in lines.iter().skip(heading + 1).filter(|line| !line.trim().is_empty()) {
        if !line.starts_with([' ', '\t']) {
            queue = Queue::new(line);
        } else if let Some(url) = url(line) {
            queue.add(url, &mut urls);
        } else {
            queue.read(line);
        }
    }
    Some(urls)
}

#[derive(Debug, Default)]
struct Queue {
    name: Option<String>,
    pids: Vec<u32>,
    /// The numbers of the lines `label: number` before the list of processes.
    numbers: Vec<u32>,
}

impl Queue {
    fn new(line: &str) -> Self {
        Self { name: after_colon(line).and_then(name), ..Self::default() }
    }

    fn read(&mut self, line: &str) {
        if let Some(pid) = pid(line) {
            self.pids.push(pid);
        } else if self.pids.is_empty()
            && let Some(number) = after_colon(line).and_then(|value| value.parse().ok())
        {
            self.numbers.push(number);
        }
    }

    /// How many processes have the queue stands last before their list, but for a pool, where the process that controls it follows.
    fn is_of_pool(&self) -> bool {
        let count = u32::try_from(self.pids.len()).unwrap_or(u32::MAX);
        match self.numbers.as_slice() {
            [.., before, last] => *before == count && *last != count,
            _ => false,
        }
    }

    fn add(&self, url: &str, urls: &mut Vec<HttpSysUrl>) {
        let url = HttpSysUrl {
            url: url.to_owned(),
            queue: self.name.clone(),
            app_pool: self.name.clone().filter(|_| self.is_of_pool()),
            pids: self.pids.clone(),
        };
        if !urls.contains(&url) {
            urls.push(url);
        }
    }
}

/// The name of a queue. One without a name is described by a sentence, in the language of the display.
fn name(text: &str) -> Option<String> {
    let is_sentence = text.ends_with(['.', '\u{3002}']);
    (!text.is_empty() && !is_sentence && !text.contains(char::REPLACEMENT_CHARACTER)).then(|| text.to_owned())
}

/// `4412`, or `ID: 4412, image: C:\...`.
fn pid(line: &str) -> Option<u32> {
    let line = line.trim();
    line.parse().ok().or_else(|| {
        let (number, _) = after_colon(line)?.split_once([',', '\u{ff0c}'])?;
        number.trim().parse().ok()
    })
}

fn url(line: &str) -> Option<&str> {
    let word = line.split_whitespace().next()?;
    let scheme = word.split_once("://")?.0;
    ["http", "https"].iter().any(|own| scheme.eq_ignore_ascii_case(own)).then_some(word)
}

#[cfg(test)]
mod tests {
    use super::read;
    use crate::machine::HttpSysUrl;
    use crate::platform::windows_text::tests::lossy;

    fn url(url: &str, queue: Option<&str>, pool: bool, pids: &[u32]) -> HttpSysUrl {
        let queue = queue.map(str::to_owned);
        HttpSysUrl { url: url.to_owned(), app_pool: queue.clone().filter(|_| pool), queue, pids: pids.to_vec() }
    }

    /// As Windows 7 to Server 2016 write it: numbers of processes, the URLs within their groups.
    const OLDER: &str = "\r\nSnapshot of HTTP service state (Request Queue View):\r\n\
        -----------------------------------------------------\r\n\r\n\
        Request queue name: Request queue is unnamed.\r\n    Version: 2.0\r\n    State: Active\r\n    Max requests: 1000\r\n\
        \x20   Number of active processes attached: 1\r\n    Process IDs:\r\n        944\r\n\r\n    URL groups:\r\n\
        \x20   URL group ID: FE00000040000001\r\n        State: Active\r\n        Request queue name: Request queue is unnamed.\r\n\
        \x20       Number of registered URLs: 2\r\n        Registered URLs:\r\n            HTTP://+:5985/WSMAN/\r\n\
        \x20           HTTP://+:47001/WSMAN/\r\n\r\n\
        Request queue name: Reports 2\r\n    Version: 2.0\r\n    Max requests: 1000\r\n    Number of active processes attached: 2\r\n\
        \x20   Controller process ID: 3408\r\n    Process IDs:\r\n        4412\r\n        4416\r\n\r\n    URL groups:\r\n\
        \x20   URL group ID: FF00000040000001\r\n        Request queue name: Reports 2\r\n        Number of registered URLs: 1\r\n\
        \x20       Registered URLs:\r\n            HTTP://127.0.0.1:8080:127.0.0.1/\r\n\r\n";

    #[test]
    fn queues_of_older_windows_give_their_urls_pools_and_processes() {
        let expected = vec![
            url("HTTP://+:5985/WSMAN/", None, false, &[944]),
            url("HTTP://+:47001/WSMAN/", None, false, &[944]),
            url("HTTP://127.0.0.1:8080:127.0.0.1/", Some("Reports 2"), true, &[4412, 4416]),
        ];
        assert_eq!(read(OLDER), Some(expected));
    }

    #[test]
    fn queues_of_newer_windows_name_programs_beside_the_numbers() {
        let text = "Snapshot:\n---------\n\nRequest queue name: Request queue is unnamed.\n    Version: 2.0\n    Max requests: 1000\n\
                    \x20   Active requests: 0\n    Queued requests: 0\n    Max queued request age: 0s\n    Cache hits: 0\n\
                    \x20   Number of active processes attached: 1\n    Processes:\n        ID: 2688, image: C:\\Windows\\System32\\svchost.exe\n\
                    \x20       Services: NcHostAgent\n    Registered URLs:\n        HTTPS://+:443/HOSTAGENT/\n";
        assert_eq!(read(text), Some(vec![url("HTTPS://+:443/HOSTAGENT/", None, false, &[2688])]));
    }

    #[test]
    fn a_pool_whose_worker_sleeps_is_a_pool_without_processes() {
        let text = "State:\n------\n\nRequest queue name: DefaultAppPool\n    Max requests: 1000\n    Number of active processes attached: 0\n\
                    \x20   Controller process ID: 3408\n    Process IDs:\n\n    URL groups:\n    URL group ID: FF00000040000001\n\
                    \x20       Registered URLs:\n            HTTP://*:80/\n";
        assert_eq!(read(text), Some(vec![url("HTTP://*:80/", Some("DefaultAppPool"), true, &[])]));
    }

    #[test]
    fn german_and_japanese_answers_read_the_same() {
        let german = b"Momentaufnahme des HTTP-Dienststatus:\r\n-----\r\n\r\nName der Anforderungswarteschlange: Berichte\r\n\
                       \x20   H\x94chstzahl: 1000\r\n    Anzahl der aktiven Prozesse: 1\r\n    Controllerprozess-ID: 3408\r\n    Prozess-IDs:\r\n\
                       \x20       4412\r\n    Registrierte URLs:\r\n        HTTP://*:80/BERICHTE/\r\n";
        assert_eq!(read(&lossy(german)), Some(vec![url("HTTP://*:80/BERICHTE/", Some("Berichte"), true, &[4412])]));
        // The queue has no name; the sentence that says so cannot be decoded.
        let japanese = b"HTTP \x83T\x81[\x83r\x83X:\r\n-----\r\n\r\n\x97v\x8b\x81\x83L\x83\x85\x81[\x96\xbc: \x96\xbc\x91O\x82\xc8\x82\xb5\r\n\
                         \x20   \x8d\xc5\x91\xe5\x97v\x8b\x81\x90\x94: 1000\r\n    \x83v\x83\x8d\x83Z\x83X\x90\x94: 1\r\n    ID:\r\n        944\r\n\
                         \x20   URL:\r\n        HTTP://+:5985/WSMAN/\r\n";
        assert_eq!(read(&lossy(japanese)), Some(vec![url("HTTP://+:5985/WSMAN/", None, false, &[944])]));
    }

    #[test]
    fn silence_and_errors_are_no_answer_and_a_heading_alone_is_an_empty_one() {
        assert_eq!(read(""), None);
        assert_eq!(read("The service has not been started.\r\n"), None);
        assert_eq!(read("Snapshot of HTTP service state:\r\n-------------\r\n\r\n"), Some(Vec::new()));
    }
}
