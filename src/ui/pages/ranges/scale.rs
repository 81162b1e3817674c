//! Where ports lie on a line: pure geometry of the map. A place among the ports is counted in ports: port 1433 goes from 1433 to 1434.

use crate::machine::{Port, PortRange};

/// The first port behind the split of the overview: below it lie the ports of most servers.
pub const SPLIT: u32 = 1024;
/// The share of the overview that the ports below the split have; on an even scale it would be a sixty-fourth.
const SHARE: f32 = 0.14;
/// The gap in the tracks that shows the split.
const GAP: f32 = 6.0;
/// As many ports as there are, port 0 included.
const ALL: f32 = 65536.0;
/// No mark is narrower, and marks nearer than this are one.
const LEAST: f32 = 2.0;
/// No line is shorter: it has room for the gap and for marks on both sides of it.
const LEAST_LINE: f32 = 64.0;

/// How ports are spread over a line from `left` to `right`, in points.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scale {
    left: f32,
    right: f32,
    parts: Parts,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Parts {
    /// All ports, those below the split wider than the others.
    Split,
    /// From one place to another, evenly.
    Even { from: f32, to: f32 },
}

/// Something that is drawn on a line.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mark {
    /// Its left end, in points.
    pub left: f32,
    /// Its right end.
    pub right: f32,
    /// Its first port.
    pub first: Port,
    /// Its last port.
    pub last: Port,
    /// How many things it stands for.
    pub count: usize,
}

impl Mark {
    /// Its middle.
    pub const fn middle(&self) -> f32 {
        f32::midpoint(self.left, self.right)
    }
}

impl Scale {
    /// All ports, those below [`SPLIT`] wider than the others.
    pub const fn overview(left: f32, right: f32) -> Self {
        Self { left, right: at_least(left, right), parts: Parts::Split }
    }

    /// From one place to another, evenly.
    pub const fn even(left: f32, right: f32, from: f32, to: f32) -> Self {
        Self { left, right: at_least(left, right), parts: Parts::Even { from, to } }
    }

    /// The gap that shows the split.
    pub fn gap(&self) -> (f32, f32) {
        let middle = self.left + (self.right - self.left) * SHARE;
        (middle - GAP / 2.0, middle + GAP / 2.0)
    }

    /// The point of a place; outside of the line where the place is not on it.
    pub fn x(&self, place: f32) -> f32 {
        let split = SPLIT as f32;
        match self.parts {
            Parts::Even { from, to } => self.left + (place - from) / (to - from) * (self.right - self.left),
            Parts::Split if place < split => self.left + place / split * (self.gap().0 - self.left),
            Parts::Split => {
                let start = self.gap().1;
                start + (place - split) / (ALL - split) * (self.right - start)
            }
        }
    }

    /// The place at a point.
    pub fn place(&self, x: f32) -> f32 {
        let split = SPLIT as f32;
        let x = x.clamp(self.left, self.right);
        match self.parts {
            Parts::Even { from, to } => from + (x - self.left) / (self.right - self.left) * (to - from),
            Parts::Split => {
                let (end, start) = self.gap();
                if x < start {
                    ((x - self.left) / (end - self.left) * split).min(split)
                } else {
                    split + (x - start) / (self.right - start) * (ALL - split)
                }
            }
        }
    }

    /// The port at a point.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to ports")]
    pub fn port(&self, x: f32) -> Port {
        self.place(x).floor().clamp(1.0, 65535.0) as Port
    }

    /// The points of a range as far as it is on the line, never narrower than a mark must be; `None` where it is not on the line.
    pub fn span(&self, range: PortRange) -> Option<(f32, f32)> {
        let (left, right) = (self.x(f32::from(range.start())), self.x(f32::from(range.end()) + 1.0));
        if right <= self.left || left >= self.right {
            return None;
        }
        let (left, right) = (left.max(self.left), right.min(self.right));
        if right - left >= LEAST {
            return Some((left, right));
        }
        let middle = f32::midpoint(left, right).clamp(self.left + LEAST / 2.0, self.right - LEAST / 2.0);
        Some((middle - LEAST / 2.0, middle + LEAST / 2.0))
    }

