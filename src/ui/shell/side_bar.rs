//! The side bar: the mark, the steps with their answers, the pages beside the wizard, and the rights one works with.

use eframe::egui::scroll_area::ScrollBarVisibility::AlwaysHidden;
use eframe::egui::{Align2, Pos2, Rect, Response, Role, ScrollArea, Sense, Stroke, Ui, UiBuilder, WidgetInfo, pos2, vec2};

use super::{SideBar, keep_focus_in_view};
use crate::app::{AppState, Command, Mark, Opened, Page, StepView, steps};
use crate::ui::icons::Icon;
use crate::ui::text::Text;
use crate::ui::theme::{Status, tokens};
use crate::ui::widgets::{Button, busy_arc};
use crate::ui::{paint, words};

const DISC_X: f32 = 32.0;
const TEXT_X: f32 = 52.0;
/// The room for the mark above the rows, and for the rights below them.
const MARK: f32 = 60.0;
const RIGHTS: f32 = 64.0;

/// Draws it.
pub fn show(ui: &mut Ui, side: Rect, bar: SideBar, state: &AppState, out: &mut Vec<Command>) {
    mark(ui, side, bar, state);
    let room = Rect::from_min_max(pos2(side.left(), side.top() + MARK - 4.0), pos2(side.right(), side.bottom() - RIGHTS));
    let mut child = ui.new_child(UiBuilder::new().max_rect(room).id_salt("rows"));
    child.set_clip_rect(room);
    // The lowest windows have no room for every row. A bar would cover the discs; wheel and keys scroll as well.
    ScrollArea::vertical().auto_shrink(false).scroll_bar_visibility(AlwaysHidden).show(&mut child, |ui| {
        rows(ui, side, bar, state, out);
        keep_focus_in_view(ui);
    });
    rights(ui, side, bar, state, out);
}

/// Start, the steps of the wizard, the pages beside it.
fn rows(ui: &mut Ui, side: Rect, bar: SideBar, state: &AppState, out: &mut Vec<Command>) {
    let (step_height, row_height) = match bar {
        SideBar::Full => (44.0, 36.0),
        SideBar::Low => (36.0, 32.0),
        SideBar::Narrow => (32.0, 32.0),
    };
    let start = ui.cursor().top() + 4.0;
    let mut top = start;
    entry(ui, side, bar, top, row_height, Page::Home, state, out);
    top += row_height + 8.0;
    wizard(ui, side, bar, top, step_height, state, out);
    top += step_height * 7.0 + 12.0;
    paint::rule(ui, (side.left() + 16.0..=side.right() - 16.0).into(), top, tokens(ui).line2.gamma_multiply(0.5));
    top += 12.0;
    let evidence = matches!(state.opened, Some(Opened::Evidence(_))).then_some(Page::Evidence);
    for page in Page::TOOLS.into_iter().chain(evidence) {
        entry(ui, side, bar, top, row_height, page, state, out);
        top += row_height;
    }
    ui.advance_cursor_after_rect(Rect::from_min_max(pos2(side.left(), start), pos2(side.right(), top + 4.0)));
}

const fn icon(page: Page) -> Icon {
    match page {
        Page::Ports => Icon::List,
        Page::Ranges => Icon::Ruler,
        Page::Exhaustion => Icon::Gauge,
        Page::Refused => Icon::Unplug,
        Page::History => Icon::History,
        Page::Practice => Icon::AppWindow,
        Page::Evidence => Icon::FileText,
        _ => Icon::House,
    }
}

fn mark(ui: &Ui, side: Rect, bar: SideBar, state: &AppState) {
    let t = tokens(ui);
    let left = if bar == SideBar::Narrow { side.left() + 12.0 } else { side.left() + 16.0 };
    let square = Rect::from_min_size(pos2(left, side.top() + 16.0), vec2(32.0, 32.0));
    ui.painter().rect_filled(square, 8, t.accent);
    paint::icon_in_disc(ui, Icon::EthernetPort, 20.0, square.center(), t.on_accent);
    if bar == SideBar::Narrow {
        return;
    }
    let left = square.right() + 8.0;
    let room = side.right() - left - 12.0;
    let computer = state.host().map_or_else(String::new, |host| words::shown(&host.name));
    let galley = Text::SmallCard.line(ui, "PortMedic", t.text, room);
    paint::line_left(ui, galley, pos2(left, square.top() + 9.0));
    let galley = Text::Label.middle_elided(ui, &computer, t.text2, room);
    paint::line_left(ui, galley, pos2(left, square.top() + 26.0));
}

