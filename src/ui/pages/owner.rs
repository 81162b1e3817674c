//! Who has the port: the verdict, the chain from the port to the service, the evidence.

use eframe::egui::{Margin, Role, Sense, Ui, WidgetInfo, pos2, vec2};

use super::refused::as_client_link;
use super::{back, busy, could_not, recorded};
use crate::app::change::{Wish, exclusion};
use crate::app::{AppState, ChangeCommand, Command, Opened, Page};
use crate::case::Case;
use crate::diagnosis::{Cause, Confidence, Note, Owner, OwnerKind, holder_name};
use crate::machine::{Port, PortRange, Protocol, Snapshot, SocketState, Store, Table, visible};
use crate::remedy::Outcome;
use crate::ui::icons::Icon;
use crate::ui::shell::{Footer, FooterButton};
use crate::ui::text::Text;
use crate::ui::theme::{Status, tokens};
use crate::ui::widgets::{
    Banner, ChainLink, Fact, Mark, SectionLink, Strip, card, chain, evidence, link_at, section, section_links,
};
use crate::ui::{paint, words};

pub fn show(ui: &mut Ui, state: &AppState, out: &mut Vec<Command>) {
    question(ui, state, out);
    if let Some(under_way) = state.found.busy() {
        busy(ui, state, under_way);
        return;
    }
    if let Some(problem) = state.found.problem() {
        could_not(ui, "The owner could not be read", problem);
        return;
    }
    let (Some(case), Some(snapshot)) = (state.case(), state.snapshot()) else { return };
    let verdict = &case.verdict;
    let strip = Strip {
        confidence: Some((boxes(verdict.confidence), verdict.confidence.as_str())),
        reason: visible(&verdict.confidence_because),
        next_step: visible(&verdict.next_step),
    };
    let banner = Banner {
        status: status(verdict.cause),
        headline: &visible(&verdict.headline),
        explanation: &visible(&verdict.explanation),
        strip: Some(strip),
    };
    banner.show(ui);
    ui.add_space(20.0);
    if let Some(owner) = case.owners.first() {
        let exclude = excludable(case, snapshot);
        let link: Vec<_> = exclude.map(exclude_link).into_iter().collect();
        let pressed = section_links(ui, "From port to service", "", &link);
        out.extend(exclude.filter(|_| pressed.is_some()).map(|port| exclude_command(case, port)));
        chain(ui, &links(state, case, snapshot, owner));
        ui.add_space(20.0);
    }
    if case.owners.len() > 1 {
        section(ui, "Everybody who has it", &words::plural(case.owners.len(), "holder", "holders"));
        everybody(ui, &case.owners);
        ui.add_space(20.0);
    }
    let copy = ((Icon::Copy, "Copy all".to_owned(), "Copy the whole finding".to_owned()), Command::CopyFinding);
    let exclude = excludable(case, snapshot).filter(|_| case.owners.is_empty());
    let exclude = exclude.map(|port| (exclude_link(port), exclude_command(case, port)));
    let watched = |port| Some((recorded::watch_link(state)?, Command::Change(ChangeCommand::Ask(Wish::Watch(port)))));
    let watch = case.target.port.and_then(watched);
    let (links, commands): (Vec<_>, Vec<_>) =
        std::iter::once(copy).chain(exclude).chain(watch).chain(as_client_link(state)).unzip();
    let pressed = section_links(ui, "Evidence", &facts_note(case), &links);
    out.extend(pressed.and_then(|pressed| commands.into_iter().nth(pressed)));
    if let Some(copied) = evidence(ui, "evidence", &facts(state, case), true) {
        out.push(Command::Copy(copied));
    }
    if !case.verdict.notes.is_empty() {
        ui.add_space(20.0);
        section(ui, "Good to know", "");
        if let Some(copied) = evidence(ui, "good to know", &known(case), false) {
            out.push(Command::Copy(copied));
        }
    }
}

