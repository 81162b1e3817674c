//! What files of another computer tell: each fact beside the lines that tell it.

use eframe::egui::{Margin, Rect, Role, ScrollArea, Sense, Ui, UiBuilder, WidgetInfo, pos2, vec2};

use super::back;
use crate::app::{AppState, Command, EvidenceFile, EvidenceView, FactKind, Opened, Opening, Page, SavedCommand, TextFact};
use crate::ui::icons::Icon;
use crate::ui::shell::{Footer, FooterButton};
use crate::ui::text::{Text, count};
use crate::ui::theme::{Status, tokens};
use crate::ui::widgets::{Empty, RadioGroup, card, dropdown, headline, notice};
use crate::ui::{paint, words};

/// From this width on facts and text stand side by side.
const WIDE: f32 = 720.0;
/// The height of each of the two.
const HEIGHT: f32 = 400.0;
const FACT: f32 = 48.0;
const HEADING: f32 = 32.0;
const LINE: f32 = 20.0;
/// Lines above the marked ones that show as well.
const ABOVE: usize = 3;
/// A line is shown so far; a log can have a megabyte in one.
const MOST_OF_A_LINE: usize = 2000;

pub fn show(ui: &mut Ui, state: &AppState, out: &mut Vec<Command>) {
    let Some(Opened::Evidence(view)) = &state.opened else { return };
    let read = &view.read;
    let files = words::plural(read.files.len(), "file", "files");
    let sockets = if read.sockets == 0 { String::new() } else { format!(" with {} sockets", count(read.sockets)) };
    headline(
        ui,
        "What the files tell",
        &format!("{files} of another computer{sockets}. Nothing is looked at or run on this one."),
    );
    ui.add_space(16.0);
    if !read.tells_of_trouble {
        let title = "These files tell of no failure over a port";
        notice(ui, Status::Neutral, title, "What they show of that computer is below, and on the pages of the wizard.");
        ui.add_space(16.0);
    }
    if ui.available_width() < WIDE {
        facts(ui, view, out);
        ui.add_space(16.0);
        text(ui, view, out);
        return;
    }
    let room = Rect::from_min_size(ui.cursor().min, vec2(ui.available_width(), HEIGHT));
    let (left, right) = room.split_left_right_at_fraction(0.4);
    ui.scope_builder(UiBuilder::new().max_rect(left.with_max_x(left.right() - 8.0)), |ui| facts(ui, view, out));
    ui.scope_builder(UiBuilder::new().max_rect(right.with_min_x(right.left() + 8.0)), |ui| text(ui, view, out));
}

pub fn footer(state: &AppState) -> Footer {
    let more = Command::Saved(SavedCommand::Ask(Opening::Evidence));
    Footer {
        back: Some(back(state).unwrap_or_else(|| FooterButton::new(Page::Home.title(), Command::GoTo(Page::Home)))),
        note: (Icon::Eye, "Read from files only".to_owned()),
        second: Some(FooterButton::new("Open others\u{2026}", more).icon(Icon::FolderOpen)),
        primary: Some(FooterButton::new("Show the verdict", Command::GoTo(Page::Owner))),
    }
}

/// The facts, grouped by kind; one is chosen.
fn facts(ui: &mut Ui, view: &EvidenceView, out: &mut Vec<Command>) {
    let facts = &view.read.facts;
    if facts.is_empty() {
        let text = "No line of them tells of a socket, a port range or a failure.\nOutputs of netstat, ss or netsh, and logs with the error, would.";
        Empty {
            status: Status::Neutral,
            icon: Icon::FileText,
            title: "Nothing about ports is in these files",
            text,
            not_seen: None,
        }
        .show(ui, Vec::new());
        return;
    }
    let group = RadioGroup::new(ui, "facts", facts.len(), view.fact);
    card(ui, Margin::ZERO, |ui| {
        ScrollArea::vertical().id_salt("facts").max_height(HEIGHT).auto_shrink(false).show(ui, |ui| {
            for kind in FactKind::ALL {
                let mut own = facts.iter().enumerate().filter(|(_, fact)| fact.kind == kind).peekable();
                if own.peek().is_some() {
                    heading(ui, kind, view);
                }
                for (index, fact) in own {
                    if let Some(taken) = row(ui, view, fact, &group, index) {
                        out.push(Command::Saved(SavedCommand::ShowFact(taken)));
                    }
                }
            }
        });
    });
}

fn heading(ui: &mut Ui, kind: FactKind, view: &EvidenceView) {
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), HEADING), Sense::hover());
    let listed = view.read.facts.iter().filter(|fact| fact.kind == kind).count();
    let of = if kind == FactKind::Socket && listed < view.read.sockets {
        format!(" of {}", count(view.read.sockets))
    } else {
        String::new()
    };
    let galley =
        Text::LabelBold.line(ui, &format!("{}, {}{of}", kind.heading(), count(listed)), tokens(ui).text2, rect.width() - 24.0);
    paint::line_left(ui, galley, pos2(rect.left() + 12.0, rect.center().y + 2.0));
}

