//! What the recorder saw of the port: who had it when the service failed, even where nobody has it any more.

use jiff::{SignedDuration, Timestamp};

use super::Context;
use crate::machine::{Evidence, Sighting, visible};

/// While somebody has a port the recorder writes that it still watches every ten minutes; so long is a last sign good for, and a little more.
const SIGN_OF_LIFE: SignedDuration = SignedDuration::from_mins(11);

/// Evidence from the recorder: who had the port when the service failed; where no failure with a time is known, who had it last.
pub(super) fn facts(context: &Context<'_>) -> Vec<Evidence> {
    let Some(failed) = failed_at(context) else {
        return seen(context).max_by_key(|sighting| sighting.first_seen).map(|last| fact(last, "")).into_iter().collect();
    };
    let at_failure = seen(context).filter(|sighting| had_it_at(sighting, failed));
    at_failure
        .map(|sighting| {
            fact(
                sighting,
                if sighting.first_seen <= failed { ", before the service failed" } else { ", about when the service failed" },
            )
        })
        .collect()
}

/// The name of the only one who had the port when the service failed.
pub(super) fn culprit(context: &Context<'_>) -> Option<String> {
    let failed = failed_at(context)?;
    let mut names: Vec<String> = seen(context).filter(|sighting| had_it_at(sighting, failed)).filter_map(name).collect();
    names.dedup();
    names.pop().filter(|_| names.is_empty())
}

/// The name of the last one who was seen to take the port and not seen to leave it.
pub(super) fn never_left(context: &Context<'_>) -> Option<String> {
    let last = seen(context).max_by_key(|sighting| sighting.first_seen)?;
    let now = context.scene.snapshot.taken_at;
    let there = last.gone.is_none() && now <= known_until(last);
    name(last).filter(|_| there)
}

/// What was seen on the port since the computer started, without the service that it belongs to.
fn seen<'a>(context: &'a Context<'_>) -> impl Iterator<Item = &'a Sighting> {
    let snapshot = context.scene.snapshot;
    let own = |sighting: &Sighting| {
        let service = context.scene.service;
        service.is_some_and(|service| sighting.service.as_ref() == Some(&service.name))
    };
    snapshot.sightings.iter().filter(move |sighting| {
        sighting.port() == context.port
            && sighting.protocol == context.protocol
            && sighting.boot == snapshot.boot
            && !own(sighting)
    })
}

/// When the service failed for want of the port.
fn failed_at(context: &Context<'_>) -> Option<Timestamp> {
    context.scene.failure().and_then(|failure| failure.time)
}

/// Whether somebody may have had the port at this time: it was taken between two looks, and is noted at the second one.
fn had_it_at(sighting: &Sighting, time: Timestamp) -> bool {
    let since = sighting.not_before.unwrap_or(sighting.first_seen);
    let until = sighting.gone.unwrap_or_else(|| known_until(sighting));
    (since..=until).contains(&time)
}

/// How long somebody who was not seen to leave counts as there.
fn known_until(sighting: &Sighting) -> Timestamp {
    if sighting.unwatched {
        return sighting.last_seen;
    }
    sighting.last_seen.saturating_add(SIGN_OF_LIFE).unwrap_or(Timestamp::MAX)
}

/// The name of who was seen, for a headline.
fn name(sighting: &Sighting) -> Option<String> {
    let process = sighting.process.as_ref().map(|process| visible(&process.name));
    process.or_else(|| sighting.service.as_deref().map(visible))
}

fn fact(sighting: &Sighting, when: &str) -> Evidence {
    let origin = sighting.origin();
    let origin = if origin.is_empty() { origin } else { format!(", {origin},") };
    let left = match sighting.gone {
        Some(gone) if !sighting.was_missed() => format!(", and was gone at {gone:.0}"),
        _ => String::new(),
    };
    Evidence {
        fact: format!("The recorder saw that {}{origin} {}{when}{left}", sighting.who(), sighting.deed()),
        source: "recorder (portmedic watch --list)".to_owned(),
        raw: None,
        time: Some(sighting.first_seen),
    }
}
