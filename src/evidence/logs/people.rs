//! Lines that people wrote about errors, which are no evidence of one: mails, pages of a wiki, comments and lists.

/// Words that programs do not use of themselves.
const PEOPLE: [&str; 34] = [
    "i",
    "we",
    "hello",
    "hi",
    "hey",
    "thanks",
    "my",
    "our",
    "ich",
    "wir",
    "hallo",
    "danke",
    "nous",
    "je",
    "bonjour",
    "merci",
    "nosotros",
    "hola",
    "gracias",
    "ciao",
    "grazie",
    "noi",
    "olá",
    "obrigado",
    "wij",
    "bedankt",
    "мы",
    "спасибо",
    "means",
    "bedeutet",
    "signifie",
    "significa",
    "betekent",
    "oznacza",
];

/// Words that programs use beside an error at most.
const ADVICE: [&str; 16] = [
    "you",
    "your",
    "if",
    "maybe",
    "usually",
    "typically",
    "often",
    "example",
    "would",
    "should",
    "might",
    "happens",
    "happen",
    "wenn",
    "oft",
    "souvent",
];

/// What begins a comment, a heading, a quotation, a list or a row of a table.
const MARKUP: [&str; 12] = ["#", "//", ";", ">", "|", "- ", "* ", "• ", "<!--", "-- ", "/*", "rem "];

/// Whether a line can be a program's own.
pub fn is_from_a_program(line: &str) -> bool {
    let line = line.trim_start();
    if line.is_empty() || is_frame(line) || is_access(line) {
        return false;
    }
    let dated = crate::diagnosis::stamp_of(line).is_some();
    // A log of objects, whose levels are letters: `"s":"I"`.
    if line.starts_with("{\"") {
        return true;
    }
    if has_word(line, &PEOPLE) {
        return false;
    }
    if dated || line.starts_with('[') {
        return true;
    }
    let marked = MARKUP.iter().any(|mark| line.starts_with(mark));
    // Rust and Ruby write such signs, too: "called `Result::unwrap()`", "in `initialize': ".
    let code = line.contains('`') && !line.contains("`Result::") && !line.contains("': ");
    let setting = line.split_whitespace().nth(1) == Some("=");
    let hint = line.contains("mysqld server running") || line.contains("postmaster");
    !marked && !code && !setting && (hint || begins_as_error(line) || !has_word(line, &ADVICE))
}

/// `ERROR: ...`, `java.net.BindException: ...`, `Unhandled Exception: ...`: programs that advise begin with their error.
fn begins_as_error(line: &str) -> bool {
    let Some((start, _)) = line.split_once(": ") else { return false };
    let last = start.rsplit(' ').next().unwrap_or_default().to_ascii_lowercase();
    last == "fatal" || ["error", "exception"].iter().any(|end| last.ends_with(end)) && start.split(' ').count() <= 2
}

/// A row of a stack trace: it tells where in the program, never which port.
pub fn is_frame(line: &str) -> bool {
    (line.starts_with("at ") && line.contains('(')) || (line.starts_with("... ") && line.ends_with(" more"))
}

/// A row of a web server's access log: the request in quotes, then the status that it was answered with.
fn is_access(line: &str) -> bool {
    line.split_once(" HTTP/").and_then(|(_, rest)| rest.split_once("\" ")).is_some_and(|(version, rest)| {
        version.len() <= 3 && rest.split(' ').next().is_some_and(|status| status.len() == 3 && status.parse::<u16>().is_ok())
    })
}

fn has_word(line: &str, list: &[&str]) -> bool {
    // The parts of a computer's name are no words: `db1.example.org`.
    line.split(|c: char| c.is_whitespace() || ",!?:;\"()".contains(c))
        .map(|word| word.trim_matches('.'))
        .any(|word| list.iter().any(|other| word.eq_ignore_ascii_case(other) && !(word == "I" && line.contains(" I "))))
}

/// Whether a line says in its form that it is an error: `OSError:`, `[ERROR]`, `(10055)`.
pub fn tells_an_error(line: &str) -> bool {
    const FORMS: [&str; 21] = [
        "`err` value",
        "error",
        "exception",
        "fail",
        "cannot",
        "can't",
        "could not",
        "couldn't",
        "unable",
        "panicked",
        "fatal",
        "[emerg]",
        "fehler",
        "erreur",
        "echec",
        "échec",
        "errore",
        "erro:",
        "ошибка",
        "エラー",
        "错误",
    ];
    let lower = line.to_ascii_lowercase();
    FORMS.iter().any(|form| lower.contains(form)) || ends_with_code(&lower)
}

/// `... because a queue was full. (10055)`.
fn ends_with_code(line: &str) -> bool {
    let inner = line.trim_end().strip_suffix(')').and_then(|rest| rest.rsplit_once('('));
    inner.is_some_and(|(_, code)| code.len() == 5 && code.bytes().all(|byte| byte.is_ascii_digit()))
}
