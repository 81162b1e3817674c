//! Sets the dynamic port range in the kernel and in our own file, both or neither.

use std::path::Path;

use crate::machine::{PortRange, visible};
use crate::platform::PlatformError;
use crate::platform::linux::host;
use crate::platform::linux::perform::both::{self, Running};
use crate::platform::linux::perform::own_file::{self, FileChange};
use crate::platform::linux::ranges::kernel::{self, Setting};
use crate::platform::linux::ranges::next_start::{NextStart, own_path, range_of};
use crate::platform::linux::ranges::sysctl_d::SysctlFiles;
use crate::remedy::{OperationState, Stores};

/// The range now and after the next start, and our own file.
pub fn state() -> Result<OperationState, PlatformError> {
    let next = NextStart::read(&SysctlFiles::system(), Setting::DynamicRange);
    Ok(OperationState::DynamicRange {
        active: kernel::dynamic_range()?,
        persistent: range_of(next.winner()),
        own_file: own_file::read(next.own_path())?,
    })
}

/// Refuses a range that the kernel would not take or that would harm the computer, in words instead of "Invalid argument".
pub fn check(range: PortRange, stores: Stores) -> Result<(), PlatformError> {
    let refused = |why: String| Err(PlatformError::Refused(why));
    if host::look().wsl {
        return refused(
            "this is Linux in the Windows Subsystem: Windows gives it its port range, and with another one no connection would work any \
             more; change the range in Windows"
                .to_owned(),
        );
    }
    if kernel::dynamic_range()? == range {
        return Ok(());
    }
    let first_free = kernel::unprivileged_start()?;
    if range.start() < first_free {
        return refused(format!(
            "the dynamic range must not begin below port {first_free}, the first one that needs no special right \
             (net.ipv4.ip_unprivileged_port_start); {range} begins at {}",
            range.start()
        ));
    }
    if kernel::reserved_ports()?.contains_range(range) {
        return refused(format!("every port of {range} is excluded, so no port would be left to hand out; choose another range"));
    }
    if stores.persistent() {
        let next = NextStart::read(&SysctlFiles::system(), Setting::DynamicRange);
        if let Some(stronger) = next.stronger_than_own().filter(|line| range_of(Some(line)) != Some(range)) {
            return refused(format!(
                "{} is read after PortMedic's own file and would win at the next start with \"{}\"; change that line",
                stronger.source(),
                visible(&stronger.value)
            ));
        }
        check_is_ours(next.own_path())?;
        own_file::check_can_become(next.own_path(), Some(&text_of(range)))?;
    }
    Ok(())
}

/// Refuses to replace a file under our name that somebody else wrote or added to: what they wrote would be gone.
fn check_is_ours(path: &Path) -> Result<(), PlatformError> {
    match own_file::read(path)? {
        Some(text) if !is_ours(&text) => Err(PlatformError::Refused(format!(
            "{} is not in the form that PortMedic writes, so somebody edited it; move it to another name first",
            path.display()
        ))),
        _ => Ok(()),
    }
}

fn is_ours(text: &str) -> bool {
    let range = text.lines().last().and_then(|line| line.split_once('=')).and_then(|(_, value)| kernel::parse_range(value));
    range.is_some_and(|range| text_of(range) == text)
}

/// The text of our file.
fn text_of(range: PortRange) -> String {
    format!(
        "# The ports that are handed out to clients, as PortMedic was asked to set them. Change them with \"portmedic range\".\n\
         {} = {} {}\n",
        Setting::DynamicRange.key().replace('/', "."),
        range.start(),
        range.end()
    )
}

/// Sets it.
pub fn set(range: PortRange, stores: Stores) -> Result<(), PlatformError> {
    let file = if stores.persistent() {
        check_is_ours(&own_path(&SysctlFiles::system(), Setting::DynamicRange))?;
        FileChange::Write(text_of(range))
    } else {
        FileChange::Keep
    };
    change(stores.active().then_some(range), &file)
}

/// Puts back what was there before.
pub fn restore(stores: Stores, before: &OperationState) -> Result<(), PlatformError> {
    let OperationState::DynamicRange { active, own_file, .. } = before else {
        return Err(PlatformError::Refused("the record of this step is not about the dynamic range".to_owned()));
    };
    let file = if stores.persistent() { FileChange::to(own_file.clone()) } else { FileChange::Keep };
    change(stores.active().then_some(*active), &file)
}

/// The range of the running kernel.
struct RunningRange;

impl Running for RunningRange {
    type Value = PortRange;

    fn read(&self) -> Result<PortRange, PlatformError> {
        kernel::dynamic_range()
    }

    fn set(&self, range: &PortRange) -> Result<(), PlatformError> {
        kernel::set_dynamic_range(*range)
    }

    fn words(range: &PortRange) -> String {
        range.to_string()
    }
}

fn change(wanted: Option<PortRange>, file: &FileChange) -> Result<(), PlatformError> {
    both::change(&RunningRange, wanted.as_ref(), || file.make(&own_path(&SysctlFiles::system(), Setting::DynamicRange)))
}

#[cfg(test)]
mod tests {
    use super::{is_ours, text_of};

    #[test]
    fn what_was_added_to_our_file_by_hand_makes_it_somebody_elses() {
        let ours = text_of("20000-29999".parse().unwrap());
        assert!(is_ours(&ours));
        for line in ["# why: ticket 4711", "net.core.somaxconn = 4096"] {
            assert!(!is_ours(&format!("{ours}{line}\n")) && !is_ours(&format!("{line}\n{ours}")), "{line} would be lost");
        }
        assert!(!is_ours("") && !is_ours("net.ipv4.ip_local_port_range = 20000 29999\n"));
    }
}
