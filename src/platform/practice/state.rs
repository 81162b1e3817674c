//! What a practice machine is made of at one moment. Every change goes through here, so that what hangs together stays together.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};

use jiff::{SignedDuration, Timestamp};

use super::network::NetworkForm;
use crate::machine::{
    DynamicRange, Exclusion, Gap, Host, Load, Port, PortRange, PortSet, Process, ProcessId, Protocol, Service, Sighting, Socket,
    SocketState, System, WindowsFacts,
};

/// A computer that has run for a while has used up the low numbers.
const FIRST_NEW_PID: u32 = 6000;

/// The machine at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    /// Its own clock. It stands still while nothing is done.
    pub now: Timestamp,
    pub host: Host,
    /// Every local address, the loopback ones too.
    pub addresses: Vec<IpAddr>,
    pub unprivileged_port_start: Port,
    pub dynamic_ranges: Vec<DynamicRange>,
    pub exclusions: Vec<Exclusion>,
    pub processes: BTreeMap<u32, Process>,
    pub services: Vec<PracticeService>,
    pub sockets: Vec<PracticeSocket>,
    pub gaps: Vec<PracticeGap>,
    /// What only Windows has.
    pub windows: WindowsFacts,
    /// Whether a trace of the network runs (Windows).
    pub is_traced: bool,
    /// What others answer, and what of its settings stands in between.
    pub network: NetworkForm,
    /// What a recorder has seen before the story begins. There is none that goes on.
    pub sightings: Vec<Sighting>,
    /// The ports in PortMedic's own file of exclusions (Linux).
    pub own_exclusions: PortSet,
    /// The range in PortMedic's own file (Linux).
    pub own_range: Option<PortRange>,
    /// Handles, events and counters.
    pub load: Load,
    /// What programs open while time passes.
    pub flows: Vec<Flow>,
    /// What will happen by itself, and when.
    pub coming: Vec<(Timestamp, Happening)>,
    next_pid: u32,
    next_socket: u64,
}

/// A service with what it does when it is started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PracticeService {
    /// What is seen of it.
    pub service: Service,
    /// The executable that a start runs.
    pub program: String,
    /// Whether the service manager starts it again when its process ends.
    pub restarts: bool,
    /// What it logs when it does not start.
    pub log: Vec<String>,
    pub log_source: String,
    /// Windows: the URLs that it registers with HTTP.sys when it starts.
    pub http_urls: Vec<String>,
    /// Why the service manager refuses to stop it.
    pub stop_refused: Option<String>,
    /// Whether PortMedic's drop-in gives it the right to low ports.
    pub low_port_drop_in: bool,
}

/// A socket with how it was made and what follows its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PracticeSocket {
    /// What is seen of it.
    pub socket: Socket,
    /// Linux: whether `SO_REUSEADDR` was set.
    pub reuse_address: bool,
    /// Windows: whether `SO_EXCLUSIVEADDRUSE` was set.
    pub exclusive: bool,
    /// After how many seconds the program connects again.
    pub reconnects_after: Option<u32>,
}

/// Something that cannot be seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PracticeGap {
    pub gap: Gap,
    /// Whether administrator rights show it.
    pub needs_rights: bool,
}

/// What a machine does by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Happening {
    /// The service manager starts the service again.
    Restart(String),
    /// The service ends although nobody asked it to.
    Crash(String),
    /// A program connects again.
    Reconnect(Box<PracticeSocket>),
    /// A program opens the next sockets of this flow.
    Flow(usize),
}

/// Sockets that a program opens one after another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flow {
    /// One of them; the port is the next free one.
    pub socket: PracticeSocket,
    /// How many every ten seconds.
    pub each_ten_seconds: usize,
}

/// The seconds from one step of a flow to the next.
const FLOW_STEP: u32 = 10;