    /// The marks of ranges that come in their order. Those nearer than two points are one.
    pub fn marks(&self, ranges: impl IntoIterator<Item = PortRange>) -> Vec<Mark> {
        let mut marks: Vec<Mark> = Vec::new();
        for range in ranges {
            let Some((left, right)) = self.span(range) else { continue };
            match marks.last_mut() {
                Some(last) if left - last.right < LEAST => {
                    last.right = last.right.max(right);
                    last.last = last.last.max(range.end());
                    last.count += 1;
                }
                _ => marks.push(Mark { left, right, first: range.start(), last: range.end(), count: 1 }),
            }
        }
        marks
    }
}

/// The right end of a line that is long enough, however narrow somebody makes the window.
const fn at_least(left: f32, right: f32) -> f32 {
    right.max(left + LEAST_LINE)
}

/// The mark at a point, or the nearest one that is not further than `reach` away.
pub fn hit(marks: &[Mark], x: f32, reach: f32) -> Option<&Mark> {
    let distance = |mark: &Mark| (mark.left - x).max(x - mark.right).max(0.0);
    marks.iter().min_by(|one, other| distance(one).total_cmp(&distance(other))).filter(|mark| distance(mark) <= reach)
}

/// The ports of ticks from `first` to `last`: round steps (1, 2, 5 times a power of ten), at most `most` of them.
pub fn ticks(first: Port, last: Port, most: u32) -> Vec<u32> {
    let (first, last) = (u32::from(first), u32::from(last));
    let fits = |step: &u32| (last / step + 1).saturating_sub(first.div_ceil(*step)) <= most.max(1);
    let steps = (0..6).flat_map(|power| [1, 2, 5].map(|digit| digit * 10_u32.pow(power)));
    let step = { steps }.find(fits).unwrap_or(500_000);
    (first.div_ceil(step)..=last / step).map(|number| number * step).collect()
}

