//! How services of a practice machine start, stop and end by themselves.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use jiff::Timestamp;

use super::bind;
use super::state::{Happening, PracticeService, PracticeSocket, State};
use crate::diagnosis::read_error_lines;
use crate::machine::{
    BindResult, FailureKind, KnownFrom, Port, Protocol, Service, ServiceKind, ServiceState, Socket, SocketState, StartFailure,
    System,
};
use crate::platform::{BindQuestion, PlatformError};
use crate::remedy::OperationState;

/// How long a service manager waits before it starts a service again.
const RESTART_SECONDS: u32 = 1;

impl State {
    pub fn service(&self, name: &str) -> Result<&PracticeService, PlatformError> {
        self.services.iter().find(|own| own.service.name == name).ok_or_else(|| PlatformError::NoSuchService(name.to_owned()))
    }

    fn service_mut(&mut self, name: &str) -> Result<&mut PracticeService, PlatformError> {
        let found = self.services.iter_mut().find(|own| own.service.name == name);
        found.ok_or_else(|| PlatformError::NoSuchService(name.to_owned()))
    }

    pub fn service_state(&self, name: &str) -> Result<OperationState, PlatformError> {
        let service = &self.service(name)?.service;
        Ok(OperationState::Service { state: service.state, main_pid: service.main_pid, dependants: Vec::new() })
    }

    /// Starts a service: it runs where it gets its ports, and fails with its own words where it does not.
    pub fn start(&mut self, name: &str) -> Result<(), PlatformError> {
        let own = self.service(name)?.clone();
        if own.service.state == ServiceState::Running {
            return Ok(());
        }
        if let Err(lines) = self.may_start(&own) {
            self.fail(name, &lines)?;
            let detail = &self.service(name)?.service.state_detail;
            let why = format!("it ended again at once: {detail}");
            return Err(PlatformError::Failed { what: format!("could not start {name}"), why });
        }
        let pid = if own.service.kind == ServiceKind::SocketUnit {
            self.service_manager_pid()
        } else {
            self.spawn(&own.program, own.service.user.clone(), Some(name))
        };
        for (protocol, local) in wanted_sockets(&own.service) {
            self.open(listener(protocol, local, pid));
        }
        let (now, running) = (self.now, usual_detail(ServiceState::Running, &own.service, self.host.system));
        let is_socket = own.service.kind == ServiceKind::SocketUnit;
        let service = &mut self.service_mut(name)?.service;
        service.state = ServiceState::Running;
        service.state_detail = running;
        service.since = Some(now);
        service.failure = None;
        service.start_limit_hit = false;
        if !is_socket {
            service.main_pid = Some(pid);
            service.pids.push(pid);
        }
        if !self.is_linux() {
            self.after_start(name, pid);
        }
        Ok(())
    }

    /// Whether the service comes up; otherwise the lines that it logs.
    fn may_start(&self, own: &PracticeService) -> Result<(), Vec<String>> {
        let told = failure_of(own, self.now).map(|failure| failure.kind);
        if told == Some(FailureKind::NotAPort) {
            return Err(own.log.clone());
        }
        if told == Some(FailureKind::Exhausted) && self.free_dynamic_ports(Protocol::Tcp).is_empty() {
            return Err(own.log.clone());
        }
        let may_low = own.service.kind == ServiceKind::SocketUnit || own.service.may_bind_low_ports != Some(false);
        for (protocol, local) in wanted_sockets(&own.service) {
            let (address, port) = (local.ip(), local.port());
            let reuse_address = self.is_linux() && protocol == Protocol::Tcp;
            let question = BindQuestion { protocol, address, port, v6only: true, reuse_address };
            if let Some(refusal) = bind::refusal(self, &question, may_low) {
                return Err(if tells(told, refusal) { own.log.clone() } else { vec![self.plain_words(local, refusal)] });
            }
        }
        Ok(())
    }

    /// What a server says that has no better words.
    fn plain_words(&self, local: SocketAddr, refusal: BindResult) -> String {
        format!("bind to {local} failed: {}", bind::in_words(refusal, self.host.system))
    }

    fn fail(&mut self, name: &str, lines: &[String]) -> Result<(), PlatformError> {
        let (now, system) = (self.now, self.host.system);
        let own = self.service_mut(name)?;
        own.service.failure = read(lines, &own.log_source, Some(now));
        own.service.state = ServiceState::Failed;
        own.service.state_detail = usual_detail(ServiceState::Failed, &own.service, system);
        own.service.since = Some(now);
        own.service.main_pid = None;
        Ok(())
    }

    /// Stops a service with every process of it. One that does not run keeps what an earlier start left behind.
    pub fn stop(&mut self, name: &str) -> Result<(), PlatformError> {
        let own = self.service(name)?.clone();
        if let Some(why) = &own.stop_refused {
            return Err(PlatformError::Refused(format!("{name} is not stopped: {why}")));
        }
        if matches!(own.service.state, ServiceState::Stopped | ServiceState::Failed) {
            return Ok(());
        }
        if own.service.kind == ServiceKind::SocketUnit {
            let opened = wanted_sockets(&own.service);
            self.sockets.retain(|socket| !opened.contains(&(socket.socket.protocol, socket.socket.local)));
        } else {
            let pids: Vec<u32> = self.pids_of(name);
            self.end(&pids);
        }
        self.coming
            .retain(|(_, happening)| !matches!(happening, Happening::Restart(other) | Happening::Crash(other) if other == name));
        let (now, stopped) = (self.now, usual_detail(ServiceState::Stopped, &own.service, self.host.system));
        let service = &mut self.service_mut(name)?.service;
        service.state = ServiceState::Stopped;
        service.state_detail = stopped;
        service.since = Some(now);
        service.main_pid = None;
        Ok(())
    }

