//! The answer as JSON.

use jiff::Timestamp;
use serde::Serialize;

use crate::app::exhaustion::Exhaustion;
use crate::cli::{CliError, Context};
use crate::diagnosis::exhaustion::{Forecast, Leak, Pile, Probes, Standing, Usage};
use crate::diagnosis::{Owner, Verdict};
use crate::machine::{Gap, Host, Load};
use crate::remedy::{Guide, Plan};

/// The answer as `portmedic.exhaustion/1`.
#[derive(Debug, Serialize)]
struct Answer<'a> {
    schema: &'static str,
    standing: Standing,
    verdict: &'a Verdict,
    /// Those with the most ports; the one that leaks, or that takes them fastest, first.
    owners: &'a [Owner],
    /// The range that the verdict is about: its place in `ranges`, from 0.
    range: Option<usize>,
    ranges: Vec<Range<'a>>,
    leak: Option<&'a Leak>,
    piles: &'a [Pile],
    probes: &'a Probes,
    load: &'a Load,
    plan: &'a Plan,
    guides: &'a [Guide],
    host: &'a Host,
    gaps: &'a [Gap],
}

/// One dynamic range now and over time.
#[derive(Debug, Serialize)]
struct Range<'a> {
    #[serde(flatten)]
    usage: &'a Usage,
    forecast: &'a Forecast,
    samples: Vec<Point>,
}

/// The ports in use at one moment.
#[derive(Debug, Serialize)]
struct Point {
    time: Timestamp,
    in_use: u32,
}

/// Writes it.
///
/// # Errors
/// Where standard output cannot be written.
pub fn write(found: &Exhaustion, context: &mut Context) -> Result<(), CliError> {
    let ranges = found.sample.ranges.iter().zip(&found.forecasts).enumerate();
    let range = |(place, (usage, forecast))| Range {
        usage,
        forecast,
        samples: found.points(place).iter().map(|(time, in_use)| Point { time: *time, in_use: *in_use }).collect(),
    };
    context.write_json(&Answer {
        schema: "portmedic.exhaustion/1",
        standing: found.standing,
        verdict: &found.case.verdict,
        owners: &found.case.owners,
        range: found.range,
        ranges: ranges.map(range).collect(),
        leak: found.leak.as_ref(),
        piles: &found.sample.piles,
        probes: &found.probes,
        load: &found.load,
        plan: &found.case.plan,
        guides: &found.guides,
        host: &found.case.host,
        gaps: &found.case.gaps,
    })
}
