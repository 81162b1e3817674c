//! Where a name begins and ends in a text.

/// The characters in lower case, so that a name is found in any letter case.
pub fn lower(text: &str) -> Vec<char> {
    text.chars().flat_map(char::to_lowercase).collect()
}

/// Whether a name can begin at `at`: before it stands no letter or digit, or only those of an escape sequence (`%2F`, `\n`, `\x20`,
/// `\u002f`, `\040`), as logs and URLs write them.
pub fn before(text: &str, at: usize) -> bool {
    let head = &text[..at];
    head.chars().next_back().is_none_or(|last| !last.is_alphanumeric()) || ends_with_escape(head)
}

fn ends_with_escape(head: &str) -> bool {
    let hex = |count: usize, start: &str| {
        let tail = head.len().checked_sub(count).and_then(|from| head.get(from..));
        tail.is_some_and(|tail| tail.chars().all(|c| c.is_ascii_hexdigit())) && head[..head.len() - count].ends_with(start)
    };
    ["\\n", "\\r", "\\t"].iter().any(|escape| head.ends_with(escape))
        || hex(2, "%")
        || hex(2, "\\x")
        || hex(4, "\\u")
        || hex(3, "\\")
}

/// How many bytes at `at` are this name in any letter case, with no letter or digit right behind it.
pub fn length_of(text: &str, at: usize, name: &[char]) -> Option<usize> {
    let mut wanted = name.iter();
    for (offset, character) in text[at..].char_indices() {
        if wanted.as_slice().is_empty() {
            return (!character.is_alphanumeric()).then_some(offset);
        }
        for lower in character.to_lowercase() {
            if wanted.next() != Some(&lower) {
                return None;
            }
        }
    }
    wanted.as_slice().is_empty().then_some(text.len() - at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str, name: &str) -> Vec<usize> {
        let name = lower(name);
        let starts = text.char_indices().map(|(at, _)| at);
        starts.filter(|at| before(text, *at) && length_of(text, *at, &name).is_some()).collect()
    }

    #[test]
    fn a_name_is_found_in_any_letter_case_as_a_whole() {
        assert_eq!(found("SRV1 srv1 srv12 asrv1 (Srv1)", "srv1"), [0, 5, 23]);
        assert_eq!(found("MÜLLER", "müller"), [0]);
    }

    #[test]
    fn a_name_is_found_behind_an_escape() {
        for text in ["%2Fanna", "\\nanna", "\\x20anna", "\\u002fanna", "\\040anna"] {
            assert_eq!(found(text, "anna").len(), 1, "{text}");
        }
        assert_eq!(found("joanna", "anna").len(), 0);
    }
}
