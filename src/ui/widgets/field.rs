//! A field for one line of text.

use eframe::egui::{Align2, Frame, Id, Margin, Rect, Response, Sense, StrokeKind, TextEdit, Ui, UiBuilder, Vec2, pos2, vec2};

use super::{key_cap, key_cap_width};
use crate::ui::icons::Icon;
use crate::ui::paint;
use crate::ui::text::Text;
use crate::ui::theme::tokens;

/// A field. Its label is what screen readers and tests call it.
#[derive(Debug)]
#[must_use = "show it"]
pub struct Field<'a> {
    text: &'a mut String,
    label: &'a str,
    hint: &'a str,
    icon: Option<Icon>,
    height: f32,
    code: bool,
    keys: Option<(&'a str, &'a str)>,
    id: Option<Id>,
}

impl<'a> Field<'a> {
    /// A field with an accessible label.
    pub const fn new(label: &'a str, text: &'a mut String) -> Self {
        Self { text, label, hint: "", icon: None, height: 32.0, code: false, keys: None, id: None }
    }

    /// What to write into it.
    pub const fn hint(mut self, hint: &'a str) -> Self {
        self.hint = hint;
        self
    }

    /// An icon at its left end.
    pub const fn icon(mut self, icon: Icon) -> Self {
        self.icon = Some(icon);
        self
    }

    /// The tall form, for the one question of a page.
    pub const fn tall(mut self) -> Self {
        self.height = 48.0;
        self
    }

    /// Monospaced, for paths.
    pub const fn code(mut self) -> Self {
        self.code = true;
        self
    }

    /// A word and the keys that do it, at the right end while the field is empty.
    pub const fn keys(mut self, word: &'a str, keys: &'a str) -> Self {
        self.keys = Some((word, keys));
        self
    }

    /// A fixed identity, to give it the focus from elsewhere.
    pub const fn id(mut self, id: Id) -> Self {
        self.id = Some(id);
        self
    }

    /// Puts it into the flow, `width` wide.
    pub fn show(self, ui: &mut Ui, width: f32) -> Response {
        let t = tokens(ui);
        let (rect, _) = ui.allocate_exact_size(vec2(width, self.height), Sense::hover());
        let id = self.id.unwrap_or_else(|| ui.make_persistent_id(self.label));
        let focused = ui.memory(|memory| memory.has_focus(id));
        let hovered = ui.rect_contains_pointer(rect);
        let edge = if hovered { t.text2 } else { t.line2 };
        ui.painter().rect_filled(rect, 6, t.surface);
        let text_left = rect.left() + if self.icon.is_some() { 36.0 } else { 12.0 };
        if let Some(icon) = self.icon {
            paint::icon(ui, icon, 18.0, pos2(rect.left() + 20.0, rect.center().y), t.text2);
        }
        let mut right = rect.right() - 12.0;
        if let (Some((word, keys)), true) = (self.keys, self.text.is_empty()) {
            right = key_hint(ui, rect, word, keys) - 8.0;
        }
        // A field is never lower than `interact_size`: exactly that and centred, or its text drops to the bottom.
        let inner = Rect::from_center_size(rect.center(), vec2(rect.width(), 32.0));
        let inner = inner.with_min_x(text_left).with_max_x(right);
        let role = if self.code { Text::Code } else { Text::Body };
        let hint = eframe::egui::RichText::new(self.hint).font(role.font()).color(t.text3);
        let edit = TextEdit::singleline(self.text)
            .id(id)
            .frame(Frame::NONE)
            .margin(Margin::ZERO)
            .font(role.font())
            .text_color(t.text)
            .hint_text(hint)
            .align(Align2::LEFT_CENTER)
            .min_size(Vec2::new(inner.width(), 32.0))
            .desired_width(inner.width());
        let mut child = ui.new_child(UiBuilder::new().max_rect(inner));
        let response = child.add(edit).accessible_name(self.label);
        if focused {
            ui.painter().rect_stroke(rect, 6, (2.0, t.accent), StrokeKind::Inside);
        } else {
            paint::outline(ui, rect, 6, paint::hairline(ui), edge);
        }
        response
    }
}

/// "Paste [Ctrl+V]" at the right end; gives the left end of it.
fn key_hint(ui: &Ui, field: Rect, word: &str, keys: &str) -> f32 {
    let middle = field.center().y;
    let cap_left = field.right() - 16.0 - key_cap_width(ui, keys);
    key_cap(ui, pos2(cap_left, middle), keys);
    let galley = Text::Label.line(ui, word, tokens(ui).text2, f32::INFINITY);
    let left = cap_left - 8.0 - galley.size().x;
    paint::line_left(ui, galley, pos2(left, middle));
    left
}
