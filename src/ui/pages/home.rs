//! What is wrong? A field for a service, a port or an error text, and what already failed on this computer.

use eframe::egui::{Align, Event, Id, Layout, Margin, Rect, Role, Sense, Ui, UiBuilder, WidgetInfo, pos2, vec2};

use super::ask_field::AskField;
use super::{busy, could_not, outlook};
use crate::app::{AppState, Command, ExhaustionCommand, Opening, Page, SavedCommand, ServiceView};
use crate::diagnosis::Complaint;
use crate::machine::Service;
use crate::ui::icons::Icon;
use crate::ui::shell::{Footer, FooterButton};
use crate::ui::text::Text;
use crate::ui::theme::{Status, tokens};
use crate::ui::widgets::{Button, Empty, card, headline, section, soft_disc};
use crate::ui::{paint, words};

const EXAMPLES: [&str; 4] = ["5432", "nginx", "bind: address already in use", "53/udp"];
/// How many failing services are shown; the rest is on the next page.
const MOST: usize = 5;
/// The most lines of a pasted error text; one with more is read as the output of a command, or a log.
const MOST_PASTED: usize = 8;
/// From this width on a row has a column for port and time.
const WIDE_ROW: f32 = 600.0;
/// Where texts begin, behind the disc or the icon.
const TEXT_LEFT: f32 = 56.0;
/// The chevron of a tile and the room around it.
const CHEVRON: f32 = 40.0;

pub fn show(ui: &mut Ui, state: &AppState, out: &mut Vec<Command>) {
    take_pasted_output(ui, out);
    headline(ui, "What is wrong?", "Name the service or the port, or paste the error text. PortMedic finds out why.");
    ui.add_space(20.0);
    outlook::home(ui, state, out);
    target_field(ui, state, out);
    ui.add_space(20.0);
    seen(ui, state, out);
    ui.add_space(20.0);
    complaints(ui, out);
    ui.add_space(20.0);
    section(ui, "Something else", "");
    elsewhere(ui, state, out);
}

/// What people see first where no port is left: it names no service and no port.
fn complaints(ui: &mut Ui, out: &mut Vec<Command>) {
    section(ui, "Nothing is named, but something does not work", "each needs an outgoing connection: are ports left?");
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(8.0, 8.0);
        for complaint in Complaint::ALL {
            if ui.add(Button::second(complaint.as_str()).low()).clicked() {
                out.push(Command::Exhaustion(ExhaustionCommand::Ask(complaint)));
            }
        }
    });
}

/// A pasted text of many lines is an output or a log, and no error text for the field.
fn take_pasted_output(ui: &Ui, out: &mut Vec<Command>) {
    let is_output = |event: &Event| matches!(event, Event::Paste(text) if text.lines().count() > MOST_PASTED);
    let pasted = ui.input_mut(|input| {
        let place = input.events.iter().position(is_output)?;
        Some(input.events.remove(place))
    });
    if let Some(Event::Paste(text)) = pasted {
        out.push(Command::Saved(SavedCommand::Paste(text)));
    }
}

pub fn footer(state: &AppState) -> Footer {
    let empty = state.typed.trim().is_empty();
    let because = empty.then_some("Name a service or a port, or paste an error text");
    Footer {
        back: None,
        note: (Icon::Eye, "Looks only. Nothing is changed.".to_owned()),
        second: None,
        primary: Some(FooterButton::new("Check", Command::CheckTyped).off(because)),
    }
}

/// The identity of the field: it has the focus when the page opens.
pub fn field() -> Id {
    Id::unique("what is wrong")
}

fn target_field(ui: &mut Ui, state: &AppState, out: &mut Vec<Command>) {
    let ask = AskField {
        id: field(),
        icon: Icon::Search,
        label: "Service, port or error text",
        keys: Some(("Paste", "Ctrl+V")),
        problem: state.typed_problem.as_deref().map(|problem| ("This names nothing that can be checked", problem)),
        examples: &EXAMPLES,
    };
    out.extend(ask.show(ui, &state.typed).map(Command::Type));
}

