//! Whether a unit may ask for low ports.

use rustix::fs::getxattr;
use rustix::io::Errno;

use super::systemctl::Manager;
use super::unit::Unit;

/// The right to low ports as systemd writes it, and its number (capabilities(7)).
const CAPABILITY: &str = "cap_net_bind_service";
const CAPABILITY_BIT: u32 = 1 << 10;

/// Whether the unit may ask for ports below the unprivileged start; `None` where that is not known.
pub fn may_bind_low_ports(unit: &Unit) -> Option<bool> {
    let properties = &unit.properties;
    let has = |name: &str| properties.words(name).any(|capability| capability == CAPABILITY);
    if !has("CapabilityBoundingSet") {
        // An old systemd does not tell; every other names the whole set for a unit without limits.
        return if properties.get("CapabilityBoundingSet").is_empty() { None } else { Some(false) };
    }
    let root = matches!(properties.get("User"), "" | "root" | "0") && !properties.is_yes("DynamicUser");
    let as_root = root && (unit.manager == Manager::System || rustix::process::geteuid().is_root());
    if as_root || has("AmbientCapabilities") {
        return Some(true);
    }
    let program = unit.start_command().into_iter().next()?;
    program_brings_it(program.trim_start_matches(['@', '-', ':', '+', '!']))
}

/// Whether the file itself carries the right (setcap(8)); `None` where it lies in a folder that may not be searched.
fn program_brings_it(path: &str) -> Option<bool> {
    let mut value = [0_u8; 32];
    let length = match getxattr(path, "security.capability", &mut value[..]) {
        Ok(length) => length,
        Err(Errno::NODATA | Errno::OPNOTSUPP | Errno::NOENT) => return Some(false),
        Err(_) => return None,
    };
    // struct vfs_cap_data: a magic number, then the permitted capabilities, little-endian.
    let permitted = value.get(4..8).filter(|_| length >= 8).and_then(|bytes| bytes.try_into().ok()).map_or(0, u32::from_le_bytes);
    Some(permitted & CAPABILITY_BIT != 0)
}

#[cfg(test)]
mod tests {
    use super::program_brings_it;

    #[test]
    fn what_a_program_that_cannot_be_looked_at_brings_is_not_known() {
        assert_eq!(program_brings_it("/bin/sh"), Some(false));
        assert_eq!(program_brings_it("/no/such/program"), Some(false));
        // A file where a folder should be, as a folder that may not be searched: root may search every one.
        assert_eq!(program_brings_it("/etc/passwd/program"), None);
    }
}
