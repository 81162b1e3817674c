//! Dynamic range, reserved ports and the unprivileged start: in force now, and what the next start will set.

pub mod kernel;
pub mod next_start;
pub mod own_exclusions;
pub mod sysctl_d;

use kernel::Setting;
use next_start::{NextStart, ports_of, range_of};
use own_exclusions::OwnExclusions;
use sysctl_d::{Assignment, SysctlFiles};

use crate::machine::{DynamicRange, Exclusion, Gap, PortRange, PortSet, Snapshot, Store};
use crate::platform::PlatformError;

/// Looks at all ranges.
pub fn look(snapshot: &mut Snapshot) {
    look_at_the_kernel(snapshot);
    look_at_files(&SysctlFiles::system(), snapshot);
}

/// What is in force now.
fn look_at_the_kernel(snapshot: &mut Snapshot) {
    match kernel::dynamic_range() {
        Ok(range) => snapshot.dynamic_ranges.push(dynamic_range(range, Store::Active, Setting::DynamicRange.path())),
        Err(error) => snapshot.gaps.push(not_seen("The dynamic port range", &error)),
    }
    match kernel::reserved_ports() {
        Ok(ports) => snapshot.exclusions.extend(exclusions(&ports, Store::Active, None, &Setting::ReservedPorts.path())),
        Err(error) => snapshot.gaps.push(not_seen("The reserved ports", &error)),
    }
    match kernel::unprivileged_start() {
        Ok(port) => snapshot.unprivileged_port_start = Some(port),
        Err(error) => snapshot.gaps.push(not_seen("The first port that needs no right", &error)),
    }
}

/// What the next start will set.
fn look_at_files(files: &SysctlFiles, snapshot: &mut Snapshot) {
    let range = NextStart::read(files, Setting::DynamicRange);
    if let Some(line) = range.winner() {
        match range_of(Some(line)) {
            Some(ports) => snapshot.dynamic_ranges.push(dynamic_range(ports, Store::Persistent, line.source())),
            None => snapshot.gaps.push(unusable(line, "two port numbers, the lower one first")),
        }
    }
    let list = NextStart::read(files, Setting::ReservedPorts);
    if let Some(line) = list.winner() {
        snapshot.exclusions.extend(persistent_exclusions(&list, line));
        if kernel::parse_list(&line.value).is_none() {
            snapshot.gaps.push(unusable(line, "ports and ranges with commas between and no blanks"));
        }
        snapshot.gaps.extend(list.losers().iter().filter_map(|loser| lost(loser, line)));
    }
    Gap::add(&mut snapshot.gaps, range.gaps.into_iter().chain(list.gaps));
}

/// The rows of the line that wins. In our own file, what is repeated from another file is told as that file's.
fn persistent_exclusions(list: &NextStart, winner: &Assignment) -> Vec<Exclusion> {
    let all = ports_of(Some(winner));
    let own = if list.is_own(winner) { own_ports(list) } else { PortSet::new() };
    let theirs = list.others_winner().filter(|_| list.is_own(winner));
    let repeated = ports_of(theirs).difference(&own);
    let rest = all.difference(&own).difference(&repeated);
    let mut rows = exclusions(&own, Store::Persistent, Some("PortMedic"), &winner.source());
    if let Some(line) = theirs {
        let source = format!("{}, repeated in {}", line.source(), winner.source());
        // Only what our line really repeats counts at the next start.
        rows.extend(exclusions(&repeated.intersection(&all), Store::Persistent, None, &source));
    }
    rows.extend(exclusions(&rest, Store::Persistent, None, &winner.source()));
    rows.sort_by_key(|row| row.range);
    rows
}

/// The ports that our own file keeps for PortMedic; none where it cannot be read or somebody else wrote it.
fn own_ports(list: &NextStart) -> PortSet {
    let text = sysctl_d::read_file(list.own_path()).unwrap_or_default();
    OwnExclusions::parse(&text).unwrap_or_default().own
}

/// A list that a later file replaces: what only it reserves is not reserved at the next start.
fn lost(loser: &Assignment, winner: &Assignment) -> Option<Gap> {
    let lost = ports_of(Some(loser)).difference(&ports_of(Some(winner)));
    (!lost.is_empty()).then(|| {
        Gap::new(
            format!("Ports {} will not be excluded after the next start, although {} lists them", lost.short(), loser.source()),
            format!("{} is read later, and its list replaces the earlier one", winner.source()),
            "`portmedic exclude` with these ports keeps them",
        )
    })
}

fn unusable(line: &Assignment, form: &str) -> Gap {
    Gap::new(
        format!("What {} sets at the next start", line.source()),
        format!("the kernel will refuse \"{}\"; it wants {form}", crate::machine::visible(&line.value)),
        "Correct the line in the file",
    )
}

fn not_seen(what: &str, error: &PlatformError) -> Gap {
    Gap::new(what, error.to_string(), "A Linux system with /proc mounted shows it")
}

