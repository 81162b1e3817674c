//! Which port, where it lies, what the system says when asked for it, and where it is known from.

use std::net::IpAddr;

use eframe::egui::{CornerRadius, Margin, Rect, Role, Sense, Ui, WidgetInfo, pos2, vec2};

use super::{back, busy, could_not};
use crate::app::{AppState, Command, Page};
use crate::case::Case;
use crate::machine::{BindResult, BindTest, Family, Port, Protocol, ServicePort, Snapshot, Store, visible};
use crate::ui::icons::Icon;
use crate::ui::shell::{Footer, FooterButton};
use crate::ui::text::Text;
use crate::ui::theme::{Status, tokens};
use crate::ui::widgets::{Button, Empty, Ruler, card, headline, link_at, ruler, section, state_word};
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
        could_not(ui, "This could not be looked into", problem);
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
    section(ui, "Bind test", &note);
    bind_tests(ui, &snapshot.bind_tests);
    ui.add_space(20.0);
    known_from(ui, case, snapshot, port, out);
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
    Footer { back: back(state), note, second: None, primary: Some(primary) }
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

/// The addresses that the table has columns for: every address, loopback, and the one the service wants.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Column {
    Any,
    Loopback,
    Own(IpAddr),
}

impl Column {
    fn of(address: IpAddr) -> Self {
        if address.is_unspecified() {
            Self::Any
        } else if address.is_loopback() {
            Self::Loopback
        } else {
            Self::Own(address)
        }
    }

    fn title(self) -> String {
        match self {
            Self::Any => "Any address".to_owned(),
            Self::Loopback => "Loopback".to_owned(),
            Self::Own(address) => address.to_string(),
        }
    }
}

fn bind_tests(ui: &mut Ui, tests: &[BindTest]) {
    let t = tokens(ui);
    let mut columns = vec![Column::Any, Column::Loopback];
    for test in tests {
        let column = Column::of(test.address);
        if !columns.contains(&column) {
            columns.push(column);
        }
    }
    let rows: Vec<(Protocol, Family)> = Protocol::ALL
        .into_iter()
        .flat_map(|protocol| [(protocol, Family::Ipv4), (protocol, Family::Ipv6)])
        .filter(|(protocol, family)| tests.iter().any(|test| test.protocol == *protocol && Family::of(test.address) == *family))
        .collect();
    card(ui, Margin::ZERO, |ui| {
        let width = ui.available_width();
        let first = (width * 0.22).floor();
        let step = ((width - first) / columns.len() as f32).floor();
        let (head, _) = ui.allocate_exact_size(vec2(width, 28.0), Sense::hover());
        let heads = std::iter::once("Protocol".to_owned()).chain(columns.iter().map(|column| column.title()));
        for (index, title) in heads.enumerate() {
            let left = if index == 0 { 16.0 } else { first + step * (index - 1) as f32 };
            let galley = Text::LabelStrong.line(ui, &title, t.text3, step - 8.0);
            paint::line_left(ui, galley, pos2(head.left() + left, head.center().y + 2.0));
        }
        if rows.is_empty() {
            let (rect, _) = ui.allocate_exact_size(vec2(width, 36.0), Sense::hover());
            let galley = Text::Body.line(ui, "No bind test was made", t.text2, width);
            paint::line_left(ui, galley, pos2(rect.left() + 16.0, rect.center().y));
        }
        let last = rows.len().saturating_sub(1);
        for (index, of) in rows.into_iter().enumerate() {
            bind_row(ui, tests, of, &columns, (first, step), index == last);
        }
    });
}

fn bind_row(
    ui: &mut Ui,
    tests: &[BindTest],
    (protocol, family): (Protocol, Family),
    columns: &[Column],
    (first, step): (f32, f32),
    last: bool,
) {
    let t = tokens(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 36.0), Sense::hover());
    let of_row: Vec<&BindTest> =
        tests.iter().filter(|test| test.protocol == protocol && Family::of(test.address) == family).collect();
    let cells: Vec<Option<Cell>> = columns
        .iter()
        .map(|column| Cell::of(&of_row.iter().copied().filter(|test| Column::of(test.address) == *column).collect::<Vec<_>>()))
        .collect();
    let title = format!("{protocol} over {family}");
    let spoken: String = columns
        .iter()
        .zip(&cells)
        .filter_map(|(column, cell)| cell.as_ref().map(|cell| format!(", {} {}", column.title(), cell.word)))
        .collect();
    response.widget_info(|| WidgetInfo::labeled(Role::Row, true, format!("{title}{spoken}")));
    if cells.iter().flatten().any(|cell| cell.status == Status::Err) {
        let below = if last { 8 } else { 0 };
        ui.painter().rect_filled(rect, CornerRadius { sw: below, se: below, nw: 0, ne: 0 }, t.err_bg);
    }
    paint::rule(ui, rect.x_range(), rect.top(), t.line);
    let galley = Text::Body.line(ui, &title, t.text, first - 24.0);
    paint::line_left(ui, galley, pos2(rect.left() + 16.0, rect.center().y));
    for (index, cell) in cells.iter().enumerate() {
        let at = pos2(rect.left() + first + step * index as f32, rect.center().y);
        match cell {
            Some(cell) => cell.paint(ui, at, step),
            None => Cell::NONE.paint(ui, at, step),
        }
    }
    let all: Vec<String> = of_row.iter().map(|test| in_full(test)).collect();
    response.on_hover_text(all.join("\n"));
}

