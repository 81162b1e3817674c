//! Starts and stops units of the system's service manager.

use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use crate::machine::{ServiceState, visible};
use crate::platform::PlatformError;
use crate::platform::command::{self, Output};
use crate::remedy::{OperationState, is_essential};

/// systemd's own limit for a start is 90 s by default; a unit may ask for more.
const START_LIMIT: Duration = Duration::from_mins(3);
const STOP_LIMIT: Duration = Duration::from_mins(3);
const ASK_LIMIT: Duration = Duration::from_secs(20);
const RELOAD_LIMIT: Duration = Duration::from_mins(1);

/// How long a unit must run without a change before it counts as started: systemd reports a simple service as started before it has asked
/// for its port, and starts one that fails again after 100 ms by default.
const STABLE_FOR: Duration = Duration::from_secs(2);
/// How long we wait for that.
const STABLE_WITHIN: Duration = Duration::from_secs(30);
/// A service may need a second attempt of its manager; after this many it is a loop.
const ENOUGH_RESTARTS: u32 = 3;
/// How often systemd is asked meanwhile.
const PAUSE: Duration = Duration::from_millis(100);

/// What systemd tells of one unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    properties: Vec<(String, String)>,
}

impl Unit {
    const PROPERTIES: &'static str = "LoadState,LoadError,ActiveState,SubState,Result,MainPID,NRestarts,InvocationID,Type,User,DynamicUser,\
                                      PrivateUsers,AmbientCapabilities,CapabilityBoundingSet,NeedDaemonReload,UnitFileState";

    /// Asks systemd.
    ///
    /// # Errors
    /// Where the name is none that a unit can have, no such unit is loaded, or no service manager runs.
    pub fn ask(name: &str) -> Result<Self, PlatformError> {
        check_name(name)?;
        if !Path::new("/run/systemd/system").is_dir() {
            return Err(PlatformError::Refused(
                "systemd does not run on this computer, so PortMedic cannot start or stop its services".to_owned(),
            ));
        }
        let properties = format!("--property={}", Self::PROPERTIES);
        let output = systemctl(&["show", &properties, "--", name], ASK_LIMIT)?;
        if !output.success() {
            return Err(PlatformError::Failed { what: format!("could not ask systemd for {name}"), why: output.complaint() });
        }
        let unit = Self::parse(&output.stdout);
        match unit.get("LoadState") {
            "loaded" => Ok(unit),
            "not-found" => Err(PlatformError::NoSuchService(name.to_owned())),
            "masked" => {
                Err(PlatformError::Refused(format!("{name} is masked, so it cannot be started; `systemctl unmask` ends that")))
            }
            other => Err(PlatformError::Failed {
                what: format!("could not read the configuration of {name}"),
                why: format!("{} {}", visible(other), visible(unit.get("LoadError"))).trim().to_owned(),
            }),
        }
    }

    fn parse(text: &str) -> Self {
        let pair = |line: &str| line.split_once('=').map(|(key, value)| (key.to_owned(), value.to_owned()));
        Self { properties: text.lines().filter_map(pair).collect() }
    }

    /// A property; empty where systemd does not tell it.
    pub fn get(&self, key: &str) -> &str {
        self.properties.iter().find(|(own, _)| own == key).map_or("", |(_, value)| value)
    }

    /// The state in one word.
    fn state(&self) -> ServiceState {
        match (self.get("ActiveState"), self.get("SubState")) {
            ("active" | "reloading" | "refreshing", _) => ServiceState::Running,
            ("activating", "auto-restart" | "auto-restart-queued") => ServiceState::Restarting,
            ("activating", _) => ServiceState::Starting,
            ("deactivating", _) => ServiceState::Stopping,
            ("failed", _) => ServiceState::Failed,
            _ => ServiceState::Stopped,
        }
    }

    /// What must not change while a unit runs undisturbed.
    fn run(&self) -> [&str; 4] {
        ["ActiveState", "InvocationID", "MainPID", "NRestarts"].map(|key| self.get(key))
    }

    /// State and result in systemd's own words.
    fn in_its_words(&self) -> String {
        let (state, sub, result) = (self.get("ActiveState"), self.get("SubState"), self.get("Result"));
        let detail = if result.is_empty() || result == "success" { sub } else { result };
        format!("systemd says {state} ({detail})")
    }
}

/// The state of the unit.
pub fn state(name: &str) -> Result<OperationState, PlatformError> {
    let unit = Unit::ask(name)?;
    let main_pid = unit.get("MainPID").parse().ok().filter(|pid| *pid != 0);
    Ok(OperationState::Service { state: unit.state(), main_pid, dependants: Vec::new() })
}

