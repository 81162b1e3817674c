//! What was changed before: one card a plan, with before and after of each step, and Undo.

use eframe::egui::{Id, Margin, Rect, Role, Sense, Ui, UiBuilder, WidgetInfo, pos2, vec2};

use super::{back, busy, could_not, outlook};
use crate::app::{AppState, Command, Page};
use crate::helper::journal::{Entry, EntryStep};
use crate::machine::visible;
use crate::remedy::StepResult;
use crate::ui::icons::Icon;
use crate::ui::shell::{Footer, FooterButton};
use crate::ui::text::Text;
use crate::ui::theme::{Status, tokens};
use crate::ui::widgets::{Button, Empty, card, headline, pill};
use crate::ui::{paint, words};

/// The height of a card that is closed.
const HEAD: f32 = 60.0;
/// Where the text begins, behind the chevron.
const TEXT_LEFT: f32 = 40.0;

pub fn show(ui: &mut Ui, state: &AppState, out: &mut Vec<Command>) {
    headline(ui, "What was changed", "Undo puts back exactly what was there before, and asks where somebody changed it since.");
    ui.add_space(20.0);
    if let Some(under_way) = state.undoing.busy() {
        busy(ui, state, under_way);
        ui.add_space(12.0);
    }
    let Some(entries) = state.history.value() else {
        if let Some(under_way) = state.history.busy() {
            busy(ui, state, under_way);
        } else if let Some(problem) = state.history.problem() {
            could_not(ui, "The journal could not be read", problem);
        }
        return;
    };
    if entries.is_empty() {
        let text = "PortMedic writes every change into its journal on this computer.\nThe journal is empty.";
        Empty { status: Status::Neutral, icon: Icon::History, title: "Nothing was changed", text, not_seen: None }
            .show(ui, Vec::new());
    }
    for (index, entry) in entries.iter().enumerate() {
        if index > 0 {
            ui.add_space(12.0);
        }
        show_entry(ui, state, entry, index == 0, out);
    }
}

pub fn footer(state: &AppState) -> Footer {
    let back = back(state).unwrap_or_else(|| FooterButton::new(Page::Home.title(), Command::GoTo(Page::Home)));
    Footer {
        back: Some(back),
        note: (Icon::Undo2, "Undo asks first".to_owned()),
        second: Some(FooterButton::new("Look again", Command::LookAgain).icon(Icon::RotateCw)),
        primary: Some(
            FooterButton::new("Export\u{2026}", Command::ExportHistory)
                .icon(Icon::FileDown)
                .off(if state.history.value().is_none() { Some("The journal is not read yet") } else { None }),
        ),
    }
}

fn show_entry(ui: &mut Ui, state: &AppState, entry: &Entry, newest: bool, out: &mut Vec<Command>) {
    card(ui, Margin::ZERO, |ui| {
        let id = ui.make_persistent_id(("entry", &entry.id));
        let open = ui.data(|data| data.get_temp(id)).unwrap_or(newest);
        if head(ui, state, entry, (id, open), out) {
            ui.data_mut(|data| data.insert_temp(id, !open));
        }
        if open {
            entry.steps.iter().for_each(|done| step(ui, done));
        }
    });
}

