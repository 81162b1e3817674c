//! The fix runs: waiting for the rights, each step as it runs, and how it ended.

use eframe::egui::accesskit::Live;
use eframe::egui::{Margin, Role, Sense, Stroke, Ui, UiBuilder, WidgetInfo, pos2, vec2};

use super::back;
use crate::app::{AppState, Command, RunStep, Stage};
use crate::diagnosis::holder_name;
use crate::machine::{Port, visible};
use crate::remedy::{Step, StepResult};
use crate::ui::icons::Icon;
use crate::ui::shell::{Footer, FooterButton};
use crate::ui::text::Text;
use crate::ui::theme::{Status, tokens};
use crate::ui::widgets::{
    Banner, StepRow, StepState, Strip, card, code_block, commands, heading, headline, log_block, preview, section, section_link,
    step_list,
};
use crate::ui::{paint, words};

pub fn show(ui: &mut Ui, state: &AppState, out: &mut Vec<Command>) {
    let Some(option) = state.chosen_option() else { return };
    match state.run.stage {
        Stage::Waiting => waiting(ui, state),
        Stage::Idle | Stage::Running => headline(ui, "Applying the fix", &now_running(state, &option.steps)),
        Stage::Done => done(ui, state),
        Stage::Stopped => stopped(ui, state),
        Stage::Declined => not_begun(ui, state, "The prompt was declined"),
        Stage::CouldNotBegin => not_begun(ui, state, "The steps could not be begun"),
    }
    ui.add_space(20.0);
    let (title, note) = match state.run.stage {
        Stage::Waiting => ("What will happen", "in this order, stops at the first surprise"),
        Stage::Declined | Stage::CouldNotBegin => ("What was planned", "no step ran"),
        Stage::Idle | Stage::Running | Stage::Done | Stage::Stopped => ("Steps", "each one is read back before the next"),
    };
    section(ui, title, note);
    let rows: Vec<StepRow> =
        option.steps.iter().enumerate().map(|(index, step)| row(state, step, state.run.steps.get(index))).collect();
    step_list(ui, &rows);
    if state.run.is_busy() {
        // The seconds beside a running step count on although nothing else happens.
        ui.ctx().request_repaint_after(std::time::Duration::from_millis(250));
    }
    match state.run.stage {
        Stage::Declined | Stage::CouldNotBegin => for_an_administrator(ui, state, out),
        Stage::Running | Stage::Done | Stage::Stopped if !state.run.output.is_empty() => output(ui, state),
        Stage::Idle | Stage::Waiting | Stage::Running | Stage::Done | Stage::Stopped => {}
    }
}

pub fn footer(state: &AppState) -> Footer {
    let shield = Icon::Shield;
    match state.run.stage {
        Stage::Idle | Stage::Waiting => Footer {
            back: None,
            note: (shield, "Nothing has been changed yet".to_owned()),
            second: Some(FooterButton::new("Cancel", Command::Stop).busy(state.run.stopping)),
            primary: None,
        },
        Stage::Running => Footer {
            back: None,
            note: approved(state),
            second: Some(
                FooterButton::new("Stop after this step", Command::Stop)
                    .off(state.run.stopping.then_some("Stops as soon as this step is done")),
            ),
            primary: Some(FooterButton::new("Verify", Command::Verify).off(Some("Wait until the steps are done"))),
        },
        Stage::Done => Footer {
            back: None,
            note: (Icon::Undo2, "Every change can be undone in History".to_owned()),
            second: undo(state),
            primary: Some(FooterButton::new("Verify", Command::Verify)),
        },
        Stage::Stopped if !state.is_locked() => Footer {
            back: back(state),
            note: (shield, "Nothing was changed".to_owned()),
            second: Some(FooterButton::new("Copy commands", Command::CopyCommands).icon(Icon::Copy)),
            primary: Some(FooterButton::new("Look again", Command::LookAgain).icon(Icon::RotateCw)),
        },
        Stage::Stopped => Footer {
            back: None,
            note: (Icon::Undo2, "What was changed can be undone in History".to_owned()),
            second: undo(state),
            primary: Some(FooterButton::new("Verify", Command::Verify)),
        },
        Stage::Declined | Stage::CouldNotBegin => Footer {
            back: back(state),
            note: (shield, "Nothing was changed".to_owned()),
            second: Some(FooterButton::new("Copy commands", Command::CopyCommands).icon(Icon::Copy)),
            primary: Some(FooterButton::new("Try again\u{2026}", Command::ApplyNow).icon(shield)),
        },
    }
}