/// The ports of the overview's ticks: the ends, the split, and multiples of a power of two behind it, as many as have room.
pub fn overview_ticks(width: f32) -> Vec<u32> {
    let step = if width < 420.0 {
        32768
    } else if width < 560.0 {
        16384
    } else {
        8192
    };
    let between = (1..65536 / step).map(|number| number * step);
    [0, SPLIT].into_iter().chain(between).chain([65535]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(start: Port, end: Port) -> PortRange {
        PortRange::new(start, end).unwrap()
    }

    fn near(one: f32, other: f32) -> bool {
        (one - other).abs() < 0.01
    }

    #[test]
    fn an_even_scale_spreads_ports_evenly() {
        let scale = Scale::even(100.0, 800.0, 1150.0, 1850.0);
        assert!(near(scale.x(1150.0), 100.0) && near(scale.x(1850.0), 800.0) && near(scale.x(1433.0), 383.0));
        assert_eq!(scale.port(383.5), 1433);
        assert!(near(scale.place(383.0), 1433.0));
    }

    #[test]
    fn the_overview_gives_low_ports_a_wider_share_with_a_gap_behind_them() {
        let scale = Scale::overview(0.0, 1000.0);
        let (end, start) = scale.gap();
        assert!(near(start - end, GAP) && near(f32::midpoint(end, start), 140.0));
        assert!(near(scale.x(0.0), 0.0) && near(scale.x(1024.0), start) && near(scale.x(65536.0), 1000.0));
        assert!(scale.x(1023.9) < end + 0.01, "nothing lies in the gap");
        assert!(scale.x(512.0) - scale.x(256.0) > 10.0 * (scale.x(2048.0) - scale.x(1792.0)));
    }

    #[test]
    fn a_point_gives_the_place_that_gave_it() {
        for scale in [Scale::overview(20.0, 700.0), Scale::even(20.0, 700.0, 1000.0, 3000.0)] {
            let mut before = f32::MIN;
            for place in [1000.0, 1023.0, 1024.0, 1500.0, 2999.0] {
                assert!((scale.place(scale.x(place)) - place).abs() < 1.0, "{place} in {scale:?}");
                assert!(scale.x(place) > before, "places keep their order");
                before = scale.x(place);
            }
            assert!(scale.place(-50.0) >= 0.0, "what is left of the line is its begin");
        }
    }

    #[test]
    fn one_port_is_two_points_wide_at_least_and_stays_on_the_line() {
        let scale = Scale::overview(0.0, 700.0);
        for port in [1, 1433, 65535] {
            let (left, right) = scale.span(PortRange::single(port)).unwrap();
            assert!(near(right - left, 2.0) && left >= 0.0 && right <= 700.0, "{port}: {left} to {right}");
        }
        let near_by = Scale::even(0.0, 700.0, 1150.0, 1850.0);
        assert_eq!(near_by.span(range(1, 1149)), None);
        assert_eq!(near_by.span(range(1850, 65535)), None);
        assert!(near(near_by.span(range(1000, 1200)).unwrap().0, 0.0), "cut at the line's begin");
    }

    #[test]
    fn a_line_without_room_has_its_marks_still() {
        for scale in [Scale::overview(100.0, 40.0), Scale::even(100.0, 101.0, 0.0, 1000.0)] {
            assert!(scale.span(PortRange::single(443)).is_some());
            assert!(scale.port(70.0) >= 1);
        }
    }

    #[test]
    fn marks_nearer_than_two_points_are_one() {
        let scale = Scale::even(0.0, 1000.0, 0.0, 1000.0);
        let marks = scale.marks([range(10, 11), range(13, 14), range(20, 29), range(990, 2000)]);
        assert_eq!(marks.len(), 3);
        assert_eq!((marks[0].first, marks[0].last, marks[0].count), (10, 14, 2));
        assert_eq!((marks[1].first, marks[1].last, marks[1].count), (20, 29, 1));
        let many = Scale::overview(0.0, 700.0).marks((1..=65535).map(PortRange::single));
        assert!(many.len() <= 2, "65 535 ports in use are two blocks, one on each side of the split: {}", many.len());
    }

    #[test]
    fn a_click_finds_the_nearest_mark_within_reach() {
        let scale = Scale::even(0.0, 1000.0, 0.0, 1000.0);
        let marks = scale.marks([range(100, 101), range(110, 111)]);
        assert_eq!(hit(&marks, 104.0, 4.0).unwrap().first, 100);
        assert_eq!(hit(&marks, 108.0, 4.0).unwrap().first, 110);
        assert_eq!(hit(&marks, 120.0, 4.0), None);
        assert_eq!(hit(&[], 1.0, 4.0), None);
    }

    #[test]
    fn ticks_are_round_and_never_too_many() {
        assert_eq!(ticks(1150, 1850, 8), [1200, 1300, 1400, 1500, 1600, 1700, 1800]);
        assert_eq!(ticks(1425, 1448, 8), [1425, 1430, 1435, 1440, 1445]);
        assert_eq!(ticks(0, 65535, 8), [0, 10_000, 20_000, 30_000, 40_000, 50_000, 60_000]);
        for (first, last) in [(0, 23), (65_512, 65_535), (999, 60_999), (5, 5)] {
            for most in [1, 3, 10] {
                assert!(ticks(first, last, most).len() <= most as usize, "{first} to {last}, {most}");
            }
        }
    }

    #[test]
    fn the_overview_has_fewer_ticks_where_it_is_narrow() {
        assert_eq!(overview_ticks(700.0).len(), 10);
        assert_eq!(overview_ticks(300.0), [0, 1024, 32768, 65535]);
    }
}
