//! The dynamic range: what it is in every table of the system, and another one with what it would come to while it is typed.

use eframe::egui::{Align, Layout, Margin, Rect, Role, Sense, Ui, UiBuilder, WidgetInfo, pos2, vec2};

use super::inspector::{against, commands};
use crate::app::ranges::{Affected, Becomes, Capacity, Resize, limits, usual};
use crate::app::{AppState, Command, RangesCommand, RangesState};
use crate::machine::{Snapshot, Store, visible};
use crate::ui::icons::Icon;
use crate::ui::text::{Text, count};
use crate::ui::theme::{Status, tokens};
use crate::ui::widgets::{Button, Field, card, notice, section, section_link, state_word, toggle};
use crate::ui::{paint, words};

/// The field for the range.
const FIELD: f32 = 260.0;
/// So many ports of services are shown.
const MOST: usize = 40;
const SO_ALREADY: &str = "It is so already, now and after a restart";

/// Shows it.
pub fn show(ui: &mut Ui, state: &AppState, look: &Snapshot, out: &mut Vec<Command>) {
    let ranges = &state.ranges;
    section(ui, "As it is", "");
    tables(ui, look);
    ui.add_space(20.0);
    let usual = usual(look);
    let name = format!("Take the usual range {usual}");
    if section_link(ui, "Another range", "", (Icon::RotateCw, &name, &name)) {
        out.push(Command::Ranges(RangesCommand::TypeRange(usual)));
    }
    field(ui, state, look, out);
    let Some(resize) = &ranges.resize.preview else { return };
    ui.add_space(12.0);
    card(ui, Margin::ZERO, |ui| {
        capacity(ui, state, resize, out);
        affected(ui, resize);
        if let Some(refusal) = &resize.refusal {
            against(ui, refusal);
        }
        for caution in &resize.cautions {
            padded(ui, |ui| notice(ui, Status::Warn, "Good to know", &visible(caution)));
        }
        if ranges.commands {
            commands(ui, &resize.commands, out);
        } else {
            ui.add_space(8.0);
        }
    });
}

/// Every table with its range now and after a restart.
fn tables(ui: &mut Ui, look: &Snapshot) {
    card(ui, Margin::symmetric(0, 4), |ui| {
        let t = tokens(ui);
        for row in look.dynamic_ranges.iter().filter(|row| row.store == Store::Active) {
            let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 32.0), Sense::hover());
            let protocol = row.protocol.map_or_else(|| "TCP and UDP".to_owned(), |protocol| protocol.to_string());
            let family = row.family.map_or_else(|| "IPv4 and IPv6".to_owned(), |family| family.to_string());
            let next = look.dynamic_range_of(row.protocol, row.family, Store::Persistent);
            let next = match next.filter(|next| *next != row.range) {
                Some(next) => format!("{} after a restart", dash(&next.to_string())),
                None => "Now and after a restart".to_owned(),
            };
            let ports = format!("{} ports", count(row.range.count() as usize));
            let texts = [format!("{protocol}, {family}"), dash(&row.range.to_string()), ports, next, visible(&row.source)];
            response.widget_info(|| WidgetInfo::labeled(Role::ListItem, true, texts.join(", ")));
            let starts = [16.0, 168.0, 288.0, 392.0, 560.0];
            for (index, text) in texts.iter().enumerate() {
                let left = rect.left() + starts[index];
                let right = rect.left() + starts.get(index + 1).copied().unwrap_or(rect.width() - 4.0) - 12.0;
                if right - left < 40.0 {
                    continue;
                }
                let role = if index == 1 { Text::Code } else { Text::Detail };
                let color = if index < 2 { t.text } else { t.text2 };
                let galley = role.middle_elided(ui, text, color, right.min(rect.right() - 16.0) - left);
                paint::line_left(ui, galley, pos2(left, rect.center().y));
            }
        }
    });
}

