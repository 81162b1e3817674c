//! Adds and removes exclusions in the running list and in our own file, both or neither.

use crate::machine::{PortRange, PortSet};
use crate::platform::PlatformError;
use crate::platform::linux::perform::both::{self, Running};
use crate::platform::linux::perform::own_file::{self, FileChange};
use crate::platform::linux::ranges::kernel::{self, Setting};
use crate::platform::linux::ranges::next_start::{NextStart, own_path, ports_of};
use crate::platform::linux::ranges::own_exclusions::OwnExclusions;
use crate::platform::linux::ranges::sysctl_d::SysctlFiles;
use crate::remedy::{OperationState, Stores};

/// Both lists and our own file, as they are now.
pub fn state() -> Result<OperationState, PlatformError> {
    let next = NextStart::read(&SysctlFiles::system(), Setting::ReservedPorts);
    Ok(OperationState::Exclusions {
        active: kernel::reserved_ports()?,
        persistent: ports_of(next.winner()),
        own_file: own_file::read(next.own_path())?,
    })
}

/// Refuses an addition that would not last and a removal that would take what others keep. What is excluded already is no question: taking
/// an earlier addition back goes through here too.
pub fn check(range: PortRange, stores: Stores, adds: bool) -> Result<(), PlatformError> {
    let files = SysctlFiles::system();
    if !stores.persistent() {
        return Ok(());
    }
    let path = own_path(&files, Setting::ReservedPorts);
    let text = if !adds {
        text_without(range, &files)?
    } else if !ours_in(&files)?.all().contains_range(range) {
        text_with(range, &files)?
    } else {
        return Ok(());
    };
    own_file::check_can_become(&path, text.as_deref())
}

/// Adds `range`.
pub fn add(range: PortRange, stores: Stores) -> Result<(), PlatformError> {
    let files = SysctlFiles::system();
    let wanted = kernel::reserved_ports()?.union(&range.into());
    // What the file will hold is made out first: where that is refused, nothing has been touched.
    let file = if stores.persistent() { FileChange::to(text_with(range, &files)?) } else { FileChange::Keep };
    change(&files, stores.active().then_some(&wanted), &file)
}

/// Removes `range`. Reservations of others stay: theirs are refused with the name of their file.
pub fn remove(range: PortRange, stores: Stores) -> Result<(), PlatformError> {
    let files = SysctlFiles::system();
    let wanted = kernel::reserved_ports()?.difference(&range.into());
    let file = if stores.persistent() { FileChange::to(text_without(range, &files)?) } else { FileChange::Keep };
    change(&files, stores.active().then_some(&wanted), &file)
}

/// Puts back what was there before.
pub fn restore(stores: Stores, before: &OperationState) -> Result<(), PlatformError> {
    let OperationState::Exclusions { active, own_file, .. } = before else {
        return Err(PlatformError::Refused("the record of this step is not about exclusions".to_owned()));
    };
    let file = if stores.persistent() { FileChange::to(own_file.clone()) } else { FileChange::Keep };
    change(&SysctlFiles::system(), stores.active().then_some(active), &file)
}

/// The list of the running kernel.
struct RunningList;

impl Running for RunningList {
    type Value = PortSet;

    fn read(&self) -> Result<PortSet, PlatformError> {
        kernel::reserved_ports()
    }

    fn set(&self, ports: &PortSet) -> Result<(), PlatformError> {
        kernel::set_reserved_ports(ports)
    }

    fn words(ports: &PortSet) -> String {
        ports.short()
    }
}

fn change(files: &SysctlFiles, wanted: Option<&PortSet>, file: &FileChange) -> Result<(), PlatformError> {
    both::change(&RunningList, wanted, || file.make(&own_path(files, Setting::ReservedPorts)))
}

/// The text of our file with `range` in it; the old text where the next start excludes those ports already.
fn text_with(range: PortRange, files: &SysctlFiles) -> Result<Option<String>, PlatformError> {
    let next = NextStart::read(files, Setting::ReservedPorts);
    let text = own_file::read(next.own_path())?;
    if ports_of(next.winner()).contains_range(range) {
        return Ok(text);
    }
    if let Some(stronger) = next.stronger_than_own() {
        return Err(PlatformError::Refused(format!(
            "{} is read after PortMedic's own file and its list would replace ours at the next start; add {range} to that line",
            stronger.source()
        )));
    }
    next.check_read(rustix::process::geteuid().is_root())?;
    let mut ports = ours(&next, text.as_deref())?;
    let theirs = ports_of(next.others_winner());
    ports.own = ports.own.union(&PortSet::from(range).difference(&theirs));
    ports.by_hand.remove(range);
    ports.repeated = theirs.difference(&ports.own);
    Ok(Some(ports.to_string()))
}

