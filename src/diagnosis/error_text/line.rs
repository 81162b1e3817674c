//! One line of a log, prepared for reading.

use super::process::process_of;
use super::stamp::stamp_of;
use super::wording::{FAILURE, SENTENCES};
use crate::machine::without_colours;

/// A line without terminal colours, as written and in lower case.
#[derive(Debug)]
pub(super) struct Line {
    pub text: String,
    /// The same text with the same offsets; only ASCII letters are lowered.
    pub lower: String,
    /// Whether it begins with a time or what stands for it, and so begins a message.
    pub dated: bool,
    /// Whether a blank line stands above it.
    pub apart: bool,
    /// The process that wrote it, where it names it.
    process: Option<(String, String)>,
}

/// A run of digits that stands alone.
pub(super) struct Number<'a> {
    pub text: &'a str,
    pub at: usize,
}

impl Line {
    pub(super) fn new(raw: &str) -> Self {
        let text = without_colours(raw);
        let lower = text.to_ascii_lowercase();
        // .NET writes a level and a category in place of a time.
        let dated = stamp_of(&text).is_some()
            || ["trce: ", "dbug: ", "info: ", "warn: ", "fail: ", "crit: "].iter().any(|level| text.starts_with(level));
        let process = process_of(&text).map(|(program, number)| (program.to_owned(), number.to_owned()));
        Self { text, lower, dated, apart: false, process }
    }

    /// The line of a log, and whether a blank line stands above it.
    pub(super) fn of_log(raw: &str, apart: bool) -> Self {
        Self { apart, ..Self::new(raw) }
    }

    /// Whether the process that wrote `other` may have written it, too.
    pub(super) fn may_be_of_process(&self, other: &Self) -> bool {
        self.process.as_ref().zip(other.process.as_ref()).is_none_or(|(own, other)| own == other)
    }

    pub(super) fn has(&self, words: &str) -> bool {
        self.lower.contains(words)
    }

    pub(super) fn has_any(&self, list: &[&str]) -> bool {
        list.iter().any(|words| self.has(words))
    }

    pub(super) fn has_word(&self, word: &str) -> bool {
        self.words().any(|own| own == word)
    }

    fn words(&self) -> impl Iterator<Item = &str> {
        self.lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty())
    }

    /// Whether it goes on with the message of the line before.
    pub(super) fn continues(&self) -> bool {
        !self.dated && (self.text.starts_with(char::is_whitespace) || self.lower.starts_with("caused by"))
    }

    /// Whether the last message of a program begins here: what stands above is another one's.
    pub(super) fn begins_an_end(&self) -> bool {
        ["unhandled exception", "panic: ", "traceback (most recent", "thread '", "error: "]
            .iter()
            .any(|start| self.lower.starts_with(start))
    }

    /// Whether the line stops in the middle of a sentence: it is as long as lines are where they are wrapped, and ends in a word.
    pub(super) fn is_cut_short(&self) -> bool {
        /// No window, mail or ticket is narrower.
        const NARROWEST: usize = 60;
        let text = self.lower.trim_end();
        text.len() >= NARROWEST
            && text.ends_with(char::is_alphabetic)
            && !SENTENCES.iter().any(|(whole, _)| text.ends_with(whole))
    }

    /// Whether it speaks of listening or binding.
    pub(super) fn asks_for_port(&self) -> bool {
        self.words().any(|word| {
            matches!(
                word,
                "bind" | "binding" | "bindexception" | "listen" | "listener" | "listeners" | "listening" | "exposing" | "sock"
            )
        }) || self.has_any(&["userland proxy", "start server", "start proxy", "running on port"])
    }

    /// Whether it speaks of reaching another computer.
    pub(super) fn connects(&self) -> bool {
        self.words().any(|word| matches!(word, "connect" | "connecting" | "connectexception" | "dial" | "upstream"))
    }

    pub(super) fn tells_of_failure(&self) -> bool {
        self.has_any(&FAILURE)
    }

    /// Decimal numbers that are not part of a word, a date or a longer number.
    pub(super) fn numbers(&self) -> impl Iterator<Item = Number<'_>> {
        let bytes = self.lower.as_bytes();
        let mut at = 0;
        std::iter::from_fn(move || {
            loop {
                let start = at + bytes.get(at..)?.iter().position(u8::is_ascii_digit)?;
                let length = bytes[start..].iter().take_while(|byte| byte.is_ascii_digit()).count();
                at = start + length;
                let alone = start == 0 || !(bytes[start - 1].is_ascii_alphanumeric() || b"._/".contains(&bytes[start - 1]));
                if alone && !bytes.get(at).is_some_and(u8::is_ascii_alphanumeric) {
                    return Some(Number { text: &self.lower[start..at], at: start });
                }
            }
        })
    }

    /// Numbers written `0x...`.
    pub(super) fn hexadecimals(&self) -> impl Iterator<Item = u32> {
        self.lower.split("0x").skip(1).filter_map(|rest| {
            let digits = rest.bytes().take_while(u8::is_ascii_hexdigit).count();
            u32::from_str_radix(&rest[..digits], 16).ok()
        })
    }
}
