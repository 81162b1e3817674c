//! `portmedic watch PORT...`: the recorder. Who takes these ports, and when.

mod list;
mod text;

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::time::Duration;

use clap::Args;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::consent::Consent;
use super::{CliError, Context, Exit, exclude};
use crate::app::Cancel;
use crate::app::change::AskedChange;
use crate::app::recorder::{Seen, Until, Watched, watch};
use crate::diagnosis::{Target, TargetError};
use crate::machine::{Gap, PortRange, PortSet, Protocol, Sighting, WatchedPort};
use crate::platform::recorder::{Log, LogError, Readers, own_log, system_log};
use crate::remedy::{MOST_RECORDED_PORTS, Operation, Task, TaskName};

/// Watches ports, and notes who takes them: process, parent, command line, user, unit, and when.
///
/// Ends on Ctrl+C, and then answers. With --json it answers at the end, with one document. What was seen is kept for `watch --list` and for the next diagnosis.
/// Whoever has a port for a shorter time than from one look to the next may be missed; the answer says how long that was.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 watched to the end, whether anybody took a port or not; with --until-taken 1 where nobody did; \
                        2 no port, or it could not be watched."
)]
pub struct Arguments {
    /// The ports: 1433, 53/udp; without a protocol both are watched
    #[arg(value_name = "PORT", allow_negative_numbers = true)]
    ports: Vec<String>,
    /// End after this time: 30s, 10m, 2h
    #[arg(long = "for", value_name = "TIME", value_parser = time)]
    time: Option<Duration>,
    /// End as soon as somebody takes one of the ports
    #[arg(long)]
    until_taken: bool,
    /// Tell what was seen before, on these ports or on all
    #[arg(long, conflicts_with_all = ["time", "until_taken", "record"])]
    list: bool,
    /// Have the system record these ports in the background, from each start of the computer on; for both protocols
    #[arg(long, conflicts_with_all = ["time", "until_taken", "list", "record"])]
    install: bool,
    /// Have the system record no more
    #[arg(long, conflicts_with_all = ["ports", "time", "until_taken", "list", "record", "install"])]
    remove: bool,
    #[command(flatten)]
    consent: Consent,
    /// Record for the whole computer, as the background recorder does; needs administrator rights
    #[arg(long, hide = true)]
    record: bool,
}

/// The answer as `portmedic.watch/1`.
#[derive(Debug, Serialize)]
struct Answer<'a> {
    schema: &'static str,
    ports: &'a [WatchedPort],
    from: Timestamp,
    until: Timestamp,
    looks: u64,
    /// Whoever had a port for a shorter time may have been missed.
    longest_pause_ms: u128,
    sightings: &'a [Sighting],
    gaps: &'a [Gap],
}

/// Runs the command.
///
/// # Errors
/// Where the ports are none, or cannot be watched on this computer.
pub fn run(arguments: &Arguments, context: &mut Context) -> Result<Exit, CliError> {
    let ports = parse(&arguments.ports)?;
    if arguments.list {
        return list::run(&ports, context);
    }
    if arguments.remove {
        return set_up(Operation::RemoveTask { task: TaskName::Recorder }, &arguments.consent, context);
    }
    if ports.is_empty() {
        return Err(CliError::Other("name the ports to watch: 1433, 53/udp; or --list what was seen".to_owned()));
    }
    if arguments.install {
        return install(&ports, &arguments.consent, context);
    }
    let opened = if context.is_practice() { None } else { open_log(arguments.record) };
    let log = match opened {
        Some(Ok(log)) => Some(log),
        // A recorder without a log records nothing: the system tries again.
        Some(Err(error)) if arguments.record => return Err(CliError::Other(format!("nothing can be recorded: {error}"))),
        Some(Err(error)) => {
            warn(&format!("what is seen is not kept for later: {error}"));
            None
        }
        None => None,
    };
    let cancel = Cancel::default();
    let asked = cancel.clone();
    ctrlc::set_handler(move || asked.cancel())
        .map_err(|error| CliError::Other(format!("the signal to end could not be waited for: {error}")))?;
    let until = Until { over: arguments.time, taken: arguments.until_taken };
    let from = context.platform.now();
    if !arguments.record {
        context.progress(&format!("Watching {}; Ctrl+C ends it", text::ports(&ports)));
    }
    let platform = std::sync::Arc::clone(&context.platform);
    let (json, quiet) = (context.json, arguments.record);
    let out = &mut context.out;
    let mut lost = None;
    let mut told = |seen: Seen| {
        let written = match seen {
            Seen::Taken(sighting) if !json && !quiet => text::taken(&sighting, out).and_then(|()| out.flush()),
            Seen::Left(sighting) if !json && !quiet => text::left(&sighting, out).and_then(|()| out.flush()),
            Seen::NotWritten(why) => {
                warn(&format!("{why}; watching goes on"));
                Ok(())
            }
            Seen::Taken(_) | Seen::Left(_) | Seen::NotSeen(_) => Ok(()),
        };
        // Nobody reads any more.
        if let Err(error) = written {
            cancel.cancel();
            lost.get_or_insert(error);
        }
    };
    let watched = watch(&*platform, &ports, log, &until, &cancel, &mut told)?;
    if let Some(error) = lost {
        return Err(error.into());
    }
    tell(arguments, &ports, from, &watched, context)?;
    Ok(if arguments.until_taken && !watched.was_taken() { Exit::Problem } else { Exit::Clean })
}

