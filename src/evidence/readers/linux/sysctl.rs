//! The dynamic range and the reserved ports of Linux. They hold for both families and protocols, whatever their names say.

use super::super::Taken;
use super::is_number;
use crate::evidence::fact::{ExcludedRange, Place, Problem, Reading, StatedRange};
use crate::evidence::kind::Kind;
use crate::evidence::page::Page;
use crate::machine::PortRange;

/// `net.ipv4.ip_local_port_range = 32768 60999`, also with the path of `/proc/sys` in front as `grep` prints it.
pub fn setting(page: &Page<'_>, at: usize, reading: &mut Reading, problems: &mut Vec<Problem>) -> Option<Taken> {
    let line = page.line(at).trim();
    let (name, value) = line.split_once(['=', ':'])?;
    let name = name.trim().trim_start_matches("/proc/sys/").replace('/', ".");
    let name = name.strip_prefix("net.ipv4.")?;
    read(name, value, page.place(at), reading, problems)
}

/// The value alone, below a command that names the file.
pub fn value(page: &Page<'_>, at: usize, reading: &mut Reading, problems: &mut Vec<Problem>) -> Option<Taken> {
    let command = page.command.filter(|command| command.at + 1 == at && !command.text.contains(['>', '=']))?;
    let name = command.text.split_whitespace().last()?.rsplit(['/', '.']).next()?;
    read(name, page.line(at), page.place(at), reading, problems)
}

fn read(name: &str, value: &str, place: Place, reading: &mut Reading, problems: &mut Vec<Problem>) -> Option<Taken> {
    let value = value.trim().trim_matches('"');
    let taken = Some(Taken { lines: 1, kind: Kind::Sysctl });
    let problem = |because: &str| Problem { line: Some(place.line), because: because.to_owned() };
    match name {
        "ip_local_port_range" => {
            let mut ends = value.split_whitespace();
            match (ends.next().zip(ends.next()).and_then(|(start, end)| range(start, end)), ends.next()) {
                (Some(range), None) => reading.dynamic_ranges.push(StatedRange { range, protocol: None, family: None, place }),
                _ => problems.push(problem("this is no first and last port between 1 and 65535")),
            }
            taken
        }
        "ip_local_reserved_ports" => {
            for part in value.split(',').map(str::trim).filter(|part| !part.is_empty()) {
                let (start, end) = part.split_once('-').unwrap_or((part, part));
                match range(start, end) {
                    Some(range) => {
                        let place = place.clone();
                        reading.excluded_ranges.push(ExcludedRange {
                            range,
                            protocol: None,
                            family: None,
                            administered: None,
                            place,
                        });
                    }
                    None => problems.push(problem("a part of this list is no port or range of ports between 1 and 65535")),
                }
            }
            taken
        }
        "ip_unprivileged_port_start" => taken,
        _ => None,
    }
}

fn range(start: &str, end: &str) -> Option<PortRange> {
    let port = |text: &str| is_number(text).then(|| text.parse().ok()).flatten().filter(|port| *port > 0);
    PortRange::new(port(start)?, port(end)?).ok()
}