/// The text of our file without `range`; no file where it would hold nothing of ours.
fn text_without(range: PortRange, files: &SysctlFiles) -> Result<Option<String>, PlatformError> {
    let next = NextStart::read(files, Setting::ReservedPorts);
    let theirs = ports_of(next.others_winner());
    if let Some(line) = next.others_winner() {
        let wanted_by_them = theirs.intersection(&range.into());
        if !wanted_by_them.is_empty() {
            return Err(PlatformError::Refused(format!(
                "{} is reserved by {}, which is not PortMedic's; take it out of that line",
                wanted_by_them.short(),
                line.source()
            )));
        }
    }
    let text = own_file::read(next.own_path())?;
    if text.is_none() {
        return Ok(None);
    }
    next.check_read(rustix::process::geteuid().is_root())?;
    let mut ports = ours(&next, text.as_deref())?;
    ports.own.remove(range);
    ports.by_hand.remove(range);
    ports.repeated = theirs.difference(&ports.own);
    Ok((!ports.is_empty()).then(|| ports.to_string()))
}

fn ours_in(files: &SysctlFiles) -> Result<OwnExclusions, PlatformError> {
    let next = NextStart::read(files, Setting::ReservedPorts);
    ours(&next, own_file::read(next.own_path())?.as_deref())
}

