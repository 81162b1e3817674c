//! What is to be said of the chosen ports, and what can be done about them.

use eframe::egui::accesskit::Live;
use eframe::egui::{Align, Id, Layout, Margin, Role, Sense, Ui, UiBuilder, WidgetInfo, pos2, vec2};

use crate::app::ranges::{About, Safety};
use crate::app::{AppState, ChangeCommand, Command, RangesCommand};
use crate::machine::visible;
use crate::remedy::Refusal;
use crate::ui::icons::Icon;
use crate::ui::paint;
use crate::ui::text::Text;
use crate::ui::theme::{Status, tokens};
use crate::ui::widgets::{Button, Disc, card, code_block, link_at, notice, soft_disc, state_word};

/// The colour of how ports stand.
pub const fn status(safety: Safety) -> Status {
    match safety {
        Safety::Safe => Status::Ok,
        Safety::AtRisk => Status::Warn,
        Safety::Blocked => Status::Err,
        Safety::Neutral => Status::Info,
        Safety::Unknown => Status::Neutral,
    }
}

/// Whether the button that excludes had the pointer or the focus when it was shown last.
pub fn previews(ui: &Ui) -> bool {
    ui.data(|data| data.get_temp(preview_id())).unwrap_or(false)
}

fn preview_id() -> Id {
    Id::unique("the exclusion is previewed")
}

/// Shows it.
pub fn show(ui: &mut Ui, state: &AppState, out: &mut Vec<Command>) {
    let Some(about) = &state.ranges.about else {
        nothing(ui);
        return;
    };
    card(ui, Margin::ZERO, |ui| {
        let t = tokens(ui);
        let buttons = buttons(state, about);
        let widths: f32 = buttons.iter().map(|(button, _)| button.width(ui) + 8.0).sum();
        let width = ui.available_width();
        let beside = width - 64.0 - widths - 32.0 >= 240.0;
        let room = if beside { width - 64.0 - widths - 32.0 } else { width - 80.0 };
        let title = Text::SmallCard.paragraph(ui, &about.title, t.text, room, 2);
        let text = Text::Body.paragraph(ui, &about.text, t.text2, room, 6);
        let below = if beside { 0.0 } else { 48.0 };
        let height = title.size().y + text.size().y + 28.0;
        let (rect, response) = ui.allocate_exact_size(vec2(width, height.max(80.0) + below), Sense::hover());
        let spoken = format!("{}. {}", about.title, about.text);
        response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &spoken));
        ui.ctx().accesskit_node_builder(response.id, |node| node.set_live(Live::Polite));
        let status = status(about.safety);
        let middle = rect.top() + (rect.height() - below) / 2.0;
        soft_disc(ui, pos2(rect.left() + 32.0, middle), 32.0, status, Disc::glyph(status));
        let top = middle - f32::midpoint(title.size().y, text.size().y);
        let text_top = top + title.size().y;
        paint::place(ui, title, pos2(rect.left() + 64.0, top));
        paint::place(ui, text, pos2(rect.left() + 64.0, text_top));
        let row = if beside { middle } else { rect.bottom() - 32.0 };
        let area = eframe::egui::Rect::from_min_max(pos2(rect.left() + 16.0, row - 18.0), pos2(rect.right() - 16.0, row + 18.0));
        let mut child = ui.new_child(UiBuilder::new().max_rect(area).layout(Layout::right_to_left(Align::Center)));
        let mut previewed = false;
        for (index, (button, command)) in buttons.into_iter().enumerate() {
            if index > 0 {
                child.add_space(8.0);
            }
            let response = child.add(button);
            previewed |= command == RangesCommand::Exclude && (response.hovered() || response.has_focus());
            if response.clicked() {
                out.push(Command::Ranges(command));
            }
        }
        ui.data_mut(|data| data.insert_temp(preview_id(), previewed));
        blocks(ui, about);
        if let Some(refusal) = &about.refusal {
            against(ui, refusal);
        }
        if state.ranges.commands
            && let Some(commands) = &about.commands
        {
            self::commands(ui, commands, out);
        }
    });
    check(ui, about, out);
}

