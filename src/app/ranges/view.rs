//! The part of all ports that the map shows large.

use crate::machine::{Port, PortRange};

/// The fewest ports that are shown: fewer would need no map.
const FEWEST: f64 = 24.0;
/// As many as there are, port 0 included.
const ALL: f64 = 65536.0;

/// The first and the last port that are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct View {
    first: Port,
    last: Port,
}

impl Default for View {
    fn default() -> Self {
        Self { first: 0, last: 2047 }
    }
}

impl View {
    /// Every port.
    pub const ALL: Self = Self { first: 0, last: Port::MAX };

    /// The surroundings of `range`, with the range in the middle.
    pub fn around(range: PortRange) -> Self {
        let span = (f64::from(range.count()) * 3.0).max(700.0);
        let middle = f64::midpoint(f64::from(range.start()), f64::from(range.end()) + 1.0);
        Self::of(middle - span / 2.0, span)
    }

    /// The first port that is shown.
    pub const fn first(self) -> Port {
        self.first
    }

    /// The last port that is shown.
    pub const fn last(self) -> Port {
        self.last
    }

    /// How many ports are shown.
    pub const fn count(self) -> u32 {
        self.last as u32 - self.first as u32 + 1
    }

    /// Shows `factor` times as many ports, with `fixed` (in ports) at the same place.
    #[must_use]
    pub fn zoomed(self, factor: f64, fixed: f64) -> Self {
        let count = f64::from(self.count());
        let span = (count * factor).clamp(FEWEST, ALL);
        let share = (fixed - f64::from(self.first)) / count;
        Self::of(fixed - share * span, span)
    }

    /// Shows as many ports, `by` ports further up or down.
    #[must_use]
    pub fn moved(self, by: f64) -> Self {
        Self::of(f64::from(self.first) + by, f64::from(self.count()))
    }

    /// Shows as many ports, with `middle` in the middle.
    #[must_use]
    pub fn centred(self, middle: f64) -> Self {
        let span = f64::from(self.count());
        Self::of(middle - span / 2.0, span)
    }

    /// Keeps to the ports that there are.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "rounded and clamped to ports")]
    fn of(first: f64, span: f64) -> Self {
        let span = span.round().clamp(FEWEST, ALL);
        let first = first.round().clamp(0.0, ALL - span);
        Self { first: first as Port, last: (first + span - 1.0) as Port }
    }
}

#[cfg(test)]
mod tests {
    use super::View;
    use crate::machine::PortRange;

    fn view(first: u16, last: u16) -> View {
        View { first, last }
    }

    #[test]
    fn a_port_is_shown_in_the_middle_of_its_surroundings() {
        assert_eq!(View::around(PortRange::single(1433)), view(1084, 1783));
        assert_eq!(View::around(PortRange::single(22)).first(), 0, "nothing is below port 0");
        assert_eq!(View::around(PortRange::single(65_535)).last(), 65_535, "nothing is above the last port");
        assert_eq!(View::around(PortRange::new(1, 65_535).unwrap()), View::ALL);
    }

    #[test]
    fn what_is_under_the_pointer_stays_there_while_zooming() {
        let near = view(1000, 1999).zoomed(0.5, 1250.0);
        assert_eq!((near.first(), near.count()), (1125, 500));
        assert_eq!(near.zoomed(2.0, 1250.0), view(1000, 1999));
    }

    #[test]
    fn zooming_ends_at_a_few_ports_and_at_all() {
        let mut near = View::ALL;
        for _ in 0..40 {
            near = near.zoomed(0.5, 1433.0);
        }
        assert_eq!(near.count(), 24);
        assert!(near.first() <= 1433 && near.last() >= 1433);
        assert_eq!(view(0, 40_000).zoomed(5.0, 100.0), View::ALL);
    }

    #[test]
    fn moving_stops_at_both_ends_and_keeps_the_span() {
        assert_eq!(view(100, 199).moved(-500.0), view(0, 99));
        assert_eq!(view(100, 199).moved(90_000.0), view(65_436, 65_535));
        assert_eq!(view(100, 199).centred(1000.0).count(), 100);
    }
}
