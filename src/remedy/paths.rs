//! Where PortMedic keeps what shall outlive a restart of a computer, most of it on Linux. Previews show these paths, and the platform writes there.

/// Our own list of excluded ports. The name sorts after those with digits, so that ours is the line that counts (`sysctl.d(5)`).
pub const EXCLUSIONS_FILE: &str = "/etc/sysctl.d/zz-portmedic-exclusions.conf";

/// Our own dynamic port range.
pub const DYNAMIC_RANGE_FILE: &str = "/etc/sysctl.d/zz-portmedic-dynamic-range.conf";

/// The name of our own drop-in in `/etc/systemd/system/UNIT.d` that gives a unit the right to low ports.
pub const LOW_PORT_DROP_IN: &str = "portmedic-low-port.conf";

/// The line of [`EXCLUSIONS_FILE`] that tells which ports are PortMedic's.
pub const OWN_PORTS_MARK: &str = "# Ports of PortMedic: ";

/// The line of [`EXCLUSIONS_FILE`] that tells which ports other files reserve. Lists do not merge, so ours repeats them.
pub const REPEATED_PORTS_MARK: &str = "# Ports of other files, repeated: ";

/// The program that tasks start: a copy that only root can exchange, and that stays where the user's own file is moved or deleted.
pub const TASK_PROGRAM: &str = "/usr/local/lib/portmedic/portmedic";

/// The same on Windows, below the folder of programs; not where administrators may have put PortMedic itself.
pub const TASK_PROGRAM_WINDOWS: &str = r"PortMedic\task\portmedic.exe";

/// The file of a trace on Windows, below the folder of programs: nobody but administrators can have made something there before.
pub const TRACE_FILE_WINDOWS: &str = r"PortMedic\trace\ports.etl";
