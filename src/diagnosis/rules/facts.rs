//! The evidence that several rules show, each fact with its source.

use jiff::Timestamp;

use super::by_chance::max_user_port_fact;
use super::context::{Context, Holder, Scene};
use super::words;
use crate::diagnosis::judge::Answer;
use crate::machine::{BindResult, BindTest, Evidence, FailureKind, Store, System, Table, usual_dynamic_range, visible};

/// Rows that a fact shows at most: enough to check it, few enough to read.
const MAX_ROWS: usize = 20;

impl Scene<'_> {
    /// A fact seen in this look.
    pub(super) fn fact(&self, fact: impl Into<String>, source: impl Into<String>, raw: Option<String>) -> Evidence {
        Evidence { fact: fact.into(), source: source.into(), raw, time: self.seen_at() }
    }

    /// When this look was. Files of another computer do not tell when it was looked at.
    fn seen_at(&self) -> Option<Timestamp> {
        (!self.snapshot.host.is_captured()).then_some(self.snapshot.taken_at)
    }

    /// What the log or the pasted text says.
    pub(super) fn log_fact(&self) -> Option<Evidence> {
        let failure = self.failure()?;
        let says = match failure.kind {
            FailureKind::InUse => "says that the port is in use",
            FailureKind::Forbidden | FailureKind::Privileged => "says that the port is not allowed",
            FailureKind::NotLocal => "says that this computer does not have the address",
            FailureKind::Refused => "says that nobody answered",
            FailureKind::Exhausted => "says that no port was left",
            FailureKind::NotAPort => "gives a reason that is not the port",
            FailureKind::Unknown => "does not say why it ended",
        };
        let speaker = self.wanted().map_or_else(|| "The error text".to_owned(), |name| format!("The log of {name}"));
        Some(Evidence {
            fact: format!("{speaker} {says}"),
            source: failure.source.clone(),
            raw: Some(visible(&failure.message)),
            time: failure.time.or_else(|| self.seen_at()),
        })
    }

    /// The state of the service in the service manager's words.
    pub(super) fn state_fact(&self) -> Option<Evidence> {
        let service = self.service?;
        let source = match self.snapshot.host.system {
            System::Linux => format!("systemctl show {}", visible(&service.name)),
            System::Windows => "service control manager".to_owned(),
        };
        Some(self.fact(format!("{} is {}", visible(&service.name), visible(&service.state_detail)), source, None))
    }
}

