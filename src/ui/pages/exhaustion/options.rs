//! What can be done: the options of the plan, each with what it does, and the way to where it is done.

use eframe::egui::{Margin, Rect, Role, Sense, Ui, UiBuilder, WidgetInfo, pos2, vec2};

use super::GAP;
use crate::app::exhaustion::Exhaustion;
use crate::app::{Command, ExhaustionCommand, ExhaustionState};
use crate::machine::{Family, PortRange, Protocol, visible};
use crate::remedy::{FixOption, Operation};
use crate::ui::paint;
use crate::ui::text::Text;
use crate::ui::theme::tokens;
use crate::ui::widgets::{Button, card, section};

/// The room of the button at the right end.
const BUTTON: f32 = 148.0;
/// To exclude ports is what helps a lost port, and makes a lack of ports worse.
const NOTE: &str = "excluding ports is none of them: it takes ports from clients";

pub fn show(ui: &mut Ui, own: &ExhaustionState, found: &Exhaustion, out: &mut Vec<Command>) {
    let options = &found.case.plan.options;
    if options.is_empty() {
        return;
    }
    ui.add_space(GAP);
    section(ui, "What can be done", NOTE);
    card(ui, Margin::ZERO, |ui| {
        for (index, option) in options.iter().enumerate() {
            if row(ui, option, index) {
                out.push(Command::Exhaustion(ExhaustionCommand::Fix(Some(index))));
            }
        }
    });
    // The Ranges page shows the computer that PortMedic runs on.
    let Some((range, protocol, family)) = wider(own, options).filter(|_| !own.is_of_files()) else { return };
    ui.add_space(8.0);
    let label = format!("See what {} would come to", range.to_string().replace('-', "\u{2013}"));
    if ui.add(Button::second(&label).low().hint("On the page Ranges, with the services whose ports would lie in it")).clicked() {
        out.push(Command::Exhaustion(ExhaustionCommand::Widen { range, protocol, family }));
    }
}

/// The dynamic range that an option sets, and for what. Of several steps that for the range that shows is meant; of a step for both families
/// the one that shows.
fn wider(own: &ExhaustionState, options: &[FixOption]) -> Option<(PortRange, Protocol, Family)> {
    let shown = own.usage().map(|usage| (usage.protocol, usage.family));
    let (shown_protocol, shown_family) = shown.unwrap_or((Protocol::Tcp, Family::Ipv4));
    let sets = options.iter().flat_map(|option| &option.steps).filter_map(|step| match step.operation {
        Operation::SetDynamicRange { range, protocol, family, .. } => {
            Some((range, protocol.unwrap_or(shown_protocol), family.unwrap_or(shown_family)))
        }
        _ => None,
    });
    let sets: Vec<(PortRange, Protocol, Family)> = sets.collect();
    sets.iter().find(|(_, protocol, family)| Some((*protocol, *family)) == shown).or_else(|| sets.first()).copied()
}

/// An option with its price; true when its plan is to be shown.
fn row(ui: &mut Ui, option: &FixOption, index: usize) -> bool {
    let t = tokens(ui);
    let recommended = if option.recommended { " (recommended)" } else { "" };
    let title = format!("{}{recommended}", visible(&option.title));
    let price = format!("Risk: {}. Interrupts: {}.", option.risk.as_str().to_lowercase(), lower(&visible(&option.interrupts)));
    let effect = format!("{} {price}", visible(&option.effect));
    let room = ui.available_width() - 16.0 - BUTTON - 32.0;
    let head = Text::Strong.paragraph(ui, &title, t.text, room, 2);
    let under = Text::Detail.paragraph(ui, &effect, t.text2, room, 5);
    let height = head.size().y + under.size().y + 20.0;
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::ListItem, true, format!("{title}. {effect}")));
    if index > 0 {
        paint::rule(ui, (rect.left() + 16.0..=rect.right()).into(), rect.top(), t.line);
    }
    let corner = rect.min + vec2(16.0, 10.0);
    let below = corner + vec2(0.0, head.size().y);
    paint::place(ui, head, corner);
    paint::place(ui, under, below);
    let button = Button::second("Show the plan").low().name(format!("Show the plan: {}", visible(&option.title)));
    let width = button.width(ui);
    let place = Rect::from_min_size(pos2(rect.right() - 16.0 - width, rect.center().y - 16.0), vec2(width, 32.0));
    let mut child = ui.new_child(UiBuilder::new().max_rect(place).id_salt(("option", index)));
    child.add(button).clicked()
}

/// `Nothing` within a sentence; names stay as they are.
fn lower(text: &str) -> String {
    if text == "Nothing" { "nothing".to_owned() } else { text.to_owned() }
}
