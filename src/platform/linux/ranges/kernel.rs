//! The port settings of the running kernel, under `/proc/sys/net/ipv4`. They belong to the network namespace of whoever reads them.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};

use rustix::fs::{StatVfsMountFlags, statvfs};
use rustix::io::Errno;

use crate::machine::{Port, PortRange, PortSet};
use crate::platform::PlatformError;

/// A setting that the kernel and the files of `sysctl.d` hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Setting {
    /// The ports that are never handed out.
    ReservedPorts,
    /// The ports that are handed out.
    DynamicRange,
}

/// Room for the longest list: every second port, five digits and a comma each, is 192 KiB.
const LONGEST_TEXT: usize = 256 << 10;

impl Setting {
    /// The name in the form that `sysctl.d` files with slashes use.
    pub const fn key(self) -> &'static str {
        match self {
            Self::ReservedPorts => "net/ipv4/ip_local_reserved_ports",
            Self::DynamicRange => "net/ipv4/ip_local_port_range",
        }
    }

    /// The file that holds it.
    pub fn path(self) -> String {
        format!("/proc/sys/{}", self.key())
    }
}

/// Reads a setting whole.
///
/// The kernel answers only the first `read` of these files: a second one, as the functions of the standard library make it after a small
/// first one, finds the end, and the list is cut without a word. So it is one call with room for the longest list.
fn read(path: &str) -> Result<String, PlatformError> {
    let could_not = |error: io::Error| error_of(format!("could not read {path}"), &error);
    let mut file = File::open(path).map_err(could_not)?;
    let mut buffer = vec![0; LONGEST_TEXT];
    let length = file.read(&mut buffer).map_err(could_not)?;
    buffer.truncate(length);
    String::from_utf8(buffer).map_err(|_| not_understood(path, "it is no text"))
}

/// Writes a setting. What the kernel made of it must be read back: it takes what it understands.
fn write(path: &str, text: &str) -> Result<(), PlatformError> {
    let could_not = |error: io::Error| error_of(format!("could not set {path}"), &error);
    let mut file = OpenOptions::new().write(true).open(path).map_err(could_not)?;
    // The kernel takes at most a page a call and says where it stopped, between two numbers; what follows on the same open file is added to
    // it. `write_all` goes on right there with all of the rest. Blocks of a fixed size, as a shell writes them, cut numbers in two.
    file.write_all(text.as_bytes()).map_err(could_not)
}

/// Refuses a setting that no rights could change: containers mostly see them read-only. Needs no rights.
///
/// # Errors
/// Where that is so, or the setting is not there.
pub fn check_can_be_set(setting: Setting) -> Result<(), PlatformError> {
    let path = setting.path();
    let could_not = |error: Errno| error_of(format!("could not set {path}"), &error.into());
    let facts = statvfs(&path).map_err(could_not)?;
    if facts.f_flag.contains(StatVfsMountFlags::RDONLY) { Err(could_not(Errno::ROFS)) } else { Ok(()) }
}

fn not_understood(path: &str, text: &str) -> PlatformError {
    PlatformError::Failed {
        what: format!("could not understand {path}"),
        why: crate::machine::visible(text.trim_end_matches('\n')),
    }
}

/// The ports that are never handed out.
pub fn reserved_ports() -> Result<PortSet, PlatformError> {
    let path = Setting::ReservedPorts.path();
    let text = read(&path)?;
    parse_list(text.trim_end_matches('\n')).ok_or_else(|| not_understood(&path, &text))
}

/// The ports that are handed out.
pub fn dynamic_range() -> Result<PortRange, PlatformError> {
    let path = Setting::DynamicRange.path();
    let text = read(&path)?;
    parse_range(&text).ok_or_else(|| not_understood(&path, &text))
}

/// The first port that needs no right.
pub fn unprivileged_start() -> Result<Port, PlatformError> {
    let path = "/proc/sys/net/ipv4/ip_unprivileged_port_start";
    let text = read(path)?;
    text.trim().parse().map_err(|_| not_understood(path, &text))
}

