//! The answer for people, and a line a look.

use std::io::{self, Write};

use crate::app::exhaustion::Exhaustion;
use crate::cli::{Table, case_text};
use crate::diagnosis::exhaustion::{Holder, StateCounts, Usage, minutes};
use crate::machine::visible;

/// How many holders are told.
const TOP: usize = 8;

/// One look in one line: how many of how many ports, where it goes, and who has the most.
pub fn line(found: &Exhaustion, out: &mut dyn Write) -> io::Result<()> {
    let Some((usage, forecast)) = found.fullest().zip(found.forecast()) else {
        return writeln!(out, "{:.0}  the dynamic ranges could not be seen", found.sample.time);
    };
    let trend = match (forecast.ports_a_minute, forecast.full_in_minutes) {
        (None, _) => "too few samples".to_owned(),
        (Some(slope), Some(full)) => format!("{slope:+.0} a minute, full in {}", minutes(full)),
        (Some(slope), None) => format!("{slope:+.0} a minute"),
    };
    let top = usage.holders.first().map(|holder| format!("  {} {}", holder.ports, holder.name())).unwrap_or_default();
    let (in_use, capacity, percent) = (usage.in_use, usage.capacity, usage.percent());
    let whose = whose(usage);
    writeln!(out, "{:.0}  {in_use} of {capacity} ({percent} %) {whose}  {trend}{top}", found.sample.time)
}

/// Everything.
pub fn answer(found: &Exhaustion, after_lines: bool, out: &mut dyn Write) -> io::Result<()> {
    if after_lines {
        writeln!(out)?;
    }
    case_text::headline(&found.case.verdict, out)?;
    if !found.sample.ranges.is_empty() {
        writeln!(out, "\nThe dynamic ranges")?;
        let mut table = Table::new(&["PORTS", "FOR", "IN USE", "OF", "CONNECTED", "LEFT OPEN", "CLOSING", "BOUND"]);
        for usage in &found.sample.ranges {
            let states = &usage.states;
            let numbers = [usage.in_use, usage.capacity].into_iter().chain(by_state(states));
            table.row([usage.range.to_string(), whose(usage)].into_iter().chain(numbers.map(|number| number.to_string())));
        }
        table.write(out)?;
    }
    if let Some(usage) = found.fullest().filter(|usage| !usage.holders.is_empty()) {
        let shown = usage.holders.len().min(TOP);
        writeln!(out, "\nWho has the ports of {} ({shown} of {})", whose(usage), usage.holder_count)?;
        holders(&usage.holders[..shown], out)?;
    }
    case_text::evidence(&found.case.verdict, out)?;
    case_text::gaps(&found.case.gaps, out)?;
    case_text::plan(&found.case, out)?;
    if !found.guides.is_empty() {
        writeln!(out, "\nTo find out more, by hand")?;
    }
    for guide in &found.guides {
        writeln!(out, "\n  {}. {}", visible(&guide.title), visible(&guide.effect))?;
        for step in &guide.steps {
            writeln!(out, "     - {}", visible(step))?;
        }
    }
    Ok(())
}

fn holders(holders: &[Holder], out: &mut dyn Write) -> io::Result<()> {
    let mut table = Table::new(&["PORTS", "WHO", "PID", "SERVICE", "CONNECTED", "LEFT OPEN", "CLOSING", "BOUND", "MOSTLY TO"]);
    for holder in holders {
        let dash = || "-".to_owned();
        let pid = holder.pid.map_or_else(dash, |pid| pid.to_string());
        let service = holder.service.clone().unwrap_or_else(dash);
        let states = by_state(&holder.states).map(|number| number.to_string());
        let to = holder.remotes.first().map_or_else(dash, |(remote, count)| format!("{remote} ({count})"));
        let who = [holder.ports.to_string(), holder.name(), pid, service];
        table.row(who.into_iter().chain(states).chain([to]));
    }
    table.write(out)
}

/// The numbers of the columns.
fn by_state(states: &StateCounts) -> [u32; 4] {
    [states.connected(), states.left_open(), states.closing(), states.bound()]
}

/// Which range: `TCP, IPv4`.
fn whose(usage: &Usage) -> String {
    format!("{}, {}", usage.protocol, usage.family)
}