fn seen(ui: &mut Ui, state: &AppState, out: &mut Vec<Command>) {
    let failing: Vec<&Service> = state
        .services
        .value()
        .map(|services| services.list.iter().filter(|service| service.is_failing()).collect())
        .unwrap_or_default();
    let note = match (failing.len(), state.services.value()) {
        (_, None) => String::new(),
        (0, Some(services)) if !services.host.service_manager => String::new(),
        (0, Some(services)) => format!("{} services read, none of them fails", crate::ui::text::count(services.list.len())),
        (1, Some(_)) => "1 service does not run".to_owned(),
        (count, Some(_)) => format!("{} services do not run", crate::ui::text::count(count)),
    };
    section(ui, "Already seen on this computer", &note);
    if let Some(under_way) = state.services.busy().filter(|_| state.services.value().is_none()) {
        busy(ui, state, under_way);
    } else if let Some(problem) = state.services.problem() {
        could_not(ui, "The services could not be read", problem);
    } else if failing.is_empty() {
        nothing_seen(ui, state);
    } else {
        let shown = &failing[..failing.len().min(MOST)];
        card(ui, Margin::ZERO, |ui| {
            let wide = ui.available_width() >= WIDE_ROW;
            let buttons: Vec<Button> = shown.iter().map(|service| check_button(service, wide)).collect();
            let widest = buttons.iter().map(|button| button.width(ui)).fold(0.0, f32::max);
            for (index, (service, button)) in shown.iter().zip(buttons).enumerate() {
                row(ui, state, service, (button, widest), index > 0, out);
            }
        });
        if failing.len() > MOST {
            ui.add_space(8.0);
            ui.allocate_ui_with_layout(vec2(ui.available_width(), 36.0), Layout::left_to_right(Align::Center), |ui| {
                let label = format!("Show all {}", failing.len());
                if ui.add(Button::second(label)).clicked() {
                    out.extend([Command::View(ServiceView::Failing), Command::GoTo(Page::Service)]);
                }
            });
        }
    }
}

fn nothing_seen(ui: &mut Ui, state: &AppState) {
    let services = state.services.value();
    let gap = services.and_then(|services| services.gaps.first());
    let not_seen = gap.map(|gap| format!("Not seen: {}. {}", words::shown(&gap.what), words::sentence(&gap.because)));
    let manager = state.host().is_none_or(|host| host.service_manager);
    let (title, text) = if manager {
        ("No service fails", "A service that runs but does not answer can be checked by its name or its port.")
    } else {
        ("No service manager answers here", "Check a port by its number, or paste the error text of the program.")
    };
    let status = if manager { Status::Ok } else { Status::Neutral };
    let icon = if manager { Icon::Check } else { Icon::EyeOff };
    Empty { status, icon, title, text, not_seen: not_seen.as_deref() }.show(ui, Vec::new());
}

/// A name that is short enough stands on the button too.
fn check_button(service: &Service, wide: bool) -> Button {
    let name = words::shown(service.display_name());
    let said = format!("Check {name}");
    let label = if wide && name.chars().count() <= 16 { &said } else { "Check" };
    Button::second(label).name(&said)
}

fn row(ui: &mut Ui, state: &AppState, service: &Service, (button, widest): (Button, f32), ruled: bool, out: &mut Vec<Command>) {
    let t = tokens(ui);
    let name = words::shown(service.display_name());
    let unit = words::shown(&service.name);
    let said = words::log_line(service.failure.as_ref().map_or(&service.state_detail, |failure| &failure.message));
    let width = ui.available_width();
    let wide = width >= WIDE_ROW;
    let column = width - 16.0 - widest - if wide { 140.0 } else { 0.0 };
    let room = column - TEXT_LEFT - 12.0;
    let told = Text::Detail.paragraph(ui, &said, t.text2, room, 2);
    let (rect, response) = ui.allocate_exact_size(vec2(width, 48.0 + told.size().y.max(20.0)), Sense::hover());
    let port = service.ports.first().map(|port| format!("{} {}", port.port, port.protocol)).unwrap_or_default();
    let since = service.since.map(|since| words::moment(state, since)).unwrap_or_default();
    response.widget_info(|| WidgetInfo::labeled(Role::ListItem, true, format!("{name}, {unit}, {said}, {port}, {since}")));
    let (left, column) = (rect.left() + TEXT_LEFT, rect.left() + column);
    if ruled {
        paint::rule(ui, (left..=rect.right()).into(), rect.top(), t.line);
    }
    soft_disc(ui, pos2(rect.left() + 28.0, rect.center().y), 28.0, Status::Err, Icon::X);
    let width = button.width(ui);
    let corner = Rect::from_min_size(pos2(rect.right() - 16.0 - width, rect.center().y - 18.0), vec2(width, 36.0));
    let mut child = ui.new_child(UiBuilder::new().max_rect(corner).id_salt(&service.name));
    if child.add(button).clicked() {
        out.push(Command::CheckService(service.name.clone()));
    }
    let lines = [rect.top() + 24.0, rect.top() + 44.0];
    let title = if name == unit || !wide { name } else { format!("{name} ({unit})") };
    let galley = Text::Section.middle_elided(ui, &title, t.text, room);
    paint::line_left(ui, galley, pos2(left, lines[0]));
    let elided = told.elided;
    paint::place(ui, told, pos2(left, lines[1] - 10.0));
    if wide {
        let galley = Text::Code.line(ui, &port, t.text, 128.0);
        paint::line_left(ui, galley, pos2(column, lines[0]));
        let galley = Text::Label.line(ui, &since, t.text3, 128.0);
        paint::line_left(ui, galley, pos2(column, lines[1]));
    }
    if elided {
        response.on_hover_text(said);
    }
}

