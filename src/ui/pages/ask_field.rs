//! The one question of a page: a tall field, why what was typed means nothing, and examples to press.

use eframe::egui::{Id, Key, Rect, Role, Sense, Ui, WidgetInfo, vec2};

use crate::ui::icons::Icon;
use crate::ui::text::Text;
use crate::ui::theme::{Status, tokens};
use crate::ui::widgets::{Field, notice};
use crate::ui::{keys, paint, words};

/// The question.
pub struct AskField<'a> {
    /// Its identity: the page gives it the focus.
    pub id: Id,
    pub icon: Icon,
    /// What to type; also its name for screen readers.
    pub label: &'a str,
    /// A word and the keys that do it, while nothing is typed.
    pub keys: Option<(&'a str, &'a str)>,
    /// Why what was typed means nothing: a title and a sentence.
    pub problem: Option<(&'a str, &'a str)>,
    /// What may be typed; none where they would be in the way.
    pub examples: &'a [&'a str],
}

impl AskField<'_> {
    /// Shows it with what is typed; gives what the user typed in its place. Enter in it is for the page.
    pub fn show(&self, ui: &mut Ui, typed: &str) -> Option<String> {
        let mut text = typed.to_owned();
        let width = ui.available_width();
        let mut field = Field::new(self.label, &mut text).hint(self.label).icon(self.icon).tall().id(self.id);
        if let Some((word, keys)) = self.keys {
            field = field.keys(word, keys);
        }
        let response = field.show(ui, width);
        let mut given = response.changed().then_some(text);
        if response.has_focus() {
            keys::enter_is_for_the_page(ui, response.id);
        }
        if response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter)) {
            // Where it named nothing, one goes on typing.
            response.request_focus();
        }
        if let Some((title, problem)) = self.problem {
            ui.add_space(8.0);
            notice(ui, Status::Warn, title, &words::sentence(problem));
        }
        if let Some(example) = self.examples(ui) {
            given = Some(example.to_owned());
            ui.memory_mut(|memory| memory.request_focus(self.id));
        }
        given
    }

    fn examples(&self, ui: &mut Ui) -> Option<&str> {
        if self.examples.is_empty() {
            return None;
        }
        ui.add_space(4.0);
        let t = tokens(ui);
        let mut taken = None;
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing = vec2(8.0, 4.0);
            let galley = Text::Detail.line(ui, "For example", t.text3, 200.0);
            let (rect, _) = ui.allocate_exact_size(vec2(galley.size().x + 4.0, 32.0), Sense::hover());
            paint::line_left(ui, galley, rect.left_center());
            for example in self.examples {
                if chip(ui, example) {
                    taken = Some(*example);
                }
            }
        });
        taken
    }
}

fn chip(ui: &mut Ui, text: &str) -> bool {
    let t = tokens(ui);
    let galley = Text::SmallCode.line(ui, text, t.text2, f32::INFINITY);
    let (rect, response) = ui.allocate_exact_size(vec2(galley.size().x + 16.0, 32.0), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, format!("Example: {text}")));
    let ground = Rect::from_center_size(rect.center(), vec2(rect.width(), 24.0));
    ui.painter().rect_filled(ground, 6, t.hover);
    if response.hovered() {
        paint::outline(ui, ground, 6, paint::hairline(ui), t.line2);
    }
    paint::line_center(ui, galley, rect.center());
    if response.has_focus() {
        paint::focus_ring(ui, ground, 6);
    }
    response.clicked()
}
