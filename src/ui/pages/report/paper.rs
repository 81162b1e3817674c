//! The report as it will be read: paper, and so white in both themes.

use eframe::egui::text::LayoutJob;
use eframe::egui::{Frame, Label, Margin, Rect, ScrollArea, Shadow, Stroke, Ui, UiBuilder, vec2};

use crate::app::AppState;
use crate::machine::visible;
use crate::report::{Document, FixText, Tone, pieces};
use crate::ui::paint;
use crate::ui::text::Text;
use crate::ui::theme::{LIGHT, tokens};

/// The longest text that is laid out whole; a Case of thousands of sockets would make the window slow.
const MOST_LINES: usize = 2_000;

pub fn show(ui: &mut Ui, state: &AppState, rect: Rect) {
    let shadow = Shadow { offset: [0, 2], blur: 12, spread: 0, color: tokens(ui).paper_shadow };
    ui.painter().add(shadow.as_shape(rect, 4));
    paint::boxed(ui, rect, 4, LIGHT.surface, LIGHT.line);
    let mut child = ui.new_child(UiBuilder::new().max_rect(rect).id_salt("paper").accessibility_label("The report"));
    child.set_clip_rect(rect.intersect(ui.clip_rect()));
    ScrollArea::vertical().auto_shrink(false).show(&mut child, |ui| {
        Frame::new().inner_margin(Margin::same(28)).show(ui, |ui| match &state.report.document {
            Some(document) => Sheet { ui, words: &document.words }.document(document),
            None => plain(ui, &state.report.text),
        });
    });
}

/// A text that is read as it is written.
fn plain(ui: &mut Ui, text: &str) {
    let mut job = LayoutJob::default();
    for line in text.lines().take(MOST_LINES) {
        let head = line.starts_with("# ") || line.starts_with("## ");
        let format = if head { Text::Section.format(LIGHT.text) } else { Text::Code.format(LIGHT.text) };
        job.append(&visible(line), 0.0, format.clone());
        job.append("\n", 0.0, format);
    }
    ui.add(Label::new(job).wrap().selectable(true));
    let more = text.lines().count().saturating_sub(MOST_LINES);
    if more > 0 {
        Text::Detail.show(ui, &format!("{more} more lines are saved and not shown here."), LIGHT.text3);
    }
}

struct Sheet<'a> {
    ui: &'a mut Ui,
    words: &'a [String],
}

