//! The button in its four kinds.

use eframe::egui::{Color32, Response, Role, Sense, Stroke, StrokeKind, Ui, Widget, WidgetInfo, pos2, vec2};

use super::busy_arc;
use crate::ui::icons::Icon;
use crate::ui::paint;
use crate::ui::text::Text;
use crate::ui::theme::{Tokens, tokens};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Primary,
    Second,
    Ghost,
    Danger,
}

/// A button. One filled (primary) button a page; dangerous ones are outlined and never have the focus first.
#[derive(Debug, Clone)]
#[must_use = "add it to a Ui"]
pub struct Button {
    kind: Kind,
    label: String,
    icon: Option<Icon>,
    name: Option<String>,
    hint: Option<String>,
    height: f32,
    off: Option<String>,
    busy: bool,
    focus: bool,
}

impl Button {
    fn new(kind: Kind, label: impl Into<String>) -> Self {
        Self { kind, label: label.into(), icon: None, name: None, hint: None, height: 36.0, off: None, busy: false, focus: false }
    }

    /// What the page is for.
    pub fn primary(label: impl Into<String>) -> Self {
        Self::new(Kind::Primary, label)
    }

    /// What one can also do.
    pub fn second(label: impl Into<String>) -> Self {
        Self::new(Kind::Second, label)
    }

    /// Without edge.
    pub fn ghost(label: impl Into<String>) -> Self {
        Self::new(Kind::Ghost, label)
    }

    /// What takes something away.
    pub fn danger(label: impl Into<String>) -> Self {
        Self::new(Kind::Danger, label)
    }

    /// An icon left of the label.
    pub const fn icon(mut self, icon: Icon) -> Self {
        self.icon = Some(icon);
        self
    }

    /// The name for screen readers where the label alone does not say enough.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// What its tooltip says.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The lower form, for toolbars.
    pub const fn low(mut self) -> Self {
        self.height = 32.0;
        self
    }

    /// Cannot be pressed now; the reason is its tooltip.
    pub fn off(mut self, because: Option<String>) -> Self {
        self.off = because;
        self
    }

    /// Works: shows a turning arc and "Working".
    pub const fn busy(mut self, busy: bool) -> Self {
        self.busy = busy;
        self
    }

    /// Takes the focus when it appears.
    pub const fn focused(mut self, focus: bool) -> Self {
        self.focus = focus;
        self
    }

    /// The width it takes, to place it from the right.
    pub fn width(&self, ui: &Ui) -> f32 {
        let text = Text::Strong.line(ui, self.shown(), Color32::PLACEHOLDER, f32::INFINITY).size().x;
        let icon = if self.icon.is_some() || self.busy { 24.0 } else { 0.0 };
        let padding = if self.shown().is_empty() { 8.0 } else { 32.0 };
        ((text + icon + padding) / 4.0).ceil() * 4.0
    }

    fn shown(&self) -> &str {
        if self.busy { "Working" } else { &self.label }
    }

    fn colors(&self, t: &Tokens, hovered: bool) -> (Color32, Color32, Color32) {
        let none = Color32::TRANSPARENT;
        match (self.kind, hovered) {
            _ if self.off.is_some() || self.busy => (if self.kind == Kind::Ghost { none } else { t.hover }, none, t.text3),
            (Kind::Primary, false) => (t.accent, none, t.on_accent),
            (Kind::Primary, true) => (t.accent_hover, none, t.on_accent),
            (Kind::Second, hovered) => (if hovered { t.hover } else { t.surface }, t.line2, t.text),
            (Kind::Ghost, hovered) => (if hovered { t.hover } else { none }, none, t.text2),
            (Kind::Danger, hovered) => (if hovered { t.hover } else { t.surface }, t.err, t.err),
        }
    }
}

impl Widget for Button {
    fn ui(self, ui: &mut Ui) -> Response {
        let on = self.off.is_none() && !self.busy;
        let size = vec2(self.width(ui), self.height);
        let (rect, response) = ui.allocate_exact_size(size, if on { Sense::click() } else { Sense::hover() });
        let name = self.name.clone().unwrap_or_else(|| self.shown().to_owned());
        response.widget_info(|| WidgetInfo::labeled(Role::Button, on && ui.is_enabled(), &name));
        if self.focus && on {
            response.request_focus();
        }
        if ui.is_rect_visible(rect) {
            let t = tokens(ui);
            let (fill, edge, color) = self.colors(t, response.hovered() && on);
            let stroke = Stroke::new(if edge == Color32::TRANSPARENT { 0.0 } else { paint::hairline(ui) }, edge);
            ui.painter().rect(rect, 6, fill, stroke, StrokeKind::Inside);
            let text = Text::Strong.line(ui, self.shown(), color, f32::INFINITY);
            let icon_width = if self.icon.is_some() || self.busy { 24.0 } else { 0.0 };
            let content = text.size().x + if self.shown().is_empty() { icon_width - 8.0 } else { icon_width };
            let left = rect.center().x - content / 2.0;
            let icon_center = pos2(left + 8.0, rect.center().y);
            if self.busy {
                busy_arc(ui, icon_center, 6.0, 2.0);
            } else if let Some(icon) = self.icon {
                paint::icon_in_disc(ui, icon, 16.0, icon_center, color);
            }
            paint::line_left(ui, text, pos2(left + icon_width, rect.center().y));
            if response.has_focus() {
                paint::focus_ring(ui, rect, 6);
            }
        }
        match self.off.or(self.hint) {
            Some(text) => response.on_hover_text(text),
            None => response,
        }
    }
}