pub fn footer(state: &AppState) -> Footer {
    let known = state.case().filter(|_| state.found.busy().is_none());
    let primary = match known {
        Some(case) if case.plan.options.is_empty() => FooterButton::new("Make the report", Command::GoTo(Page::Report)),
        Some(_) => FooterButton::new("Show the fixes", Command::GoTo(Page::Fix)),
        None => FooterButton::new("Look again", Command::LookAgain).icon(Icon::RotateCw).busy(state.found.busy().is_some()),
    };
    let second = known.map(|_| FooterButton::new("Copy finding", Command::CopyFinding).icon(Icon::Copy));
    Footer { back: back(state), note: (Icon::Eye, "Looks only. Nothing is changed.".to_owned()), second, primary: Some(primary) }
}

/// The port of the case where the system may hand it to clients, so that excluding it helps.
fn excludable(case: &Case, snapshot: &Snapshot) -> Option<Port> {
    let port = case.target.port?;
    let protocol = case.target.protocol.unwrap_or(Protocol::Tcp);
    let handed_out = snapshot.dynamic_range(protocol).is_some_and(|row| row.range.contains(port));
    let kept = [Store::Active, Store::Persistent].iter().all(|store| snapshot.excluded(protocol, *store).contains(port));
    (handed_out && !kept && case.outcome != Some(Outcome::Fixed)).then_some(port)
}

fn exclude_link(port: Port) -> SectionLink {
    let label = format!("Exclude port\u{a0}{port}\u{2026}");
    (Icon::Shield, label.clone(), label)
}

fn exclude_command(case: &Case, port: Port) -> Command {
    Command::Change(ChangeCommand::Ask(exclusion(PortRange::single(port), case.target.protocol, false).into()))
}

/// The page's question, quiet above the verdict, with when it was answered.
fn question(ui: &mut Ui, state: &AppState, out: &mut Vec<Command>) {
    let t = tokens(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 20.0), Sense::hover());
    let middle = rect.center().y;
    let question = match state.case().and_then(|case| case.target.port) {
        Some(port) => format!("Who holds port {port}?"),
        None => "What is wrong?".to_owned(),
    };
    let galley = Text::Body.line(ui, &question, t.text2, rect.width());
    let mut free = rect.width() - galley.size().x - 20.0;
    paint::line_left(ui, galley, pos2(rect.left(), middle));
    if matches!(state.opened, Some(Opened::Evidence(_))) {
        // Files are read once, and nobody looked at that computer.
        response.widget_info(|| WidgetInfo::labeled(Role::Heading, true, &question));
        ui.add_space(12.0);
        return;
    }
    let link = link_at(ui, pos2(rect.right(), middle), Some(Icon::RotateCw), "Look again", "Look again");
    if link.clicked() {
        out.push(Command::LookAgain);
    }
    if let Some(snapshot) = state.snapshot() {
        let took = state.found.took().and_then(|took| u64::try_from(took.as_millis()).ok()).map(words::duration);
        let took = took.map(|took| format!(", took {took}")).unwrap_or_default();
        let looked = format!("Looked at {}{took}", words::clock(state, snapshot.taken_at));
        free -= link.rect.width() + 20.0;
        let galley = Text::Label.line(ui, &looked, t.text3, f32::INFINITY);
        if galley.size().x <= free {
            paint::line_right(ui, galley, pos2(link.rect.left() - 20.0, middle));
        }
        response.widget_info(|| WidgetInfo::labeled(Role::Heading, true, format!("{question} {looked}")));
    }
    ui.add_space(12.0);
}

/// The colour of a verdict: red where the port is blocked, green where it is not the port, amber where it cannot be told.
pub const fn status(cause: Cause) -> Status {
    match cause {
        Cause::PortFree | Cause::NotAPortProblem => Status::Ok,
        Cause::Unknown => Status::Warn,
        _ => Status::Err,
    }
}

pub(super) const fn boxes(confidence: Confidence) -> usize {
    match confidence {
        Confidence::CannotTell => 1,
        Confidence::Likely => 2,
        Confidence::Certain => 3,
    }
}

pub(super) fn facts_note(case: &Case) -> String {
    let facts = words::plural(case.verdict.evidence.len(), "fact", "facts");
    if case.gaps.is_empty() { facts } else { format!("{facts}, {} not seen", case.gaps.len()) }
}

/// What the catalogue knows about the products that take part.
pub(super) fn known(case: &Case) -> Vec<Fact> {
    let fact = |note: &Note| Fact {
        mark: Mark::Known,
        text: visible(&note.to_string()),
        source: visible(&note.source),
        time: String::new(),
        raw: String::new(),
    };
    case.verdict.notes.iter().map(fact).collect()
}

