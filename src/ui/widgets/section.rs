//! The heads of pages and sections.

use eframe::egui::{Role, Sense, Ui, WidgetInfo, pos2, vec2};

use crate::ui::paint;
use crate::ui::text::Text;
use crate::ui::theme::tokens;

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

/// The head of a section: its title, a note right of it, and room at the right end for a link. Gives the right end and the middle.
pub fn section(ui: &mut Ui, title: &str, note: &str) -> eframe::egui::Pos2 {
    let t = tokens(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 28.0), Sense::hover());
    ui.add_space(4.0);
    let name = if note.is_empty() { title.to_owned() } else { format!("{title}, {note}") };
    response.widget_info(|| WidgetInfo::labeled(Role::Heading, true, &name));
    let middle = rect.center().y;
    let galley = Text::Section.line(ui, title, t.text, rect.width());
    let note_left = rect.left() + galley.size().x + 8.0;
    paint::line_left(ui, galley, pos2(rect.left(), middle));
    let galley = Text::Detail.line(ui, note, t.text3, (rect.right() - note_left - 96.0).max(0.0));
    paint::line_left(ui, galley, pos2(note_left, middle));
    pos2(rect.right(), middle)
}
