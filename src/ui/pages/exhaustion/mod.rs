//! Whether the dynamic ports run out: how they were used over time, the answer, who has them, and what can be done.

mod axis;
mod bar;
mod facts;
mod guides;
mod head;
mod holders;
mod missing;
mod options;
mod plot;
mod ranges;
mod verdict;
mod words;

use eframe::egui::Ui;

use super::{busy, could_not};
use crate::app::{AppState, Command};
use crate::ui::theme::Status;
use crate::ui::widgets::notice;
use crate::ui::words as common;

const GAP: f32 = 20.0;

pub fn show(ui: &mut Ui, state: &AppState, out: &mut Vec<Command>) {
    let own = state.shown_exhaustion();
    head::show(ui, state, out);
    ui.add_space(12.0);
    if let Some(complaint) = own.complaint {
        let standing = own.latest.as_deref().map(|latest| latest.standing);
        notice(ui, Status::Info, complaint.as_str(), &words::about(complaint, standing));
        ui.add_space(12.0);
    }
    let Some(latest) = own.latest.as_deref() else {
        if let Some(problem) = &own.problem {
            could_not(ui, "The use of the ports could not be read", problem);
        } else if let Some(under_way) = &own.busy {
            busy(ui, state, under_way);
        }
        return;
    };
    if let Some(problem) = &own.problem {
        let title = "The ports could not be read again; this is how it was at the last look";
        notice(ui, Status::Warn, title, &common::sentence(problem));
        ui.add_space(12.0);
    }
    let usage = own.usage();
    if let Some(usage) = usage {
        plot::show(ui, state, usage);
        ui.add_space(GAP);
    }
    verdict::show(ui, state, latest, out);
    if own.is_of_files() {
        missing::show(ui, &latest.case.gaps, out);
    }
    if let Some(usage) = usage {
        ui.add_space(GAP);
        holders::show(ui, own, usage, out);
        ui.add_space(GAP);
        ranges::show(ui, state, latest, out);
    }
    options::show(ui, own, latest, out);
    if let Some(usage) = usage {
        facts::destinations(ui, usage);
    }
    facts::show(ui, state, latest, out);
    guides::show(ui, &latest.guides, !own.is_of_files(), out);
}
