//! The objects of `ConvertTo-Json`: one alone or several in an array. They are found by their braces, so that each has its lines and only
//! one is held at a time.

use std::ops::Range;

use serde_json::{Map, Value};

use crate::evidence::command::Command;
use crate::evidence::fact::Problem;
use crate::evidence::page::{Page, number};

/// How far into the text a property stands that shows what objects follow.
const FARTHEST: usize = 2048;

/// Objects from one line on.
pub struct Objects<'a> {
    text: &'a str,
    byte: usize,
    line: usize,
}

impl<'a> Objects<'a> {
    /// The objects that begin at `at`, where one of `properties` stands near.
    pub fn begin(page: &Page<'a>, at: usize, properties: &[&str]) -> Option<Self> {
        let line = page.line(at).trim_start();
        if !line.starts_with(['{', '[']) || !line[1..].trim_start().chars().next().is_none_or(|c| "{\"".contains(c)) {
            return None;
        }
        // No text of JSON goes on behind the end of its line.
        if line.len() <= FARTHEST && !line.matches('"').count().is_multiple_of(2) {
            return None;
        }
        let above = page.line(at.wrapping_sub(1));
        if !above.trim().is_empty() && Command::of_line(above, at).is_none() {
            return None;
        }
        let text = page.text_from(at);
        let end = (0..=FARTHEST.min(text.len())).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
        let names = |property: &&str| text[..end].contains(&format!("\"{property}\""));
        properties.iter().any(names).then_some(Self { text, byte: 0, line: at })
    }

    /// The next object with its lines; one that is cut off or damaged becomes a problem.
    pub fn read(&mut self, problems: &mut Vec<Problem>) -> Option<(Range<usize>, Map<String, Value>)> {
        loop {
            let (lines, object) = self.next_object()?;
            if let Ok(properties) = serde_json::from_str(object) {
                return Some((lines, properties));
            }
            let because = "this object is cut off or damaged".to_owned();
            problems.push(Problem { line: Some(number(lines.start)), because });
        }
    }

    /// The line behind the last object that was read.
    pub fn end(&self) -> usize {
        self.line + 1
    }

    /// The text of the next object with its lines; it is cut off where the text ends before it.
    fn next_object(&mut self) -> Option<(Range<usize>, &'a str)> {
        let start = self.skip_to_object()?;
        let first = self.line;
        let (mut depth, mut in_text, mut escaped) = (0_usize, false, false);
        for (offset, byte) in self.text.as_bytes().iter().enumerate().skip(start) {
            self.byte = offset + 1;
            match byte {
                b'\n' => self.line += 1,
                _ if escaped => escaped = false,
                b'\\' if in_text => escaped = true,
                b'"' => in_text = !in_text,
                b'{' if !in_text => depth += 1,
                b'}' if !in_text => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                break;
            }
        }
        Some((first..self.line + 1, self.text.get(start..self.byte)?))
    }

    /// Where the next object begins; `None` behind the end of the array and where something else follows.
    fn skip_to_object(&mut self) -> Option<usize> {
        let begun = self.byte > 0;
        for (offset, byte) in self.text.as_bytes().iter().enumerate().skip(self.byte) {
            match byte {
                b'{' => return Some(offset),
                b'[' if !begun => {}
                b',' => {}
                // The line of the last object is taken with it; those below are left.
                b'\n' => self.line += 1,
                byte if byte.is_ascii_whitespace() => {}
                _ => return None,
            }
        }
        None
    }
}
