//! A computer whose dynamic ports go: a program binds sockets and never uses them, and each look finds more.

use std::time::Duration;

use portmedic::app::exhaustion::{Exhaustion, Monitor};
use portmedic::machine::SocketState;

use super::facts::{Facts, Manner};
use super::machine::{With as _, connection, listener, resting, tcp, unit_process};

/// How many looks went before the first one that is asked for.
const BEFORE: u16 = 40;

/// The looks so far, and one more, each so much later than the one before.
pub fn look(monitor: &mut Monitor, since: Duration) -> Result<Exhaustion, String> {
    let done = u16::try_from(monitor.history().samples().len()).unwrap_or(u16::MAX);
    let facts = Facts::new(Manner::Obeys);
    let mut seen = None;
    for look in done..=done.max(BEFORE) {
        fill(&facts, look, since);
        seen = Some(monitor.look(&*facts, None).map_err(|error| error.to_string())?);
    }
    seen.map(|seen| monitor.answer(&*facts, seen)).ok_or_else(|| "nothing was looked at".to_owned())
}

/// The computer at the look of this number: steady at first, then a leak.
fn fill(facts: &Facts, look: u16, since: Duration) {
    let leaked = 1_200 + look.saturating_sub(10) * 110;
    facts.change(|facts| {
        let mut now = facts.clone();
        now.taken_at = "2026-11-20T03:00:00Z".parse().unwrap();
        now.taken_at += since * u32::from(look) * 4;
        now.sockets.clear();
        let range = || (1_024..9_000_u16).filter(|port| port % 8 == 1);
        *facts = range()
            .take(300)
            .fold(now, |all, port| all.with_socket(connection(&format!("10.0.0.5:{port}"), "10.0.0.9:9392", &[4312])))
            .with_process(unit_process(812, "nginx", "nginx.service"))
            .with_socket(listener("0.0.0.0:80", &[812]));
        let rest = range().skip(300).take(200);
        facts.sockets.extend(rest.map(|port| resting(&format!("10.0.0.5:{port}"), "10.0.0.7:443", 40_000)));
        let web = (1_024..9_000_u16).filter(|port| port % 8 == 2).take(120);
        facts.sockets.extend(web.map(|port| connection(&format!("10.0.0.5:{port}"), "10.0.0.8:5432", &[812])));
        let free = (1_024..9_000_u16).filter(|port| port % 8 > 2).take(leaked.into());
        facts.sockets.extend(free.map(|port| tcp(&format!("0.0.0.0:{port}"), SocketState::Bound, &[4312])));
    });
}