/// The field, what is wrong with the range beside it, the limits, and for which tables it is.
fn field(ui: &mut Ui, state: &AppState, look: &Snapshot, out: &mut Vec<Command>) {
    let t = tokens(ui);
    let ranges = &state.ranges;
    let width = ui.available_width();
    let (row, response) = ui.allocate_exact_size(vec2(width, 32.0), Sense::hover());
    let field_width = FIELD.min(width);
    let mut child =
        ui.new_child(UiBuilder::new().max_rect(Rect::from_min_size(row.min, vec2(field_width, 32.0))).id_salt("range"));
    let mut typed = ranges.resize.typed.clone();
    let hint = usual(look);
    if Field::new("New dynamic range", &mut typed).hint(&hint).icon(Icon::Ruler).show(&mut child, field_width).changed() {
        out.push(Command::Ranges(RangesCommand::TypeRange(typed)));
    }
    let problem = ranges.resize.problem.as_ref();
    let beside = width - field_width - 16.0;
    if let Some(problem) = problem {
        response.widget_info(|| WidgetInfo::labeled(Role::Label, true, problem));
        let (at, room) = if beside >= 240.0 {
            (pos2(row.left() + field_width + 16.0, row.center().y), beside)
        } else {
            (ui.allocate_exact_size(vec2(width, 24.0), Sense::hover()).0.left_center(), width)
        };
        state_word(ui, at, Status::Warn, Icon::TriangleAlert, problem, room);
    }
    ui.add_space(8.0);
    Text::Detail.show(ui, &limits(look), t.text2);
    if !ranges.has_protocols() && !ranges.has_families() {
        return;
    }
    let label = format!("For every table: {}", everywhere(ranges));
    let (row, _) = ui.allocate_exact_size(vec2(width, 32.0), Sense::hover());
    let mut child = ui.new_child(UiBuilder::new().max_rect(row).id_salt("everywhere"));
    let on = ranges.resize.everywhere;
    if toggle(&mut child, on, &label).clicked() {
        out.push(Command::Ranges(RangesCommand::Everywhere(!on)));
    }
    let galley = Text::Detail.line(ui, &label, t.text, width - 48.0);
    paint::line_left(ui, galley, pos2(row.left() + 44.0, row.center().y));
}

/// Which table the numbers are of.
fn of_table(ranges: &RangesState) -> String {
    let over = if ranges.has_families() { format!(" over {}", ranges.family) } else { String::new() };
    let others = if ranges.resize.everywhere { "; every other table gets the same range" } else { "" };
    format!("{}{over}{others}", ranges.protocol)
}

fn everywhere(ranges: &RangesState) -> &'static str {
    if ranges.has_families() { "TCP and UDP, IPv4 and IPv6" } else { "TCP and UDP" }
}

/// What clients have now and would have then.
fn capacity(ui: &mut Ui, state: &AppState, resize: &Resize, out: &mut Vec<Command>) {
    let t = tokens(ui);
    let table = if resize.is_so { SO_ALREADY.to_owned() } else { of_table(&state.ranges) };
    let known = |value: &dyn Fn(Capacity) -> String| resize.before.map_or_else(|| "not known".to_owned(), value);
    let number = |number: u32| count(number as usize);
    let rows = [
        ("Dynamic range", known(&|own| dash(&own.range.to_string())), dash(&resize.after.range.to_string())),
        ("Ports in it", known(&|own| number(own.range.count())), number(resize.after.range.count())),
        ("Of these excluded", known(&|own| number(own.excluded)), number(resize.after.excluded)),
        ("Left for clients", known(&|own| number(own.for_clients())), number(resize.after.for_clients())),
        ("In use now", known(&|own| count(own.in_use)), count(resize.after.in_use)),
    ];
    let (head, response) = ui.allocate_exact_size(vec2(ui.available_width(), 60.0), Sense::hover());
    let title = "What it would come to";
    response.widget_info(|| WidgetInfo::labeled(Role::Heading, true, format!("{title}. {table}")));
    let right = actions(ui, state, resize, head, out);
    let room = right - head.left() - 32.0;
    let galley = Text::Section.line(ui, title, t.text, room);
    paint::line_left(ui, galley, pos2(head.left() + 16.0, head.center().y - 9.0));
    let note = Text::Label.line(ui, &table, t.text2, room);
    paint::line_left(ui, note, pos2(head.left() + 16.0, head.center().y + 11.0));
    for (what, before, after) in rows {
        let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 28.0), Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::ListItem, true, format!("{what}: {before} becomes {after}")));
        let middle = rect.center().y;
        let galley = Text::Detail.line(ui, what, t.text2, 160.0);
        paint::line_left(ui, galley, pos2(rect.left() + 16.0, middle));
        let galley = Text::Detail.line(ui, &before, t.text2, 120.0);
        paint::line_left(ui, galley, pos2(rect.left() + 168.0, middle));
        let changed = before != after;
        if changed {
            paint::icon(ui, Icon::ArrowRight, 14.0, pos2(rect.left() + 296.0, middle), t.text2);
        }
        let role = if changed { Text::DetailStrong } else { Text::Detail };
        let galley = role.line(ui, &after, if changed { t.text } else { t.text2 }, rect.width() - 328.0);
        paint::line_left(ui, galley, pos2(rect.left() + 312.0, middle));
    }
}