fn tell(
    arguments: &Arguments,
    ports: &[WatchedPort],
    from: Timestamp,
    watched: &Watched,
    context: &mut Context,
) -> Result<(), CliError> {
    if context.json {
        return context.write_json(&Answer {
            schema: "portmedic.watch/1",
            ports,
            from,
            until: context.platform.now(),
            looks: watched.looks,
            longest_pause_ms: watched.longest_pause.as_millis(),
            sightings: &watched.sightings,
            gaps: &watched.gaps,
        });
    }
    if !arguments.record {
        text::end(watched, &mut context.out)?;
    }
    Ok(())
}

/// Opens the log of the computer, or of this user; `None` where there is no place for one.
fn open_log(of_the_computer: bool) -> Option<Result<Log, LogError>> {
    let (path, readers) = if of_the_computer { (system_log(), Readers::Administrators) } else { (own_log(), Readers::Owner) };
    Some(Log::open(&path?, readers))
}

fn warn(text: &str) {
    // Nobody reads a message that standard error does not take.
    let _lost = writeln!(io::stderr(), "portmedic: {text}");
}

/// Reads ports, also several at once (`1433,5000-5003/tcp`); each counts once.
fn parse(texts: &[String]) -> Result<Vec<WatchedPort>, CliError> {
    let mut ports = BTreeSet::new();
    for text in texts {
        let (set, protocol) = parse_set(text)?;
        if set.count() > MOST_RECORDED_PORTS {
            return Err(too_many(set.count()));
        }
        let protocols = Protocol::meant_by(protocol);
        let each = |port| protocols.iter().map(move |protocol| WatchedPort { port, protocol: *protocol });
        ports.extend(set.ranges().iter().flat_map(|range| range.start()..=range.end()).flat_map(each));
    }
    let numbers: PortSet = ports.iter().map(|own| PortRange::single(own.port)).collect();
    if numbers.count() > MOST_RECORDED_PORTS { Err(too_many(numbers.count())) } else { Ok(ports.into_iter().collect()) }
}

fn parse_set(text: &str) -> Result<(PortSet, Option<Protocol>), CliError> {
    if text.contains(['-', ',']) && !text.starts_with('-') {
        let (numbers, protocol) = text.split_once('/').map_or((text, None), |(numbers, protocol)| (numbers, Some(protocol)));
        let protocol = protocol.map(|name| Protocol::ALL.into_iter().find(|own| own.as_str().eq_ignore_ascii_case(name)));
        let set = numbers.parse::<PortSet>().ok().filter(|set| !set.is_empty());
        if let (Some(set), None | Some(Some(_))) = (set, protocol) {
            return Ok((set, protocol.flatten()));
        }
    } else if let Target::Port { port, protocol } = Target::parse(text)? {
        return Ok((std::iter::once(PortRange::single(port)).collect(), protocol));
    }
    Err(TargetError::NotAPort(text.to_owned()).into())
}

fn too_many(count: u32) -> CliError {
    CliError::Other(format!("{count} ports are too many; up to {MOST_RECORDED_PORTS} are watched at once"))
}

/// Has the system record these ports from each start of the computer on.
fn install(ports: &[WatchedPort], consent: &Consent, context: &mut Context) -> Result<Exit, CliError> {
    let ports: PortSet = ports.iter().map(|own| PortRange::single(own.port)).collect();
    set_up(Operation::InstallTask { task: Task::Recorder { ports } }, consent, context)
}

/// Installs the background recorder or removes it, like every change that is asked for.
fn set_up(operation: Operation, consent: &Consent, context: &mut Context) -> Result<Exit, CliError> {
    context.progress("Looking at the service manager");
    let mut change = AskedChange::prepare(&*context.platform, &operation.to_string(), operation)?;
    exclude::settle(&mut change, consent, context)
}

/// Reads `30s`, `10m`, `2h`.
pub(super) fn time(text: &str) -> Result<Duration, String> {
    let time = text.parse::<SignedDuration>().ok().and_then(|time| Duration::try_from(time).ok());
    time.filter(|time| !time.is_zero()).ok_or_else(|| "a time looks like 30s, 10m or 2h".to_owned())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{parse, time};

    fn ports(texts: &[&str]) -> Result<Vec<String>, String> {
        let texts: Vec<String> = texts.iter().map(|text| (*text).to_owned()).collect();
        parse(&texts).map(|ports| ports.iter().map(ToString::to_string).collect()).map_err(|error| error.to_string())
    }

    #[test]
    fn a_port_without_a_protocol_is_watched_for_both_and_each_only_once() {
        assert_eq!(ports(&["1433", "53/udp", "1433/tcp"]).unwrap(), ["53/udp", "1433/tcp", "1433/udp"]);
        assert_eq!(ports(&["80,90-91/tcp"]).unwrap(), ["80/tcp", "90/tcp", "91/tcp"]);
    }

    #[test]
    fn what_is_no_port_and_too_many_ports_are_refused() {
        for text in ["0", "70000", "nginx", "1433/sctp", "1433,", "5-3", "1,2/sctp", "1-x"] {
            assert!(ports(&[text]).unwrap_err().contains("is not a port"), "{text}");
        }
        let many: Vec<String> = (1..=65).map(|port: u16| port.to_string()).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert!(ports(&many).unwrap_err().contains("64"));
        assert_eq!(ports(&many[..64]).unwrap().len(), 128);
        assert!(ports(&["1-65535"]).unwrap_err().contains("too many"));
    }

    #[test]
    fn times_are_read_as_people_write_them() {
        assert_eq!(time("30s"), Ok(Duration::from_secs(30)));
        assert_eq!(time("2h"), Ok(Duration::from_hours(2)));
        for wrong in ["", "0s", "-5m", "soon"] {
            assert!(time(wrong).is_err(), "{wrong}");
        }
    }
}