/// The buttons from right to left.
fn buttons(state: &AppState, about: &About) -> Vec<(Button, RangesCommand)> {
    let ports = about.ports();
    let asks = state.host().is_none_or(|host| !host.elevated);
    let shield = |button: Button| if asks { button.icon(Icon::Shield) } else { button };
    let mut all = Vec::new();
    if !about.exclude.is_empty() {
        let label = format!("Exclude {ports}\u{2026}");
        let button = if about.safety == Safety::AtRisk && about.refusal.is_none() {
            Button::primary(label)
        } else {
            Button::second(label)
        };
        all.push((shield(button), RangesCommand::Exclude));
    }
    if !about.remove.is_empty() {
        let button = Button::second("Remove exclusion\u{2026}").name(format!("Remove the exclusion of {ports}\u{2026}"));
        all.push((shield(button), RangesCommand::Remove));
    }
    if about.commands.is_some() {
        let shown = state.ranges.commands;
        let label = if shown { "Hide commands" } else { "Show commands" };
        all.push((Button::second(label), RangesCommand::Commands(!shown)));
    }
    all
}

/// How each of several blocks stands.
fn blocks(ui: &mut Ui, about: &About) {
    let t = tokens(ui);
    for block in &about.blocks {
        let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 28.0), Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::ListItem, true, &block.title));
        paint::rule(ui, (rect.left() + 64.0..=rect.right()).into(), rect.top(), t.line);
        let status = status(block.safety);
        state_word(ui, pos2(rect.left() + 64.0, rect.center().y), status, Disc::glyph(status), &block.title, rect.width() - 80.0);
    }
}

/// Why the system would not take it now: said before anybody presses the button.
pub fn against(ui: &mut Ui, refusal: &Refusal) {
    ui.add_space(4.0);
    let inner = ui.available_rect_before_wrap();
    let room = inner.shrink2(vec2(16.0, 0.0));
    let text = format!("{} {}", refusal.why, refusal.next);
    let shown = ui.scope_builder(UiBuilder::new().max_rect(room), |ui| {
        notice(ui, Status::Warn, &visible(&refusal.title), &visible(text.trim_end()));
        ui.add_space(12.0);
    });
    ui.advance_cursor_after_rect(shown.response.rect);
}

/// The commands with a link that copies them.
pub fn commands(ui: &mut Ui, commands: &str, out: &mut Vec<Command>) {
    let inner = ui.available_rect_before_wrap();
    let width = ui.available_width() - 32.0;
    let room = eframe::egui::Rect::from_min_size(pos2(inner.left() + 16.0, inner.top()), vec2(width, f32::INFINITY));
    let shown = ui.scope_builder(UiBuilder::new().max_rect(room), |ui| {
        ui.set_width(width);
        let (rect, _) = ui.allocate_exact_size(vec2(width, 32.0), Sense::hover());
        let t = tokens(ui);
        paint::icon(ui, Icon::Terminal, 16.0, rect.left_center() + vec2(8.0, 0.0), t.text2);
        let galley = Text::DetailStrong.line(ui, "An administrator can type", t.text, width - 100.0);
        paint::line_left(ui, galley, rect.left_center() + vec2(24.0, 0.0));
        if link_at(ui, rect.right_center(), Some(Icon::Copy), "Copy", "Copy the commands").clicked() {
            out.push(Command::Copy(commands.to_owned()));
        }
        code_block(ui, &[commands.to_owned()], false);
        ui.add_space(12.0);
    });
    ui.advance_cursor_after_rect(shown.response.rect);
}

/// Somebody has one of the ports, or a block holds it: the wizard tells all about that.
fn check(ui: &mut Ui, about: &About, out: &mut Vec<Command>) {
    let Some(port) = about.check else { return };
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 32.0), Sense::hover());
    let label = format!("Check port\u{a0}{port}");
    if link_at(ui, rect.right_center(), Some(Icon::Search), &label, &label).clicked() {
        out.push(Command::Change(ChangeCommand::CheckPort(port)));
    }
}

/// Nothing is chosen.
fn nothing(ui: &mut Ui) {
    card(ui, Margin::ZERO, |ui| {
        let t = tokens(ui);
        let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 64.0), Sense::hover());
        let text = "Type ports or ranges, or click on the map, to see whether a client may get it.";
        response.widget_info(|| WidgetInfo::labeled(Role::Label, true, text));
        soft_disc(ui, pos2(rect.left() + 32.0, rect.center().y), 32.0, Status::Info, Icon::Info);
        let galley = Text::Body.paragraph(ui, text, t.text2, rect.width() - 80.0, 2);
        let top = rect.center().y - galley.size().y / 2.0;
        paint::place(ui, galley, pos2(rect.left() + 64.0, top));
    });
}
