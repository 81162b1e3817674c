//! A segmented control: few choices side by side, one of them taken.

use eframe::egui::{Color32, Rect, Ui, pos2, vec2};

use super::RadioGroup;
use crate::ui::paint;
use crate::ui::text::Text;
use crate::ui::theme::tokens;

/// Shows the choices; gives the one the user took.
pub fn segmented(ui: &mut Ui, salt: &str, labels: &[String], chosen: usize) -> Option<usize> {
    let t = tokens(ui);
    let widths: Vec<f32> = labels
        .iter()
        .map(|label| (Text::DetailBold.line(ui, label, Color32::PLACEHOLDER, f32::INFINITY).size().x + 28.0).ceil())
        .collect();
    let size = vec2(widths.iter().sum::<f32>() + 4.0, 32.0);
    let (_, rect) = ui.allocate_space(size);
    ui.painter().rect_filled(rect, 6, t.hover);
    let group = RadioGroup::new(ui, salt, labels.len(), Some(chosen));
    let mut taken = None;
    let mut left = rect.left() + 2.0;
    for (index, (label, width)) in labels.iter().zip(widths).enumerate() {
        let item = Rect::from_min_size(pos2(left, rect.top() + 2.0), vec2(width, 28.0));
        left += width;
        let response = ui.interact(item.expand2(vec2(0.0, 2.0)), group.item_id(index), group.sense(index));
        taken = group.item(ui, index, &response, label).or(taken);
        let (role, color) = if index == chosen { (Text::DetailBold, t.text) } else { (Text::DetailStrong, t.text2) };
        if index == chosen {
            paint::boxed(ui, item, 5, t.surface, t.line2);
        }
        let galley = role.line(ui, label, if response.hovered() { t.text } else { color }, f32::INFINITY);
        paint::line_center(ui, galley, item.center());
        if response.has_focus() {
            paint::focus_ring(ui, item, 5);
        }
    }
    taken.filter(|index| *index != chosen)
}
