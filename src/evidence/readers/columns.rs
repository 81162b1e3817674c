//! Columns under a rule of dashes or equals signs, and the words of a row in them.

/// The columns of a rule, in letters from the start of the line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Columns(Vec<(usize, usize)>);

impl Columns {
    /// The columns of a line that is only a rule of `sign`.
    pub fn of_rule(line: &str, sign: char) -> Option<Self> {
        if line.trim().is_empty() || !line.chars().all(|c| c == sign || c.is_whitespace()) {
            return None;
        }
        Some(Self(words(line).map(|(start, word)| (start, start + word.len())).collect()))
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// The text of each column of a row, in its order. A word belongs to the column whose rule it touches, else to the one before it.
    pub fn cells<'a>(&self, row: &'a str) -> Vec<&'a str> {
        let mut cells: Vec<Option<(usize, usize)>> = vec![None; self.0.len()];
        let mut column = 0;
        for (start, word) in words(row) {
            let end = start + word.chars().count();
            // Words come from left to right, so their columns do too.
            while self
                .0
                .get(column + 1)
                .is_some_and(|next| next.0 < end && !(self.0[column].1 > start && cells[column].is_none()))
            {
                column += 1;
            }
            let offset = word.as_ptr() as usize - row.as_ptr() as usize;
            let Some(cell) = cells.get_mut(column) else { continue };
            *cell = Some((cell.map_or(offset, |(first, _)| first), offset + word.len()));
        }
        cells.into_iter().map(|cell| cell.and_then(|(start, end)| row.get(start..end)).unwrap_or_default()).collect()
    }
}

/// The words of a line, each with the letter it begins at.
fn words(line: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut letters = 0;
    line.split_inclusive(char::is_whitespace).filter_map(move |part| {
        let start = letters;
        letters += part.chars().count();
        let word = part.trim_end();
        (!word.is_empty()).then_some((start, word))
    })
}

#[cfg(test)]
mod tests {
    use super::Columns;

    #[test]
    fn words_fall_into_the_columns_they_touch() {
        let columns = Columns::of_rule("------------ --------- -----       --", '-').unwrap();
        let rows = [
            ("::           5985      Listen       4", ["::", "5985", "Listen", "4"]),
            ("0.0.0.0                          1234", ["0.0.0.0", "", "", "1234"]),
            ("one two      80        Time Wait   99", ["one two", "80", "Time Wait", "99"]),
            ("äöü          80", ["äöü", "80", "", ""]),
            ("", ["", "", "", ""]),
        ];
        for (row, cells) in rows {
            assert_eq!(columns.cells(row), cells, "{row}");
        }
    }

    #[test]
    fn a_line_with_anything_else_is_no_rule() {
        assert_eq!(Columns::of_rule("---- x", '-'), None);
        assert_eq!(Columns::of_rule("   ", '-'), None);
    }
}
