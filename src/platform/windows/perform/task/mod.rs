//! PortMedic's own tasks on Windows: tasks of the Task Scheduler.

mod program;

use std::io;
use std::thread;
use std::time::{Duration, Instant};

use program::Copy;

use crate::platform::PlatformError;
use crate::platform::tasks::{Manager, Tasks};
use crate::platform::windows::ffi::TaskScheduler;
use crate::remedy::{Task, TaskName};

/// Administrators and the system change the tasks, users see them: whoever changes one has all rights from the next start on.
const ACCESS: &str = "D:P(A;;FA;;;SY)(A;;FA;;;BA)(A;;FR;;;BU)";
/// The longest that a task may take to end.
const LIMIT: Duration = Duration::from_secs(30);
/// How long a task must run without ending before it counts as started.
const STABLE_FOR: Duration = Duration::from_secs(2);
/// How often Windows is asked meanwhile.
const PAUSE: Duration = Duration::from_millis(100);

/// Those of this computer.
///
/// # Errors
/// Where the Task Scheduler does not answer, or Windows does not tell where programs are.
pub fn system() -> Result<Tasks, PlatformError> {
    let program = Copy::of_this_executable()?;
    let path = program.path();
    let scheduler = TaskScheduler::open().map_err(|error| could_not("ask the Task Scheduler", &error))?;
    Ok(Tasks { manager: Box::new(Scheduled { scheduler: Box::new(scheduler), program: path }), program: Box::new(program) })
}

/// The Task Scheduler, as far as tasks need it.
trait Scheduler {
    fn xml(&self, name: &str) -> io::Result<Option<String>>;
    fn register(&self, name: &str, xml: &str) -> io::Result<()>;
    fn delete(&self, name: &str) -> io::Result<()>;
    fn is_enabled(&self, name: &str) -> io::Result<bool>;
    fn enable(&self, name: &str, wanted: bool) -> io::Result<()>;
    fn is_running(&self, name: &str) -> io::Result<bool>;
    fn run(&self, name: &str) -> io::Result<()>;
    fn stop(&self, name: &str) -> io::Result<()>;
}

impl Scheduler for TaskScheduler {
    fn xml(&self, name: &str) -> io::Result<Option<String>> {
        self.xml(name)
    }

    fn register(&self, name: &str, xml: &str) -> io::Result<()> {
        self.register(name, xml, ACCESS)
    }

    fn delete(&self, name: &str) -> io::Result<()> {
        self.delete(name)
    }

    fn is_enabled(&self, name: &str) -> io::Result<bool> {
        self.is_enabled(name)
    }

    fn enable(&self, name: &str, wanted: bool) -> io::Result<()> {
        self.enable(name, wanted)
    }

    fn is_running(&self, name: &str) -> io::Result<bool> {
        self.is_running(name)
    }

    fn run(&self, name: &str) -> io::Result<()> {
        self.run(name)
    }

    fn stop(&self, name: &str) -> io::Result<()> {
        self.stop(name)
    }
}

/// Tasks in the scheduler.
struct Scheduled {
    scheduler: Box<dyn Scheduler>,
    /// What they start.
    program: String,
}

impl Scheduled {
    /// Ends what runs of the task, and returns when it has ended.
    fn stop(&self, name: TaskName) -> Result<(), PlatformError> {
        let failed = |error| could_not(&format!("end {name}"), &error);
        if !self.scheduler.is_running(name.scheduled()).map_err(failed)? {
            return Ok(());
        }
        self.scheduler.stop(name.scheduled()).map_err(failed)?;
        let begun = Instant::now();
        while self.scheduler.is_running(name.scheduled()).map_err(failed)? {
            if begun.elapsed() > LIMIT {
                return Err(failed(io::Error::new(io::ErrorKind::TimedOut, "it still runs; end it in the Task Scheduler")));
            }
            thread::sleep(PAUSE);
        }
        Ok(())
    }
}

impl Manager for Scheduled {
    fn read(&self, name: TaskName) -> Result<Option<String>, PlatformError> {
        self.scheduler.xml(name.scheduled()).map_err(|error| could_not(&format!("read {name}"), &error))
    }

    fn write(&self, name: TaskName, text: Option<&str>) -> Result<(), PlatformError> {
        let written = match text {
            Some(xml) => self.scheduler.register(name.scheduled(), xml),
            None => self.scheduler.delete(name.scheduled()),
        };
        written.map_err(|error| could_not(&format!("change {name}"), &error))
    }

    fn is_enabled(&self, name: TaskName) -> Result<bool, PlatformError> {
        self.scheduler.is_enabled(name.scheduled()).map_err(|error| could_not(&format!("read {name}"), &error))
    }

    fn enable(&self, name: TaskName, wanted: bool) -> Result<(), PlatformError> {
        let switched = self.scheduler.enable(name.scheduled(), wanted);
        switched.map_err(|error| could_not(&format!("switch {name} {}", if wanted { "on" } else { "off" }), &error))?;
        if wanted { Ok(()) } else { self.stop(name) }
    }

