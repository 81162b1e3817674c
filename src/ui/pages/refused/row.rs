//! One question with its answer; the row opens to what it means, what to do, and what shows it.

use eframe::egui::{Color32, Galley, Id, Pos2, Rect, Response, Role, Sense, Stroke, Ui, UiBuilder, WidgetInfo, pos2, vec2};
use jiff::Timestamp;

use crate::app::AppState;
use crate::diagnosis::connect::{Answer, Item};
use crate::machine::{Evidence, visible};
use crate::ui::icons::Icon;
use crate::ui::text::Text;
use crate::ui::theme::{Status, tokens};
use crate::ui::widgets::Disc;
use crate::ui::{paint, words};

const TEXT_LEFT: f32 = 48.0;
/// Where the word of the answer ends, from the right; behind it is the chevron.
const WORD_RIGHT: f32 = 44.0;
/// Where a short answer begins beside its question, as a part of the width.
const COLUMN: f32 = 0.5;
const PADDING: f32 = 8.0;
const FOLD: f32 = 40.0;

/// Which run the row belongs to, and whether it is open before anybody has pressed it.
type Opening = (Option<Timestamp>, bool);

pub fn show(ui: &mut Ui, state: &AppState, item: &Item, (run, open): Opening, decides: bool, ruled: bool) {
    let id = ui.make_persistent_id((item.question, run));
    let opens = item.explanation.is_some() || item.next_step.is_some() || !item.evidence.is_empty();
    let mut open = opens && ui.data(|data| data.get_temp(id)).unwrap_or(open);
    if head(ui, id, item, opens.then_some(open), decides, ruled).clicked() {
        open = !open;
        ui.data_mut(|data| data.insert_temp(id, open));
    }
    if open {
        indented(ui, id, |ui| details(ui, state, item));
    }
}

/// The row that the questions which make no sense here fold into; true while it is open.
pub fn fold(ui: &mut Ui, questions: &str, run: Option<Timestamp>) -> bool {
    let t = tokens(ui);
    let id = ui.make_persistent_id(("does not apply", run));
    let mut open = ui.data(|data| data.get_temp(id)).unwrap_or(false);
    let (_, rect) = ui.allocate_space(vec2(ui.available_width(), FOLD));
    let response = ui.interact(rect, id, Sense::click());
    let said = format!("{questions} not apply here");
    response.widget_info(|| WidgetInfo::labeled(Role::DisclosureTriangle, true, format!("{said}, {}", state_of(open))));
    ground(ui, rect, &response, true);
    paint::icon(ui, Icon::Minus, 16.0, pos2(rect.left() + 24.0, rect.center().y), t.text3);
    let galley = Text::Body.line(ui, &said, t.text2, rect.width() - TEXT_LEFT - WORD_RIGHT);
    paint::line_left(ui, galley, pos2(rect.left() + TEXT_LEFT, rect.center().y));
    chevron(ui, rect, rect.center().y, open);
    if response.clicked() {
        open = !open;
        ui.data_mut(|data| data.insert_temp(id, open));
    }
    open
}

const fn state_of(open: bool) -> &'static str {
    if open { "open" } else { "closed" }
}

/// The question with its answer. `open` is `None` where there is nothing more to tell.
fn head(ui: &mut Ui, id: Id, item: &Item, open: Option<bool>, decides: bool, ruled: bool) -> Response {
    let t = tokens(ui);
    let width = ui.available_width();
    let word = words::capital(item.answer.as_str());
    // As it is: it may begin with a name, which has its own letters.
    let finding = words::log_line(&item.finding);
    let shown = Text::LabelStrong.line(ui, &word, color(ui, item.answer, decides), f32::INFINITY);
    let room = width - TEXT_LEFT - WORD_RIGHT;
    let quiet = matches!(item.answer, Answer::Waiting | Answer::NotApplicable);
    let ink = if quiet { t.text2 } else { t.text };
    let beside_word = room - shown.size().x - 16.0;
    let question = Text::Strong.paragraph(ui, item.text, ink, beside_word, 3);
    // What waits has nothing to tell beyond its word.
    let told = (item.answer != Answer::Waiting).then(|| Text::Detail.paragraph(ui, &finding, t.text2, room, 6));
    let column = (width * COLUMN).floor() - TEXT_LEFT;
    let fits = |told: &Galley| question.size().x + 12.0 <= column && column + told.size().x <= beside_word;
    let one_line = item.answer == Answer::Ok && told.as_deref().is_some_and(|told| told.rows.len() == 1 && fits(told));
    let told_height = told.as_ref().filter(|_| !one_line).map_or(0.0, |told| told.size().y);
    let (_, rect) = ui.allocate_space(vec2(width, PADDING * 2.0 + question.size().y + told_height));
    let response = ui.interact(rect, id, if open.is_some() { Sense::click() } else { Sense::hover() });
    let spoken = format!("{} {word}. {finding}", item.text);
    response.widget_info(|| match open {
        Some(open) => WidgetInfo::labeled(Role::DisclosureTriangle, true, format!("{spoken}, {}", state_of(open))),
        None => WidgetInfo::labeled(Role::ListItem, true, &spoken),
    });
    ground(ui, rect, &response, ruled);
    let middle = rect.top() + PADDING + 10.0;
    mark(ui, pos2(rect.left() + 24.0, middle), item.answer, decides);
    paint::line_right(ui, shown, pos2(rect.right() - WORD_RIGHT, middle));
    if let Some(open) = open {
        chevron(ui, rect, middle, open);
    }
    let corner = rect.min + vec2(TEXT_LEFT, PADDING);
    let at = corner + if one_line { vec2(column, 0.0) } else { vec2(0.0, question.size().y) };
    paint::place(ui, question, corner);
    if let Some(told) = told {
        paint::place(ui, told, at);
    }
    response
}

