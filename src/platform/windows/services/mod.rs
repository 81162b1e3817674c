//! Services: their state, why they failed, the ports they want.

pub mod inventory;
pub mod registry;
mod written;

pub use written::written_since;

use std::time::Duration;

use jiff::Timestamp;

use self::registry::LiveRegistry;
use super::ffi::WindowsEventLog;
use crate::evidence::windows_event::Event;
use crate::machine::{Gap, Service, ServiceKind, Snapshot, visible};
use crate::platform::services::files::LiveFiles;
use crate::platform::services::log_file;
use crate::platform::windows_text::services::places::Sources;
use crate::platform::windows_text::services::record::{Phase, Record};
use crate::platform::windows_text::services::{event_log, exit_code, failure, name, ports};
use crate::platform::{PlatformError, ServiceScope};

/// Looks at the services that `scope` names.
///
/// # Errors
/// Where a name is asked for that no service has, or that nobody could know.
pub fn look(scope: &ServiceScope, snapshot: &mut Snapshot) -> Result<(), PlatformError> {
    // Windows has no units that listen for others.
    if matches!(scope, ServiceScope::None | ServiceScope::SocketUnits) {
        return Ok(());
    }
    let records = match inventory::take() {
        Ok(records) => records,
        Err(error) if matches!(scope, ServiceScope::Named(_)) => {
            return Err(PlatformError::Failed {
                what: "could not ask Windows for its services".to_owned(),
                why: error.to_string(),
            });
        }
        Err(error) => {
            snapshot.gaps.push(Gap::new("the services", error.to_string(), "Get-Service"));
            return Ok(());
        }
    };
    let events = events(&records, scope, snapshot)?;
    let fails = |record: &Record| failure::fails(record, &events);
    let asked: Vec<&Record> = match scope {
        ServiceScope::Named(name) => name::find(&records, name, fails)?.into_iter().map(|at| &records[at]).collect(),
        ServiceScope::Failing => records.iter().filter(|record| fails(record)).collect(),
        ServiceScope::All | ServiceScope::None | ServiceScope::SocketUnits => records.iter().collect(),
    };
    let started = snapshot.taken_at.checked_sub(uptime()).unwrap_or_default();
    let look = Look { started, events: &events, files: LiveFiles::default(), registry: LiveRegistry::default() };
    // One that does not run although nobody says that it failed is explained to those who name it.
    let named = matches!(scope, ServiceScope::Named(_));
    snapshot.services.extend(asked.into_iter().map(|record| look.at(record, fails(record), named)));
    snapshot.gaps.extend(look.unread());
    Ok(())
}

/// The events since the computer started that may tell why services failed. None are asked for where everything that matters runs.
fn events(records: &[Record], scope: &ServiceScope, snapshot: &mut Snapshot) -> Result<Vec<Event>, PlatformError> {
    let stopped = |record: &&Record| record.status.phase == Phase::Stopped;
    let asked: Vec<&Record> = match scope {
        ServiceScope::Named(name) => name::find(records, name, |_| false)?.into_iter().map(|at| &records[at]).collect(),
        _ => records.iter().collect(),
    };
    let stopped: Vec<&Record> = asked.into_iter().filter(stopped).collect();
    if stopped.is_empty() {
        return Ok(Vec::new());
    }
    let mut providers: Vec<&Record> = stopped.into_iter().filter(|record| record.starts_by_itself() != Some(false)).collect();
    providers.sort_by_key(|record| !record.status.ended_with_an_error());
    let providers: Vec<&str> = providers.iter().map(|record| record.name.as_str()).collect();
    let (events, gaps) = event_log::events(&WindowsEventLog, uptime().as_secs(), &providers);
    Gap::add(&mut snapshot.gaps, gaps);
    Ok(events)
}

/// How long the computer has run; a day where it does not say.
fn uptime() -> Duration {
    sysinfo::System::uptime().map_or(Duration::from_hours(24), Duration::from_secs)
}

/// One look at several services.
struct Look<'a> {
    /// When the computer started: what is older tells nothing of now.
    started: Timestamp,
    events: &'a [Event],
    files: LiveFiles,
    registry: LiveRegistry,
}

impl Look<'_> {
    /// State, failure and ports.
    fn at(&self, record: &Record, fails: bool, named: bool) -> Service {
        let mut service = service(record, fails);
        let sources = Sources { registry: &self.registry, files: &self.files, variable: &variable };
        service.command_line = ports::command(record, &self.registry);
        if fails || (named && record.status.ended_with_an_error()) {
            let log = log_file::since(&ports::logs(record, sources), self.started, &self.files);
            let program = service.command_line.first().map_or("", String::as_str);
            service.failure = Some(failure::explain(record, program, self.events, log.as_ref()));
        }
        service.ports = ports::of(record, service.failure.as_ref(), sources);
        if let Some(failure) = &mut service.failure {
            failure::settle(failure, &service.ports);
            service.since = failure.time;
        }
        service
    }

    /// Configurations, logs and keys that may not be read.
    fn unread(self) -> Option<Gap> {
        let mut denied = self.files.take_denied();
        denied.extend(self.registry.into_denied());
        let (what, who) = ("what configurations and logs of services say about ports", "running PortMedic as administrator");
        let named = denied.iter().take(5).map(|path| visible(path)).collect::<Vec<_>>().join(", ");
        let more =
            denied.len().checked_sub(5).filter(|more| *more > 0).map(|more| format!(" and {more} more")).unwrap_or_default();
        (!denied.is_empty()).then(|| Gap::new(what, format!("this user may not read {named}{more}"), who))
    }
}

/// The variables of Windows that name folders.
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// The service that a record is, without its failure and ports.
fn service(record: &Record, failed: bool) -> Service {
    let config = record.config.as_ref();
    let phase = record.status.phase.as_str();
    let state_detail = if failed && record.status.ended_with_an_error() {
        format!("{phase} (error {})", exit_code::shown_of(&record.status))
    } else {
        phase.to_owned()
    };
    Service {
        name: record.name.clone(),
        kind: ServiceKind::WindowsService,
        user_manager: false,
        description: visible(&record.display_name),
        product: name::product_of(record).map(|product| product.name.clone()),
        state: record.state(failed),
        state_detail,
        since: None,
        starts_by_itself: record.starts_by_itself(),
        failure: None,
        start_limit_hit: false,
        main_pid: record.status.pid,
        pids: record.status.pid.into_iter().collect(),
        cgroup: None,
        user: config.map(|config| config.account.clone()).filter(|account| !account.eq_ignore_ascii_case("LocalSystem")),
        // Windows needs no right for low ports.
        may_bind_low_ports: Some(true),
        command_line: Vec::new(),
        listens: Vec::new(),
        linked: Vec::new(),
        ports: Vec::new(),
    }
}