fn elsewhere(ui: &mut Ui, state: &AppState, out: &mut Vec<Command>) {
    let count = state.services.value().map_or(String::new(), |services| format!("{} on this computer", services.list.len()));
    let tiles = [
        (
            Icon::List,
            "Choose from all services",
            format!("By name, state and port. {count}"),
            vec![Command::View(ServiceView::All), Command::GoTo(Page::Service)],
        ),
        (
            Icon::EthernetPort,
            "Every port in use",
            "Live, with the program that has it".to_owned(),
            vec![Command::GoTo(Page::Ports)],
        ),
        (
            Icon::Unplug,
            "A client gets no connection",
            "The service runs, but nobody reaches it".to_owned(),
            vec![Command::GoTo(Page::Refused)],
        ),
        (
            Icon::Gauge,
            "Whether ports run out",
            "How many are left for clients, and who has them".to_owned(),
            vec![Command::GoTo(Page::Exhaustion)],
        ),
        (
            Icon::Ruler,
            "Protect ports before they collide",
            "Who may use which port, what is excluded".to_owned(),
            vec![Command::GoTo(Page::Ranges)],
        ),
        (
            Icon::History,
            "What was changed before",
            "Every change can be taken back there".to_owned(),
            vec![Command::GoTo(Page::History)],
        ),
        (
            Icon::FolderOpen,
            "Open a saved case\u{2026}",
            "From this computer or another one, to read".to_owned(),
            vec![Command::Saved(SavedCommand::Ask(Opening::Case))],
        ),
        (
            Icon::FileText,
            "Open evidence\u{2026}",
            "Outputs and logs of another computer".to_owned(),
            vec![Command::Saved(SavedCommand::Ask(Opening::Evidence))],
        ),
        (Icon::AppWindow, "Practise", "On computers that are made up".to_owned(), vec![Command::GoTo(Page::Practice)]),
    ];
    let columns = if ui.available_width() < 560.0 { 1 } else { 2 };
    let width = ((ui.available_width() - 8.0 * (columns - 1) as f32) / columns as f32).floor();
    let rows = tiles.len().div_ceil(columns);
    let under = |text: &str| Text::Detail.paragraph(ui, text, tokens(ui).text2, width - TEXT_LEFT - CHEVRON, 3).size().y;
    // All are as high as the one with the longest text.
    let height = 48.0 + tiles.iter().map(|(_, _, text, _)| under(text)).fold(20.0, f32::max);
    let step = height + 8.0;
    let (whole, _) = ui.allocate_exact_size(vec2(ui.available_width(), step * rows as f32 - 8.0), Sense::hover());
    for (index, (icon, title, text, commands)) in tiles.into_iter().enumerate() {
        let corner = whole.min + vec2((width + 8.0) * (index % columns) as f32, step * (index / columns) as f32);
        let rect = Rect::from_min_size(corner, vec2(width, height));
        if tile(ui, rect, icon, title, &text) {
            out.extend(commands);
        }
    }
}

fn tile(ui: &mut Ui, rect: Rect, icon: Icon, title: &str, text: &str) -> bool {
    let t = tokens(ui);
    let response = ui.interact(rect, ui.make_persistent_id(title), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, format!("{title}. {text}")));
    let (fill, edge) = if response.hovered() { (t.hover, t.line2) } else { (t.surface, t.line) };
    paint::boxed(ui, rect, 8, fill, edge);
    paint::icon_in_disc(ui, icon, 20.0, pos2(rect.left() + 28.0, rect.center().y), t.accent);
    let room = rect.width() - TEXT_LEFT - CHEVRON;
    let text = Text::Detail.paragraph(ui, text, t.text2, room, 3);
    let top = rect.center().y - 10.0 - text.size().y / 2.0;
    let galley = Text::Strong.line(ui, title, t.text, room);
    paint::line_left(ui, galley, pos2(rect.left() + TEXT_LEFT, top + 10.0));
    paint::place(ui, text, pos2(rect.left() + TEXT_LEFT, top + 20.0));
    paint::icon(ui, Icon::ChevronRight, 16.0, pos2(rect.right() - 20.0, rect.center().y), t.text2);
    if response.has_focus() {
        paint::focus_ring(ui, rect, 8);
    }
    response.clicked()
}
