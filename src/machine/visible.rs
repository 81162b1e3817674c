//! Names from the system are hostile: whoever names a process can put control characters and direction marks into it.

/// The text with every control, bidirectional and invisible character written as `\u{…}`, so that what is shown is what is there.
///
/// Line breaks and tabs are control characters too: a name has none. See Unicode Technical Report 36, section 2.
pub fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        if is_hidden(character) {
            shown.extend(character.escape_unicode());
        } else {
            shown.push(character);
        }
    }
    shown
}

/// The text without the sequences that colour a terminal (`ESC [ ... letter`): programs write them into logs, too.
pub fn without_colours(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\u{1B}') {
        plain.push_str(before);
        let after = after.trim_start_matches(|c: char| c == '[' || c == ';' || c.is_ascii_digit());
        rest = after.strip_prefix(|c: char| c.is_ascii_alphabetic()).unwrap_or(after);
    }
    plain.push_str(rest);
    plain
}

/// Whether a character shows nothing by itself, or changes how others show.
pub fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{00AD}' | '\u{061C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}')
}

#[cfg(test)]
mod tests {
    use super::{visible, without_colours};

    #[test]
    fn takes_out_the_colours_of_a_terminal() {
        assert_eq!(without_colours("\u{1B}[1;31mError\u{1B}[0m: x"), "Error: x");
        assert_eq!(without_colours("\u{1B}"), "");
    }

    #[test]
    fn shows_direction_marks_and_control_characters() {
        assert_eq!(visible("a\u{202E}exe.txt\n"), "a\\u{202e}exe.txt\\u{a}");
    }

    #[test]
    fn keeps_ordinary_text_of_any_script() {
        assert_eq!(visible("Dienst für 端口 – ок"), "Dienst für 端口 – ок");
    }
}
