//! The title of a page that looks again and again by itself: what it shows, whether it looks, and the buttons for that.

use eframe::egui::{Align, Layout, Rect, Response, Role, Sense, Ui, WidgetInfo, pos2, vec2};

use super::Button;
use crate::ui::icons::Icon;
use crate::ui::paint;
use crate::ui::text::Text;
use crate::ui::theme::tokens;

/// The title.
#[derive(Debug)]
pub struct LiveTitle<'a> {
    pub title: &'a str,
    /// What stands beside the title; empty for nothing.
    pub note: &'a str,
    /// The room that the note keeps where the window is narrow. Without any it goes as a whole where it has no room.
    pub room_for_note: f32,
    /// Whether it looks by itself.
    pub live: bool,
    /// Whether what shows is of now.
    pub well: bool,
    /// Both in words.
    pub standing: &'a str,
    /// More about that.
    pub standing_hint: Option<&'a str>,
    /// What going on means.
    pub go_on_hint: &'a str,
}

/// What was pressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LivePressed {
    /// Pause, or go on.
    Live(bool),
    /// Look once, now.
    Again,
}

impl LiveTitle<'_> {
    pub fn show(&self, ui: &mut Ui) -> Option<LivePressed> {
        let mut pressed = None;
        ui.allocate_ui_with_layout(vec2(ui.available_width(), 36.0), Layout::right_to_left(Align::Center), |ui| {
            let button = if self.live {
                Button::second("Pause").icon(Icon::Pause).hint("Look no longer by itself")
            } else {
                Button::second("Go on").icon(Icon::Play).hint(self.go_on_hint)
            };
            if ui.add(button).clicked() {
                pressed = Some(LivePressed::Live(!self.live));
            }
            ui.add_space(8.0);
            let again = Button::ghost("").icon(Icon::RotateCw).name("Look again").hint("Look again (F5)");
            if ui.add(again).clicked() {
                pressed = Some(LivePressed::Again);
            }
            ui.add_space(8.0);
            self.words(ui);
        });
        pressed
    }

    /// The title with its note, in what the buttons leave.
    fn words(&self, ui: &Ui) {
        let t = tokens(ui);
        let room = ui.available_rect_before_wrap();
        let heading = Text::Headline.line(ui, self.title, t.text, room.width());
        let note_left = room.left() + heading.size().x + 12.0;
        let right = self.standing(ui, room, note_left + self.room_for_note);
        let whole = Rect::from_min_max(room.min, pos2(right, room.bottom()));
        let response = ui.interact(whole, ui.make_persistent_id("title"), Sense::hover());
        let spoken = if self.note.is_empty() { self.title.to_owned() } else { format!("{}, {}", self.title, self.note) };
        response.widget_info(|| WidgetInfo::labeled(Role::Heading, true, &spoken));
        paint::line_left(ui, heading, pos2(room.left(), room.center().y));
        let note = Text::Detail.line(ui, self.note, t.text2, (right - note_left - 12.0).max(0.0));
        if self.room_for_note > 0.0 || !note.elided {
            paint::line_left(ui, note, pos2(note_left, room.center().y + 2.0));
        }
    }

    /// Says at the right end of `room` whether it looks; gives its left end. It begins at `least` at the earliest.
    fn standing(&self, ui: &Ui, room: Rect, least: f32) -> f32 {
        let t = tokens(ui);
        let galley = Text::Label.line(ui, self.standing, t.text2, (room.right() - least).max(0.0));
        let left = room.right() - galley.size().x - 16.0;
        let middle = room.center().y + 1.0;
        let rect = Rect::from_min_max(pos2(left, room.top()), room.right_bottom());
        let response: Response = ui.interact(rect, ui.make_persistent_id("live"), Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::Status, true, self.standing));
        let center = pos2(left + 4.0, middle);
        if self.live && self.well {
            ui.painter().circle_filled(center, 4.0, t.ok);
        } else {
            ui.painter().circle_stroke(center, 3.5, (1.5, t.line2));
        }
        paint::line_left(ui, galley, pos2(left + 16.0, middle));
        if let Some(hint) = self.standing_hint {
            response.on_hover_text(hint);
        }
        left
    }
}
