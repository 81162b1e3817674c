//! Where the ticks of the plot are: round times, and round numbers of ports.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// The steps between two times, in seconds.
const STEPS: [i64; 17] = [5, 10, 15, 30, 60, 120, 180, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 14_400, 21_600, 43_200];

/// Round times of the zone from `begin` to `end`, at most `most` of them, each as it is written.
pub fn times(begin: Timestamp, end: Timestamp, most: usize, zone: &TimeZone) -> Vec<(Timestamp, String)> {
    let (begin, end) = (begin.as_second(), end.as_second());
    let most = i64::try_from(most.max(1)).unwrap_or(i64::MAX);
    let fits = |step: &i64| (end - begin) / step < most;
    let step = STEPS.into_iter().find(fits).unwrap_or(86_400);
    // Round for those who read it: by the clock on the wall.
    let offset = Timestamp::from_second(begin).map_or(0, |time| i64::from(zone.to_offset(time).seconds()));
    let first = (begin + offset).div_euclid(step) * step - offset;
    let format = if step < 60 { "%H:%M:%S" } else { "%H:%M" };
    (0_i64..)
        .map(|index| first + index * step)
        .skip_while(|second| *second < begin)
        .take_while(|second| *second <= end)
        .filter_map(|second| Timestamp::from_second(second).ok())
        .map(|time| (time, time.to_zoned(zone.clone()).strftime(format).to_string()))
        .collect()
}

/// Round lengths of time before `end`, back to `begin`, at most `most` of them, each as it is written.
pub fn before(begin: Timestamp, end: Timestamp, most: usize) -> Vec<(Timestamp, String)> {
    let whole = end.as_second() - begin.as_second();
    let most = i64::try_from(most.max(1)).unwrap_or(i64::MAX);
    let step = STEPS.into_iter().find(|step| whole / step < most).unwrap_or(86_400);
    let lengths = (1..=whole / step).map(|index| SignedDuration::from_secs(index * step));
    lengths.filter_map(|length| Some((end.checked_sub(length).ok()?, ago(length)))).collect()
}

/// How long before the last look.
pub fn ago(length: SignedDuration) -> String {
    let seconds = length.as_secs();
    match seconds {
        0..=59 => format!("{seconds} s before"),
        60..=7199 if seconds % 60 == 0 => format!("{} min before", seconds / 60),
        60..=7199 => format!("{} min {} s before", seconds / 60, seconds % 60),
        _ => format!("{} h {} min before", seconds / 3600, seconds % 3600 / 60),
    }
}

/// Round numbers from 0 to `highest`, at most five steps of them.
pub fn numbers(highest: u32) -> Vec<u32> {
    let mut step = 1_u32;
    let mut factors = [2, 5, 10].into_iter().cycle();
    let mut base = 1_u32;
    while highest / step >= 5 {
        let factor = factors.next().unwrap_or(10);
        step = base.saturating_mul(factor);
        if factor == 10 {
            base = step;
        }
    }
    (0..=highest / step).map(|index| index * step).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn times_are_round_and_few() {
        let written = |begin: &str, end: &str| -> Vec<String> {
            times(at(begin), at(end), 6, &TimeZone::UTC).into_iter().map(|(_, text)| text).collect()
        };
        assert_eq!(
            written("2026-11-20T02:24:10Z", "2026-11-20T03:24:00Z"),
            ["02:30", "02:40", "02:50", "03:00", "03:10", "03:20"]
        );
        assert_eq!(
            written("2026-11-20T03:14:01Z", "2026-11-20T03:14:52Z"),
            ["03:14:10", "03:14:20", "03:14:30", "03:14:40", "03:14:50"]
        );
        assert_eq!(written("2026-11-19T03:14:00Z", "2026-11-20T09:14:00Z").len(), 5);
    }

    #[test]
    fn times_are_round_on_the_clock_of_the_user() {
        let india = TimeZone::fixed(jiff::tz::Offset::from_seconds(5 * 3600 + 1800).unwrap());
        let all = times(at("2026-11-20T00:00:00Z"), at("2026-11-20T12:00:00Z"), 6, &india);
        assert!(all.iter().all(|(_, text)| text.ends_with(":00")), "{all:?}");
    }

    #[test]
    fn looks_elsewhere_are_told_by_the_time_before_the_last_one() {
        let all = before(at("2026-11-20T03:10:00Z"), at("2026-11-20T03:14:00Z"), 6);
        let said: Vec<&str> = all.iter().map(|(_, text)| text.as_str()).collect();
        assert_eq!(said, ["1 min before", "2 min before", "3 min before", "4 min before"]);
        assert_eq!(ago(SignedDuration::from_secs(61)), "1 min 1 s before");
        assert_eq!(ago(SignedDuration::from_secs(7_260)), "2 h 1 min before");
    }

    #[test]
    fn numbers_are_round_and_reach_the_top() {
        assert_eq!(numbers(13_977), [0, 5_000, 10_000]);
        assert_eq!(numbers(28_232), [0, 10_000, 20_000]);
        assert_eq!(numbers(1_024), [0, 500, 1_000]);
        assert_eq!(numbers(3), [0, 1, 2, 3]);
        assert_eq!(numbers(0), [0]);
        assert!(numbers(u32::MAX).len() <= 5);
    }
}
