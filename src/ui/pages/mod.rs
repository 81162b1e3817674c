//! One file a page: what it shows and what it puts into the footer. Pages read the state and send commands; they decide nothing.

mod apply;
mod ask_field;
mod change;
mod evidence;
mod exhaustion;
mod fix;
mod history;
mod home;
mod key_list;
mod outlook;
mod owner;
mod port;
mod ports;
mod practice;
mod practising;
mod questions;
mod ranges;
mod recorded;
mod refused;
mod report;
mod service;
mod settings;
mod verify;

use eframe::egui::{Id, Ui};

use super::shell::{Footer, FooterButton};
use super::theme::Status;
use super::widgets::{Banner, Strip, busy_line, notice};
use super::words;
use crate::app::{AppState, Busy, Command, Opened, Page, back_to};

pub use questions::show as question;

/// Shows the page.
pub fn show(ui: &mut Ui, state: &AppState, out: &mut Vec<Command>) {
    practice::before(ui, state, out);
    if let Some(opened) = &state.opened
        && (matches!(state.page, Page::Port | Page::Owner | Page::Fix | Page::Verify) || shows_files(state))
    {
        only_shown(ui, state, opened);
    }
    page(ui, state, out);
    practice::after(ui, state);
}

/// Whether it is the page beside the wizard that shows the computer of the files that are open.
fn shows_files(state: &AppState) -> bool {
    state.page == Page::Exhaustion && state.shown_exhaustion().is_of_files()
}

fn page(ui: &mut Ui, state: &AppState, out: &mut Vec<Command>) {
    match state.page {
        Page::Home => home::show(ui, state, out),
        Page::Service => service::show(ui, state, out),
        Page::Port => port::show(ui, state, out),
        Page::Owner => owner::show(ui, state, out),
        Page::Fix => fix::show(ui, state, out),
        Page::Apply => apply::show(ui, state, out),
        Page::Verify => verify::show(ui, state, out),
        Page::Report => report::show(ui, state, out),
        Page::Ports => ports::show(ui, state, out),
        Page::Ranges => ranges::show(ui, state, out),
        Page::Exhaustion => exhaustion::show(ui, state, out),
        Page::Refused => refused::show(ui, state, out),
        Page::History => {
            history::show(ui, state, out);
            recorded::show(ui, state);
        }
        Page::Practice => practising::show(ui, state, out),
        Page::Evidence => evidence::show(ui, state, out),
    }
}

/// Says that the page shows a saved case or another computer, and which.
fn only_shown(ui: &mut Ui, state: &AppState, opened: &Opened) {
    let Some(case) = state.case() else { return };
    let name = words::shown(&case.host.name);
    let (title, text) = match opened {
        Opened::Case => {
            let words_in_it = if case.redacted { " Names and addresses were hidden when it was saved." } else { "" };
            let title = format!("Saved case of {name}, {}", words::moment(state, case.created));
            (title, format!("It only shows: nothing is looked at or run on this computer.{words_in_it}"))
        }
        Opened::Evidence(view) => {
            let files = words::plural(view.read.files.len(), "file", "files");
            let text = "Nothing is run from here: copy the commands of the plan and run them on that computer.";
            (format!("Known from {files} of {name}"), text.to_owned())
        }
    };
    notice(ui, Status::Neutral, &title, &text);
    ui.add_space(16.0);
}

/// What has the focus when a page opens; nothing on pages where Enter shall press the primary button.
pub fn first_focus(page: Page) -> Option<Id> {
    match page {
        Page::Home => Some(home::field()),
        Page::Ports => Some(ports::field()),
        Page::Ranges => Some(ranges::field()),
        Page::Refused => Some(refused::field()),
        _ => None,
    }
}

/// The page's footer; pages beside the wizard that fill the window have none.
pub fn footer(state: &AppState) -> Option<Footer> {
    Some(match state.page {
        Page::Home => home::footer(state),
        Page::Service => service::footer(state),
        Page::Port => port::footer(state),
        Page::Owner => owner::footer(state),
        Page::Fix => fix::footer(state),
        Page::Apply => apply::footer(state),
        Page::Verify => verify::footer(state),
        Page::Report => report::footer(state),
        Page::Ports | Page::Ranges | Page::Exhaustion => return None,
        Page::Refused => refused::footer(state),
        Page::History => history::footer(state),
        Page::Practice => practising::footer(state),
        Page::Evidence => evidence::footer(state),
    })
}

/// The button that goes one open page back.
fn back(state: &AppState) -> Option<FooterButton> {
    back_to(state).map(|page| FooterButton::new(page.title(), Command::Back))
}

/// What is being done, once it takes long enough to be worth a word.
fn busy(ui: &mut Ui, state: &AppState, busy: &Busy) {
    const WORTH_A_WORD: u64 = 500;
    let waited = words::since(state, busy.since);
    if waited < WORTH_A_WORD {
        ui.ctx().request_repaint_after(std::time::Duration::from_millis(WORTH_A_WORD - waited));
        return;
    }
    let long = if waited > 5_000 { format!(", {}", words::duration(waited)) } else { String::new() };
    busy_line(ui, &format!("{}{long}", words::shown(&busy.doing)));
}

/// Says that something could not be looked up, and what to do.
fn could_not(ui: &mut Ui, headline: &str, problem: &str) {
    let strip = Strip { next_step: "Look again, or work from the command line: portmedic --help".to_owned(), ..Strip::default() };
    Banner { status: Status::Warn, headline, explanation: &words::sentence(problem), strip: Some(strip) }.show(ui);
}
