//! `portmedic exhaustion`: how far the dynamic ranges are used, by whom, and when no port is left.

mod answer;
mod text;

use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};

use super::consent::Consent;
use super::watch::time;
use super::{CliError, Context, Exit, exclude};
use crate::app::Cancel;
use crate::app::change::AskedChange;
use crate::app::exhaustion::{Exhaustion, Monitor, Pace, SampleFile, SampleFileError, destination, watch};
use crate::diagnosis::exhaustion::Standing;
use crate::remedy::Operation;

/// How often to look where nothing else is said.
const USUAL_PACE: Duration = Duration::from_secs(10);
/// A computer that is made up has no Ctrl+C to wait for: it is watched for so many looks.
const LOOKS_OF_PRACTICE: u32 = 12;

/// Tells how far each dynamic port range is used, who has the ports, and what can be done where they run out.
///
/// With --watch it looks again and again, a line a look, remembers whose finished connections were, tells how fast the ports go and when
/// none is left, and ends on Ctrl+C with the verdict. It sends nothing anywhere, unless you name a destination.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 ports are left; 1 none is left, or will be within a day, or a program leaks sockets; 2 it could not be told. \
                  With --trace: 0 done, 1 not so, 2 not possible, 3 not wished or without rights."
)]
pub struct Arguments {
    /// Look again and again, and tell the trend
    #[arg(long)]
    watch: bool,
    /// Look this often: 10, 30s, 1m
    #[arg(long, value_name = "SECONDS", value_parser = seconds, requires = "watch")]
    every: Option<Duration>,
    /// End after this time: 30s, 10m, 2h
    #[arg(long = "for", value_name = "TIME", value_parser = time, requires = "watch")]
    over: Option<Duration>,
    /// Add each sample to this file, one JSON document a line; it stays bounded
    #[arg(long, value_name = "FILE")]
    to: Option<PathBuf>,
    /// Also connect there once a look, and tell a lack of ports from other reasons. Nothing is sent over the connection
    #[arg(long, value_name = "HOST:PORT")]
    to_host: Option<String>,
    /// Start a trace of the network, or stop it: the proof on Windows that a program was given no port
    #[arg(long, value_name = "start|stop", conflicts_with_all = ["watch", "to", "to_host"])]
    trace: Option<Trace>,
    #[command(flatten)]
    consent: Consent,
}

/// What shall become of the trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Trace {
    /// It shall run.
    Start,
    /// It shall end, so that its file can be read.
    Stop,
}

/// Runs the command.
///
/// # Errors
/// Where the computer could not be looked at, or the destination or the file is none.
pub fn run(arguments: &Arguments, context: &mut Context) -> Result<Exit, CliError> {
    if let Some(trace) = arguments.trace {
        return settle_trace(trace, &arguments.consent, context);
    }
    let is_real = !context.is_practice() && !context.is_captured();
    if context.is_captured() && (arguments.watch || arguments.to_host.is_some()) {
        let why = "a computer that is known from files does not change, and nobody can connect from it: leave --watch and --to-host out";
        return Err(CliError::Other(why.to_owned()));
    }
    let destination = arguments.to_host.as_deref().map(|text| destination(text, is_real)).transpose().map_err(CliError::Other)?;
    let mut file =
        arguments.to.as_deref().map(SampleFile::open).transpose().map_err(|error| CliError::Other(error.to_string()))?;
    let found = if arguments.watch {
        watched(arguments, destination, file.as_mut(), is_real, context)?
    } else {
        context.progress("Reading the socket table");
        let mut monitor = Monitor::default();
        let look = monitor.look(&*context.platform, destination)?;
        let found = monitor.answer(&*context.platform, look);
        keep(file.as_mut(), &found).map_err(|error| CliError::Other(error.to_string()))?;
        found
    };
    context.keep(&found.case);
    if context.json {
        answer::write(&found, context)?;
    } else {
        text::answer(&found, arguments.watch, &mut context.out)?;
    }
    Ok(exit_of(found.standing))
}

/// Starts a trace of the network or stops it, like every change that is asked for.
fn settle_trace(trace: Trace, consent: &Consent, context: &mut Context) -> Result<Exit, CliError> {
    let operation = match trace {
        Trace::Start => Operation::StartTrace,
        Trace::Stop => Operation::StopTrace,
    };
    context.progress("Asking Windows whether a trace runs");
    let mut change = AskedChange::prepare(&*context.platform, &operation.to_string(), operation)?;
    exclude::settle(&mut change, consent, context)
}

const fn exit_of(standing: Standing) -> Exit {
    match standing {
        Standing::Exhausted | Standing::HeadingThere | Standing::Leak => Exit::Problem,
        Standing::ManyTimeWait | Standing::NotExhausted => Exit::Clean,
        Standing::CannotTell => Exit::CouldNot,
    }
}

fn watched(
    arguments: &Arguments,
    destination: Option<SocketAddr>,
    mut file: Option<&mut SampleFile>,
    is_real: bool,
    context: &mut Context,
) -> Result<Exhaustion, CliError> {
    let cancel = Cancel::default();
    let asked = cancel.clone();
    ctrlc::set_handler(move || asked.cancel())
        .map_err(|error| CliError::Other(format!("the signal to end could not be waited for: {error}")))?;
    let every = arguments.every.unwrap_or(USUAL_PACE);
    let over = arguments.over.or_else(|| (!is_real).then(|| every * (LOOKS_OF_PRACTICE - 1)));
    context.progress("Watching the dynamic ranges; Ctrl+C ends it with the verdict");
    let platform = std::sync::Arc::clone(&context.platform);
    let (json, out) = (context.json, &mut context.out);
    let mut lost: Option<CliError> = None;
    let mut told = |found: &Exhaustion| {
        let written = keep(file.as_deref_mut(), found)
            .map_err(|error| CliError::Other(error.to_string()))
            .and_then(|()| if json { Ok(()) } else { text::line(found, out).and_then(|()| out.flush()).map_err(CliError::from) });
        // Nobody reads any more, or the disk is full.
        if let Err(error) = written {
            cancel.cancel();
            lost.get_or_insert(error);
        }
    };
    let found = watch(&*platform, &mut Monitor::default(), destination, Pace { every, over }, &cancel, &mut told)?;
    lost.map_or(Ok(found), Err)
}

fn keep(file: Option<&mut SampleFile>, found: &Exhaustion) -> Result<(), SampleFileError> {
    file.map_or(Ok(()), |file| file.append(&found.sample))
}

/// Reads `10` as seconds, and `30s`, `1m`.
fn seconds(text: &str) -> Result<Duration, String> {
    match text.parse::<u32>() {
        Ok(0) => Err("it cannot look without a pause; the shortest is 1".to_owned()),
        Ok(seconds) => Ok(Duration::from_secs(seconds.into())),
        Err(_) => time(text),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::seconds;

    #[test]
    fn a_pause_is_told_in_seconds_or_with_its_unit() {
        assert_eq!((seconds("10"), seconds("1m")), (Ok(Duration::from_secs(10)), Ok(Duration::from_mins(1))));
        for wrong in ["0", "", "-1", "often"] {
            assert!(seconds(wrong).is_err(), "{wrong}");
        }
    }
}
