//! The audit: which fixed ports a service may lose at the next restart, how likely, why, and what helps; one plan for all that can be
//! protected.

use eframe::egui::{Align, Layout, Margin, Rect, Role, Sense, Ui, WidgetInfo, pos2, vec2};

use crate::app::change::Wish;
use crate::app::{AppState, Audit, AuditedRisk, ChangeCommand, Command, RangesCommand};
use crate::diagnosis::audit::{Likelihood, SafePort};
use crate::machine::{Gap, PortRange, visible};
use crate::ui::icons::Icon;
use crate::ui::pages::{busy, could_not};
use crate::ui::text::Text;
use crate::ui::theme::{Status, tokens};
use crate::ui::widgets::{Banner, Button, card, link_at, meter, notice, section};
use crate::ui::{paint, words};

/// Where ports and reasons begin, behind the likelihood.
const TEXT_LEFT: f32 = 128.0;
/// So many risks are shown; the command lists all.
const MOST: usize = 200;

/// Shows it.
pub fn show(ui: &mut Ui, state: &AppState, out: &mut Vec<Command>) {
    let look = &state.ranges.audit;
    let Some(audit) = look.value() else {
        if let Some(under_way) = look.busy() {
            busy(ui, state, under_way);
        } else if let Some(problem) = look.problem() {
            could_not(ui, "The ports of the services could not be audited", problem);
        }
        return;
    };
    verdict(ui, audit);
    ui.add_space(12.0);
    actions(ui, state, audit, out);
    if !audit.risks.is_empty() {
        ui.add_space(8.0);
        let note = if audit.risks.len() > MOST {
            format!("the first {MOST} of {}; portmedic audit lists all", audit.risks.len())
        } else {
            String::new()
        };
        section(ui, "At risk", &note);
        card(ui, Margin::ZERO, |ui| {
            for (index, own) in audit.risks.iter().take(MOST).enumerate() {
                risk(ui, own, index, out);
            }
        });
    }
    not_seen(ui, &audit.gaps);
    not_at_risk(ui, audit);
}

/// The answer in one sentence, and what was checked.
fn verdict(ui: &mut Ui, audit: &Audit) {
    let checked = "Fixed ports are known from units, settings, command lines, the catalogue and open sockets. Each was checked against the \
                   dynamic range, the exclusions and the other services.";
    let (status, headline, explanation) = match (audit.risks.is_empty(), audit.is_complete()) {
        (false, true) => (Status::Warn, audit.headline(), checked.to_owned()),
        (false, false) => (Status::Warn, audit.headline(), format!("{checked} Too little was seen to call the rest safe.")),
        (true, true) => (Status::Ok, audit.headline(), checked.to_owned()),
        (true, false) => {
            let why = "Too little was seen to call the ports of the services safe; what is missing stands below.";
            (Status::Warn, "Whether a port is at risk could not be told".to_owned(), why.to_owned())
        }
    };
    Banner { status, headline: &headline, explanation: &explanation, strip: None }.show(ui);
}

/// Protect all, save the list, and look again.
fn actions(ui: &mut Ui, state: &AppState, audit: &Audit, out: &mut Vec<Command>) {
    let size = vec2(ui.available_width(), 36.0);
    ui.allocate_ui_with_layout(size, Layout::left_to_right(Align::Center).with_main_wrap(true), |ui| {
        ui.spacing_mut().item_spacing = vec2(8.0, 8.0);
        let planned = audit.planned();
        if planned > 0 {
            let asks = state.host().is_none_or(|host| !host.elevated);
            let label =
                if planned == 1 { "Protect 1 port\u{2026}".to_owned() } else { format!("Protect all {planned} ports\u{2026}") };
            let button = Button::primary(label);
            if ui.add(if asks { button.icon(Icon::Shield) } else { button }).clicked() {
                out.push(Command::Change(ChangeCommand::Ask(Wish::Protect)));
            }
        }
        if ui.add(Button::second("Save the list\u{2026}").icon(Icon::FileDown)).clicked() {
            out.push(Command::Ranges(RangesCommand::ExportAudit));
        }
        let again = Button::second("Audit again").icon(Icon::RotateCw).busy(state.ranges.audit.busy().is_some());
        if ui.add(again).clicked() {
            out.push(Command::LookAgain);
        }
    });
}

