//! The answer in one sentence, why it is so, and the way to what can be done.

use eframe::egui::accesskit::Live;
use eframe::egui::{Rect, Role, Sense, Ui, UiBuilder, WidgetInfo, pos2, vec2};

use crate::app::exhaustion::Exhaustion;
use crate::app::{AppState, Command, ExhaustionCommand};
use crate::diagnosis::exhaustion::Standing;
use crate::machine::visible;
use crate::ui::icons::Icon;
use crate::ui::text::Text;
use crate::ui::theme::{Status, tokens};
use crate::ui::widgets::{Button, Disc, soft_disc};
use crate::ui::{keys, paint};

/// Where the text begins, behind the disc.
const TEXT_LEFT: f32 = 68.0;
/// Narrower than this, the button stands below the text.
const ONE_ROW: f32 = 640.0;

pub fn show(ui: &mut Ui, state: &AppState, found: &Exhaustion, out: &mut Vec<Command>) {
    let t = tokens(ui);
    let verdict = &found.case.verdict;
    let status = status(found.standing);
    let width = ui.available_width();
    let fixes = Button::primary("Show the fixes");
    let has_fixes = !found.case.plan.options.is_empty();
    let button_width = if has_fixes { fixes.width(ui) } else { 0.0 };
    let beside = has_fixes && width >= ONE_ROW;
    let room = width - TEXT_LEFT - 20.0 - if beside { button_width + 20.0 } else { 0.0 };
    let headline = visible(&verdict.headline);
    let sure = format!("{}: {}.", verdict.confidence.as_str(), visible(&verdict.confidence_because));
    let said = format!("{} {sure}", visible(&verdict.explanation));
    let title = Text::Card.paragraph(ui, &headline, t.text, room, 3);
    let text = Text::Detail.paragraph(ui, &said, t.text2, room, 8);
    let words = title.size().y + text.size().y;
    let below = if has_fixes && !beside { 52.0 } else { 0.0 };
    let (rect, response) = ui.allocate_exact_size(vec2(width, (words + 24.0).max(68.0) + below), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Heading, true, format!("{headline}. {said}")));
    ui.ctx().accesskit_node_builder(response.id, |node| node.set_live(Live::Polite));
    paint::boxed(ui, rect, 8, t.surface, t.line);
    let middle = rect.top() + (rect.height() - below) / 2.0;
    let icon = if status == Status::Neutral { Icon::EyeOff } else { Disc::glyph(status) };
    soft_disc(ui, pos2(rect.left() + 36.0, middle), 32.0, status, icon);
    let top = middle - words / 2.0;
    let under = top + title.size().y;
    paint::place(ui, title, pos2(rect.left() + TEXT_LEFT, top));
    paint::place(ui, text, pos2(rect.left() + TEXT_LEFT, under));
    if !has_fixes {
        return;
    }
    let corner = if beside {
        pos2(rect.right() - 16.0 - button_width, middle - 18.0)
    } else {
        pos2(rect.left() + TEXT_LEFT, rect.bottom() - 52.0)
    };
    let place = Rect::from_min_size(corner, vec2(button_width, 36.0));
    let mut child = ui.new_child(UiBuilder::new().max_rect(place).id_salt("fixes"));
    let by_key = state.question.is_none() && keys::page_enter(ui.ctx());
    if child.add(fixes).clicked() || by_key {
        out.push(Command::Exhaustion(ExhaustionCommand::Fix(None)));
    }
}

const fn status(standing: Standing) -> Status {
    match standing {
        Standing::Exhausted => Status::Err,
        Standing::HeadingThere | Standing::Leak => Status::Warn,
        Standing::ManyTimeWait => Status::Info,
        Standing::NotExhausted => Status::Ok,
        Standing::CannotTell => Status::Neutral,
    }
}
