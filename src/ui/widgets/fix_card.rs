//! One way out: closed it is a line with its risk, chosen it opens to what changes and what will run.

use eframe::egui::{Margin, Rect, Sense, Stroke, Ui, pos2, vec2};

use super::meta_cells::{meta_cells, risk};
use super::{RadioGroup, card_with, code_block, link_at, meter, pill, radio_ring};
use crate::machine::visible;
use crate::remedy::{Change, FixOption, PreviewKind, Step};
use crate::ui::icons::Icon;
use crate::ui::paint;
use crate::ui::text::Text;
use crate::ui::theme::{Status, tokens};

/// The risk and the chevron at the right end of a closed card.
const RISK: f32 = 136.0;
const TEXT_LEFT: f32 = 52.0;

/// The card of one option.
#[derive(Debug)]
#[must_use = "show it"]
pub struct FixCard<'a> {
    /// The option.
    pub option: &'a FixOption,
    /// Whether the steps need administrator rights that are asked for.
    pub as_administrator: bool,
    /// Whether it is for another computer, which nothing can be run on from here.
    pub elsewhere: bool,
}

/// What the user did with a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FixAnswer {
    /// Chose an option.
    Choose(usize),
    /// Wants the commands.
    Copy,
}

impl FixCard<'_> {
    /// Puts the card of option `index` into the flow.
    pub fn show(self, ui: &mut Ui, group: &RadioGroup, index: usize, chosen: bool) -> Option<FixAnswer> {
        let t = tokens(ui);
        if chosen {
            let edge = Stroke::new(2.0, t.accent);
            card_with(ui, Margin::ZERO, t.surface, edge, |ui| self.open(ui, group, index)).0
        } else {
            let edge = Stroke::new(paint::hairline(ui), t.line);
            card_with(ui, Margin::ZERO, t.surface, edge, |ui| self.closed(ui, group, index)).0
        }
    }

    fn name(&self) -> String {
        let recommended = if self.option.recommended { ", recommended" } else { "" };
        format!("{}{recommended}, {} risk. {}", self.option.title, self.option.risk.as_str(), self.option.effect)
    }

    fn closed(&self, ui: &mut Ui, group: &RadioGroup, index: usize) -> Option<FixAnswer> {
        let t = tokens(ui);
        let room = ui.available_width() - RISK - TEXT_LEFT - 12.0;
        let title = Text::Strong.paragraph(ui, &self.option.title, t.text, room, 3);
        let effect = Text::Detail.paragraph(ui, &self.option.effect, t.text2, room, 2);
        let (title_height, elided) = (title.size().y, effect.elided);
        let height = 16.0 + title_height + effect.size().y;
        let (_, rect) = ui.allocate_space(vec2(ui.available_width(), height));
        let response = ui.interact(rect, group.item_id(index), group.sense(index));
        let answer = group.item(ui, index, &response, &self.name());
        if response.hovered() {
            ui.painter().rect_filled(rect.shrink(1.0), 7, t.hover);
        }
        radio_ring(ui, pos2(rect.left() + 28.0, rect.center().y), false);
        let corner = pos2(rect.left() + TEXT_LEFT, rect.top() + 8.0);
        paint::place(ui, title, corner);
        paint::place(ui, effect, corner + vec2(0.0, title_height));
        let (filled, color) = risk(t, self.option.risk);
        meter(ui, pos2(rect.right() - 124.0, rect.center().y), filled, color);
        let galley = Text::DetailStrong.line(ui, self.option.risk.as_str(), t.text, 64.0);
        paint::line_left(ui, galley, pos2(rect.right() - 88.0, rect.center().y));
        paint::icon(ui, Icon::ChevronDown, 16.0, pos2(rect.right() - 20.0, rect.center().y), t.text2);
        if response.has_focus() {
            paint::focus_ring(ui, rect, 8);
        }
        if elided {
            response.on_hover_text(&self.option.effect);
        }
        answer.map(FixAnswer::Choose)
    }

    fn open(&self, ui: &mut Ui, group: &RadioGroup, index: usize) -> Option<FixAnswer> {
        let t = tokens(ui);
        let width = ui.available_width();
        let room = width - TEXT_LEFT - 20.0;
        let effect = Text::Body.paragraph(ui, &self.option.effect, t.text2, room, 4);
        let pill_room = if self.option.recommended { 120.0 } else { 0.0 };
        let title = Text::Card.paragraph(ui, &self.option.title, t.text, room - pill_room, 3);
        let title_bottom = 18.0 + title.size().y;
        let (_, rect) = ui.allocate_space(vec2(width, title_bottom + effect.size().y));
        let response = ui.interact(rect, group.item_id(index), group.sense(index));
        let answer = group.item(ui, index, &response, &self.name()).map(FixAnswer::Choose);
        radio_ring(ui, rect.min + vec2(28.0, 28.0), true);
        let left = rect.left() + TEXT_LEFT;
        let title_right = left + title.size().x;
        paint::place(ui, title, pos2(left, rect.top() + 16.0));
        if self.option.recommended {
            pill(ui, pos2(title_right + 12.0, rect.top() + 28.0), Status::Info, "Recommended");
        }
        paint::place(ui, effect, pos2(left, rect.top() + title_bottom));
        if response.has_focus() {
            paint::focus_ring(ui, Rect::from_center_size(rect.min + vec2(28.0, 28.0), vec2(18.0, 18.0)), 9);
        }
        let body = Rect::from_min_size(pos2(left, ui.cursor().top()), vec2(room, f32::INFINITY));
        let builder = eframe::egui::UiBuilder::new().max_rect(body).id_salt("open fix");
        let inner = ui.scope_builder(builder, |ui| {
            ui.set_width(room);
            self.body(ui)
        });
        ui.add_space(20.0);
        answer.or(inner.inner)
    }

    fn body(&self, ui: &mut Ui) -> Option<FixAnswer> {
        let t = tokens(ui);
        let mut answer = None;
        ui.add_space(14.0);
        meta_cells(ui, self.option);
        if !self.option.changes.is_empty() {
            ui.add_space(16.0);
            change_rows(ui, &self.option.changes);
        }
        ui.add_space(6.0);
        let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 36.0), Sense::hover());
        let middle = rect.center().y;
        let manual = self.option.is_by_hand();
        let (icon, title) = match (manual, self.as_administrator) {
            _ if self.elsewhere => (Icon::Terminal, "To be run on that computer as administrator"),
            (true, _) => (Icon::User, "This is for a person to do"),
            (false, true) => (Icon::Terminal, "This is what will run as administrator"),
            (false, false) => (Icon::Terminal, "This is what will run"),
        };
        paint::icon(ui, icon, 16.0, pos2(rect.left() + 8.0, middle), t.text2);
        let galley = Text::DetailStrong.line(ui, title, t.text, rect.width() - 100.0);
        let note_left = rect.left() + 24.0 + galley.size().x + 8.0;
        paint::line_left(ui, galley, pos2(rect.left() + 24.0, middle));
        if !manual && !self.elsewhere {
            let galley = Text::Detail.line(ui, "each step is read back", t.text3, (rect.right() - 72.0 - note_left).max(0.0));
            if !galley.elided {
                paint::line_left(ui, galley, pos2(note_left, middle));
            }
        }
        if link_at(ui, pos2(rect.right(), middle), Some(Icon::Copy), "Copy", "Copy the commands").clicked() {
            answer = Some(FixAnswer::Copy);
        }
        code_block(ui, &self.option.steps.iter().map(preview).collect::<Vec<_>>(), true);
        answer
    }
}

