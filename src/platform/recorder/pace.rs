//! How often to look: so that all looks together take a bounded share of one core.

use std::time::Duration;

/// Soon enough for whoever takes a port for more than a moment.
const SHORTEST: Duration = Duration::from_millis(250);
/// Even in the largest table a watch is one.
const LONGEST: Duration = Duration::from_secs(30);
/// A look may take this part of the time from one look to the next: 0.4 % of a core.
const LOOKS: u32 = 250;
/// Finding out who somebody is may take this part of the time in the long run: 0.1 % of a core.
const SEARCHES: u32 = 1000;
/// So much of that at once does not slow the looks down: it is rare, and it is what the recorder is for.
const AT_ONCE: Duration = Duration::from_secs(1);

/// The time to wait after a look.
#[derive(Debug, Default)]
pub struct Pace {
    /// What a look takes, over the last few.
    look: Duration,
    /// What searches took beyond their share.
    debt: Duration,
}

impl Pace {
    /// The time to wait after a look that took `look`, with a search that took `search`.
    pub fn after(&mut self, look: Duration, search: Duration) -> Duration {
        self.look = if self.look.is_zero() { look } else { (self.look * 3 + look) / 4 };
        self.debt += search;
        let beyond = self.debt.saturating_sub(AT_ONCE);
        let wait = (self.look * LOOKS).max(beyond.saturating_mul(SEARCHES)).clamp(SHORTEST, LONGEST);
        self.debt = self.debt.saturating_sub(wait / SEARCHES);
        wait
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{LONGEST, Pace, SHORTEST};

    const NONE: Duration = Duration::ZERO;

    #[test]
    fn a_small_table_is_looked_at_four_times_a_second() {
        assert_eq!(Pace::default().after(Duration::from_micros(400), NONE), SHORTEST);
    }

    #[test]
    fn looks_take_no_more_than_their_share_however_large_the_table_is() {
        let look = Duration::from_millis(50);
        let mut pace = Pace::default();
        let waited: Duration = (0..100).map(|_| pace.after(look, NONE)).sum();
        assert!(look * 100 <= waited / 250, "{waited:?}");
        assert_eq!(Pace::default().after(Duration::from_secs(9), NONE), LONGEST);
    }

    #[test]
    fn one_search_does_not_make_it_blind_but_many_are_paid_for() {
        let search = Duration::from_millis(50);
        let mut pace = Pace::default();
        assert_eq!(pace.after(NONE, search), SHORTEST);
        let searches = 1000;
        let waited: Duration = (0..searches).map(|_| pace.after(NONE, search)).sum();
        let share = (search * searches).as_secs_f64() / waited.as_secs_f64();
        assert!(share < 0.005, "{share}");
    }
}
