//! Does the work of the session on named threads, so that the screen never waits.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread;

use super::change::{ChangeEffect, ChangeEvent};
use super::connect::Progress;
use super::event::{Event, SaveProblem};
use super::exhaustion::{self, ExhaustionEffect, ExhaustionEvent};
use super::{
    Backend, Cancel, Chosen, Effect, RefusedEffect, RefusedEvent, SavedEffect, SavedEvent, dialogs, evidence, files, ports,
    system_theme,
};
use crate::case::Case;

/// How many answers may wait to be drawn before a worker waits too.
const WAITING: usize = 64;

/// The workers of a session.
pub struct Workers {
    backend: Arc<dyn Backend>,
    sender: SyncSender<Event>,
    events: Receiver<Event>,
    wake: Arc<dyn Fn() + Send + Sync>,
    cancel: Cancel,
    /// Dropped, it ends the watcher of the Ports page.
    watching_ports: Option<Sender<()>>,
    /// Dropped, it ends the looks of the Exhaustion page.
    sampling: Option<Sender<()>>,
    /// Ends the checklist of the Refused page.
    checklist: Cancel,
}

/// Sends the answers of one worker.
struct Answers {
    sender: SyncSender<Event>,
    wake: Arc<dyn Fn() + Send + Sync>,
}

impl Answers {
    fn send(&self, event: Event) {
        // The session is gone when nobody receives any more: then nobody misses the answer either.
        if self.sender.send(event).is_ok() {
            (self.wake)();
        }
    }
}

impl Workers {
    /// Workers that ask `backend`, and call `wake` when an answer waits.
    pub fn new(backend: Arc<dyn Backend>, wake: Arc<dyn Fn() + Send + Sync>) -> Self {
        let (sender, events) = sync_channel(WAITING);
        Self {
            backend,
            sender,
            events,
            wake,
            cancel: Cancel::default(),
            watching_ports: None,
            sampling: None,
            checklist: Cancel::default(),
        }
    }

