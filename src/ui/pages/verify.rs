//! Did it help? Each check with before and after, and whether it will last.

use eframe::egui::{Margin, Role, Sense, Ui, WidgetInfo, pos2, vec2};

use super::apply::undo;
use super::refused::as_client_link;
use super::{back, busy, could_not};
use crate::app::{AppState, ChangeCommand, Command, Page};
use crate::case::Case;
use crate::machine::{Snapshot, usual_dynamic_range, visible};
use crate::remedy::{CheckOutcome, Operation, Outcome, StepRecord, Task, TaskName, Verification};
use crate::ui::icons::Icon;
use crate::ui::shell::{Footer, FooterButton};
use crate::ui::text::Text;
use crate::ui::theme::{Status, tokens};
use crate::ui::widgets::{
    Banner, BeforeAfterRow, Strip, before_after, card, headline, section, section_link, section_links, soft_disc,
};
use crate::ui::{paint, words};

pub fn show(ui: &mut Ui, state: &AppState, out: &mut Vec<Command>) {
    if let Some(under_way) = state.verifying.busy() {
        headline(ui, "Looking again", "Every check is made anew.");
        ui.add_space(20.0);
        busy(ui, state, under_way);
        return;
    }
    if let Some(problem) = state.verifying.problem() {
        could_not(ui, "It could not be checked", problem);
        return;
    }
    let (Some(case), Some(snapshot)) = (state.case(), state.snapshot()) else { return };
    let Some(proof) = &case.verification else { return };
    verdict(ui, proof);
    ui.add_space(20.0);
    let looked = format!("looked again at {}", words::clock(state, snapshot.taken_at));
    let again = ((Icon::RotateCw, "Look again".to_owned(), "Look again".to_owned()), Command::LookAgain);
    let (links, commands): (Vec<_>, Vec<_>) = std::iter::once(again).chain(as_client_link(state)).unzip();
    out.extend(section_links(ui, "Before and after", &looked, &links).and_then(|pressed| commands.into_iter().nth(pressed)));
    card(ui, Margin::ZERO, |ui| before_after(ui, &rows(proof)));
    if proof.outcome == Outcome::Fixed {
        ui.add_space(20.0);
        will_it_last(ui, state, out);
        lasting(ui, state, case, snapshot);
    }
}

pub fn footer(state: &AppState) -> Footer {
    let busy = state.verifying.busy().is_some();
    let changed = state.case().is_some_and(|case| case.journal_entry.is_some());
    let note = if changed {
        (Icon::Undo2, "Every change can be undone in History".to_owned())
    } else {
        (Icon::Eye, "Looks only. Nothing is changed.".to_owned())
    };
    let fixed = state.case().and_then(|case| case.verification.as_ref()).is_some_and(|proof| proof.outcome == Outcome::Fixed);
    let second = if fixed || busy {
        undo(state)
    } else {
        undo(state).or_else(|| Some(FooterButton::new("Look again", Command::LookAgain).icon(Icon::RotateCw)))
    };
    Footer {
        back: if busy { None } else { back(state) },
        note,
        second: if busy { Some(FooterButton::new("Do not wait", Command::StopWaiting)) } else { second },
        primary: Some(
            FooterButton::new("Make the report", Command::GoTo(Page::Report))
                .off(busy.then_some("Wait until the checks are made")),
        ),
    }
}

fn verdict(ui: &mut Ui, proof: &Verification) {
    let count = |outcome| proof.checks.iter().filter(|check| check.outcome == outcome).count();
    let (passed, failed, unknown) =
        (count(CheckOutcome::Passed), count(CheckOutcome::Failed), count(CheckOutcome::CouldNotCheck));
    let explanation = match (failed, unknown) {
        (0, 0) if passed == 1 => "The check passed.".to_owned(),
        (0, 0) => format!("All {passed} checks passed."),
        (0, _) => format!("{passed} of {} checks passed, {unknown} could not be made.", passed + unknown),
        (_, 0) => format!("{passed} of {} checks passed.", passed + failed),
        (_, _) => format!("{passed} of {} checks passed, {unknown} could not be made.", passed + failed + unknown),
    };
    let (status, next) = match proof.outcome {
        Outcome::Fixed => (Status::Ok, None),
        Outcome::NotFixed => (Status::Err, Some("Undo it, or start a new check: the finding may be another one now")),
        Outcome::CouldNotCheck | Outcome::Declined => (Status::Warn, Some("Look again, or check the service by hand")),
    };
    let strip = next.map(|next| Strip { next_step: next.to_owned(), ..Strip::default() });
    Banner { status, headline: &visible(&proof.headline), explanation: &explanation, strip }.show(ui);
}

