//! Commands and raw output: sunken, monospaced, selectable, never wrapped inside a command.

use eframe::egui::text::LayoutJob;
use eframe::egui::{Frame, Label, Margin, ScrollArea, Stroke, TextWrapMode, Ui};

use crate::ui::paint;
use crate::ui::text::Text;
use crate::ui::theme::tokens;

/// A block of entries, numbered where `numbered` is set; an entry may have several lines.
pub fn code_block(ui: &mut Ui, lines: &[String], numbered: bool) {
    let t = tokens(ui);
    let edge = Stroke::new(paint::hairline(ui), t.line);
    Frame::new().fill(t.sunken).stroke(edge).corner_radius(6).inner_margin(Margin::symmetric(11, 6)).show(ui, |ui| {
        ui.set_width(ui.available_width());
        ScrollArea::horizontal().id_salt("code").auto_shrink([false, true]).show(ui, |ui| {
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
            let width = ui.available_width();
            let label = ui.add(Label::new(job).wrap_mode(TextWrapMode::Extend).selectable(true));
            if label.rect.width() > width {
                // Room for the scroll bar, which would lie over the last line.
                ui.add_space(8.0);
            }
        });
    });
}

/// One or more lines of raw text as a block.
pub fn code_line(ui: &mut Ui, text: &str) {
    let lines: Vec<String> = text.lines().map(ToOwned::to_owned).collect();
    code_block(ui, &lines, false);
}
