//! Which port, where it lies, what the system says when asked for it, and where it is known from.

mod bind_tests;
mod unseen;

use eframe::egui::{Margin, Role, Sense, Ui, WidgetInfo, pos2, vec2};

use bind_tests::bind_tests;

use super::{back, busy, recorded};
use crate::app::change::Wish;
use crate::app::{AppState, ChangeCommand, Command, Page};
use crate::case::Case;
use crate::machine::{BindResult, KnownFrom, Port, Protocol, ServicePort, Snapshot, Store, visible};
use crate::ui::icons::Icon;
use crate::ui::shell::{Footer, FooterButton};
use crate::ui::text::Text;
use crate::ui::theme::{Status, tokens};
use crate::ui::widgets::{Button, Empty, Ruler, card, headline, ruler, section_link, section_links};
use crate::ui::{paint, words};

pub fn show(ui: &mut Ui, state: &AppState, out: &mut Vec<Command>) {
    if let Some(under_way) = state.found.busy() {
        let asked = state.target.as_ref().map(|target| visible(&target.to_string())).unwrap_or_default();
        headline(ui, "Looking", &format!("Asked: {asked}"));
        ui.add_space(20.0);
        busy(ui, state, under_way);
        return;
    }
    if let Some(problem) = state.found.problem() {
        unseen::show(ui, state, problem);
        return;
    }
    let (Some(case), Some(snapshot)) = (state.case(), state.snapshot()) else { return };
    let Some(port) = case.target.port else {
        no_port(ui, case, out);
        return;
    };
    let under =
        format!("PortMedic asked {} for the port the way the service does, and closed it again at once.", words::system(state));
    headline(ui, &title(case, port), &under);
    ui.add_space(20.0);
    where_it_lies(ui, state, case, snapshot, port);
    ui.add_space(20.0);
    let note = format!("{}, every answer of the system", words::clock(state, snapshot.taken_at));
    let watch: Vec<_> = recorded::watch_link(state).into_iter().collect();
    if section_links(ui, "Bind test", &note, &watch).is_some() {
        out.push(Command::Change(ChangeCommand::Ask(Wish::Watch(port))));
    }
    bind_tests(ui, &snapshot.bind_tests);
    recorded::of_port(ui, state, port);
    ui.add_space(20.0);
    known_from(ui, state, case, snapshot, port, out);
}

pub fn footer(state: &AppState) -> Footer {
    let note = (Icon::Eye, "Looks only. Nothing is changed.".to_owned());
    let primary = if state.found.busy().is_some() {
        FooterButton::new("Find the owner", Command::GoTo(Page::Owner)).off(Some("Wait until the system has answered"))
    } else if state.found.problem().is_some() {
        FooterButton::new("Look again", Command::LookAgain).icon(Icon::RotateCw)
    } else if state.case().is_some_and(|case| case.owners.is_empty()) {
        FooterButton::new("Show the finding", Command::GoTo(Page::Owner))
    } else {
        FooterButton::new("Find the owner", Command::GoTo(Page::Owner))
    };
    let details = state.found.problem().map(|problem| unseen::details(state, problem).join("\n"));
    let second = details.map(|details| FooterButton::new("Copy details", Command::Copy(details)).icon(Icon::Copy));
    Footer { back: back(state), note, second, primary: Some(primary) }
}

fn title(case: &Case, port: Port) -> String {
    let protocol = case.target.protocol.map(|protocol| format!("\u{a0}{protocol}")).unwrap_or_default();
    let service = case.target.product.as_ref().or(case.target.service.as_ref());
    match service {
        Some(service) => format!("{} needs port\u{a0}{port}{protocol}", visible(service)),
        None => format!("Port\u{a0}{port}{protocol}"),
    }
}

fn no_port(ui: &mut Ui, case: &Case, out: &mut Vec<Command>) {
    let service = case.target.product.as_ref().or(case.target.service.as_ref());
    let about = service.map_or_else(|| "this text".to_owned(), |service| visible(service));
    headline(ui, &format!("No port is known for {about}"), "The finding on the next page does not need one.");
    ui.add_space(20.0);
    let text = "Its log, its configuration, its command line and the catalogue were read.\nIf you know the port, PortMedic can check it.";
    let empty = Empty { status: Status::Neutral, icon: Icon::EthernetPort, title: "Nothing names a port", text, not_seen: None };
    if empty.show(ui, vec![Button::second("Check a port")]).is_some() {
        out.push(Command::AskForPort);
    }
}

