//! The empty state: what was checked, not only that nothing is there.

use eframe::egui::{Align, Layout, Margin, Role, Sense, Ui, WidgetInfo, pos2, vec2};

use super::{Button, card, soft_disc};
use crate::ui::icons::Icon;
use crate::ui::paint;
use crate::ui::text::Text;
use crate::ui::theme::{Status, tokens};

/// What an empty list says.
#[derive(Debug)]
#[must_use = "show it"]
pub struct Empty<'a> {
    /// The colour of the disc.
    pub status: Status,
    /// The icon in it.
    pub icon: Icon,
    /// That nothing is there.
    pub title: &'a str,
    /// What was looked at.
    pub text: &'a str,
    /// What could not be seen.
    pub not_seen: Option<&'a str>,
}

impl Empty<'_> {
    /// Puts it into the flow with its buttons; gives the one that was pressed.
    pub fn show(self, ui: &mut Ui, buttons: Vec<Button>) -> Option<usize> {
        let mut pressed = None;
        card(ui, Margin::ZERO, |ui| {
            let t = tokens(ui);
            let width = ui.available_width();
            ui.add_space(36.0);
            let (rect, _) = ui.allocate_exact_size(vec2(width, 56.0), Sense::hover());
            soft_disc(ui, rect.center(), 56.0, self.status, self.icon);
            ui.add_space(24.0);
            let title = Text::Title.line(ui, self.title, t.text, width - 64.0);
            let (rect, response) = ui.allocate_exact_size(vec2(width, 24.0), Sense::hover());
            response.widget_info(|| WidgetInfo::labeled(Role::Heading, true, self.title));
            paint::line_center(ui, title, rect.center());
            ui.add_space(8.0);
            for line in self.text.lines() {
                let (rect, response) = ui.allocate_exact_size(vec2(width, 20.0), Sense::hover());
                response.widget_info(|| WidgetInfo::labeled(Role::Label, true, line));
                let galley = Text::Body.line(ui, line, t.text2, width - 64.0);
                paint::line_center(ui, galley, rect.center());
            }
            if !buttons.is_empty() {
                ui.add_space(16.0);
                let row: f32 = buttons.iter().map(|button| button.width(ui)).sum::<f32>() + 8.0 * (buttons.len() - 1) as f32;
                ui.allocate_ui_with_layout(vec2(width, 36.0), Layout::left_to_right(Align::Center), |ui| {
                    ui.add_space(((width - row) / 2.0).floor());
                    for (index, button) in buttons.into_iter().enumerate() {
                        if index > 0 {
                            ui.add_space(8.0);
                        }
                        if ui.add(button).clicked() {
                            pressed = Some(index);
                        }
                    }
                });
            }
            ui.add_space(24.0);
            if let Some(text) = self.not_seen {
                let (rect, response) = ui.allocate_exact_size(vec2(width, 40.0), Sense::hover());
                response.widget_info(|| WidgetInfo::labeled(Role::Label, true, text));
                paint::rule(ui, rect.x_range(), rect.top(), t.line);
                paint::icon(ui, Icon::EyeOff, 16.0, pos2(rect.left() + 24.0, rect.center().y), t.text3);
                let galley = Text::Detail.line(ui, text, t.text2, width - 60.0);
                let elided = galley.elided;
                paint::line_left(ui, galley, pos2(rect.left() + 44.0, rect.center().y));
                if elided {
                    response.on_hover_text(text);
                }
            }
        });
        pressed
    }
}
