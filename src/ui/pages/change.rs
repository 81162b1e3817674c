//! The dialog of a change that was asked for by itself: what it does, what speaks against it, how it runs, and what came of it.

use std::time::Duration;

use eframe::egui::accesskit::Live;
use eframe::egui::{Align, Layout, Role, ScrollArea, Sense, Ui, UiBuilder, WidgetInfo, pos2, vec2};

use crate::app::{AppState, AskedChange, ChangeCommand, Command, Stage};
use crate::machine::visible;
use crate::remedy::{CheckOutcome, FixOption, Refusal, RefusalKind, Risk};
use crate::ui::icons::Icon;
use crate::ui::text::Text;
use crate::ui::theme::{Status, tokens};
use crate::ui::widgets::{
    Button, Disc, busy_line, change_rows, code_block, commands, heading, link_at, meta_cells, modal, notice, preview, soft_disc,
};
use crate::ui::{paint, words};

/// The room that title and buttons take of the window's height.
const AROUND: f32 = 220.0;

/// Shows it.
pub fn show(ui: &Ui, state: &AppState, out: &mut Vec<Command>) {
    let closed = modal(ui, "change", |ui| {
        let change = &state.change;
        match (change.asked.value(), change.asked.problem()) {
            (Some(asked), _) => stage(ui, state, asked, out),
            (None, Some(problem)) => {
                title(ui, Status::Warn, "This change could not be prepared");
                Text::Body.show(ui, &words::sentence(problem), tokens(ui).text2);
                answers(ui, "Close", Vec::new(), out);
            }
            (None, None) => {
                title(ui, Status::Info, "One moment");
                busy_line(ui, "Looking at what this would change");
                answers(ui, "Cancel", Vec::new(), out);
            }
        }
    });
    if closed {
        out.push(Command::CloseQuestion);
    }
}

fn stage(ui: &mut Ui, state: &AppState, asked: &AskedChange, out: &mut Vec<Command>) {
    let Some(option) = asked.case.plan.options.first() else { return };
    match (&asked.refusal, state.change.run.stage) {
        (Some(refusal), _) => refused(ui, refusal, out),
        (None, Stage::Idle) => ask(ui, state, asked, option, out),
        (None, Stage::Waiting) => waiting(ui, state, out),
        (None, Stage::Running) => running(ui, state, option),
        (None, Stage::Done) if state.change.checking => running(ui, state, option),
        (None, Stage::Declined) => not_begun(ui, state, option, "The prompt was declined", out),
        (None, Stage::CouldNotBegin) => not_begun(ui, state, option, "The change could not be begun", out),
        (None, Stage::Stopped | Stage::Done) => not_proven(ui, state, asked, option, out),
    }
}

/// Disc and headline.
fn title(ui: &mut Ui, status: Status, text: &str) {
    ui.ctx().accesskit_node_builder(ui.unique_id(), |node| node.set_live(Live::Polite));
    let top = ui.cursor().min;
    soft_disc(ui, top + vec2(16.0, 16.0), 32.0, status, if status == Status::Info { Icon::Shield } else { Disc::glyph(status) });
    ui.horizontal_top(|ui| {
        ui.add_space(48.0);
        ui.vertical(|ui| {
            ui.set_width(384.0);
            ui.add_space(4.0);
            heading(ui, Text::Title, text, 3);
        });
    });
    ui.add_space(12.0);
}

/// What stands between title and answers; it scrolls where the window is low.
fn scrolled(ui: &mut Ui, content: impl FnOnce(&mut Ui)) {
    let room = (ui.ctx().content_rect().height() - AROUND).max(80.0);
    // Without a least height the dialog would come to its size in steps of 64 points, frame by frame.
    let part = UiBuilder::new().accessibility_label("what it does");
    ui.scope_builder(part, |ui| ScrollArea::vertical().max_height(room).min_scrolled_height(room).show(ui, content));
}

