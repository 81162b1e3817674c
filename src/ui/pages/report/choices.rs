//! The form of the report, what is hidden in it, and its file.

use eframe::egui::{Rect, Role, ScrollArea, Sense, Ui, UiBuilder, WidgetInfo, pos2, vec2};

use crate::app::{AppState, Command};
use crate::machine::{System, visible};
use crate::report::{Format, Kind};
use crate::ui::icons::Icon;
use crate::ui::text::Text;
use crate::ui::theme::{Status, tokens};
use crate::ui::widgets::{Button, Field, RadioGroup, notice, radio_ring, section, section_link, toggle};
use crate::ui::{keys, paint, words};

const ROW: f32 = 32.0;

pub fn show(ui: &mut Ui, state: &AppState, rect: Rect, out: &mut Vec<Command>) {
    let mut child = ui.new_child(UiBuilder::new().max_rect(rect).id_salt("choices"));
    child.set_clip_rect(rect.expand(4.0).intersect(ui.clip_rect()));
    ScrollArea::vertical().auto_shrink(false).show(&mut child, |ui| {
        ui.set_width(rect.width() - 8.0);
        trouble(ui, state);
        section(ui, "Format", "");
        formats(ui, state, out);
        ui.add_space(12.0);
        hidden(ui, state, out);
        ui.add_space(12.0);
        file(ui, state, out);
    });
}

/// Why the report is not saved yet: above all else, where it is seen.
fn trouble(ui: &mut Ui, state: &AppState) {
    if let Some(problem) = &state.report.problem {
        notice(ui, Status::Err, &words::sentence(problem), "");
        ui.add_space(12.0);
    }
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
        let (_, rect) = ui.allocate_space(vec2(ui.available_width(), ROW));
        let response = ui.interact(rect, group.item_id(index), group.sense(index));
        if let Some(taken) = group.item(ui, index, &response, &format!("{name}, {use_for}")) {
            out.push(Command::Format(all[taken].0));
        }
        let ground = rect.shrink2(vec2(0.0, 1.0));
        if chosen == Some(index) {
            ui.painter().rect_filled(ground, 6, t.accent_bg);
        } else if response.hovered() {
            ui.painter().rect_filled(ground, 6, t.hover);
        }
        radio_ring(ui, pos2(rect.left() + 18.0, rect.center().y), chosen == Some(index));
        let galley = Text::Body.line(ui, name, t.text, 80.0);
        paint::line_left(ui, galley, pos2(rect.left() + 36.0, rect.center().y));
        let galley = Text::Detail.line(ui, use_for, t.text2, rect.width() - 116.0);
        paint::line_left(ui, galley, pos2(rect.left() + 112.0, rect.center().y));
        if response.has_focus() {
            paint::focus_ring(ui, ground, 6);
        }
    }
}

/// One switch for each kind of value, and on demand the values themselves.
fn hidden(ui: &mut Ui, state: &AppState, out: &mut Vec<Command>) {
    let report = &state.report;
    if !report.format.can_hide() {
        section(ui, "Hidden", "nothing");
        notice(
            ui,
            Status::Warn,
            "A script works only with the real names",
            "Nothing is hidden in it. Look at it before you pass it on.",
        );
        return;
    }
    let (label, name) = if report.lists_hidden {
        ("Hide the list", "Hide the list of hidden values")
    } else {
        ("Show what", "Show what is hidden")
    };
    if report.hidden.is_empty() {
        section(ui, "Hidden", "");
    } else if section_link(ui, "Hidden", "", (Icon::Eye, label, name)) {
        out.push(Command::ListHidden(!report.lists_hidden));
    }
    for kind in Kind::ALL {
        switch(ui, state, kind, out);
        let list = report.hidden.iter().filter(|hidden| hidden.kind == kind && report.lists_hidden);
        for hidden in list {
            value(ui, &hidden.word, &visible(&hidden.value), hidden.places);
        }
    }
}

fn switch(ui: &mut Ui, state: &AppState, kind: Kind, out: &mut Vec<Command>) {
    let t = tokens(ui);
    let on = state.report.hide.has(kind);
    let count = state.report.hidden.iter().filter(|hidden| hidden.kind == kind).count();
    let said = if on { format!("{count} hidden") } else { "shown".to_owned() };
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::hover());
    let galley = Text::Body.line(ui, kind.as_str(), t.text, rect.width() - 130.0);
    paint::line_left(ui, galley, rect.left_center());
    let galley = Text::Detail.line(ui, &said, t.text3, 90.0);
    paint::line_right(ui, galley, pos2(rect.right() - 44.0, rect.center().y));
    let place = Rect::from_min_max(pos2(rect.right() - 32.0, rect.top()), rect.max);
    let mut child = ui.new_child(UiBuilder::new().max_rect(place).id_salt(kind));
    if toggle(&mut child, on, &format!("Hide {}, {said}", kind.as_str().to_lowercase())).clicked() {
        out.push(Command::Hide(kind, !on));
    }
}

/// What stands in the place of a value. The value shows here and in no report.
fn value(ui: &mut Ui, word: &str, value: &str, places: usize) {
    let t = tokens(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 36.0), Sense::hover());
    let often = words::plural(places, "place", "places");
    let name = format!("{word} stands for {value}, in {often}");
    response.widget_info(|| WidgetInfo::labeled(Role::ListItem, true, &name));
    let galley = Text::SmallCode.middle_elided(ui, value, t.text, rect.width() - 12.0);
    paint::line_left(ui, galley, pos2(rect.left() + 12.0, rect.top() + 10.0));
    let galley = Text::Label.line(ui, &format!("{word}, in {often}"), t.text3, rect.width() - 12.0);
    paint::line_left(ui, galley, pos2(rect.left() + 12.0, rect.top() + 26.0));
    response.on_hover_text(name);
}

fn file(ui: &mut Ui, state: &AppState, out: &mut Vec<Command>) {
    let report = &state.report;
    section(ui, "File name", "and its folder");
    field(ui, "File name", &report.name, Command::ReportName, out);
    ui.add_space(8.0);
    let folder = field(ui, "Folder", &report.folder, Command::ReportFolder, out);
    ui.add_space(8.0);
    if let Some(why) = &report.no_dialog {
        notice(ui, Status::Warn, &words::sentence(why), "Type the folder above.");
        // Once, when it is told: the field is where it goes on.
        let told = ui.make_persistent_id("no dialog told");
        let first = ui.data_mut(|data| !std::mem::replace(data.get_temp_mut_or_default::<bool>(told), true));
        if first {
            folder.request_focus();
        }
    } else {
        let browse = Button::second("Choose a folder\u{2026}").icon(Icon::FolderOpen).low();
        if ui.add(browse.off(report.busy.then(|| "A dialog is open already".to_owned()))).clicked() {
            out.push(Command::Browse);
        }
    }
}

fn field(
    ui: &mut Ui,
    label: &str,
    value: &str,
    command: fn(String) -> Command,
    out: &mut Vec<Command>,
) -> eframe::egui::Response {
    let mut text = value.to_owned();
    let width = ui.available_width();
    let response = Field::new(label, &mut text).code().show(ui, width);
    if response.changed() {
        out.push(command(text));
    }
    if response.has_focus() {
        keys::enter_is_for_the_page(ui, response.id);
    }
    response.on_hover_text(value)
}
