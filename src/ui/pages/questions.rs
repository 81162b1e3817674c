//! The questions that cover a page.

use eframe::egui::{Align, Layout, Ui, vec2};

use crate::app::undo::UndoPlan;
use crate::app::{AppState, Command, Opening, Question, SavedCommand, SavedQuestion};
use crate::machine::visible;
use crate::remedy::{Operation, UndoMode};
use crate::ui::icons::Icon;
use crate::ui::text::Text;
use crate::ui::theme::{Status, tokens};
use crate::ui::widgets::{Answer, Button, Dialog, Field, heading, modal, notice, preview};
use crate::ui::words;

/// Shows the question, where there is one.
pub fn show(ui: &Ui, state: &AppState, out: &mut Vec<Command>) {
    match &state.question {
        None => {}
        Some(Question::HighRisk) => high_risk(ui, state, out),
        Some(Question::Change) => super::change::show(ui, state, out),
        Some(Question::Undo(entry)) => undo(ui, state, entry, out),
        Some(Question::OtherPort { text, problem }) => other_port(ui, text, problem.as_deref(), out),
        Some(Question::OpenCase(question)) => open_case(ui, question, out),
        Some(Question::ReplaceFile) => replace(ui, state, out),
        Some(Question::CloseWhileRunning) => close(ui, out),
        Some(Question::Settings) => super::settings::show(ui, state, out),
        Some(Question::Keys) => super::key_list::show(ui, state, out),
    }
}

fn high_risk(ui: &Ui, state: &AppState, out: &mut Vec<Command>) {
    let Some(option) = state.chosen_option() else { return };
    let ends = option.steps.iter().any(|step| matches!(step.operation, Operation::EndProcess { .. }));
    let more = if state.will_ask() { "\u{2026}" } else { "" };
    let (act, keep) = if ends { (format!("End process{more}"), "Keep it running") } else { (format!("Do it{more}"), "Leave it") };
    let button = Button::danger(act);
    let dialog = Dialog {
        title: &format!("{}?", visible(&option.title)),
        text: &visible(&option.effect),
        code: &option.steps.iter().map(preview).collect::<Vec<_>>(),
        act: if state.will_ask() { button.icon(Icon::Shield) } else { button },
        other: None,
        keep,
    };
    answer(dialog.show(ui), Command::ApplyNow, out);
}

fn undo(ui: &Ui, state: &AppState, entry: &str, out: &mut Vec<Command>) {
    let known = state.history.value().and_then(|entries| entries.iter().find(|known| known.id == entry));
    let title = match known {
        Some(known) => format!("Undo \"{}\"?", visible(&known.title)),
        None => "Undo this change?".to_owned(),
    };
    let elevated = state.host().is_some_and(|host| host.elevated);
    let asks = if elevated { String::new() } else { format!(" {} asks for an administrator once.", words::system(state)) };
    let way = match (state.way_back.value(), state.way_back.problem()) {
        (Some(way), _) => way,
        (None, problem) => {
            let working = "Working out the way back.".to_owned();
            let text = problem.map_or(working, words::sentence);
            let off = if problem.is_some() { "The way back is not known" } else { "Wait until the way back is known" };
            let act = Button::danger(if elevated { "Undo" } else { "Undo\u{2026}" }).off(Some(off.to_owned()));
            let act = if elevated { act } else { act.icon(Icon::Shield) };
            let dialog = Dialog { title: &title, text: &text, code: &[], act, other: None, keep: "Keep the change" };
            return answer(dialog.show(ui), Command::CloseQuestion, out);
        }
    };
    let choose = |mode: UndoMode| Command::Undo(entry.to_owned(), mode);
    if !way.changed.is_empty() {
        let changed: Vec<String> = way.changed.iter().map(|text| words::sentence(text)).collect();
        let title = "Somebody changed this since. What shall be taken back?";
        return choices(ui, way, title, &format!("{}{asks}", changed.join(" ")), elevated, &choose, out);
    }
    let Some(option) = way.case.plan.options.first() else { return };
    let stays = option.steps.iter().filter(|step| step.is_manual()).map(|step| step.title.as_str());
    let code: Vec<String> = option.steps.iter().filter(|step| !step.is_manual()).map(preview).collect();
    let stays: String = stays.flat_map(|title| [" ".to_owned(), words::sentence(title)]).collect();
    let act = Button::danger(if elevated { "Undo" } else { "Undo\u{2026}" });
    let dialog = Dialog {
        title: &title,
        text: &format!("{} It stops where somebody changed it since.{stays}{asks}", visible(&option.effect)),
        code: &code,
        act: if elevated { act } else { act.icon(Icon::Shield) },
        other: None,
        keep: "Keep the change",
    };
    answer(dialog.show(ui), choose(UndoMode::Exact), out);
}

