//! Practise: which made-up computer, and what shall happen on it.

use eframe::egui::{Margin, Role, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};

use crate::app::{AppState, Command, Page, Practice, PracticeCommand, Turn, is_changing};
use crate::machine::System;
use crate::platform::practice::Machine;
use crate::ui::icons::Icon;
use crate::ui::shell::{Footer, FooterButton};
use crate::ui::text::Text;
use crate::ui::theme::{Status, tokens};
use crate::ui::widgets::{RadioGroup, card, card_with, headline, notice, radio_ring, section, segmented};
use crate::ui::{paint, words};

const TEXT_LEFT: f32 = 52.0;
/// Where the system stands in a row, from its right end.
const SYSTEM: f32 = 96.0;
const ROW: f32 = 44.0;
/// The steps to choose from: no plan of a practice machine has more.
const STEPS: usize = 4;

pub fn show(ui: &mut Ui, state: &AppState, out: &mut Vec<Command>) {
    let under = "Made-up computers that behave as real ones, with the same findings, fixes and prompts.";
    headline(ui, "Practise", under);
    ui.add_space(20.0);
    if let Some(problem) = &state.practising.problem {
        notice(ui, Status::Err, "The practice machines could not be read", &words::sentence(problem));
        return;
    }
    section(ui, "What shall happen", "so that every outcome was seen once");
    turns(ui, state, out);
    ui.add_space(20.0);
    section(ui, "Machine", &format!("{} to choose from", state.practising.machines.len()));
    machines(ui, state, out);
}

pub fn footer(state: &AppState) -> Footer {
    let off = if is_changing(state) {
        Some("Wait until the steps that run now have ended")
    } else {
        state.practising.chosen_machine().is_none().then_some("Choose a machine first")
    };
    Footer {
        back: Some(FooterButton::new(Page::Home.title(), Command::GoTo(Page::Home))),
        note: (Icon::ShieldCheck, "Nothing real is looked at or changed.".to_owned()),
        second: None,
        primary: Some(FooterButton::new("Go to this machine", Command::Practice(PracticeCommand::Begin)).off(off)),
    }
}

fn turns(ui: &mut Ui, state: &AppState, out: &mut Vec<Command>) {
    let chosen = Turn::ALL.iter().position(|turn| *turn == state.practising.turn);
    card(ui, Margin::symmetric(0, 6), |ui| {
        let group = RadioGroup::new(ui, "what shall happen", Turn::ALL.len(), chosen);
        let columns = if ui.available_width() >= 600.0 { 2 } else { 1 };
        let rows = Turn::ALL.len().div_ceil(columns);
        let (_, whole) = ui.allocate_space(vec2(ui.available_width(), 36.0 * rows as f32));
        let size = vec2(whole.width() / columns as f32, 36.0);
        for (index, turn) in Turn::ALL.into_iter().enumerate() {
            let corner = whole.min + vec2(size.x * (index / rows) as f32, size.y * (index % rows) as f32);
            let rect = eframe::egui::Rect::from_min_size(corner, size).shrink2(vec2(6.0, 2.0));
            let response = ui.interact(rect, group.item_id(index), group.sense(index));
            if let Some(taken) = group.item(ui, index, &response, turn.as_str()) {
                out.push(Command::Practice(PracticeCommand::Turn(Turn::ALL[taken])));
            }
            let t = tokens(ui);
            if response.hovered() {
                ui.painter().rect_filled(rect, 6, t.hover);
            }
            radio_ring(ui, pos2(rect.left() + 18.0, rect.center().y), chosen == Some(index));
            let galley = Text::Body.line(ui, turn.as_str(), t.text, rect.width() - 44.0);
            paint::line_left(ui, galley, pos2(rect.left() + 36.0, rect.center().y));
            if response.has_focus() {
                paint::focus_ring(ui, rect, 6);
            }
        }
    });
    if state.practising.turn.is_in_a_step() {
        ui.add_space(8.0);
        ui.horizontal(|ui| {
            let t = tokens(ui);
            let galley = Text::Body.line(ui, "In step", t.text, 80.0);
            let (rect, _) = ui.allocate_exact_size(vec2(galley.size().x + 12.0, 32.0), Sense::hover());
            paint::line_left(ui, galley, rect.left_center());
            let labels: Vec<String> = (1..=STEPS).map(|step| step.to_string()).collect();
            if let Some(taken) = segmented(ui, "in step", &labels, state.practising.step() - 1) {
                out.push(Command::Practice(PracticeCommand::Step(taken + 1)));
            }
        });
    }
}

fn machines(ui: &mut Ui, state: &AppState, out: &mut Vec<Command>) {
    let machines = &state.practising.machines;
    let chosen = machines.iter().position(|machine| Some(&machine.name) == state.practising.chosen.as_ref());
    let group = RadioGroup::new(ui, "machine", machines.len(), chosen);
    for (index, machine) in machines.iter().enumerate() {
        if let Some(taken) = machine_card(ui, machine, &group, index, chosen == Some(index)) {
            out.push(Command::Practice(PracticeCommand::Choose(machines[taken].name.clone())));
        }
        ui.add_space(8.0);
    }
}

/// A machine: one line, and its story where it is the chosen one. Gives the one to choose.
fn machine_card(ui: &mut Ui, machine: &Machine, group: &RadioGroup, index: usize, chosen: bool) -> Option<usize> {
    let t = tokens(ui);
    let edge = if chosen { Stroke::new(2.0, t.accent) } else { Stroke::new(paint::hairline(ui), t.line) };
    let system = system(machine);
    let (taken, _) = card_with(ui, Margin::ZERO, t.surface, edge, |ui| {
        let (_, rect) = ui.allocate_space(vec2(ui.available_width(), ROW));
        let response = ui.interact(rect, group.item_id(index), group.sense(index));
        let taken = group.item(ui, index, &response, &format!("{}, {system}", machine.title));
        if response.hovered() && !chosen {
            ui.painter().rect_filled(rect.shrink(1.0), 7, t.hover);
        }
        radio_ring(ui, pos2(rect.left() + 28.0, rect.center().y), chosen);
        let room = rect.width() - TEXT_LEFT - SYSTEM - 12.0;
        let galley = Text::Strong.line(ui, &machine.title, t.text, room);
        let elided = galley.elided;
        paint::line_left(ui, galley, pos2(rect.left() + TEXT_LEFT, rect.center().y));
        let galley = Text::Detail.line(ui, system, t.text3, SYSTEM - 16.0);
        paint::line_left(ui, galley, pos2(rect.right() - SYSTEM, rect.center().y));
        if response.has_focus() {
            paint::focus_ring(ui, rect, 8);
        }
        if elided {
            response.on_hover_text(&machine.title);
        }
        if chosen {
            let text = Practice::from(machine).story;
            let story = Text::Body.paragraph(ui, &text, t.text2, rect.width() - TEXT_LEFT - 20.0, 12);
            let (place, response) = ui.allocate_exact_size(vec2(rect.width(), story.size().y + 14.0), Sense::hover());
            response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &text));
            paint::place(ui, story, pos2(place.left() + TEXT_LEFT, place.top() - 2.0));
        }
        taken
    });
    taken
}

const fn system(machine: &Machine) -> &'static str {
    match machine.system() {
        System::Linux => "Linux",
        System::Windows => "Windows",
    }
}
