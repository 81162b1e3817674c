//! How far each dynamic range is used now. The chosen one is what the plot and the holders are about.

use eframe::egui::{Margin, Rect, Ui, pos2, vec2};

use super::bar;
use super::words::{number, table};
use crate::app::exhaustion::Exhaustion;
use crate::app::{AppState, Command, ExhaustionCommand};
use crate::diagnosis::exhaustion::Usage;
use crate::ui::paint;
use crate::ui::text::Text;
use crate::ui::theme::tokens;
use crate::ui::widgets::{RadioGroup, card, radio_ring, section};

const ROW: f32 = 40.0;
/// Narrower than this there is no bar.
const WIDE: f32 = 640.0;

pub fn show(ui: &mut Ui, state: &AppState, found: &Exhaustion, out: &mut Vec<Command>) {
    let ranges = &found.sample.ranges;
    section(ui, "Dynamic ranges", "the plot and the holders are of the chosen one");
    let chosen = state.shown_exhaustion().range();
    let taken = card(ui, Margin::ZERO, |ui| {
        let group = RadioGroup::new(ui, "dynamic ranges", ranges.len(), chosen);
        let rows = ranges.iter().enumerate();
        rows.fold(None, |taken, (index, usage)| row(ui, &group, index, chosen == Some(index), usage).or(taken))
    });
    if let Some(usage) = taken.filter(|taken| Some(*taken) != chosen).and_then(|taken| ranges.get(taken)) {
        out.push(Command::Exhaustion(ExhaustionCommand::Range(usage.protocol, usage.family)));
    }
}

/// One range; gives the one to choose, where the user chose one.
fn row(ui: &mut Ui, group: &RadioGroup, index: usize, chosen: bool, usage: &Usage) -> Option<usize> {
    let t = tokens(ui);
    let width = ui.available_width();
    let (_, rect) = ui.allocate_space(vec2(width, ROW));
    let response = ui.interact(rect, group.item_id(index), group.sense(index));
    let ports = usage.range.to_string().replace('-', "\u{2013}");
    let in_use = format!("{} of {}", number(usage.in_use), number(usage.capacity));
    let states = &usage.states;
    let spoken = format!("{}, {ports}, {in_use} ports in use, {} %: {}", table(usage), usage.percent(), bar::in_words(states));
    let taken = group.item(ui, index, &response, &spoken);
    if index > 0 {
        paint::rule(ui, (rect.left() + 16.0..=rect.right()).into(), rect.top(), t.line);
    }
    if response.hovered() && !chosen {
        ui.painter().rect_filled(rect.shrink(1.0), 6, t.hover);
    }
    let middle = rect.center().y;
    radio_ring(ui, pos2(rect.left() + 25.0, middle), chosen);
    let galley = Text::Strong.line(ui, &table(usage), t.text, 120.0);
    paint::line_left(ui, galley, pos2(rect.left() + 48.0, middle));
    let galley = Text::Detail.line(ui, &ports, t.text2, 110.0);
    paint::line_left(ui, galley, pos2(rect.left() + 164.0, middle));
    let right = rect.right() - 16.0;
    let color = if usage.is_full() { t.err } else { t.text };
    let galley = Text::Strong.line(ui, &format!("{} %", usage.percent()), color, 56.0);
    paint::line_right(ui, galley, pos2(right, middle));
    let galley = Text::Detail.line(ui, &in_use, t.text2, (width - 280.0 - 64.0).max(0.0));
    paint::line_right(ui, galley, pos2(right - 56.0, middle));
    if width >= WIDE {
        let bar = Rect::from_min_max(pos2(rect.left() + 284.0, middle - 6.0), pos2(right - 56.0 - 130.0, middle + 6.0));
        ui.painter().rect_filled(bar, 2, t.hover);
        bar::show(ui, bar, states, usage.capacity);
    }
    if response.has_focus() {
        paint::focus_ring(ui, rect.shrink(4.0), 6);
    }
    taken
}
