//! Who may use which port, as a map: all ports on one line, a part of it large, and what is to be said of the ports that were chosen.

mod audit;
mod dynamic;
mod flags;
mod header;
mod inspector;
mod lanes;
mod legend;
mod list;
mod overview;
mod scale;
mod zoom;

use eframe::egui::epaint::{Mesh, PathStroke, Vertex, WHITE_UV};
use eframe::egui::{Color32, Id, Rect, Shape, Stroke, Ui, pos2};

use super::{busy, could_not};
use crate::app::ranges::Part;
use crate::app::{AppState, Command, RangesState};
use crate::machine::System;
use crate::ui::theme::{Status, tokens};
use crate::ui::widgets::notice;
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
    header::show(ui, state, out);
    ui.add_space(12.0);
    if ranges.part == Part::Audit {
        audit::show(ui, state, out);
        return;
    }
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
    match ranges.part {
        Part::Map => {
            map(ui, ranges, &all, out);
            ui.add_space(16.0);
            inspector::show(ui, state, out);
            ui.add_space(16.0);
            legend::show(ui, &all, windows);
        }
        Part::List => {
            list::show(ui, state, out);
            ui.add_space(16.0);
            inspector::show(ui, state, out);
        }
        Part::Dynamic => dynamic::show(ui, state, look, out),
        // It needs no look at the ranges, and was shown above.
        Part::Audit => {}
    }
}

fn map(ui: &mut Ui, ranges: &RangesState, all: &[lanes::Lane], out: &mut Vec<Command>) {
    let t = tokens(ui);
    let status = ranges.about.as_ref().map_or(Status::Neutral, |about| inspector::status(about.safety));
    let palette = Palette { flag: t.status(status), on_flag: t.on_status };
    let adds = inspector::previews(ui) && ranges.about.as_ref().is_some_and(|about| !about.exclude.is_empty());
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
