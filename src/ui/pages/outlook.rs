//! What became of changes after a restart of the computer: on Home what was lost, in History how each stands.

use eframe::egui::{Ui, vec2};

use super::could_not;
use crate::app::recheck::Rechecked;
use crate::app::{AppState, Command, Page};
use crate::machine::visible;
use crate::remedy::Outcome;
use crate::ui::theme::Status;
use crate::ui::widgets::{Button, notice};
use crate::ui::words;

/// How many lost changes Home shows; History has all of them.
const MOST: usize = 3;

/// The part of Home; nothing where all is well.
pub fn home(ui: &mut Ui, state: &AppState, out: &mut Vec<Command>) {
    if let Some(problem) = state.outlook.problem() {
        could_not(ui, "Whether changes outlived the restart could not be checked", problem);
        ui.add_space(20.0);
        return;
    }
    let Some(outlook) = state.outlook.value() else { return };
    if let Some(why) = &outlook.not_kept {
        notice(ui, Status::Warn, "The report of the last case does not tell of this", &visible(&words::sentence(why)));
        ui.add_space(12.0);
    }
    let problems: Vec<&Rechecked> = outlook.changes.iter().rev().filter(|change| change.is_problem()).collect();
    for change in problems.iter().take(MOST) {
        lost(ui, state, change, out);
        ui.add_space(12.0);
    }
    let waiting = outlook.changes.iter().filter(|change| change.check.is_none()).count();
    if waiting > 0 {
        let title = match waiting {
            1 => "1 change waits for the next restart".to_owned(),
            count => format!("{count} changes wait for the next restart"),
        };
        let text = match outlook.task {
            Some(true) => "The computer checks it by itself then, and shows here what was lost.",
            Some(false) | None => "Open PortMedic after it: it checks whether the changes are still there.",
        };
        notice(ui, Status::Info, &title, text);
        ui.add_space(12.0);
    }
}

fn lost(ui: &mut Ui, state: &AppState, change: &Rechecked, out: &mut Vec<Command>) {
    let failed = change.check.as_ref().is_some_and(|check| check.verification.outcome == Outcome::NotFixed);
    let text = format!("Changed {}: {}", words::moment(state, change.changed), visible(&change.title));
    notice(ui, if failed { Status::Err } else { Status::Warn }, &visible(&change.headline()), &text);
    ui.add_space(8.0);
    let service = change.purpose.as_ref().and_then(|purpose| purpose.service.clone());
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(8.0, 8.0);
        if let Some(service) = service
            && ui.add(Button::second(format!("Check {} again", visible(&service)))).clicked()
        {
            out.push(Command::CheckService(service));
        }
        if ui.add(Button::second("Show in History")).clicked() {
            out.push(Command::GoTo(Page::History));
        }
    });
}

/// How an entry stands, to follow what is known of it; empty where it promises nothing for after a restart.
pub fn of_entry(state: &AppState, entry: &str) -> String {
    let known = state.outlook.value().and_then(|outlook| outlook.changes.iter().find(|change| change.entry == entry));
    let Some(change) = known else { return String::new() };
    match (&change.check, change.holds_since) {
        (None, _) => ", waits for a restart".to_owned(),
        (Some(_), Some(since)) => format!(", holds since {}", words::moment(state, since)),
        (Some(check), None) if check.verification.outcome == Outcome::NotFixed => ", lost again after a restart".to_owned(),
        (Some(_), None) => ", could not be checked after a restart".to_owned(),
    }
}