/// The button that takes the run back.
pub fn undo(state: &AppState) -> Option<FooterButton> {
    let entry = state.case()?.journal_entry.clone()?;
    let busy = state.undoing.busy().is_some();
    Some(FooterButton::new("Undo\u{2026}", Command::AskUndo(entry)).icon(Icon::Undo2).busy(busy))
}

fn approved(state: &AppState) -> (Icon, String) {
    match &state.run.approved {
        Some((user, time)) => {
            (Icon::ShieldCheck, format!("Approved: runs as {} since {}", visible(user), words::clock(state, *time)))
        }
        None => (Icon::ShieldCheck, "Runs with the rights you have".to_owned()),
    }
}

fn now_running(state: &AppState, steps: &[Step]) -> String {
    let running = state.run.steps.iter().position(|step| step.started.is_some() && step.record.is_none());
    match running.and_then(|index| steps.get(index).map(|step| (index, step))) {
        Some((index, step)) => format!("Step {} of {}. {}.", index + 1, steps.len(), visible(&step.title)),
        None => "Begins.".to_owned(),
    }
}

fn row(state: &AppState, step: &Step, run: Option<&RunStep>) -> StepRow {
    let record = run.and_then(|run| run.record.as_ref());
    let started = run.and_then(|run| run.started);
    let not_begun = matches!(state.run.stage, Stage::Declined | Stage::CouldNotBegin | Stage::Stopped);
    let reached = match record.map(|record| record.result) {
        Some(result) => StepState::Ended(result),
        None if not_begun => StepState::Ended(StepResult::NotRun),
        None if started.is_some() => StepState::Running,
        None => StepState::Pending,
    };
    let time = match (record, started) {
        (Some(record), _) if record.result != StepResult::NotRun => words::duration(record.duration_ms),
        (None, Some(started)) if reached == StepState::Running => words::running(words::since(state, started)),
        _ => String::new(),
    };
    StepRow {
        title: visible(&step.title),
        preview: preview(step),
        state: reached,
        time,
        message: record
            .filter(|record| !record.result.is_success())
            .and_then(|record| record.message.as_deref())
            .map(words::sentence),
    }
}

fn waiting(ui: &mut Ui, state: &AppState) {
    card(ui, Margin::ZERO, |ui| {
        ui.ctx().accesskit_node_builder(ui.unique_id(), |node| node.set_live(Live::Polite));
        let t = tokens(ui);
        let top = ui.cursor().min;
        let width = ui.available_width();
        let center = top + vec2(72.0, 76.0);
        ui.painter().circle_filled(center, 40.0, t.accent_bg);
        paint::icon_in_disc(ui, Icon::Shield, 36.0, center, t.accent);
        let turn = (words::since(state, state.run.since.unwrap_or(state.now)) % 1200) as f32 / 1200.0;
        let turn = if ui.style().animation_time > 0.0 { turn } else { 0.0 };
        paint::arc(ui, center, 41.0, turn, 0.3, Stroke::new(2.0, t.accent));
        if ui.style().animation_time > 0.0 {
            ui.ctx().request_repaint_after(std::time::Duration::from_millis(33));
        }
        let room = eframe::egui::Rect::from_min_size(top + vec2(144.0, 28.0), vec2(width - 144.0 - 24.0, f32::INFINITY));
        let inner = ui.scope_builder(UiBuilder::new().max_rect(room).id_salt("approval"), |ui| {
            ui.set_width(room.width());
            heading(ui, Text::Headline, "Waiting for approval", 1);
            ui.add_space(4.0);
            let text = format!(
                "Look for the {}. It may be behind this window, or flash in the taskbar. An administrator can type name and password there.",
                words::prompt(state)
            );
            Text::Body.show(ui, &text, t.text);
            ui.add_space(16.0);
            let (rule, _) = ui.allocate_exact_size(vec2(room.width(), 8.0), Sense::hover());
            paint::rule(ui, rule.x_range(), rule.top(), t.line);
            ui.add_space(4.0);
            let waited = words::running(words::since(state, state.run.since.unwrap_or(state.now)));
            let steps = words::plural(state.run.steps.len(), "step below", "steps below");
            let asks = format!("the {steps}, nothing else");
            for (name, value) in [("Program", "PortMedic"), ("Asks for", &asks), ("Waiting", &waited)] {
                let (rect, response) = ui.allocate_exact_size(vec2(room.width(), 24.0), Sense::hover());
                response.widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("{name}: {value}")));
                let galley = Text::Detail.line(ui, name, t.text2, 80.0);
                paint::line_left(ui, galley, pos2(rect.left(), rect.center().y));
                let galley = Text::DetailStrong.line(ui, value, t.text, room.width() - 88.0);
                paint::line_left(ui, galley, pos2(rect.left() + 88.0, rect.center().y));
            }
            ui.add_space(16.0);
        });
        ui.advance_cursor_after_rect(eframe::egui::Rect::from_min_max(top, pos2(top.x + width, inner.response.rect.bottom())));
    });
}