/// One question and answer in full.
fn in_full(test: &BindTest) -> String {
    let how = if test.reuse_address { ", with SO_REUSEADDR" } else { "" };
    let answer = test.error.as_ref().map_or_else(|| "given, and given back".to_owned(), |error| visible(error));
    format!("{} {}{how}: {answer}", test.protocol, test.address)
}

struct Cell {
    status: Status,
    icon: Icon,
    word: &'static str,
    code: String,
}

impl Cell {
    const NONE: Self = Self { status: Status::Neutral, icon: Icon::Minus, word: "Not asked", code: String::new() };

    /// The answers for one address: plain, and the way most servers ask.
    fn of(tests: &[&BindTest]) -> Option<Self> {
        let plain = tests.iter().find(|test| !test.reuse_address).or_else(|| tests.first())?;
        let reused = tests.iter().find(|test| test.reuse_address);
        if plain.result == BindResult::InUse && reused.is_some_and(|test| test.result == BindResult::Free) {
            return Some(Self {
                status: Status::Warn,
                icon: Icon::Hourglass,
                word: "In use, can be reused",
                code: String::new(),
            });
        }
        let (status, icon, word) = match plain.result {
            BindResult::Free => (Status::Ok, Icon::CircleCheck, "Free"),
            BindResult::InUse => (Status::Err, Icon::CircleX, "In use"),
            BindResult::Denied => (Status::Err, Icon::Lock, "Not allowed"),
            BindResult::NotLocal => (Status::Neutral, Icon::Minus, "No such address"),
            BindResult::Exhausted => (Status::Err, Icon::Gauge, "No room left"),
            BindResult::Unsupported => (Status::Neutral, Icon::Minus, "Not available"),
            BindResult::Other => (Status::Warn, Icon::TriangleAlert, "Could not tell"),
        };
        let code = plain.error.as_deref().and_then(|error| error.split_whitespace().next()).unwrap_or_default().to_owned();
        Some(Self { status, icon, word, code })
    }

    fn paint(&self, ui: &Ui, at: eframe::egui::Pos2, room: f32) {
        let right = state_word(ui, at, self.status, self.icon, self.word, room - 8.0);
        if matches!(self.status, Status::Err | Status::Warn) {
            let galley = Text::SmallCode.line(ui, &self.code, tokens(ui).text2, 80.0);
            paint::line_left(ui, galley, pos2(right + 8.0, at.y));
        }
    }
}

fn known_from(ui: &mut Ui, case: &Case, snapshot: &Snapshot, port: Port, out: &mut Vec<Command>) {
    let service = case.target.service.as_deref().and_then(|name| snapshot.service(name));
    let sources: Vec<&ServicePort> =
        service.map(|service| service.ports.iter().filter(|own| own.port == port).collect()).unwrap_or_default();
    let note = match sources.len() {
        0 => String::new(),
        1 => "1 source".to_owned(),
        count => format!("{count} sources agree"),
    };
    let corner = section(ui, "Where the port is known from", &note);
    if link_at(ui, corner, Some(Icon::EthernetPort), "Use another port", "Use another port").clicked() {
        out.push(Command::AskForPort);
    }
    card(ui, Margin::ZERO, |ui| {
        if sources.is_empty() {
            let from = case.target.port_known_from.map_or("you", |from| from.as_str());
            let source = case.symptom.port_source.clone().unwrap_or_else(|| format!("asked: {}", case.target.asked));
            source_row(ui, Icon::User, &format!("Named by {from}"), &source, false);
        }
        for (index, own) in sources.iter().enumerate() {
            let mut fact = own.known_from.as_str().to_owned();
            if let Some(first) = fact.get_mut(..1) {
                first.make_ascii_uppercase();
            }
            source_row(ui, icon_of(own), &fact, &own.source, index > 0);
        }
    });
}

const fn icon_of(port: &ServicePort) -> Icon {
    use crate::machine::KnownFrom;
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

fn source_row(ui: &mut Ui, icon: Icon, fact: &str, source: &str, ruled: bool) {
    let t = tokens(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 52.0), Sense::hover());
    let source = visible(source);
    response.widget_info(|| WidgetInfo::labeled(Role::ListItem, true, format!("{fact}: {source}")));
    let left = rect.left() + 44.0;
    if ruled {
        paint::rule(ui, Rect::from_x_y_ranges(left..=rect.right(), rect.y_range()).x_range(), rect.top(), t.line);
    }
    paint::icon_in_disc(ui, icon, 16.0, pos2(rect.left() + 24.0, rect.center().y), t.text2);
    let galley = Text::Body.line(ui, fact, t.text, rect.right() - left - 16.0);
    paint::line_left(ui, galley, pos2(left, rect.center().y - 10.0));
    let galley = Text::SmallCode.middle_elided(ui, &source, t.text2, rect.right() - left - 16.0);
    paint::line_left(ui, galley, pos2(left, rect.center().y + 10.0));
    response.on_hover_text(source);
}