/// What was changed, when and by whom, and Undo; true when it was clicked to open or close.
fn head(ui: &mut Ui, state: &AppState, entry: &Entry, (id, open): (Id, bool), out: &mut Vec<Command>) -> bool {
    let t = tokens(ui);
    let (_, rect) = ui.allocate_space(vec2(ui.available_width(), HEAD));
    let title = visible(&entry.title);
    let button = Button::second("Undo\u{2026}").icon(Icon::Undo2).low().name(format!("Undo: {title}"));
    let off = if state.undoing.busy().is_some() { Some("Another undo is on its way".to_owned()) } else { stays(entry) };
    let button = button.off(off);
    let width = button.width(ui);
    let corner = Rect::from_min_size(pos2(rect.right() - 16.0 - width, rect.top() + 14.0), vec2(width, 32.0));

    let area = rect.with_max_x(corner.left() - 8.0);
    let response = ui.interact(area, id, Sense::click());
    let time = words::moment(state, entry.time);
    let undone = if entry.undone.is_some() { ", undone" } else { "" };
    let standing = outlook::of_entry(state, &entry.id);
    let how = if open { "open" } else { "closed" };
    response
        .widget_info(|| WidgetInfo::labeled(Role::DisclosureTriangle, true, format!("{title}, {time}{undone}{standing}, {how}")));
    if response.hovered() {
        ui.painter().rect_filled(area.shrink(2.0), 6, t.hover);
    }
    let chevron = if open { Icon::ChevronDown } else { Icon::ChevronRight };
    paint::icon_in_disc(ui, chevron, 16.0, pos2(rect.left() + 22.0, rect.top() + 20.0), t.text2);
    let left = rect.left() + TEXT_LEFT;
    let room = area.right() - left - 8.0;
    let galley = Text::Section.line(ui, &title, t.text, room);
    paint::line_left(ui, galley, pos2(left, rect.top() + 20.0));
    let about = format!("{time}, asked for by {}, journal entry {}{standing}", asker(entry), visible(&entry.id));
    let galley = Text::Label.line(ui, &about, t.text3, room);
    let cut = galley.elided;
    paint::line_left(ui, galley, pos2(left, rect.top() + 42.0));
    if response.has_focus() {
        paint::focus_ring(ui, area.shrink(3.0), 5);
    }
    let opened = response.clicked();
    if cut {
        response.on_hover_text(about);
    }
    if entry.undone.is_some() {
        pill(ui, pos2(corner.right() - 68.0, corner.center().y), Status::Neutral, "Undone");
    } else {
        let mut child = ui.new_child(UiBuilder::new().max_rect(corner).id_salt(&entry.id));
        if child.add(button).clicked() {
            out.push(Command::AskUndo(entry.id.clone()));
        }
    }
    opened
}

/// Who asked for a change, and how the rights were got.
fn asker(entry: &Entry) -> String {
    format!("{} ({})", visible(&entry.asker.words().unwrap_or_else(|| "root".to_owned())), visible(&entry.asker.by))
}

/// Why an entry cannot be taken back.
fn stays(entry: &Entry) -> Option<String> {
    if entry.can_be_undone() {
        None
    } else if entry.unreadable {
        Some("Another version of PortMedic wrote it; take it back with that version".to_owned())
    } else if entry.undoes.is_some() {
        Some("This took another change back; make that change again instead".to_owned())
    } else if entry.has_left_something() {
        let why = entry.steps.iter().find_map(|step| step.record.taken_back_as().irreversible_because());
        Some(why.map_or_else(|| "It cannot be taken back".to_owned(), words::sentence))
    } else if entry.has_changed() {
        Some("It left nothing to take back: what it stopped, it started again".to_owned())
    } else {
        Some("It changed nothing".to_owned())
    }
}

fn step(ui: &mut Ui, done: &EntryStep) {
    let record = &done.record;
    let t = tokens(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 36.0), Sense::hover());
    let what = record.operation.to_string();
    let text = |state: &Option<crate::remedy::OperationState>| {
        state.as_ref().map_or_else(|| "-".to_owned(), |state| visible(&state.to_string()))
    };
    let before = text(&record.before);
    let after = match record.result {
        _ if done.interrupted => "not known, it was interrupted".to_owned(),
        StepResult::Done | StepResult::NotVerified => text(&record.after),
        result => result.to_string(),
    };
    let check = done.check.as_ref().map(|check| format!(", check {}", check.outcome.as_str())).unwrap_or_default();
    let name = format!("{what}: {before} before, {after} after{check}");
    response.widget_info(|| WidgetInfo::labeled(Role::Row, true, &name));
    paint::rule(ui, (rect.left() + TEXT_LEFT..=rect.right()).into(), rect.top(), t.line);
    let middle = rect.center().y;
    let width = rect.width();
    let galley = Text::Detail.middle_elided(ui, &what, t.text, width * 0.42 - TEXT_LEFT - 8.0);
    paint::line_left(ui, galley, pos2(rect.left() + TEXT_LEFT, middle));
    let galley = Text::Detail.middle_elided(ui, &before, t.text2, width * 0.26 - 32.0);
    paint::line_left(ui, galley, pos2(rect.left() + width * 0.42, middle));
    let arrow = rect.left() + width * 0.68 - 16.0;
    paint::icon(ui, Icon::ArrowRight, 14.0, pos2(arrow, middle), t.text2);
    let galley = Text::DetailStrong.middle_elided(ui, &after, t.text, width * 0.32 - 20.0);
    paint::line_left(ui, galley, pos2(rect.left() + width * 0.68 + 4.0, middle));
    response.on_hover_text(name);
}
