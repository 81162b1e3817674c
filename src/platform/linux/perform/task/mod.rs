//! PortMedic's own tasks: a unit of systemd, and the program that it starts.
//!
//! The program is a copy of this very executable in a folder where only root can change anything, because the unit runs it as root with
//! each start of the computer: the user's own file could be exchanged by whoever runs as that user, or simply be deleted.

mod program;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use program::{is_guarded, is_same};

use crate::platform::PlatformError;
use crate::platform::linux::perform::{own_file, unit};
use crate::platform::linux::ranges::kernel::error_of;
use crate::remedy::paths::TASK_PROGRAM;
use crate::remedy::{OperationState, Task, TaskName};

/// The service manager, as far as tasks need it.
trait Manager {
    /// Whether it starts the unit with the computer.
    fn is_enabled(&self, unit: &str) -> Result<bool, PlatformError>;
    /// Has it read the files of its units again.
    fn reload(&self) -> Result<(), PlatformError>;
    /// Has it start the unit with the computer, or stop it and start it no more.
    fn enable(&self, unit: &str, wanted: bool) -> Result<(), PlatformError>;
    /// Starts the unit anew and waits until it runs undisturbed.
    fn restart(&self, unit: &str) -> Result<(), PlatformError>;
}

struct Systemd;

impl Manager for Systemd {
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

/// The tasks of a computer and the places where they are kept.
pub struct Tasks {
    manager: Box<dyn Manager>,
    /// The folder of the units.
    units: PathBuf,
    /// What the units start.
    program: PathBuf,
    /// This executable. It is read through the kernel, which knows what runs, whatever lies under its name by now.
    own: PathBuf,
}

impl Tasks {
    /// Those of this computer.
    ///
    /// # Errors
    /// Where nothing here would start one.
    pub fn system() -> Result<Self, PlatformError> {
        if !Path::new("/run/systemd/system").is_dir() {
            return Err(PlatformError::Refused(
                "systemd does not run on this computer, so PortMedic cannot have itself started after a restart; run `portmedic recheck` then"
                    .to_owned(),
            ));
        }
        Ok(Self {
            manager: Box::new(Systemd),
            units: PathBuf::from("/etc/systemd/system"),
            program: PathBuf::from(TASK_PROGRAM),
            own: PathBuf::from("/proc/self/exe"),
        })
    }

    /// What is there of the task.
    pub fn state(&self, name: TaskName) -> Result<OperationState, PlatformError> {
        let own_file = own_file::read(&self.unit_file(name))?;
        let enabled = self.manager.is_enabled(name.unit())?;
        let program_is_ours = || is_same(&self.own, &self.program) && is_guarded(&self.program).is_ok();
        let works =
            own_file.as_deref().and_then(Task::of_unit).filter(|task| enabled && task.name() == name && program_is_ours());
        Ok(OperationState::Task { works, enabled, own_file })
    }

    /// Refuses places in which nothing can be kept, or somebody else could exchange what runs as root.
    pub fn check_places(&self, name: TaskName) -> Result<(), PlatformError> {
        own_file::check_place(&self.unit_file(name))?;
        own_file::check_place(&self.program)?;
        is_guarded(&self.program).map_err(|why| {
            PlatformError::Refused(format!(
                "{why}, and the task would run {} as root, so it is not installed; correct that owner or right first",
                self.program.display()
            ))
        })
    }

    /// Puts the program and the unit in their places and has systemd start it. Where one of these cannot be done, all goes back.
    pub fn install(&self, task: &Task) -> Result<(), PlatformError> {
        let name = task.name();
        let before = self.state(name)?;
        self.check_places(name)
            .and_then(|()| self.set_up(name, &task.unit_text(), true))
            .map_err(|error| self.put_back(name, &before, error))
    }

    /// Takes all of it away. Where that cannot be done, what was there goes back.
    pub fn remove(&self, name: TaskName) -> Result<(), PlatformError> {
        let before = self.state(name)?;
        self.take_away(name).map_err(|error| self.put_back(name, &before, error))
    }

    /// Puts back what was there before.
    pub fn restore(&self, name: TaskName, before: &OperationState) -> Result<(), PlatformError> {
        let OperationState::Task { enabled, own_file, .. } = before else {
            return Err(PlatformError::Refused("the record of this step is not about a task".to_owned()));
        };
        match own_file {
            Some(text) => self.check_places(name).and_then(|()| self.set_up(name, text, *enabled)),
            None => self.take_away(name),
        }
    }

    /// After `error`.
    fn put_back(&self, name: TaskName, before: &OperationState, error: PlatformError) -> PlatformError {
        match self.restore(name, before) {
            Ok(()) => error,
            Err(second) => PlatformError::Failed {
                what: error.to_string(),
                why: format!("and what was there before ({before}) could not be put back: {second}"),
            },
        }
    }