impl State {
    /// A computer with nothing on it.
    pub fn new(now: Timestamp, host: Host) -> Self {
        Self {
            now,
            host,
            addresses: Vec::new(),
            unprivileged_port_start: 1024,
            dynamic_ranges: Vec::new(),
            exclusions: Vec::new(),
            processes: BTreeMap::new(),
            services: Vec::new(),
            sockets: Vec::new(),
            gaps: Vec::new(),
            windows: WindowsFacts::new(),
            network: NetworkForm::default(),
            sightings: Vec::new(),
            own_exclusions: PortSet::new(),
            own_range: None,
            is_traced: false,
            load: Load::new(),
            flows: Vec::new(),
            coming: Vec::new(),
            next_pid: FIRST_NEW_PID,
            next_socket: 1,
        }
    }

    pub fn is_linux(&self) -> bool {
        self.host.system == System::Linux
    }

    /// Lets time pass, and what was to happen meanwhile happen.
    pub fn pass(&mut self, time: SignedDuration) {
        let end = self.now.saturating_add(time).unwrap_or(Timestamp::MAX);
        loop {
            let next = self.coming.iter().enumerate().filter(|(_, (when, _))| *when <= end).min_by_key(|(_, (when, _))| *when);
            let Some((place, (when, _))) = next else { break };
            self.now = self.now.max(*when);
            let (_, happening) = self.coming.remove(place);
            self.happen(happening);
        }
        self.let_connections_rest(end.duration_since(self.now));
        self.now = end;
    }

    /// Has `happening` happen after `seconds`.
    pub fn later(&mut self, seconds: u32, happening: Happening) {
        let when = self.now.saturating_add(SignedDuration::from_secs(i64::from(seconds))).unwrap_or(Timestamp::MAX);
        self.coming.push((when, happening));
    }

    fn happen(&mut self, happening: Happening) {
        match happening {
            // Whether it comes up shows in its state; nobody waits for an answer.
            Happening::Restart(service) => drop(self.start(&service)),
            Happening::Crash(service) => self.crash(&service),
            Happening::Reconnect(socket) => self.reconnect(*socket),
            Happening::Flow(place) => self.flow(place),
        }
    }

    /// Lets this flow begin.
    pub fn begin_flow(&mut self, flow: Flow) {
        self.flows.push(flow);
        self.later(FLOW_STEP, Happening::Flow(self.flows.len() - 1));
    }

    /// Opens the next sockets of a flow, as long as its program runs.
    fn flow(&mut self, place: usize) {
        let Some(flow) = self.flows.get(place).cloned() else { return };
        if !flow.socket.socket.pids.iter().all(|pid| self.processes.contains_key(pid)) {
            return;
        }
        for port in self.free_dynamic_ports(flow.socket.socket.protocol).into_iter().take(flow.each_ten_seconds) {
            let mut own = flow.socket.clone();
            own.socket.local.set_port(port);
            self.open(own);
        }
        self.later(FLOW_STEP, Happening::Flow(place));
    }

    /// Connections that are over free their port when their time has come.
    fn let_connections_rest(&mut self, time: SignedDuration) {
        let passed = u32::try_from(time.as_millis()).unwrap_or(u32::MAX);
        self.sockets.retain_mut(|own| match own.socket.expires_ms.as_mut() {
            Some(left) => {
                *left = left.saturating_sub(passed);
                *left > 0
            }
            None => true,
        });
    }

    /// A new process of this program.
    pub fn spawn(&mut self, program: &str, user: Option<String>, service: Option<&str>) -> u32 {
        let pid = self.free_pid();
        let name = program.rsplit(['/', '\\']).next().unwrap_or(program);
        let process = Process {
            id: ProcessId { pid, started: u64::try_from(self.now.as_second()).unwrap_or_default() },
            name: name.to_owned(),
            exe: Some(program.to_owned()),
            exe_deleted: false,
            command_line: Some(vec![program.to_owned()]),
            uid: self.uid(user.as_deref()),
            user: Some(user.unwrap_or_else(|| self.administrator().to_owned())),
            started: Some(self.now),
            parent: Some(self.service_manager_pid()),
            cgroup: service.filter(|_| self.is_linux()).map(|service| format!("/system.slice/{service}")),
            service: service.map(str::to_owned),
            container: None,
            kernel_thread: false,
            network_namespace: self.host.network_namespace,
            protected: None,
        };
        self.processes.insert(pid, process);
        pid
    }

