//! Commands that change something and were refused: `netsh ... add excludedportrange` with a sentence below in place of `Ok.`.

use crate::evidence::command::Command;
use crate::evidence::fact::{Failure, NETSH, Reading};
use crate::evidence::page::Page;
use crate::machine::{FailureKind, Port, Protocol};

/// How wide an answer such as `Ok.` can be; a refusal is a sentence.
const WIDEST_CONSENT: usize = 16;

/// How many lines an answer has at most.
const ANSWER: usize = 4;

/// Pieces of "The process cannot access the file because it is being used by another process", error 32, in the main languages.
const SHARING_VIOLATION: [&str; 19] = [
    "being used by another process",
    "von einem anderen prozess verwendet",
    "utilisé par un autre processus",
    "siendo utilizado por otro proceso",
    "está siendo usado por otro proceso",
    "utilizzato da un altro processo",
    "usado por outro processo",
    "utilizado por outro processo",
    "door een ander proces",
    "używany przez inny proces",
    "jiným procesem",
    "jiný proces",
    "занят другим процессом",
    "başka bir işlem tarafından",
    "別のプロセスが使用",
    "另一个程序正在使用",
    "另一個程序正在使用",
    "另一个进程",
    "다른 프로세스",
];

/// Pieces of "access is denied" and "run as administrator".
const NO_RIGHTS: [&str; 16] = [
    "access is denied",
    "zugriff verweigert",
    "elevation",
    "erhöhte rechte",
    "erhöhten rechten",
    "accès refusé",
    "élévation",
    "acceso denegado",
    "accesso negato",
    "acesso negado",
    "toegang geweigerd",
    "odmowa dostępu",
    "přístup byl odepřen",
    "отказано в доступе",
    "アクセスが拒否",
    "拒绝访问",
];

/// Reads a command that changes a port setting, where the lines below it refuse that.
pub fn refusal(page: &Page<'_>, command: &Command<'_>, reading: &mut Reading) {
    let words: Vec<String> = command.words().collect();
    let changes = words.iter().any(|word| ["add", "set", "delete"].contains(&word.as_str()));
    if !changes || !words.first().is_some_and(|word| word.starts_with("netsh")) {
        return;
    }
    let first = page.skip_blank(command.at + 1);
    let is_answer = |at: &usize| !page.line(*at).trim().is_empty() && Command::of_line(page.line(*at), *at).is_none();
    let end =
        (first..page.lines.len().min(first + ANSWER)).find(|at| !is_answer(at)).unwrap_or(page.lines.len().min(first + ANSWER));
    let answer: Vec<&str> = (first..end).map(|at| page.line(at).trim()).collect();
    let answer = answer.join(" ");
    // A mistyped command is repeated in the answer, or its usage is explained.
    let (cause, code) = meaning(&answer.to_lowercase());
    if first > command.at + 2
        || (cause == FailureKind::Unknown && is_consent(&answer))
        || words.iter().skip(1).any(|word| word.len() > 6 && answer.to_lowercase().contains(word))
    {
        return;
    }
    reading.add_failure(Failure {
        product: Some(NETSH.to_owned()),
        service: None,
        port: port(&words),
        protocol: protocol(&words),
        code,
        cause,
        message: answer,
        time: None,
        place: page.places(command.at..end),
        port_line: None,
    });
}

/// Whether the answer is a short word as `Ok.`, or nothing.
fn is_consent(answer: &str) -> bool {
    let width: usize = answer.chars().map(|c| if c > '\u{2e80}' { 2 } else { 1 }).sum();
    width <= WIDEST_CONSENT && answer.split_whitespace().count() <= 2
}

fn meaning(answer: &str) -> (FailureKind, Option<String>) {
    let printed =
        answer.split(|c: char| !c.is_ascii_digit()).rfind(|digits| ["5", "32", "183", "10013", "10048"].contains(digits));
    let code = |number: &str| Some(number.to_owned());
    match printed {
        Some("32" | "183" | "10048") => (FailureKind::InUse, printed.and_then(code)),
        Some(_) => (FailureKind::Forbidden, printed.and_then(code)),
        None if SHARING_VIOLATION.iter().any(|piece| answer.contains(piece)) => (FailureKind::InUse, code("32")),
        None if NO_RIGHTS.iter().any(|piece| answer.contains(piece)) => (FailureKind::Forbidden, None),
        None => (FailureKind::Unknown, None),
    }
}

/// The port: behind `startport=`, or the first number alone behind the protocol; of an address behind its colon.
fn port(words: &[String]) -> Option<Port> {
    let named = words.iter().find_map(|word| {
        let (key, value) = word.split_once('=')?;
        let value = match key {
            "startport" | "listenport" => value,
            "ipport" | "url" => value.trim_end_matches('/').rsplit_once(':')?.1.split('/').next()?,
            _ => return None,
        };
        value.parse().ok()
    });
    named.or_else(|| words.iter().find_map(|word| word.parse().ok())).filter(|port| *port > 0)
}

fn protocol(words: &[String]) -> Option<Protocol> {
    let protocol = words.iter().find_map(|word| match word.trim_start_matches("protocol=") {
        "tcp" => Some(Protocol::Tcp),
        "udp" => Some(Protocol::Udp),
        _ => None,
    });
    protocol.or_else(|| words.iter().any(|word| word == "http" || word == "portproxy").then_some(Protocol::Tcp))
}
