//! A dialog: one question with a verb, the safe answer rightmost and focused.

use eframe::egui::{Align, Frame, Id, Layout, Margin, Modal, ScrollArea, Sense, Shadow, Ui, vec2};

use super::section::heading;
use super::{Button, code_block, soft_disc};
use crate::ui::icons::Icon;
use crate::ui::text::Text;
use crate::ui::theme::{Status, tokens};

/// How a dialog ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// The action was taken.
    Act,
    /// The other action was taken.
    Other,
    /// The safe answer, Esc, or a click beside the dialog.
    Keep,
}

/// A question before something that may lose work.
#[derive(Debug)]
#[must_use = "show it"]
pub struct Dialog<'a> {
    /// The question.
    pub title: &'a str,
    /// What it means.
    pub text: &'a str,
    /// What would run.
    pub code: &'a [String],
    /// The button that acts.
    pub act: Button,
    /// The button of another action, where there are two.
    pub other: Option<Button>,
    /// The word on the safe button.
    pub keep: &'a str,
}

impl Dialog<'_> {
    /// Shows it over everything.
    pub fn show(self, ui: &Ui) -> Option<Answer> {
        let mut answer = None;
        let closed = modal(ui, "question", |ui| {
            let t = tokens(ui);
            let top = ui.cursor().min;
            soft_disc(ui, top + vec2(16.0, 16.0), 32.0, Status::Err, Icon::TriangleAlert);
            ui.horizontal_top(|ui| {
                ui.add_space(48.0);
                ui.vertical(|ui| {
                    ui.set_width(384.0);
                    ui.add_space(4.0);
                    heading(ui, Text::Title, self.title, 3);
                    ui.add_space(12.0);
                    Text::Body.show(ui, self.text, t.text2);
                    ui.add_space(16.0);
                    if !self.code.is_empty() {
                        // A long plan scrolls: the answers stay on the screen.
                        let room = (ui.ctx().content_rect().height() - 300.0).max(60.0);
                        // Without a least height the dialog would come to its size in steps of 64 points, frame by frame.
                        ScrollArea::vertical()
                            .max_height(room)
                            .min_scrolled_height(room)
                            .show(ui, |ui| code_block(ui, self.code, false));
                        ui.add_space(24.0);
                    }
                });
            });
            ui.allocate_ui_with_layout(vec2(432.0, 36.0), Layout::right_to_left(Align::Center), |ui| {
                let first = ui.memory(|memory| memory.focused().is_none());
                if ui.add(Button::second(self.keep).focused(first)).clicked() {
                    answer = Some(Answer::Keep);
                }
                ui.add_space(8.0);
                if ui.add(self.act).clicked() {
                    answer = Some(Answer::Act);
                }
                if let Some(other) = self.other {
                    ui.add_space(8.0);
                    if ui.add(other).clicked() {
                        answer = Some(Answer::Other);
                    }
                }
            });
        });
        if closed { Some(Answer::Keep) } else { answer }
    }
}

/// The dialog's window alone: 480 wide, padding 24, radius 12. True when Esc or a click beside it closed it.
pub fn modal(ui: &Ui, salt: &str, content: impl FnOnce(&mut Ui)) -> bool {
    let t = tokens(ui);
    let shadow = Shadow { offset: [0, 8], blur: 32, spread: 0, color: t.dialog_shadow };
    let frame = Frame::new().fill(t.surface).corner_radius(12).inner_margin(Margin::same(24)).shadow(shadow);
    let response = Modal::new(Id::unique(("dialog", salt))).backdrop_color(t.backdrop).frame(frame).show(ui.ctx(), |ui| {
        ui.set_width(432.0);
        let _start = ui.allocate_exact_size(vec2(432.0, 0.0), Sense::hover());
        content(ui);
    });
    response.should_close()
}
