//! A toast: something that worked in the background is finished.

use eframe::egui::accesskit::Live;
use eframe::egui::{Area, Frame, Id, Order, Pos2, Rect, Role, Sense, Shadow, Ui, UiBuilder, WidgetInfo, pos2, vec2};

use super::Disc;
use super::link::{link_at, link_width};
use crate::ui::icons::Icon;
use crate::ui::paint;
use crate::ui::text::Text;
use crate::ui::theme::{Status, tokens};

/// It is at least so wide, and at most; a longer message takes more lines.
const LEAST: f32 = 360.0;
const WIDEST: f32 = 560.0;
/// Where the text begins.
const TEXT_LEFT: f32 = 48.0;
/// The room of the button that closes it.
const CLOSE: f32 = 48.0;

/// What the user did with a toast.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ToastAnswer {
    /// Took its action.
    Act,
    /// Closed it.
    Close,
}

/// Shows a toast with its lower left corner at `at`; gives the place it takes and what the user did.
pub fn toast(ui: &Ui, at: Pos2, status: Status, text: &str, action: Option<&str>) -> (Rect, Option<ToastAnswer>) {
    let t = tokens(ui);
    let action_width = action.map_or(0.0, |action| link_width(ui, None, action) + 16.0);
    let around = TEXT_LEFT + 16.0 + action_width + CLOSE;
    let room = (ui.max_rect().right() - at.x - 16.0).min(WIDEST);
    let galley = Text::Strong.paragraph(ui, text, t.text, room - around, 4);
    let size = vec2((galley.size().x + around).clamp(LEAST.min(room), room), galley.size().y.max(20.0) + 32.0);
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
            paint::place(ui, galley, pos2(rect.left() + TEXT_LEFT, rect.top() + 16.0));
            if let Some(action) = action
                && link_at(ui, pos2(rect.right() - CLOSE - 8.0, middle), None, action, action).clicked()
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
    (Rect::from_min_size(at - vec2(0.0, size.y), size), answer)
}
