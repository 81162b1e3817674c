//! Commands and raw output: sunken, monospaced, selectable, never wrapped inside a command.

use eframe::egui::text::LayoutJob;
use eframe::egui::{Frame, Label, Margin, Rect, ScrollArea, Stroke, TextWrapMode, Ui, UiBuilder, pos2, vec2};

use super::Button;
use crate::ui::icons::Icon;
use crate::ui::paint;
use crate::ui::text::Text;
use crate::ui::theme::tokens;

/// The button that copies.
const COPY: f32 = 32.0;
/// The scroll bar as wide as it is under the pointer, and a gap.
const BAR: f32 = 14.0;

/// A block of entries, numbered where `numbered` is set; an entry may have several lines.
pub fn code_block(ui: &mut Ui, lines: &[String], numbered: bool) {
    let t = tokens(ui);
    let mut job = LayoutJob::default();
    for (index, entry) in lines.iter().enumerate() {
        for (row, line) in entry.lines().enumerate() {
            if index + row > 0 {
                job.append("\n", 0.0, Text::Code.format(t.text));
            }
            if numbered {
                let number = if row == 0 { format!("{:<3}", index + 1) } else { "   ".to_owned() };
                job.append(&number, 0.0, Text::Code.format(t.text3));
            }
            job.append(line, 0.0, Text::Code.format(t.text));
        }
    }
    block(ui, job, 0.0);
}

/// Lines of a log, each with its time.
pub fn log_block(ui: &mut Ui, lines: &[(String, String)]) {
    let t = tokens(ui);
    let mut job = LayoutJob::default();
    for (index, (time, line)) in lines.iter().enumerate() {
        let begin = if index > 0 { "\n" } else { "" };
        job.append(&format!("{begin}{time}   "), 0.0, Text::Code.format(t.text3));
        job.append(line, 0.0, Text::Code.format(t.text));
    }
    block(ui, job, 0.0);
}

/// Raw text as a block, with a button that copies it; true when it was pressed.
pub fn raw_block(ui: &mut Ui, text: &str, name: &str) -> bool {
    let t = tokens(ui);
    let lines: Vec<&str> = text.lines().collect();
    let rect = block(ui, LayoutJob::single_section(lines.join("\n"), Text::Code.format(t.text)), COPY);
    let corner = Rect::from_min_size(pos2(rect.right() - COPY, rect.top()), vec2(COPY, 32.0));
    let mut child = ui.new_child(UiBuilder::new().max_rect(corner).id_salt("copy"));
    child.add(Button::ghost("").icon(Icon::Copy).low().name(name)).clicked()
}

/// The block with `free` points left free at its right end.
fn block(ui: &mut Ui, job: LayoutJob, free: f32) -> Rect {
    let t = tokens(ui);
    let edge = Stroke::new(paint::hairline(ui), t.line);
    let margin = Margin { left: 11, right: 11, top: 6, bottom: 6 };
    let frame = Frame::new().fill(t.sunken).stroke(edge).corner_radius(6).inner_margin(margin);
    let shown = frame.show(ui, |ui| {
        ui.set_width(ui.available_width());
        let width = ui.available_width() - free;
        ScrollArea::horizontal().id_salt("code").auto_shrink([false, true]).max_width(width).show(ui, |ui| {
            let label = ui.add(Label::new(job).wrap_mode(TextWrapMode::Extend).selectable(true));
            if label.rect.width() > width {
                // Room for the scroll bar, which would lie over the last line.
                ui.add_space(BAR);
            }
        });
    });
    shown.response.rect
}