/// A row for a page beside the wizard.
#[expect(clippy::too_many_arguments, reason = "a place, a page and where the click goes")]
fn entry(ui: &mut Ui, side: Rect, bar: SideBar, top: f32, height: f32, page: Page, state: &AppState, out: &mut Vec<Command>) {
    let t = tokens(ui);
    let rect = row_rect(side, top, height);
    let current = state.page == page;
    let response = row(ui, rect, page.title(), page.title(), current, true);
    let center = disc_center(side, bar, rect);
    paint::icon_in_disc(ui, icon(page), 18.0, center, if current { t.accent } else { t.text2 });
    if bar == SideBar::Narrow {
        response.clone().on_hover_text(page.title());
    } else {
        let (role, color) = if current { (Text::Section, t.text) } else { (Text::Strong, t.text2) };
        let galley = role.line(ui, page.title(), color, rect.right() - side.left() - TEXT_X);
        paint::line_left(ui, galley, pos2(side.left() + TEXT_X, rect.center().y));
    }
    if response.clicked() {
        out.push(Command::GoTo(page));
    }
}

fn wizard(ui: &mut Ui, side: Rect, bar: SideBar, top: f32, height: f32, state: &AppState, out: &mut Vec<Command>) {
    let t = tokens(ui);
    let steps = steps(state);
    let rects: Vec<Rect> = (0..steps.len()).map(|index| row_rect(side, top + height * index as f32, height)).collect();
    let mut responses = Vec::new();
    for (index, (step, rect)) in steps.iter().zip(&rects).enumerate() {
        let answer = step.answer.as_ref().map(|answer| format!(", {answer}")).unwrap_or_default();
        let word = if step.current { "current" } else { step.mark.word() };
        let name = format!("Step {} of 7, {}, {word}{answer}", index + 1, step.page.title());
        responses.push(row(ui, *rect, step.page.title(), &name, step.current, step.open || step.mark == Mark::Locked));
    }
    // All grounds are drawn: now the lines between the discs, which would lie below the ground of the next row.
    for (pair, rect) in steps.windows(2).zip(&rects) {
        let center = disc_center(side, bar, *rect);
        let reached = pair[0].mark == Mark::Done || pair[0].mark == Mark::Locked;
        let color = if reached { t.accent } else { t.line2 };
        let line = Rect::from_min_max(pos2(center.x - 0.66, center.y + 13.0), pos2(center.x + 0.66, center.y + height - 13.0));
        ui.painter().rect_filled(line, 0, color);
    }
    for (index, ((step, rect), response)) in steps.iter().zip(&rects).zip(responses).enumerate() {
        paint_step(ui, side, bar, *rect, step, index);
        let response = if bar == SideBar::Narrow { response.on_hover_text(step.page.title()) } else { response };
        let response = match (step.mark, step.open) {
            (Mark::Locked, _) => response.on_hover_text("Changes were applied, start a new check"),
            (_, false) => response.on_hover_text("Not reached yet"),
            (_, true) => response,
        };
        if response.clicked() {
            out.push(Command::GoTo(step.page));
        }
    }
}

fn paint_step(ui: &Ui, side: Rect, bar: SideBar, rect: Rect, step: &StepView, index: usize) {
    let t = tokens(ui);
    let center = disc_center(side, bar, rect);
    disc(ui, center, step.mark, index);
    if bar == SideBar::Narrow {
        return;
    }
    let left = side.left() + TEXT_X;
    let room = rect.right() - left - 8.0;
    let (role, color) = match (step.current, step.mark) {
        (true, _) => (Text::Section, t.text),
        (false, Mark::ToDo) => (Text::Strong, t.text2),
        (false, _) => (Text::Strong, t.text),
    };
    let title = role.line(ui, step.page.title(), color, room);
    match &step.answer {
        None => paint::line_left(ui, title, pos2(left, rect.center().y)),
        Some(answer) => {
            let spread = if rect.height() > 40.0 { 8.5 } else { 7.5 };
            paint::line_left(ui, title, pos2(left, rect.center().y - spread));
            let color = if step.mark == Mark::CouldNot { t.warn } else { t.text2 };
            // The end tells units apart; the name of a fix begins with what it does.
            let galley = match step.page {
                Page::Fix => Text::Label.line(ui, answer, color, room),
                _ => Text::Label.middle_elided(ui, answer, color, room),
            };
            paint::line_left(ui, galley, pos2(left, rect.center().y + spread));
        }
    }
}

