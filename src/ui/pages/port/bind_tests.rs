//! The table of bind tests: what the system answered, for each protocol, family and address.

use std::net::IpAddr;

use eframe::egui::{CornerRadius, Margin, Role, Sense, Ui, WidgetInfo, pos2, vec2};

use crate::machine::{BindResult, BindTest, Family, Protocol, visible};
use crate::ui::icons::Icon;
use crate::ui::paint;
use crate::ui::text::Text;
use crate::ui::theme::{Status, tokens};
use crate::ui::widgets::{card, state_word};

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

/// The table: one row a protocol and family, one column an address.
pub fn bind_tests(ui: &mut Ui, tests: &[BindTest]) {
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
