//! What is new on watched ports: this look beside the last one. It sees rows and times only, and no computer.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::net::SocketAddr;

use jiff::{SignedDuration, Timestamp};

use super::Note;
use crate::machine::{Boot, Port, Process, ProcessId, Protocol, SeenParent, SeenProcess, Sighting, Snapshot, Socket, unit_of};

/// How long the kernel may keep the rest of a connection, and Windows a little longer.
const REST: SignedDuration = SignedDuration::from_mins(5);
/// The same program on the same port is not noted again within this time: one that connects every second would fill the log.
const AGAIN: SignedDuration = SignedDuration::from_secs(60);
/// Connections that are remembered so that what is left of them is no news.
const MAX_ENDS: usize = 4096;
/// The most of a command line that is kept, in bytes: programs can have megabytes of arguments.
const MAX_COMMAND_LINE: usize = 4096;

/// A port of a protocol.
type Place = (Protocol, Port);
/// Both ends of a connection: what rests has another number in the kernel than what lived.
type Ends = (Protocol, SocketAddr, Option<SocketAddr>);

/// What tells a socket from every other one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Key {
    /// The kernel's own number of it: a socket that is bound gets other ends when it connects, and is the same.
    Number(Place, u64),
    /// Its ends, where that is not told.
    Ends(Ends),
}

/// Follows the sockets on the watched ports from look to look.
#[derive(Debug, Default)]
pub struct Watch {
    boot: Option<Boot>,
    /// The look that is under way.
    now: Timestamp,
    /// The look before it.
    before: Option<Timestamp>,
    holdings: Vec<Holding>,
    /// When a listener was last seen: what rests on the port after that are connections to it.
    listened: BTreeMap<Place, Timestamp>,
    /// When a connection was last seen to live.
    ends: HashMap<Ends, Timestamp>,
    /// When a program was last noted on a port, by its name.
    noted: HashMap<(Place, Option<String>), Timestamp>,
    missed: Vec<Socket>,
    next: u64,
}

/// One program on one port, with every socket that it has there.
#[derive(Debug)]
struct Holding {
    /// Its number in the log; `None` where it is not noted.
    id: Option<u64>,
    /// What is to be noted once it has stayed: it came back within [`AGAIN`].
    untold: Option<Box<Sighting>>,
    place: Place,
    process: Option<ProcessId>,
    /// Its service or unit: all that tells programs apart whose processes may not be seen.
    service: Option<String>,
    sockets: HashSet<Key>,
}

impl Watch {
    /// A watch in this run of the computer, which has seen nothing yet.
    pub fn new(boot: Option<Boot>) -> Self {
        Self { boot, ..Self::default() }
    }

    /// Takes the rows of a look, and gives those of which it must be found out who has them.
    ///
    /// Where somebody listens the connections on the port are accepted ones, so only the listeners count.
    pub fn look(&mut self, rows: Vec<Socket>, now: Timestamp) -> Vec<Socket> {
        self.now = now;
        let listening: HashSet<Place> = rows.iter().filter(|row| row.is_listener()).map(place).collect();
        self.listened.extend(listening.iter().map(|place| (*place, now)));
        let deciding = rows.into_iter().filter(|row| row.is_listener() || !listening.contains(&place(row)));
        let (resting, living): (Vec<Socket>, Vec<Socket>) = deciding.partition(|row| row.state.is_closing());

        self.forget();
        // What rests at the first look is from before our time.
        self.missed = resting.iter().filter(|row| self.before.is_some() && self.is_news(row)).cloned().collect();
        for ends in resting.iter().chain(&living).map(ends) {
            if self.ends.len() < MAX_ENDS || self.ends.contains_key(&ends) {
                self.ends.insert(ends, now);
            }
        }
        let there: HashSet<Key> = living.iter().map(key).collect();
        for holding in &mut self.holdings {
            holding.sockets.retain(|socket| there.contains(socket));
        }
        let known: HashSet<Key> = self.holdings.iter().flat_map(|holding| holding.sockets.iter().copied()).collect();
        living.into_iter().filter(|row| !known.contains(&key(row))).collect()
    }

