//! Sightings for people.

use std::io::{self, Write};

use crate::app::recorder::Watched;
use crate::cli::case_text;
use crate::machine::{Sighting, WatchedPort, visible};

/// Ports in a sentence.
pub fn ports(ports: &[WatchedPort]) -> String {
    ports.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// Who took a port: one line, and the command line under it.
pub fn taken(sighting: &Sighting, out: &mut dyn Write) -> io::Result<()> {
    let user = sighting.process.as_ref().and_then(|process| process.user.as_ref());
    let user = user.map(|user| format!("as user {}", visible(user)));
    let origin: Vec<String> = [Some(sighting.origin()), user].into_iter().flatten().filter(|part| !part.is_empty()).collect();
    let origin = if origin.is_empty() { String::new() } else { format!(", {},", origin.join(", ")) };
    let already = if sighting.not_before.is_none() { " (it was there when the watch began)" } else { "" };
    writeln!(out, "{:.0}  {}{origin} {}{already}", sighting.first_seen, sighting.who(), sighting.deed())?;
    let Some(process) = &sighting.process else { return Ok(()) };
    let command_line = process.command_line.as_ref().map(|arguments| arguments.join(" ")).filter(|line| !line.is_empty());
    match command_line.or_else(|| process.exe.clone()) {
        Some(text) => writeln!(out, "    {}", visible(&text)),
        None => Ok(()),
    }
}

/// Who left a port.
pub fn left(sighting: &Sighting, out: &mut dyn Write) -> io::Result<()> {
    let Some(gone) = sighting.gone else { return Ok(()) };
    writeln!(out, "{gone:.0}  {} left {}", sighting.who(), sighting.place())
}

/// The last lines.
pub fn end(watched: &Watched, out: &mut dyn Write) -> io::Result<()> {
    if watched.sightings.is_empty() {
        writeln!(out, "Nobody had the port.")?;
    } else if !watched.was_taken() {
        writeln!(out, "Nobody else took the port.")?;
    }
    let pause = watched.longest_pause.as_millis();
    if pause > 0 {
        writeln!(out, "Looked {} times; whoever had it for less than {pause} ms may have been missed.", watched.looks)?;
    }
    case_text::gaps(&watched.gaps, out)
}