/// What our file holds. A file under our name that somebody else wrote is not replaced.
fn ours(next: &NextStart, text: Option<&str>) -> Result<OwnExclusions, PlatformError> {
    let Some(text) = text else { return Ok(OwnExclusions::default()) };
    OwnExclusions::parse(text).ok_or_else(|| {
        PlatformError::Refused(format!(
            "{} is not in the form that PortMedic writes, so somebody edited it; move it to another name first",
            next.own_path().display()
        ))
    })
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use tempfile::TempDir;

    use super::{Setting, SysctlFiles, own_file, own_path, text_with, text_without};
    use crate::machine::{PortRange, PortSet};
    use crate::platform::linux::ranges::next_start::{NextStart, ports_of};

    fn range(text: &str) -> PortRange {
        text.parse().unwrap()
    }

    fn root(files: &[(&str, &str)]) -> TempDir {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir_all(root.path().join("run/systemd/system")).unwrap();
        fs::create_dir_all(root.path().join("etc")).unwrap();
        for (name, ports) in files {
            reserve(root.path(), name, ports);
        }
        root
    }

    fn reserve(root: &Path, name: &str, ports: &str) {
        fs::create_dir_all(root.join("etc/sysctl.d")).unwrap();
        fs::write(root.join("etc/sysctl.d").join(name), format!("net.ipv4.ip_local_reserved_ports = {ports}\n")).unwrap();
    }

    /// Adds to or removes from our file and gives what the next start excludes then.
    fn apply(root: &TempDir, add: Option<&str>, remove: Option<&str>) -> String {
        let files = SysctlFiles::below(root.path());
        for (ports, change) in [(add, text_with as fn(_, _) -> _), (remove, text_without)] {
            if let Some(ports) = ports {
                let text = change(range(ports), &files).unwrap();
                own_file::replace(&own_path(&files, Setting::ReservedPorts), text.as_deref()).unwrap();
            }
        }
        ports_of(NextStart::read(&files, Setting::ReservedPorts).winner()).to_string()
    }

    fn own_file_exists(root: &TempDir) -> bool {
        own_path(&SysctlFiles::below(root.path()), Setting::ReservedPorts).exists()
    }

    #[test]
    fn adding_keeps_what_other_files_reserve() {
        let root = root(&[("10-a.conf", "1-9"), ("99-sysctl.conf", "30000-32767")]);
        assert_eq!(apply(&root, Some("1433"), None), "1433,30000-32767");
    }

    #[test]
    fn removing_takes_back_only_ours_and_the_file_with_the_last_of_them() {
        let root = root(&[("60-k8s.conf", "30000-32767")]);
        apply(&root, Some("1433"), None);
        assert_eq!(apply(&root, Some("8080-8090"), Some("1433")), "8080-8090,30000-32767");
        assert_eq!(apply(&root, None, Some("8080-8090")), "30000-32767");
        assert!(!own_file_exists(&root));
    }

    #[test]
    fn a_part_of_a_range_can_be_removed() {
        let root = root(&[]);
        apply(&root, Some("8080-8090"), None);
        assert_eq!(apply(&root, None, Some("8085")), "8080-8084,8086-8090");
    }

    #[test]
    fn a_list_of_15_kilobytes_stays_whole() {
        let theirs: PortSet = (1..2600).map(|number| PortRange::single(10_000 + number * 2)).collect();
        assert!(theirs.to_string().len() > 15_000);
        let root = root(&[("60-k8s.conf", &theirs.to_string())]);
        assert_eq!(apply(&root, Some("1433"), None), theirs.union(&range("1433").into()).to_string());
        assert_eq!(apply(&root, None, Some("1433")), theirs.to_string());
    }

    #[test]
    fn a_port_of_another_file_is_not_removed_and_the_file_is_named() {
        let root = root(&[("60-k8s.conf", "30000-32767")]);
        apply(&root, Some("1433"), None);
        let error = text_without(range("30000"), &SysctlFiles::below(root.path())).unwrap_err().to_string();
        assert!(error.contains("60-k8s.conf line 1"), "{error}");
    }

    #[test]
    fn what_another_file_reserves_already_does_not_become_ours() {
        let root = root(&[("60-k8s.conf", "30000-32767")]);
        assert_eq!(apply(&root, Some("30000"), None), "30000-32767");
        assert!(!own_file_exists(&root));
        assert_eq!(apply(&root, Some("29999-30001"), Some("29999")), "30000-32767");
    }

    #[test]
    fn ports_that_another_file_gave_up_do_not_stay_in_ours() {
        let root = root(&[("60-k8s.conf", "30000-32767")]);
        apply(&root, Some("1433"), None);
        reserve(root.path(), "60-k8s.conf", "31000");
        assert_eq!(apply(&root, Some("8080"), None), "1433,8080,31000");
    }

    #[test]
    fn ports_written_into_our_file_by_hand_stay() {
        let root = root(&[]);
        apply(&root, Some("1433"), None);
        let path = own_path(&SysctlFiles::below(root.path()), Setting::ReservedPorts);
        let edited = own_file::read(&path).unwrap().unwrap().replace("= 1433", "= 1433,6000");
        fs::write(&path, edited).unwrap();
        assert_eq!(apply(&root, Some("8080"), Some("1433")), "6000,8080");
    }

    #[test]
    fn comments_written_into_our_file_by_hand_stay_also_when_its_last_port_goes() {
        let root = root(&[("60-k8s.conf", "30000-32767")]);
        apply(&root, Some("1433"), None);
        let path = own_path(&SysctlFiles::below(root.path()), Setting::ReservedPorts);
        let edited = own_file::read(&path).unwrap().unwrap().replace("net.ipv4", "# why: ticket 4711\nnet.ipv4");
        fs::write(&path, edited).unwrap();
        assert_eq!(apply(&root, Some("8080"), Some("1433")), "8080,30000-32767");
        assert_eq!(apply(&root, None, Some("8080")), "30000-32767");
        assert!(own_file::read(&path).unwrap().unwrap().contains("\n# why: ticket 4711\n"));
        // Nothing in it is ours any more, so what others change counts at once.
        reserve(root.path(), "60-k8s.conf", "30000-31000");
        let files = SysctlFiles::below(root.path());
        assert_eq!(ports_of(NextStart::read(&files, Setting::ReservedPorts).winner()), "30000-31000".parse().unwrap());
    }

    #[test]
    fn a_later_file_that_would_win_is_refused_by_name() {
        let root = root(&[("zzz-last.conf", "30000")]);
        let error = text_with(range("1433"), &SysctlFiles::below(root.path())).unwrap_err().to_string();
        assert!(error.contains("zzz-last.conf line 1"), "{error}");
    }

    #[test]
    fn a_file_under_our_name_that_somebody_else_wrote_is_left_alone() {
        let root = root(&[("zz-portmedic-exclusions.conf", "5000")]);
        let files = SysctlFiles::below(root.path());
        assert!(text_with(range("1433"), &files).is_err());
        assert!(text_without(range("5000"), &files).is_err());
    }
}
