//! Times and rates as people say them.

use crate::machine::{Family, Protocol, System};

/// `under a minute`, `14 minutes`, `3 hours`.
pub fn minutes(minutes: f64) -> String {
    let several = |number: f64, unit: &str| {
        if number < 1.5 { format!("1 {unit}") } else { format!("{number:.0} {unit}s") }
    };
    if minutes < 1.0 {
        "under a minute".to_owned()
    } else if minutes < 90.0 {
        several(minutes, "minute")
    } else {
        several(minutes / 60.0, "hour")
    }
}

/// `54 ports a minute`; slow ones with a digit more.
pub(super) fn rate(ports_a_minute: f64) -> String {
    if ports_a_minute < 9.95 {
        format!("{ports_a_minute:.1} ports a minute")
    } else {
        format!("{ports_a_minute:.0} ports a minute")
    }
}

/// The verb for so many.
pub(super) const fn is_or_are(number: u32) -> &'static str {
    if number == 1 { "is" } else { "are" }
}

/// Which dynamic range, where there are several: `TCP over IPv4`.
pub(super) fn table(protocol: Protocol, family: Family) -> String {
    format!("{protocol} over {family}")
}

/// What hands out the ports, to begin a sentence with.
pub(super) const fn kernel(system: System) -> &'static str {
    match system {
        System::Linux => "The kernel",
        System::Windows => "Windows",
    }
}

/// How long the port of a finished connection rests: Linux by `include/net/tcp.h` (`TCP_TIMEWAIT_LEN`); Windows by the page on port
/// exhaustion, where nobody set `TcpTimedWaitDelay`.
pub(super) const fn rest(system: System) -> &'static str {
    match system {
        System::Linux => "60 seconds",
        System::Windows => "up to 4 minutes",
    }
}

#[cfg(test)]
mod tests {
    use super::{minutes, rate};

    #[test]
    fn times_are_round() {
        let said: Vec<String> = [0.2, 1.0, 1.4, 14.2, 89.0, 100.0, 200.0].map(minutes).into();
        assert_eq!(said, ["under a minute", "1 minute", "1 minute", "14 minutes", "89 minutes", "2 hours", "3 hours"]);
        assert_eq!((rate(54.3), rate(0.52)), ("54 ports a minute".to_owned(), "0.5 ports a minute".to_owned()));
    }
}
