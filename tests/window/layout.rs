//! Nothing is cut and nothing overlaps: in small windows, at every scale, and with texts as long as German makes them.

use std::sync::Arc;

use eframe::egui::accesskit::{Action, Role};
use eframe::egui::epaint::{ClippedShape, Shape};
use eframe::egui::{Context, FontFamily, FontTweak, Pos2, Rect};
use egui_kittest::kittest::NodeT as _;

use super::screen::{Screen, View};
use super::states::{ALL, State};

/// Sizes of the window in points, from the usual one to the least.
const SIZES: [(f32, f32); 5] = [(1100.0, 720.0), (960.0, 640.0), (860.0, 560.0), (700.0, 520.0), (560.0, 440.0)];
/// Half a pixel and what rounding to pixels takes.
const ROUNDING: f32 = 1.0;
/// The height of the side bar's foot.
const SIDE_BAR_FOOT: f32 = 64.0;
/// The parts of questions that scroll.
const IN_QUESTIONS: [&str; 2] = ["what it does", "all settings"];
/// By so much two lines may reach into each other: larger glyphs stand in lines of the usual height.
const LINE_GAP: f32 = 4.0;

#[test]
fn nothing_is_cut_or_overlaps_in_any_window() {
    in_states(ALL, 1.5, |screen, name, problems| {
        for size in SIZES {
            check(screen, size, name, problems);
        }
        lengthen(&screen.harness.ctx);
        for size in SIZES.into_iter().step_by(2) {
            check(screen, size, &format!("{name} with longer texts"), problems);
        }
    });
}

#[test]
fn nothing_is_cut_or_overlaps_where_a_point_is_one_pixel_or_two() {
    let some: Vec<&State> = ALL.iter().step_by(4).collect();
    for scale in [1.0, 2.0] {
        in_states(some.iter().copied(), scale, |screen, name, problems| {
            check(screen, SIZES[1], &format!("{name} at {scale}"), problems);
        });
    }
}

fn in_states<'a>(
    states: impl IntoIterator<Item = &'a State>,
    pixels_per_point: f32,
    look: impl Fn(&mut Screen, &str, &mut Vec<String>),
) {
    let mut problems = Vec::new();
    for state in states {
        let view = View { pixels_per_point, ..View::default() };
        look(&mut state.open(view), state.name, &mut problems);
    }
    assert!(problems.is_empty(), "{} problems:\n{}", problems.len(), problems.join("\n"));
}

fn check(screen: &mut Screen, size: (f32, f32), place: &str, problems: &mut Vec<String>) {
    screen.harness.set_size(size.into());
    screen.harness.run_steps(2);
    let window = Rect::from_min_size(Pos2::ZERO, size.into());
    let found = controls(screen, window).into_iter().chain(texts(screen, window));
    problems.extend(found.map(|problem| format!("{place}, {} x {}: {problem}", size.0, size.1)));
}

/// German takes about two fifths more room than English. Glyphs that are that much larger take it on every page, whatever it says.
fn lengthen(ctx: &Context) {
    let mut fonts = ctx.fonts(|fonts| fonts.definitions().clone());
    let icons = fonts.families[&FontFamily::Name("icons".into())].clone();
    for (name, font) in &mut fonts.font_data {
        if !icons.contains(name) {
            Arc::make_mut(font).tweak = FontTweak { scale: 1.4, ..FontTweak::default() };
        }
    }
    ctx.set_fonts(fonts);
}

/// Something that can be pressed, and the part of the window it is in.
struct Control {
    name: String,
    region: String,
    rect: Rect,
    /// Whether it is a row of a table: these stand closer.
    row: bool,
}

