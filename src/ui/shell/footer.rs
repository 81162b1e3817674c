//! The footer: where Back goes, what the next click does to the machine, and the page's one primary button.

use eframe::egui::{Rect, Role, Sense, Ui, UiBuilder, WidgetInfo, pos2, vec2};

use crate::app::Command;
use crate::ui::icons::Icon;
use crate::ui::text::Text;
use crate::ui::theme::tokens;
use crate::ui::widgets::Button;
use crate::ui::{keys, paint};

/// A button of the footer and what it does.
#[derive(Debug, Clone)]
pub struct FooterButton {
    /// Its words.
    pub label: String,
    /// Its icon.
    pub icon: Option<Icon>,
    /// What it does.
    pub command: Command,
    /// Why it cannot be pressed now.
    pub off: Option<String>,
    /// Whether it works.
    pub busy: bool,
}

impl FooterButton {
    /// A button that can be pressed.
    pub fn new(label: impl Into<String>, command: Command) -> Self {
        Self { label: label.into(), icon: None, command, off: None, busy: false }
    }

    /// With an icon.
    pub const fn icon(mut self, icon: Icon) -> Self {
        self.icon = Some(icon);
        self
    }

    /// Cannot be pressed while there is a reason.
    pub fn off(mut self, because: Option<&str>) -> Self {
        self.off = because.map(ToOwned::to_owned);
        self
    }

    /// Works.
    pub const fn busy(mut self, busy: bool) -> Self {
        self.busy = busy;
        self
    }

    fn button(&self, button: Button) -> Button {
        let button = match self.icon {
            Some(icon) => button.icon(icon),
            None => button,
        };
        let button = match self.command.shortcut() {
            Some(keys) => button.hint(format!("{} ({keys})", self.command.label())),
            None => button,
        };
        button.off(self.off.clone()).busy(self.busy)
    }
}

/// What a page puts into the footer.
#[derive(Debug, Clone)]
pub struct Footer {
    /// Where Back goes.
    pub back: Option<FooterButton>,
    /// What the next click does to the machine.
    pub note: (Icon, String),
    /// What one can also do.
    pub second: Option<FooterButton>,
    /// What the page is for.
    pub primary: Option<FooterButton>,
}

/// How the footer fits into its width: each form takes less of it than the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fit {
    /// Everything beside each other.
    OneRow,
    /// The note above the buttons: it says what the next click does, so it is not cut.
    NoteAbove,
    /// Back is an arrow alone.
    ShortBack,
    /// The second button is its icon alone, or stands above where it has none.
    ShortSecond,
}

impl Fit {
    /// How much higher than one row it is.
    pub const fn extra_height(self) -> f32 {
        match self {
            Self::OneRow => 0.0,
            Self::NoteAbove | Self::ShortBack | Self::ShortSecond => 36.0,
        }
    }
}

impl Footer {
    /// The first form that fits.
    pub fn fit(&self, ui: &Ui, width: f32) -> Fit {
        let note = 24.0 + Text::Detail.line(ui, &self.note.1, tokens(ui).text2, f32::INFINITY).size().x + 8.0;
        let room = |fit| self.buttons_width(ui, fit) + if fit == Fit::OneRow { note } else { 0.0 };
        let fits = |fit: &Fit| room(*fit) <= width;
        [Fit::OneRow, Fit::NoteAbove, Fit::ShortBack].into_iter().find(fits).unwrap_or(Fit::ShortSecond)
    }

    fn buttons_width(&self, ui: &Ui, fit: Fit) -> f32 {
        let back = self.back.as_ref().map_or(0.0, |back| back_button(back, fit).width(ui) + 16.0);
        let second = self.second.as_ref().map_or(0.0, |second| second_button(second, fit).width(ui) + 8.0);
        let primary = self.primary.as_ref().map_or(0.0, |primary| primary_button(primary).width(ui) + 8.0);
        back + second + primary
    }

    /// Draws it into `room`; Enter presses the primary button where nothing else wants it.
    pub fn show(self, ui: &mut Ui, room: Rect, fit: Fit, out: &mut Vec<Command>) {
        let middle = room.bottom() - 32.0;
        let above = room.top() + 26.0;
        let mut left = room.left();
        if let Some(back) = &self.back {
            let button = back_button(back, fit);
            let width = button.width(ui);
            if put(ui, "back", button, pos2(left, middle), width) {
                out.push(back.command.clone());
            }
            left += width + 16.0;
        }
        let mut right = room.right();
        let mut note_right = right;
        let pressed_by_key = keys::page_enter(ui.ctx());
        // Widths first: the second button is drawn before the primary one, so that Tab goes from left to right.
        let primary = self.primary.as_ref().map(|primary| {
            let button = primary_button(primary);
            let width = button.width(ui);
            right -= width + 8.0;
            (primary, button, pos2(right + 8.0, middle), width)
        });
        if let Some(second) = &self.second {
            let button = second_button(second, fit);
            let width = button.width(ui);
            let at = if fit == Fit::ShortSecond && second.icon.is_none() {
                note_right -= width + 8.0;
                pos2(room.right() - width, above)
            } else {
                right -= width + 8.0;
                pos2(right + 8.0, middle)
            };
            if put(ui, "second", button, at, width) {
                out.push(second.command.clone());
            }
        }
        if let Some((primary, button, at, width)) = primary {
            let pressed = put(ui, "primary", button, at, width);
            if pressed || (pressed_by_key && primary.off.is_none() && !primary.busy) {
                out.push(primary.command.clone());
            }
        }
        if fit == Fit::OneRow {
            note(ui, pos2(left, middle), right, &self.note);
        } else {
            note(ui, pos2(room.left(), above), note_right, &self.note);
        }
    }
}

fn back_button(back: &FooterButton, fit: Fit) -> Button {
    let name = format!("Back to {}", back.label);
    let label = if fit >= Fit::ShortBack { "" } else { &back.label };
    let hint = back.command.shortcut().map_or_else(|| name.clone(), |keys| format!("{name} ({keys})"));
    back.button(Button::second(label).icon(Icon::ArrowLeft).name(name)).hint(hint)
}

fn second_button(second: &FooterButton, fit: Fit) -> Button {
    if fit == Fit::ShortSecond && second.icon.is_some() {
        second.button(Button::second("").name(&second.label)).hint(&second.label)
    } else {
        second.button(Button::second(&second.label))
    }
}

fn primary_button(primary: &FooterButton) -> Button {
    primary.button(Button::primary(&primary.label))
}

fn put(ui: &mut Ui, salt: &str, button: Button, left_center: eframe::egui::Pos2, width: f32) -> bool {
    let rect = Rect::from_min_size(pos2(left_center.x, left_center.y - 18.0), vec2(width, 36.0));
    let mut child = ui.new_child(UiBuilder::new().max_rect(rect).id_salt(salt));
    child.add(button).clicked()
}

fn note(ui: &Ui, at: eframe::egui::Pos2, right: f32, (icon, text): &(Icon, String)) {
    let t = tokens(ui);
    if right - at.x < 60.0 {
        return;
    }
    let rect = Rect::from_min_max(pos2(at.x, at.y - 10.0), pos2(right, at.y + 10.0));
    let response = ui.interact(rect, ui.make_persistent_id("note"), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, text));
    paint::icon(ui, *icon, 16.0, pos2(at.x + 8.0, at.y), t.text2);
    let galley = Text::Detail.line(ui, text, t.text2, right - at.x - 24.0);
    let elided = galley.elided;
    paint::line_left(ui, galley, pos2(at.x + 24.0, at.y));
    if elided {
        response.on_hover_text(text);
    }
}
