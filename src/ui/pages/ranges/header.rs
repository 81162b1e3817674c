//! The head of the page: its parts, the table that is shown, and the field for ports with what is wrong with it beside it.

use eframe::egui::{Color32, Pos2, Rect, Role, Sense, Ui, UiBuilder, WidgetInfo, pos2, vec2};

use super::field;
use crate::app::ranges::Part;
use crate::app::{AppState, Command, RangesCommand};
use crate::machine::{Family, Protocol};
use crate::ui::icons::Icon;
use crate::ui::paint;
use crate::ui::text::Text;
use crate::ui::theme::{Status, tokens};
use crate::ui::widgets::{Field, segmented, state_word};

/// From this width on the parts stand in the row of the headline.
const ONE_ROW: f32 = 720.0;
/// The field for ports.
const FIELD: f32 = 320.0;

/// Shows it.
pub fn show(ui: &mut Ui, state: &AppState, out: &mut Vec<Command>) {
    let t = tokens(ui);
    let ranges = &state.ranges;
    let width = ui.available_width();
    let (rect, response) = ui.allocate_exact_size(vec2(width, 36.0), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Heading, true, "Ranges"));
    let title = Text::Headline.line(ui, "Ranges", t.text, width);
    let mut left = pos2(rect.left() + title.size().x + 20.0, rect.center().y);
    paint::line_left(ui, title, rect.left_center());
    // An audit is of every table.
    if ranges.part != Part::Audit {
        tables(ui, state, rect.right_center(), out);
    }
    if width < ONE_ROW {
        ui.add_space(8.0);
        left = ui.allocate_exact_size(vec2(width, 32.0), Sense::hover()).0.left_center();
    }
    let labels = Part::ALL.map(|part| part.title().to_owned());
    let chosen = Part::ALL.iter().position(|part| *part == ranges.part).unwrap_or(0);
    if let Some(taken) = segments(ui, "part", &labels, chosen, left) {
        out.push(Command::Ranges(RangesCommand::Part(Part::ALL[taken])));
    }
    if matches!(ranges.part, Part::Map | Part::List) {
        ports(ui, state, out);
    }
}

/// Which table is shown, where the system has several.
fn tables(ui: &mut Ui, state: &AppState, right_center: Pos2, out: &mut Vec<Command>) {
    let ranges = &state.ranges;
    let labels = Protocol::ALL.map(|protocol| protocol.to_string());
    let mut left = right_center - vec2(segments_width(ui, &labels), 0.0);
    let chosen = Protocol::ALL.iter().position(|protocol| *protocol == ranges.protocol).unwrap_or(0);
    if let Some(taken) = segments(ui, "protocol", &labels, chosen, left) {
        out.push(Command::Ranges(RangesCommand::Protocol(Protocol::ALL[taken])));
    }
    if !ranges.has_families() {
        return;
    }
    let families = [Family::Ipv4, Family::Ipv6];
    let chosen = families.iter().position(|family| *family == ranges.family).unwrap_or(0);
    let labels = families.map(|family| family.to_string());
    left.x -= 12.0 + segments_width(ui, &labels);
    if let Some(taken) = segments(ui, "family", &labels, chosen, left) {
        out.push(Command::Ranges(RangesCommand::Family(families[taken])));
    }
}

/// The field for ports; beside it what is wrong with them, or what the page is about.
fn ports(ui: &mut Ui, state: &AppState, out: &mut Vec<Command>) {
    let t = tokens(ui);
    let ranges = &state.ranges;
    ui.add_space(8.0);
    let width = ui.available_width();
    let (row, response) = ui.allocate_exact_size(vec2(width, 32.0), Sense::hover());
    let field_width = FIELD.min(width);
    let room = Rect::from_min_size(row.min, vec2(field_width, 32.0));
    let mut child = ui.new_child(UiBuilder::new().max_rect(room).id_salt("field"));
    let mut typed = ranges.typed.clone();
    let edit = Field::new("Ports or ranges", &mut typed).hint("1433, 5000-5010").icon(Icon::Search).id(field());
    if edit.show(&mut child, field_width).changed() {
        out.push(Command::Ranges(RangesCommand::Type(typed)));
    }
    let beside = width - field_width - 16.0;
    if let Some(problem) = &ranges.problem {
        response.widget_info(|| WidgetInfo::labeled(Role::Label, true, problem));
        let text = Text::Detail.paragraph(ui, problem, t.warn, (beside - 20.0).max(200.0), 2);
        let fits = beside >= 240.0;
        let at = if fits {
            pos2(row.left() + field_width + 16.0, row.center().y)
        } else {
            let below = ui.allocate_exact_size(vec2(width, 24.0), Sense::hover()).0;
            state_word(ui, below.left_center(), Status::Warn, Icon::TriangleAlert, problem, width);
            return;
        };
        paint::icon(ui, Icon::TriangleAlert, 14.0, at + vec2(7.0, 0.0), t.warn);
        let top = at.y - text.size().y / 2.0;
        paint::place(ui, text, pos2(at.x + 20.0, top));
        return;
    }
    let note = if ranges.look.value().is_none() || ranges.has_protocols() {
        "Who may use which port. Type one, a range or several."
    } else {
        "Who may use which port. Linux keeps one list for TCP and UDP, IPv4 and IPv6."
    };
    let galley = Text::Detail.line(ui, note, t.text2, beside);
    if !galley.elided && beside > 0.0 {
        paint::line_left(ui, galley, pos2(row.left() + field_width + 16.0, row.center().y + 1.0));
    }
}

fn segments_width(ui: &Ui, labels: &[String]) -> f32 {
    let width = |label: &String| (Text::DetailBold.line(ui, label, Color32::PLACEHOLDER, f32::INFINITY).size().x + 28.0).ceil();
    labels.iter().map(width).sum::<f32>() + 4.0
}

/// A segmented control outside the flow.
fn segments(ui: &mut Ui, salt: &str, labels: &[String], chosen: usize, left_center: Pos2) -> Option<usize> {
    let room = Rect::from_min_size(pos2(left_center.x, left_center.y - 16.0), vec2(segments_width(ui, labels), 32.0));
    let mut child = ui.new_child(UiBuilder::new().max_rect(room).id_salt(salt));
    segmented(&mut child, salt, labels, chosen)
}