fn where_it_lies(ui: &mut Ui, state: &AppState, case: &Case, snapshot: &Snapshot, port: Port) {
    let protocol = case.target.protocol.unwrap_or(Protocol::Tcp);
    let dynamic = snapshot.dynamic_range(protocol).map(|range| range.range);
    let excluded = snapshot.excluded(protocol, Store::Active).contains(port);
    let system = words::system(state);
    let text = match dynamic {
        _ if excluded => format!("Excluded: {system} never hands it to clients"),
        Some(range) if range.contains(port) => {
            format!(
                "Inside the dynamic range {}\u{2013}{}, from which {system} hands out ports to clients",
                range.start(),
                range.end()
            )
        }
        Some(range) => format!("Outside the dynamic range {}\u{2013}{}", range.start(), range.end()),
        None => "The dynamic range was not seen".to_owned(),
    };
    let blocked =
        snapshot.bind_tests.iter().any(|test| test.port == port && matches!(test.result, BindResult::InUse | BindResult::Denied));
    let status = if blocked { Status::Err } else { Status::Ok };
    ruler(ui, &Ruler { port, status, dynamic, text: &text });
}

fn known_from(ui: &mut Ui, state: &AppState, case: &Case, snapshot: &Snapshot, port: Port, out: &mut Vec<Command>) {
    let service = case.target.service.as_deref().and_then(|name| snapshot.service(name));
    let sources: Vec<&ServicePort> =
        service.map(|service| service.ports.iter().filter(|own| own.port == port).collect()).unwrap_or_default();
    let note = match sources.len() {
        0 => String::new(),
        1 => "1 source".to_owned(),
        count => format!("{count} sources agree"),
    };
    let another = (Icon::EthernetPort, "Use another port", "Use another port");
    if section_link(ui, "Where the port is known from", &note, another) {
        out.push(Command::AskForPort);
    }
    card(ui, Margin::ZERO, |ui| {
        if sources.is_empty() {
            let from = case.target.port_known_from.map_or("you", |from| from.as_str());
            let source = case.symptom.port_source.clone().unwrap_or_else(|| format!("asked: {}", case.target.asked));
            source_row(ui, Icon::User, &format!("Named by {from}"), &source, "", false);
        }
        for (index, own) in sources.iter().enumerate() {
            let said = service.and_then(|service| service.failure.as_ref()).and_then(|failure| failure.time);
            let time = match (own.known_from, said) {
                (KnownFrom::Log, Some(said)) => words::moment(state, said),
                _ => format!("read {}", words::clock(state, snapshot.taken_at)),
            };
            source_row(ui, icon_of(own), &words::capital(own.known_from.as_str()), &own.source, &time, index > 0);
        }
    });
}

const fn icon_of(port: &ServicePort) -> Icon {
    match port.known_from {
        KnownFrom::Log => Icon::FileText,
        KnownFrom::SocketUnit => Icon::Unplug,
        KnownFrom::Configuration => Icon::Settings,
        KnownFrom::CommandLine => Icon::Terminal,
        KnownFrom::Socket => Icon::EthernetPort,
        KnownFrom::Catalogue => Icon::Box,
        KnownFrom::User => Icon::User,
    }
}

fn source_row(ui: &mut Ui, icon: Icon, fact: &str, source: &str, time: &str, ruled: bool) {
    let t = tokens(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 52.0), Sense::hover());
    let source = visible(source);
    response.widget_info(|| WidgetInfo::labeled(Role::ListItem, true, format!("{fact}: {source}")));
    let left = rect.left() + 44.0;
    if ruled {
        paint::rule(ui, (left..=rect.right()).into(), rect.top(), t.line);
    }
    paint::icon_in_disc(ui, icon, 16.0, pos2(rect.left() + 24.0, rect.center().y), t.text2);
    let galley = Text::Label.line(ui, time, t.text3, f32::INFINITY);
    let time_left = rect.right() - 16.0 - galley.size().x;
    paint::line_left(ui, galley, pos2(time_left, rect.center().y - 10.0));
    let galley = Text::Body.line(ui, fact, t.text, time_left - left - 12.0);
    paint::line_left(ui, galley, pos2(left, rect.center().y - 10.0));
    let galley = Text::SmallCode.middle_elided(ui, &source, t.text2, rect.right() - left - 16.0);
    paint::line_left(ui, galley, pos2(left, rect.center().y + 10.0));
    response.on_hover_text(source);
}
