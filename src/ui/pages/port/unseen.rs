//! What the page shows where the system could not be looked at: why, what is known all the same, and the details for a ticket.

use eframe::egui::Ui;

use super::super::could_not;
use crate::app::AppState;
use crate::diagnosis::Target;
use crate::machine::{Service, visible};
use crate::ui::widgets::{Fact, Mark, code_block, evidence, section};

pub fn show(ui: &mut Ui, state: &AppState, problem: &str) {
    could_not(ui, "This could not be looked into", problem);
    ui.add_space(20.0);
    section(ui, "What is known without it", "");
    // Nothing here has a text behind it that is worth a copy.
    evidence(ui, "known", &known(state), false);
    ui.add_space(20.0);
    section(ui, "Details", "for the ticket");
    code_block(ui, &details(state, problem), false);
}

/// What to copy into a ticket.
pub fn details(state: &AppState, problem: &str) -> Vec<String> {
    let asked = state.target.as_ref().map(|target| format!("asked: {}", visible(&target.to_string())));
    let host = state.host().map(|host| format!("computer: {}, {}", visible(&host.name), visible(&host.version)));
    let answer = problem.lines().map(visible);
    let at = format!("at {}, PortMedic {}", state.now.strftime("%Y-%m-%d %H:%M:%S UTC"), env!("CARGO_PKG_VERSION"));
    asked.into_iter().chain(host).chain(answer).chain([at]).collect()
}

/// What the look at the services told of what was asked for.
fn known(state: &AppState) -> Vec<Fact> {
    let mut facts = Vec::new();
    let seen = |text: String, source: &str| Fact {
        mark: Mark::Seen,
        text,
        source: visible(source),
        time: String::new(),
        raw: String::new(),
    };
    for service in asked_for(state) {
        let name = visible(service.display_name());
        if let Some(failure) = &service.failure {
            facts.push(seen(format!("{name}: {}", visible(&failure.message)), &failure.source));
        }
        for port in service.ports.iter().take(1) {
            let text = format!("{name} needs port\u{a0}{}\u{a0}{}", port.port, port.protocol);
            facts.push(seen(text, &format!("{}: {}", port.known_from.as_str(), port.source)));
        }
    }
    let owner = "Owner: not seen, the system did not answer".to_owned();
    facts.push(Fact { mark: Mark::NotSeen, text: owner, source: "not seen".to_owned(), time: String::new(), raw: String::new() });
    facts
}

fn asked_for(state: &AppState) -> Vec<&Service> {
    let (Some(services), Some(target)) = (state.services.value(), &state.target) else { return Vec::new() };
    let wanted = |service: &&Service| match target {
        Target::Name(name) => service.name == *name || service.name.strip_suffix(".service") == Some(name),
        Target::Port { port, .. } => service.ports.iter().any(|own| own.port == *port),
        Target::ErrorText(_) => false,
    };
    services.list.iter().filter(wanted).collect()
}