/// Replaces the ports that are never handed out, and reads them back.
pub fn set_reserved_ports(ports: &PortSet) -> Result<(), PlatformError> {
    // The line break makes the empty list a text that can be written.
    write(&Setting::ReservedPorts.path(), &format!("{ports}\n"))?;
    let now = reserved_ports()?;
    if now == *ports {
        return Ok(());
    }
    Err(PlatformError::Failed {
        what: "could not set the reserved ports".to_owned(),
        why: format!("the kernel kept {}, not {}", now.short(), ports.short()),
    })
}

/// Replaces the ports that are handed out, and reads them back.
pub fn set_dynamic_range(range: PortRange) -> Result<(), PlatformError> {
    write(&Setting::DynamicRange.path(), &format!("{}\t{}\n", range.start(), range.end()))?;
    let now = dynamic_range()?;
    if now == range {
        return Ok(());
    }
    Err(PlatformError::Failed {
        what: format!("could not set the dynamic range to {range}"),
        why: format!("the kernel kept {now}"),
    })
}

/// A list as the kernel takes it: no blanks. Port 0, which the kernel allows in it and never hands out, is left out.
pub fn parse_list(text: &str) -> Option<PortSet> {
    if text.is_empty() {
        return Some(PortSet::new());
    }
    let mut ranges = Vec::new();
    for part in text.split(',') {
        let (start, end) = part.split_once('-').unwrap_or((part, part));
        let (start, end) = (parse_port(start)?, parse_port(end)?);
        if start > end {
            return None;
        }
        if end > 0 {
            ranges.push(PortRange::new(start.max(1), end).ok()?);
        }
    }
    Some(ranges.into_iter().collect())
}

/// Two numbers with blanks between, as the kernel takes the range.
pub fn parse_range(text: &str) -> Option<PortRange> {
    let mut numbers = text.split_ascii_whitespace().map(parse_port);
    let range = PortRange::new(numbers.next()??, numbers.next()??).ok()?;
    (numbers.next().is_none() && range.start() > 0).then_some(range)
}

fn parse_port(text: &str) -> Option<Port> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

/// An error of the system as an error of the platform: a missing right is told apart.
pub fn error_of(what: String, error: &io::Error) -> PlatformError {
    match error.kind() {
        io::ErrorKind::PermissionDenied => PlatformError::NotPermitted { what, why: error.to_string() },
        io::ErrorKind::ReadOnlyFilesystem => PlatformError::Failed {
            what,
            why: "it is mounted read-only, as in most containers; change it on the computer that runs the container".to_owned(),
        },
        _ => PlatformError::Failed { what, why: error.to_string() },
    }
}

#[cfg(test)]
mod tests {
    use super::{parse_list, parse_range};
    use crate::machine::{PortRange, PortSet};

    fn set(text: &str) -> PortSet {
        text.parse().unwrap()
    }

    #[test]
    fn reads_lists_as_the_kernel_writes_them() {
        assert_eq!(parse_list(""), Some(PortSet::new()));
        assert_eq!(parse_list("1433,8080-8090"), Some(set("1433,8080-8090")));
    }

    #[test]
    fn leaves_port_zero_out_of_a_list() {
        assert_eq!(parse_list("0-1023,5000"), Some(set("1-1023,5000")));
        assert_eq!(parse_list("0"), Some(PortSet::new()));
    }

    #[test]
    fn refuses_what_the_kernel_refuses() {
        for text in ["100, 200", "5-3", "70000", "abc", "1433,,80", " 1433", "+5", "-5", "1433-"] {
            assert_eq!(parse_list(text), None, "{text}");
        }
    }

    #[test]
    fn reads_a_range_with_any_blanks() {
        assert_eq!(parse_range("32768\t60999\n"), PortRange::new(32768, 60999).ok());
        for text in ["", "32768", "60999 32768", "1 2 3", "0 100"] {
            assert_eq!(parse_range(text), None, "{text}");
        }
    }
}