/// The ports of services that it matters to.
fn affected(ui: &mut Ui, resize: &Resize) {
    let t = tokens(ui);
    let line = |ui: &mut Ui, status: Status, icon: Icon, text: &str| {
        let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 28.0), Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::ListItem, true, text));
        state_word(ui, pos2(rect.left() + 16.0, rect.center().y), status, icon, text, rect.width() - 32.0);
    };
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 9.0), Sense::hover());
    paint::rule(ui, (rect.left() + 16.0..=rect.right()).into(), rect.center().y, t.line);
    for own in resize.affected.iter().take(MOST) {
        let (status, icon) = match own.becomes {
            Becomes::Exposed | Becomes::StillExposed => (Status::Warn, Icon::TriangleAlert),
            Becomes::Safe => (Status::Ok, Icon::CircleCheck),
        };
        line(ui, status, icon, &about(own, resize));
    }
    if resize.affected.len() > MOST {
        line(ui, Status::Neutral, Icon::Info, &format!("and {} more ports of services", resize.affected.len() - MOST));
    }
    let others = match (resize.affected.is_empty(), resize.unaffected) {
        (true, 0) => "No fixed port of a service is known here".to_owned(),
        (_, 0) => return,
        (true, _) => format!(
            "{} outside of it, or excluded, as before",
            words::plural(resize.unaffected, "fixed port of a service stays", "fixed ports of services stay")
        ),
        (false, _) => {
            format!("{} outside of it, or excluded, as before", words::plural(resize.unaffected, "other stays", "others stay"))
        }
    };
    line(ui, Status::Neutral, Icon::Info, &others);
}

fn about(own: &Affected, resize: &Resize) -> String {
    let over = resize.family.map(|family| format!(" over {family}")).unwrap_or_default();
    let port = format!("Port {} {} of {}", own.port, own.protocol, visible(&own.service));
    match own.becomes {
        Becomes::Exposed => format!("{port} would lie inside: a client{over} may get it"),
        Becomes::StillExposed => format!("{port} stays inside: a client may get it"),
        Becomes::Safe => format!("{port} would lie outside: clients{over} get it no more"),
    }
}

/// The buttons at the right end of `head`; gives the left end of them.
fn actions(ui: &mut Ui, state: &AppState, resize: &Resize, head: Rect, out: &mut Vec<Command>) -> f32 {
    let area = head.shrink2(vec2(16.0, 0.0));
    let mut child = ui.new_child(UiBuilder::new().max_rect(area).layout(Layout::right_to_left(Align::Center)));
    let asks = state.host().is_none_or(|host| !host.elevated);
    let label = format!("Set {}\u{2026}", dash(&resize.after.range.to_string()));
    let button = if resize.refusal.is_some() { Button::second(label) } else { Button::primary(label) };
    let button = if asks { button.icon(Icon::Shield) } else { button };
    let so = resize.is_so.then(|| SO_ALREADY.to_owned());
    if child.add(button.off(so)).clicked() {
        out.push(Command::Ranges(RangesCommand::Resize));
    }
    child.add_space(8.0);
    let shown = state.ranges.commands;
    let response = child.add(Button::second(if shown { "Hide commands" } else { "Show commands" }));
    if response.clicked() {
        out.push(Command::Ranges(RangesCommand::Commands(!shown)));
    }
    response.rect.left()
}

/// With the margin of the card's text.
fn padded(ui: &mut Ui, content: impl FnOnce(&mut Ui)) {
    let room = ui.available_rect_before_wrap().shrink2(vec2(16.0, 0.0));
    let shown = ui.scope_builder(UiBuilder::new().max_rect(room), |ui| {
        content(ui);
        ui.add_space(12.0);
    });
    ui.advance_cursor_after_rect(shown.response.rect);
}

fn dash(text: &str) -> String {
    text.replace('-', "\u{2013}")
}
