//! A text as the eye reads it: an invisible character inside of a name must not hide the name from us.

use crate::machine::is_hidden;

/// A text without its invisible characters.
#[derive(Debug)]
pub struct Plain {
    /// The characters that show, and the line breaks and tabs, which part words.
    pub text: String,
    /// The invisible characters, in order, each with the place in `text` before which it stood.
    pub marks: Vec<(usize, char)>,
}

impl Plain {
    /// Takes the invisible characters out of a text.
    pub fn of(text: &str) -> Self {
        let mut plain = Self { text: String::with_capacity(text.len()), marks: Vec::new() };
        for character in text.chars() {
            if is_hidden(character) && !character.is_whitespace() {
                plain.marks.push((plain.text.len(), character));
            } else {
                plain.text.push(character);
            }
        }
        plain
    }
}
