//! From port to service: what holds the port, link by link, with the one that blocks it marked.

use eframe::egui::{Rect, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

use crate::ui::icons::Icon;
use crate::ui::paint;
use crate::ui::text::Text;
use crate::ui::theme::tokens;

const HEIGHT: f32 = 108.0;
const GAP: f32 = 28.0;
/// Narrower than this, the cards stand two by two.
const TWO_ROWS_BELOW: f32 = 656.0;

/// One card of the chain.
#[derive(Debug, Clone)]
pub struct Link {
    /// The icon of its kind.
    pub icon: Icon,
    /// Its kind: "Port", "Process".
    pub kind: &'static str,
    /// What it is.
    pub value: String,
    /// Up to two lines more.
    pub lines: Vec<String>,
    /// Whether those are addresses or other code.
    pub code: bool,
    /// Whether this is the link that blocks the port.
    pub broken: bool,
}

impl Link {
    fn name(&self) -> String {
        let blocks = if self.broken { ", blocks the port" } else { "" };
        let lines: String = self.lines.iter().flat_map(|line| [", ", line]).collect();
        format!("{} {}{lines}{blocks}", self.kind, self.value)
    }
}

/// Shows up to four links with arrows between them.
pub fn chain(ui: &mut Ui, links: &[Link]) {
    let columns = if ui.available_width() < TWO_ROWS_BELOW { 2 } else { 4 };
    let width = ((ui.available_width() - GAP * (columns - 1) as f32) / columns as f32).floor();
    let rows = links.len().div_ceil(columns);
    let height = HEIGHT * rows as f32 + 24.0 * rows.saturating_sub(1) as f32;
    let (whole, _) = ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::hover());
    for (index, link) in links.iter().enumerate() {
        let (column, row) = (index % columns, index / columns);
        let corner = whole.min + vec2((width + GAP) * column as f32, (HEIGHT + 24.0) * row as f32);
        let rect = Rect::from_min_size(corner, vec2(width, HEIGHT));
        show(ui, link, rect, index);
        if column + 1 < columns && index + 1 < links.len() {
            let middle = rect.center().y;
            let stroke = Stroke::new(1.5, tokens(ui).line2);
            paint::arrow_right(ui, pos2(rect.right() + 4.0, middle), rect.right() + GAP - 4.0, stroke);
        }
    }
}

fn show(ui: &mut Ui, link: &Link, rect: Rect, index: usize) {
    let t = tokens(ui);
    let response = ui.interact(rect, ui.make_persistent_id(("chain", index)), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::ListItem, true, link.name()));
    paint::boxed(ui, rect, 8, t.surface, t.line);
    if link.broken {
        ui.painter().rect_stroke(rect, 8, Stroke::new(2.0, t.err), StrokeKind::Inside);
    }
    let left = rect.left() + 12.0;
    // Addresses need every point of a narrow card.
    let room = rect.width() - 16.0;
    let color = if link.broken { t.err } else { t.text2 };
    paint::icon(ui, link.icon, 16.0, pos2(left + 8.0, rect.top() + 22.0), color);
    let galley = Text::LabelStrong.line(ui, link.kind, t.text2, room - 24.0);
    paint::line_left(ui, galley, pos2(left + 24.0, rect.top() + 22.0));
    let galley = Text::SmallCard.middle_elided(ui, &link.value, t.text, room);
    let mut elided = galley.text() != link.value;
    paint::line_left(ui, galley, pos2(left, rect.top() + 48.0));
    let role = if link.code { Text::SmallCode } else { Text::Label };
    for (row, line) in link.lines.iter().take(2).enumerate() {
        let galley = role.middle_elided(ui, line, t.text2, room);
        elided |= galley.text() != line;
        paint::line_left(ui, galley, pos2(left, rect.top() + 70.0 + 18.0 * row as f32));
    }
    if link.broken {
        tag(ui, rect);
    }
    if elided || link.lines.len() > 2 {
        response.on_hover_text(link.name());
    }
}

/// The tag that sits on the upper edge of the broken link.
fn tag(ui: &Ui, card: Rect) {
    let t = tokens(ui);
    let galley = Text::LabelBold.line(ui, "Blocks the port", t.on_status, f32::INFINITY);
    let width = galley.size().x + 16.0 + 16.0;
    let rect = Rect::from_center_size(pos2(card.center().x, card.top()), vec2(width, 20.0));
    ui.painter().rect_filled(rect, 10, t.err);
    paint::icon_in_disc(ui, Icon::Ban, 12.0, pos2(rect.left() + 14.0, rect.center().y), t.on_status);
    paint::line_left(ui, galley, pos2(rect.left() + 24.0, rect.center().y));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_one_sentence_for_a_screen_reader() {
        let link = Link {
            icon: Icon::AppWindow,
            kind: "Process",
            value: "backup".to_owned(),
            lines: vec!["PID 4312, root".to_owned(), "since 02:41:07".to_owned()],
            code: false,
            broken: true,
        };
        assert_eq!(link.name(), "Process backup, PID 4312, root, since 02:41:07, blocks the port");
    }
}
