//! Who has the ports of the chosen range: a row a holder, with its ports by state and where its connections go to.

use eframe::egui::{Margin, Rect, Role, Sense, Ui, WidgetInfo, pos2, vec2};

use super::bar::{self, Part};
use super::words::number;
use crate::app::exhaustion::HolderColumn;
use crate::app::{Command, ExhaustionCommand, ExhaustionState};
use crate::diagnosis::exhaustion::{Holder, Usage};
use crate::machine::visible;
use crate::ui::paint;
use crate::ui::text::Text;
use crate::ui::theme::tokens;
use crate::ui::widgets::{ColumnHead, End, card, section};

const HEAD: f32 = 32.0;
const ROW: f32 = 48.0;
/// The column of a number.
const NUMBER: f32 = 90.0;
/// From this width on there is a bar.
const WIDE: f32 = 720.0;
/// Narrower than this only all ports of a holder are told in a column.
const NARROW: f32 = 560.0;

/// A column at its place.
struct Place {
    column: HolderColumn,
    left: f32,
    width: f32,
}

pub fn show(ui: &mut Ui, own: &ExhaustionState, usage: &Usage, out: &mut Vec<Command>) {
    let shown = usage.holders.len();
    let note = match usage.holder_count {
        0 => "nobody has a port of this range".to_owned(),
        1 => "1 holder".to_owned(),
        all if all == shown => format!("{all} holders"),
        all => format!("top {shown} of {all}"),
    };
    section(ui, "Who holds the ports", &note);
    if shown == 0 {
        return;
    }
    card(ui, Margin::ZERO, |ui| {
        let (places, bar) = places(ui.available_width());
        heads(ui, own, &places, out);
        let most = usage.holders.iter().map(|holder| holder.ports).max().unwrap_or(1);
        for (index, holder) in own.sort.sorted(&usage.holders).into_iter().enumerate() {
            row(ui, holder, &places, bar.map(|bar| (bar, most)), index);
        }
    });
}

/// The columns of a table of this width, and where its bars begin and end.
fn places(width: f32) -> (Vec<Place>, Option<(f32, f32)>) {
    let numbers: &[HolderColumn] = if width < NARROW {
        &[HolderColumn::Ports]
    } else {
        &[HolderColumn::Connected, HolderColumn::LeftOpen, HolderColumn::Closing, HolderColumn::Bound, HolderColumn::Ports]
    };
    let begin = width - NUMBER * numbers.len() as f32 - 8.0;
    let bar = (width >= WIDE).then_some((begin * 0.62, begin - 8.0));
    let who = bar.map_or(begin, |(left, _)| left - 16.0);
    let mut places = vec![Place { column: HolderColumn::Who, left: 0.0, width: who }];
    let columns = numbers.iter().enumerate();
    places.extend(columns.map(|(index, column)| Place { column: *column, left: begin + NUMBER * index as f32, width: NUMBER }));
    (places, bar)
}

const fn part(column: HolderColumn) -> Option<Part> {
    match column {
        HolderColumn::Connected => Some(Part::Connected),
        HolderColumn::LeftOpen => Some(Part::LeftOpen),
        HolderColumn::Closing => Some(Part::Closing),
        HolderColumn::Bound => Some(Part::Bound),
        HolderColumn::Who | HolderColumn::Ports => None,
    }
}

/// The heads: each puts the rows in the order of its column, and tells what the parts of the bars are.
fn heads(ui: &mut Ui, own: &ExhaustionState, places: &[Place], out: &mut Vec<Command>) {
    let t = tokens(ui);
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), HEAD), Sense::hover());
    paint::rule(ui, rect.x_range().shrink(1.0), rect.bottom(), t.line);
    for place in places {
        let part = part(place.column);
        let head = ColumnHead {
            id: ui.make_persistent_id(("holders", place.column)),
            cell: Rect::from_min_size(rect.min + vec2(place.left, 0.0), vec2(place.width, HEAD)),
            title: place.column.title(),
            end: if place.column == HolderColumn::Who { End::Left(16.0) } else { End::Right(8.0) },
            sign: if part.is_some() { 18.0 } else { 0.0 },
            descending: (own.sort.by == place.column).then_some(own.sort.descending),
        };
        let (response, left) = head.show(ui);
        if let Some(part) = part {
            bar::legend(ui, left, rect.center().y, part);
        }
        if response.clicked() {
            out.push(Command::Exhaustion(ExhaustionCommand::SortBy(place.column)));
        }
        if let Some(hint) = place.column.hint() {
            response.on_hover_text(hint);
        }
    }
}

fn row(ui: &mut Ui, holder: &Holder, places: &[Place], bar: Option<((f32, f32), u32)>, index: usize) {
    let t = tokens(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::hover());
    let name = holder.name();
    let service = holder.service.as_deref().map(visible).unwrap_or_default();
    let about = about(holder);
    let states = &holder.states;
    let counted = bar::in_words(states);
    let spoken = [name.as_str(), &service, &format!("{} ports: {counted}", holder.ports), &about];
    let spoken = spoken.into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(", ");
    response.widget_info(|| WidgetInfo::labeled(Role::Row, true, &spoken));
    if index > 0 {
        paint::rule(ui, (rect.left() + 16.0..=rect.right()).into(), rect.top(), t.line);
    }
    for place in places {
        let (left, right) = (rect.left() + place.left, rect.left() + place.left + place.width);
        let ports = match (place.column, part(place.column)) {
            (HolderColumn::Who, _) => {
                let room = place.width - 16.0;
                let middle = rect.top() + if about.is_empty() { ROW / 2.0 } else { 16.0 };
                let color = if holder.process.is_some() { t.text } else { t.text2 };
                let galley = Text::Strong.middle_elided(ui, &name, color, room);
                let service_left = left + 16.0 + galley.size().x + 8.0;
                paint::line_left(ui, galley, pos2(left + 16.0, middle));
                let galley = Text::Detail.middle_elided(ui, &service, t.text2, (right - service_left).max(0.0));
                paint::line_left(ui, galley, pos2(service_left, middle));
                let galley = Text::Label.line(ui, &about, t.text3, room);
                paint::line_left(ui, galley, pos2(left + 16.0, rect.top() + 34.0));
                continue;
            }
            (_, Some(part)) => part.of(states),
            (_, None) => holder.ports,
        };
        let (role, color) = match (place.column, ports) {
            (HolderColumn::Ports, _) => (Text::Strong, t.text),
            (_, 0) => (Text::Detail, t.text3),
            _ => (Text::Detail, t.text2),
        };
        let galley = role.line(ui, &number(ports), color, place.width);
        paint::line_right(ui, galley, pos2(right - 8.0, rect.center().y));
    }
    if let Some(((left, right), most)) = bar {
        let middle = rect.center().y;
        let bar = Rect::from_min_max(pos2(rect.left() + left, middle - 7.0), pos2(rect.left() + right, middle + 7.0));
        bar::show(ui, bar, states, most);
    }
    response.on_hover_text(spoken);
}

/// Its number, and where its connections go to.
fn about(holder: &Holder) -> String {
    let pid = holder.pid.map(|pid| format!("PID\u{a0}{pid}"));
    let remotes: Vec<String> = holder.remotes.iter().map(|(remote, ports)| format!("{remote} ({})", number(*ports))).collect();
    let to = (!remotes.is_empty()).then(|| format!("to {}", remotes.join(", ")));
    pid.into_iter().chain(to).collect::<Vec<_>>().join(", ")
}