    /// Notes who has the new sockets of the look, what came and went before it, and who is gone. To be called after every look.
    pub fn note(&mut self, seen: Option<&Snapshot>) -> Vec<Note> {
        let mut notes = Vec::new();
        for (seen, socket) in seen.iter().flat_map(|seen| seen.sockets.iter().map(move |socket| (seen, socket))) {
            notes.extend(self.note_holder(socket, seen));
        }
        notes.extend(self.note_who_stayed());
        for socket in std::mem::take(&mut self.missed) {
            let sighting = Sighting { gone: Some(self.now), ..self.sighting(&socket, &BTreeMap::new()) };
            if self.is_worth_noting(place(&socket), None) {
                notes.push(Note::Taken { id: self.number(), sighting: Box::new(sighting) });
            }
        }
        let gone = self.holdings.extract_if(.., |holding| holding.sockets.is_empty());
        let time = self.now;
        notes.extend(gone.filter_map(|holding| holding.id).map(|id| Note::Left { id, time }));
        self.before = Some(self.now);
        notes
    }

    fn note_holder(&mut self, socket: &Socket, seen: &Snapshot) -> Option<Note> {
        let sighting = self.sighting(socket, &seen.processes);
        let process = sighting.process.as_ref().map(|process| process.id);
        let place = place(socket);
        // Another socket of the same program is no other taking; nor is a connection that outlives its listener.
        let service = sighting.service.clone();
        let same = |holding: &&mut Holding| {
            // Without a process, whoever comes after the last socket is gone may be somebody else.
            let known = process.is_some() || holding.service == service && !holding.sockets.is_empty();
            holding.place == place && holding.process == process && known
        };
        if let Some(holding) = self.holdings.iter_mut().find(same) {
            holding.sockets.insert(key(socket));
            return None;
        }
        let id = self.is_worth_noting(place, name(&sighting)).then(|| self.number());
        let sighting = Box::new(sighting);
        let (told, untold) = if id.is_some() { (Some(sighting), None) } else { (None, Some(sighting)) };
        self.holdings.push(Holding { id, untold, place, process, service, sockets: HashSet::from([key(socket)]) });
        id.zip(told).map(|(id, sighting)| Note::Taken { id, sighting })
    }

    /// Notes those who came back too soon to be noted again, and have stayed.
    fn note_who_stayed(&mut self) -> Vec<Note> {
        let mut holdings = std::mem::take(&mut self.holdings);
        let mut notes = Vec::new();
        for holding in holdings.iter_mut().filter(|holding| !holding.sockets.is_empty()) {
            let place = holding.place;
            if let Some(sighting) = holding.untold.take_if(|sighting| self.is_worth_noting(place, name(sighting))) {
                let id = self.number();
                holding.id = Some(id);
                notes.push(Note::Taken { id, sighting });
            }
        }
        self.holdings = holdings;
        notes
    }

    /// Whether this program was not noted on this port a moment ago.
    fn is_worth_noting(&mut self, place: Place, name: Option<String>) -> bool {
        let last = self.noted.entry((place, name)).or_insert(Timestamp::MIN);
        let worth = self.now.duration_since(*last).abs() > AGAIN;
        if worth {
            *last = self.now;
        }
        worth
    }

    fn number(&mut self) -> u64 {
        self.next += 1;
        self.next - 1
    }

    fn sighting(&self, socket: &Socket, processes: &BTreeMap<u32, Process>) -> Sighting {
        let process = socket.pids.first().and_then(|pid| processes.get(pid));
        let parent = process.and_then(|process| processes.get(&process.parent?));
        let unit = || socket.cgroup.as_deref().and_then(unit_of).map(|unit| unit.name.to_owned());
        Sighting {
            local: socket.local,
            protocol: socket.protocol,
            remote: socket.remote,
            state: socket.state,
            not_before: self.before,
            first_seen: self.now,
            last_seen: self.now,
            gone: None,
            unwatched: false,
            process: process.map(|process| SeenProcess {
                id: process.id,
                name: process.name.clone(),
                exe: process.exe.clone(),
                command_line: process.command_line.as_deref().map(shortened),
                user: process.user.clone(),
            }),
            parent: parent.map(|parent| SeenParent { pid: parent.id.pid, name: parent.name.clone() }),
            service: socket.service.as_deref().or_else(|| process?.service.as_deref()).map(str::to_owned).or_else(unit),
            container: process.and_then(|process| process.container.clone()),
            boot: self.boot.clone(),
        }
    }

