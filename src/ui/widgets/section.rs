//! The heads of pages and sections.

use eframe::egui::{Pos2, Role, Sense, Ui, WidgetInfo, pos2, vec2};

use super::link::{link_at, link_width};
use crate::ui::icons::Icon;
use crate::ui::paint;
use crate::ui::text::Text;
use crate::ui::theme::tokens;

/// Between two links.
const BETWEEN: f32 = 20.0;

/// The one big sentence of a page, with a quiet line under it.
pub fn headline(ui: &mut Ui, text: &str, under: &str) {
    let t = tokens(ui);
    heading(ui, Text::Headline, text, 2);
    if !under.is_empty() {
        ui.add_space(4.0);
        Text::Body.show(ui, under, t.text2);
    }
}

/// A heading of any size that screen readers find as such.
pub fn heading(ui: &mut Ui, role: Text, text: &str, rows: usize) {
    let galley = role.paragraph(ui, text, tokens(ui).text, ui.available_width(), rows);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), galley.size().y), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Heading, true, text));
    paint::place(ui, galley, rect.min);
}

/// The head of a section: its title, and a note right of it.
pub fn section(ui: &mut Ui, title: &str, note: &str) {
    head(ui, title, note, 0.0);
}

/// A link of a section: its icon, its word, and what a screen reader calls it.
pub type Link = (Icon, String, String);

/// The same with links at the right end, the first of them rightmost; gives the one that was clicked.
pub fn section_links(ui: &mut Ui, title: &str, note: &str, links: &[Link]) -> Option<usize> {
    let free = links.iter().map(|(icon, label, _)| link_width(ui, Some(*icon), label) + BETWEEN).sum();
    let mut right_center = head(ui, title, note, free);
    let mut clicked = None;
    for (index, (icon, label, name)) in links.iter().enumerate() {
        let response = link_at(ui, right_center, Some(*icon), label, name);
        right_center.x = response.rect.left() - BETWEEN;
        clicked = clicked.or(response.clicked().then_some(index));
    }
    clicked
}

/// The same with one link; true when it was clicked.
pub fn section_link(ui: &mut Ui, title: &str, note: &str, (icon, label, name): (Icon, &str, &str)) -> bool {
    section_links(ui, title, note, &[(icon, label.to_owned(), name.to_owned())]).is_some()
}

/// Gives the right end and the middle; `free` points are left free there.
fn head(ui: &mut Ui, title: &str, note: &str, free: f32) -> Pos2 {
    let t = tokens(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 28.0), Sense::hover());
    ui.add_space(4.0);
    let name = if note.is_empty() { title.to_owned() } else { format!("{title}, {note}") };
    response.widget_info(|| WidgetInfo::labeled(Role::Heading, true, &name));
    let middle = rect.center().y;
    let galley = Text::Section.line(ui, title, t.text, rect.width() - free);
    let note_left = rect.left() + galley.size().x + 8.0;
    paint::line_left(ui, galley, pos2(rect.left(), middle));
    let galley = Text::Detail.line(ui, note, t.text3, rect.right() - note_left - free);
    if galley.elided {
        response.on_hover_text(name);
    }
    if galley.size().x <= rect.right() - note_left - free {
        paint::line_left(ui, galley, pos2(note_left, middle));
    }
    pos2(rect.right(), middle)
}
