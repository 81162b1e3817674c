//! The verdict banner: the page's answer in one sentence, why, how sure, and the next step.

use eframe::egui::accesskit::Live;
use eframe::egui::epaint::RectShape;
use eframe::egui::{Rect, Role, Sense, Shape, Stroke, StrokeKind, Ui, UiBuilder, WidgetInfo, pos2, vec2};

use super::{Disc, meter};
use crate::ui::icons::Icon;
use crate::ui::paint;
use crate::ui::text::Text;
use crate::ui::theme::{Status, tokens};

/// Where the text begins.
const TEXT_LEFT: f32 = 76.0;
const STRIP_HEIGHT: f32 = 48.0;

/// The strip at the banner's foot.
#[derive(Debug, Clone, Default)]
pub struct Strip {
    /// Boxes of the meter and the word behind it.
    pub confidence: Option<(usize, &'static str)>,
    /// Why it is that sure.
    pub reason: String,
    /// What to do next.
    pub next_step: String,
}

/// The banner. The whole block is one polite live region: a screen reader tells it when it changes.
#[derive(Debug, Clone)]
#[must_use = "show it"]
pub struct Banner<'a> {
    /// Its colour and disc.
    pub status: Status,
    /// The answer.
    pub headline: &'a str,
    /// Why it is so.
    pub explanation: &'a str,
    /// Confidence and next step.
    pub strip: Option<Strip>,
}

impl Banner<'_> {
    /// Puts it into the flow.
    pub fn show(self, ui: &mut Ui) {
        let builder = UiBuilder::new().accessibility_role(Role::Status).accessibility_label(self.headline);
        ui.scope_builder(builder, |ui| {
            ui.ctx().accesskit_node_builder(ui.unique_id(), |node| node.set_live(Live::Polite));
            self.contents(ui);
        });
    }

    fn contents(&self, ui: &mut Ui) {
        let t = tokens(ui);
        let color = t.status(self.status);
        let text_width = ui.available_width() - TEXT_LEFT - 24.0;
        let headline = Text::Headline.paragraph(ui, self.headline, t.text, text_width, 3);
        let explanation = Text::Body.paragraph(ui, self.explanation, t.text, text_width, 12);
        let text_height = headline.size().y + explanation.size().y + if self.explanation.is_empty() { 0.0 } else { 4.0 };
        let body = 20.0 + text_height.max(40.0) + 20.0;
        let strip_height = self.strip.as_ref().map_or(0.0, |strip| strip.height(ui, text_width) + 4.0);

        let ground = ui.painter().add(Shape::Noop);
        let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), body + strip_height), Sense::hover());
        let name = format!("{}. {}", self.headline, self.explanation);
        response.widget_info(|| WidgetInfo::labeled(Role::Heading, true, &name));
        // On a dark page a large coloured ground is loud: less of it, and more edge.
        let dark = ui.visuals().dark_mode;
        let (fill, shade) =
            if dark { (t.status_bg(self.status).gamma_multiply(0.45), 0.7) } else { (t.status_bg(self.status), 0.45) };
        let edge = Stroke::new(paint::hairline(ui), color.gamma_multiply(shade));
        ui.painter().set(ground, RectShape::new(rect, 8, fill, edge, StrokeKind::Inside));
        Disc(self.status).paint(ui, rect.min + vec2(40.0, 40.0), 40.0);
        let mut at = rect.min + vec2(TEXT_LEFT, 20.0);
        let headline_height = headline.size().y;
        paint::place(ui, headline, at);
        at.y += headline_height + 4.0;
        paint::place(ui, explanation, at);
        if let Some(strip) = &self.strip {
            let top = rect.top() + body;
            paint::rule(ui, (at.x..=rect.right() - 24.0).into(), top, color.gamma_multiply(0.35));
            let strip_rect = Rect::from_min_max(pos2(at.x, top), pos2(rect.right() - 24.0, rect.bottom() - 4.0));
            strip.paint(ui, strip_rect, self.status);
        }
    }
}

impl Strip {
    fn confidence_width(&self, ui: &Ui) -> f32 {
        let t = tokens(ui);
        self.confidence.map_or(0.0, |(_, word)| 36.0 + Text::DetailBold.line(ui, word, t.text, f32::INFINITY).size().x)
    }

    /// The next step moves into a second line where it does not fit behind confidence and reason.
    fn wraps(&self, ui: &Ui, width: f32) -> bool {
        let next = Text::DetailStrong.line(ui, &self.next_step, tokens(ui).text, f32::INFINITY).size().x;
        let reason = Text::Detail.line(ui, &self.reason, tokens(ui).text2, f32::INFINITY).size().x;
        let confidence = self.confidence_width(ui);
        confidence > 0.0 && !self.next_step.is_empty() && confidence + 8.0 + reason + 24.0 + 24.0 + next > width
    }

    fn height(&self, ui: &Ui, width: f32) -> f32 {
        if self.wraps(ui, width) { STRIP_HEIGHT + 24.0 } else { STRIP_HEIGHT }
    }

    fn paint(&self, ui: &mut Ui, rect: Rect, status: Status) {
        let t = tokens(ui);
        let wraps = self.wraps(ui, rect.width());
        let middle = if wraps { rect.top() + 24.0 } else { rect.center().y };
        let mut left = rect.left();
        let next_width = Text::DetailStrong.line(ui, &self.next_step, t.text, f32::INFINITY).size().x + 24.0;
        if let Some((filled, word)) = self.confidence {
            meter(ui, pos2(left, middle), filled, t.status(status));
            let galley = Text::DetailBold.line(ui, word, t.text, f32::INFINITY);
            let after = left + 36.0 + galley.size().x;
            paint::line_left(ui, galley, pos2(left + 36.0, middle));
            left = after + 8.0;
            let room = rect.right() - left - if wraps { 0.0 } else { next_width + 24.0 };
            let galley = Text::Detail.line(ui, &self.reason, t.text2, room);
            let after = left + galley.size().x;
            paint::line_left(ui, galley, pos2(left, middle));
            left = after + 16.0;
        }
        if self.next_step.is_empty() {
            return;
        }
        let (left, middle) = if wraps { (rect.left(), rect.top() + 50.0) } else { (left, middle) };
        paint::icon(ui, Icon::ArrowRight, 16.0, pos2(left + 8.0, middle), t.text);
        let galley = Text::DetailStrong.line(ui, &self.next_step, t.text, rect.right() - left - 24.0);
        paint::line_left(ui, galley, pos2(left + 24.0, middle));
    }
}