/// The exact text of a step, marked where it is a system call and not a command.
pub fn preview(step: &Step) -> String {
    let text = shown(&step.preview);
    let is_call = matches!(step.preview_kind, PreviewKind::SystemCall | PreviewKind::NoCommand);
    if is_call { format!("{text}   (system call)") } else { text }
}

/// What an administrator can type, for the screen.
pub fn commands(option: &FixOption) -> Vec<String> {
    option.commands().map(shown).collect()
}

/// The text of a command with its line breaks, and nothing hidden in it.
fn shown(command: &str) -> String {
    command.lines().map(visible).collect::<Vec<_>>().join("\n")
}

/// Before and after, row by row.
pub fn change_rows(ui: &mut Ui, changes: &[Change]) {
    let t = tokens(ui);
    let width = ui.available_width();
    for change in changes {
        let (rect, response) = ui.allocate_exact_size(vec2(width, 28.0), Sense::hover());
        let name = format!("{}: {} becomes {}", change.what, change.before, change.after);
        response.widget_info(|| eframe::egui::WidgetInfo::labeled(eframe::egui::Role::Row, true, &name));
        paint::rule(ui, rect.x_range(), rect.top(), t.line);
        let middle = rect.center().y;
        let shares = if width < 480.0 { (0.35, 0.65) } else { (0.22, 0.51) };
        let (before, after) = ((width * shares.0).floor(), (width * shares.1).floor());
        let galley = Text::Detail.middle_elided(ui, &change.what, t.text2, before - 12.0);
        paint::line_left(ui, galley, pos2(rect.left(), middle));
        let galley = Text::Detail.middle_elided(ui, &change.before, t.text2, after - before - 40.0);
        paint::line_left(ui, galley, pos2(rect.left() + before, middle));
        paint::icon(ui, Icon::ArrowRight, 14.0, pos2(rect.left() + after - 24.0, middle), t.text2);
        let galley = Text::DetailStrong.middle_elided(ui, &change.after, t.text, width - after);
        paint::line_left(ui, galley, pos2(rect.left() + after, middle));
        response.on_hover_text(name);
    }
    let bottom = ui.cursor().top();
    paint::rule(ui, ui.max_rect().x_range(), bottom, t.line);
}