fn row(ui: &mut Ui, view: &EvidenceView, fact: &TextFact, group: &RadioGroup, index: usize) -> Option<usize> {
    let (_, rect) = ui.allocate_space(vec2(ui.available_width(), FACT));
    let response = ui.interact(rect, group.item_id(index), group.sense(index));
    let said = words::shown(&fact.text);
    let place = place(view, fact);
    let taken = group.item(ui, index, &response, &format!("{said}, {place}"));
    if !ui.is_rect_visible(rect) {
        return taken;
    }
    let t = tokens(ui);
    let chosen = view.fact == Some(index);
    if chosen || response.hovered() {
        ui.painter().rect_filled(rect.shrink2(vec2(4.0, 1.0)), 6, if chosen { t.accent_bg } else { t.hover });
    }
    let color = match fact.kind {
        FactKind::Failure => t.err,
        FactKind::Problem => t.warn,
        FactKind::Range | FactKind::Socket => t.text,
    };
    let room = rect.width() - 24.0;
    let galley = Text::DetailStrong.line(ui, &said, color, room);
    let cut = galley.elided;
    paint::line_left(ui, galley, pos2(rect.left() + 12.0, rect.top() + 16.0));
    let galley = Text::Label.middle_elided(ui, &place, t.text3, room);
    paint::line_left(ui, galley, pos2(rect.left() + 12.0, rect.top() + 34.0));
    if response.has_focus() {
        paint::focus_ring(ui, rect.shrink2(vec2(4.0, 1.0)), 6);
    }
    if cut {
        response.on_hover_text(said);
    }
    taken
}

/// Where a fact stands, in words.
fn place(view: &EvidenceView, fact: &TextFact) -> String {
    let name = view.read.files.get(fact.file).map_or_else(String::new, |file| words::shown(&file.name));
    match fact.lines.len() {
        0 => name,
        1 => format!("{name}, line {}", fact.lines.start + 1),
        _ => format!("{name}, lines {} to {}", fact.lines.start + 1, fact.lines.end),
    }
}

/// The file, with the lines of the chosen fact marked.
fn text(ui: &mut Ui, view: &EvidenceView, out: &mut Vec<Command>) {
    let Some(file) = view.read.files.get(view.file) else { return };
    let width = ui.available_width();
    let name = |index: usize| view.read.files.get(index).map_or_else(String::new, |file| words::shown(&file.name));
    let mut height = HEIGHT;
    if view.read.files.len() > 1 {
        if let Some(taken) = dropdown(ui, "File", width, view.read.files.len(), view.file, name) {
            out.push(Command::Saved(SavedCommand::ShowFile(taken)));
        }
        ui.add_space(8.0);
        height -= 40.0;
    }
    let marked =
        view.fact.and_then(|fact| view.read.facts.get(fact)).filter(|fact| fact.file == view.file).map(|fact| fact.lines.clone());
    let marked = marked.unwrap_or(0..0);
    card(ui, Margin::ZERO, |ui| {
        let mut area = ScrollArea::both().id_salt(("text", view.file)).max_height(height).auto_shrink(false);
        let shown = ui.scope_id().with("marked lines");
        let now = (view.file, view.fact);
        if ui.data(|data| data.get_temp(shown)) != Some(now) {
            ui.data_mut(|data| data.insert_temp(shown, now));
            area = area.vertical_scroll_offset(marked.start.saturating_sub(ABOVE) as f32 * LINE);
        }
        let digits = file.count().to_string().len();
        let height = LINE - ui.spacing().item_spacing.y;
        area.show_rows(ui, height, file.count(), |ui, rows| {
            for at in rows {
                line(ui, file, at, marked.contains(&at), digits, height);
            }
        });
    });
    ui.add_space(4.0);
    Text::Label.show(ui, &words::shown(&file.about), tokens(ui).text3);
}

/// A line with its number.
fn line(ui: &mut Ui, file: &EvidenceFile, at: usize, marked: bool, digits: usize, height: f32) {
    let t = tokens(ui);
    let text: String = file.line(at).chars().take(MOST_OF_A_LINE).collect();
    let text = words::shown(&text);
    let number = Text::SmallCode.line(ui, &format!("{:>digits$}", at + 1), t.text3, f32::INFINITY);
    let galley = Text::SmallCode.line(ui, &text, t.text, f32::INFINITY);
    let indent = 12.0 + number.size().x + 12.0;
    let width = ui.available_width().max(indent + galley.size().x + 16.0);
    let (rect, response) = ui.allocate_exact_size(vec2(width, height), Sense::hover());
    if marked {
        ui.painter().rect_filled(rect.expand2(vec2(0.0, (LINE - height) / 2.0)), 0, t.accent_bg);
    }
    let mark = if marked { ", marked" } else { "" };
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("Line {}{mark}: {text}", at + 1)));
    paint::line_left(ui, number, pos2(rect.left() + 12.0, rect.center().y));
    paint::line_left(ui, galley, pos2(rect.left() + indent, rect.center().y));
}
