//! Which service does not start? The services, those that fail first.

use std::collections::BTreeSet;

use eframe::egui::{Margin, Rect, Sense, Ui, pos2, vec2};

use super::{back, busy, could_not};
use crate::app::{AppState, Command, ServiceView};
use crate::machine::{Service, ServiceState};
use crate::ui::icons::Icon;
use crate::ui::shell::{Footer, FooterButton};
use crate::ui::text::Text;
use crate::ui::theme::{Status, tokens};
use crate::ui::widgets::{Button, Empty, Field, RadioGroup, card, headline, link_at, radio_ring, segmented, state_word};
use crate::ui::{keys, paint, words};

/// Where the columns begin, as parts of 760; the last ones go first where it is narrow.
const COLUMNS: [f32; 4] = [56.0, 352.0, 520.0, 672.0];
const NARROW: f32 = 600.0;

pub fn show(ui: &mut Ui, state: &AppState, out: &mut Vec<Command>) {
    headline(ui, "Which service does not start?", "Services that fail come first.");
    ui.add_space(20.0);
    toolbar(ui, state, out);
    ui.add_space(16.0);
    if state.services.value().is_none() {
        if let Some(under_way) = state.services.busy() {
            busy(ui, state, under_way);
        } else if let Some(problem) = state.services.problem() {
            could_not(ui, "The services could not be read", problem);
        }
        return;
    }
    let shown = state.shown_services();
    if shown.is_empty() {
        empty(ui, state, out);
    } else {
        list(ui, state, &shown, out);
    }
}

pub fn footer(state: &AppState) -> Footer {
    let chosen =
        state.picker.chosen.as_ref().and_then(|name| {
            state.services.value().and_then(|services| services.list.iter().find(|service| &service.name == name))
        });
    let label = match chosen.map(|service| words::shown(service.display_name())) {
        Some(name) if name.chars().count() <= 24 => format!("Check port of {name}"),
        Some(_) | None => "Check port".to_owned(),
    };
    let because = chosen.is_none().then_some("Choose a service first");
    // An empty list offers it in its middle.
    let offered = state.services.value().is_some() && state.shown_services().is_empty() && state.picker.filter.trim().is_empty();
    let second = (!offered).then(|| FooterButton::new("Check a port", Command::AskForPort));
    Footer {
        back: back(state),
        note: (Icon::Eye, "Looks only. Nothing is changed.".to_owned()),
        second,
        primary: Some(FooterButton::new(label, Command::CheckChosen).off(because)),
    }
}

fn toolbar(ui: &mut Ui, state: &AppState, out: &mut Vec<Command>) {
    let width = ui.available_width();
    let right = ui.cursor().left() + width;
    let wide = width >= 720.0;
    let field_width = if wide { 296.0 } else { (width - 120.0).max(160.0) };
    let row = ui.horizontal(|ui| {
        let mut filter = state.picker.filter.clone();
        let field = Field::new("Find a service", &mut filter).hint("Find a service").icon(Icon::Search);
        let response = field.show(ui, field_width);
        if response.changed() {
            out.push(Command::Filter(filter));
        }
        if response.has_focus() {
            keys::enter_is_for_the_page(ui, response.id);
        }
        if wide {
            ui.add_space(16.0);
            views(ui, state, out);
        }
    });
    let middle = row.response.rect.center().y;
    if link_at(ui, pos2(right, middle), Some(Icon::RotateCw), "Look again", "Look again").clicked() {
        out.push(Command::LookAgain);
    }
    if !wide {
        ui.add_space(8.0);
        views(ui, state, out);
    }
}

fn views(ui: &mut Ui, state: &AppState, out: &mut Vec<Command>) {
    let all = [(ServiceView::Failing, "Failing"), (ServiceView::Stopped, "Not running"), (ServiceView::All, "All")];
    let labels: Vec<String> = all.iter().map(|(view, word)| format!("{word} {}", state.count_in(*view))).collect();
    let chosen = all.iter().position(|(view, _)| *view == state.picker.view).unwrap_or(0);
    if let Some(taken) = segmented(ui, "views", &labels, chosen) {
        out.push(Command::View(all[taken].0));
    }
}

