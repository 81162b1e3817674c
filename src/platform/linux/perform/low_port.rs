//! Lets one unit listen on ports below the unprivileged start: a drop-in of our own with one capability (systemd.exec(5)).

use std::path::{Path, PathBuf};

use crate::platform::PlatformError;
use crate::platform::linux::perform::own_file;
use crate::platform::linux::perform::unit::{self, Unit};
use crate::remedy::OperationState;
use crate::remedy::paths::LOW_PORT_DROP_IN;

const CAPABILITY: &str = "cap_net_bind_service";

/// Whether the unit has the right, and our own drop-in.
pub fn state(name: &str) -> Result<OperationState, PlatformError> {
    let unit = service(name)?;
    Ok(OperationState::LowPort { allowed: is_allowed(&unit), own_file: own_file::read(&path(name))? })
}

/// Refuses units for which a drop-in would change nothing.
pub fn check(name: &str) -> Result<(), PlatformError> {
    let unit = service(name)?;
    if unit.get("PrivateUsers") == "yes" {
        return Err(PlatformError::Refused(format!(
            "{name} runs in a user namespace of its own (PrivateUsers=yes), where no right to low ports counts; give it a socket unit or a \
             port from 1024 up"
        )));
    }
    Ok(())
}

/// Refuses a drop-in that cannot be replaced, or that somebody else wrote or added to: what they wrote would be gone.
pub fn check_place(name: &str) -> Result<(), PlatformError> {
    let path = path(name);
    match own_file::read(&path)? {
        Some(text) if ![true, false].map(drop_in).contains(&text) => Err(PlatformError::Refused(format!(
            "{} is not in the form that PortMedic writes, so somebody edited it; move it to another name first",
            path.display()
        ))),
        _ => own_file::check_place(&path),
    }
}

/// Writes the drop-in and lets systemd read it. The unit gets the right at its next start.
pub fn allow(name: &str) -> Result<(), PlatformError> {
    check_place(name)?;
    let bounded = has_capability(&service(name)?, "CapabilityBoundingSet");
    change(name, Some(&drop_in(bounded)))
}

/// Puts back what was there before.
pub fn restore(name: &str, before: &OperationState) -> Result<(), PlatformError> {
    let OperationState::LowPort { own_file, .. } = before else {
        return Err(PlatformError::Refused("the record of this step is not about low ports".to_owned()));
    };
    change(name, own_file.as_deref())
}

/// Writes or removes the drop-in; where systemd cannot read its files again, the drop-in goes back to what it was.
fn change(name: &str, text: Option<&str>) -> Result<(), PlatformError> {
    let path = path(name);
    let old = own_file::read(&path)?;
    own_file::replace(&path, text)?;
    if let (None, Some(folder)) = (text, path.parent()) {
        // The folder goes with its last file; one that others use stays.
        let _in_use = std::fs::remove_dir(folder);
    }
    unit::reload().map_err(|error| match own_file::replace(&path, old.as_deref()) {
        Ok(()) => error,
        Err(second) => PlatformError::Failed {
            what: error.to_string(),
            why: format!("and {} could not be put back: {second}", path.display()),
        },
    })
}

/// The text of the drop-in. Both settings add to what the unit has. The bounding set is named only where it lacks the capability: where a
/// unit has none, naming one would take all others away.
fn drop_in(bounded: bool) -> String {
    let mut text =
        "# Lets this unit listen on ports below the unprivileged start. Written by PortMedic; `portmedic undo` takes it back.\n\
                    [Service]\nAmbientCapabilities=CAP_NET_BIND_SERVICE\n"
            .to_owned();
    if !bounded {
        text.push_str("CapabilityBoundingSet=CAP_NET_BIND_SERVICE\n");
    }
    text
}

/// Root has every capability of the bounding set by itself; other users need it as an ambient one.
fn is_allowed(unit: &Unit) -> bool {
    let root = matches!(unit.get("User"), "" | "root" | "0") && unit.get("DynamicUser") != "yes";
    has_capability(unit, "CapabilityBoundingSet")
        && (root || has_capability(unit, "AmbientCapabilities"))
        && unit.get("PrivateUsers") != "yes"
}

fn has_capability(unit: &Unit, set: &str) -> bool {
    unit.get(set).split_ascii_whitespace().any(|own| own == CAPABILITY)
}

fn service(name: &str) -> Result<Unit, PlatformError> {
    if Path::new(name).extension().is_none_or(|kind| kind != "service") {
        return Err(PlatformError::Refused(format!(
            "{name} is not a service; systemd itself listens for socket units and needs no right"
        )));
    }
    Unit::ask(name)
}

/// Our own drop-in for the unit, whether it is there or not.
pub fn path(name: &str) -> PathBuf {
    Path::new("/etc/systemd/system").join(format!("{name}.d")).join(LOW_PORT_DROP_IN)
}