/// What the verdict rests on, and what could not be seen.
pub(super) fn facts(state: &AppState, case: &Case) -> Vec<Fact> {
    let seen = case.verdict.evidence.iter().map(|evidence| Fact {
        mark: Mark::Seen,
        text: visible(&evidence.fact),
        source: visible(&evidence.source),
        time: evidence.time.map(|time| words::moment(state, time)).unwrap_or_default(),
        raw: evidence.raw.iter().flat_map(|raw| raw.lines()).map(visible).collect::<Vec<_>>().join("\n"),
    });
    let gaps = case.gaps.iter().map(|gap| Fact {
        mark: Mark::NotSeen,
        text: format!("{}: {}", words::capital(&gap.what), visible(&gap.because)),
        source: "not seen".to_owned(),
        time: String::new(),
        raw: if gap.shown_by.is_empty() { String::new() } else { format!("Shown by: {}", visible(&gap.shown_by)) },
    });
    seen.chain(gaps).collect()
}

/// The link that blocks the port, by the kind of trouble.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Broken {
    Port,
    Socket,
    Process,
    Service,
    Nothing,
}

const fn broken(case: &Case) -> Broken {
    if matches!(case.outcome, Some(Outcome::Fixed)) {
        return Broken::Nothing;
    }
    match case.verdict.cause {
        Cause::HeldByClient | Cause::HeldByBoundSocket | Cause::HeldByClosingConnection => Broken::Socket,
        Cause::HeldByListener | Cause::HeldByOwnInstance => Broken::Process,
        Cause::HeldBySocketUnit | Cause::HeldByContainer | Cause::HeldByHttpSys | Cause::HeldByPortproxy => Broken::Service,
        Cause::ReservedRange | Cause::PrivilegedPort | Cause::AddressNotLocal | Cause::Exhausted => Broken::Port,
        Cause::PortFree | Cause::Refused | Cause::NotAPortProblem | Cause::Unknown => Broken::Nothing,
    }
}

fn links(state: &AppState, case: &Case, snapshot: &Snapshot, owner: &Owner) -> Vec<ChainLink> {
    let broken = broken(case);
    vec![
        port_link(case, snapshot, owner, broken == Broken::Port),
        socket_link(owner, broken == Broken::Socket),
        process_link(state, owner, broken == Broken::Process),
        service_link(snapshot, owner, broken == Broken::Service),
    ]
}

fn port_link(case: &Case, snapshot: &Snapshot, owner: &Owner, broken: bool) -> ChainLink {
    let port = owner.local.port();
    let wanted = case.target.product.as_ref().or(case.target.service.as_ref());
    let mut lines: Vec<String> = wanted.map(|service| format!("wanted by {}", visible(service))).into_iter().collect();
    let protocol = case.target.protocol.unwrap_or(Protocol::Tcp);
    let excluded = snapshot.excluded(protocol, Store::Active).contains(port);
    if snapshot.shows(Table::Exclusions) {
        lines.push(if excluded { "excluded" } else { "not excluded" }.to_owned());
    }
    ChainLink { icon: Icon::EthernetPort, kind: "Port", value: format!("{port} {}", owner.protocol), lines, code: false, broken }
}

fn socket_link(owner: &Owner, broken: bool) -> ChainLink {
    let (icon, kind) = match owner.state {
        SocketState::Listen | SocketState::Unconnected => (Icon::CircleDot, "Listener"),
        SocketState::Bound => (Icon::Lock, "Socket"),
        _ => (Icon::ArrowLeftRight, "Connection"),
    };
    let mut lines = vec![owner.local.to_string()];
    lines.extend(owner.remote.map(|remote| format!("to {remote}")));
    ChainLink { icon, kind, value: state_in_words(owner.state).to_owned(), lines, code: true, broken }
}

/// The word of a state in a card that says already what kind of socket it is.
const fn state_in_words(state: SocketState) -> &'static str {
    match state {
        SocketState::Bound => "Bound, not listening",
        SocketState::Established => "Established",
        other => other.in_words(),
    }
}