/// Only PortMedic's own part, everything, or nothing: for a change that others have built on.
fn choices(
    ui: &Ui,
    way: &UndoPlan,
    title: &str,
    text: &str,
    elevated: bool,
    choose: &dyn Fn(UndoMode) -> Command,
    out: &mut Vec<Command>,
) {
    let more = if elevated { "" } else { "\u{2026}" };
    let code = |place: usize| {
        let steps = way.case.plan.options.get(place).map_or(&[][..], |option| &option.steps);
        let title = way.choices.get(place).map_or("", |mode| words_of(*mode));
        std::iter::once(format!("# {title}"))
            .chain(steps.iter().filter(|step| !step.is_manual()).map(preview))
            .collect::<Vec<_>>()
    };
    let code: Vec<String> = (0..way.choices.len()).flat_map(code).collect();
    let button = |mode: UndoMode| Button::danger(format!("{}{more}", words_of(mode)));
    let own = way.option_of(UndoMode::OwnOnly).is_some();
    let dialog = Dialog {
        title,
        text,
        code: &code,
        act: button(if own { UndoMode::OwnOnly } else { UndoMode::Everything }),
        other: own.then(|| button(UndoMode::Everything)),
        keep: "Leave it",
    };
    match dialog.show(ui) {
        Some(Answer::Act) if own => out.push(choose(UndoMode::OwnOnly)),
        Some(Answer::Act | Answer::Other) => out.push(choose(UndoMode::Everything)),
        Some(Answer::Keep) => out.push(Command::CloseQuestion),
        None => {}
    }
}

const fn words_of(mode: UndoMode) -> &'static str {
    match mode {
        UndoMode::Exact => "Undo",
        UndoMode::OwnOnly => "Only PortMedic's part",
        UndoMode::Everything => "All as it was",
    }
}

fn replace(ui: &Ui, state: &AppState, out: &mut Vec<Command>) {
    let (name, folder) = (visible(state.report.name.trim()), visible(state.report.folder.trim()));
    let dialog = Dialog {
        title: "Replace the file of this name?",
        text: &format!("{name} is in {folder} already, with another text. What is in it now is lost."),
        code: &[],
        act: Button::danger("Replace the file"),
        other: None,
        keep: "Keep the file",
    };
    answer(dialog.show(ui), Command::SaveOver, out);
}

fn close(ui: &Ui, out: &mut Vec<Command>) {
    let dialog = Dialog {
        title: "Close while steps run?",
        text: "The step that is being done is finished, the ones after it do not run. What was done stands in History.",
        code: &[],
        act: Button::danger("Stop and close"),
        other: None,
        keep: "Keep it open",
    };
    answer(dialog.show(ui), Command::CloseNow, out);
}

fn answer(answer: Option<Answer>, act: Command, out: &mut Vec<Command>) {
    match answer {
        Some(Answer::Act) => out.push(act),
        Some(Answer::Keep | Answer::Other) => out.push(Command::CloseQuestion),
        None => {}
    }
}

