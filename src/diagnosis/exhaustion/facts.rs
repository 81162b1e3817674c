//! What a judgement rests on, fact by fact.

use jiff::Timestamp;

use super::forecast::MIN_SAMPLES;
use super::leak::Leak;
use super::words::{is_or_are, rate, table};
use super::{Forecast, History, LostHandles, MANY_HANDLES, Probe, Probes, Usage, minutes, with_lost_handles, with_many_handles};
use crate::diagnosis::wording::span;
use crate::machine::{
    ConnectResult, ConnectTest, Counted, CounterKind, Evidence, Handles, PortEvent, Snapshot, SocketState, visible,
};

const SOCKET_TABLE: &str = "socket table";
/// So many events are told, the newest.
const MOST_EVENTS: usize = 5;
/// So many processes with many handles are told.
const MOST_PROCESSES: usize = 3;

/// The facts about one range, and those about the computer.
pub(super) struct Facts<'a> {
    pub(super) snapshot: &'a Snapshot,
    pub(super) history: &'a History,
    pub(super) probes: &'a Probes,
}

impl Facts<'_> {
    fn fact(&self, fact: impl Into<String>, source: impl Into<String>) -> Evidence {
        Evidence { fact: fact.into(), source: source.into(), raw: None, time: taken_at(self.snapshot) }
    }

    /// How far the range is used, by whom, and where it goes.
    pub(super) fn of_range(&self, usage: &Usage, forecast: &Forecast) -> Vec<Evidence> {
        let mut facts = self.of_use(usage);
        facts.push(self.trend(forecast));
        facts
    }

    /// How far the range is used now, and by whom.
    pub(super) fn of_use(&self, usage: &Usage) -> Vec<Evidence> {
        let (protocol, family) = (usage.protocol, usage.family);
        let range = format!("the dynamic range {} ({})", span(usage.range), table(protocol, family));
        let excluded = usage.range.count() - usage.capacity;
        let are = is_or_are(usage.in_use);
        let used = match (usage.capacity, excluded) {
            (0, _) => format!("Every port of {range} is excluded"),
            (capacity, 0) => format!("{} of the {capacity} ports of {range} {are} in use", usage.in_use),
            (capacity, excluded) => {
                format!("{} of the {capacity} ports of {range} that are not excluded ({excluded} are) {are} in use", usage.in_use)
            }
        };
        let mut facts = vec![self.fact(used, usage.source.clone())];
        if usage.in_use > 0 {
            let states: Vec<String> = usage.states.iter().map(|(state, ports)| format!("{ports} {state}")).collect();
            facts.push(self.fact(format!("By state: {}", states.join(", ")), SOCKET_TABLE));
            let rows: Vec<String> = usage.holders.iter().map(|holder| format!("{} {}", holder.ports, holder.name())).collect();
            let raw = Some(rows.join("\n"));
            facts.push(Evidence { raw, ..self.fact("These have the most ports", SOCKET_TABLE) });
        }
        if let Some(first) = usage.destinations.first().filter(|first| first.ports * 2 >= usage.in_use.max(2)) {
            let full = if usage.is_full_for(first) { "; for it no port is left" } else { "" };
            facts.push(self.fact(format!("Connections of {} of them go to {}{full}", first.ports, first.remote), SOCKET_TABLE));
        }
        facts
    }

    fn trend(&self, forecast: &Forecast) -> Evidence {
        let source = match forecast.samples {
            1 => "one sample".to_owned(),
            samples => format!("{samples} samples in {:.0} seconds", forecast.seconds),
        };
        let told = match (forecast.ports_a_minute, forecast.full_in_minutes) {
            (None, _) => format!("Too few samples to tell where it goes: {} of {MIN_SAMPLES}", forecast.samples),
            (Some(slope), Some(full)) => format!("It rises by {}; full in {}", rate(slope), minutes(full)),
            (Some(slope), None) if slope >= 0.05 => format!("It rises by {}, which fills it in no day", rate(slope)),
            (Some(slope), None) if slope <= -0.05 => format!("It falls by {}", rate(-slope)),
            (Some(_), None) => "It stays about the same".to_owned(),
        };
        self.fact(told, source)
    }

    /// What the system said when it was asked.
    pub(super) fn of_probes(&self) -> Vec<Evidence> {
        let mut facts = Vec::new();
        for (protocol, probe) in &self.probes.any_port {
            match probe {
                Probe::Given => {
                    facts.push(self.fact(format!("The system gave a {protocol} port when asked for any"), "bind, port 0"));
                }
                Probe::NoneLeft => {
                    facts
                        .push(self.fact(format!("The system had no {protocol} port to give when asked for any"), "bind, port 0"));
                }
                Probe::NotAsked { .. } => {}
            }
        }
        facts.extend(
            self.probes.connection.as_ref().map(|test| self.fact(connection(test), format!("one connect to {}", test.to))),
        );
        facts
    }

    /// What piles up, and what the system itself says or counts.
    pub(super) fn of_system(&self, leak: Option<&Leak>) -> Vec<Evidence> {
        let mut facts = Vec::new();
        for pile in self.history.last().map_or(&[][..], |last| &last.piles) {
            let name = pile.process.as_deref().map_or_else(|| format!("process {}", pile.pid), visible);
            let grown = leak.filter(|leak| leak.pile == *pile && leak.is_growing());
            let grown =
                grown.map(|leak| format!("; {} more than {} looks before", leak.grown, leak.looks - 1)).unwrap_or_default();
            let place = pile.server_port.map(|port| format!(", all on its port {port}")).unwrap_or_default();
            facts.push(self.fact(format!("{} sockets of {name} {}{place}{grown}", pile.sockets, pile.fault()), SOCKET_TABLE));
        }
        let load = &self.snapshot.load;
        facts.extend(load.refused.iter().cloned());
        facts.extend(load.counted.iter().take(MOST_PROCESSES).map(|own| self.counted(own)));
        facts.extend(load_facts(self.snapshot));
        facts.extend(self.counters());
        facts
    }

    fn counted(&self, own: &Counted) -> Evidence {
        let name = own.process.as_deref().map_or_else(|| format!("process {}", own.pid), visible);
        self.fact(format!("{name} has {} sockets in {}", own.sockets, own.state), "count of sockets")
    }

    /// Only what is not zero, and what tells.
    fn counters(&self) -> Vec<Evidence> {
        let resting =
            self.history.last().is_some_and(|last| last.ranges.iter().any(|own| own.states.of(SocketState::TimeWait) > 0));
        let told = |kind: CounterKind, value: u64| match kind {
            CounterKind::TimeWaitOverflow => Some(format!("{value} connections did not rest to the end, since too many did")),
            CounterKind::TimeWaitReused if resting => Some(format!("{value} ports were reused while they rested")),
            CounterKind::Orphans if value >= 1000 => {
                Some(format!("{value} connections have no process any more and are not over yet"))
            }
            CounterKind::ListenOverflows => {
                Some(format!("{value} connections were refused by a full queue of a listener, which is no lack of ports"))
            }
            CounterKind::TimeWait | CounterKind::TimeWaitReused | CounterKind::Orphans => None,
        };
        let counters = self.snapshot.load.counters.iter().filter(|own| own.value > 0);
        counters.filter_map(|own| Some(self.fact(told(own.what, own.value)?, own.source.clone()))).collect()
    }
}

