//! The services of this computer.

use std::collections::BTreeMap;
use std::io;

use crate::platform::windows::ffi::{Right, ServiceManager};
use crate::platform::windows::registry;
use crate::platform::windows_text::services::record::{Config, Record, Status};

/// Every service that is a program, with how it is set up as far as this user may know.
///
/// # Errors
/// Where the service control manager does not answer.
pub fn take() -> io::Result<Vec<Record>> {
    let manager = ServiceManager::open()?;
    let record = |(name, display_name, status): (String, String, Status)| {
        let config = manager.service(&name, Right::Look).and_then(|service| service.config()).ok();
        let config = config.map(|config| with_dependencies(config, &name));
        Record { name, display_name, status, config }
    };
    Ok(manager.services()?.into_iter().map(record).collect())
}

/// The service manager of Wine keeps the dependencies of services and does not tell them. The registry does, on every Windows.
fn with_dependencies(mut config: Config, name: &str) -> Config {
    if config.dependencies.is_empty() {
        let key = format!(r"SYSTEM\CurrentControlSet\Services\{name}");
        // A key that may not be read leaves it at what the service manager said.
        config.dependencies = registry::texts(&key, "DependOnService").ok().flatten().unwrap_or_default();
    }
    config
}

/// The names of the services that run, by the process they run in. A process such as svchost may run several.
///
/// # Errors
/// Where the service control manager does not answer.
pub fn names_by_process() -> io::Result<BTreeMap<u32, Vec<String>>> {
    let mut names: BTreeMap<u32, Vec<String>> = BTreeMap::new();
    for (name, _, status) in ServiceManager::open()?.services()? {
        if let Some(pid) = status.pid {
            names.entry(pid).or_default().push(name);
        }
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::{names_by_process, take};
    use crate::platform::windows::perform::service::tests::running_service;
    use crate::platform::windows_text::services::record::Phase;

    #[test]
    fn the_services_of_windows_are_seen_with_how_they_are_set_up() {
        let services = take().unwrap();
        let manager = services.iter().find(|own| own.name.eq_ignore_ascii_case("RpcSs")).unwrap();
        let config = manager.config.as_ref().unwrap();
        assert!(config.command_line.to_lowercase().contains(".exe"), "{config:?}");
        assert!(!manager.display_name.is_empty());
    }

    #[test]
    fn a_service_that_runs_is_found_by_its_process() {
        let name = running_service();
        let running = take().unwrap().into_iter().find(|own| own.name.eq_ignore_ascii_case(name)).unwrap();
        assert_eq!(running.status.phase, Phase::Running);
        let names = names_by_process().unwrap();
        assert!(names[&running.status.pid.unwrap()].contains(&running.name));
    }
}
