//! The list of keys: those of every page, and those of the page that shows.

use eframe::egui::{Align, Key, Layout, Role, ScrollArea, Sense, Ui, WidgetInfo, pos2, vec2};

use crate::app::{AppState, Command, Page};
use crate::ui::paint;
use crate::ui::text::Text;
use crate::ui::theme::tokens;
use crate::ui::widgets::{Button, heading, key_cap, modal};

/// The room that title and button take of the window's height.
const AROUND: f32 = 156.0;
const ROW: f32 = 22.0;
/// Where the words begin, behind the keys.
const WORDS: f32 = 136.0;

const EVERYWHERE: [(&str, &str); 4] = [
    ("Enter", "Presses the filled button"),
    ("Esc", "Closes what covers the page"),
    ("Tab", "To the next control, with Shift to the one before"),
    ("Space", "Presses what has the focus"),
];

/// The keys that mean something on one page only.
const fn of_page(page: Page) -> &'static [(&'static str, &'static str)] {
    match page {
        Page::Home => &[("Ctrl+V", "Pastes an error text")],
        Page::Service => &[("Up, Down", "Choose a service")],
        Page::Fix => &[("Up, Down", "Choose a fix")],
        Page::Ranges => &[("Left, Right", "Move the map"), ("+, \u{2212}", "Zoom"), ("Home", "Shows all ports")],
        Page::Owner => &[("Space", "Opens and closes a fact")],
        _ => &[],
    }
}

pub fn show(ui: &Ui, state: &AppState, out: &mut Vec<Command>) {
    let closed = modal(ui, "keys", |ui| {
        heading(ui, Text::Title, "Keys", 1);
        ui.add_space(12.0);
        let room = (ui.ctx().content_rect().height() - AROUND).max(80.0);
        ScrollArea::vertical().max_height(room).show(ui, |ui| {
            let of_page = of_page(state.page);
            if !of_page.is_empty() {
                part(ui, &format!("On the page {}", state.page.title()));
                rows(ui, of_page);
                ui.add_space(8.0);
            }
            part(ui, "Everywhere");
            rows(ui, &EVERYWHERE);
            let commands = Command::with_keys().into_iter().filter(|(command, _)| !matches!(command, Command::GoTo(_)));
            for (command, keys) in commands {
                row(ui, &keys.to_string(), &command.label());
            }
            row(ui, "Alt+1 to Alt+7", "To a step");
            scroll_by_keys(ui);
        });
        ui.add_space(20.0);
        ui.allocate_ui_with_layout(vec2(432.0, 36.0), Layout::right_to_left(Align::Center), |ui| {
            let first = ui.memory(|memory| memory.focused().is_none());
            if ui.add(Button::second("Close").focused(first)).clicked() {
                out.push(Command::CloseQuestion);
            }
        });
    });
    if closed {
        out.push(Command::CloseQuestion);
    }
}

fn part(ui: &mut Ui, title: &str) {
    heading(ui, Text::Section, title, 1);
    ui.add_space(4.0);
}

fn rows(ui: &mut Ui, all: &[(&str, &str)]) {
    for (keys, words) in all {
        row(ui, keys, words);
    }
}

fn row(ui: &mut Ui, keys: &str, words: &str) {
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::ListItem, true, format!("{keys}: {words}")));
    let cap = key_cap(ui, rect.left_center(), keys);
    let left = (rect.left() + WORDS).max(cap.right() + 12.0);
    let galley = Text::Detail.line(ui, words, tokens(ui).text2, rect.right() - left);
    paint::line_left(ui, galley, pos2(left, rect.center().y));
}

/// The list has no control in it, so the arrow keys scroll it.
fn scroll_by_keys(ui: &Ui) {
    let pressed = |key| ui.input(|input| input.key_pressed(key));
    for (key, by) in [(Key::ArrowDown, -ROW), (Key::ArrowUp, ROW)] {
        if pressed(key) {
            ui.scroll_with_delta(vec2(0.0, by));
        }
    }
}
