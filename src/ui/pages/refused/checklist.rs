//! The checklist: every question, in its order as long as it runs.

use eframe::egui::{Margin, Ui};

use super::{row, words};
use crate::app::connect::Checked;
use crate::app::{AppState, Command, RefusedCommand};
use crate::diagnosis::connect::{Answer, Item};
use crate::machine::visible;
use crate::ui::icons::Icon;
use crate::ui::widgets::{card, section, section_links};
use crate::ui::words as common;

/// Shows the items; with what was found once it is there.
pub fn show(ui: &mut Ui, state: &AppState, items: &[Item], found: Option<&Checked>, out: &mut Vec<Command>) {
    match found {
        None => section(ui, "The checklist", &words::counts(items)),
        Some(found) => head(ui, state, found, out),
    }
    // A new run begins with its rows closed.
    let run = found.map(|found| found.taken_at);
    let decisive = found.map(|found| found.verdict.questions.as_slice()).unwrap_or_default();
    let decides = |item: &Item| decisive.contains(&item.question);
    let (shown, folded) = arranged(items, found.is_some());
    card(ui, Margin::ZERO, |ui| {
        for (index, item) in shown.into_iter().enumerate() {
            let open = index == 0 && item.answer == Answer::Problem && decides(item);
            row::show(ui, state, item, (run, open), decides(item), index > 0);
        }
        if !folded.is_empty() && row::fold(ui, &common::plural(folded.len(), "question does", "questions do"), run) {
            for item in folded {
                row::show(ui, state, item, (run, false), false, true);
            }
        }
    });
}

/// The items as they show. Once all is known, problems come first, and what makes no sense here is folded away.
fn arranged(items: &[Item], all_known: bool) -> (Vec<&Item>, Vec<&Item>) {
    let (folded, mut shown): (Vec<&Item>, Vec<&Item>) =
        items.iter().partition(|item| all_known && item.answer == Answer::NotApplicable);
    if all_known {
        shown.sort_by_key(|item| item.answer != Answer::Problem);
    }
    (shown, folded)
}

/// The head with where and when was asked, and what can be done with the answers.
fn head(ui: &mut Ui, state: &AppState, found: &Checked, out: &mut Vec<Command>) {
    let from = visible(&found.host.name);
    let place = if found.facts.is_here() == Some(true) { format!("on {from} itself") } else { format!("from {from}") };
    let note = format!("{}; {place} at {}", words::counts(&found.items), common::clock(state, found.taken_at));
    let links = [
        (Icon::Copy, "Copy".to_owned(), "Copy the checklist for a ticket".to_owned()),
        (Icon::FileDown, "Save\u{2026}".to_owned(), "Save the checklist\u{2026}".to_owned()),
    ];
    match section_links(ui, "The checklist", &note, &links) {
        Some(0) => out.push(Command::Refused(RefusedCommand::Copy)),
        Some(_) => out.push(Command::Refused(RefusedCommand::Save)),
        None => {}
    }
}