/// The ground under the pointer, the line above the row, and the ring of the focus.
fn ground(ui: &Ui, rect: Rect, response: &Response, ruled: bool) {
    let t = tokens(ui);
    if response.hovered() && response.sense.senses_click() {
        ui.painter().rect_filled(rect.shrink(1.0), 7, t.hover);
    }
    if ruled {
        paint::rule(ui, (rect.left() + TEXT_LEFT..=rect.right()).into(), rect.top(), t.line);
    }
    if response.has_focus() {
        paint::focus_ring(ui, rect.shrink(3.0), 5);
    }
}

fn chevron(ui: &Ui, rect: Rect, middle: f32, open: bool) {
    let icon = if open { Icon::ChevronDown } else { Icon::ChevronRight };
    paint::icon(ui, icon, 16.0, pos2(rect.right() - 24.0, middle), tokens(ui).text2);
}

/// A problem that decides is louder than one that only stands beside the cause.
const fn status(answer: Answer, decides: bool) -> Status {
    match (answer, decides) {
        (Answer::Ok, _) => Status::Ok,
        (Answer::Problem, true) => Status::Err,
        (Answer::Problem, false) => Status::Warn,
        (Answer::Waiting | Answer::NotApplicable | Answer::CouldNotCheck, _) => Status::Neutral,
    }
}

fn color(ui: &Ui, answer: Answer, decides: bool) -> Color32 {
    let t = tokens(ui);
    match status(answer, decides) {
        Status::Neutral => t.text3,
        status => t.status(status),
    }
}

fn mark(ui: &Ui, center: Pos2, answer: Answer, decides: bool) {
    let t = tokens(ui);
    match answer {
        Answer::Ok => paint::icon(ui, Icon::Check, 16.0, center, t.ok),
        Answer::Problem => Disc(status(answer, decides)).paint(ui, center, 20.0),
        Answer::CouldNotCheck => paint::icon(ui, Icon::EyeOff, 16.0, center, t.text3),
        Answer::NotApplicable => paint::icon(ui, Icon::Minus, 16.0, center, t.text3),
        Answer::Waiting => {
            ui.painter().circle_stroke(center, 7.0, Stroke::new(1.5, t.line2));
        }
    }
}

/// Puts the contents of an open row under its text.
fn indented(ui: &mut Ui, id: Id, contents: impl FnOnce(&mut Ui)) {
    let (width, left, top) = (ui.available_width(), ui.cursor().left(), ui.cursor().top());
    let room = Rect::from_min_size(pos2(left + TEXT_LEFT, top), vec2(width - TEXT_LEFT - 16.0, f32::INFINITY));
    let inner = ui.scope_builder(UiBuilder::new().max_rect(room).id_salt(id), |ui| {
        ui.set_width(room.width());
        contents(ui);
        ui.add_space(12.0);
    });
    ui.advance_cursor_after_rect(Rect::from_min_max(pos2(left, top), pos2(left + width, inner.response.rect.bottom())));
}

fn details(ui: &mut Ui, state: &AppState, item: &Item) {
    if let Some(text) = &item.explanation {
        Text::Detail.show(ui, &visible(text), tokens(ui).text);
        ui.add_space(4.0);
    }
    if let Some(text) = &item.next_step {
        next_step(ui, &visible(text));
        ui.add_space(4.0);
    }
    for evidence in &item.evidence {
        ui.add_space(4.0);
        shown_by(ui, state, evidence);
    }
}

fn next_step(ui: &mut Ui, text: &str) {
    let t = tokens(ui);
    let galley = Text::DetailStrong.paragraph(ui, text, t.text, ui.available_width() - 24.0, 6);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), galley.size().y), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("Next: {text}")));
    paint::icon(ui, Icon::ArrowRight, 16.0, pos2(rect.left() + 8.0, rect.top() + 10.0), t.text);
    paint::place(ui, galley, pos2(rect.left() + 24.0, rect.top()));
}

/// A fact with its source, on the ground of raw output.
fn shown_by(ui: &mut Ui, state: &AppState, evidence: &Evidence) {
    let t = tokens(ui);
    let time = evidence.time.map(|time| format!(", {}", words::moment(state, time))).unwrap_or_default();
    let (fact, source) = (visible(&evidence.fact), format!("{}{time}", visible(&evidence.source)));
    let room = ui.available_width() - 24.0;
    let first = Text::SmallCode.paragraph(ui, &fact, t.text, room, 6);
    let second = Text::Label.paragraph(ui, &source, t.text3, room, 2);
    let height = first.size().y + second.size().y + 16.0;
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("{fact}, from {source}")));
    paint::boxed(ui, rect, 6, t.sunken, t.line);
    let corner = rect.min + vec2(12.0, 8.0);
    let under = corner + vec2(0.0, first.size().y);
    paint::place(ui, first, corner);
    paint::place(ui, second, under);
}
