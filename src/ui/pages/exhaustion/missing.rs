//! What the files of another computer do not show, and the commands whose outputs would.

use eframe::egui::Ui;

use super::GAP;
use crate::app::Command;
use crate::machine::{Gap, visible};
use crate::ui::text::Text;
use crate::ui::theme::tokens;
use crate::ui::widgets::{raw_block, section};
use crate::ui::words;

pub fn show(ui: &mut Ui, gaps: &[Gap], out: &mut Vec<Command>) {
    let mut commands: Vec<String> = Vec::new();
    for command in gaps.iter().map(|gap| visible(&gap.shown_by)) {
        if !command.is_empty() && !commands.contains(&command) {
            commands.push(command);
        }
    }
    if commands.is_empty() {
        return;
    }
    ui.add_space(GAP);
    section(ui, "What the files do not show", &words::plural(gaps.len(), "gap", "gaps"));
    let what: Vec<String> = gaps.iter().map(|gap| visible(&gap.what)).collect();
    let text = format!(
        "Missing: {}. Run these on that computer, as administrator, and open their outputs together with the files.",
        what.join("; ")
    );
    Text::Detail.show(ui, &text, tokens(ui).text2);
    ui.add_space(8.0);
    let commands = commands.join("\n");
    if raw_block(ui, &commands, "Copy the commands that show it") {
        out.push(Command::Copy(commands));
    }
}