fn empty(ui: &mut Ui, state: &AppState, out: &mut Vec<Command>) {
    let filter = words::shown(state.picker.filter.trim());
    let total = state.count_in(ServiceView::All);
    let gap = state.services.value().and_then(|services| services.gaps.first());
    let not_seen = gap.map(|gap| format!("Not seen: {}. {}", words::shown(&gap.what), words::sentence(&gap.because)));
    let not_seen = not_seen.as_deref();
    if !filter.is_empty() {
        let title = format!("No service here is called \"{filter}\"");
        let text = format!("{total} services were read. Their names and descriptions were searched.");
        let text = Empty { status: Status::Neutral, icon: Icon::Search, title: &title, text: &text, not_seen };
        if text.show(ui, vec![Button::second("Show all services")]).is_some() {
            out.extend([Command::Filter(String::new()), Command::View(ServiceView::All)]);
        }
        return;
    }
    let stopped = state.count_in(ServiceView::Stopped);
    let text =
        format!("PortMedic read {total} services and what the system says about each.\nNone of them failed or is restarting.");
    let text = Empty { status: Status::Ok, icon: Icon::Check, title: "No service fails", text: &text, not_seen };
    let stopped = Button::second(format!("Show {} that do not run", words::plural(stopped, "service", "services")));
    match text.show(ui, vec![stopped, Button::second("Check a port")]) {
        Some(0) => out.push(Command::View(ServiceView::Stopped)),
        Some(_) => out.push(Command::AskForPort),
        None => {}
    }
}

fn list(ui: &mut Ui, state: &AppState, shown: &[&Service], out: &mut Vec<Command>) {
    let t = tokens(ui);
    let width = ui.available_width();
    let at = columns(width);
    let (head, _) = ui.allocate_exact_size(vec2(width, 28.0), Sense::hover());
    for (left, title) in at.iter().zip(["Service", "Port", "State", "Since"]).filter(|(left, _)| left.is_finite()) {
        let galley = Text::LabelStrong.line(ui, title, t.text3, 160.0);
        paint::line_left(ui, galley, pos2(head.left() + left, head.center().y));
    }
    let chosen = shown.iter().position(|service| Some(&service.name) == state.picker.chosen.as_ref());
    let group = RadioGroup::new(ui, "services", shown.len(), chosen);
    let mut chosen_rect = None;
    card(ui, Margin::ZERO, |ui| {
        for (index, service) in shown.iter().enumerate() {
            let top = ui.cursor().min;
            if let Some(taken) = row(ui, state, service, &group, index, chosen == Some(index)) {
                out.push(Command::Choose(shown[taken].name.clone()));
            }
            if chosen == Some(index) {
                chosen_rect = Some(Rect::from_min_max(top, pos2(top.x + width, ui.cursor().top())));
            }
        }
    });
    // Over the rules of its neighbours.
    if let Some(rect) = chosen_rect {
        paint::outline(ui, rect, 8, paint::hairline(ui), t.accent);
    }
}

fn columns(width: f32) -> [f32; 4] {
    if width < NARROW {
        [56.0, width * 0.5, width * 0.72, f32::INFINITY]
    } else {
        COLUMNS.map(|column| if column > 60.0 { column / 760.0 * width } else { column })
    }
}