fn other_port(ui: &Ui, text: &str, problem: Option<&str>, out: &mut Vec<Command>) {
    let closed = modal(ui, "other port", |ui| {
        let t = tokens(ui);
        heading(ui, Text::Title, "Which port shall be checked?", 1);
        ui.add_space(8.0);
        Text::Body.show(ui, "A number from 1 to 65535. With /tcp or /udp only that protocol is looked at.", t.text2);
        ui.add_space(16.0);
        let mut typed = text.to_owned();
        let response = Field::new("Port", &mut typed).hint("8080 or 53/udp").icon(Icon::EthernetPort).show(ui, 432.0);
        if ui.memory(|memory| memory.focused().is_none()) && !response.lost_focus() {
            response.request_focus();
        }
        if response.changed() {
            out.push(Command::TypePort(typed));
        }
        let entered = response.lost_focus() && ui.input(|input| input.key_pressed(eframe::egui::Key::Enter));
        if let Some(problem) = problem {
            ui.add_space(12.0);
            notice(ui, Status::Warn, problem, "");
        }
        ui.add_space(24.0);
        ui.allocate_ui_with_layout(vec2(432.0, 36.0), Layout::right_to_left(Align::Center), |ui| {
            let because = text.trim().is_empty().then(|| "Type a port first".to_owned());
            if ui.add(Button::primary("Check port").off(because)).clicked() || (entered && !text.trim().is_empty()) {
                out.push(Command::CheckPort);
            }
            ui.add_space(8.0);
            if ui.add(Button::second("Cancel")).clicked() {
                out.push(Command::CloseQuestion);
            }
        });
    });
    if closed {
        out.push(Command::CloseQuestion);
    }
}

/// Which file? The path can always be typed; a dialog may be missing.
fn open_case(ui: &Ui, question: &SavedQuestion, out: &mut Vec<Command>) {
    let (title, text, label, hint, action) = match question.what {
        Opening::Case => (
            "Which saved case?",
            "The .json file of a report, from this computer or another one. It only shows; nothing is run.",
            "Path of the case",
            "/path/to/case.json",
            "Open case",
        ),
        Opening::Evidence | Opening::Either => (
            "Which outputs or logs?",
            "Outputs of netstat, ss or netsh, and logs, in any language: a file, a folder or a zip archive. They are only read.",
            "Path of the evidence",
            "/path/to/netstat.txt",
            "Open evidence",
        ),
    };
    let closed = modal(ui, "open files", |ui| {
        let t = tokens(ui);
        heading(ui, Text::Title, title, 1);
        ui.add_space(8.0);
        Text::Body.show(ui, text, t.text2);
        ui.add_space(16.0);
        let mut typed = question.path.clone();
        let response = Field::new(label, &mut typed).hint(hint).icon(Icon::FileText).code().show(ui, 432.0);
        if ui.memory(|memory| memory.focused().is_none()) && !response.lost_focus() {
            response.request_focus();
        }
        if response.changed() {
            out.push(Command::Saved(SavedCommand::Type(typed)));
        }
        let entered = response.lost_focus() && ui.input(|input| input.key_pressed(eframe::egui::Key::Enter));
        if let Some(problem) = &question.problem {
            ui.add_space(12.0);
            notice(ui, Status::Warn, &words::sentence(problem), "");
        }
        ui.add_space(24.0);
        ui.allocate_ui_with_layout(vec2(432.0, 36.0), Layout::right_to_left(Align::Center), |ui| {
            let empty = question.path.trim().is_empty();
            let because = match (question.busy, empty) {
                (true, _) => Some("Wait until the file is read, or the dialog closed".to_owned()),
                (_, true) => Some("Type or choose a file first".to_owned()),
                (false, false) => None,
            };
            let open = ui.add(Button::primary(action).off(because.clone())).clicked();
            if because.is_none() && (open || entered) {
                out.push(Command::Saved(SavedCommand::OpenTyped));
            }
            ui.add_space(8.0);
            let choose = Button::second("Choose\u{2026}").icon(Icon::FolderOpen);
            if ui.add(choose.off(question.busy.then(|| "A dialog is open already".to_owned()))).clicked() {
                out.push(Command::Saved(SavedCommand::Browse));
            }
            ui.add_space(8.0);
            if ui.add(Button::second("Cancel")).clicked() {
                out.push(Command::CloseQuestion);
            }
        });
    });
    if closed {
        out.push(Command::CloseQuestion);
    }
}
