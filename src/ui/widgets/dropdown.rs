//! A dropdown: one choice of many, in a list that opens below.

use eframe::egui::{Popup, Role, ScrollArea, Sense, Ui, WidgetInfo, pos2, vec2};

use super::menu::{MENU_ROW, menu_row};
use crate::ui::icons::Icon;
use crate::ui::paint;
use crate::ui::text::Text;
use crate::ui::theme::tokens;

/// How many rows the open list shows at once.
const ROWS: f32 = 9.0;

/// Puts it into the flow, `width` wide; gives the item the user took. `item` gives the words of each of `count` items.
pub fn dropdown(
    ui: &mut Ui,
    name: &str,
    width: f32,
    count: usize,
    chosen: usize,
    item: impl Fn(usize) -> String,
) -> Option<usize> {
    let t = tokens(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(width, 32.0), Sense::click());
    let words = item(chosen);
    response.widget_info(|| WidgetInfo::labeled(Role::ComboBox, ui.is_enabled(), format!("{name}: {words}")));
    let open = Popup::is_id_open(ui.ctx(), Popup::default_response_id(&response));
    ui.ctx().accesskit_node_builder(response.id, |node| node.set_expanded(open));
    paint::boxed(ui, rect, 6, t.surface, if response.hovered() || open { t.text2 } else { t.line2 });
    let galley = Text::DetailStrong.line(ui, &words, t.text, width - 44.0);
    paint::line_left(ui, galley, pos2(rect.left() + 12.0, rect.center().y));
    paint::icon_in_disc(ui, Icon::ChevronDown, 16.0, pos2(rect.right() - 18.0, rect.center().y), t.text2);
    if response.has_focus() {
        paint::focus_ring(ui, rect, 6);
    }
    let mut taken = None;
    Popup::menu(&response).gap(4.0).width(width.max(180.0)).accessible_name(name).show(|ui| {
        ui.set_width(width.max(180.0) - 16.0);
        ScrollArea::vertical().max_height(ROWS * MENU_ROW).show_rows(ui, MENU_ROW, count, |ui, rows| {
            for index in rows {
                let mark = (index == chosen).then_some(Icon::Check);
                if menu_row(ui, mark, &item(index), Role::MenuItemRadio, None).clicked() {
                    taken = Some(index);
                }
            }
        });
    });
    taken.filter(|index| *index != chosen)
}