    /// The answers that wait.
    pub fn answers(&self) -> impl Iterator<Item = Event> + '_ {
        self.events.try_iter()
    }

    /// Begins a piece of work. What belongs to the window (clipboard, closing) is not for workers and does nothing here.
    pub fn start(&mut self, effect: Effect) {
        let backend = Arc::clone(&self.backend);
        match effect {
            Effect::LookAtServices(number) => self.spawn(
                "services",
                move |answers| answers.send(Event::Services(number, backend.services().map(Box::new))),
                move |why| Event::Services(number, Err(why)),
            ),
            Effect::LookAtRanges(number) => self.spawn(
                "ranges",
                move |answers| answers.send(Event::Ranges(number, backend.ranges().map(Box::new))),
                move |why| Event::Ranges(number, Err(why)),
            ),
            Effect::Audit(number) => self.spawn(
                "audit",
                move |answers| answers.send(Event::Audited(number, backend.audit().map(Box::new))),
                move |why| Event::Audited(number, Err(why)),
            ),
            Effect::Investigate(number, target) => self.spawn(
                "investigate",
                move |answers| {
                    let found = backend.investigate(&target, &mut |doing| answers.send(Event::Investigating(number, doing)));
                    if let Ok(found) = &found {
                        keep(&*backend, &found.case, answers);
                    }
                    answers.send(Event::Investigated(number, found.map(Box::new)));
                },
                move |why| Event::Investigated(number, Err(why)),
            ),
            Effect::Apply(number, mut case, option) => {
                self.cancel = Cancel::default();
                let cancel = self.cancel.clone();
                self.spawn(
                    "apply",
                    move |answers| {
                        let mut progress = |progress| answers.send(Event::RunProgress(number, progress));
                        let ended = backend.apply(&mut case, option, &cancel, &mut progress);
                        keep(&*backend, &case, answers);
                        answers.send(Event::RunEnded(number, ended.map(|()| case)));
                    },
                    move |why| Event::RunEnded(number, Err(why)),
                );
            }
            Effect::Change(effect) => self.change(effect),
            Effect::StopRun | Effect::StopWaiting => self.cancel.cancel(),
            Effect::Verify(number, mut found) => {
                self.cancel = Cancel::default();
                let cancel = self.cancel.clone();
                self.spawn(
                    "verify",
                    move |answers| {
                        let mut doing = |doing| answers.send(Event::Verifying(number, doing));
                        let made = backend.verify(&mut found, &cancel, &mut doing);
                        keep(&*backend, &found.case, answers);
                        answers.send(Event::Verified(number, made.map(|()| found)));
                    },
                    move |why| Event::Verified(number, Err(why)),
                );
            }
            Effect::Saved(effect) => self.saved(effect),
            Effect::AskForPath(start) => self.spawn(
                "ask for a file",
                move |answers| answers.send(Event::PathChosen(dialogs::ask_to_save("Save the report", &start))),
                |why| Event::PathChosen(Chosen::NoDialog(why)),
            ),
            Effect::Save { path, text, replace } => self.spawn(
                "save",
                move |answers| answers.send(Event::ReportSaved(files::save(&path, &text, replace).map(|()| path))),
                |why| Event::ReportSaved(Err(SaveProblem::Other(why))),
            ),
            Effect::Export(export) => {
                let name = export.tables.name();
                self.spawn(
                    "export tables",
                    move |answers| answers.send(Event::TablesSaved(name, export.ask_and_save())),
                    move |why| Event::TablesSaved(name, Err(why)),
                );
            }
            Effect::SaveSettings(settings) => self.spawn(
                "save settings",
                move |answers| answers.send(Event::SettingsSaved(settings.save().map_err(|error| error.to_string()))),
                |why| Event::SettingsSaved(Err(why)),
            ),
            Effect::ReadSystemTheme => self.spawn(
                "system theme",
                |answers| answers.send(Event::SystemTheme(system_theme::is_dark())),
                |_| Event::SystemTheme(None),
            ),
            Effect::ReadHistory(number) => self.spawn(
                "read history",
                move |answers| answers.send(Event::History(number, backend.history())),
                move |why| Event::History(number, Err(why)),
            ),
            Effect::ReadOutlook(number) => self.spawn(
                "check after a restart",
                move |answers| answers.send(Event::Outlook(number, backend.outlook())),
                move |why| Event::Outlook(number, Err(why)),
            ),
            Effect::ReadRecorded(number) => self.spawn(
                "read recorder",
                move |answers| answers.send(Event::Recorded(number, backend.recorded())),
                move |why| Event::Recorded(number, Err(why)),
            ),
            Effect::PlanUndo(number, entry) => self.spawn(
                "plan an undo",
                move |answers| answers.send(Event::UndoPlanned(number, backend.way_back(&entry).map(Box::new))),
                move |why| Event::UndoPlanned(number, Err(why)),
            ),
            Effect::Undo { number, entry, mode, seen } => self.spawn(
                "undo",
                move |answers| answers.send(Event::Undone(number, backend.undo(&entry, mode, &seen))),
                move |why| Event::Undone(number, Err(why)),
            ),
            Effect::WatchPorts(what) => {
                let (keep, stop) = channel();
                // The watcher before ends when its `keep` is dropped.
                self.watching_ports = Some(keep);
                let number = what.number;
                self.spawn(
                    "watch ports",
                    move |answers| {
                        let mut tell = |table| answers.send(Event::Ports(number, table));
                        ports::watch(&*backend, &what, ports::PERIOD, &stop, &mut tell);
                    },
                    move |why| Event::Ports(number, Err(why)),
                );
            }
            Effect::StopWatchingPorts => self.watching_ports = None,
            Effect::ArrangePorts(request) => {
                let number = request.number;
                self.spawn(
                    "arrange ports",
                    move |answers| answers.send(Event::PortsArranged(number, Ok(Arc::new(ports::arrange(&request))))),
                    move |why| Event::PortsArranged(number, Err(why)),
                );
            }
            Effect::Exhaustion(effect) => self.exhaustion(effect),
            Effect::Refused(effect) => self.refused(effect),
            Effect::OpenFolder(_) | Effect::CopyText(_) | Effect::Practise(..) | Effect::UseLiveComputer | Effect::Close => {}
        }
    }

    /// A change that was asked for by itself.
    fn change(&mut self, effect: ChangeEffect) {
        let backend = Arc::clone(&self.backend);
        match effect {
            ChangeEffect::Prepare(number, wish) => self.spawn(
                "prepare a change",
                move |answers| {
                    let asked = backend.prepare_change(wish).map(Box::new);
                    answers.send(Event::Change(ChangeEvent::Prepared(number, asked)));
                },
                move |why| Event::Change(ChangeEvent::Prepared(number, Err(why))),
            ),
            ChangeEffect::Make(number, mut asked) => {
                self.cancel = Cancel::default();
                let cancel = self.cancel.clone();
                self.spawn(
                    "make a change",
                    move |answers| {
                        let mut told = |progress| answers.send(Event::Change(ChangeEvent::Progress(number, progress)));
                        let ended = backend.apply(&mut asked.case, 0, &cancel, &mut told);
                        if ended.is_ok() && asked.was_done() {
                            answers.send(Event::Change(ChangeEvent::Checking(number)));
                            backend.prove_change(&mut asked);
                        }
                        answers.send(Event::Change(ChangeEvent::Ended(number, ended.map(|()| asked))));
                    },
                    move |why| Event::Change(ChangeEvent::Ended(number, Err(why))),
                );
            }
        }
    }

    /// Something for the Exhaustion page.
    fn exhaustion(&mut self, effect: ExhaustionEffect) {
        let backend = Arc::clone(&self.backend);
        match effect {
            ExhaustionEffect::Sample(what) => {
                let (keep, stop) = channel();
                // The worker before ends when its `keep` is dropped.
                self.sampling = Some(keep);
                let number = what.number;
                self.spawn(
                    "watch dynamic ports",
                    move |answers| {
                        let mut tell = |answer| answers.send(Event::Exhaustion(ExhaustionEvent::Seen(number, answer)));
                        exhaustion::sample(&*backend, &what, &stop, &mut tell);
                    },
                    move |why| Event::Exhaustion(ExhaustionEvent::Seen(number, Err(why))),
                );
            }
            ExhaustionEffect::Stop => self.sampling = None,
        }
    }

    /// Something for the Refused page.
    fn refused(&mut self, effect: RefusedEffect) {
        self.checklist.cancel();
        let RefusedEffect::Check(number, wanted) = effect else { return };
        self.checklist = Cancel::default();
        let (backend, cancel) = (Arc::clone(&self.backend), self.checklist.clone());
        self.spawn(
            "check a connection",
            move |answers| {
                let mut told = |progress: &Progress<'_>| {
                    answers.send(Event::Refused(RefusedEvent::Progress(number, Box::new(progress.into()))));
                };
                let found = backend.connect(*wanted, &cancel, &mut told);
                if let Ok(found) = &found {
                    keep(&*backend, &found.case(), answers);
                }
                answers.send(Event::Refused(RefusedEvent::Checked(number, found.map(Arc::new))));
            },
            move |why| Event::Refused(RefusedEvent::Checked(number, Err(why))),
        );
    }

    fn saved(&self, effect: SavedEffect) {
        match effect {
            SavedEffect::Ask(what) => self.spawn(
                "ask for a file to open",
                move |answers| answers.send(SavedEvent::Chosen(dialogs::ask_to_open(what)).into()),
                |why| SavedEvent::Chosen(Chosen::NoDialog(why)).into(),
            ),
            SavedEffect::Read(what, paths) => self.spawn(
                "open files",
                move |answers| answers.send(SavedEvent::Read(evidence::open(what, &paths)).into()),
                |why| SavedEvent::Read(Err(why)).into(),
            ),
            SavedEffect::ReadText(text) => self.spawn(
                "read a pasted text",
                move |answers| answers.send(SavedEvent::Read(evidence::open_text(text)).into()),
                |why| SavedEvent::Read(Err(why)).into(),
            ),
        }
    }

    /// Works on a thread of its own. Where the thread cannot be had or comes to grief, `broken` says so in place of the answer: a page must
    /// not wait for ever.
    fn spawn(
        &self,
        name: &str,
        work: impl FnOnce(&Answers) + Send + 'static,
        broken: impl FnOnce(String) -> Event + Send + 'static,
    ) {
        let answers = Answers { sender: self.sender.clone(), wake: Arc::clone(&self.wake) };
        let broken = Arc::new(Mutex::new(Some(broken)));
        let told = Arc::clone(&broken);
        let spawned = thread::Builder::new().name(name.to_owned()).spawn(move || {
            if catch_unwind(AssertUnwindSafe(|| work(&answers))).is_err()
                && let Some(broken) = told.lock().ok().and_then(|mut broken| broken.take())
            {
                answers.send(broken("PortMedic made a mistake of its own here; standard error says more".to_owned()));
            }
        });
        if let Err(error) = spawned
            && let Some(broken) = broken.lock().ok().and_then(|mut broken| broken.take())
            && self.sender.try_send(broken(format!("no thread could be started: {error}"))).is_ok()
        {
            (self.wake)();
        }
    }
}

/// Nobody waits for the answers any more, so nobody else is asked for them.
impl Drop for Workers {
    fn drop(&mut self) {
        self.checklist.cancel();
    }
}

/// Keeps the Case for `portmedic report`, and tells where that could not be.
fn keep(backend: &dyn Backend, case: &Case, answers: &Answers) {
    if let Err(why) = backend.keep(case) {
        answers.send(Event::NotKept(why));
    }
}
