//! The roles of text: which face, size and line height a text has, and how it is laid out.

use std::sync::Arc;

use eframe::egui::text::{LayoutJob, TextFormat, TextWrapping};
use eframe::egui::{Align, Color32, FontFamily, FontId, Galley, Label, Response, Ui};

use super::fonts::{MEDIUM, SEMIBOLD};

/// What a text is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Text {
    /// The one big sentence of a page.
    Headline,
    /// The one number of a page.
    Figure,
    /// Titles of dialogs and empty states.
    Title,
    /// Titles of cards.
    Card,
    /// Titles of small cards: a link of the chain, the name in the side bar.
    SmallCard,
    /// Heads of sections, row names that stand out.
    Section,
    /// Running text.
    Body,
    /// Names in rows, buttons, steps.
    Strong,
    /// Second lines, values in tables.
    Detail,
    /// The same with weight.
    DetailStrong,
    /// The same with more weight.
    DetailBold,
    /// Tags and flags.
    LabelBold,
    /// Column heads.
    LabelStrong,
    /// Labels, sources, times.
    Label,
    /// Key caps.
    Key,
    /// Commands and raw output.
    Code,
    /// The same in cards and second lines.
    SmallCode,
}

impl Text {
    /// Face and size.
    pub fn font(self) -> FontId {
        let (size, family) = match self {
            Self::Headline => (22.0, FontFamily::Name(SEMIBOLD.into())),
            Self::Figure => (28.0, FontFamily::Name(SEMIBOLD.into())),
            Self::Title => (18.0, FontFamily::Name(SEMIBOLD.into())),
            Self::Card => (16.0, FontFamily::Name(SEMIBOLD.into())),
            Self::SmallCard => (15.0, FontFamily::Name(SEMIBOLD.into())),
            Self::Section => (14.0, FontFamily::Name(SEMIBOLD.into())),
            Self::Body => (14.0, FontFamily::Proportional),
            Self::Strong => (14.0, FontFamily::Name(MEDIUM.into())),
            Self::Detail => (13.0, FontFamily::Proportional),
            Self::DetailStrong => (13.0, FontFamily::Name(MEDIUM.into())),
            Self::DetailBold => (13.0, FontFamily::Name(SEMIBOLD.into())),
            Self::LabelBold => (12.0, FontFamily::Name(SEMIBOLD.into())),
            Self::LabelStrong => (12.0, FontFamily::Name(MEDIUM.into())),
            Self::Label => (12.0, FontFamily::Proportional),
            Self::Key => (11.0, FontFamily::Name(MEDIUM.into())),
            Self::Code => (13.0, FontFamily::Monospace),
            Self::SmallCode => (12.0, FontFamily::Monospace),
        };
        FontId::new(size, family)
    }

    /// The height of a line in points.
    pub const fn line_height(self) -> f32 {
        match self {
            Self::Figure => 36.0,
            Self::Headline => 28.0,
            Self::Title | Self::Card | Self::SmallCard => 24.0,
            Self::Section | Self::Body | Self::Strong | Self::Detail | Self::DetailStrong | Self::DetailBold | Self::Code => 20.0,
            Self::LabelBold | Self::LabelStrong | Self::Label | Self::Key | Self::SmallCode => 16.0,
        }
    }

    /// Face, size, line height and colour.
    pub fn format(self, color: Color32) -> TextFormat {
        TextFormat {
            font_id: self.font(),
            color,
            line_height: Some(self.line_height()),
            valign: Align::Center,
            ..Default::default()
        }
    }

    /// One line that ends with `…` where it is wider than `max_width`.
    pub fn line(self, ui: &Ui, text: &str, color: Color32, max_width: f32) -> Arc<Galley> {
        let mut job = LayoutJob::single_section(text.to_owned(), self.format(color));
        job.wrap = TextWrapping { max_width, max_rows: 1, break_anywhere: true, overflow_character: Some('…') };
        ui.ctx().fonts_mut(|fonts| fonts.layout_job(job))
    }

