//! Builds the facts of a computer for tests, with what does not matter filled in.

use std::net::{IpAddr, SocketAddr};

use portmedic::machine::{
    BindResult, BindTest, DynamicRange, Exclusion, Host, ListenSpec, Port, PortRange, Process, ProcessId, Protocol, Service,
    ServiceKind, ServicePort, ServiceState, Snapshot, Socket, SocketState, StartFailure, Store, System,
};

/// A Linux computer that an administrator looks at: usual dynamic range, nothing excluded, no socket, no service.
pub fn linux() -> Snapshot {
    let host = Host {
        name: "srv1".to_owned(),
        version: "Debian GNU/Linux 12 (bookworm)".to_owned(),
        user: "root".to_owned(),
        elevated: true,
        network_namespace: Some(4_026_531_840),
        ..Host::of(System::Linux)
    };
    let mut snapshot = Snapshot::new("2026-11-20T03:12:40Z".parse().unwrap(), host);
    snapshot.unprivileged_port_start = Some(1024);
    snapshot.addresses = ["127.0.0.1", "::1", "10.0.0.5"].map(ip).to_vec();
    snapshot.with_dynamic_range(32768, 60999)
}

pub fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

pub fn end(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

pub fn range(start: Port, end: Port) -> PortRange {
    PortRange::new(start, end).unwrap()
}

/// A TCP socket in `state`, with an inode, of these processes.
pub fn tcp(local: &str, state: SocketState, pids: &[u32]) -> Socket {
    let local = end(local);
    Socket {
        v6only: local.is_ipv6().then_some(false),
        reuse_port: Some(false),
        inode: Some(7_000 + u64::from(local.port())),
        cookie: Some(42),
        uid: Some(0),
        pids: pids.into(),
        ..Socket::bare(Protocol::Tcp, local, state)
    }
}

pub fn listener(local: &str, pids: &[u32]) -> Socket {
    tcp(local, SocketState::Listen, pids)
}

pub fn connection(local: &str, remote: &str, pids: &[u32]) -> Socket {
    Socket { remote: Some(end(remote)), ..tcp(local, SocketState::Established, pids) }
}

/// A connection that is over: no process, no inode.
pub fn resting(local: &str, remote: &str, expires_ms: u32) -> Socket {
    Socket { remote: Some(end(remote)), inode: None, expires_ms: Some(expires_ms), ..tcp(local, SocketState::TimeWait, &[]) }
}

pub fn udp(local: &str, pids: &[u32]) -> Socket {
    Socket { protocol: Protocol::Udp, ..tcp(local, SocketState::Unconnected, pids) }
}

pub fn process(pid: u32, name: &str) -> Process {
    Process {
        id: ProcessId { pid, started: u64::from(pid) * 100 },
        name: name.to_owned(),
        exe: Some(format!("/usr/sbin/{name}")),
        exe_deleted: false,
        command_line: Some(vec![format!("/usr/sbin/{name}")]),
        uid: Some(0),
        user: Some("root".to_owned()),
        started: Some("2026-11-20T02:41:07Z".parse().unwrap()),
        parent: Some(1),
        cgroup: None,
        service: None,
        container: None,
        kernel_thread: false,
        network_namespace: Some(4_026_531_840),
        protected: None,
    }
}

/// A process of a systemd unit.
pub fn unit_process(pid: u32, name: &str, unit: &str) -> Process {
    Process { service: Some(unit.to_owned()), cgroup: Some(format!("/system.slice/{unit}")), ..process(pid, name) }
}

/// PID 1.
pub fn systemd() -> Process {
    Process {
        parent: None,
        cgroup: Some("/init.scope".to_owned()),
        service: Some("init.scope".to_owned()),
        protected: Some("it is the init system: the computer stops without it".to_owned()),
        ..process(1, "systemd")
    }
}

/// A unit that is stopped and wants no port.
pub fn unit(name: &str) -> Service {
    Service {
        name: name.to_owned(),
        kind: if name.ends_with(".socket") { ServiceKind::SocketUnit } else { ServiceKind::Unit },
        user_manager: false,
        description: String::new(),
        product: None,
        state: ServiceState::Stopped,
        state_detail: "inactive (dead)".to_owned(),
        since: None,
        starts_by_itself: Some(true),
        failure: None,
        start_limit_hit: false,
        main_pid: None,
        pids: Vec::new(),
        cgroup: Some(format!("/system.slice/{name}")),
        user: None,
        may_bind_low_ports: Some(true),
        command_line: Vec::new(),
        listens: Vec::new(),
        linked: Vec::new(),
        ports: Vec::new(),
    }
}

/// A unit that failed and said this.
pub fn failed(name: &str, failure: StartFailure) -> Service {
    Service { state: ServiceState::Failed, state_detail: "failed (exit-code)".to_owned(), failure: Some(failure), ..unit(name) }
}

/// A unit that runs with this main process.
pub fn running(name: &str, pid: u32) -> Service {
    Service {
        state: ServiceState::Running,
        state_detail: "active (running)".to_owned(),
        main_pid: Some(pid),
        pids: vec![pid],
        ..unit(name)
    }
}

pub fn service_port(port: Port, protocol: Protocol) -> ServicePort {
    ServicePort {
        port,
        protocol,
        address: None,
        known_from: portmedic::machine::KnownFrom::Configuration,
        source: "/etc/demo/demo.conf:12".to_owned(),
    }
}

pub fn listen(protocol: Protocol, port: Port) -> ListenSpec {
    ListenSpec { protocol, address: None, port }
}

/// Adds facts one by one.
pub trait With: Sized {
    fn with_socket(self, socket: Socket) -> Self;
    fn with_process(self, process: Process) -> Self;
    fn with_service(self, service: Service) -> Self;
    /// Replaces the dynamic range in force.
    fn with_dynamic_range(self, start: Port, end: Port) -> Self;
    /// Excludes a port in both stores.
    fn with_exclusion(self, port: Port) -> Self;
    /// What the system answered for one address, without and with `SO_REUSEADDR`.
    fn with_bind_test(self, protocol: Protocol, address: &str, port: Port, result: BindResult) -> Self;
    /// What the system answered for every usual address.
    fn with_bind_tests(self, protocol: Protocol, port: Port, result: BindResult) -> Self;
}

impl With for Snapshot {
    fn with_socket(mut self, socket: Socket) -> Self {
        self.sockets.push(socket);
        self
    }

    fn with_process(mut self, process: Process) -> Self {
        self.processes.insert(process.id.pid, process);
        self
    }

    fn with_service(mut self, service: Service) -> Self {
        self.services.push(service);
        self
    }

    fn with_dynamic_range(mut self, start: Port, end: Port) -> Self {
        self.dynamic_ranges = vec![DynamicRange {
            range: range(start, end),
            protocol: None,
            family: None,
            store: Store::Active,
            source: "/proc/sys/net/ipv4/ip_local_port_range".to_owned(),
        }];
        self
    }

    fn with_exclusion(mut self, port: Port) -> Self {
        for (store, source) in
            [(Store::Active, "/proc/sys/net/ipv4/ip_local_reserved_ports"), (Store::Persistent, "/etc/sysctl.d/50-ports.conf")]
        {
            self.exclusions.push(Exclusion {
                range: PortRange::single(port),
                protocol: None,
                family: None,
                store,
                administered: true,
                owner: None,
                source: source.to_owned(),
            });
        }
        self
    }

    fn with_bind_test(mut self, protocol: Protocol, address: &str, port: Port, result: BindResult) -> Self {
        let error = match result {
            BindResult::Free => None,
            BindResult::InUse => Some("98 (Address already in use)"),
            BindResult::Denied => Some("13 (Permission denied)"),
            BindResult::NotLocal => Some("99 (Cannot assign requested address)"),
            BindResult::Exhausted => Some("105 (No buffer space available)"),
            BindResult::Unsupported => Some("97 (Address family not supported by protocol)"),
            BindResult::Other => Some("1 (Operation not permitted)"),
        };
        for reuse_address in [false, true] {
            self.bind_tests.push(BindTest {
                protocol,
                address: ip(address),
                port,
                v6only: false,
                reuse_address,
                result,
                error: error.map(str::to_owned),
            });
        }
        self
    }

    fn with_bind_tests(self, protocol: Protocol, port: Port, result: BindResult) -> Self {
        ["0.0.0.0", "127.0.0.1", "::", "::1"]
            .into_iter()
            .fold(self, |snapshot, address| snapshot.with_bind_test(protocol, address, port, result))
    }
}
