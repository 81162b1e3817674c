//! How fast a range fills, and when it is full.

use jiff::Timestamp;
use serde::Serialize;

/// With fewer samples nothing is told of the future.
pub const MIN_SAMPLES: usize = 4;
/// Older samples tell of what was, not of what comes.
const WINDOW_MINUTES: f64 = 15.0;
/// More points than these make no line better: every pair of them is looked at.
const MOST_POINTS: usize = 60;
/// A range that is full later than this is not on its way there.
const FAR_MINUTES: f64 = 24.0 * 60.0;

/// Where the use of a range goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outlook {
    /// Too few samples to tell.
    TooFewSamples,
    /// It neither rises nor falls, or so slowly that it does not matter within a day.
    Steady,
    /// It falls.
    Falling,
    /// It rises, and no port is left within a day.
    Rising,
}

/// Where the use of a range goes, as a straight line through the last quarter of an hour.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Forecast {
    /// The answer.
    pub outlook: Outlook,
    /// On how many samples it rests.
    pub samples: usize,
    /// The time from the first to the last of them, in seconds.
    pub seconds: f64,
    /// Ports a minute that come to those in use, less than 0 where they fall; `None` with too few samples.
    pub ports_a_minute: Option<f64>,
    /// Minutes until none is left; `None` where that is not to be expected.
    pub full_in_minutes: Option<f64>,
}

/// The forecast for a range with room for `capacity` ports, from how many were in use at which time.
///
/// The slope is the median of the slopes of every two points (Theil and Sen): a few samples that stand out do not turn the line. It counts as
/// rising where two of three pairs rise.
pub fn forecast(points: &[(Timestamp, u32)], capacity: u32) -> Forecast {
    let line = recent(points);
    let seconds = line.last().map_or(0.0, |(minute, _)| minute * 60.0);
    let unknown =
        Forecast { outlook: Outlook::TooFewSamples, samples: line.len(), seconds, ports_a_minute: None, full_in_minutes: None };
    let mut slopes = slopes(&line);
    if line.len() < MIN_SAMPLES || slopes.is_empty() {
        return unknown;
    }
    let pairs = slopes.len();
    let rising = slopes.iter().filter(|slope| **slope > 0.0).count();
    let falling = slopes.iter().filter(|slope| **slope < 0.0).count();
    slopes.sort_by(f64::total_cmp);
    let slope = slopes[pairs / 2];
    let now = line.last().map_or(0.0, |(_, ports)| *ports);
    let left = (f64::from(capacity) - now).max(0.0);
    let full = (slope > 0.0).then(|| left / slope).filter(|minutes| *minutes <= FAR_MINUTES);
    let outlook = match full {
        Some(_) if rising * 3 >= pairs * 2 => Outlook::Rising,
        _ if slope < 0.0 && falling * 3 >= pairs * 2 => Outlook::Falling,
        _ => Outlook::Steady,
    };
    let full_in_minutes = full.filter(|_| outlook == Outlook::Rising);
    Forecast { outlook, ports_a_minute: Some(slope), full_in_minutes, ..unknown }
}

/// The points of the window as minutes since its first and ports, evenly thinned; the newest always stays.
fn recent(points: &[(Timestamp, u32)]) -> Vec<(f64, f64)> {
    let Some((last, _)) = points.last() else { return Vec::new() };
    let minutes = |from: Timestamp, to: Timestamp| to.duration_since(from).as_secs_f64() / 60.0;
    let start = points.partition_point(|(time, _)| minutes(*time, *last) > WINDOW_MINUTES);
    let window = &points[start..];
    let step = window.len().div_ceil(MOST_POINTS).max(1);
    let mut line: Vec<(f64, f64)> =
        window.iter().rev().step_by(step).map(|(time, ports)| (minutes(window[0].0, *time), f64::from(*ports))).collect();
    line.reverse();
    line
}

/// The slope of every two points that are not of the same moment.
fn slopes(line: &[(f64, f64)]) -> Vec<f64> {
    let mut slopes = Vec::new();
    for (place, (from, low)) in line.iter().enumerate() {
        slopes.extend(line[place + 1..].iter().filter(|(to, _)| to > from).map(|(to, high)| (high - low) / (to - from)));
    }
    slopes
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::{Outlook, forecast};

    fn points(ports: &[u32]) -> Vec<(Timestamp, u32)> {
        ports.iter().zip(0..).map(|(ports, place)| (Timestamp::new(place * 10, 0).unwrap(), *ports)).collect()
    }

    #[test]
    fn a_steady_rise_is_told_in_ports_a_minute_and_minutes_left() {
        let line: Vec<u32> = (0..12).map(|place| 1000 + place * 9).collect();
        let told = forecast(&points(&line), 2000);
        assert_eq!((told.outlook, told.samples), (Outlook::Rising, 12));
        assert!((told.ports_a_minute.unwrap() - 54.0).abs() < 0.01, "{told:?}");
        assert!((told.full_in_minutes.unwrap() - (2000.0 - 1099.0) / 54.0).abs() < 0.01, "{told:?}");
    }

    #[test]
    fn a_sample_that_stands_out_does_not_turn_the_line() {
        let line = [1000, 1010, 1020, 5000, 1040, 1050, 1060, 20, 1080];
        let told = forecast(&points(&line), 2000);
        assert!((told.ports_a_minute.unwrap() - 60.0).abs() < 1.0, "{told:?}");
        assert_eq!(told.outlook, Outlook::Rising);
    }

    #[test]
    fn ups_and_downs_are_steady() {
        let told = forecast(&points(&[100, 140, 90, 130, 95, 141, 99, 138]), 200);
        assert_eq!((told.outlook, told.full_in_minutes), (Outlook::Steady, None));
        let told = forecast(&points(&[500; 8]), 600);
        assert_eq!(told.outlook, Outlook::Steady);
    }

    #[test]
    fn a_rise_that_needs_more_than_a_day_is_no_danger() {
        let told = forecast(&points(&[10, 11, 12, 13, 14]), 60_000);
        assert_eq!((told.outlook, told.full_in_minutes), (Outlook::Steady, None));
    }

    #[test]
    fn a_fall_is_no_danger_and_too_few_samples_are_said_to_be_so() {
        assert_eq!(forecast(&points(&[900, 800, 700, 600]), 1000).outlook, Outlook::Falling);
        let few = forecast(&points(&[1, 500, 900]), 1000);
        assert_eq!((few.outlook, few.ports_a_minute), (Outlook::TooFewSamples, None));
        assert_eq!(forecast(&[], 1000).outlook, Outlook::TooFewSamples);
    }

    #[test]
    fn what_was_before_the_last_quarter_of_an_hour_does_not_count() {
        let line: Vec<u32> = (0..200).map(|place| if place < 100 { place * 100 } else { 10_000 }).collect();
        let told = forecast(&points(&line), 20_000);
        assert_eq!((told.outlook, told.samples <= 60), (Outlook::Steady, true));
    }

    #[test]
    fn samples_of_one_moment_tell_nothing() {
        let same =
            [(Timestamp::UNIX_EPOCH, 1), (Timestamp::UNIX_EPOCH, 2), (Timestamp::UNIX_EPOCH, 3), (Timestamp::UNIX_EPOCH, 4)];
        assert_eq!(forecast(&same, 10).outlook, Outlook::TooFewSamples);
    }
}