/// When it was seen; files do not tell.
fn taken_at(snapshot: &Snapshot) -> Option<Timestamp> {
    (!snapshot.host.is_captured()).then_some(snapshot.taken_at)
}

/// What Windows itself says, and who has many handles.
pub(in crate::diagnosis) fn load_facts(snapshot: &Snapshot) -> Vec<Evidence> {
    let event = |event: &PortEvent| Evidence {
        fact: format!("Windows wrote event {}: {}", event.id, event.meaning()),
        source: event.source.clone(),
        raw: None,
        time: event.time,
    };
    let of_handles = |fact| Evidence { fact, source: "handles of each process".to_owned(), raw: None, time: taken_at(snapshot) };
    let handles = |own: &Handles| {
        let sockets = own.sockets.map(|sockets| format!(", {sockets} of them sockets")).unwrap_or_default();
        of_handles(format!("{} has {} handles{sockets}; more than {MANY_HANDLES} is worth a look", name(own), own.handles))
    };
    let lost = |own: &LostHandles<'_>| {
        of_handles(format!("{} has {} socket handles and {} sockets in the table", name(own.of), own.sockets, own.in_table))
    };
    let events = snapshot.load.events.iter().take(MOST_EVENTS).map(event);
    let many = with_many_handles(snapshot).take(MOST_PROCESSES).map(handles);
    events.chain(many).chain(with_lost_handles(snapshot).iter().take(MOST_PROCESSES).map(lost)).collect()
}

/// What a process with handles is called.
pub(super) fn name(own: &Handles) -> String {
    own.process.as_deref().map_or_else(|| format!("process {}", own.pid), visible)
}

/// What became of the connection, and what it means for ports.
fn connection(test: &ConnectTest) -> String {
    let error = test.error.as_deref().map(|error| format!(", {error}")).unwrap_or_default();
    match test.result {
        ConnectResult::Connected => format!("A connection to {} was made, so a port was left for it", test.to),
        ConnectResult::NoPortLeft => format!("A connection to {} got no port{error}", test.to),
        ConnectResult::PortRests => format!("A connection to {} got a port that still rests{error}", test.to),
        ConnectResult::Refused => format!("{} refused the connection, so a port was left for it{error}", test.to),
        ConnectResult::TimedOut => format!("{} did not answer; a port was left for the connection{error}", test.to),
        ConnectResult::Unreachable => format!("No way leads to {}, whether ports are left or not{error}", test.to),
        ConnectResult::Other => format!("The connection to {} was not made for another reason{error}", test.to),
    }
}