fn process_link(state: &AppState, owner: &Owner, broken: bool) -> ChainLink {
    let Some(pid) = owner.pid else {
        let (value, line) = if owner.kind == OwnerKind::Kernel {
            ("None any more", "the kernel finishes it")
        } else {
            ("Not seen", "see what was not seen below")
        };
        return ChainLink {
            icon: Icon::EyeOff,
            kind: "Process",
            value: value.to_owned(),
            lines: vec![line.to_owned()],
            code: false,
            broken,
        };
    };
    let user = owner.user.as_ref().map(|user| format!(", {}", visible(user))).unwrap_or_default();
    let mut lines = vec![format!("PID {pid}{user}")];
    lines.extend(owner.started.map(|started| format!("since {}", words::moment(state, started))));
    let value = owner.process.as_ref().map_or_else(|| "Name not seen".to_owned(), |name| visible(name));
    ChainLink { icon: Icon::AppWindow, kind: "Process", value, lines, code: false, broken }
}

fn service_link(snapshot: &Snapshot, owner: &Owner, broken: bool) -> ChainLink {
    if let Some(container) = &owner.container {
        let value = visible(&container.id);
        let lines = vec![format!("run by {}", visible(&container.runtime))];
        return ChainLink { icon: Icon::Box, kind: "Container", value, lines, code: false, broken };
    }
    let Some(name) = &owner.service else {
        let line = owner.parents.first().map(|parent| format!("started by {}", visible(parent)));
        return ChainLink {
            icon: Icon::Settings,
            kind: "Service",
            value: "No service".to_owned(),
            lines: line.into_iter().collect(),
            code: false,
            broken,
        };
    };
    let known = snapshot.service(name);
    let value = holder_name(snapshot, owner);
    let described = known.map(|service| visible(&service.description)).filter(|text| !text.is_empty() && *text != value);
    let mut lines = vec![described.unwrap_or_else(|| visible(name))];
    let kind = if owner.kind == OwnerKind::SocketUnit { "Socket unit" } else { "Service" };
    lines.extend(
        known
            .and_then(|service| service.starts_by_itself)
            .map(|itself| if itself { "starts by itself" } else { "does not start by itself" }.to_owned()),
    );
    ChainLink { icon: Icon::Settings, kind, value, lines, code: false, broken }
}

fn everybody(ui: &mut Ui, owners: &[Owner]) {
    card(ui, Margin::ZERO, |ui| {
        for (index, owner) in owners.iter().enumerate() {
            let t = tokens(ui);
            let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 36.0), Sense::hover());
            let name = match (&owner.process, owner.pid) {
                (Some(name), _) => visible(name),
                (None, Some(_)) => "Name not seen".to_owned(),
                (None, None) => "Not seen".to_owned(),
            };
            let pid = owner.pid.map(|pid| format!("PID {pid}")).unwrap_or_default();
            let service = owner.service.as_ref().map(|service| visible(service)).unwrap_or_default();
            let user = owner.user.as_ref().map(|user| visible(user)).unwrap_or_default();
            let remote = owner.remote.map(|remote| format!(" to {remote}")).unwrap_or_default();
            let socket = format!("{} {}{remote}", owner.protocol, owner.local);
            let spoken = format!("{name}, {pid}, {service}, {user}, {socket}, {}", state_in_words(owner.state));
            response.widget_info(|| WidgetInfo::labeled(Role::ListItem, true, &spoken));
            if index > 0 {
                paint::rule(ui, (rect.left() + 16.0..=rect.right()).into(), rect.top(), t.line);
            }
            let middle = rect.center().y;
            let width = rect.width();
            let left = |part: f32| rect.left() + (part * width).floor();
            let galley = Text::Strong.middle_elided(ui, &name, t.text, width * 0.2 - 24.0);
            paint::line_left(ui, galley, pos2(rect.left() + 16.0, middle));
            for (text, from, to) in [(&pid, 0.2, 0.32), (&user, 0.32, 0.42), (&service, 0.42, 0.62)] {
                let galley = Text::Detail.middle_elided(ui, text, t.text2, width * (to - from) - 8.0);
                paint::line_left(ui, galley, pos2(left(from), middle));
            }
            let galley = Text::SmallCode.middle_elided(ui, &socket, t.text2, width * 0.38 - 16.0);
            paint::line_left(ui, galley, pos2(left(0.62), middle));
            response.on_hover_text(spoken);
        }
    });
}
