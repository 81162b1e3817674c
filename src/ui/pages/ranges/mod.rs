//! Who may use which port, as a map: all ports on one line, a part of it large, and what is to be said of the ports that were chosen.

mod flags;
mod inspector;
mod lanes;
mod legend;
mod list;
mod overview;
mod scale;
mod zoom;

use eframe::egui::epaint::{Mesh, PathStroke, Vertex, WHITE_UV};
use eframe::egui::{Color32, Id, Rect, Role, Sense, Shape, Stroke, Ui, UiBuilder, WidgetInfo, pos2, vec2};

use super::{busy, could_not};
use crate::app::{AppState, Command, RangesCommand, RangesState};
use crate::machine::{Family, Protocol, System};
use crate::ui::icons::Icon;
use crate::ui::paint;
use crate::ui::text::Text;
use crate::ui::theme::{Status, tokens};
use crate::ui::widgets::{Field, link_at, notice, segmented, state_word};
use crate::ui::words;

/// The column of the lanes' names.
const LABELS: f32 = 124.0;
/// Between the overview and the part that is shown large.
const WEDGE: f32 = 24.0;

/// The colours of the chosen ports.
#[derive(Debug, Clone, Copy)]
struct Palette {
    flag: Color32,
    on_flag: Color32,
}

/// The field for a port or range, which has the focus when the page opens.
pub fn field() -> Id {
    Id::unique("port or range")
}

pub fn show(ui: &mut Ui, state: &AppState, out: &mut Vec<Command>) {
    let ranges = &state.ranges;
    header(ui, state, out);
    if let Some(problem) = &ranges.problem {
        let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 24.0), Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::Label, true, problem));
        state_word(ui, rect.left_center(), Status::Warn, Icon::TriangleAlert, problem, rect.width());
    }
    ui.add_space(12.0);
    let Some(look) = ranges.look.value() else {
        if let Some(under_way) = ranges.look.busy() {
            busy(ui, state, under_way);
        } else if let Some(problem) = ranges.look.problem() {
            could_not(ui, "The port ranges could not be read", problem);
        }
        return;
    };
    if let Some(gap) = look.gaps.first() {
        let more = if look.gaps.len() > 1 { format!(" ({} more)", look.gaps.len() - 1) } else { String::new() };
        let title = format!("{}: not seen{more}", words::capital(&gap.what));
        notice(ui, Status::Warn, &title, &words::sentence(&gap.because));
        ui.add_space(12.0);
    }
    let windows = look.host.system == System::Windows;
    let all = lanes::Lane::of(&ranges.lanes, windows);
    if ranges.list {
        list::show(ui, ranges, out);
    } else {
        map(ui, ranges, &all, out);
    }
    ui.add_space(16.0);
    inspector::show(ui, state, out);
    if !ranges.list {
        ui.add_space(16.0);
        legend::show(ui, &all, windows);
    }
}

fn map(ui: &mut Ui, ranges: &RangesState, all: &[lanes::Lane], out: &mut Vec<Command>) {
    let t = tokens(ui);
    let status = ranges.about.as_ref().map_or(Status::Neutral, |about| inspector::status(about.safety));
    let palette = Palette { flag: t.status(status), on_flag: t.on_status };
    let adds = inspector::previews(ui) && ranges.about.as_ref().is_some_and(|about| about.exclude.is_some());
    let window = overview::show(ui, ranges, all, palette, out);
    let top = ui.cursor().top();
    let line = (ui.cursor().left() + LABELS, ui.max_rect().right() - 16.0);
    wedge(ui, window, top, line);
    ui.add_space(WEDGE);
    zoom::show(ui, ranges, all, palette, adds, out);
}

/// Leads the eye from the window in the overview to the large part.
fn wedge(ui: &Ui, window: Rect, top: f32, (left, right): (f32, f32)) {
    let t = tokens(ui);
    let bottom = top + WEDGE;
    let fill = t.accent.gamma_multiply(0.13);
    let mut mesh = Mesh::default();
    let corners = [pos2(window.left() + 1.0, top), pos2(window.right() - 1.0, top), pos2(right, bottom), pos2(left, bottom)];
    mesh.vertices.extend(corners.map(|pos| Vertex { pos, uv: WHITE_UV, color: fill }));
    mesh.indices.extend([0, 1, 2, 0, 2, 3]);
    ui.painter().add(Shape::mesh(mesh));
    let stroke = PathStroke::from(Stroke::new(1.0, t.accent.gamma_multiply(0.6)));
    for (near, far) in [(window.left() + 1.0, left), (window.right() - 1.0, right)] {
        let points = vec![pos2(near, window.bottom()), pos2(near, top), pos2(far, bottom)];
        ui.painter().add(Shape::line(points, stroke.clone()));
    }
}

