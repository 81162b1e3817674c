//! The colours of the window as tokens, and egui's own style made of them.

#![expect(clippy::unreadable_literal, reason = "a colour is six digits")]

use eframe::egui::style::{Selection, WidgetVisuals};
use eframe::egui::{self, Color32, Context, CornerRadius, Margin, Shadow, Stroke, Style, TextStyle, Theme, Ui, Visuals};

use super::text::Text;

/// Every colour of the window. Pages and widgets take colours from here and from nowhere else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tokens {
    /// Ground of pages and footer.
    pub canvas: Color32,
    /// Ground of cards, fields, second buttons and the current step.
    pub surface: Color32,
    /// Ground of the side bar.
    pub side: Color32,
    /// Ground of code blocks.
    pub sunken: Color32,
    /// Ground under the pointer, of segmented controls, tracks, and buttons that are off.
    pub hover: Color32,
    /// Hairlines and edges of cards; decoration only.
    pub line: Color32,
    /// Edges of controls, rings and ticks; at least 3:1 on every ground.
    pub line2: Color32,
    /// Headlines and values.
    pub text: Color32,
    /// Explanations, second lines and icons.
    pub text2: Color32,
    /// Labels, sources, times and placeholders. Not on the grounds of a status.
    pub text3: Color32,
    /// Primary buttons, selection, links, focus, progress.
    pub accent: Color32,
    /// A primary button under the pointer.
    pub accent_hover: Color32,
    /// Text on `accent`.
    pub on_accent: Color32,
    /// Ground of what is selected, recommended or hatched as the dynamic range.
    pub accent_bg: Color32,
    /// Proven right.
    pub ok: Color32,
    /// Its ground.
    pub ok_bg: Color32,
    /// At risk, not seen, declined.
    pub warn: Color32,
    /// Its ground.
    pub warn_bg: Color32,
    /// The port is blocked, a check did not pass.
    pub err: Color32,
    /// Its ground.
    pub err_bg: Color32,
    /// Glyphs and text on a filled status colour.
    pub on_status: Color32,
    /// Behind a dialog.
    pub backdrop: Color32,
    /// Under a dialog.
    pub dialog_shadow: Color32,
    /// Under a toast.
    pub toast_shadow: Color32,
    /// Under the report's paper.
    pub paper_shadow: Color32,
}

/// The light theme.
pub const LIGHT: Tokens = Tokens {
    canvas: rgb(0xF6F8F9),
    surface: rgb(0xFFFFFF),
    side: rgb(0xE8EDF0),
    sunken: rgb(0xEFF3F5),
    hover: rgb(0xE3EAEE),
    line: rgb(0xD5DDE2),
    line2: rgb(0x71808B),
    text: rgb(0x14202A),
    text2: rgb(0x43525E),
    text3: rgb(0x586874),
    accent: rgb(0x0B6285),
    accent_hover: rgb(0x084E6B),
    on_accent: rgb(0xFFFFFF),
    accent_bg: rgb(0xDCEEF5),
    ok: rgb(0x0B6B3A),
    ok_bg: rgb(0xDFF2E7),
    warn: rgb(0x855000),
    warn_bg: rgb(0xFBEFD9),
    err: rgb(0xB3261E),
    err_bg: rgb(0xFBE9E7),
    on_status: rgb(0xFFFFFF),
    backdrop: black(100),
    dialog_shadow: black(61),
    toast_shadow: black(41),
    paper_shadow: black(28),
};

/// The dark theme.
pub const DARK: Tokens = Tokens {
    canvas: rgb(0x12171B),
    surface: rgb(0x1A2126),
    side: rgb(0x0D1114),
    sunken: rgb(0x0F1417),
    hover: rgb(0x252F36),
    line: rgb(0x2C373F),
    line2: rgb(0x748692),
    text: rgb(0xE9EEF1),
    text2: rgb(0xB4C0C8),
    text3: rgb(0x94A3AD),
    accent: rgb(0x63C3E6),
    accent_hover: rgb(0x8AD4EF),
    on_accent: rgb(0x06202B),
    accent_bg: rgb(0x13313D),
    ok: rgb(0x62D398),
    ok_bg: rgb(0x132C20),
    warn: rgb(0xF5B656),
    warn_bg: rgb(0x30240F),
    err: rgb(0xFF8F86),
    err_bg: rgb(0x331B1B),
    on_status: rgb(0x12171B),
    backdrop: black(150),
    dialog_shadow: black(150),
    toast_shadow: black(120),
    paper_shadow: black(89),
};

#[expect(clippy::disallowed_methods, reason = "the tokens are the one place with numbers for colours")]
const fn rgb(hex: u32) -> Color32 {
    let [_, r, g, b] = hex.to_be_bytes();
    Color32::from_rgb(r, g, b)
}

#[expect(clippy::disallowed_methods, reason = "the tokens are the one place with numbers for colours")]
const fn black(alpha: u8) -> Color32 {
    Color32::from_black_alpha(alpha)
}

impl Tokens {
    /// The colour of a status on `canvas` and `surface`.
    pub const fn status(&self, status: Status) -> Color32 {
        match status {
            Status::Ok => self.ok,
            Status::Warn => self.warn,
            Status::Err => self.err,
            Status::Info => self.accent,
            Status::Neutral => self.text3,
        }
    }

    /// The ground of a status.
    pub const fn status_bg(&self, status: Status) -> Color32 {
        match status {
            Status::Ok => self.ok_bg,
            Status::Warn => self.warn_bg,
            Status::Err => self.err_bg,
            Status::Info => self.accent_bg,
            Status::Neutral => self.hover,
        }
    }
}

