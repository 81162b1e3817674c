//! A set of ports, kept as ordered, separate ranges. The kernel's reserved list is one.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{Port, PortRange};

/// A set of ports. Two sets with the same ports are equal, however they were written.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PortSet {
    /// Ordered, with at least one port between neighbours.
    ranges: Vec<PortRange>,
}

/// A text that is no list of ports.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a list of ports looks like 1433,8080-8090; this part is not understood: \"{0}\"")]
pub struct PortSetError(pub String);

impl PortSet {
    /// The set without a port.
    pub const fn new() -> Self {
        Self { ranges: Vec::new() }
    }

    /// The ranges in order, neighbours merged.
    pub fn ranges(&self) -> &[PortRange] {
        &self.ranges
    }

    /// Whether it holds no port.
    pub fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    /// How many ports it holds.
    pub fn count(&self) -> u32 {
        self.ranges.iter().map(|range| range.count()).sum()
    }

    /// Whether `port` is in it.
    pub fn contains(&self, port: Port) -> bool {
        let after = self.ranges.partition_point(|range| range.start() <= port);
        after > 0 && self.ranges[after - 1].contains(port)
    }

    /// Whether every port of `range` is in it.
    pub fn contains_range(&self, range: PortRange) -> bool {
        let after = self.ranges.partition_point(|own| own.start() <= range.start());
        after > 0 && self.ranges[after - 1].end() >= range.end()
    }

    /// The list for people: blanks after the commas, and a long one is cut.
    pub fn short(&self) -> String {
        const MOST: usize = 8;
        let head: Vec<String> = self.ranges.iter().take(MOST).map(ToString::to_string).collect();
        match self.ranges.len() {
            0 => "none".to_owned(),
            count if count > MOST => format!("{} and {} more", head.join(", "), count - MOST),
            _ => head.join(", "),
        }
    }

    /// Adds the ports of `range`.
    pub fn insert(&mut self, range: PortRange) {
        *self = self.union(&range.into());
    }

    /// Takes the ports of `range` out.
    pub fn remove(&mut self, range: PortRange) {
        *self = self.difference(&range.into());
    }

    /// The ports of either.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        self.ranges.iter().chain(&other.ranges).copied().collect()
    }

    /// The ports of this one that are not in `other`.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Self {
        // Both lists are in order, so each is walked once: a kernel's list may have tens of thousands of ranges.
        let mut kept = Vec::with_capacity(self.ranges.len());
        let mut taken = other.ranges.iter().peekable();
        for own in &self.ranges {
            let mut start = Some(own.start());
            while let (Some(from), Some(next)) = (start, taken.peek()) {
                if next.start() > own.end() {
                    break;
                }
                if next.end() >= from {
                    if next.start() > from {
                        kept.extend(PortRange::new(from, next.start() - 1));
                    }
                    start = next.end().checked_add(1).filter(|start| *start <= own.end());
                    if start.is_none() {
                        break;
                    }
                }
                taken.next();
            }
            kept.extend(start.and_then(|start| PortRange::new(start, own.end()).ok()));
        }
        Self { ranges: kept }
    }

    /// The ports of both.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        self.difference(&self.difference(other))
    }
}

impl From<PortRange> for PortSet {
    fn from(range: PortRange) -> Self {
        Self { ranges: vec![range] }
    }
}

impl FromIterator<PortRange> for PortSet {
    fn from_iter<I: IntoIterator<Item = PortRange>>(ranges: I) -> Self {
        let mut all: Vec<PortRange> = ranges.into_iter().collect();
        all.sort_unstable();
        let mut merged: Vec<PortRange> = Vec::with_capacity(all.len());
        for range in all {
            match merged.last_mut() {
                Some(last) if range.start() <= last.end().saturating_add(1) => {
                    if let Ok(wider) = PortRange::new(last.start(), last.end().max(range.end())) {
                        *last = wider;
                    }
                }
                _ => merged.push(range),
            }
        }
        Self { ranges: merged }
    }
}

/// `1433,8080-8090`: the form that the kernel reads and writes; empty for the empty set.
impl fmt::Display for PortSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, range) in self.ranges.iter().enumerate() {
            if index > 0 {
                f.write_str(",")?;
            }
            write!(f, "{range}")?;
        }
        Ok(())
    }
}

impl FromStr for PortSet {
    type Err = PortSetError;

    /// Reads `1433,8080-8090`. White space around the whole text is allowed, the empty text is the empty set.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(Self::new());
        }
        text.split(',').map(|part| part.trim().parse::<PortRange>().map_err(|_| PortSetError(part.to_owned()))).collect()
    }
}

impl TryFrom<String> for PortSet {
    type Error = PortSetError;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<PortSet> for String {
    fn from(set: PortSet) -> Self {
        set.to_string()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::{PortRange, PortSet};

    fn set(text: &str) -> PortSet {
        text.parse().unwrap()
    }

    #[test]
    fn neighbours_merge_as_the_kernel_merges_them() {
        assert_eq!(set("1433,1434").to_string(), "1433-1434");
        assert_eq!(set("80-90,85-95").to_string(), "80-95");
    }

    #[test]
    fn removing_from_the_middle_leaves_both_sides() {
        let mut ports = set("8080-8090");
        ports.remove(PortRange::single(8085));
        assert_eq!(ports.to_string(), "8080-8084,8086-8090");
    }

    #[test]
    fn the_last_port_is_an_ordinary_port() {
        let mut ports = set("65535");
        ports.insert(PortRange::new(65530, 65534).unwrap());
        assert_eq!(ports.to_string(), "65530-65535");
        ports.remove(PortRange::single(65535));
        assert_eq!(ports.to_string(), "65530-65534");
    }

    #[test]
    fn texts_that_the_kernel_refuses_are_refused() {
        for text in ["abc", "99999", "8090-8080", "1433,,80", "0", "-5", "1433;80"] {
            assert!(text.parse::<PortSet>().is_err(), "{text}");
        }
    }

    fn ranges() -> impl Strategy<Value = Vec<PortRange>> {
        // Close together, so that they touch and overlap; at the end, where numbers end too; anywhere.
        let start = prop_oneof![1u16..200, 65400u16..=65535, 1u16..=65535];
        proptest::collection::vec((start, 0u16..50), 0..12).prop_map(|pairs| {
            pairs.into_iter().filter_map(|(start, extra)| PortRange::new(start, start.saturating_add(extra)).ok()).collect()
        })
    }

    fn ports(ranges: &[PortRange]) -> BTreeSet<u16> {
        ranges.iter().flat_map(|range| range.start()..=range.end()).collect()
    }

    proptest! {
        #[test]
        fn holds_exactly_the_ports_put_in(added in ranges(), taken in ranges()) {
            let set: PortSet = added.iter().copied().collect();
            prop_assert_eq!(ports(set.ranges()), ports(&added));
            let left = set.difference(&taken.iter().copied().collect());
            let expected: BTreeSet<u16> = ports(&added).difference(&ports(&taken)).copied().collect();
            prop_assert_eq!(ports(left.ranges()), expected.clone());
            let both: BTreeSet<u16> = ports(&added).intersection(&ports(&taken)).copied().collect();
            prop_assert_eq!(ports(set.intersection(&taken.into_iter().collect()).ranges()), both);
            for port in expected.iter().take(20) {
                prop_assert!(left.contains(*port));
            }
        }

        #[test]
        fn is_read_back_as_it_was_written(added in ranges()) {
            let set: PortSet = added.into_iter().collect();
            prop_assert_eq!(set.to_string().parse::<PortSet>().unwrap(), set);
        }
    }
}
