//! The head of a column by which the rows of a table can be put in order.

use eframe::egui::accesskit::SortDirection;
use eframe::egui::{Id, Rect, Response, Role, Sense, Ui, WidgetInfo, pos2, vec2};

use crate::ui::icons::Icon;
use crate::ui::paint;
use crate::ui::text::Text;
use crate::ui::theme::tokens;

/// At which end of its cell a head stands, and how far inside.
#[derive(Debug, Clone, Copy)]
pub enum End {
    Left(f32),
    Right(f32),
}

/// One head.
#[derive(Debug)]
pub struct ColumnHead<'a> {
    pub id: Id,
    pub cell: Rect,
    pub title: &'a str,
    pub end: End,
    /// Room for a sign to the left of the title.
    pub sign: f32,
    /// Whether the greatest comes first, where the rows are in the order of this column.
    pub descending: Option<bool>,
}

impl ColumnHead<'_> {
    /// Draws it; gives the left end of its sign and title beside the response.
    pub fn show(&self, ui: &Ui) -> (Response, f32) {
        let t = tokens(ui);
        let response = ui.interact(self.cell, self.id, Sense::click());
        let order = match self.descending {
            None => "",
            Some(false) => ", sorted ascending",
            Some(true) => ", sorted descending",
        };
        response.widget_info(|| WidgetInfo::labeled(Role::ColumnHeader, true, format!("{}{order}", self.title)));
        if let Some(descending) = self.descending {
            let direction = if descending { SortDirection::Descending } else { SortDirection::Ascending };
            ui.ctx().accesskit_node_builder(response.id, |node| node.set_sort_direction(direction));
        }
        let color = if response.hovered() || self.descending.is_some() { t.text } else { t.text2 };
        let galley = Text::LabelBold.line(ui, self.title, color, self.cell.width() - 16.0);
        let middle = self.cell.center().y;
        let text_left = match self.end {
            End::Left(inside) => self.cell.left() + inside,
            End::Right(inside) => self.cell.right() - inside - galley.size().x,
        };
        let (left, right) = (text_left - self.sign, text_left + galley.size().x);
        paint::line_left(ui, galley, pos2(text_left, middle));
        if let Some(descending) = self.descending {
            let icon = if descending { Icon::ChevronUp } else { Icon::ChevronDown };
            let at = match self.end {
                End::Left(_) => right + 10.0,
                End::Right(_) => left - 10.0,
            };
            paint::icon_in_disc(ui, icon, 12.0, pos2(at, middle), t.text2);
        }
        if response.has_focus() {
            paint::focus_ring(ui, self.cell.shrink2(vec2(4.0, 6.0)), 4);
        }
        (response, left)
    }
}
