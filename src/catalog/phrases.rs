//! Many phrases that are looked for in one pass over a line, so that the time does not grow with their number.

use aho_corasick::AhoCorasick;

/// Phrases, each known by its place in their order.
#[derive(Debug)]
pub struct Phrases(AhoCorasick);

impl Phrases {
    /// Phrases that are looked for as they are written.
    pub fn new<'a>(phrases: impl IntoIterator<Item = &'a str>) -> Self {
        Self::build(phrases, false)
    }

    /// Phrases that are looked for without telling the upper from the lower case of ASCII.
    pub fn of_any_case<'a>(phrases: impl IntoIterator<Item = &'a str>) -> Self {
        Self::build(phrases, true)
    }

    fn build<'a>(phrases: impl IntoIterator<Item = &'a str>, any_case: bool) -> Self {
        let built = AhoCorasick::builder().ascii_case_insensitive(any_case).build(phrases);
        Self(built.expect("hundreds of phrases are far from the two thousand million that it takes"))
    }

    /// The places of the phrases that a text has, also of those inside another one, as often as they stand there.
    pub fn all_in(&self, text: &str) -> impl Iterator<Item = usize> {
        self.0.find_overlapping_iter(text).map(|found| found.pattern().as_usize())
    }
}

#[cfg(test)]
mod tests {
    use super::Phrases;

    #[test]
    fn phrases_inside_another_one_are_found_too() {
        let phrases = Phrases::new(["in use", "already in use", "use", "USE"]);
        let mut found: Vec<usize> = phrases.all_in("already in use").collect();
        found.sort_unstable();
        assert_eq!(found, [0, 1, 2]);
    }

    #[test]
    fn case_counts_only_where_it_is_told_to() {
        assert_eq!(Phrases::new(["EACCES"]).all_in("eacces").count(), 0);
        assert_eq!(Phrases::of_any_case(["eacces", "é"]).all_in("EACCES É").count(), 1);
    }
}