/// One risk: how likely, which port, whose, why, and what helps.
fn risk(ui: &mut Ui, own: &AuditedRisk, index: usize, out: &mut Vec<Command>) {
    let t = tokens(ui);
    let width = ui.available_width();
    let narrow = width < 560.0;
    let left = if narrow { 16.0 } else { TEXT_LEFT };
    let room = width - left - 16.0;
    let port = format!("{} {}", own.risk.port, own.risk.protocol);
    let name = visible(&own.risk.name);
    let why = Text::Detail.paragraph(ui, &visible(&own.risk.why), t.text2, room, 6);
    let help = helps(own);
    let help_galley = Text::Detail.paragraph(ui, &help, t.text, room - 24.0, 8);
    let first = if narrow { 60.0 } else { 36.0 };
    let height = first + why.size().y + help_galley.size().y + 20.0;
    let (rect, response) = ui.allocate_exact_size(vec2(width, height), Sense::hover());
    let (status, filled) = weight(own.risk.likelihood);
    let likely = words::capital(own.risk.likelihood.as_str());
    let spoken = format!("Port {port}, {name}, {likely}. {} {help}", visible(&own.risk.why));
    response.widget_info(|| WidgetInfo::labeled(Role::ListItem, true, &spoken));
    if index > 0 {
        paint::rule(ui, (rect.left() + 16.0..=rect.right()).into(), rect.top(), t.line);
    }
    let middle = rect.top() + 20.0;
    meter(ui, pos2(rect.left() + 16.0, middle), filled, t.status(status));
    let word = Text::DetailBold.line(ui, &likely, t.text, 80.0);
    paint::line_left(ui, word, pos2(rect.left() + 52.0, middle));
    let second = if narrow { middle + 24.0 } else { middle };
    let galley = Text::Code.line(ui, &port, t.text, 100.0);
    let name_left = rect.left() + left + galley.size().x + 16.0;
    paint::line_left(ui, galley, pos2(rect.left() + left, second));
    let label = "Show on the map";
    let to_map =
        link_at(ui, pos2(rect.right() - 16.0, middle), Some(Icon::Ruler), label, &format!("Show port {port} on the map"));
    if to_map.clicked() {
        out.push(Command::Ranges(RangesCommand::Show(PortRange::single(own.risk.port), own.risk.protocol)));
    }
    let name_right = if narrow { rect.right() - 16.0 } else { to_map.rect.left() - 16.0 };
    let galley = Text::Strong.line(ui, &name, t.text, name_right - name_left);
    paint::line_left(ui, galley, pos2(name_left, second));
    let top = rect.top() + first;
    let below = top + why.size().y + 4.0;
    paint::place(ui, why, pos2(rect.left() + left, top));
    let icon = if own.in_plan { Icon::ShieldCheck } else { Icon::User };
    paint::icon(ui, icon, 16.0, pos2(rect.left() + left + 8.0, below + 9.0), t.text2);
    paint::place(ui, help_galley, pos2(rect.left() + left + 24.0, below));
}

/// What helps: the step of the plan, a step of its own, or what a person does.
fn helps(own: &AuditedRisk) -> String {
    if own.in_plan {
        return format!("In the plan: {}.", visible(&own.fix.title));
    }
    let lines: Vec<String> = own.fix.preview.lines().map(visible).collect();
    if own.fix.is_manual() {
        format!("For you to decide. {}", lines.join(". "))
    } else {
        format!("For you to decide. {}: {}", visible(&own.fix.title), lines.join("; "))
    }
}

/// The colour of a likelihood, and how many boxes are filled.
const fn weight(likelihood: Likelihood) -> (Status, usize) {
    match likelihood {
        Likelihood::Certain => (Status::Err, 3),
        Likelihood::Likely => (Status::Warn, 2),
        Likelihood::Possible => (Status::Neutral, 1),
    }
}

/// What could not be seen, and what would show it.
fn not_seen(ui: &mut Ui, gaps: &[Gap]) {
    for gap in gaps {
        ui.add_space(12.0);
        let title = format!("{}: not seen", words::capital(&visible(&gap.what)));
        let text = format!("{} Shown by: {}", words::sentence(&visible(&gap.because)), visible(&gap.shown_by));
        notice(ui, Status::Warn, &title, &text);
    }
}

/// The ports that nothing was found against, and those that are not fixed, each with its reason.
fn not_at_risk(ui: &mut Ui, audit: &Audit) {
    let safe = |own: &SafePort| (format!("{} {}", own.port, own.protocol), own.service.clone(), own.because.clone());
    let safe: Vec<_> = audit.safe.iter().map(safe).collect();
    listed(ui, "Not at risk", &safe);
    let not_fixed = audit.not_fixed.iter();
    let not_fixed: Vec<_> =
        not_fixed.map(|own| (format!("{} {}", own.port, own.protocol), own.service.clone(), own.because.clone())).collect();
    listed(ui, "Not fixed, so nothing to protect", &not_fixed);
}

fn listed(ui: &mut Ui, title: &str, rows: &[(String, String, String)]) {
    if rows.is_empty() {
        return;
    }
    ui.add_space(20.0);
    let note = if rows.len() > MOST { format!("the first {MOST} of {}", rows.len()) } else { String::new() };
    section(ui, title, &note);
    card(ui, Margin::symmetric(0, 4), |ui| {
        let t = tokens(ui);
        for (port, service, because) in rows.iter().take(MOST) {
            let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 28.0), Sense::hover());
            let spoken = format!("{port}, {}, {}", visible(service), visible(because));
            response.widget_info(|| WidgetInfo::labeled(Role::ListItem, true, &spoken));
            let columns = [16.0, TEXT_LEFT, TEXT_LEFT + (rect.width() - TEXT_LEFT) * 0.35, rect.width() - 4.0];
            let texts = [(Text::SmallCode, port.clone()), (Text::Detail, visible(service)), (Text::Detail, visible(because))];
            for (index, (role, text)) in texts.into_iter().enumerate() {
                let cell =
                    Rect::from_x_y_ranges(rect.left() + columns[index]..=rect.left() + columns[index + 1] - 12.0, rect.y_range());
                let galley = role.middle_elided(ui, &text, if index < 2 { t.text } else { t.text2 }, cell.width());
                paint::line_left(ui, galley, cell.left_center());
            }
            response.on_hover_text(spoken);
        }
    });
}
