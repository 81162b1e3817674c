//! What the page says of numbers: where the use goes, and a range in words.

use crate::diagnosis::Complaint;
use crate::diagnosis::exhaustion::{Forecast, MIN_SAMPLES, Outlook, Standing, Usage, minutes};
use crate::ui::text::count;
use crate::ui::theme::Status;

/// Which range, where there are several: `TCP over IPv4`.
pub fn table(usage: &Usage) -> String {
    format!("{} over {}", usage.protocol, usage.family)
}

/// A number of ports with its groups of digits.
pub fn number(ports: u32) -> String {
    count(usize::try_from(ports).unwrap_or(usize::MAX))
}

/// What used up ports have to do with what does not work.
pub fn about(complaint: Complaint, standing: Option<Standing>) -> String {
    let why = complaint.why();
    match standing {
        Some(Standing::Exhausted) => format!("{why} No port is left, so it fails for want of one."),
        Some(Standing::HeadingThere | Standing::Leak) => {
            format!("{why} Ports are left now; where it fails only at times, they may have run out then.")
        }
        Some(Standing::ManyTimeWait | Standing::NotExhausted) => {
            format!("{why} Ports are left, so this is not why. {}.", complaint.otherwise())
        }
        Some(Standing::CannotTell) | None => why.to_owned(),
    }
}

/// Where the use of a range goes, and how that is to be taken.
pub fn outlook(usage: &Usage, forecast: &Forecast) -> (Status, String) {
    if usage.is_full_for_all() {
        return (Status::Err, "No port is left".to_owned());
    }
    if let Some(destination) = usage.full_destination() {
        return (Status::Err, format!("No port is left for {}", destination.remote));
    }
    if usage.is_full() {
        return (Status::Warn, "All in use, and given again for other far ends".to_owned());
    }
    let at = |rate: f64| if rate < 9.95 { format!("{rate:.1} ports a minute") } else { format!("{rate:.0} ports a minute") };
    match (forecast.outlook, forecast.ports_a_minute, forecast.full_in_minutes) {
        (Outlook::TooFewSamples, ..) | (_, None, _) => {
            let samples = forecast.samples.min(MIN_SAMPLES);
            (Status::Neutral, format!("Too few samples for a forecast: {samples} of {MIN_SAMPLES}"))
        }
        (_, Some(rate), Some(full)) if full < 1.0 => (Status::Warn, format!("Full in under a minute at {}", at(rate))),
        (_, Some(rate), Some(full)) => (Status::Warn, format!("Full in about {} at {}", minutes(full), at(rate))),
        (Outlook::Falling, Some(rate), None) => (Status::Neutral, format!("Falls by {}", at(-rate))),
        (_, Some(_), None) => (Status::Neutral, "Stays about the same".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::{Family, PortRange, Protocol};

    fn usage(in_use: u32) -> Usage {
        Usage {
            protocol: Protocol::Tcp,
            family: Family::Ipv4,
            range: PortRange::new(40_000, 40_099).unwrap(),
            source: String::new(),
            capacity: 100,
            in_use,
            states: crate::diagnosis::exhaustion::StateCounts::default(),
            kept: 0,
            holders: Vec::new(),
            holder_count: 0,
            destinations: Vec::new(),
            counts_by_destination: false,
        }
    }

    fn forecast(outlook: Outlook, rate: Option<f64>, full: Option<f64>) -> Forecast {
        Forecast { outlook, samples: 3, seconds: 10.0, ports_a_minute: rate, full_in_minutes: full }
    }

    #[test]
    fn a_forecast_is_told_in_words() {
        let said = |outlook_, rate, full| outlook(&usage(50), &forecast(outlook_, rate, full)).1;
        assert_eq!(said(Outlook::TooFewSamples, None, None), "Too few samples for a forecast: 3 of 4");
        assert_eq!(said(Outlook::Rising, Some(54.2), Some(14.1)), "Full in about 14 minutes at 54 ports a minute");
        assert_eq!(said(Outlook::Rising, Some(54.2), Some(0.5)), "Full in under a minute at 54 ports a minute");
        assert_eq!(said(Outlook::Falling, Some(-3.0), None), "Falls by 3.0 ports a minute");
        assert_eq!(said(Outlook::Steady, Some(0.0), None), "Stays about the same");
    }

    #[test]
    fn a_full_range_needs_no_forecast() {
        let (status, said) = outlook(&usage(100), &forecast(Outlook::TooFewSamples, None, None));
        assert_eq!((status, said.as_str()), (Status::Err, "No port is left"));
    }

    #[test]
    fn a_range_that_is_full_of_connections_to_many_far_ends_has_ports_for_others() {
        let shared = Usage { counts_by_destination: true, ..usage(100) };
        let (status, said) = outlook(&shared, &forecast(Outlook::TooFewSamples, None, None));
        assert_eq!((status, said.as_str()), (Status::Warn, "All in use, and given again for other far ends"));
        let (status, said) = outlook(&Usage { kept: 100, ..shared }, &forecast(Outlook::TooFewSamples, None, None));
        assert_eq!((status, said.as_str()), (Status::Err, "No port is left"));
    }
}
