//! The strip below the list: the chosen socket in words, and what can be done about it.

use eframe::egui::accesskit::Live;
use eframe::egui::{Rect, Role, Sense, Ui, UiBuilder, WidgetInfo, pos2, vec2};

use super::words::{meaning, title, who};
use crate::app::change::ChangeCommand;
use crate::app::ports::{PortRow, PortsCommand, close_connection, exclude_port};
use crate::app::{AppState, Command};
use crate::machine::System;
use crate::ui::icons::Icon;
use crate::ui::paint;
use crate::ui::text::Text;
use crate::ui::theme::tokens;
use crate::ui::widgets::{Button, menu_row};

const LOW: f32 = 64.0;
const TWO_ROWS: f32 = 112.0;
/// Narrower than this, the buttons stand below the words.
const ONE_ROW: f32 = 720.0;
/// Less room than this beside the other buttons, and there is no button for copying.
const ROOM_FOR_COPY: f32 = 420.0;

/// How high the strip is.
pub const fn height(width: f32) -> f32 {
    if width < ONE_ROW { TWO_ROWS } else { LOW }
}

/// Something that can be done to the chosen socket.
struct Action {
    icon: Option<Icon>,
    /// On the button.
    short: &'static str,
    /// In the menu, and for screen readers.
    name: String,
    off: Option<&'static str>,
    command: Command,
}

fn actions(state: &AppState, row: &PortRow) -> [Action; 3] {
    let port = row.port();
    let host = state.ports.table.as_ref().map(|table| &table.host);
    let prompts = host.is_some_and(|host| !host.elevated).then_some(Icon::Shield);
    let check = Command::Ports(PortsCommand::Check);
    let closing = close_connection(row, host.map_or(System::Linux, |host| host.system));
    let (off, close) = match closing {
        Ok(operation) => (None, Command::Change(ChangeCommand::Ask(operation.into()))),
        Err(why) => (Some(why), check.clone()),
    };
    let exclude = Command::Change(ChangeCommand::Ask(exclude_port(row).into()));
    [
        Action {
            icon: prompts,
            short: "Exclude\u{2026}",
            name: format!("Exclude port {port}\u{2026}"),
            off: None,
            command: exclude,
        },
        Action { icon: None, short: "Check this port", name: format!("Check port {port}"), off: None, command: check },
        Action {
            icon: prompts,
            short: "Close connection\u{2026}",
            name: "Close connection\u{2026}".to_owned(),
            off,
            command: close,
        },
    ]
}

pub fn show(ui: &mut Ui, state: &AppState, out: &mut Vec<Command>) {
    let t = tokens(ui);
    let rect = ui.max_rect();
    paint::boxed(ui, rect, 8, t.surface, t.line);
    let Some(row) = state.ports.selected_row() else {
        let text = "Choose a socket to see what it is and what can be done about it.";
        let response = ui.interact(rect, ui.make_persistent_id("nothing chosen"), Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::Label, true, text));
        let galley = Text::Detail.line(ui, text, t.text2, rect.width() - 32.0);
        paint::line_left(ui, galley, pos2(rect.left() + 16.0, rect.center().y));
        return;
    };
    let low = rect.height() < TWO_ROWS;
    let middle = if low { rect.center().y } else { rect.bottom() - 28.0 };
    let left = buttons(ui, state, row, pos2(rect.right() - 16.0, middle), out);
    let end = if low { left - 16.0 } else { rect.right() - 16.0 };
    let words = Rect::from_min_max(pos2(rect.left() + 16.0, rect.top() + 11.0), pos2(end, rect.top() + 55.0));
    let (title, meaning) = (title(row), meaning(state, row));
    let text = format!("{}. {meaning}", who(row));
    let response = ui.interact(words, ui.make_persistent_id("chosen"), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("{title}. {text}")));
    ui.ctx().accesskit_node_builder(response.id, |node| node.set_live(Live::Polite));
    let galley = Text::Section.line(ui, &title, t.text, words.width());
    let mut cut = galley.elided;
    paint::line_left(ui, galley, pos2(words.left(), words.top() + 10.0));
    // Who has it stands in the row as well: that goes first where there is no room.
    let whole = Text::Detail.line(ui, &text, t.text2, words.width());
    let galley = if whole.elided { Text::Detail.line(ui, &meaning, t.text2, words.width()) } else { whole };
    cut |= galley.text() != text;
    paint::line_left(ui, galley, pos2(words.left(), words.top() + 32.0));
    if cut {
        response.on_hover_text(format!("{title}\n{text}"));
    }
}

/// The buttons, the last one with its right end at `right_center`; gives their left end.
fn buttons(ui: &mut Ui, state: &AppState, row: &PortRow, right_center: eframe::egui::Pos2, out: &mut Vec<Command>) -> f32 {
    let actions = actions(state, row);
    let room = right_center.x - ui.max_rect().left() - 16.0;
    let buttons: Vec<Button> = actions
        .iter()
        .map(|action| {
            let button = Button::second(action.short).name(&action.name).off(action.off.map(str::to_owned));
            match action.icon {
                Some(icon) => button.icon(icon),
                None => button,
            }
        })
        .collect();
    let copy = Button::ghost("").icon(Icon::Copy).name("Copy row").hint("Copy row (Ctrl+C)");
    let widths: Vec<f32> = buttons.iter().map(|button| button.width(ui)).collect();
    // Where not all fit, the first ones are in the row's menu alone.
    let mut first = 0;
    while first + 1 < widths.len() && widths[first..].iter().map(|width| width + 8.0).sum::<f32>() - 8.0 > room {
        first += 1;
    }
    let widths = &widths[first..];
    let begin = right_center.x - widths.iter().sum::<f32>() - 8.0 * widths.len() as f32;
    // The row can also be copied by key and from its menu.
    let copy_width = if begin - ui.max_rect().left() < ROOM_FOR_COPY { 0.0 } else { copy.width(ui) };
    let begin = begin - copy_width;
    let mut left = begin;
    let mut put = |ui: &mut Ui, button: Button, width: f32, salt: &str| {
        let rect = Rect::from_min_size(pos2(left, right_center.y - 18.0), vec2(width, 36.0));
        left += width + 8.0;
        ui.new_child(UiBuilder::new().max_rect(rect).id_salt(salt)).add(button).clicked()
    };
    if copy_width > 0.0 && put(ui, copy, copy_width, "copy") {
        out.push(Command::Ports(PortsCommand::CopyRow));
    }
    for ((button, width), action) in
        buttons.into_iter().zip(&actions).skip(first).zip(widths).map(|((button, action), width)| ((button, *width), action))
    {
        if put(ui, button, width, action.short) {
            out.push(action.command.clone());
        }
    }
    begin
}

/// The menu of a row.
pub fn menu(ui: &mut Ui, state: &AppState, row: &PortRow, out: &mut Vec<Command>) {
    ui.set_width(224.0);
    for action in actions(state, row) {
        if menu_row(ui, action.icon, &action.name, Role::MenuItem, action.off).clicked() {
            out.extend([Command::Ports(PortsCommand::Select(row.id)), action.command]);
        }
    }
    if menu_row(ui, Some(Icon::Copy), "Copy row", Role::MenuItem, None).clicked() {
        out.extend([Command::Ports(PortsCommand::Select(row.id)), Command::Ports(PortsCommand::CopyRow)]);
    }
}