/// The safe answer rightmost, with the focus; the others left of it.
fn answers(ui: &mut Ui, keep: &str, others: Vec<(Button, Command)>, out: &mut Vec<Command>) {
    ui.add_space(24.0);
    ui.allocate_ui_with_layout(vec2(432.0, 36.0), Layout::right_to_left(Align::Center), |ui| {
        let first = ui.memory(|memory| memory.focused().is_none());
        if ui.add(Button::second(keep).focused(first)).clicked() {
            out.push(Command::CloseQuestion);
        }
        for (button, command) in others {
            ui.add_space(8.0);
            if ui.add(button).clicked() {
                out.push(command);
            }
        }
    });
}

const fn make() -> Command {
    Command::Change(ChangeCommand::Make)
}

fn ask(ui: &mut Ui, state: &AppState, asked: &AskedChange, option: &FixOption, out: &mut Vec<Command>) {
    let asks = state.change.will_ask();
    title(ui, Status::Info, &format!("{}?", visible(&option.title)));
    scrolled(ui, |ui| {
        Text::Body.show(ui, &visible(&option.effect), tokens(ui).text2);
        ui.add_space(12.0);
        change_rows(ui, &option.changes);
        for caution in &asked.cautions {
            ui.add_space(12.0);
            notice(ui, Status::Warn, "Good to know", &visible(caution));
        }
        ui.add_space(12.0);
        meta_cells(ui, option);
        ui.add_space(8.0);
        let title = if asks { "This is what will run as administrator" } else { "This is what will run" };
        what_runs(ui, title, &option.steps.iter().map(preview).collect::<Vec<_>>(), out);
    });
    let word = option.title.split_once(' ').map_or("Do it", |(verb, _)| verb);
    let label = if asks { format!("{word}\u{2026}") } else { word.to_owned() };
    let button = if option.risk == Risk::Low { Button::primary(label) } else { Button::danger(label) };
    let button = button.name(visible(&option.title));
    answers(ui, "Leave it as it is", vec![(if asks { button.icon(Icon::Shield) } else { button }, make())], out);
}

/// What an administrator can type instead; nothing where no command does it.
fn to_type(ui: &mut Ui, option: &FixOption, out: &mut Vec<Command>) {
    let commands = commands(option);
    if !commands.is_empty() {
        ui.add_space(8.0);
        what_runs(ui, "An administrator can type", &commands, out);
    }
}

/// A head with a Copy link, and the block.
fn what_runs(ui: &mut Ui, title: &str, lines: &[String], out: &mut Vec<Command>) {
    let t = tokens(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 32.0), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Heading, true, title));
    let middle = rect.center().y;
    paint::icon(ui, Icon::Terminal, 16.0, rect.left_center() + vec2(8.0, 0.0), t.text2);
    let galley = Text::DetailStrong.line(ui, title, t.text, rect.width() - 100.0);
    paint::line_left(ui, galley, rect.left_center() + vec2(24.0, 0.0));
    let corner = pos2(rect.right(), middle);
    if link_at(ui, corner, Some(Icon::Copy), "Copy", "Copy the commands").clicked() {
        out.push(Command::Change(ChangeCommand::CopyCommands));
    }
    code_block(ui, lines, false);
}

fn refused(ui: &mut Ui, refusal: &Refusal, out: &mut Vec<Command>) {
    let status = if refusal.kind == RefusalKind::AlreadySo { Status::Ok } else { Status::Warn };
    title(ui, status, &visible(&refusal.title));
    Text::Body.show(ui, &visible(&refusal.why), tokens(ui).text);
    if !refusal.next.is_empty() {
        ui.add_space(8.0);
        Text::Body.show(ui, &visible(&refusal.next), tokens(ui).text2);
    }
    if status == Status::Warn {
        ui.add_space(8.0);
        Text::Body.show(ui, "Nothing was changed, and nobody is asked for rights.", tokens(ui).text2);
    }
    let check = refusal
        .port
        .map(|port| (Button::second(format!("Check port\u{a0}{port}")), Command::Change(ChangeCommand::CheckPort(port))));
    answers(ui, "Close", check.into_iter().collect(), out);
}