    /// Whether what rests on a port is left of a connection that no look has seen, and that no listener here accepted.
    fn is_news(&self, row: &Socket) -> bool {
        !self.ends.contains_key(&ends(row)) && !self.listened.contains_key(&place(row))
    }

    fn forget(&mut self) {
        let now = self.now;
        let is_fresh = |time: &Timestamp| now.duration_since(*time).abs() <= REST;
        self.listened.retain(|_, time| is_fresh(time));
        self.ends.retain(|_, time| is_fresh(time));
        self.noted.retain(|_, time| is_fresh(time));
    }
}

/// The name by which a program counts as the same one.
fn name(sighting: &Sighting) -> Option<String> {
    sighting.process.as_ref().map(|process| process.name.clone()).or_else(|| sighting.service.clone())
}

/// A command line without the arguments that go beyond [`MAX_COMMAND_LINE`].
fn shortened(arguments: &[String]) -> Vec<String> {
    let mut left = MAX_COMMAND_LINE;
    let kept = arguments.iter().take_while(|argument| {
        let fits = argument.len() < left;
        left = left.saturating_sub(argument.len() + 1);
        fits
    });
    let mut kept: Vec<String> = kept.cloned().collect();
    if kept.len() < arguments.len() {
        kept.push("…".to_owned());
    }
    kept
}

const fn place(socket: &Socket) -> Place {
    (socket.protocol, socket.local.port())
}

const fn ends(socket: &Socket) -> Ends {
    (socket.protocol, socket.local, socket.remote)
}

const fn key(socket: &Socket) -> Key {
    match socket.cookie {
        Some(number) => Key::Number(place(socket), number),
        None => Key::Ends(ends(socket)),
    }
}

#[cfg(test)]
mod tests {
    use jiff::{SignedDuration, Timestamp};

