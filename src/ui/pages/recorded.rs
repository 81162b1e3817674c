//! What the recorder has seen: who took a port, and when. It stands below what was changed.

use eframe::egui::{Margin, Role, Sense, Ui, WidgetInfo, pos2, vec2};

use super::could_not;
use crate::app::AppState;
use crate::machine::{Port, Sighting};
use crate::ui::icons::Icon;
use crate::ui::text::Text;
use crate::ui::theme::tokens;
use crate::ui::widgets::{SectionLink, card, section};
use crate::ui::{paint, words};

/// The height of a row of two lines.
const ROW: f32 = 52.0;
/// So many rows are shown; the command lists all.
const MOST: usize = 50;

pub fn show(ui: &mut Ui, state: &AppState) {
    ui.add_space(28.0);
    let seen = state.recorded.value();
    let rows = seen.map_or(&[][..], |seen| &seen.sightings);
    let note = if rows.len() > MOST { format!("the newest {MOST} of {}", rows.len()) } else { String::new() };
    section(ui, "Seen by the recorder", &note);
    ui.add_space(8.0);
    let quiet = |ui: &mut Ui, text: &str| drop(Text::Body.show(ui, text, tokens(ui).text2));
    if let Some(problem) = state.recorded.problem() {
        return could_not(ui, "What was recorded could not be read", problem);
    }
    if state.practice.is_some() {
        return quiet(ui, "A practice machine has no recorder.");
    }
    let Some(seen) = seen else { return };
    for gap in &seen.gaps {
        quiet(ui, &words::capital(&format!("{}; {} shows it", gap.because, gap.shown_by)));
        ui.add_space(8.0);
    }
    if !rows.is_empty() {
        card(ui, Margin::ZERO, |ui| rows.iter().take(MOST).enumerate().for_each(|(index, own)| row(ui, state, own, index > 0)));
    } else if seen.watched {
        quiet(ui, "Nobody was seen on the ports that were watched.");
    } else if seen.gaps.is_empty() {
        quiet(
            ui,
            "No port was watched. Watch this port on the pages Port and Owner has PortMedic note who takes that port. In a terminal, portmedic watch 1433 notes who takes port 1433, and portmedic watch --install 1433 goes on with it in the background.",
        );
    }
}

/// Who was seen on `port`, the newest first; nothing where it was not watched.
pub fn of_port(ui: &mut Ui, state: &AppState, port: Port) {
    const MOST: usize = 5;
    let Some(seen) = state.recorded.value().filter(|_| state.opened.is_none()) else { return };
    let rows: Vec<&Sighting> = seen.sightings.iter().filter(|own| own.port() == port).collect();
    if rows.is_empty() {
        return;
    }
    ui.add_space(20.0);
    let note = if rows.len() > MOST { format!("the newest {MOST} of {}; History has more", rows.len()) } else { String::new() };
    section(ui, "Seen by the recorder", &note);
    card(ui, Margin::ZERO, |ui| rows.iter().take(MOST).enumerate().for_each(|(index, own)| row(ui, state, own, index > 0)));
}

/// The link that has the recorder watch the port; `None` where the page shows another computer than this one.
pub fn watch_link(state: &AppState) -> Option<SectionLink> {
    let label = "Watch this port\u{2026}".to_owned();
    state.opened.is_none().then(|| (Icon::Eye, label.clone(), label))
}

fn row(ui: &mut Ui, state: &AppState, sighting: &Sighting, ruled: bool) {
    let t = tokens(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::hover());
    let what = format!("{} {}", sighting.who(), sighting.deed());
    let until = match sighting.gone {
        Some(gone) if !sighting.was_missed() => format!(", gone {}", words::moment(state, gone)),
        _ => String::new(),
    };
    let origin = sighting.origin();
    let origin = if origin.is_empty() { origin } else { format!(", {origin}") };
    let about = format!("{}{until}{origin}", words::moment(state, sighting.first_seen));
    let name = format!("{what}, {about}");
    response.widget_info(|| WidgetInfo::labeled(Role::Row, true, &name));
    if ruled {
        paint::rule(ui, (rect.left() + 16.0..=rect.right()).into(), rect.top(), t.line);
    }
    let room = rect.width() - 32.0;
    for (text, line, colour, offset) in [(Text::DetailStrong, &what, t.text, 18.0), (Text::Label, &about, t.text3, 36.0)] {
        let galley = text.line(ui, line, colour, room);
        paint::line_left(ui, galley, pos2(rect.left() + 16.0, rect.top() + offset));
    }
    response.on_hover_text(name);
}
