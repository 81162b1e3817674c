//! The steps of a plan, while they wait, run and after.

use eframe::egui::accesskit::Live;
use eframe::egui::{Align2, Margin, Rect, Response, Role, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};

use super::{Disc, busy_arc, card};
use crate::remedy::StepResult;
use crate::ui::icons::Icon;
use crate::ui::text::Text;
use crate::ui::theme::{Status, Tokens, tokens};
use crate::ui::{paint, words};

const ROW: f32 = 52.0;
const DISC_X: f32 = 32.0;
const TEXT_LEFT: f32 = 60.0;

/// How far a step is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepState {
    /// Waits for its turn.
    Pending,
    /// Runs.
    Running,
    /// Ended, and how.
    Ended(StepResult),
}

impl StepState {
    /// The word beside the step.
    pub fn word(self) -> String {
        match self {
            Self::Pending => "Pending".to_owned(),
            Self::Running => "Running".to_owned(),
            Self::Ended(result) => words::capital(result.as_str()),
        }
    }

    const fn is_success(self) -> bool {
        matches!(self, Self::Ended(result) if result.is_success())
    }

    const fn color(self, t: &Tokens) -> eframe::egui::Color32 {
        match self {
            Self::Pending | Self::Ended(StepResult::NotRun) => t.text2,
            Self::Running => t.accent,
            Self::Ended(StepResult::Done | StepResult::AlreadyDone) => t.ok,
            Self::Ended(StepResult::Failed | StepResult::Refused) => t.err,
            Self::Ended(StepResult::NotVerified) => t.warn,
        }
    }
}

/// One step.
#[derive(Debug, Clone)]
pub struct StepRow {
    /// What it does, in words.
    pub title: String,
    /// The exact operation.
    pub preview: String,
    /// How far it is.
    pub state: StepState,
    /// How long it took or takes: "0.1 s".
    pub time: String,
    /// What more there is to say, below the operation.
    pub message: Option<String>,
}

/// Shows the steps in a card.
pub fn step_list(ui: &mut Ui, rows: &[StepRow]) {
    card(ui, Margin::symmetric(0, 4), |ui| {
        for (index, row) in rows.iter().enumerate() {
            let last = index + 1 == rows.len();
            show(ui, row, index, last);
        }
    });
}

fn show(ui: &mut Ui, row: &StepRow, index: usize, last: bool) -> Response {
    let t = tokens(ui);
    let word = Text::DetailStrong.line(ui, &row.state.word(), row.state.color(t), f32::INFINITY);
    let time = Text::Label.line(ui, &row.time, t.text3, f32::INFINITY);
    let narrowest = if ui.available_width() < 600.0 { 120.0 } else { 148.0 };
    let right_column = (word.size().x + 16.0 + time.size().x + 20.0).max(narrowest);
    let text_width = ui.available_width() - TEXT_LEFT - right_column - 16.0;
    let message = row.message.as_ref().map(|text| Text::Detail.paragraph(ui, text, row.state.color(t), text_width, 6));
    let height = ROW + message.as_ref().map_or(0.0, |galley| galley.size().y + 4.0);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::hover());
    let said = row.message.as_deref().map(|text| format!(". {text}")).unwrap_or_default();
    let name = format!("Step {}, {}: {}{said}", index + 1, row.title, row.state.word());
    response.widget_info(|| WidgetInfo::labeled(Role::ListItem, true, &name));
    ui.ctx().accesskit_node_builder(response.id, |node| node.set_live(Live::Polite));

    let disc = pos2(rect.left() + DISC_X, rect.top() + 26.0);
    if !last {
        let done = row.state.is_success();
        let line = Rect::from_min_max(pos2(disc.x - 0.66, disc.y + 14.0), pos2(disc.x + 0.66, rect.bottom() + 12.0));
        ui.painter().rect_filled(line, 0, if done { t.ok } else { t.line2 });
    }
    paint_disc(ui, disc, row.state, index);
    let left = rect.left() + TEXT_LEFT;
    let (role, color) = match row.state {
        StepState::Running => (Text::Section, t.text),
        StepState::Ended(StepResult::NotRun) => (Text::Strong, t.text2),
        _ => (Text::Strong, t.text),
    };
    let galley = role.line(ui, &row.title, color, text_width);
    paint::line_left(ui, galley, pos2(left, rect.top() + 16.0));
    let mut lines = row.preview.lines();
    let first = lines.next().unwrap_or_default();
    let more = lines.next().is_some();
    let first = if more { format!("{first} \u{2026}") } else { first.to_owned() };
    let galley = Text::SmallCode.line(ui, &first, t.text2, text_width);
    let elided = galley.elided || more;
    paint::line_left(ui, galley, pos2(left, rect.top() + 36.0));
    if let Some(galley) = message {
        paint::place(ui, galley, pos2(left, rect.top() + ROW - 4.0));
    }
    if row.state != StepState::Pending {
        paint::line_left(ui, word, pos2(rect.right() - right_column, disc.y));
    }
    paint::line_right(ui, time, pos2(rect.right() - 20.0, disc.y));
    if elided { response.on_hover_text(&row.preview) } else { response }
}

fn paint_disc(ui: &Ui, center: eframe::egui::Pos2, state: StepState, index: usize) {
    let t = tokens(ui);
    match state {
        StepState::Running => busy_arc(ui, center, 9.25, 2.0),
        StepState::Ended(StepResult::Done | StepResult::AlreadyDone) => Disc(Status::Ok).paint(ui, center, 20.0),
        StepState::Ended(StepResult::Failed | StepResult::Refused) => Disc(Status::Err).paint(ui, center, 20.0),
        StepState::Ended(StepResult::NotVerified) => Disc(Status::Warn).paint(ui, center, 20.0),
        StepState::Ended(StepResult::NotRun) => {
            ui.painter().circle_stroke(center, 9.25, Stroke::new(1.5, t.line2));
            paint::icon_in_disc(ui, Icon::Minus, 12.0, center, t.text2);
        }
        StepState::Pending => {
            ui.painter().circle_stroke(center, 9.25, Stroke::new(1.5, t.line2));
            let font = Text::LabelStrong.font();
            ui.painter().text(center, Align2::CENTER_CENTER, (index + 1).to_string(), font, t.text2);
        }
    }
}