    use super::Watch;
    use crate::machine::{Host, Process, ProcessId, Protocol, Sighting, Snapshot, Socket, SocketState, System};
    use crate::platform::recorder::Note;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_secs(seconds)
    }

    fn socket(state: SocketState, local: &str, remote: Option<&str>, number: u64, pid: u32) -> Socket {
        Socket {
            remote: remote.map(|remote| remote.parse().unwrap()),
            inode: Some(number),
            cookie: Some(number),
            uid: Some(0),
            cgroup: Some("/system.slice/cron.service".into()),
            pids: Some(pid).filter(|pid| *pid != 0).into_iter().collect(),
            ..Socket::bare(Protocol::Tcp, local.parse().unwrap(), state)
        }
    }

    fn listener(number: u64, pid: u32) -> Socket {
        socket(SocketState::Listen, "0.0.0.0:1433", None, number, pid)
    }

    fn client(number: u64, pid: u32) -> Socket {
        socket(SocketState::Established, "127.0.0.1:1433", Some("127.0.0.1:9000"), number, pid)
    }

    fn resting(remote: &str) -> Socket {
        Socket { inode: None, ..socket(SocketState::TimeWait, "127.0.0.1:1433", Some(remote), 99, 0) }
    }

    fn process(pid: u32, name: &str, parent: u32) -> Process {
        Process {
            exe: Some(format!("/usr/bin/{name}")),
            command_line: Some(vec![name.to_owned(), "--all".to_owned()]),
            uid: Some(0),
            user: Some("root".to_owned()),
            parent: Some(parent),
            service: Some("cron.service".to_owned()),
            ..Process::named(ProcessId { pid, started: u64::from(pid) }, name)
        }
    }

    fn host() -> Host {
        Host { elevated: true, ..Host::of(System::Linux) }
    }

    /// One look, with what everybody is known to be.
    fn look(watch: &mut Watch, seconds: i64, rows: &[Socket]) -> Vec<Note> {
        let new = watch.look(rows.to_vec(), at(seconds));
        let mut seen = Snapshot::new(at(seconds), host());
        seen.sockets = new;
        seen.processes = [process(1, "systemd", 0), process(700, "cron", 1), process(812, "backup", 700), process(900, "db", 1)]
            .into_iter()
            .map(|process| (process.id.pid, process))
            .collect();
        watch.note(Some(&seen))
    }

    #[track_caller]
    fn taken(notes: &[Note]) -> &Sighting {
        match notes {
            [Note::Taken { sighting, .. }] => sighting,
            other => panic!("one taking is expected: {other:?}"),
        }
    }

    #[test]
    fn a_client_that_gets_the_port_is_noted_with_its_process_its_parent_and_both_times() {
        let mut watch = Watch::default();
        assert_eq!(look(&mut watch, 0, &[]), []);
        let notes = look(&mut watch, 1, &[client(5, 812)]);
        let sighting = taken(&notes);
        assert_eq!((sighting.not_before, sighting.first_seen, sighting.gone), (Some(at(0)), at(1), None));
        let process = sighting.process.as_ref().unwrap();
        assert_eq!((process.id.pid, process.name.as_str()), (812, "backup"));
        assert_eq!(process.command_line.as_deref(), Some(&["backup".to_owned(), "--all".to_owned()][..]));
        assert_eq!(sighting.parent.as_ref().map(|parent| (parent.pid, parent.name.as_str())), Some((700, "cron")));
        assert_eq!(sighting.service.as_deref(), Some("cron.service"));
        assert_eq!(look(&mut watch, 2, &[client(5, 812)]), [], "it is there still");
        assert_eq!(look(&mut watch, 3, &[]), [Note::Left { id: 0, time: at(3) }]);
        assert_eq!(look(&mut watch, 4, &[]), []);
    }

    #[test]
    fn whoever_is_there_at_the_first_look_has_no_time_before() {
        let notes = look(&mut Watch::default(), 0, &[listener(5, 900)]);
        assert_eq!(taken(&notes).not_before, None);
    }

    #[test]
    fn two_binders_one_after_another_are_two_takings() {
        let mut watch = Watch::default();
        look(&mut watch, 0, &[listener(5, 900)]);
        let notes = look(&mut watch, 1, &[client(6, 812)]);
        assert!(matches!(&notes[..], [Note::Taken { id: 1, .. }, Note::Left { id: 0, .. }]), "{notes:?}");
    }

    #[test]
    fn connections_to_a_listener_are_no_takings_nor_are_those_that_outlive_it() {
        let mut watch = Watch::default();
        look(&mut watch, 0, &[listener(5, 900)]);
        let accepted = socket(SocketState::Established, "127.0.0.1:1433", Some("127.0.0.1:40000"), 6, 900);
        assert_eq!(look(&mut watch, 1, &[listener(5, 900), accepted.clone()]), []);
        assert_eq!(look(&mut watch, 2, std::slice::from_ref(&accepted)), [], "the same program still has the port");
        assert_eq!(look(&mut watch, 3, &[resting("127.0.0.1:40000")]), [Note::Left { id: 0, time: at(3) }]);
    }

    #[test]
    fn what_rests_on_a_port_where_nobody_listened_came_and_went_between_two_looks() {
        let mut watch = Watch::default();
        look(&mut watch, 0, &[resting("127.0.0.1:9000")]);
        assert_eq!(look(&mut watch, 1, &[resting("127.0.0.1:9000")]), [], "it was there before we were");
        let notes = look(&mut watch, 2, &[resting("127.0.0.1:9000"), resting("127.0.0.1:9001")]);
        let sighting = taken(&notes);
        assert!(sighting.was_missed() && sighting.process.is_none() && sighting.gone.is_some(), "{sighting:?}");
        assert_eq!(look(&mut watch, 3, &[resting("127.0.0.1:9001")]), []);
    }

    #[test]
    fn what_is_left_of_a_connection_that_was_seen_is_no_news() {
        let mut watch = Watch::default();
        look(&mut watch, 0, &[]);
        look(&mut watch, 1, &[client(5, 812)]);
        assert_eq!(look(&mut watch, 2, &[resting("127.0.0.1:9000")]), [Note::Left { id: 0, time: at(2) }]);
    }

    #[test]
    fn a_socket_that_is_bound_and_then_connects_is_one_taking() {
        let mut watch = Watch::default();
        look(&mut watch, 0, &[]);
        let bound = socket(SocketState::Bound, "0.0.0.0:1433", None, 5, 812);
        assert_eq!(taken(&look(&mut watch, 1, &[bound])).state, SocketState::Bound);
        assert_eq!(look(&mut watch, 2, &[client(5, 812)]), []);
    }

    #[test]
    fn several_sockets_of_one_program_are_one_taking_that_ends_with_the_last() {
        let mut watch = Watch::default();
        let v6 = socket(SocketState::Listen, "[::]:1433", None, 6, 900);
        assert_eq!(look(&mut watch, 0, &[listener(5, 900), v6.clone()]).len(), 1);
        assert_eq!(look(&mut watch, 1, &[v6]), []);
        assert_eq!(look(&mut watch, 2, &[]), [Note::Left { id: 0, time: at(2) }]);
    }

    #[test]
    fn the_same_program_again_and_again_is_noted_once_a_minute() {
        let mut watch = Watch::default();
        look(&mut watch, 0, &[]);
        let looks = (1_i32..=300).flat_map(|second| {
            let rows = if second % 2 == 0 { vec![client(u64::try_from(second).unwrap(), 812)] } else { Vec::new() };
            look(&mut watch, second.into(), &rows)
        });
        let takings = looks.filter(|note| matches!(note, Note::Taken { .. })).count();
        assert_eq!(takings, 5);
    }

    #[test]
    fn a_program_that_comes_back_within_a_minute_and_stays_is_noted_again() {
        let mut watch = Watch::default();
        assert_eq!(look(&mut watch, 1, &[listener(5, 900)]).len(), 1);
        assert_eq!(look(&mut watch, 2, &[]), [Note::Left { id: 0, time: at(2) }]);
        assert_eq!(look(&mut watch, 3, &[listener(6, 900)]), [], "it was noted a moment ago");
        let notes = look(&mut watch, 70, &[listener(6, 900)]);
        assert_eq!(taken(&notes).first_seen, at(3));
        assert_eq!(look(&mut watch, 71, &[]), [Note::Left { id: 1, time: at(71) }]);
    }

    #[test]
    fn an_endless_command_line_is_cut() {
        let mut watch = Watch::default();
        let new = watch.look(vec![client(5, 812)], at(0));
        let mut seen = Snapshot::new(at(0), host());
        seen.sockets = new;
        let long = Process { command_line: Some(vec!["x".repeat(3000); 700]), ..process(812, "backup", 1) };
        seen.processes.insert(812, long);
        let notes = watch.note(Some(&seen));
        let kept = taken(&notes).process.clone().unwrap().command_line.unwrap();
        assert_eq!((kept.len(), kept[1].as_str()), (2, "…"));
    }

    #[test]
    fn a_process_that_may_not_be_seen_is_noted_by_its_unit() {
        let mut watch = Watch::default();
        look(&mut watch, 0, &[]);
        let notes = look(&mut watch, 1, &[client(5, 0)]);
        let sighting = taken(&notes);
        assert_eq!((sighting.process.is_none(), sighting.service.as_deref()), (true, Some("cron.service")));
    }

    #[test]
    fn two_that_may_not_be_seen_are_two_takings() {
        let of = |unit: &str, number| Socket { cgroup: Some(format!("/system.slice/{unit}").into()), ..listener(number, 0) };
        let mut watch = Watch::default();
        look(&mut watch, 0, &[of("a.service", 5)]);
        let notes = look(&mut watch, 1, &[of("a.service", 5), of("b.service", 6)]);
        assert_eq!(taken(&notes).service.as_deref(), Some("b.service"));
        // One went and another one came between two looks.
        let mut watch = Watch::default();
        look(&mut watch, 0, &[of("a.service", 5)]);
        let notes = look(&mut watch, 100, &[of("b.service", 6)]);
        assert!(matches!(&notes[..], [Note::Taken { id: 1, .. }, Note::Left { id: 0, .. }]), "{notes:?}");
        // Another socket of the same unit beside the first one is no news.
        assert_eq!(look(&mut watch, 101, &[of("b.service", 6), of("b.service", 7)]), []);
    }

    #[test]
    fn the_same_port_of_the_other_protocol_is_another_port() {
        let mut watch = Watch::default();
        look(&mut watch, 0, &[listener(5, 900)]);
        let udp = Socket { protocol: Protocol::Udp, state: SocketState::Unconnected, ..listener(6, 900) };
        assert_eq!(taken(&look(&mut watch, 1, &[listener(5, 900), udp])).protocol, Protocol::Udp);
    }
}