    /// The processes that the service manager counts to the service.
    pub fn pids_of(&self, name: &str) -> Vec<u32> {
        self.processes.values().filter(|process| process.service.as_deref() == Some(name)).map(|process| process.id.pid).collect()
    }

    /// Ends a process; a service whose main process it was is started again where its manager does so.
    pub fn end_process(&mut self, pid: u32) {
        self.end(&[pid]);
        let Some(own) = self.services.iter().find(|own| own.service.main_pid == Some(pid)) else { return };
        let (name, restarts) = (own.service.name.clone(), own.restarts);
        self.end_of_service(&name, ServiceState::Stopped);
        if restarts {
            self.later(RESTART_SECONDS, Happening::Restart(name));
        }
    }

    /// The service ends by itself.
    pub fn crash(&mut self, name: &str) {
        let pids = self.pids_of(name);
        self.end(&pids);
        self.end_of_service(name, ServiceState::Failed);
    }

    /// Gives or takes the right to low ports, with PortMedic's drop-in.
    pub fn allow_low_port(&mut self, name: &str, allowed: bool) {
        if let Ok(own) = self.service_mut(name) {
            own.service.may_bind_low_ports = Some(allowed);
            own.low_port_drop_in = allowed;
        }
    }

    fn end_of_service(&mut self, name: &str, state: ServiceState) {
        let (now, system) = (self.now, self.host.system);
        let Ok(own) = self.service_mut(name) else { return };
        let service = &mut own.service;
        service.state = state;
        service.state_detail = usual_detail(state, service, system);
        service.since = Some(now);
        service.main_pid = None;
        if state == ServiceState::Failed {
            service.failure = Some(StartFailure {
                kind: FailureKind::Unknown,
                message: format!("{name} ended without saying why"),
                source: own.log_source.clone(),
                time: Some(now),
                port: None,
                protocol: None,
                address: None,
            });
        }
    }
}

/// Whether the service's own log lines are about this refusal.
const fn tells(told: Option<FailureKind>, refusal: BindResult) -> bool {
    matches!(
        (told, refusal),
        (Some(FailureKind::InUse), BindResult::InUse)
            | (Some(FailureKind::Forbidden | FailureKind::Privileged | FailureKind::InUse), BindResult::Denied)
            | (Some(FailureKind::NotLocal), BindResult::NotLocal)
    )
}

/// What the log of a service says about why it does not run.
pub fn failure_of(own: &PracticeService, time: Timestamp) -> Option<StartFailure> {
    read(&own.log, &own.log_source, Some(time))
}

/// Reads log lines as those of a real service are read.
fn read(lines: &[String], source: &str, time: Option<Timestamp>) -> Option<StartFailure> {
    let last = lines.last()?;
    let source = source.to_owned();
    Some(match read_error_lines(lines) {
        Some((best, error)) => StartFailure {
            kind: error.kind,
            message: lines[best].clone(),
            source,
            time,
            port: error.port,
            protocol: error.protocol,
            address: error.address,
        },
        None => StartFailure {
            kind: FailureKind::Unknown,
            message: last.clone(),
            source,
            time,
            port: None,
            protocol: None,
            address: None,
        },
    })
}

/// What the service manager calls a state.
pub fn usual_detail(state: ServiceState, service: &Service, system: System) -> String {
    let socket = service.kind == ServiceKind::SocketUnit;
    match (system, state) {
        (System::Linux, ServiceState::Running) if socket => "active (listening)",
        (System::Linux, ServiceState::Running) => "active (running)",
        (System::Linux, ServiceState::Starting) => "activating (start)",
        (System::Linux, ServiceState::Restarting) => "activating (auto-restart)",
        (System::Linux, ServiceState::Stopping) => "deactivating (stop-sigterm)",
        (System::Linux, ServiceState::Stopped) => "inactive (dead)",
        (System::Linux, ServiceState::Failed) => "failed (exit-code)",
        (System::Windows, ServiceState::Failed) => "stopped (with an error)",
        (System::Windows, state) => state.as_str(),
    }
    .to_owned()
}

/// What the service opens when it starts: each port once, however many sources know it. A socket that systemd hands over is there already.
fn wanted_sockets(service: &Service) -> Vec<(Protocol, SocketAddr)> {
    let mut seen: Vec<(Protocol, Port)> = Vec::new();
    let mut wanted = Vec::new();
    for known in &service.ports {
        let handed_over = known.known_from == KnownFrom::SocketUnit && service.kind != ServiceKind::SocketUnit;
        if handed_over || seen.contains(&(known.protocol, known.port)) {
            continue;
        }
        seen.push((known.protocol, known.port));
        let everywhere = [IpAddr::V4(Ipv4Addr::UNSPECIFIED), IpAddr::V6(Ipv6Addr::UNSPECIFIED)];
        let addresses = known.address.map_or_else(|| everywhere.to_vec(), |address| vec![address]);
        wanted.extend(addresses.into_iter().map(|address| (known.protocol, SocketAddr::new(address, known.port))));
    }
    wanted
}

/// A socket on which a service waits for clients. Its own address only: `[::]` leaves IPv4 to the socket beside it.
pub fn listener(protocol: Protocol, local: SocketAddr, pid: u32) -> PracticeSocket {
    let state = match protocol {
        Protocol::Tcp => SocketState::Listen,
        Protocol::Udp => SocketState::Unconnected,
    };
    let socket = Socket { v6only: local.is_ipv6().then_some(true), pids: [pid].into(), ..Socket::bare(protocol, local, state) };
    PracticeSocket { socket, reuse_address: true, exclusive: false, reconnects_after: None }
}