fn row(ui: &mut Ui, state: &AppState, service: &Service, group: &RadioGroup, index: usize, chosen: bool) -> Option<usize> {
    let t = tokens(ui);
    let said = service.failure.as_ref().map(|failure| words::log_line(&failure.message));
    let height = if said.is_some() { 80.0 } else { 56.0 };
    let (_, rect) = ui.allocate_space(vec2(ui.available_width(), height));
    let response = ui.interact(rect, group.item_id(index), group.sense(index));
    let (status, icon, word) = state_words(service);
    let name = words::shown(service.display_name());
    let unit = words::shown(&service.name);
    let port = service.ports.first();
    let port_text = port.map_or_else(|| "No port known".to_owned(), |port| format!("{} {}", port.port, port.protocol));
    let others: BTreeSet<_> = service.ports.iter().map(|own| (own.port, own.protocol)).collect();
    let more = if others.len() > 1 { format!(", {} more", others.len() - 1) } else { String::new() };
    let spoken = format!("{name}, {unit}, {word}, {port_text}, {}", said.clone().unwrap_or_default());
    let taken = group.item(ui, index, &response, &spoken);
    if response.gained_focus() {
        response.scroll_to_me(None);
    }
    if !ui.is_rect_visible(rect) {
        return taken;
    }
    if chosen {
        ui.painter().rect_filled(rect, 8, t.accent_bg);
    } else if response.hovered() {
        ui.painter().rect_filled(rect.shrink(1.0), 7, t.hover);
    }
    let x = columns(rect.width()).map(|left| rect.left() + left);
    if index > 0 && !chosen {
        paint::rule(ui, (x[0]..=rect.right()).into(), rect.top(), t.line);
    }
    radio_ring(ui, pos2(rect.left() + 28.0, rect.center().y), chosen);
    let lines = [rect.top() + 18.0, rect.top() + 38.0, rect.top() + 60.0];
    let room = x[1] - x[0] - 16.0;
    let galley = if chosen { Text::Section } else { Text::Strong }.middle_elided(ui, &name, t.text, room);
    paint::line_left(ui, galley, pos2(x[0], lines[0]));
    let galley = Text::SmallCode.middle_elided(ui, &unit, t.text2, room);
    paint::line_left(ui, galley, pos2(x[0], lines[1]));
    if let Some(said) = &said {
        let color = if chosen { t.text } else { t.text2 };
        let galley = Text::Detail.line(ui, said, color, rect.right() - x[0] - 16.0);
        paint::line_left(ui, galley, pos2(x[0], lines[2]));
    }
    let (role, color) = if port.is_some() { (Text::Code, t.text) } else { (Text::Detail, t.text3) };
    let galley = role.line(ui, &format!("{port_text}{more}"), color, x[2] - x[1] - 12.0);
    paint::line_left(ui, galley, pos2(x[1], lines[0]));
    if let Some(port) = port {
        let galley = Text::Label.line(ui, &format!("from {}", port.known_from.as_str()), t.text2, x[2] - x[1] - 12.0);
        paint::line_left(ui, galley, pos2(x[1], lines[1]));
    }
    let state_room = x[3].min(rect.right()) - x[2] - 8.0;
    state_word(ui, pos2(x[2], lines[0]), status, icon, word, state_room);
    let galley = Text::Label.line(ui, &words::shown(&service.state_detail), t.text2, state_room - 20.0);
    paint::line_left(ui, galley, pos2(x[2] + 20.0, lines[1]));
    if x[3].is_finite() {
        let times = service.since.map(|since| (words::clock(state, since), words::day(state, since).unwrap_or_default()));
        let (clock, day) = times.unwrap_or_default();
        let room = rect.right() - x[3] - 8.0;
        paint::line_left(ui, Text::Detail.line(ui, &clock, t.text2, room), pos2(x[3], lines[0]));
        paint::line_left(ui, Text::Label.line(ui, &day, t.text2, room), pos2(x[3], lines[1]));
    }
    if response.has_focus() {
        paint::focus_ring(ui, rect.shrink(2.0), 6);
    }
    if let Some(said) = said {
        response.on_hover_text(said);
    }
    taken
}

const fn state_words(service: &Service) -> (Status, Icon, &'static str) {
    match service.state {
        ServiceState::Running => (Status::Ok, Icon::CircleCheck, "Running"),
        ServiceState::Starting => (Status::Info, Icon::Clock, "Starting"),
        ServiceState::Restarting => (Status::Err, Icon::RotateCw, "Restarting"),
        ServiceState::Stopping => (Status::Warn, Icon::Clock, "Stopping"),
        ServiceState::Stopped => (Status::Neutral, Icon::Power, "Stopped"),
        ServiceState::Failed => (Status::Err, Icon::CircleX, "Failed"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_narrow_list_drops_the_time() {
        assert!(columns(500.0)[3].is_infinite());
        assert!(columns(760.0)[3].is_finite());
    }
}