    /// The next number that nobody has had yet. Windows counts processes in fours.
    fn free_pid(&mut self) -> u32 {
        let highest = self.processes.keys().next_back().copied().unwrap_or_default();
        self.next_pid = self.next_pid.max(highest.next_multiple_of(4)) + 4;
        self.next_pid
    }

    /// The account that stands above all others.
    pub const fn administrator(&self) -> &'static str {
        match self.host.system {
            System::Linux => "root",
            System::Windows => r"NT AUTHORITY\SYSTEM",
        }
    }

    pub const fn service_manager_pid(&self) -> u32 {
        match self.host.system {
            System::Linux => 1,
            System::Windows => 4,
        }
    }

    /// The number of a user: Windows has none.
    pub fn uid(&self, user: Option<&str>) -> Option<u32> {
        self.is_linux().then(|| if user.is_none_or(|user| user == "root") { 0 } else { 1000 })
    }

    /// Adds a socket of these processes, with the identity that the kernel gives it.
    pub fn open(&mut self, mut own: PracticeSocket) {
        self.next_socket += 1;
        let owner = own.socket.pids.first().and_then(|pid| self.processes.get(pid));
        if self.is_linux() {
            own.socket.cookie = Some(self.next_socket);
            own.socket.inode = (!own.socket.pids.is_empty()).then(|| 20_000 + self.next_socket);
            own.socket.uid = owner.map_or(Some(0), |process| process.uid);
            own.socket.cgroup = owner.and_then(|process| process.cgroup.as_deref()).map(Into::into);
        }
        self.sockets.push(own);
    }

    /// Ends processes; what only they have is closed.
    pub fn end(&mut self, pids: &[u32]) {
        for pid in pids {
            self.processes.remove(pid);
        }
        let (ended, kept): (Vec<PracticeSocket>, Vec<PracticeSocket>) =
            std::mem::take(&mut self.sockets).into_iter().partition(|own| {
                let has_any = !own.socket.pids.is_empty();
                has_any && own.socket.pids.iter().all(|pid| pids.contains(pid))
            });
        drop(ended);
        self.sockets = kept;
        for own in &mut self.sockets {
            own.socket.pids = own.socket.pids.iter().copied().filter(|pid| !pids.contains(pid)).collect();
        }
        for own in &mut self.services {
            own.service.pids.retain(|pid| !pids.contains(pid));
        }
        self.forget_urls_of(pids);
    }

    /// Closes one connection; its program connects again where it does so.
    pub fn close(&mut self, protocol: Protocol, local: SocketAddr, remote: SocketAddr) {
        let is_meant = |own: &PracticeSocket| {
            own.socket.protocol == protocol && own.socket.local == local && own.socket.remote == Some(remote)
        };
        let Some(place) = self.sockets.iter().position(is_meant) else { return };
        let own = self.sockets.remove(place);
        if let Some(seconds) = own.reconnects_after {
            self.later(seconds, Happening::Reconnect(Box::new(own)));
        }
    }

    /// The program of a closed connection makes a new one, from the next port that the system gives it: the old one, where nothing keeps it.
    fn reconnect(&mut self, mut own: PracticeSocket) {
        if !own.socket.pids.iter().all(|pid| self.processes.contains_key(pid)) {
            return;
        }
        let (protocol, was) = (own.socket.protocol, own.socket.local.port());
        let free = self.free_dynamic_ports(protocol);
        let Some(port) = free.iter().copied().find(|port| *port >= was).or_else(|| free.first().copied()) else { return };
        own.socket.local.set_port(port);
        own.socket.state = if own.socket.remote.is_some() { SocketState::Established } else { own.socket.state };
        self.open(own);
    }

    /// The ports that the system may hand to a client now, in order.
    pub fn free_dynamic_ports(&self, protocol: Protocol) -> Vec<Port> {
        let Some(range) = self.dynamic_range(protocol) else { return Vec::new() };
        let excluded = self.excluded(protocol);
        let taken: std::collections::BTreeSet<Port> =
            self.sockets.iter().filter(|own| own.socket.protocol == protocol).map(|own| own.socket.local.port()).collect();
        (range.start()..=range.end()).filter(|port| !excluded.contains(*port) && !taken.contains(port)).collect()
    }
}