fn rows(proof: &Verification) -> Vec<BeforeAfterRow> {
    let result = |outcome| match outcome {
        CheckOutcome::Passed => (Status::Ok, Icon::CircleCheck, "Passed"),
        CheckOutcome::Failed => (Status::Err, Icon::CircleX, "Not passed"),
        CheckOutcome::CouldNotCheck => (Status::Warn, Icon::EyeOff, "Not seen"),
        CheckOutcome::Remark => (Status::Info, Icon::Info, "Remark"),
    };
    proof
        .checks
        .iter()
        .map(|check| BeforeAfterRow {
            what: words::capital(&check.what),
            before: words::capital(&check.before),
            now: words::capital(&check.now),
            result: result(check.outcome),
            source: visible(&check.source),
        })
        .collect()
}

/// The heading, with the wish to have it checked after the next restart where the system can start such a check.
fn will_it_last(ui: &mut Ui, state: &AppState, out: &mut Vec<Command>) {
    const TITLE: &str = "Will it last?";
    let (note, link, operation) = match state.outlook.value().and_then(|outlook| outlook.task) {
        None => return section(ui, TITLE, ""),
        Some(false) => {
            let name = "Check again by itself after the next restart";
            ("", (Icon::RotateCw, "Check after the restart", name), Operation::InstallTask { task: Task::Recheck })
        }
        Some(true) => {
            let name = "Check after restarts no more";
            (
                "checked by itself after each restart",
                (Icon::X, "Check no more", name),
                Operation::RemoveTask { task: TaskName::Recheck },
            )
        }
    };
    if section_link(ui, TITLE, note, link) {
        out.push(Command::Change(ChangeCommand::Ask(operation.into())));
    }
}

/// What keeps the port, and what does not.
fn lasting(ui: &mut Ui, state: &AppState, case: &Case, snapshot: &Snapshot) {
    let system = words::system(state);
    let port = case.target.port;
    let done = |test: &dyn Fn(&Operation) -> bool| {
        case.steps.iter().any(|record: &StepRecord| record.result.is_success() && test(&record.operation))
    };
    let excluded = done(&|operation| {
        matches!(operation, Operation::AddExclusion { range, stores, .. }
            if stores.persistent() && port.is_some_and(|port| range.contains(port)))
    });
    let range_moved = done(&|operation| {
        matches!(operation, Operation::SetDynamicRange { range, stores, .. }
            if stores.persistent() && port.is_some_and(|port| !range.contains(port)))
    });
    let dynamic = case.target.protocol.and_then(|protocol| snapshot.dynamic_range(protocol)).map(|range| range.range);
    let inside = port.zip(dynamic).is_some_and(|(port, range)| range.contains(port));
    let name = port.map_or_else(|| "The port".to_owned(), |port| format!("Port {port}"));
    card(ui, Margin::ZERO, |ui| {
        if excluded {
            let text = format!("{system} no longer hands it to clients. The service can still listen on it.");
            lasting_row(ui, Status::Ok, Icon::ShieldCheck, &format!("{name} stays excluded after a restart"), &text);
        } else if range_moved || !inside {
            let text = format!("{system} does not hand it to clients by itself.");
            lasting_row(ui, Status::Ok, Icon::ShieldCheck, &format!("{name} lies outside the dynamic range"), &text);
        } else {
            let text =
                format!("It lies inside the dynamic range, so {system} may hand it to a client while the service does not run.");
            lasting_row(ui, Status::Warn, Icon::TriangleAlert, &format!("{name} can be taken again"), &text);
        }
        let (usual, _) = usual_dynamic_range(case.host.system);
        if let Some(range) = dynamic.filter(|range| excluded && range.start() < usual) {
            paint::rule(ui, ui.max_rect().x_range(), ui.cursor().top(), tokens(ui).line);
            let title = format!("The dynamic range still starts at {}", range.start());
            let text = format!("It usually starts at {usual}. Fixed ports of other services can be taken the same way.");
            lasting_row(ui, Status::Warn, Icon::TriangleAlert, &title, &text);
        }
    });
}

fn lasting_row(ui: &mut Ui, status: Status, icon: Icon, title: &str, text: &str) {
    let t = tokens(ui);
    let room = ui.available_width() - 56.0 - 16.0;
    let first = Text::Strong.paragraph(ui, title, t.text, room, 2);
    let second = Text::Detail.paragraph(ui, text, t.text2, room, 4);
    let first_height = first.size().y;
    let height = 28.0 + first_height + second.size().y;
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::ListItem, true, format!("{title}. {text}")));
    soft_disc(ui, pos2(rect.left() + 28.0, rect.center().y), 28.0, status, icon);
    let corner = rect.min + vec2(56.0, 14.0);
    paint::place(ui, first, corner);
    paint::place(ui, second, corner + vec2(0.0, first_height));
}