    /// The unit first: whoever is killed in between leaves one that shows that the program is PortMedic's to remove.
    fn set_up(&self, name: TaskName, text: &str, enabled: bool) -> Result<(), PlatformError> {
        own_file::replace(&self.unit_file(name), Some(text))?;
        if !is_same(&self.own, &self.program) {
            let mut own =
                fs::File::open(&self.own).map_err(|error| error_of("could not read the program that runs".to_owned(), &error))?;
            own_file::replace_program(&self.program, &mut own)?;
        }
        self.manager.reload()?;
        self.manager.enable(name.unit(), enabled)?;
        match name {
            // With other ports it is another one.
            TaskName::Recorder if enabled => self.manager.restart(name.unit()),
            TaskName::Recorder | TaskName::Recheck => Ok(()),
        }
    }

    /// The unit last, for the same reason.
    fn take_away(&self, name: TaskName) -> Result<(), PlatformError> {
        let file = self.unit_file(name);
        if own_file::read(&file)?.is_none() {
            return Ok(());
        }
        self.manager.enable(name.unit(), false)?;
        if !TaskName::ALL.into_iter().any(|other| other != name && self.unit_file(other).exists()) {
            self.remove_program()?;
        }
        own_file::replace(&file, None)?;
        self.manager.reload()
    }

    fn remove_program(&self) -> Result<(), PlatformError> {
        match fs::remove_file(&self.program) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(error_of(format!("could not remove {}", self.program.display()), &error));
            }
            _ => {}
        }
        if let Some(folder) = self.program.parent() {
            // The folder goes with its last file; one in which somebody keeps something stays.
            let _in_use = fs::remove_dir(folder);
        }
        Ok(())
    }

    fn unit_file(&self, name: TaskName) -> PathBuf {
        self.units.join(name.unit())
    }
}

#[cfg(test)]
mod tests {
    use std::cell::{Cell, RefCell};
    use std::collections::BTreeSet;
    use std::fs;
    use std::os::unix::fs::PermissionsExt;
    use std::path::Path;
    use std::rc::Rc;

    use tempfile::TempDir;

    use super::{Manager, Tasks};
    use crate::platform::PlatformError;
    use crate::remedy::{Operation, OperationState, Task, TaskName};

    /// A service manager that knows what was switched on, and fails when it is told to.
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

    impl Manager for Rc<Double> {
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
        manager: Rc<Double>,
        tasks: Tasks,
    }

    fn room() -> Room {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir(at("units")).unwrap();
        fs::write(at("running"), "the program").unwrap();
        let manager = Rc::new(Double::default());
        let tasks = Tasks {
            manager: Box::new(Rc::clone(&manager)),
            units: at("units"),
            program: at("lib").join("portmedic"),
            own: at("running"),
        };
        Room { folder, manager, tasks }
    }

    impl Room {
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
        let mode = fs::metadata(&room.tasks.program).unwrap().permissions().mode();
        assert_eq!((mode & 0o7777, fs::read(&room.tasks.program).unwrap()), (0o755, b"the program".to_vec()));
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
        fs::write(&room.tasks.own, "a new program").unwrap();
        let works = |state| matches!(state, OperationState::Task { works: Some(_), .. });
        assert!(!works(room.tasks.state(TaskName::Recheck).unwrap()));
        room.tasks.install(&Task::Recheck).unwrap();
        assert!(works(room.tasks.state(TaskName::Recheck).unwrap()));
        assert_eq!(fs::read(&room.tasks.program).unwrap(), b"a new program");
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
                    let fail = || room.manager.fails_at.set(Some(room.manager.calls.get() + at));
                    fail();
                    if room.tasks.install(&task).is_err() {
                        assert_eq!(room.all(), then, "{task} after {before:?}, call {at}");
                    }
                    room.manager.fails_at.set(None);
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
                room.manager.fails_at.set(Some(at));
                let _cut_off = room.tasks.set_up(task.name(), &task.unit_text(), true);
                assert!(room.tasks.unit_file(task.name()).exists());
                room.manager.fails_at.set(None);
                room.tasks.install(&task).unwrap();
                room.manager.fails_at.set(Some(room.manager.calls.get() + at));
                let _cut_off = room.tasks.take_away(task.name());
                assert!(room.tasks.unit_file(task.name()).exists() || !room.tasks.program.exists(), "{task}, call {at}");
                room.manager.fails_at.set(None);
                room.tasks.remove(task.name()).unwrap();
                assert!(room.files().is_empty() && !room.folder.path().join("lib").exists());
            }
        }
        // No unit, no program.
        let room = room();
        let nowhere = Tasks { units: room.folder.path().join("running"), ..room.tasks };
        assert!(nowhere.set_up(TaskName::Recheck, "text", true).is_err());
        assert!(!nowhere.program.exists());
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
