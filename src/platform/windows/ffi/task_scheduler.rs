//! The Task Scheduler, by its interface for programs (`ITaskService`).

use std::io;

use windows::Win32::Foundation::{ERROR_FILE_NOT_FOUND, ERROR_PATH_NOT_FOUND, VARIANT_BOOL};
use windows::Win32::System::Com::{CLSCTX_INPROC_SERVER, COINIT_MULTITHREADED, CoCreateInstance, CoInitializeEx};
use windows::Win32::System::TaskScheduler::{
    IRegisteredTask, ITaskFolder, ITaskService, TASK_CREATE_OR_UPDATE, TASK_LOGON_SERVICE_ACCOUNT, TaskScheduler as Service,
};
use windows::Win32::System::Variant::VARIANT;
use windows::core::{BSTR, Error};

use super::os_error;

/// The tasks that lie at the root of the scheduler's library.
pub struct TaskScheduler(ITaskFolder);

impl TaskScheduler {
    /// Connects to the one of this computer.
    ///
    /// # Errors
    /// Where its service does not answer.
    pub fn open() -> io::Result<Self> {
        // SAFETY: this call has no conditions. Where this thread has COM already, that is as good.
        let _ready = unsafe { CoInitializeEx(None, COINIT_MULTITHREADED) };
        let empty = VARIANT::default();
        // SAFETY: the thread has COM; the values are ours and live until each call is over.
        let folder = unsafe {
            let service: ITaskService = CoCreateInstance(&Service, None, CLSCTX_INPROC_SERVER).map_err(os_error)?;
            service.Connect(&empty, &empty, &empty, &empty).map_err(os_error)?;
            service.GetFolder(&BSTR::from("\\"))
        };
        folder.map(Self).map_err(os_error)
    }

    /// The XML of a task; `None` where there is none of this name.
    ///
    /// # Errors
    /// Where it may not be read.
    pub fn xml(&self, name: &str) -> io::Result<Option<String>> {
        let Some(task) = self.task(name)? else { return Ok(None) };
        // SAFETY: the task is an object of the scheduler that we hold.
        unsafe { task.Xml() }.map(|xml| Some(xml.to_string())).map_err(os_error)
    }

    /// Whether the task is switched on; one that is not there is not.
    ///
    /// # Errors
    /// As [`Self::xml`].
    pub fn is_enabled(&self, name: &str) -> io::Result<bool> {
        let Some(task) = self.task(name)? else { return Ok(false) };
        // SAFETY: as in `xml`.
        unsafe { task.Enabled() }.map(VARIANT_BOOL::as_bool).map_err(os_error)
    }

    /// Makes a task of this XML for a service account, or replaces it; `sddl` says who may do what with it.
    ///
    /// # Errors
    /// Where the XML is not valid, or Windows refuses.
    pub fn register(&self, name: &str, xml: &str, sddl: &str) -> io::Result<()> {
        let (name, xml, empty, sddl) = (BSTR::from(name), BSTR::from(xml), VARIANT::default(), VARIANT::from(sddl));
        // SAFETY: the folder is an object that we hold; the values are ours and live until the call is over.
        let made = unsafe {
            self.0.RegisterTask(&name, &xml, TASK_CREATE_OR_UPDATE.0, &empty, &empty, TASK_LOGON_SERVICE_ACCOUNT, &sddl)
        };
        made.map(drop).map_err(os_error)
    }

    /// Deletes a task; one that is not there is no error.
    ///
    /// # Errors
    /// Where Windows refuses.
    pub fn delete(&self, name: &str) -> io::Result<()> {
        // SAFETY: as in `register`.
        match unsafe { self.0.DeleteTask(&BSTR::from(name), 0) } {
            Err(error) if !is_missing(&error) => Err(os_error(error)),
            _ => Ok(()),
        }
    }

    /// Switches a task on or off.
    ///
    /// # Errors
    /// Where there is none, or Windows refuses.
    pub fn enable(&self, name: &str, wanted: bool) -> io::Result<()> {
        let task = self.there(name)?;
        // SAFETY: as in `xml`.
        unsafe { task.SetEnabled(wanted.into()) }.map_err(os_error)
    }

    /// Starts a task now.
    ///
    /// # Errors
    /// Where there is none, it is switched off, or Windows refuses.
    pub fn run(&self, name: &str) -> io::Result<()> {
        let task = self.there(name)?;
        // SAFETY: as in `xml`; the value lives until the call is over.
        unsafe { task.Run(&VARIANT::default()) }.map(drop).map_err(os_error)
    }

    /// Has the scheduler end what runs of a task.
    ///
    /// # Errors
    /// As [`Self::run`].
    pub fn stop(&self, name: &str) -> io::Result<()> {
        let task = self.there(name)?;
        // SAFETY: as in `xml`.
        unsafe { task.Stop(0) }.map_err(os_error)
    }

    /// Whether something of a task runs.
    ///
    /// # Errors
    /// As [`Self::run`].
    pub fn is_running(&self, name: &str) -> io::Result<bool> {
        let task = self.there(name)?;
        // SAFETY: as in `xml`.
        unsafe { task.GetInstances(0).and_then(|instances| instances.Count()) }.map(|count| count > 0).map_err(os_error)
    }

    fn there(&self, name: &str) -> io::Result<IRegisteredTask> {
        self.task(name)?.ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn task(&self, name: &str) -> io::Result<Option<IRegisteredTask>> {
        // SAFETY: as in `register`.
        match unsafe { self.0.GetTask(&BSTR::from(name)) } {
            Ok(task) => Ok(Some(task)),
            Err(error) if is_missing(&error) => Ok(None),
            Err(error) => Err(os_error(error)),
        }
    }
}

fn is_missing(error: &Error) -> bool {
    [ERROR_FILE_NOT_FOUND, ERROR_PATH_NOT_FOUND].iter().any(|code| error.code() == code.to_hresult())
}