impl Context<'_> {
    /// A fact that rests on rows of the socket table.
    pub(super) fn socket_fact<'h>(&self, fact: impl Into<String>, holders: impl IntoIterator<Item = &'h Holder<'h>>) -> Evidence {
        let holders: Vec<_> = holders.into_iter().collect();
        let diagnosed = holders.first().is_some_and(|holder| holder.socket.cookie.is_some());
        let source = if self.scene.snapshot.host.system == System::Linux && diagnosed { "sock_diag" } else { "socket table" };
        let mut rows: Vec<String> = holders.iter().flat_map(|holder| words::rows(holder)).collect();
        if rows.len() > MAX_ROWS {
            let more = rows.len() - MAX_ROWS;
            rows.truncate(MAX_ROWS);
            rows.push(format!("… and {more} more"));
        }
        self.scene.fact(fact, source, Some(rows.join("\n")))
    }

    /// What every rule shows after its own facts: bind test, log, and the dynamic range where the port lies in it.
    pub(super) fn shared_facts(&self) -> Vec<Evidence> {
        let at_risk = self.in_dynamic_range() == Some(true) || self.is_excluded();
        let ranges =
            if at_risk { [self.range_fact(), max_user_port_fact(self), self.exclusion_fact()] } else { [const { None }; 3] };
        let facts = [self.bind_fact()].into_iter().chain(ranges).chain([self.scene.log_fact(), self.elsewhere_fact()]);
        facts.flatten().collect()
    }

    /// The same with the dynamic range in any case: for what a client has left or holds, it is the reason.
    pub(super) fn client_facts(&self) -> Vec<Evidence> {
        let ranges = [self.range_fact(), max_user_port_fact(self), self.exclusion_fact()];
        let facts = [self.bind_fact()].into_iter().chain(ranges).chain([self.scene.log_fact(), self.elsewhere_fact()]);
        facts.flatten().collect()
    }

    /// What the system says to a program that asks for the port.
    pub(super) fn bind_fact(&self) -> Option<Evidence> {
        let tests: Vec<&BindTest> = self
            .scene
            .snapshot
            .bind_tests
            .iter()
            .filter(|test| test.port == self.port && test.protocol == self.protocol && test.result != BindResult::Unsupported)
            .collect();
        let plain = |result: BindResult| {
            let addresses = tests.iter().filter(move |test| !test.reuse_address && test.result == result);
            addresses.map(|test| test.address.to_string()).collect::<Vec<_>>()
        };
        let (free, taken, denied) = (plain(BindResult::Free), plain(BindResult::InUse), plain(BindResult::Denied));
        let kernel = words::capital(self.scene.kernel());
        let fact = if self.answer == Answer::FreeWithReuse {
            format!("{kernel} gives the port only to programs that set SO_REUSEADDR")
        } else if !taken.is_empty() && free.is_empty() {
            format!("{kernel} says that the port is in use, for every address asked")
        } else if !taken.is_empty() {
            format!("{kernel} says that the port is in use for {}, and gives it for {}", words::list(&taken), words::list(&free))
        } else if !denied.is_empty() {
            match self.answer {
                Answer::Denied => format!("{kernel} refuses the port to whoever asks"),
                _ => format!("{kernel} did not let PortMedic ask for the port"),
            }
        } else if !free.is_empty() {
            format!("{kernel} gives the port to whoever asks")
        } else if tests.is_empty() {
            return None;
        } else {
            format!("{kernel} gave no clear answer when it was asked for the port")
        };
        let rows: Vec<String> = tests.iter().map(|test| words::bind_row(test)).collect();
        Some(self.scene.fact(fact, "bind test", Some(rows.join("\n"))))
    }

    /// Whether the system may hand the port to a client.
    pub(super) fn range_fact(&self) -> Option<Evidence> {
        let range = self.scene.snapshot.dynamic_range(self.protocol)?;
        let shown = words::span(range.range);
        let (start, end) = usual_dynamic_range(self.scene.snapshot.host.system);
        let usual = format!("{start}–{end}");
        let usual = if shown == usual { String::new() } else { format!(" (usual is {usual})") };
        let place = if range.range.contains(self.port) { "lies in it" } else { "lies outside it" };
        let fact = format!("The dynamic range is {shown}{usual}, and {} {place}", self.port);
        Some(self.scene.fact(fact, range.source.clone(), Some(range.range.to_string())))
    }

    /// Whether the port is excluded; nothing where the ranges were not read.
    pub(super) fn exclusion_fact(&self) -> Option<Evidence> {
        let snapshot = self.scene.snapshot;
        snapshot.dynamic_range(self.protocol).filter(|_| snapshot.shows(Table::Exclusions))?;
        let (now, later) =
            [Store::Active, Store::Persistent].map(|store| snapshot.excluded(self.protocol, store).contains(self.port)).into();
        let state = match (now, later) {
            (false, false) => "is in no exclusion",
            (true, false) => "is excluded now, but not after a restart",
            (false, true) => "is excluded from the next restart on, but not now",
            (true, true) => "is excluded",
        };
        let holding = snapshot.exclusions.iter().filter(|exclusion| exclusion.range.contains(self.port));
        let mut sources: Vec<&str> = holding.map(|exclusion| exclusion.source.as_str()).collect();
        sources.dedup();
        let source = match (sources.is_empty(), snapshot.host.system) {
            (false, _) => sources.join(", "),
            (true, System::Linux) => "net.ipv4.ip_local_reserved_ports, running and persistent".to_owned(),
            (true, System::Windows) => "both exclusion stores".to_owned(),
        };
        Some(self.scene.fact(format!("Port {} {state}", self.port), source, None))
    }

    /// The port in other network namespaces, where it disturbs nobody here.
    pub(super) fn elsewhere_fact(&self) -> Option<Evidence> {
        let snapshot = self.scene.snapshot;
        let rows: Vec<String> = snapshot
            .sockets_elsewhere
            .iter()
            .filter(|socket| socket.local.port() == self.port && socket.protocol == self.protocol)
            .map(|socket| words::row(socket, socket.pids.first().copied(), None))
            .collect();
        if rows.is_empty() {
            return None;
        }
        let fact = "The port is in use in another network namespace, which does not matter here";
        Some(self.scene.fact(fact, "/proc/PID/net of that namespace", Some(rows.join("\n"))))
    }

    /// What is worth knowing about the holders themselves: shared by several, executable gone, shared with `SO_REUSEPORT`.
    pub(super) fn holder_facts(&self, holders: &[&Holder<'_>]) -> Vec<Evidence> {
        let mut facts = Vec::new();
        if let Some(shared) = holders.iter().find(|holder| holder.owners.iter().filter(|owner| owner.pid.is_some()).count() > 1) {
            let count = shared.owners.len();
            facts.push(
                self.socket_fact(format!("{count} processes share the socket, so ending one of them frees nothing"), [*shared]),
            );
        }
        let gone = holders.iter().flat_map(|holder| &holder.owners).find(|owner| owner.exe_deleted);
        if let (Some(owner), Some(pid)) = (gone, gone.and_then(|owner| owner.pid)) {
            let fact = format!(
                "The program file of {} is no longer there: it was updated or removed while it runs",
                self.name_of(owner)
            );
            let raw = owner.exe.as_deref().map(|exe| format!("{} (deleted)", visible(exe)));
            facts.push(self.scene.fact(fact, format!("/proc/{pid}/exe"), raw));
        }
        if holders.iter().any(|holder| holder.socket.reuse_port == Some(true)) {
            let fact = "The holder shares the port (SO_REUSEPORT), but only with programs of its own user that ask for it";
            facts.push(self.socket_fact(fact, holders.iter().copied().filter(|holder| holder.socket.reuse_port == Some(true))));
        }
        facts
    }
}