fn done(ui: &mut Ui, state: &AppState) {
    let count = state.run.steps.len();
    let headline = if count == 1 { "The step is done".to_owned() } else { format!("All {count} steps are done") };
    let explanation = "Each one was read back from the system. Whether the service runs now is the next question.";
    let strip = Strip { next_step: "Verify that it helped".to_owned(), ..Strip::default() };
    Banner { status: Status::Ok, headline: &headline, explanation, strip: Some(strip) }.show(ui);
}

fn stopped(ui: &mut Ui, state: &AppState) {
    let headline = if state.is_locked() {
        format!("The fix stopped after {} of {}", state.run.done(), words::plural(state.run.steps.len(), "step", "steps"))
    } else {
        "The fix stopped before it changed anything".to_owned()
    };
    let why = state.run.message.clone().or_else(|| {
        let failed = state.run.steps.iter().filter_map(|step| step.record.as_ref()).find(|record| !record.result.is_success());
        failed.and_then(|record| record.message.clone())
    });
    let explanation =
        words::sentence(&why.unwrap_or_else(|| "It was asked to stop. The steps after that did not run.".to_owned()));
    let next = if !state.is_locked() {
        "Remove what is in the way, then try again, or choose another fix"
    } else if state.case().is_some_and(|case| case.journal_entry.is_some()) {
        "Verify what it is like now, or undo what was done"
    } else {
        "Verify what it is like now"
    };
    let strip = Strip { next_step: next.to_owned(), ..Strip::default() };
    Banner { status: Status::Warn, headline: &headline, explanation: &explanation, strip: Some(strip) }.show(ui);
}

fn not_begun(ui: &mut Ui, state: &AppState, headline: &str) {
    let usual = format!("{} did not give administrator rights, so no step ran.", words::system(state));
    let why = state.run.message.as_deref().map_or(usual, words::sentence);
    let mut explanation = if why.contains("othing was changed") { why } else { format!("{why} Nothing was changed.") };
    if let Some((holder, port)) = still_held(state) {
        explanation = format!("{explanation} Port\u{a0}{port} is still held by {holder}.");
    }
    let strip = Strip { next_step: "Try again, or give the commands to an administrator".to_owned(), ..Strip::default() };
    Banner { status: Status::Warn, headline, explanation: &explanation, strip: Some(strip) }.show(ui);
}

/// Who has the port as long as nothing was changed.
fn still_held(state: &AppState) -> Option<(String, Port)> {
    let (case, snapshot) = (state.case()?, state.snapshot()?);
    Some((visible(&holder_name(snapshot, case.owners.first()?)), case.target.port?))
}

fn for_an_administrator(ui: &mut Ui, state: &AppState, out: &mut Vec<Command>) {
    let commands = state.chosen_option().map(commands).unwrap_or_default();
    if commands.is_empty() {
        return;
    }
    ui.add_space(20.0);
    let copy = (Icon::Copy, "Copy", "Copy the commands");
    if section_link(ui, "For an administrator", "type these in a terminal, in this order", copy) {
        out.push(Command::CopyCommands);
    }
    code_block(ui, &commands, true);
}

fn output(ui: &mut Ui, state: &AppState) {
    ui.add_space(20.0);
    section(ui, "Live output", if state.run.is_busy() { "as it comes" } else { "" });
    let lines: Vec<_> = state.run.output.iter().map(|line| (words::clock(state, line.time), visible(&line.text))).collect();
    log_block(ui, &lines);
}
