//! The report for the ticket: its text on paper, its form, and where it is saved.

use eframe::egui::{Label, Margin, Rect, ScrollArea, Shadow, Ui, UiBuilder, pos2, vec2};

use super::back;
use crate::app::{AppState, Command};
use crate::machine::{System, visible};
use crate::report::Format;
use crate::ui::icons::Icon;
use crate::ui::shell::{Footer, FooterButton};
use crate::ui::text::Text;
use crate::ui::theme::{LIGHT, Status, tokens};
use crate::ui::widgets::{Button, Field, RadioGroup, headline, notice, radio_ring, section};
use crate::ui::{keys, paint, words};

/// Narrower than this, the choices stand below the paper.
const SIDE_BY_SIDE: f32 = 640.0;
const CHOICES: f32 = 264.0;
const GAP: f32 = 32.0;

pub fn show(ui: &mut Ui, state: &AppState, out: &mut Vec<Command>) {
    headline(ui, "Report for the ticket", "Exactly what you see is saved.");
    ui.add_space(20.0);
    let width = ui.available_width();
    let height = (ui.clip_rect().bottom() - ui.cursor().top() - 24.0).max(320.0);
    let start = ui.cursor().min;
    if width >= SIDE_BY_SIDE {
        let paper = Rect::from_min_size(start, vec2(width - CHOICES - GAP, height));
        let choices = Rect::from_min_size(pos2(paper.right() + GAP, start.y), vec2(CHOICES, height));
        show_paper(ui, state, paper);
        show_choices(ui, state, choices, out);
        ui.advance_cursor_after_rect(paper.union(choices));
    } else {
        let paper = Rect::from_min_size(start, vec2(width, 320.0));
        show_paper(ui, state, paper);
        let choices = Rect::from_min_size(pos2(start.x, paper.bottom() + 16.0), vec2(width, 280.0));
        show_choices(ui, state, choices, out);
        ui.advance_cursor_after_rect(paper.union(choices));
    }
}

pub fn footer(state: &AppState) -> Footer {
    let nothing = state.report.text.is_empty().then_some("There is nothing to save yet");
    Footer {
        back: back(state),
        note: (Icon::Eye, "Names and addresses of this computer are hidden".to_owned()),
        second: Some(FooterButton::new("Copy for ticket", Command::CopyReport).icon(Icon::Copy).off(nothing)),
        primary: Some(FooterButton::new("Save report", Command::Save).icon(Icon::FileDown).off(nothing).busy(state.report.busy)),
    }
}

/// The paper is white in both themes: it is what will be read elsewhere.
fn show_paper(ui: &mut Ui, state: &AppState, rect: Rect) {
    let shadow = Shadow { offset: [0, 2], blur: 12, spread: 0, color: tokens(ui).paper_shadow };
    ui.painter().add(shadow.as_shape(rect, 4));
    paint::boxed(ui, rect, 4, LIGHT.surface, LIGHT.line);
    let mut child = ui.new_child(UiBuilder::new().max_rect(rect).id_salt("paper").accessibility_label("The report"));
    child.set_clip_rect(rect.intersect(ui.clip_rect()));
    ScrollArea::vertical().auto_shrink(false).show(&mut child, |ui| {
        eframe::egui::Frame::new().inner_margin(Margin::same(24)).show(ui, |ui| {
            let mut job = eframe::egui::text::LayoutJob::default();
            for line in state.report.text.lines() {
                let head = line.starts_with("# ") || line.starts_with("## ");
                let format = if head { Text::Section.format(LIGHT.text) } else { Text::Code.format(LIGHT.text) };
                job.append(&visible(line), 0.0, format.clone());
                job.append("\n", 0.0, format);
            }
            ui.add(Label::new(job).wrap_mode(eframe::egui::TextWrapMode::Wrap).selectable(true));
        });
    });
}

fn show_choices(ui: &mut Ui, state: &AppState, rect: Rect, out: &mut Vec<Command>) {
    let mut child = ui.new_child(UiBuilder::new().max_rect(rect).id_salt("choices"));
    let ui = &mut child;
    ui.set_width(rect.width());
    section(ui, "Format", "");
    formats(ui, state, out);
    ui.add_space(16.0);
    section(ui, "File name", "");
    file_field(ui, "File name", &state.report.name, Command::ReportName, out);
    ui.add_space(8.0);
    section(ui, "Folder", "");
    file_field(ui, "Folder", &state.report.folder, Command::ReportFolder, out);
    ui.add_space(8.0);
    let browse = Button::second("Choose a folder\u{2026}").icon(Icon::FolderOpen).low();
    if ui.add(browse.off(state.report.busy.then(|| "A dialog is open already".to_owned()))).clicked() {
        out.push(Command::Browse);
    }
    if state.report.would_replace {
        ui.add_space(12.0);
        notice(ui, Status::Warn, "A file of this name is there", "Choose another name, or replace it.");
        ui.add_space(8.0);
        if ui.add(Button::danger("Replace the file").low()).clicked() {
            out.push(Command::SaveOver);
        }
    }
    if let Some(problem) = &state.report.problem {
        ui.add_space(12.0);
        notice(ui, Status::Err, &words::sentence(problem), "Choose another folder.");
    }
}

fn file_field(ui: &mut Ui, label: &str, value: &str, command: fn(String) -> Command, out: &mut Vec<Command>) {
    let mut text = value.to_owned();
    let width = ui.available_width();
    let response = Field::new(label, &mut text).code().show(ui, width);
    if response.changed() {
        out.push(command(text));
    }
    if response.has_focus() {
        keys::enter_is_for_the_page(ui, response.id);
    }
    response.on_hover_text(value);
}

fn formats(ui: &mut Ui, state: &AppState, out: &mut Vec<Command>) {
    let system = state.host().map_or(System::Linux, |host| host.system);
    let all = [
        (Format::Html, "HTML", "to read and print"),
        (Format::Markdown, "Markdown", "for the ticket"),
        (Format::Json, "JSON", "opens again, for tools"),
        (Format::Csv, "CSV", "for a spreadsheet"),
        (Format::script_for(system), "Script", "to repeat by hand"),
    ];
    let chosen = all.iter().position(|(format, ..)| *format == state.report.format);
    let group = RadioGroup::new(ui, "formats", all.len(), chosen);
    for (index, (_, name, use_for)) in all.iter().enumerate() {
        let t = tokens(ui);
        let (_, rect) = ui.allocate_space(vec2(ui.available_width(), 36.0));
        let response = ui.interact(rect, group.item_id(index), group.sense(index));
        if let Some(taken) = group.item(ui, index, &response, &format!("{name}, {use_for}")) {
            out.push(Command::Format(all[taken].0));
        }
        let ground = rect.shrink2(vec2(0.0, 2.0));
        if chosen == Some(index) {
            ui.painter().rect_filled(ground, 6, t.accent_bg);
        } else if response.hovered() {
            ui.painter().rect_filled(ground, 6, t.hover);
        }
        radio_ring(ui, pos2(rect.left() + 18.0, rect.center().y), chosen == Some(index));
        let galley = Text::Body.line(ui, name, t.text, 80.0);
        paint::line_left(ui, galley, pos2(rect.left() + 36.0, rect.center().y));
        let galley = Text::Detail.line(ui, use_for, t.text2, rect.width() - 124.0);
        paint::line_left(ui, galley, pos2(rect.left() + 116.0, rect.center().y));
        if response.has_focus() {
            paint::focus_ring(ui, ground, 6);
        }
    }
}
