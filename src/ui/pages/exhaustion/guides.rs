//! What a person can do to find out more, step by step; each guide can be copied.

use eframe::egui::{Margin, Role, Sense, Ui, WidgetInfo, pos2, vec2};

use super::GAP;
use crate::app::Command;
use crate::app::change::ChangeCommand;
use crate::machine::visible;
use crate::remedy::{Guide, Operation};
use crate::ui::icons::Icon;
use crate::ui::text::Text;
use crate::ui::theme::tokens;
use crate::ui::widgets::{Button, card, link_at, section};
use crate::ui::{paint, words};

/// `here`: whether it is about the computer that the window runs on, which can be changed.
pub fn show(ui: &mut Ui, guides: &[Guide], here: bool, out: &mut Vec<Command>) {
    if guides.is_empty() {
        return;
    }
    ui.add_space(GAP);
    section(ui, "To find out more, by hand", &words::plural(guides.len(), "guide", "guides, the last resort last"));
    for (index, guide) in guides.iter().enumerate() {
        if index > 0 {
            ui.add_space(8.0);
        }
        let operations = if here { guide.operations.as_slice() } else { &[] };
        let asked = card(ui, Margin::symmetric(16, 8), |ui| show_one(ui, guide, operations));
        out.extend(asked);
    }
}

/// What the user wants of it.
fn show_one(ui: &mut Ui, guide: &Guide, operations: &[Operation]) -> Option<Command> {
    let t = tokens(ui);
    let title = visible(&guide.title);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 32.0), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Heading, true, &title));
    let name = format!("Copy the steps: {title}");
    let copy = link_at(ui, rect.right_center(), Some(Icon::Copy), "Copy steps", &name);
    let galley = Text::Strong.line(ui, &title, t.text, copy.rect.left() - rect.left() - 16.0);
    paint::line_left(ui, galley, rect.left_center());
    Text::Detail.show(ui, &visible(&guide.effect), t.text2);
    ui.add_space(8.0);
    for (index, step) in guide.steps.iter().enumerate() {
        numbered(ui, index + 1, &visible(step));
    }
    if let Some(source) = &guide.source {
        ui.add_space(4.0);
        Text::Label.show(ui, &format!("More: {}", visible(source)), t.text3);
    }
    let mut asked = copy.clicked().then(|| Command::Copy(text(guide)));
    if !operations.is_empty() {
        ui.add_space(8.0);
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing = vec2(8.0, 8.0);
            for operation in operations {
                let words = format!("{operation}\u{2026}");
                if ui.add(Button::second(words)).clicked() {
                    asked = Some(Command::Change(ChangeCommand::Ask(operation.clone().into())));
                }
            }
        });
    }
    ui.add_space(4.0);
    asked
}

fn numbered(ui: &mut Ui, number: usize, step: &str) {
    let t = tokens(ui);
    let galley = Text::Detail.paragraph(ui, step, t.text, ui.available_width() - 24.0, 8);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), galley.size().y + 4.0), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::ListItem, true, format!("{number}. {step}")));
    let mark = Text::Detail.line(ui, &format!("{number}."), t.text3, 24.0);
    paint::place(ui, mark, rect.min);
    paint::place(ui, galley, pos2(rect.left() + 24.0, rect.top()));
}

/// The guide for the clipboard.
fn text(guide: &Guide) -> String {
    let steps = guide.steps.iter().enumerate().map(|(index, step)| format!("{}. {step}\n", index + 1));
    let source = guide.source.iter().map(|source| format!("{source}\n"));
    [format!("{}\n{}\n", guide.title, guide.effect)].into_iter().chain(steps).chain(source).collect()
}
