//! `portmedic watch --list`: what the recorder has seen, in the log of the computer and in this user's own.

use std::io::{self, Write};
use std::path::PathBuf;

use serde::Serialize;

use super::text;
use crate::cli::{CliError, Context, Exit, case_text};
use crate::machine::{Gap, Sighting, WatchedPort};
use crate::platform::recorder::{Period, read_all, unread};

/// The answer as `portmedic.sightings/1`.
#[derive(Debug, Serialize)]
struct Answer {
    schema: &'static str,
    /// The oldest first.
    sightings: Vec<Found<Sighting>>,
    /// When which ports were watched, the oldest first: nothing is known of any other time.
    periods: Vec<Found<Period>>,
    gaps: Vec<Gap>,
}

/// Something with the log that tells it.
#[derive(Debug, Serialize)]
struct Found<T> {
    #[serde(flatten)]
    what: T,
    log: PathBuf,
}

/// Runs the command; without `ports` it tells of all.
pub fn run(ports: &[WatchedPort], context: &mut Context) -> Result<Exit, CliError> {
    if context.is_practice() {
        return Err(CliError::Other("a practice machine has no recorder: nothing was watched there".to_owned()));
    }
    let mut answer = Answer { schema: "portmedic.sightings/1", sightings: Vec::new(), periods: Vec::new(), gaps: Vec::new() };
    let asked = |own: &WatchedPort| ports.is_empty() || ports.contains(own);
    for (log, findings) in read_all() {
        match findings {
            Ok(findings) => {
                let periods = findings.periods.into_iter().filter(|period| period.ports.iter().any(asked));
                answer.periods.extend(periods.map(|what| Found { what, log: log.clone() }));
                let sightings = findings.sightings.into_iter().filter(|own| asked(&own.place()));
                answer.sightings.extend(sightings.map(|what| Found { what, log: log.clone() }));
            }
            Err(error) => answer.gaps.push(unread(&error)),
        }
    }
    answer.sightings.sort_by_key(|found| found.what.first_seen);
    answer.periods.sort_by_key(|found| found.what.from);
    if context.json {
        context.write_json(&answer)?;
    } else {
        write(&answer, ports, &mut context.out)?;
    }
    Ok(Exit::Clean)
}

/// The answer for people, who asked for these ports, or for all.
fn write(answer: &Answer, asked: &[WatchedPort], out: &mut dyn Write) -> io::Result<()> {
    for found in &answer.sightings {
        text::taken(&found.what, out)?;
        match found.what.gone {
            Some(gone) if !found.what.was_missed() => writeln!(out, "    gone {gone:.0}")?,
            Some(_) => {}
            None => writeln!(out, "    still there {:.0}, when that was noted last", found.what.last_seen)?,
        }
    }
    match (answer.sightings.is_empty(), answer.periods.is_empty()) {
        (true, true) if answer.gaps.is_empty() => {
            let of = if asked.is_empty() { String::new() } else { format!(" of {}", text::ports(asked)) };
            writeln!(out, "Nothing{of} was watched on this computer; `portmedic watch PORT` watches a port.")?;
        }
        (true, false) => writeln!(out, "Nobody was seen on the ports that were watched.")?,
        (true, true) | (false, _) => {}
    }
    if !answer.periods.is_empty() {
        writeln!(out, "\nWatched")?;
        for Found { what: period, log } in &answer.periods {
            let end = if period.ended { "" } else { " or longer" };
            let ports = text::ports(&period.ports);
            writeln!(out, "  - {ports} from {:.0} to {:.0}{end} ({})", period.from, period.until, log.display())?;
        }
    }
    case_text::gaps(&answer.gaps, out)
}