/// Headline, the field for a port, and the choices of what is shown; in two rows where it is narrow.
fn header(ui: &mut Ui, state: &AppState, out: &mut Vec<Command>) {
    let t = tokens(ui);
    let ranges = &state.ranges;
    let width = ui.available_width();
    let one_row = width >= 720.0;
    let (rect, response) = ui.allocate_exact_size(vec2(width, 36.0), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Heading, true, "Ranges"));
    let title = Text::Headline.line(ui, "Ranges", t.text, width);
    let note_left = rect.left() + title.size().x + 12.0;
    paint::line_left(ui, title, rect.left_center());

    let mut right = rect.right();
    let labels = Protocol::ALL.map(|protocol| protocol.to_string());
    let chosen = Protocol::ALL.iter().position(|protocol| *protocol == ranges.protocol).unwrap_or(0);
    if let Some(taken) = segments(ui, "protocol", &labels, chosen, &mut right, rect.center().y) {
        out.push(Command::Ranges(RangesCommand::Protocol(Protocol::ALL[taken])));
    }
    if ranges.has_families() {
        let families = [Family::Ipv4, Family::Ipv6];
        let chosen = families.iter().position(|family| *family == ranges.family).unwrap_or(0);
        let labels = families.map(|family| family.to_string());
        if let Some(taken) = segments(ui, "family", &labels, chosen, &mut right, rect.center().y) {
            out.push(Command::Ranges(RangesCommand::Family(families[taken])));
        }
    }
    let row = if one_row {
        rect
    } else {
        ui.add_space(8.0);
        ui.allocate_exact_size(vec2(width, 36.0), Sense::hover()).0
    };
    let field_width = if one_row { 176.0 } else { (width - 150.0).min(260.0) };
    let field_left = if one_row { right - field_width } else { row.left() };
    let room = Rect::from_min_size(pos2(field_left, row.center().y - 16.0), vec2(field_width, 32.0));
    let mut child = ui.new_child(UiBuilder::new().max_rect(room).id_salt("field"));
    let mut typed = ranges.typed.clone();
    let field = Field::new("Port or range", &mut typed).hint("1433, 8080-8090").icon(Icon::Search).id(field());
    if field.show(&mut child, field_width).changed() {
        out.push(Command::Ranges(RangesCommand::Type(typed)));
    }
    let label = if ranges.list { "Show as map" } else { "Show as list" };
    let icon = if ranges.list { Icon::Ruler } else { Icon::List };
    let link_right = if one_row { field_left - 16.0 } else { row.right() };
    let link = link_at(ui, pos2(link_right, row.center().y), Some(icon), label, label);
    if link.clicked() {
        out.push(Command::Ranges(RangesCommand::List(!ranges.list)));
    }
    let note = if ranges.look.value().is_none() || ranges.has_protocols() {
        "Who may use which port"
    } else {
        "Who may use which port. Linux keeps one list for TCP and UDP, IPv4 and IPv6."
    };
    let note_right = if one_row { link.rect.left() } else { right };
    let galley = Text::Body.line(ui, note, t.text2, note_right - note_left - 16.0);
    let galley = if galley.elided {
        Text::Body.line(ui, "Who may use which port", t.text2, note_right - note_left - 16.0)
    } else {
        galley
    };
    if !galley.elided {
        paint::line_left(ui, galley, pos2(note_left, rect.center().y + 1.0));
    }
}

/// A segmented control that ends at `right`, which moves to the left of it.
fn segments(ui: &mut Ui, salt: &str, labels: &[String], chosen: usize, right: &mut f32, middle: f32) -> Option<usize> {
    let widths: f32 = labels
        .iter()
        .map(|label| (Text::DetailBold.line(ui, label, Color32::PLACEHOLDER, f32::INFINITY).size().x + 28.0).ceil())
        .sum();
    *right -= widths + 4.0;
    let room = Rect::from_min_size(pos2(*right, middle - 16.0), vec2(widths + 4.0, 32.0));
    *right -= 12.0;
    let mut child = ui.new_child(UiBuilder::new().max_rect(room).id_salt(salt));
    segmented(&mut child, salt, labels, chosen)
}