fn controls(screen: &Screen, window: Rect) -> Vec<String> {
    let mut all = Vec::new();
    collect(&screen.harness.root(), "window", &mut all);
    if all.iter().any(|control| control.region == "window") {
        // A question covers the regions, which keep what they had.
        all.retain(|control| control.region == "window" || IN_QUESTIONS.contains(&control.region.as_str()));
    }
    // In a low window the rows of the side bar scroll away above its foot, where the settings are.
    let foot = window.bottom() - SIDE_BAR_FOOT;
    all.retain(|control| control.region != "side bar" || control.name == "Settings" || control.rect.bottom() <= foot + ROUNDING);
    let mut problems = Vec::new();
    for (index, control) in all.iter().enumerate() {
        let (name, rect) = (&control.name, control.rect);
        let least = if control.row { 28.0 } else { 32.0 };
        if rect.height() < least - ROUNDING {
            problems.push(format!("{name} is only {} high", rect.height()));
        }
        if rect.left() < window.left() - ROUNDING || rect.right() > window.right() + ROUNDING {
            problems.push(format!("{name} is cut at the side: {rect:?}"));
        }
        let region = control.region.as_str();
        let scrolls = matches!(region, "page" | "side bar") || IN_QUESTIONS.contains(&region);
        if !scrolls && !window.expand(ROUNDING).contains_rect(rect) {
            problems.push(format!("{name} is outside of the window: {rect:?}"));
        }
        for other in all[index + 1..].iter().filter(|other| other.region == control.region) {
            let both = rect.intersect(other.rect);
            if both.width() > ROUNDING && both.height() > ROUNDING {
                problems.push(format!("{name} and {} overlap: {rect:?}, {:?}", other.name, other.rect));
            }
        }
    }
    problems
}

fn collect(node: &egui_kittest::Node<'_>, region: &str, all: &mut Vec<Control>) {
    let own = node.accesskit_node();
    let label = own.label().unwrap_or_default();
    let begins = ["page", "footer", "side bar"].contains(&label.as_str()) || IN_QUESTIONS.contains(&label.as_str());
    let region = if begins { label.clone() } else { region.to_owned() };
    let control = !matches!(own.role(), Role::Label | Role::TextRun | Role::ScrollBar);
    if control && own.data().supports_action(Action::Click) && own.bounding_box().is_some() {
        all.push(Control { name: label, region: region.clone(), rect: node.rect(), row: own.role() == Role::Row });
    }
    for child in node.children() {
        collect(&child, &region, all);
    }
}

/// A text as it is painted.
struct Painted {
    text: String,
    rect: Rect,
    clip: Rect,
    code: bool,
}

fn texts(screen: &Screen, window: Rect) -> Vec<String> {
    let shapes = &screen.harness.output().shapes;
    // A question paints over the whole window first: what is below it does not count.
    let ground = |clipped: &ClippedShape| matches!(&clipped.shape, Shape::Rect(rect) if rect.rect.contains_rect(window));
    let first = shapes.iter().rposition(ground).unwrap_or(0);
    let mut all = Vec::new();
    for clipped in &shapes[first..] {
        paint(&clipped.shape, clipped.clip_rect, &mut all);
    }
    let toast = screen.harness.state().state().toast.is_some();
    let mut problems = Vec::new();
    for (index, text) in all.iter().enumerate() {
        let cut = text.rect.left() < text.clip.left() - ROUNDING || text.rect.right() > text.clip.right() + ROUNDING;
        // Commands scroll sideways instead of wrapping.
        if cut && !text.code {
            problems.push(format!("\"{}\" is cut at the side: {:?} in {:?}", text.text, text.rect, text.clip));
        }
        let seen = text.rect.intersect(text.clip);
        for other in &all[index + 1..] {
            let both = seen.intersect(other.rect.intersect(other.clip));
            // A message lies over the page.
            if !toast && both.width() > 2.0 && both.height() > LINE_GAP {
                problems.push(format!("\"{}\" and \"{}\" overlap: {:?}, {:?}", text.text, other.text, text.rect, other.rect));
            }
        }
    }
    problems
}

fn paint(shape: &Shape, clip: Rect, all: &mut Vec<Painted>) {
    match shape {
        Shape::Vec(shapes) => shapes.iter().for_each(|shape| paint(shape, clip, all)),
        Shape::Text(text) if !text.galley.text().trim().is_empty() => {
            let first = text.galley.job.sections.first();
            all.push(Painted {
                text: text.galley.text().to_owned(),
                rect: text.galley.mesh_bounds.translate(text.pos.to_vec2()),
                clip,
                code: first.is_some_and(|section| section.format.font_id.family == FontFamily::Monospace),
            });
        }
        _ => {}
    }
}
