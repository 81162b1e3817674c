//! Units and services that hold the computer or the session in use together: no plan stops them.

/// Their names. Others of systemd, such as `systemd-resolved.service`, may well be in the way and can be stopped.
const ESSENTIAL: [&str; 12] = [
    "dbus.service",
    "dbus.socket",
    "dbus-broker.service",
    "systemd-logind.service",
    "systemd-journald.service",
    "systemd-journald.socket",
    "systemd-udevd.service",
    "polkit.service",
    "display-manager.service",
    "gdm.service",
    "sddm.service",
    "lightdm.service",
];

/// Whether stopping this unit would take the computer or the session in use down with it.
pub fn is_essential(unit: &str) -> bool {
    let of_a_session = ["user@", "user-runtime-dir@", "getty@", "session-"].iter().any(|start| unit.starts_with(start));
    let of_the_system = !(unit.ends_with(".service") || unit.ends_with(".socket"));
    of_a_session || of_the_system || ESSENTIAL.contains(&unit)
}

/// The services without which Windows, its logons, its network or the session in use end, in lower case.
const ESSENTIAL_SERVICES: [&str; 26] = [
    "afd",
    "bfe",
    "brokerinfrastructure",
    "coremessagingregistrar",
    "cryptsvc",
    "dcomlaunch",
    "dhcp",
    "dnscache",
    "eventlog",
    "gpsvc",
    "http",
    "kdc",
    "keyiso",
    "lsm",
    "mpssvc",
    "netlogon",
    "nsi",
    "ntds",
    "plugplay",
    "power",
    "profsvc",
    "rpceptmapper",
    "rpcss",
    "samss",
    "tcpip",
    "termservice",
];

/// Whether stopping this Windows service would take the computer, its logons or the session in use down with it.
pub fn is_essential_service(service: &str) -> bool {
    ESSENTIAL_SERVICES.contains(&service.to_ascii_lowercase().as_str())
}
