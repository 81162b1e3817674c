//! LSASS, the kernel or another pillar of Windows has the port: nothing takes it from them but a restart of the computer, and what counts is
//! that they get another port then.

use super::move_port;
use crate::diagnosis::{Owner, OwnerKind};
use crate::machine::{Port, Protocol, RpcService, SocketState};
use crate::remedy::evict::evict;
use crate::remedy::planner::Planner;
use crate::remedy::{FixOption, Operation, Step};

/// A port for Active Directory that lies below the dynamic range and that no well-known service has.
const ACTIVE_DIRECTORY_PORT: Port = 38_901;

/// Whether a program that must not be ended has the port on Windows, and nothing but programs like it.
pub(super) fn is_cause(planner: &Planner<'_>) -> bool {
    let pillar = |owner: &Owner| owner.kind == OwnerKind::Process && owner.protected.is_some();
    !planner.is_linux() && !planner.diagnosis.owners.is_empty() && planner.diagnosis.owners.iter().all(pillar)
}

pub(super) fn options(planner: &Planner<'_>) -> Vec<FixOption> {
    let mut options: Vec<FixOption> = move_range(planner).into_iter().chain(fix_rpc_port(planner)).collect();
    options.extend(move_port::option(planner));
    if options.is_empty() {
        options.push(super::unknown::by_hand(planner, &evict(planner, &planner.diagnosis.owners)));
    }
    options
}

/// The range decides which port they get at the next start.
fn move_range(planner: &Planner<'_>) -> Option<FixOption> {
    let steps = planner.usual_range()?;
    Some(after_restart(planner, "Move the dynamic range back, and restart the computer later".to_owned(), "", steps))
}

/// On a domain controller the article's way: a port that is known, beside the one that Windows gives.
fn fix_rpc_port(planner: &Planner<'_>) -> Option<FixOption> {
    let listens = |owner: &Owner| owner.state == SocketState::Listen && is_lsass(owner);
    let is_domain_controller = planner.snapshot.windows.domain_controller;
    if planner.protocol() != Protocol::Tcp || !is_domain_controller || !planner.diagnosis.owners.iter().any(listens) {
        return None;
    }
    let mut steps = planner.usual_range()?;
    steps.push(planner.step(Operation::SetRpcPort { service: RpcService::ActiveDirectory, port: ACTIVE_DIRECTORY_PORT }));
    let effect = format!(" Active Directory listens on port {ACTIVE_DIRECTORY_PORT} as well, which a firewall can let through.");
    Some(after_restart(
        planner,
        "Move the dynamic range back, fix the port of Active Directory, and restart later".to_owned(),
        &effect,
        steps,
    ))
}

fn is_lsass(owner: &Owner) -> bool {
    owner.process.as_deref().is_some_and(|name| name.eq_ignore_ascii_case("lsass.exe"))
}

fn after_restart(planner: &Planner<'_>, title: String, more: &str, steps: Vec<Step>) -> FixOption {
    let who = planner.holder();
    let effect = format!(
        "{who} keeps the port until the computer restarts, which can wait for a quiet hour, and gets one of the new range then. Nothing \
         but a restart takes a port from it.{more}"
    );
    let restart = format!("Needed, as {who} cannot be stopped");
    FixOption { restart, ..planner.option(title, effect, steps, "Nothing until the restart".to_owned()) }
}
