//! A reading as `analyze --json` tells it.

use serde::Serialize;

use super::fact::{ExcludedRange, Failure, FileRead, HolderCount, Place, Reading, SocketRow, StatedRange};
use super::holders::count;
use super::kind::Kind;
use super::sections::sections;
use super::text::Encoding;
use super::trend::Trend;
use crate::diagnosis::Verdict;

/// How many of the largest holders are told.
const MOST_HOLDERS: usize = 10;

/// The answer as `portmedic.analyze/1`.
#[derive(Debug, Serialize)]
pub struct Answer<'a> {
    schema: &'static str,
    kind: Kind,
    encoding: Encoding,
    files: &'a [FileRead],
    dynamic_ranges: &'a [StatedRange],
    excluded_ranges: &'a [ExcludedRange],
    sockets_total: usize,
    sockets_distinct: usize,
    sockets: &'a [SocketRow],
    top_holders: Vec<HolderCount>,
    failures: &'a [Failure],
    failed_services: Vec<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    samples: Vec<Sample<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    trend: Vec<Trend>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    machines: Vec<Machine<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    verdict: Option<&'a Verdict>,
}

/// One look of several.
#[derive(Debug, Serialize)]
struct Sample<'a> {
    #[serde(flatten)]
    place: &'a Place,
    #[serde(skip_serializing_if = "str::is_empty")]
    time: &'a str,
    sockets: usize,
    top_holders: Vec<HolderCount>,
}

/// One computer of several.
#[derive(Debug, Serialize)]
struct Machine<'a> {
    #[serde(flatten)]
    place: &'a Place,
    name: &'a str,
    sockets: usize,
}

impl<'a> Answer<'a> {
    /// The answer about a reading, with the verdict where the files allow one.
    pub fn new(reading: &'a Reading, verdict: Option<&'a Verdict>) -> Self {
        Self {
            schema: "portmedic.analyze/1",
            kind: reading.kind(),
            encoding: reading.encoding(),
            files: &reading.files,
            dynamic_ranges: &reading.dynamic_ranges,
            excluded_ranges: &reading.excluded_ranges,
            sockets_total: reading.sockets.len(),
            sockets_distinct: reading.distinct_sockets(),
            sockets: &reading.sockets,
            top_holders: largest(reading.top_holders()),
            failures: &reading.failures,
            failed_services: reading.failed_services.iter().map(|service| service.name.as_str()).collect(),
            samples: sections(&reading.samples, &reading.sockets)
                .map(|(start, rows)| Sample {
                    place: &start.place,
                    time: &start.name,
                    sockets: rows.len(),
                    top_holders: largest(count(rows.iter())),
                })
                .collect(),
            trend: reading.trend(),
            machines: sections(&reading.machines, &reading.sockets)
                .map(|(start, rows)| Machine { place: &start.place, name: &start.name, sockets: rows.len() })
                .collect(),
            verdict,
        }
    }
}

fn largest(mut holders: Vec<HolderCount>) -> Vec<HolderCount> {
    holders.truncate(MOST_HOLDERS);
    holders
}