/// The state of a unit that is to be stopped, or was: one that was made on the fly is forgotten by systemd once it is stopped.
pub fn state_to_stop(name: &str) -> Result<OperationState, PlatformError> {
    match state(name) {
        Err(PlatformError::NoSuchService(_)) => {
            Ok(OperationState::Service { state: ServiceState::Stopped, main_pid: None, dependants: Vec::new() })
        }
        answer => answer,
    }
}

/// Refuses to stop what the computer or the session needs.
pub fn check_stop(name: &str) -> Result<(), PlatformError> {
    check_name(name)?;
    if is_essential(name) {
        return Err(PlatformError::Refused(format!("{name} is not stopped: the computer or the session in use needs it")));
    }
    Ok(())
}

/// Forgets earlier failures, starts the unit and waits until it runs undisturbed.
pub fn start(name: &str) -> Result<(), PlatformError> {
    run(name, "start")?;
    wait_until_stable(name)
}

/// Forgets earlier failures, stops the unit where it runs, starts it and waits until it runs undisturbed.
pub fn restart(name: &str) -> Result<(), PlatformError> {
    run(name, "restart")?;
    wait_until_stable(name)
}

/// Stops the unit and waits until it is stopped.
pub fn stop(name: &str) -> Result<(), PlatformError> {
    Unit::ask(name)?;
    let output = systemctl(&["--no-ask-password", "stop", "--", name], STOP_LIMIT)?;
    if output.success() { Ok(()) } else { Err(could_not("stop", name, output.complaint())) }
}

/// Puts back whether the unit ran before.
pub fn restore(name: &str, before: &OperationState) -> Result<(), PlatformError> {
    let runs = |state: &OperationState| matches!(state, OperationState::Service { state: ServiceState::Running, .. });
    match (runs(before), runs(&state(name)?)) {
        (true, false) => start(name),
        (false, true) => stop(name),
        (true, true) | (false, false) => Ok(()),
    }
}

fn run(name: &str, verb: &str) -> Result<(), PlatformError> {
    // After too many failures systemd refuses every start until it is told to forget them. Of a unit that is stopped it knows none, and it
    // may have forgotten the whole unit.
    if Unit::ask(name)?.state() != ServiceState::Stopped {
        let forgotten = systemctl(&["--no-ask-password", "reset-failed", "--", name], ASK_LIMIT)?;
        if !forgotten.success() {
            return Err(could_not("forget the failures of", name, forgotten.complaint()));
        }
    }
    let output = systemctl(&["--no-ask-password", verb, "--", name], START_LIMIT)?;
    if output.success() {
        return Ok(());
    }
    let why = match Unit::ask(name) {
        Ok(unit) => format!("{}: {}", unit.in_its_words(), output.complaint()),
        Err(_) => output.complaint(),
    };
    Err(could_not(verb, name, why))
}

/// Waits until the unit has run for a while without a change. A service that does one thing and ends well counts as started.
fn wait_until_stable(name: &str) -> Result<(), PlatformError> {
    let begin = Instant::now();
    let mut seen = Unit::ask(name)?;
    let mut since = begin;
    loop {
        match seen.state() {
            ServiceState::Failed => return Err(could_not("start", name, seen.in_its_words())),
            ServiceState::Stopped if seen.get("Type") == "oneshot" && seen.get("Result") == "success" => return Ok(()),
            ServiceState::Stopped => return Err(could_not("start", name, "it ended again at once, without an error".to_owned())),
            ServiceState::Running if since.elapsed() >= STABLE_FOR => return Ok(()),
            ServiceState::Restarting if seen.get("NRestarts").parse().is_ok_and(|restarts: u32| restarts >= ENOUGH_RESTARTS) => {
                return Err(could_not("start", name, "it ends again at once, and systemd keeps restarting it".to_owned()));
            }
            ServiceState::Running | ServiceState::Starting | ServiceState::Restarting | ServiceState::Stopping => {}
        }
        if begin.elapsed() >= STABLE_WITHIN {
            return Err(could_not("start", name, format!("after {} s {}", STABLE_WITHIN.as_secs(), seen.in_its_words())));
        }
        thread::sleep(PAUSE);
        let now = Unit::ask(name)?;
        if now.run() != seen.run() {
            since = Instant::now();
        }
        seen = now;
    }
}

fn could_not(verb: &str, name: &str, why: String) -> PlatformError {
    let what = format!("could not {verb} {name}");
    if why.contains("authentication required") || why.contains("Access denied") {
        return PlatformError::NotPermitted { what, why };
    }
    PlatformError::Failed { what, why }
}

