//! How plausible bytes are in a code page: letters of one language, in the right case, inside words.

use encoding_rs::EUC_KR;

use super::code_page::upper_half;
use super::language::{KOREAN, LANGUAGES, Language};

/// What a byte from 0x80 on is in a code page, seen from one language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sign {
    Lower,
    Upper,
    /// A letter that the language has seldom.
    Seldom,
    /// A letter that stands at the end of a word.
    Last,
    /// `ß`, which stands behind a vowel.
    Sharp,
    /// `õ` of Portuguese, which stands in front of an e.
    Tilde,
    /// A letter that the language does not have.
    Foreign,
    /// `®`, `°`, `–`: behind or between words.
    Mark,
    /// `«`, `¿`: in front of a word.
    Opening,
    /// `»`, `’`: behind a word, or in it.
    Closing,
    Blank,
    /// Frames, controls, signs of mathematics, and bytes that the page does not define.
    Other,
}

/// How bytes would read in one code page as one language.
pub struct Guess {
    /// The number of the code page.
    pub page: u16,
    reading: Reading,
}

/// What a pair of bytes is worth.
type Worth = fn(u8, u8) -> i64;

enum Reading {
    /// A character is one byte.
    Single(Box<[Sign; 128]>),
    /// A character is two bytes; what each pair is worth.
    Double(Worth),
}

/// All guesses, the likeliest first.
pub fn guesses() -> Vec<Guess> {
    let single = LANGUAGES.iter().flat_map(|language| {
        language.pages.iter().map(|page| {
            let signs = upper_half(*page).map(|character| sign(character, language));
            Guess { page: *page, reading: Reading::Single(Box::new(signs)) }
        })
    });
    let double: [(u16, Worth); 4] = [(932, japanese), (949, korean), (936, chinese), (950, traditional)];
    single.chain(double.map(|(page, worth)| Guess { page, reading: Reading::Double(worth) })).collect()
}

fn sign(character: char, language: &Language) -> Sign {
    let mut small = character.to_lowercase();
    let small = small.next().filter(|_| small.next().is_none()).unwrap_or(character);
    match character {
        '®' | '™' | '©' | '°' | '–' | '—' | '…' | '€' | '§' | '·' | '№' | 'µ' | '×' | '•' => Sign::Mark,
        '«' | '“' | '„' | '‘' | '‚' | '¿' | '¡' => Sign::Opening,
        '»' | '”' | '’' | '´' => Sign::Closing,
        '\u{a0}' => Sign::Blank,
        'ß' if language.letters.contains(small) => Sign::Sharp,
        'õ' if language.letters.contains(small) => Sign::Tilde,
        _ if language.last.contains(character) => Sign::Last,
        _ if language.letters.contains(small) && small != character => Sign::Upper,
        _ if language.seldom.contains(small) => Sign::Seldom,
        _ if language.letters.contains(small) => Sign::Lower,
        'ª' | 'º' => Sign::Other,
        _ if character.is_alphabetic() => Sign::Foreign,
        _ => Sign::Other,
    }
}

impl Guess {
    /// How well bytes read: more is better, below nothing is no text.
    pub fn score(&self, bytes: &[u8]) -> i64 {
        match &self.reading {
            Reading::Single(signs) => single(bytes, signs),
            Reading::Double(worth) => double(bytes, *worth),
        }
    }
}

/// What stands beside a character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Beside {
    Lower,
    Upper,
    /// A letter of another language.
    Letter,
    Digit,
    Blank,
    Point,
}

fn beside(byte: Option<u8>, signs: &[Sign; 128]) -> Beside {
    match byte {
        None => Beside::Blank,
        Some(byte @ 0x80..) => match signs[usize::from(byte - 0x80)] {
            Sign::Lower | Sign::Seldom | Sign::Last | Sign::Sharp | Sign::Tilde => Beside::Lower,
            Sign::Upper => Beside::Upper,
            Sign::Foreign => Beside::Letter,
            Sign::Blank => Beside::Blank,
            _ => Beside::Point,
        },
        Some(byte) if byte.is_ascii_lowercase() => Beside::Lower,
        Some(byte) if byte.is_ascii_uppercase() => Beside::Upper,
        Some(byte) if byte.is_ascii_digit() => Beside::Digit,
        Some(byte) if byte.is_ascii_whitespace() => Beside::Blank,
        Some(_) => Beside::Point,
    }
}

fn single(bytes: &[u8], signs: &[Sign; 128]) -> i64 {
    // Where every letter of the alphabet is one of the upper half, words have no letters of ASCII in them.
    let own_script = signs.iter().filter(|sign| matches!(sign, Sign::Lower | Sign::Seldom)).count() > 20;
    let mut score = 0;
    for (at, byte) in bytes.iter().enumerate().filter(|(_, byte)| **byte >= 0x80) {
        let (before, after) = (at.checked_sub(1).map(|at| bytes[at]), bytes.get(at + 1).copied());
        let sign = in_place(signs[usize::from(byte - 0x80)], before, after);
        score += worth(sign, beside(before, signs), beside(after, signs));
        let is_letter = matches!(sign, Sign::Lower | Sign::Upper | Sign::Seldom);
        let beside_ascii = [before, after].into_iter().flatten().any(|byte| byte.is_ascii_alphabetic());
        if own_script && is_letter && beside_ascii {
            score -= 4;
        }
    }
    score
}

