//! The range is reserved for another: its owner gives it back, or the service moves.

use super::move_port;
use crate::machine::{Exclusion, PortRange, Reserver};
use crate::remedy::planner::Planner;
use crate::remedy::{FixOption, Operation, Step};

pub(super) fn options(planner: &Planner<'_>) -> Vec<FixOption> {
    let reserved = planner.snapshot.reservation_of(planner.port(), planner.protocol());
    let options = match reserved.and_then(Exclusion::reserver) {
        Some(Reserver::WinNat) if planner.snapshot.host.service_manager => around_winnat(planner),
        Some(Reserver::WinNat) | None => vec![by_hand(
            planner,
            vec![
                "Stop what reserved the range; for ranges of Hyper-V, containers and WSL: net stop winnat".to_owned(),
                exclude(planner),
                "Start what was stopped again: net start winnat".to_owned(),
            ],
        )],
        Some(Reserver::WslMirrored) => vec![by_hand(
            planner,
            vec!["Stop WSL: wsl --shutdown".to_owned(), exclude(planner), "Start WSL again: it takes another block".to_owned()],
        )],
        Some(Reserver::HttpSys) => vec![by_hand(
            planner,
            vec![
                "Find the program that has a URL on the port: netsh http show servicestate view=requestq verbose=yes".to_owned(),
                "Stop that program, or give it another port".to_owned(),
            ],
        )],
    };
    options.into_iter().chain(move_port::option(planner)).collect()
}

/// WinNAT lets go of its blocks when it stops, and an exclusion made meanwhile keeps it from the port for good.
fn around_winnat(planner: &Planner<'_>) -> Vec<FixOption> {
    let port = planner.port_name();
    let restart = || {
        let (range, protocol) = (PortRange::single(planner.port()), planner.protocol());
        planner.step(Operation::RestartWinnat { range, protocol })
    };
    let option = |title: String, effect: &str, steps: Vec<Step>| {
        let cut = "Virtual machines, containers and WSL are without network for some seconds.";
        let title = format!("{title}{}", planner.and_start());
        let who = "Networks of virtual machines and containers".to_owned();
        planner.option(title, format!("{effect} {cut}"), planner.then_start(steps), who)
    };
    let around = option(
        format!("Exclude {port} while WinNAT restarts"),
        "WinNAT gives its blocks back and takes others. The exclusion keeps it from the port, also after a restart of the computer.",
        vec![restart()],
    );
    let moved = planner.usual_range().map(|range| {
        option(
            format!("Move the dynamic range back and exclude {port} while WinNAT restarts"),
            "WinNAT takes its blocks from the dynamic range, which starts too low here: this frees every fixed port below the usual range.",
            range.into_iter().chain([restart()]).collect(),
        )
    });
    std::iter::once(around).chain(moved).collect()
}

fn exclude(planner: &Planner<'_>) -> String {
    let command = planner.step(Operation::AddExclusion {
        range: PortRange::single(planner.port()),
        protocol: Some(planner.protocol()),
        stores: crate::remedy::Stores::Both,
    });
    format!("Exclude the port, so that no such range covers it again: {}", command.preview)
}

fn by_hand(planner: &Planner<'_>, mut instructions: Vec<String>) -> FixOption {
    instructions.extend(planner.start_by_hand());
    planner.by_hand(
        "Free the reserved range".to_owned(),
        "The port can be asked for again. Whoever reserved the range takes another one.".to_owned(),
        instructions,
        "Whoever reserved the range",
    )
}
