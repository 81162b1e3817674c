//! PortMedic's own tasks on Linux: units of systemd.

mod program;

use std::path::{Path, PathBuf};

use program::Copy;

use crate::platform::PlatformError;
use crate::platform::linux::perform::{own_file, unit};
use crate::platform::tasks::{Manager, Tasks};
use crate::remedy::paths::TASK_PROGRAM;
use crate::remedy::{Task, TaskName};

/// Those of this computer.
///
/// # Errors
/// Where nothing here would start one.
pub fn system() -> Result<Tasks, PlatformError> {
    if !Path::new("/run/systemd/system").is_dir() {
        return Err(PlatformError::Refused(
            "systemd does not run on this computer, so PortMedic cannot have itself started after a restart; run `portmedic recheck` then"
                .to_owned(),
        ));
    }
    let units = Units { systemd: Box::new(System), folder: PathBuf::from("/etc/systemd/system") };
    // The kernel knows what runs, whatever lies under its name by now.
    let program = Copy { place: PathBuf::from(TASK_PROGRAM), own: PathBuf::from("/proc/self/exe") };
    Ok(Tasks { manager: Box::new(units), program: Box::new(program) })
}

/// systemd, as far as tasks need it.
trait Systemd {
    /// Whether it starts the unit with the computer.
    fn is_enabled(&self, unit: &str) -> Result<bool, PlatformError>;
    /// Has it read the files of its units again.
    fn reload(&self) -> Result<(), PlatformError>;
    /// Has it start the unit with the computer, or stop it and start it no more.
    fn enable(&self, unit: &str, wanted: bool) -> Result<(), PlatformError>;
    /// Starts the unit anew and waits until it runs undisturbed.
    fn restart(&self, unit: &str) -> Result<(), PlatformError>;
}

struct System;

impl Systemd for System {
    fn is_enabled(&self, unit: &str) -> Result<bool, PlatformError> {
        unit::is_enabled(unit)
    }

    fn reload(&self) -> Result<(), PlatformError> {
        unit::reload()
    }

    fn enable(&self, unit: &str, wanted: bool) -> Result<(), PlatformError> {
        unit::enable(unit, wanted)
    }

    fn restart(&self, unit: &str) -> Result<(), PlatformError> {
        unit::restart(unit)
    }
}

/// Tasks as units, each in a file of its own.
struct Units {
    systemd: Box<dyn Systemd>,
    /// Where the files are.
    folder: PathBuf,
}

impl Units {
    fn file(&self, name: TaskName) -> PathBuf {
        self.folder.join(name.unit())
    }
}

impl Manager for Units {
    fn read(&self, name: TaskName) -> Result<Option<String>, PlatformError> {
        own_file::read(&self.file(name))
    }

    fn write(&self, name: TaskName, text: Option<&str>) -> Result<(), PlatformError> {
        own_file::replace(&self.file(name), text)?;
        self.systemd.reload()
    }

    fn is_enabled(&self, name: TaskName) -> Result<bool, PlatformError> {
        self.systemd.is_enabled(name.unit())
    }

    fn enable(&self, name: TaskName, wanted: bool) -> Result<(), PlatformError> {
        self.systemd.enable(name.unit(), wanted)
    }

    fn restart(&self, name: TaskName) -> Result<(), PlatformError> {
        self.systemd.restart(name.unit())
    }

    fn check_place(&self, name: TaskName) -> Result<(), PlatformError> {
        own_file::check_place(&self.file(name))
    }

    fn text_of(&self, task: &Task) -> String {
        task.unit_text()
    }

