//! The evidence: one row a fact, with its source and time; a row opens to the raw text.

use eframe::egui::{Id, Margin, Rect, Response, Role, Sense, Ui, UiBuilder, WidgetInfo, pos2, vec2};

use super::{card, raw_block};
use crate::ui::icons::Icon;
use crate::ui::paint;
use crate::ui::text::Text;
use crate::ui::theme::tokens;

const ROW: f32 = 36.0;
const TEXT_LEFT: f32 = 44.0;
/// Where sources begin, as a part of the width.
const SOURCE: f32 = 0.65;
/// Narrower than this, the source moves into the opened row.
const WIDE: f32 = 720.0;

/// How a fact stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// It was seen.
    Seen,
    /// It could not be seen.
    NotSeen,
    /// It is generally known, and was not looked for here.
    Known,
}

/// One row.
#[derive(Debug, Clone)]
pub struct Fact {
    /// How it stands.
    pub mark: Mark,
    /// The fact.
    pub text: String,
    /// Where it comes from.
    pub source: String,
    /// When it was seen.
    pub time: String,
    /// What shows it, for those who check.
    pub raw: String,
}

impl Fact {
    fn name(&self, open: bool) -> String {
        let mark = if self.mark == Mark::NotSeen { "not seen: " } else { "" };
        let time = if self.time.is_empty() { String::new() } else { format!(" at {}", self.time) };
        format!("{mark}{}, from {}{time}, {}", self.text, self.source, if open { "open" } else { "closed" })
    }
}

/// Shows the facts in a card; gives the raw text the user wants to copy.
pub fn evidence(ui: &mut Ui, salt: &str, facts: &[Fact], first_open: bool) -> Option<String> {
    let mut copied = None;
    card(ui, Margin::ZERO, |ui| {
        for (index, fact) in facts.iter().enumerate() {
            let id = ui.make_persistent_id((salt, index));
            let mut open = ui.data(|data| data.get_temp(id)).unwrap_or(first_open && index == 0 && !fact.raw.is_empty());
            let (response, cut) = row(ui, id, fact, open, index > 0);
            if response.clicked() {
                open = !open;
                ui.data_mut(|data| data.insert_temp(id, open));
            }
            if open {
                copied = details(ui, fact, cut, index).or(copied.take());
            }
        }
    });
    copied
}

/// What did not fit into a row, so that the opened row shows it.
#[derive(Debug, Clone, Copy, Default)]
struct Cut {
    text: bool,
    source: bool,
}

fn row(ui: &mut Ui, id: Id, fact: &Fact, open: bool, ruled: bool) -> (Response, Cut) {
    let t = tokens(ui);
    let wide = ui.available_width() >= WIDE;
    let time = Text::Label.line(ui, &fact.time, t.text3, 96.0);
    let width = ui.available_width();
    let source_left = (width * SOURCE).floor();
    let time_left = width - 44.0 - time.size().x;
    let fact_right = if wide { source_left - 12.0 } else { time_left - 16.0 };
    let color = if fact.mark == Mark::NotSeen { t.text2 } else { t.text };
    let text = Text::Body.paragraph(ui, &fact.text, color, fact_right - TEXT_LEFT, 3);
    let (_, rect) = ui.allocate_space(vec2(width, text.size().y.max(20.0) + ROW - 20.0));
    let response = ui.interact(rect, id, Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::DisclosureTriangle, true, fact.name(open)));
    if response.hovered() {
        ui.painter().rect_filled(rect.shrink(1.0), 7, t.hover);
    }
    if ruled {
        paint::rule(ui, (rect.left() + TEXT_LEFT..=rect.right()).into(), rect.top(), t.line);
    }
    // Beside a fact of several lines the rest stands beside its first one.
    let middle = rect.top() + ROW / 2.0;
    let (icon, color) = match fact.mark {
        Mark::Seen => (Icon::Check, t.ok),
        Mark::NotSeen => (Icon::EyeOff, t.text3),
        Mark::Known => (Icon::Info, t.text2),
    };
    paint::icon(ui, icon, 16.0, pos2(rect.left() + 24.0, middle), color);
    let chevron = if open { Icon::ChevronDown } else { Icon::ChevronRight };
    paint::icon(ui, chevron, 16.0, pos2(rect.right() - 24.0, middle), t.text2);
    paint::line_right(ui, time, pos2(rect.right() - 44.0, middle));
    let mut cut = Cut { text: text.elided, source: !wide };
    if wide {
        let galley = Text::Label.middle_elided(ui, &fact.source, t.text3, time_left - source_left - 12.0);
        cut.source = galley.text() != fact.source;
        paint::line_left(ui, galley, pos2(rect.left() + source_left, middle));
    }
    paint::place(ui, text, pos2(rect.left() + TEXT_LEFT, middle - 10.0));
    if response.has_focus() {
        paint::focus_ring(ui, rect.shrink(3.0), 5);
    }
    let response =
        if cut.text || cut.source { response.on_hover_text(format!("{}\nSource: {}", fact.text, fact.source)) } else { response };
    (response, cut)
}

/// What an open row shows: the whole fact and its source where they did not fit, and the raw text with a copy button.
fn details(ui: &mut Ui, fact: &Fact, cut: Cut, index: usize) -> Option<String> {
    let t = tokens(ui);
    let width = ui.available_width();
    let left = ui.cursor().left();
    let room = Rect::from_min_size(pos2(left + TEXT_LEFT, ui.cursor().top()), vec2(width - TEXT_LEFT - 16.0, f32::INFINITY));
    let mut copied = None;
    let inner = ui.scope_builder(UiBuilder::new().max_rect(room).id_salt(("details", index)), |ui| {
        ui.set_width(room.width());
        if cut.text || fact.raw.is_empty() {
            Text::Detail.show(ui, &fact.text, t.text2);
        }
        if cut.source || fact.raw.is_empty() {
            Text::Label.show(ui, &format!("Source: {}", fact.source), t.text3);
            ui.add_space(6.0);
        }
        if !fact.raw.is_empty() {
            let copy = format!("Copy what shows: {}", fact.text);
            copied = raw_block(ui, &fact.raw, &copy).then(|| fact.raw.clone());
        }
        ui.add_space(12.0);
    });
    let bottom = inner.response.rect.bottom();
    ui.advance_cursor_after_rect(Rect::from_min_max(pos2(left, room.top()), pos2(left + width, bottom)));
    copied
}