const fn dynamic_range(range: PortRange, store: Store, source: String) -> DynamicRange {
    DynamicRange { range, protocol: None, family: None, store, source }
}

fn exclusions(ports: &PortSet, store: Store, owner: Option<&str>, source: &str) -> Vec<Exclusion> {
    let row = |range: &PortRange| Exclusion {
        range: *range,
        protocol: None,
        family: None,
        store,
        administered: true,
        owner: owner.map(str::to_owned),
        source: source.to_owned(),
    };
    ports.ranges().iter().map(row).collect()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use jiff::Timestamp;

    use super::{OwnExclusions, SysctlFiles, look_at_files};
    use crate::machine::{Snapshot, Store};
    use crate::platform::linux::host;

    fn look(files: &[(&str, &str)]) -> Snapshot {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir_all(root.path().join("run/systemd/system")).unwrap();
        fs::create_dir_all(root.path().join("etc/sysctl.d")).unwrap();
        for (name, text) in files {
            fs::write(root.path().join("etc/sysctl.d").join(name), text).unwrap();
        }
        let mut snapshot = Snapshot::new(Timestamp::UNIX_EPOCH, host::look());
        look_at_files(&SysctlFiles::below(root.path()), &mut snapshot);
        snapshot
    }

    fn rows(snapshot: &Snapshot) -> Vec<(String, Option<&str>, &str)> {
        let file = |source| Path::new(source).file_name().unwrap().to_str().unwrap();
        let row = |row: &'_ crate::machine::Exclusion| row.range.to_string();
        assert!(snapshot.exclusions.iter().all(|row| row.store == Store::Persistent));
        snapshot.exclusions.iter().map(|own| (row(own), own.owner.as_deref(), file(&own.source))).collect()
    }

    #[test]
    fn only_the_last_list_counts_and_what_is_lost_is_told() {
        let snapshot = look(&[
            ("10-db.conf", "net.ipv4.ip_local_reserved_ports = 1433,5432\n"),
            ("60-k8s.conf", "net.ipv4.ip_local_reserved_ports = 5432,30000-32767\n"),
        ]);
        assert_eq!(
            rows(&snapshot),
            [("5432".to_owned(), None, "60-k8s.conf line 1"), ("30000-32767".to_owned(), None, "60-k8s.conf line 1")]
        );
        assert_eq!(snapshot.gaps.len(), 1);
        assert!(snapshot.gaps[0].what.starts_with("Ports 1433 will not be excluded"), "{}", snapshot.gaps[0].what);
    }

    #[test]
    fn our_own_file_tells_whose_ports_are_whose() {
        let ours =
            OwnExclusions { own: "1433".parse().unwrap(), repeated: "30000-32767".parse().unwrap(), ..OwnExclusions::default() };
        let snapshot = look(&[
            ("60-k8s.conf", "net.ipv4.ip_local_reserved_ports = 30000-32767\n"),
            ("zz-portmedic-exclusions.conf", &ours.to_string()),
        ]);
        let seen = rows(&snapshot);
        assert_eq!(seen[0], ("1433".to_owned(), Some("PortMedic"), "zz-portmedic-exclusions.conf line 5"));
        assert_eq!((seen[1].0.as_str(), seen[1].1), ("30000-32767", None));
        assert!(snapshot.exclusions[1].source.contains("60-k8s.conf line 1, repeated in "), "{}", snapshot.exclusions[1].source);
        assert!(snapshot.gaps.is_empty());
    }

    #[test]
    fn a_reservation_that_came_after_our_file_was_written_is_told_as_lost() {
        let ours = OwnExclusions { own: "1433".parse().unwrap(), ..OwnExclusions::default() };
        let snapshot = look(&[
            ("60-k8s.conf", "net.ipv4.ip_local_reserved_ports = 30000-32767\n"),
            ("zz-portmedic-exclusions.conf", &ours.to_string()),
        ]);
        assert_eq!(rows(&snapshot).len(), 1);
        assert!(snapshot.gaps[0].what.contains("30000-32767"), "{}", snapshot.gaps[0].what);
    }

    #[test]
    fn a_line_that_the_kernel_refuses_sets_nothing_and_is_told() {
        let snapshot = look(&[
            ("50-a.conf", "net.ipv4.ip_local_port_range = 60999 32768\n"),
            ("60-b.conf", "net.ipv4.ip_local_reserved_ports = 1433, 5432\n"),
        ]);
        assert!(snapshot.dynamic_ranges.is_empty() && snapshot.exclusions.is_empty());
        assert_eq!(snapshot.gaps.len(), 2);
    }

    #[test]
    fn the_dynamic_range_of_the_next_start_names_its_file() {
        let snapshot = look(&[("50-a.conf", "net/ipv4/ip_local_port_range = 20000 29999\n")]);
        assert_eq!(snapshot.dynamic_ranges[0].range.to_string(), "20000-29999");
        assert!(snapshot.dynamic_ranges[0].source.ends_with("50-a.conf line 1"));
    }
}
