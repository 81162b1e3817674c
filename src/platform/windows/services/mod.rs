//! Services: their state, why they failed, the ports they want.

pub mod inventory;

use crate::machine::{Gap, Service, ServiceKind, Snapshot, visible};
use crate::platform::windows_text::services::name::{self, product_of};
use crate::platform::windows_text::services::record::Record;
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
    let fails = |record: &Record| record.status.ended_with_an_error() && record.starts_by_itself() == Some(true);
    let asked: Vec<usize> = match scope {
        ServiceScope::Named(name) => name::find(&records, name, fails)?,
        ServiceScope::Failing => (0..records.len()).filter(|at| fails(&records[*at])).collect(),
        ServiceScope::All | ServiceScope::None | ServiceScope::SocketUnits => (0..records.len()).collect(),
    };
    snapshot.services.extend(asked.into_iter().map(|at| service(&records[at], fails(&records[at]))));
    Ok(())
}

/// The service that a record is, without its failure and ports.
fn service(record: &Record, failed: bool) -> Service {
    let config = record.config.as_ref();
    Service {
        name: record.name.clone(),
        kind: ServiceKind::WindowsService,
        user_manager: false,
        description: visible(&record.display_name),
        product: product_of(record).map(|product| product.name.clone()),
        state: record.state(failed),
        state_detail: record.status.phase.as_str().to_owned(),
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