impl Sheet<'_> {
    fn document(&mut self, document: &Document) {
        self.text(Text::Card, &document.title, LIGHT.text);
        self.space(4.0);
        let (result, color) = (&document.result, color_of(document.tone));
        self.row(&document.time, |sheet| sheet.text(Text::DetailStrong, result, color));
        self.rule();
        for (name, value) in &document.facts {
            self.row(name, |sheet| sheet.text(Text::Detail, value, LIGHT.text));
        }
        self.head("Cause");
        self.text(Text::Detail, &document.explanation, LIGHT.text);
        self.text(Text::Detail, &format!("{}.", document.confidence), LIGHT.text2);
        if !document.next_step.is_empty() {
            self.text(Text::Detail, &format!("Next: {}", document.next_step), LIGHT.text2);
        }
        if !document.owners.is_empty() {
            self.head("Who has the port");
            for owner in &document.owners {
                let line = format!("{}, PID {}, {}, {}", owner.process, owner.pid, owner.user, owner.service);
                self.text(Text::Detail, &line, LIGHT.text);
                self.text(Text::SmallCode, &owner.socket, LIGHT.text2);
            }
        }
        if let Some(fix) = &document.fix {
            self.fix(fix);
        }
        if let Some(checks) = &document.checks {
            self.head("Checks afterwards");
            self.text(Text::Detail, &checks.headline, LIGHT.text);
            for check in &checks.rows {
                self.text(Text::Detail, &format!("{}: {}", check.what, check.now), LIGHT.text);
                self.text(Text::Label, check.result, color_of(check.tone));
            }
        }
        if !document.evidence.is_empty() {
            self.head("Evidence");
        }
        for evidence in &document.evidence {
            self.text(Text::Detail, &evidence.fact, LIGHT.text);
            self.text(Text::Label, &evidence.source, LIGHT.text3);
            self.code(&evidence.raw);
        }
        if !document.gaps.is_empty() {
            self.head("Not seen");
        }
        for [what, because, shown_by] in &document.gaps {
            self.text(Text::Detail, &format!("{what}: {because}"), LIGHT.text);
            self.text(Text::Label, shown_by, LIGHT.text3);
        }
        self.rule();
        let hidden = document.hidden_words();
        if !hidden.is_empty() {
            self.text(Text::Label, &hidden, LIGHT.text3);
        }
        self.text(Text::Label, &format!("Written by PortMedic {}.", document.version), LIGHT.text3);
    }

    fn fix(&mut self, fix: &FixText) {
        self.head(fix.heading);
        self.text(Text::Detail, &fix.title, LIGHT.text2);
        for (index, step) in fix.steps.iter().enumerate() {
            self.space(8.0);
            let result = if step.result.is_empty() { String::new() } else { format!(": {}", step.result) };
            self.text(Text::Detail, &format!("{}  {}{result}", index + 1, step.title), LIGHT.text);
            self.code(&step.commands);
            if !step.message.is_empty() {
                self.text(Text::Label, &step.message, LIGHT.text2);
            }
        }
        if !fix.message.is_empty() {
            self.text(Text::Detail, &fix.message, LIGHT.text);
        }
        if !fix.undo.is_empty() {
            self.head("To undo");
            self.code(std::slice::from_ref(&fix.undo));
        }
    }

    fn head(&mut self, text: &str) {
        self.space(16.0);
        self.text(Text::Section, text, LIGHT.text);
        self.space(4.0);
    }

    fn space(&mut self, height: f32) {
        self.ui.add_space(height);
    }

    fn rule(&mut self) {
        self.space(8.0);
        let (rect, _) = self.ui.allocate_exact_size(vec2(self.ui.available_width(), 1.0), eframe::egui::Sense::hover());
        paint::rule(self.ui, rect.x_range(), rect.bottom(), LIGHT.line);
        self.space(8.0);
    }

    /// A name and its value in two columns.
    fn row(&mut self, name: &str, value: impl FnOnce(&mut Sheet<'_>)) {
        let words = self.words;
        let width = self.ui.available_width();
        let left = (width * 0.5).min(if name.len() > 12 { 220.0 } else { 112.0 });
        self.ui.horizontal_top(|ui| {
            ui.spacing_mut().item_spacing.x = 8.0;
            ui.vertical(|ui| {
                ui.set_width(left);
                Sheet { ui, words }.text(Text::Detail, name, LIGHT.text3);
            });
            ui.vertical(|ui| {
                ui.set_width((width - left - 8.0).max(40.0));
                value(&mut Sheet { ui, words });
            });
        });
    }

    /// A text that wraps, with the words for hidden values on their own ground.
    fn text(&mut self, role: Text, text: &str, color: eframe::egui::Color32) {
        let mut job = LayoutJob::default();
        let plain = role.format(color);
        let mut word = Text::SmallCode.format(LIGHT.accent);
        word.line_height = plain.line_height;
        word.background = LIGHT.accent_bg;
        for (piece, hidden) in pieces(text, self.words) {
            job.append(piece, 0.0, if hidden { word.clone() } else { plain.clone() });
        }
        self.ui.add(Label::new(job).wrap().selectable(true));
        self.space(2.0);
    }

    fn code(&mut self, lines: &[String]) {
        if lines.is_empty() {
            return;
        }
        let edge = Stroke::new(paint::hairline(self.ui), LIGHT.line);
        let frame = Frame::new().fill(LIGHT.sunken).stroke(edge).corner_radius(6).inner_margin(Margin::same(8));
        let words = self.words;
        self.space(4.0);
        frame.show(self.ui, |ui| {
            ui.set_width(ui.available_width());
            for line in lines {
                Sheet { ui, words }.text(Text::SmallCode, line, LIGHT.text);
            }
        });
        self.space(4.0);
    }
}

const fn color_of(tone: Tone) -> eframe::egui::Color32 {
    match tone {
        Tone::Good => LIGHT.ok,
        Tone::Unsure => LIGHT.warn,
        Tone::Bad => LIGHT.err,
        Tone::Plain => LIGHT.text2,
    }
}