/// A letter that has its place in words, as a letter like others where it stands there, else as a foreign one.
fn in_place(sign: Sign, before: Option<u8>, after: Option<u8>) -> Sign {
    let fits = match sign {
        Sign::Last => after.is_none_or(|after| after < 0x80 && !after.is_ascii_alphanumeric()),
        Sign::Sharp => before.is_some_and(|before| before >= 0x80 || b"aeiouAEIOU".contains(&before)),
        Sign::Tilde => after == Some(b'e'),
        other => return other,
    };
    if fits { Sign::Lower } else { Sign::Foreign }
}

fn worth(sign: Sign, before: Beside, after: Beside) -> i64 {
    use Beside::{Blank, Digit, Lower, Point, Upper};
    let in_word = |beside: Beside| matches!(beside, Lower | Upper | Beside::Letter | Digit);
    let letter = |right: i64, wrong_case: bool| {
        let beside_digit = if before == Digit || after == Digit { 3 } else { 0 };
        if wrong_case { -3 } else { right - beside_digit }
    };
    match sign {
        Sign::Lower => letter(2, after == Upper && before != Lower),
        Sign::Upper => letter(1, before == Lower),
        Sign::Seldom => letter(1, after == Upper && before != Lower),
        Sign::Last | Sign::Sharp | Sign::Tilde | Sign::Foreign => letter(-1, false),
        Sign::Mark if in_word(before) && matches!(after, Lower) => -3,
        Sign::Mark => 1,
        Sign::Opening if in_word(after) && !in_word(before) => 1,
        Sign::Closing if matches!(before, Lower | Upper | Beside::Letter | Point | Digit) && after != Digit => 1,
        // French sets blanks inside of its marks.
        Sign::Opening if before == Blank && after == Blank => 1,
        Sign::Closing if before == Blank && matches!(after, Blank | Point) => 1,
        Sign::Blank if before == Digit && after == Digit => 2,
        Sign::Blank if in_word(before) && in_word(after) => -2,
        Sign::Blank => 0,
        Sign::Other if in_word(before) || in_word(after) => -3,
        Sign::Other if before == Blank || after == Blank || before == Point => -1,
        Sign::Opening | Sign::Closing | Sign::Other => -2,
    }
}

/// The worth of text of two bytes a character: letters of ASCII close beside one count against it.
fn double(bytes: &[u8], worth: Worth) -> i64 {
    let mut score = 0;
    let mut at = 0;
    while let Some(&first) = bytes.get(at) {
        if first < 0x80 {
            at += 1;
            continue;
        }
        let Some(&second) = bytes.get(at + 1) else { break };
        let is_letter = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphabetic);
        let before = is_letter(at.checked_sub(1).map(|at| &bytes[at]));
        // As in `f\x94r` and `\x90tat`: the second byte is the next letter of a word.
        let goes_on = bytes.get(at + 2).is_some_and(u8::is_ascii_lowercase);
        let takes_letter = second.is_ascii_alphabetic() && (before || goes_on);
        let value = worth(first, second);
        score += value - i64::from(before) - i64::from(is_letter(bytes.get(at + 2))) - if takes_letter { 3 } else { 0 };
        at += if value == SKIP { 1 } else { 2 };
    }
    score
}

/// A common character of two bytes is worth two letters of one.
const COMMON: i64 = 4;
const RARE: i64 = -3;
/// No character at all, or one of a single byte that is hardly used.
const SKIP: i64 = -6;

/// Kana, signs, wide signs and the 2965 kanji of the first level.
fn japanese(first: u8, second: u8) -> i64 {
    match (first, second) {
        (0x82, 0x9f..=0xf1) | (0x83, 0x40..=0x96) | (0x88, 0x9f..) | (0x89..=0x97, 0x40..) | (0x98, 0x40..=0x72) => COMMON,
        (0x81, 0x40..=0xac) => 1,
        (0x82, 0x4f..) | (0x81 | 0x83..=0x84 | 0x98..=0x9f | 0xe0..=0xea | 0xed..=0xee | 0xfa..=0xfc, 0x40..) => RARE,
        _ => SKIP,
    }
}

/// The 2350 syllables of KS X 1001; those in use are worth more than the Chinese character of the same bytes, the others less.
fn korean(first: u8, second: u8) -> i64 {
    match (first, second) {
        (0xb0..=0xc8, 0xa1..=0xfe) if is_in_use(first, second) => COMMON + 2,
        (0xb0..=0xc8, 0xa1..=0xfe) => COMMON - 2,
        (0xa1..=0xa3, 0xa1..=0xfe) => 1,
        (0x81..=0xc6, 0x41..=0xfe) | (0xa1..=0xfd, 0xa1..=0xfe) => RARE,
        _ => SKIP,
    }
}

fn is_in_use(first: u8, second: u8) -> bool {
    EUC_KR.decode_without_bom_handling(&[first, second]).0.chars().all(|syllable| KOREAN.contains(syllable))
}

/// The 3755 characters of the first level of GB 2312.
fn chinese(first: u8, second: u8) -> i64 {
    match (first, second) {
        (0xb0..=0xd7, 0xa1..=0xfe) => COMMON,
        (0xa1..=0xa3, 0xa1..=0xfe) => 1,
        (0x81..=0xfe, 0x40..=0xfe) => RARE,
        _ => SKIP,
    }
}

/// The 5401 common characters of Big5.
fn traditional(first: u8, second: u8) -> i64 {
    match (first, second) {
        (0xa4..=0xc6, 0x40..=0x7e | 0xa1..=0xfe) => COMMON - 1,
        (0xa1..=0xa3, 0x40..=0xfe) => 1,
        (0xc9..=0xf9, 0x40..=0xfe) => RARE,
        _ => SKIP,
    }
}
