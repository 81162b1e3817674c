//! Text of bytes: UTF-8 where it is that, else the code page that makes the most words of it, line by line where there are several.

use std::borrow::Cow;

use super::plausible::{Guess, guesses};
use super::{Decoded, Encoding, code_page};

/// How many bytes of telling lines are weighed to find the page of a file.
const ENOUGH: usize = 32 << 10;

/// How many bytes of a line are weighed.
const LINE: usize = 4 << 10;

/// How many bytes of lines that do not fit the page of their file are weighed again.
const ODD: usize = 256 << 10;

/// Words of English that a console in the language of no other page prints.
const ENGLISH: [&[u8]; 4] = [b"Address", b" the ", b"Number of", b"Image Name"];

/// The text of bytes.
pub fn decode(bytes: &[u8]) -> Decoded<'_> {
    match std::str::from_utf8(bytes) {
        Ok(text) => {
            let encoding = if text.is_ascii() { Encoding::Ascii } else { Encoding::Utf8 };
            Decoded { text: text.into(), encoding }
        }
        // Cut off in the middle of its last character.
        Err(error) if error.error_len().is_none() && !bytes[..error.valid_up_to()].is_ascii() => {
            Decoded { text: String::from_utf8_lossy(bytes), encoding: Encoding::Utf8 }
        }
        Err(_) => by_lines(bytes),
    }
}

fn by_lines(bytes: &[u8]) -> Decoded<'_> {
    let guesses = guesses();
    let lines = || bytes.split_inclusive(|byte| *byte == b'\n');
    let mut telling = Vec::new();
    for line in lines().filter(|line| std::str::from_utf8(line).is_err()) {
        telling.extend_from_slice(beginning(line, LINE));
        if telling.len() > ENOUGH {
            break;
        }
    }
    let english = ENGLISH.iter().any(|word| beginning(bytes, ENOUGH).windows(word.len()).any(|here| here == *word));
    let main = best(&guesses, &telling, english);
    let mut text = String::with_capacity(bytes.len() + bytes.len() / 8);
    let mut seen = Seen::default();
    let mut odd = ODD;
    for line in lines() {
        seen.add(add_line(line, &guesses, main, &mut odd, &mut text));
    }
    Decoded { text: Cow::Owned(text), encoding: seen.encoding() }
}

fn beginning(bytes: &[u8], most: usize) -> &[u8] {
    &bytes[..bytes.len().min(most)]
}

/// Adds a line to a text, and tells how it was encoded. Lines that do not fit the main page are weighed while `odd` bytes are left.
fn add_line(line: &[u8], guesses: &[Guess], main: &Guess, odd: &mut usize, text: &mut String) -> Encoding {
    let telling = beginning(line, LINE);
    let of_main = main.score(telling);
    if let Ok(utf8) = std::str::from_utf8(line)
        && of_main <= 0
    {
        text.push_str(utf8);
        return if utf8.is_ascii() { Encoding::Ascii } else { Encoding::Utf8 };
    }
    let mut page = main;
    if of_main < 0 && *odd > 0 {
        *odd = odd.saturating_sub(telling.len());
        let other = best(guesses, telling, false);
        if other.score(telling) > 0 {
            page = other;
        }
    }
    code_page::decode(page.page, line, text);
    Encoding::CodePage(page.page)
}

/// The guess that bytes read best in. US English consoles have code page 437, which has the letters of 850 in the same places.
fn best<'a>(guesses: &'a [Guess], bytes: &[u8], english: bool) -> &'a Guess {
    let mut best = (&guesses[0], i64::MIN);
    for guess in guesses {
        let score = guess.score(bytes);
        if score > best.1 || (english && score == best.1 && guess.page == 437 && best.0.page == 850) {
            best = (guess, score);
        }
    }
    best.0
}

/// The encodings of the lines seen.
#[derive(Debug, Default)]
struct Seen {
    first: Option<Encoding>,
    several: bool,
}

impl Seen {
    fn add(&mut self, encoding: Encoding) {
        if encoding != Encoding::Ascii {
            self.several |= *self.first.get_or_insert(encoding) != encoding;
        }
    }

    fn encoding(&self) -> Encoding {
        if self.several { Encoding::Mixed } else { self.first.unwrap_or(Encoding::Ascii) }
    }
}
