//! How a list of exclusions becomes another one. Windows deletes a block only as it was added, and adds none that overlaps another.

use super::excluded_ports::Row;
use crate::machine::{Port, PortRange, PortSet};

/// What has to be deleted and added.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Change {
    /// The blocks to delete, as they were added.
    pub delete: Vec<PortRange>,
    /// The blocks to add then.
    pub add: Vec<PortRange>,
}

/// The administered ports of a list.
pub fn administered(rows: &[Row]) -> PortSet {
    rows.iter().filter(|row| row.administered).map(|row| row.range).collect()
}

/// What makes the ports of `range` administered exclusions where `wanted` has them, and none where it has not. Ports outside of `range` stay.
///
/// # Errors
/// The block of which only a part would have to go.
pub fn change(rows: &[Row], wanted: &PortSet, range: PortRange) -> Result<Change, PortRange> {
    let (now, asked) = (administered(rows), PortSet::from(range));
    let gone = now.intersection(&asked).difference(wanted);
    let touched = rows.iter().filter(|row| row.administered && !gone.intersection(&row.range.into()).is_empty());
    let delete: Vec<PortRange> = touched.map(|row| row.range).collect();
    match delete.iter().find(|block| !gone.contains_range(**block)) {
        Some(part) => Err(*part),
        None => Ok(Change { delete, add: wanted.intersection(&asked).difference(&now).ranges().to_vec() }),
    }
}

/// The first port of a range that Windows refuses, found by halves. `is_refused` is asked about blocks; the whole `range` is refused.
/// `None` where every block is refused that was asked about: then it is not about one port.
///
/// # Errors
/// What `is_refused` could not find out.
pub fn find_refused<E>(range: PortRange, mut is_refused: impl FnMut(PortRange) -> Result<bool, E>) -> Result<Option<Port>, E> {
    let (mut start, mut end) = (range.start(), range.end());
    let mut one_was_taken = false;
    while start < end {
        let middle = start + (end - start) / 2;
        let Ok(lower) = PortRange::new(start, middle) else { return Ok(None) };
        if is_refused(lower)? {
            end = middle;
        } else {
            one_was_taken = true;
            start = middle + 1;
        }
    }
    // With the lower half refused each time, the upper ones were never asked about.
    let beyond = PortRange::new(range.end(), range.end()).ok().filter(|last| !one_was_taken && last.start() > start);
    let proven = one_was_taken || beyond.map_or(Ok(false), |last| is_refused(last).map(|refused| !refused))?;
    Ok(proven.then_some(start))
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::{Change, change, find_refused};
    use crate::machine::{Port, PortRange, PortSet};
    use crate::platform::windows_text::excluded_ports::Row;

    fn rows(blocks: &[&str]) -> Vec<Row> {
        let row = |text: &&str| Row { range: text.trim_end_matches('*').parse().unwrap(), administered: text.ends_with('*') };
        blocks.iter().map(row).collect()
    }

    fn ranges(texts: &[&str]) -> Vec<PortRange> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    fn changed(blocks: &[&str], wanted: &str, range: &str) -> Result<Change, PortRange> {
        let wanted: PortSet = wanted.parse().unwrap();
        change(&rows(blocks), &wanted, range.parse().unwrap())
    }

    #[test]
    fn what_is_missing_is_added_around_what_is_there() {
        let expected = Change { delete: Vec::new(), add: ranges(&["10-11", "16-20"]) };
        assert_eq!(changed(&["12-15*"], "10-20", "10-20"), Ok(expected));
        assert_eq!(changed(&["1-65535*"], "10-20", "10-20"), Ok(Change::default()));
    }

    #[test]
    fn whole_blocks_go_as_they_were_added_although_they_touch() {
        let expected = Change { delete: ranges(&["10-12", "13-15"]), add: Vec::new() };
        assert_eq!(changed(&["10-12*", "13-15*", "16-20*"], "", "10-15"), Ok(expected));
    }

    #[test]
    fn a_part_of_a_block_cannot_go() {
        assert_eq!(changed(&["10-12*", "13-20*"], "", "10-15"), Err("13-20".parse().unwrap()));
    }

    #[test]
    fn blocks_of_others_and_ports_outside_the_range_are_left_alone() {
        assert_eq!(changed(&["10-12", "30-40*"], "", "10-20"), Ok(Change::default()));
        assert_eq!(changed(&["30-40*"], "10", "10-20"), Ok(Change { delete: Vec::new(), add: ranges(&["10"]) }));
    }

    /// The port that is found where these are taken, and how many questions it took.
    fn found(range: &str, taken: impl Fn(Port) -> bool) -> (Option<Port>, usize) {
        let mut questions = 0;
        let refused = |block: PortRange| {
            questions += 1;
            Ok::<bool, Infallible>((block.start()..=block.end()).any(&taken))
        };
        let port = find_refused(range.parse().unwrap(), refused).unwrap();
        (port, questions)
    }

    #[test]
    fn the_first_refused_port_is_found_in_log2_n_questions() {
        for taken in [8000, 8001, 8500, 8998, 8999] {
            let (port, questions) = found("8000-8999", |port| port == taken);
            assert_eq!(port, Some(taken));
            assert!(questions <= 11, "{questions}");
        }
        assert_eq!(found("8000-8999", |port| port % 300 == 0).0, Some(8100));
        assert_eq!(found("1-65535", |port| port == 65_535).0, Some(65_535));
    }

    #[test]
    fn where_every_port_is_refused_it_is_not_about_one() {
        assert_eq!(found("8000-8999", |_| true).0, None);
        assert_eq!(found("8000", |_| true).0, None);
    }
}