fn disc(ui: &Ui, center: Pos2, mark: Mark, index: usize) {
    let t = tokens(ui);
    let painter = ui.painter();
    match mark {
        Mark::ToDo => {
            painter.circle_stroke(center, 9.5, Stroke::new(1.5, t.line2));
            painter.text(center, Align2::CENTER_CENTER, (index + 1).to_string(), Text::LabelStrong.font(), t.text2);
        }
        Mark::Now => {
            painter.circle(center, 9.5, t.surface, Stroke::new(2.0, t.accent));
            painter.circle_filled(center, 5.0, t.accent);
        }
        Mark::Busy => busy_arc(ui, center, 9.5, 2.0),
        Mark::Done => {
            painter.circle_filled(center, 10.0, t.accent);
            paint::icon_in_disc(ui, Icon::Check, 13.0, center, t.on_accent);
        }
        Mark::Locked => {
            painter.circle_stroke(center, 9.5, Stroke::new(1.5, t.accent));
            paint::icon_in_disc(ui, Icon::Lock, 11.0, center, t.accent);
        }
        Mark::CouldNot => {
            painter.circle_filled(center, 10.0, t.status(Status::Warn));
            paint::icon_in_disc(ui, Icon::Minus, 13.0, center, t.on_status);
        }
    }
}

/// The pressable ground of a row.
fn row(ui: &mut Ui, rect: Rect, salt: &str, name: &str, current: bool, open: bool) -> Response {
    let t = tokens(ui);
    let response = ui.interact(rect, ui.make_persistent_id(("row", salt)), if open { Sense::click() } else { Sense::hover() });
    response.widget_info(|| WidgetInfo::selected(Role::Tab, open, current, name));
    if current {
        paint::boxed(ui, rect, 8, t.surface, t.line);
    } else if response.hovered() && open {
        ui.painter().rect_filled(rect, 8, t.hover);
    }
    if response.has_focus() {
        paint::focus_ring(ui, rect.shrink(2.0), 6);
    }
    response
}

/// Who one is, with which rights, and the settings.
fn rights(ui: &mut Ui, side: Rect, bar: SideBar, state: &AppState, out: &mut Vec<Command>) {
    let t = tokens(ui);
    let middle = side.bottom() - 32.0;
    paint::rule(ui, (side.left() + 16.0..=side.right() - 16.0).into(), side.bottom() - RIGHTS, t.line2.gamma_multiply(0.5));
    if let Some(host) = state.host().filter(|_| bar != SideBar::Narrow) {
        let (icon, title) = match (!host.is_captured(), host.elevated) {
            (false, _) => (Icon::FileText, "Known from files"),
            (true, true) => (Icon::ShieldCheck, "Administrator"),
            (true, false) => (Icon::Shield, "Standard rights"),
        };
        let user = if host.is_captured() { "Nothing runs there from here".to_owned() } else { words::shown(&host.user) };
        let area = Rect::from_min_max(pos2(side.left() + 16.0, middle - 18.0), pos2(side.right() - 52.0, middle + 18.0));
        let response = ui.interact(area, ui.make_persistent_id("rights"), Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("{title}, {user}")));
        paint::icon_in_disc(ui, icon, 18.0, pos2(side.left() + DISC_X, middle), t.text2);
        let room = area.right() - side.left() - TEXT_X;
        let galley = Text::DetailStrong.line(ui, title, t.text, room);
        paint::line_left(ui, galley, pos2(side.left() + TEXT_X, middle - 8.0));
        let galley = Text::Label.middle_elided(ui, &user, t.text2, room);
        paint::line_left(ui, galley, pos2(side.left() + TEXT_X, middle + 9.0));
    }
    let center = if bar == SideBar::Narrow { side.center().x } else { side.right() - 26.0 };
    let rect = Rect::from_center_size(pos2(center, middle), vec2(32.0, 32.0));
    let mut child = ui.new_child(UiBuilder::new().max_rect(rect).id_salt("settings"));
    if child.add(Button::ghost("").icon(Icon::Settings).low().name("Settings")).clicked() {
        out.push(Command::Settings);
    }
}

fn row_rect(side: Rect, top: f32, height: f32) -> Rect {
    Rect::from_min_max(pos2(side.left() + 8.0, top), pos2(side.right() - 8.0, top + height))
}

fn disc_center(side: Rect, bar: SideBar, row: Rect) -> Pos2 {
    let x = if bar == SideBar::Narrow { side.center().x } else { side.left() + DISC_X };
    pos2(x, row.center().y)
}