/// What a colour says. It never stands alone: a shape and a word say the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Proven right.
    Ok,
    /// At risk, not seen, declined.
    Warn,
    /// Blocked, or a check did not pass.
    Err,
    /// Worth knowing.
    Info,
    /// Neither good nor bad.
    Neutral,
}

/// The tokens of the theme in use.
pub fn tokens(ui: &Ui) -> &'static Tokens {
    if ui.visuals().dark_mode { &DARK } else { &LIGHT }
}

/// Gives egui both themes, the text styles and the measures of the window. Fonts come from [`super::fonts`].
pub fn install(ctx: &Context) {
    ctx.set_style_of(Theme::Light, style(&LIGHT, Theme::Light));
    ctx.set_style_of(Theme::Dark, style(&DARK, Theme::Dark));
}

fn style(t: &Tokens, theme: Theme) -> Style {
    let mut style = Style { visuals: visuals(t, theme), animation_time: 0.12, ..Style::default() };
    style.text_styles = [
        (TextStyle::Heading, Text::Headline.font()),
        (TextStyle::Body, Text::Body.font()),
        (TextStyle::Button, Text::Strong.font()),
        (TextStyle::Small, Text::Label.font()),
        (TextStyle::Monospace, Text::Code.font()),
    ]
    .into();
    style.spacing.item_spacing = egui::vec2(0.0, 0.0);
    style.spacing.interact_size.y = 32.0;
    style.spacing.menu_margin = Margin::same(8);
    style.spacing.scroll = egui::style::ScrollStyle::floating();
    style.interaction.tooltip_delay = 0.4;
    style
}

fn visuals(t: &Tokens, theme: Theme) -> Visuals {
    let mut v = match theme {
        Theme::Light => Visuals::light(),
        Theme::Dark => Visuals::dark(),
    };
    v.override_text_color = Some(t.text);
    v.weak_text_color = Some(t.text3);
    v.hyperlink_color = t.accent;
    v.panel_fill = t.canvas;
    v.window_fill = t.surface;
    v.window_stroke = Stroke::new(1.0, t.line);
    v.window_corner_radius = CornerRadius::same(8);
    v.menu_corner_radius = CornerRadius::same(8);
    v.window_shadow = Shadow { offset: [0, 8], blur: 32, spread: 0, color: t.dialog_shadow };
    v.popup_shadow = Shadow { offset: [0, 4], blur: 16, spread: 0, color: t.toast_shadow };
    v.extreme_bg_color = t.surface;
    v.text_edit_bg_color = Some(t.surface);
    v.faint_bg_color = t.sunken;
    v.code_bg_color = t.sunken;
    v.warn_fg_color = t.warn;
    v.error_fg_color = t.err;
    v.selection = Selection { bg_fill: t.accent_bg, stroke: Stroke::new(2.0, t.accent) };
    v.text_cursor.stroke = Stroke::new(2.0, t.accent);
    v.striped = false;
    let widget = |fill: Color32| WidgetVisuals {
        bg_fill: fill,
        weak_bg_fill: fill,
        bg_stroke: Stroke::new(1.0, t.line2),
        corner_radius: CornerRadius::same(6),
        fg_stroke: Stroke::new(1.5, t.text2),
        expansion: 0.0,
    };
    v.widgets.noninteractive = WidgetVisuals { bg_stroke: Stroke::new(1.0, t.line), ..widget(t.surface) };
    v.widgets.inactive = widget(t.surface);
    v.widgets.hovered = widget(t.hover);
    v.widgets.active = widget(t.hover);
    v.widgets.open = widget(t.surface);
    v
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Contrast as WCAG 2.2 defines it.
    fn contrast(a: Color32, b: Color32) -> f64 {
        let luminance = |color: Color32| {
            let linear = |byte: u8| {
                let c = f64::from(byte) / 255.0;
                if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
            };
            0.2126 * linear(color.r()) + 0.7152 * linear(color.g()) + 0.0722 * linear(color.b())
        };
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn every_text_colour_reaches_four_and_a_half_to_one_on_its_grounds() {
        for t in [&LIGHT, &DARK] {
            let grounds = [t.canvas, t.surface, t.side, t.sunken, t.hover, t.accent_bg];
            let status_grounds = [t.ok_bg, t.warn_bg, t.err_bg];
            let mut pairs = Vec::new();
            for ground in grounds {
                pairs.extend([(t.text, ground), (t.text2, ground), (t.text3, ground)]);
            }
            for ground in status_grounds {
                pairs.extend([(t.text, ground), (t.text2, ground)]);
            }
            for ground in [t.canvas, t.surface, t.side, t.accent_bg] {
                pairs.push((t.accent, ground));
            }
            pairs.extend([(t.on_accent, t.accent), (t.on_accent, t.accent_hover)]);
            for (status, ground) in [(t.ok, t.ok_bg), (t.warn, t.warn_bg), (t.err, t.err_bg)] {
                pairs.extend([(status, t.surface), (status, t.canvas), (status, ground), (t.on_status, status)]);
            }
            pairs.push((t.err, t.hover));
            for (text, ground) in pairs {
                let reached = contrast(text, ground);
                assert!(reached >= 4.5, "{text:?} on {ground:?} reaches only {reached:.2}");
            }
        }
    }

    #[test]
    fn edges_of_controls_reach_three_to_one() {
        for t in [&LIGHT, &DARK] {
            for ground in [t.surface, t.canvas, t.side] {
                assert!(contrast(t.line2, ground) >= 3.0);
            }
        }
    }
}
