//! The ways out, one file a cause: the gentlest that works comes first and is the recommended one.

mod address_not_local;
mod bound;
mod client;
mod closing;
mod container;
mod dns_pool;
mod exhausted;
mod forbidden;
mod held_by_windows;
mod http_sys;
mod listener;
pub(super) mod move_port;
mod own_instance;
mod port_free;
mod portproxy;
mod privileged;
mod refused;
mod reserved;
mod socket_unit;
mod unknown;

use super::planner::Planner;
use super::{FixOption, Plan, Risk};
use crate::diagnosis::{Cause, Diagnosis, Symptom};
use crate::machine::Snapshot;

/// The most options that a plan shows.
const MAX_OPTIONS: usize = 4;

/// The ways out of `diagnosis`. A plan without options means that nothing needs to be done, or nothing can be.
pub fn plan(snapshot: &Snapshot, symptom: &Symptom, diagnosis: &Diagnosis) -> Plan {
    let planner = Planner::new(snapshot, symptom, diagnosis);
    let mut options: Vec<FixOption> = match diagnosis.verdict.cause {
        Cause::HeldByClient => client::options(&planner),
        Cause::HeldByClosingConnection => closing::options(&planner),
        Cause::HeldByBoundSocket => bound::options(&planner),
        Cause::HeldByListener => listener::options(&planner),
        Cause::HeldByHttpSys => http_sys::options(&planner),
        Cause::HeldByPortproxy => portproxy::options(&planner),
        Cause::HeldByOwnInstance => own_instance::options(&planner),
        Cause::HeldBySocketUnit => socket_unit::options(&planner),
        Cause::HeldByContainer => container::options(&planner),
        Cause::ReservedRange => reserved::options(&planner),
        Cause::PrivilegedPort => privileged::options(&planner),
        Cause::AddressNotLocal => address_not_local::options(&planner),
        Cause::Exhausted => exhausted::options(&planner),
        Cause::Refused => refused::options(&planner),
        Cause::PortFree => port_free::options(&planner),
        Cause::NotAPortProblem => forbidden::options(&planner),
        Cause::Unknown => unknown::options(&planner),
    };
    if snapshot.host.is_captured() {
        // Nobody can make a system call on that computer from here, so what can be typed there comes first.
        options.sort_by_key(|option| option.risk == Risk::High || !option.is_typed());
    }
    options.truncate(MAX_OPTIONS);
    if let Some(first) = options.first_mut() {
        first.recommended = true;
    }
    Plan { options }
}
