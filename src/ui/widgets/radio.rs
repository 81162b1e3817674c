//! Radio groups: one tab stop, arrow keys move and choose, Enter stays with the page's primary button.

use std::cell::Cell;

use eframe::egui::{EventFilter, Id, Key, Modifiers, Pos2, Response, Role, Sense, Stroke, Ui, WidgetInfo};

use crate::ui::keys;
use crate::ui::theme::tokens;

/// Paints the ring of a radio button.
pub fn radio_ring(ui: &Ui, center: Pos2, chosen: bool) {
    let t = tokens(ui);
    if chosen {
        ui.painter().circle(center, 8.0, t.surface, Stroke::new(2.0, t.accent));
        ui.painter().circle_filled(center, 4.5, t.accent);
    } else {
        ui.painter().circle_stroke(center, 8.25, Stroke::new(1.5, t.line2));
    }
}

/// A group of items of which one is chosen. Each item paints itself; the group gives it sense, name and keys.
#[derive(Debug)]
pub struct RadioGroup {
    id: Id,
    count: usize,
    chosen: Option<usize>,
    /// The item that the arrow keys moved to in this frame: it must take the focus although it is not chosen yet.
    moved_to: Cell<Option<usize>>,
}

impl RadioGroup {
    /// A group of `count` items.
    pub fn new(ui: &Ui, salt: &str, count: usize, chosen: Option<usize>) -> Self {
        Self { id: ui.make_persistent_id(salt), count, chosen, moved_to: Cell::new(None) }
    }

    /// The sense of item `index`: only one item of a group is a tab stop.
    pub fn sense(&self, index: usize) -> Sense {
        let stop = index == self.chosen.unwrap_or(0) || self.moved_to.get() == Some(index);
        if stop { Sense::click() } else { Sense::CLICK }
    }

    /// The identity of item `index`.
    pub fn item_id(&self, index: usize) -> Id {
        self.id.with(index)
    }

    /// Names the item and reads its keys; gives the item to choose, where the user chose one.
    pub fn item(&self, ui: &Ui, index: usize, response: &Response, name: &str) -> Option<usize> {
        let selected = self.chosen == Some(index);
        response.widget_info(|| WidgetInfo::selected(Role::RadioButton, ui.is_enabled(), selected, name));
        if response.has_focus() {
            keys::enter_is_for_the_page(ui, response.id);
            let filter = EventFilter { vertical_arrows: true, horizontal_arrows: true, ..EventFilter::default() };
            ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, filter));
            if let Some(next) = self.moved(ui, index) {
                self.moved_to.set(Some(next));
                ui.memory_mut(|memory| memory.request_focus(self.item_id(next)));
                return Some(next);
            }
        }
        let by_enter = response.has_focus() && ui.input(|input| input.key_pressed(Key::Enter));
        (response.clicked() && !by_enter).then_some(index)
    }

    fn moved(&self, ui: &Ui, index: usize) -> Option<usize> {
        let pressed = |key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
        let last = self.count.checked_sub(1)?;
        if pressed(Key::ArrowDown) || pressed(Key::ArrowRight) {
            Some(if index == last { 0 } else { index + 1 })
        } else if pressed(Key::ArrowUp) || pressed(Key::ArrowLeft) {
            Some(if index == 0 { last } else { index - 1 })
        } else {
            None
        }
    }
}