    fn task_of(&self, text: &str) -> Option<Task> {
        Task::of_unit(text)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::{Cell, RefCell};
    use std::collections::BTreeSet;
    use std::fs;
    use std::os::unix::fs::PermissionsExt;
    use std::path::{Path, PathBuf};
    use std::rc::Rc;

    use tempfile::TempDir;

    use super::{Copy, Systemd, Units};
    use crate::platform::PlatformError;
    use crate::platform::tasks::Tasks;
    use crate::remedy::{Operation, OperationState, Task, TaskName};

    /// A systemd that knows what was switched on, and fails when it is told to.
    #[derive(Default)]
    struct Double {
        enabled: RefCell<BTreeSet<String>>,
        calls: Cell<usize>,
        /// The call that fails, counted from 0.
        fails_at: Cell<Option<usize>>,
    }

    impl Double {
        fn called(&self) -> Result<(), PlatformError> {
            let number = self.calls.get();
            self.calls.set(number + 1);
            if self.fails_at.get() == Some(number) {
                return Err(PlatformError::Failed { what: "could not".to_owned(), why: "the test wants it so".to_owned() });
            }
            Ok(())
        }
    }

    impl Systemd for Rc<Double> {
        fn is_enabled(&self, unit: &str) -> Result<bool, PlatformError> {
            Ok(self.enabled.borrow().contains(unit))
        }

        fn reload(&self) -> Result<(), PlatformError> {
            self.called()
        }

        fn enable(&self, unit: &str, wanted: bool) -> Result<(), PlatformError> {
            self.called()?;
            let mut enabled = self.enabled.borrow_mut();
            let _changed = if wanted { enabled.insert(unit.to_owned()) } else { enabled.remove(unit) };
            Ok(())
        }

        fn restart(&self, _unit: &str) -> Result<(), PlatformError> {
            self.called()
        }
    }

    struct Room {
        folder: TempDir,
        systemd: Rc<Double>,
        tasks: Tasks,
    }

    fn room() -> Room {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir(at("units")).unwrap();
        fs::write(at("running"), "the program").unwrap();
        let systemd = Rc::new(Double::default());
        let tasks = Tasks {
            manager: Box::new(Units { systemd: Box::new(Rc::clone(&systemd)), folder: at("units") }),
            program: Box::new(Copy { place: at("lib").join("portmedic"), own: at("running") }),
        };
        Room { folder, systemd, tasks }
    }

    impl Room {
        fn at(&self, name: &str) -> PathBuf {
            self.folder.path().join(name)
        }

        fn files(&self) -> Vec<String> {
            let below = |folder: &str| fs::read_dir(self.folder.path().join(folder)).into_iter().flatten();
            let mut names: Vec<_> = ["lib", "units"]
                .into_iter()
                .flat_map(below)
                .map(|entry| entry.unwrap().file_name().into_string().unwrap())
                .collect();
            names.sort();
            names
        }

        fn all(&self) -> (Vec<String>, OperationState, OperationState) {
            let state = |name| self.tasks.state(name).unwrap();
            (self.files(), state(TaskName::Recheck), state(TaskName::Recorder))
        }
    }

    fn recorder(ports: &str) -> Task {
        Task::Recorder { ports: ports.parse().unwrap() }
    }

    #[test]
    fn what_is_installed_works_and_what_is_removed_leaves_nothing() {
        let room = room();
        room.tasks.install(&Task::Recheck).unwrap();
        let (files, recheck, _) = room.all();
        assert_eq!(files, ["portmedic", "portmedic-recheck.service"]);
        assert!(Operation::InstallTask { task: Task::Recheck }.is_reached_in(&recheck), "{recheck:?}");
        let program = room.at("lib/portmedic");
        let mode = fs::metadata(&program).unwrap().permissions().mode();
        assert_eq!((mode & 0o7777, fs::read(&program).unwrap()), (0o755, b"the program".to_vec()));
        room.tasks.remove(TaskName::Recheck).unwrap();
        assert!(Operation::RemoveTask { task: TaskName::Recheck }.is_reached_in(&room.tasks.state(TaskName::Recheck).unwrap()));
        assert!(room.files().is_empty() && !room.folder.path().join("lib").exists());
    }

    #[test]
    fn the_program_stays_as_long_as_another_task_starts_it() {
        let room = room();
        room.tasks.install(&Task::Recheck).unwrap();
        room.tasks.install(&recorder("1433")).unwrap();
        room.tasks.remove(TaskName::Recheck).unwrap();
        assert_eq!(room.files(), ["portmedic", "portmedic-recorder.service"]);
    }

    #[test]
    fn a_program_of_another_version_does_not_count_as_installed_and_is_replaced() {
        let room = room();
        room.tasks.install(&Task::Recheck).unwrap();
        fs::write(room.at("running"), "a new program").unwrap();
        let works = |state| matches!(state, OperationState::Task { works: Some(_), .. });
        assert!(!works(room.tasks.state(TaskName::Recheck).unwrap()));
        room.tasks.install(&Task::Recheck).unwrap();
        assert!(works(room.tasks.state(TaskName::Recheck).unwrap()));
        assert_eq!(fs::read(room.at("lib/portmedic")).unwrap(), b"a new program");
    }

    #[test]
    fn wherever_it_fails_all_is_as_before() {
        for before in [None, Some(Task::Recheck), Some(recorder("80"))] {
            for task in [Task::Recheck, recorder("1433")] {
                for at in 0..4 {
                    let room = room();
                    if let Some(before) = &before {
                        room.tasks.install(before).unwrap();
                    }
                    let then = room.all();
                    let fail = || room.systemd.fails_at.set(Some(room.systemd.calls.get() + at));
                    fail();
                    if room.tasks.install(&task).is_err() {
                        assert_eq!(room.all(), then, "{task} after {before:?}, call {at}");
                    }
                    room.systemd.fails_at.set(None);
                    room.tasks.install(&task).unwrap();
                    let then = room.all();
                    fail();
                    if room.tasks.remove(task.name()).is_err() {
                        assert_eq!(room.all(), then, "removed {task} after {before:?}, call {at}");
                    }
                }
            }
        }
    }

    /// Without what puts all back after an error, as where the helper is killed.
    #[test]
    fn wherever_it_is_cut_off_no_program_is_left_without_a_unit_and_removing_leaves_nothing() {
        for task in [Task::Recheck, recorder("1433")] {
            for at in 0..4 {
                let room = room();
                let (unit, program) = (room.at("units").join(task.name().unit()), room.at("lib/portmedic"));
                room.systemd.fails_at.set(Some(at));
                let _cut_off = room.tasks.set_up(task.name(), &task.unit_text(), true);
                assert!(unit.exists());
                room.systemd.fails_at.set(None);
                room.tasks.install(&task).unwrap();
                room.systemd.fails_at.set(Some(room.systemd.calls.get() + at));
                let _cut_off = room.tasks.take_away(task.name());
                assert!(unit.exists() || !program.exists(), "{task}, call {at}");
                room.systemd.fails_at.set(None);
                room.tasks.remove(task.name()).unwrap();
                assert!(room.files().is_empty() && !room.at("lib").exists());
            }
        }
        // No unit, no program.
        let room = room();
        let units = Units { systemd: Box::new(Rc::clone(&room.systemd)), folder: room.at("running") };
        let nowhere = Tasks { manager: Box::new(units), ..room.tasks };
        assert!(nowhere.set_up(TaskName::Recheck, "text", true).is_err());
        assert!(!room.folder.path().join("lib/portmedic").exists());
    }

    #[test]
    fn undo_puts_back_the_ports_that_were_recorded_before() {
        let room = room();
        room.tasks.install(&recorder("80")).unwrap();
        let before = room.tasks.state(TaskName::Recorder).unwrap();
        room.tasks.install(&recorder("1433")).unwrap();
        room.tasks.restore(TaskName::Recorder, &before).unwrap();
        assert_eq!(room.tasks.state(TaskName::Recorder).unwrap(), before);
    }

    #[test]
    fn nothing_is_installed_where_others_could_exchange_the_program() {
        let room = room();
        let lib = room.folder.path().join("lib");
        fs::create_dir(&lib).unwrap();
        fs::set_permissions(&lib, fs::Permissions::from_mode(0o777)).unwrap();
        let why = room.tasks.install(&Task::Recheck).unwrap_err().to_string();
        assert!(why.contains("everybody") && why.contains("as root"), "{why}");
        assert_eq!(room.files(), Vec::<String>::new());
    }

    #[test]
    fn a_link_in_place_of_the_program_is_left_alone() {
        let room = room();
        let (lib, target) = (room.folder.path().join("lib"), room.folder.path().join("target"));
        fs::create_dir(&lib).unwrap();
        fs::write(&target, "precious").unwrap();
        std::os::unix::fs::symlink(Path::new(&target), lib.join("portmedic")).unwrap();
        assert!(room.tasks.install(&Task::Recheck).is_err());
        assert_eq!(fs::read(&target).unwrap(), b"precious");
    }
}