    fn restart(&self, name: TaskName) -> Result<(), PlatformError> {
        self.stop(name)?;
        let failed = |error| could_not(&format!("start {name}"), &error);
        self.scheduler.run(name.scheduled()).map_err(failed)?;
        let begun = Instant::now();
        while begun.elapsed() < STABLE_FOR {
            thread::sleep(PAUSE);
            if !self.scheduler.is_running(name.scheduled()).map_err(failed)? {
                return Err(failed(io::Error::other("it ended at once; the Task Scheduler shows with which result")));
            }
        }
        Ok(())
    }

    /// The scheduler keeps the text itself.
    fn check_place(&self, _name: TaskName) -> Result<(), PlatformError> {
        Ok(())
    }

    fn text_of(&self, task: &Task) -> String {
        task.scheduled_xml(&self.program)
    }

    fn task_of(&self, text: &str) -> Option<Task> {
        Task::of_scheduled(text, &self.program)
    }
}

fn could_not(what: &str, error: &io::Error) -> PlatformError {
    PlatformError::Failed { what: format!("could not {what}"), why: error.to_string() }
}

#[cfg(test)]
mod tests {
    use std::cell::{Cell, RefCell};
    use std::collections::BTreeMap;
    use std::io;
    use std::rc::Rc;

    use super::{Scheduled, Scheduler, TaskScheduler};
    use crate::platform::tasks::Manager as _;
    use crate::remedy::{Task, TaskName};

    const PROGRAM: &str = r"C:\Program Files\PortMedic\portmedic.exe";

    /// A scheduler that keeps tasks, whether they are switched on, and whether they run.
    #[derive(Default)]
    struct Double {
        tasks: RefCell<BTreeMap<String, (String, bool)>>,
        running: Cell<bool>,
        /// What is started ends at once.
        ends: Cell<bool>,
    }

    impl Scheduler for Rc<Double> {
        fn xml(&self, name: &str) -> io::Result<Option<String>> {
            Ok(self.tasks.borrow().get(name).map(|(xml, _)| xml.clone()))
        }

        fn register(&self, name: &str, xml: &str) -> io::Result<()> {
            self.tasks.borrow_mut().insert(name.to_owned(), (xml.to_owned(), true));
            Ok(())
        }

        fn delete(&self, name: &str) -> io::Result<()> {
            self.tasks.borrow_mut().remove(name);
            Ok(())
        }

        fn is_enabled(&self, name: &str) -> io::Result<bool> {
            Ok(self.tasks.borrow().get(name).is_some_and(|(_, enabled)| *enabled))
        }

        fn enable(&self, name: &str, wanted: bool) -> io::Result<()> {
            self.tasks.borrow_mut().get_mut(name).ok_or(io::ErrorKind::NotFound)?.1 = wanted;
            Ok(())
        }

        fn is_running(&self, _name: &str) -> io::Result<bool> {
            Ok(self.running.get())
        }

        fn run(&self, _name: &str) -> io::Result<()> {
            self.running.set(!self.ends.get());
            Ok(())
        }

        fn stop(&self, _name: &str) -> io::Result<()> {
            self.running.set(false);
            Ok(())
        }
    }

    fn scheduled() -> (Rc<Double>, Scheduled, Task) {
        let double = Rc::new(Double::default());
        let manager = Scheduled { scheduler: Box::new(Rc::clone(&double)), program: PROGRAM.to_owned() };
        (double, manager, Task::Recorder { ports: "1433".parse().unwrap() })
    }

    #[test]
    fn a_task_that_is_switched_off_ends_and_one_that_starts_anew_runs() {
        let (double, manager, task) = scheduled();
        manager.write(TaskName::Recorder, Some(&manager.text_of(&task))).unwrap();
        manager.restart(TaskName::Recorder).unwrap();
        assert!(double.running.get() && manager.is_enabled(TaskName::Recorder).unwrap());
        manager.enable(TaskName::Recorder, false).unwrap();
        assert!(!double.running.get() && !manager.is_enabled(TaskName::Recorder).unwrap());
    }

    #[test]
    fn a_task_that_ends_at_once_has_not_started() {
        let (double, manager, task) = scheduled();
        manager.write(TaskName::Recorder, Some(&manager.text_of(&task))).unwrap();
        double.ends.set(true);
        let why = manager.restart(TaskName::Recorder).unwrap_err().to_string();
        assert!(why.contains("could not start the recorder of ports") && why.contains("ended at once"), "{why}");
    }

    /// The real scheduler, with a task of the test's own name that nothing ever starts.
    #[test]
    fn the_scheduler_keeps_a_task_tells_it_and_forgets_it() {
        const NAME: &str = "PortMedic test of tasks";
        let scheduler = TaskScheduler::open().unwrap();
        assert_eq!(scheduler.xml(NAME).unwrap(), None);
        let task = Task::Recheck;
        Scheduler::register(&scheduler, NAME, &task.scheduled_xml(PROGRAM)).unwrap();
        let told = scheduler.xml(NAME).unwrap().unwrap();
        let enabled = scheduler.is_enabled(NAME);
        scheduler.delete(NAME).unwrap();
        assert!(told.contains("PortMedic") && told.contains("PT15M"), "{told}");
        // The scheduler of Wine forgets when a task is to start, and what.
        let forgets = !told.contains("<BootTrigger");
        assert!(forgets || Task::of_scheduled(&told, PROGRAM) == Some(task), "{told}");
        assert!(enabled.unwrap());
        assert_eq!(scheduler.xml(NAME).unwrap(), None);
        scheduler.delete(NAME).unwrap();
    }
}