/// Has systemd read the files of its units again.
pub fn reload() -> Result<(), PlatformError> {
    let output = systemctl(&["--no-ask-password", "daemon-reload"], RELOAD_LIMIT)?;
    if output.success() {
        return Ok(());
    }
    Err(PlatformError::Failed { what: "systemd could not read its configuration again".to_owned(), why: output.complaint() })
}

/// Has systemd start the unit with the computer, or no more. Where it runs and shall not be started any more, it is stopped.
pub fn enable(name: &str, wanted: bool) -> Result<(), PlatformError> {
    check_name(name)?;
    let (arguments, verb): (&[&str], _) =
        if wanted { (&["enable", "--", name], "enable") } else { (&["disable", "--now", "--", name], "disable") };
    let output = systemctl(&[&["--no-ask-password"], arguments].concat(), STOP_LIMIT)?;
    if !output.success() {
        return Err(could_not(verb, name, output.complaint()));
    }
    if !wanted {
        // Or it would be listed as failed when it is gone. Of a unit that did not fail there is nothing to forget.
        let _none = systemctl(&["--no-ask-password", "reset-failed", "--", name], ASK_LIMIT)?;
    }
    Ok(())
}

/// Whether systemd starts the unit with the computer. A unit that it does not know is none.
pub fn is_enabled(name: &str) -> Result<bool, PlatformError> {
    match Unit::ask(name) {
        Ok(unit) => Ok(unit.get("UnitFileState") == "enabled"),
        Err(PlatformError::NoSuchService(_)) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Runs systemctl for the system's manager: nothing of the environment that might name another one.
pub fn systemctl(arguments: &[&str], limit: Duration) -> Result<Output, PlatformError> {
    let mut systemctl = command::tool("systemctl")?;
    for name in ["XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS", "HOME"] {
        systemctl.env_remove(name);
    }
    systemctl.arg("--system").args(arguments);
    command::output(systemctl, "systemctl", limit)
}

/// Whether systemd could have a service or socket unit of this name: no path, no option, no pattern (systemd.unit(5)).
pub fn check_name(name: &str) -> Result<(), PlatformError> {
    let stem = name.strip_suffix(".service").or_else(|| name.strip_suffix(".socket")).unwrap_or_default();
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b":-_.\\@".contains(&byte);
    if stem.is_empty() || stem.starts_with(['-', '.']) || name.len() > 255 || !stem.bytes().all(allowed) {
        return Err(PlatformError::BadServiceName(visible(name)));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Unit, check_name, check_stop};
    use crate::machine::ServiceState;

    #[test]
    fn names_of_units_are_accepted() {
        for name in ["nginx.service", "postgresql@16-main.service", "web.socket", r"dev-disk\x2d1.service", "a:b_c.d.service"] {
            assert!(check_name(name).is_ok(), "{name}");
        }
    }

    #[test]
    fn paths_options_patterns_and_other_kinds_are_not() {
        let long = format!("{}.service", "a".repeat(256));
        for name in [
            "",
            ".service",
            "..service",
            "nginx",
            "--now.service",
            "-a.service",
            "../x.service",
            "/etc/x.service",
            "a b.service",
            "*.service",
            "a?.service",
            "[a].service",
            "a\n.service",
            "a\0.service",
            "a;b.service",
            "dienst-für.service",
            "x.target",
            "x.slice",
            "init.scope",
            "nginx.service ",
            long.as_str(),
        ] {
            assert!(check_name(name).is_err(), "{name:?}");
        }
    }

    #[test]
    fn what_the_session_needs_is_not_stopped_and_the_resolver_may_be() {
        for name in ["dbus.service", "systemd-logind.service", "user@1000.service", "getty@tty1.service"] {
            assert!(check_stop(name).is_err(), "{name}");
        }
        assert!(check_stop("systemd-resolved.service").is_ok());
    }

    #[test]
    fn the_state_is_told_by_both_words_of_systemd() {
        for (active, sub, state) in [
            ("active", "running", ServiceState::Running),
            ("reloading", "reload", ServiceState::Running),
            ("activating", "auto-restart", ServiceState::Restarting),
            ("activating", "start-pre", ServiceState::Starting),
            ("deactivating", "stop-sigterm", ServiceState::Stopping),
            ("failed", "failed", ServiceState::Failed),
            ("inactive", "dead", ServiceState::Stopped),
        ] {
            assert_eq!(Unit::parse(&format!("ActiveState={active}\nSubState={sub}\n")).state(), state);
        }
    }
}