fn waiting(ui: &mut Ui, state: &AppState, out: &mut Vec<Command>) {
    title(ui, Status::Info, "Waiting for approval");
    let text = format!(
        "Look for the {}. It may be behind this window, or flash in the taskbar. An administrator can type name and password there.",
        words::prompt(state)
    );
    Text::Body.show(ui, &text, tokens(ui).text2);
    ui.add_space(12.0);
    let waited = words::running(words::since(state, state.change.run.since.unwrap_or(state.now)));
    let word = if state.change.run.stopping { "Gives up" } else { "Nothing has been changed yet" };
    busy_line(ui, &format!("{word}, {waited}"));
    ui.ctx().request_repaint_after(Duration::from_millis(250));
    answers(ui, "Cancel", Vec::new(), out);
}

fn running(ui: &mut Ui, state: &AppState, option: &FixOption) {
    title(ui, Status::Info, &visible(&option.title));
    let doing = if state.change.checking { "Done. Looking whether the computer shows it" } else { "Being done" };
    busy_line(ui, doing);
    ui.ctx().request_repaint_after(Duration::from_millis(250));
    ui.add_space(24.0);
    ui.allocate_ui_with_layout(vec2(432.0, 36.0), Layout::right_to_left(Align::Center), |ui| {
        ui.add(Button::second("Cancel").off(Some("The step is being done; it ends by itself".to_owned())))
    });
}

fn not_begun(ui: &mut Ui, state: &AppState, option: &FixOption, headline: &str, out: &mut Vec<Command>) {
    title(ui, Status::Warn, headline);
    let usual = format!("{} did not give administrator rights.", words::system(state));
    let why = state.change.run.message.as_deref().map_or(usual, words::sentence);
    let why = if why.contains("othing was changed") { why } else { format!("{why} Nothing was changed.") };
    scrolled(ui, |ui| {
        Text::Body.show(ui, &why, tokens(ui).text2);
        to_type(ui, option, out);
    });
    answers(ui, "Close", vec![again(state)], out);
}

fn again(state: &AppState) -> (Button, Command) {
    let asks = state.change.will_ask();
    let button = Button::second(if asks { "Try again\u{2026}" } else { "Try again" });
    (if asks { button.icon(Icon::Shield) } else { button }, make())
}

/// The step could not be done, or the computer does not show it, or could not be looked at.
fn not_proven(ui: &mut Ui, state: &AppState, asked: &AskedChange, option: &FixOption, out: &mut Vec<Command>) {
    let done = state.change.run.stage == Stage::Done;
    title(ui, Status::Warn, if done { "Done, but not confirmed" } else { "The change could not be made" });
    let record = asked.case.steps.first();
    let proof = asked.case.verification.as_ref();
    let why = state.change.run.message.clone().or_else(|| record.and_then(|record| record.message.clone()));
    let why = why.or_else(|| proof.map(|proof| proof.headline.clone()));
    let changed = if state.change.run.may_have_changed() { "History tells what was changed." } else { "Nothing was changed." };
    let why = format!("{} {changed}", words::sentence(&why.unwrap_or_else(|| "It was stopped".to_owned())));
    scrolled(ui, |ui| {
        Text::Body.show(ui, &why, tokens(ui).text2);
        for check in proof.into_iter().flat_map(|proof| &proof.checks) {
            if matches!(check.outcome, CheckOutcome::Failed | CheckOutcome::CouldNotCheck) {
                ui.add_space(8.0);
                let text = format!("{} before, {} now", visible(&check.before), visible(&check.now));
                notice(ui, Status::Warn, &format!("{}: {}", visible(&check.what), check.outcome.as_str()), &text);
            }
        }
        to_type(ui, option, out);
    });
    let undo = asked.case.journal_entry.clone().filter(|_| state.change.run.may_have_changed());
    let undo = undo.map(|entry| (Button::second("Undo\u{2026}").icon(Icon::Undo2), Command::AskUndo(entry)));
    let again = (!state.change.run.may_have_changed()).then(|| again(state));
    answers(ui, "Close", undo.into_iter().chain(again).collect(), out);
}