    /// A paragraph that wraps at `width` and has at most `rows` lines.
    pub fn paragraph(self, ui: &Ui, text: &str, color: Color32, width: f32, rows: usize) -> Arc<Galley> {
        let mut job = LayoutJob::single_section(text.to_owned(), self.format(color));
        job.wrap = TextWrapping { max_width: width, max_rows: rows, break_anywhere: false, overflow_character: Some('…') };
        ui.ctx().fonts_mut(|fonts| fonts.layout_job(job))
    }

    /// One line that keeps its begin and its end and loses its middle where it is wider than `max_width`: paths and unit names.
    pub fn middle_elided(self, ui: &Ui, text: &str, color: Color32, max_width: f32) -> Arc<Galley> {
        let whole = self.line(ui, text, color, f32::INFINITY);
        if whole.size().x <= max_width {
            return whole;
        }
        let characters: Vec<char> = text.chars().collect();
        let (mut fits, mut too_many) = (0, characters.len());
        while fits + 1 < too_many {
            let keep = usize::midpoint(fits, too_many);
            if self.line(ui, &keep_ends(&characters, keep), color, f32::INFINITY).size().x <= max_width {
                fits = keep;
            } else {
                too_many = keep;
            }
        }
        self.line(ui, &keep_ends(&characters, fits), color, max_width)
    }

    /// Puts a wrapping text into the flow of `ui`, as a label that screen readers and tests find.
    pub fn show(self, ui: &mut Ui, text: &str, color: Color32) -> Response {
        let job = LayoutJob::single_section(text.to_owned(), self.format(color));
        ui.add(Label::new(job).wrap())
    }
}

/// `keep` characters of a text: the first half and the last, with `…` between.
fn keep_ends(characters: &[char], keep: usize) -> String {
    let head = keep.div_ceil(2);
    let tail = keep - head;
    characters[..head].iter().chain(&['…']).chain(&characters[characters.len() - tail..]).collect()
}

/// Text with thin groups of three digits from 1 000 up. The space does not break: egui breaks at a thin one.
pub fn count(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push('\u{a0}');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{Text, count, keep_ends};

    /// Every role. A role that is new must be added here, or the match does not compile.
    fn every_role() -> impl Iterator<Item = Text> {
        use Text::*;
        let after = |role: &Text| match role {
            Headline => Some(Figure),
            Figure => Some(Title),
            Title => Some(Card),
            Card => Some(SmallCard),
            SmallCard => Some(Section),
            Section => Some(Body),
            Body => Some(Strong),
            Strong => Some(Detail),
            Detail => Some(DetailStrong),
            DetailStrong => Some(DetailBold),
            DetailBold => Some(LabelBold),
            LabelBold => Some(LabelStrong),
            LabelStrong => Some(Label),
            Label => Some(Key),
            Key => Some(Code),
            Code => Some(SmallCode),
            SmallCode => None,
        };
        std::iter::successors(Some(Headline), after)
    }

    #[test]
    fn no_text_is_smaller_than_twelve_points_but_key_caps() {
        for role in every_role() {
            let least = if role == Text::Key { 11.0 } else { 12.0 };
            assert!(role.font().size >= least, "{role:?}");
            assert!(role.line_height() >= role.font().size * 1.2, "{role:?}: its lines touch");
        }
    }

    #[test]
    fn counts_are_grouped_from_a_thousand_up() {
        assert_eq!(count(999), "999");
        assert_eq!(count(13_214), "13\u{a0}214");
        assert_eq!(count(1_000_000), "1\u{a0}000\u{a0}000");
    }

    #[test]
    fn an_elided_path_keeps_its_begin_and_its_end() {
        let path: Vec<char> = "/usr/lib/backup/agent".chars().collect();
        assert_eq!(keep_ends(&path, 8), "/usr…gent");
    }
}
