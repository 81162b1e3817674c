//! A toast: something that worked in the background is finished.

use eframe::egui::accesskit::Live;
use eframe::egui::{Area, Frame, Id, Order, Rect, Role, Sense, Shadow, Ui, UiBuilder, WidgetInfo, pos2, vec2};

use super::{Disc, link_at};
use crate::ui::icons::Icon;
use crate::ui::paint;
use crate::ui::text::Text;
use crate::ui::theme::{Status, tokens};

/// As wide as the longest message with its action.
pub const WIDTH: f32 = 480.0;

/// What the user did with a toast.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ToastAnswer {
    /// Took its action.
    Act,
    /// Closed it.
    Close,
}

/// The width of the action's words.
fn link_width(ui: &Ui, action: &str) -> f32 {
    Text::DetailStrong.line(ui, action, tokens(ui).accent, f32::INFINITY).size().x
}

/// Shows a toast with its lower left corner at `at`.
pub fn toast(ui: &Ui, at: eframe::egui::Pos2, status: Status, text: &str, action: Option<&str>) -> Option<ToastAnswer> {
    let t = tokens(ui);
    let size = vec2(WIDTH.min(ui.max_rect().right() - at.x - 16.0), 52.0);
    let mut answer = None;
    let area = Area::new(Id::unique("toast")).order(Order::Tooltip).fixed_pos(at - vec2(0.0, size.y)).role(Role::Alert);
    area.show(ui.ctx(), |ui| {
        let shadow = Shadow { offset: [0, 4], blur: 16, spread: 0, color: t.toast_shadow };
        Frame::new().fill(t.surface).corner_radius(8).shadow(shadow).show(ui, |ui| {
            let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
            response.widget_info(|| WidgetInfo::labeled(Role::Label, true, text));
            ui.ctx().accesskit_node_builder(response.id, |node| node.set_live(Live::Polite));
            paint::outline(ui, rect, 8, paint::hairline(ui), t.line);
            let middle = rect.center().y;
            Disc(status).paint(ui, pos2(rect.left() + 26.0, middle), 20.0);
            let action_width = action.map_or(0.0, |action| link_width(ui, action) + 24.0);
            let galley = Text::Strong.line(ui, text, t.text, rect.width() - 48.0 - 48.0 - action_width);
            paint::line_left(ui, galley, pos2(rect.left() + 48.0, middle));
            if let Some(action) = action
                && link_at(ui, pos2(rect.right() - 56.0, middle), None, action, action).clicked()
            {
                answer = Some(ToastAnswer::Act);
            }
            let corner = Rect::from_center_size(pos2(rect.right() - 26.0, middle), vec2(32.0, 32.0));
            let mut child = ui.new_child(UiBuilder::new().max_rect(corner));
            let close = super::Button::ghost("").icon(Icon::X).low().name("Close this message");
            if child.add(close).clicked() {
                answer = Some(ToastAnswer::Close);
            }
        });
    });
    answer
}
