//! What can be done: the options, the recommended one open, with exactly what will run.

use eframe::egui::Ui;

use super::back;
use crate::app::{AppState, Command, Opened, Page};
use crate::remedy::Risk;
use crate::ui::icons::Icon;
use crate::ui::shell::{Footer, FooterButton};
use crate::ui::widgets::{FixAnswer, FixCard, RadioGroup, headline};
use crate::ui::words;

pub fn show(ui: &mut Ui, state: &AppState, out: &mut Vec<Command>) {
    let Some(case) = state.case() else { return };
    let under = if case.plan.options.len() == 1 {
        "There is one way. Nothing runs before you approve it."
    } else {
        "The gentlest one that lasts is selected. Nothing runs before you approve it."
    };
    headline(ui, "Choose a fix", under);
    ui.add_space(20.0);
    let group = RadioGroup::new(ui, "fixes", case.plan.options.len(), Some(state.option));
    for (index, option) in case.plan.options.iter().enumerate() {
        if index > 0 {
            ui.add_space(8.0);
        }
        let elsewhere = matches!(state.opened, Some(Opened::Evidence(_)));
        let as_administrator = option.steps.iter().any(|step| step.elevation);
        match (FixCard { option, as_administrator, elsewhere }).show(ui, &group, index, index == state.option) {
            Some(FixAnswer::Choose(chosen)) => out.push(Command::ChooseOption(chosen)),
            Some(FixAnswer::Copy) => out.push(Command::CopyCommands),
            None => {}
        }
    }
}

pub fn footer(state: &AppState) -> Footer {
    let option = state.chosen_option();
    let steps = option.map_or(0, |option| option.steps.iter().filter(|step| !step.is_manual()).count());
    let asks = state.will_ask();
    let question = option.is_some_and(|option| option.risk == Risk::High);
    let (label, icon) = if steps == 0 {
        ("I have done it, look again".to_owned(), None)
    } else {
        let more = if asks || question { "\u{2026}" } else { "" };
        (format!("Apply {}{more}", words::plural(steps, "step", "steps")), asks.then_some(Icon::Shield))
    };
    let note = if steps == 0 {
        (Icon::User, "PortMedic changes nothing here".to_owned())
    } else if asks {
        (Icon::Shield, format!("{} asks for an administrator once", words::system(state)))
    } else {
        (Icon::ShieldCheck, "You have the rights: no prompt appears".to_owned())
    };
    let copy = FooterButton::new("Copy commands", Command::CopyCommands).icon(Icon::Copy);
    if let Some(Opened::Evidence(_)) = state.opened {
        let note = (Icon::User, "To be run on that computer".to_owned());
        let report = FooterButton::new("Report", Command::GoTo(Page::Report));
        return Footer { back: back(state), note, second: Some(report), primary: Some(copy) };
    }
    let saved = state.opened.is_some().then_some("This is a saved case: it only shows");
    let primary = FooterButton { icon, ..FooterButton::new(label, Command::Apply) }.off(saved);
    let second = copy;
    Footer { back: back(state), note, second: Some(second), primary: Some(primary) }
}
