//! Makes the machine that a form tells of, with what it leaves out filled in as an ordinary computer has it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use jiff::SignedDuration;

use super::form::{
    DynamicRangeForm, ExclusionForm, FlowForm, Form, HostForm, ProcessForm, ServiceForm, ServicePortForm, SocketBlockForm,
    SocketForm, StoreForm,
};
use super::ranges::{linux_list_source, windows_list_source};
use super::services::{failure_of, usual_detail};
use super::state::{Flow, PracticeGap, PracticeService, PracticeSocket, State};
use crate::catalog;
use crate::machine::{
    DynamicRange, Exclusion, Family, Gap, Host, ListenSpec, PortRange, Process, ProcessId, Protocol, Service, ServiceKind,
    ServicePort, Socket, SocketState, Store, System, why_windows_needs,
};
use crate::remedy::paths::DYNAMIC_RANGE_FILE;

/// The machine of a form whose facts fit together. `name` marks every look at it as practice.
pub fn build(form: &Form, name: &str) -> State {
    let mut state = State::new(form.host.now, host(&form.host, name));
    state.addresses = vec![IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];
    state.addresses.extend(&form.host.addresses);
    state.unprivileged_port_start = form.host.unprivileged_port_start;
    state.dynamic_ranges = form.dynamic_range.iter().flat_map(|row| dynamic_ranges(&state, row.get_ref())).collect();
    if state.dynamic_ranges.is_empty() {
        state.dynamic_ranges = dynamic_ranges(&state, &usual_range(form.host.system));
    }
    state.exclusions = form.exclusion.iter().flat_map(|row| exclusions(&state, row.get_ref())).collect();
    let first = first_process(&state);
    state.processes.insert(first.id.pid, first);
    for entry in &form.process {
        let process = process(&state, entry.get_ref());
        state.processes.insert(process.id.pid, process);
    }
    state.services = form.service.iter().map(|entry| service(&state, entry.get_ref())).collect();
    for entry in &form.socket {
        let own = socket(entry.get_ref());
        state.open(own);
    }
    for block in &form.socket_block {
        for own in sockets(block.get_ref()) {
            state.open(own);
        }
    }
    for entry in &form.flow {
        let flow = flow(entry.get_ref());
        state.begin_flow(flow);
    }
    state.load.clone_from(&form.load);
    let gap = |gap: &super::form::GapForm| PracticeGap {
        gap: Gap::new(&gap.what, &gap.because, &gap.shown_by),
        needs_rights: gap.needs_rights,
    };
    state.windows = form.windows.as_ref().map(|facts| facts.get_ref().clone()).unwrap_or_default();
    state.network = form.network.clone();
    state.sightings.clone_from(&form.sighting);
    state.gaps = form.gap.iter().map(gap).collect();
    state
}

fn host(form: &HostForm, name: &str) -> Host {
    Host {
        name: form.name.clone(),
        version: form.version.clone(),
        user: form.user.clone(),
        elevated: form.elevated,
        wsl: form.wsl,
        network_namespace: (form.system == System::Linux).then_some(4_026_531_840),
        practice: Some(name.to_owned()),
        ..Host::of(form.system)
    }
}

const fn stores(form: StoreForm) -> &'static [Store] {
    match form {
        StoreForm::Both => &[Store::Active, Store::Persistent],
        StoreForm::Active => &[Store::Active],
        StoreForm::Persistent => &[Store::Persistent],
    }
}

/// The range of a computer that nobody has changed. Linux has no file for it then.
fn usual_range(system: System) -> DynamicRangeForm {
    let (first, last, store) = match system {
        System::Linux => (32768, 60999, StoreForm::Active),
        System::Windows => (49152, 65535, StoreForm::Both),
    };
    let range = PortRange::new(first, last).unwrap_or(PortRange::single(last));
    DynamicRangeForm { range, protocol: None, family: None, store }
}

fn dynamic_ranges(state: &State, form: &DynamicRangeForm) -> Vec<DynamicRange> {
    let row = |protocol, family, store, source| DynamicRange { range: form.range, protocol, family, store, source };
    if state.is_linux() {
        let source = |store| match store {
            Store::Active => "/proc/sys/net/ipv4/ip_local_port_range".to_owned(),
            Store::Persistent => DYNAMIC_RANGE_FILE.replace("zz-portmedic", "50"),
        };
        return stores(form.store).iter().map(|store| row(None, None, *store, source(*store))).collect();
    }
    let mut rows = Vec::new();
    for store in stores(form.store) {
        for protocol in Protocol::ALL.into_iter().filter(|own| form.protocol.is_none_or(|asked| asked == *own)) {
            for family in [Family::Ipv4, Family::Ipv6].into_iter().filter(|own| form.family.is_none_or(|asked| asked == *own)) {
                let source = format!("netsh int {} show dynamicport {}", family.to_string().to_lowercase(), protocol.as_str());
                rows.push(row(Some(protocol), Some(family), *store, source));
            }
        }
    }
    rows
}

fn exclusions(state: &State, form: &ExclusionForm) -> Vec<Exclusion> {
    let row = |protocol, store, source| Exclusion {
        range: form.range,
        protocol,
        family: None,
        store,
        administered: form.administered,
        owner: form.owner.clone(),
        source,
    };
    if state.is_linux() {
        return stores(form.store).iter().map(|store| row(None, *store, linux_list_source(*store).to_owned())).collect();
    }
    let protocols = || Protocol::ALL.into_iter().filter(|own| form.protocol.is_none_or(|asked| asked == *own));
    let rows = |store: &Store| {
        let store = *store;
        protocols().map(move |protocol| (protocol, store))
    };
    stores(form.store)
        .iter()
        .flat_map(rows)
        .map(|(protocol, store)| row(Some(protocol), store, windows_list_source(protocol, store)))
        .collect()
}

/// What runs everywhere and must never be ended.
fn first_process(state: &State) -> Process {
    let (name, exe, why) = match state.host.system {
        System::Linux => ("systemd", Some("/usr/lib/systemd/systemd"), "it is the init system: the computer stops without it"),
        System::Windows => ("System", None, "it is Windows itself"),
    };
    Process {
        id: ProcessId { pid: state.service_manager_pid(), started: 1 },
        name: name.to_owned(),
        exe: exe.map(str::to_owned),
        exe_deleted: false,
        command_line: None,
        uid: state.uid(None),
        user: Some(state.administrator().to_owned()),
        started: None,
        parent: None,
        cgroup: state.is_linux().then(|| "/init.scope".to_owned()),
        service: state.is_linux().then(|| "init.scope".to_owned()),
        container: None,
        kernel_thread: false,
        network_namespace: state.host.network_namespace,
        protected: Some(why.to_owned()),
    }
}

fn process(state: &State, form: &ProcessForm) -> Process {
    let started = form.started.unwrap_or(state.now - SignedDuration::from_hours(1));
    let cgroup = || match (&form.service, &form.container) {
        (Some(service), _) => format!("/system.slice/{service}"),
        (None, Some(container)) => format!("/system.slice/docker-{}.scope", container.id),
        (None, None) => "/user.slice/user-1000.slice/session-2.scope".to_owned(),
    };
    let essential = || if state.is_linux() { None } else { why_windows_needs(&form.name) };
    Process {
        id: ProcessId { pid: form.pid, started: u64::try_from(started.as_second()).unwrap_or_default() },
        name: form.name.clone(),
        exe: form.exe.clone(),
        exe_deleted: form.exe_deleted,
        command_line: form.command.clone().or_else(|| form.exe.clone().map(|exe| vec![exe])),
        uid: state.uid(form.user.as_deref()),
        user: Some(form.user.clone().unwrap_or_else(|| state.administrator().to_owned())),
        started: Some(started),
        parent: form.parent.or_else(|| form.service.is_some().then(|| state.service_manager_pid())),
        cgroup: state.is_linux().then(|| form.cgroup.clone().unwrap_or_else(cgroup)),
        service: form.service.clone(),
        container: form.container.clone(),
        kernel_thread: form.kernel,
        network_namespace: state.host.network_namespace,
        protected: form.protected.clone().or_else(|| essential().map(str::to_owned)),
    }
}

fn service(state: &State, form: &ServiceForm) -> PracticeService {
    let linux = state.is_linux();
    let kind = match (linux, form.name.ends_with(".socket")) {
        (true, true) => ServiceKind::SocketUnit,
        (true, false) => ServiceKind::Unit,
        (false, _) => ServiceKind::WindowsService,
    };
    let known = if linux { catalog::product_of_unit(&form.name) } else { catalog::product_of_windows_service(&form.name) };
    let log_source = form
        .log_source
        .clone()
        .unwrap_or_else(|| if linux { format!("journal of {}", form.name) } else { format!("event log, System: {}", form.name) });
    let listens = form.port.iter().filter(|_| kind == ServiceKind::SocketUnit);
    let mut service = Service {
        name: form.name.clone(),
        kind,
        user_manager: false,
        description: form.description.clone(),
        product: form.product.clone().or_else(|| known.map(|product| product.name.clone())),
        state: form.state,
        state_detail: String::new(),
        since: form.failed_at,
        starts_by_itself: Some(form.starts_by_itself),
        failure: None,
        start_limit_hit: form.start_limit_hit,
        main_pid: form.main_pid,
        pids: form.main_pid.into_iter().collect(),
        cgroup: linux.then(|| format!("/system.slice/{}", form.name)),
        user: form.user.clone(),
        may_bind_low_ports: form.may_bind_low_ports.or(Some(true)).filter(|_| linux),
        command_line: vec![form.program.clone()],
        listens: listens.map(|own| ListenSpec { protocol: own.protocol, address: own.address, port: own.port }).collect(),
        linked: form.linked.clone(),
        ports: form.port.iter().map(port).collect(),
    };
    service.state_detail = form.state_detail.clone().unwrap_or_else(|| usual_detail(form.state, &service, state.host.system));
    let mut own = PracticeService {
        service,
        program: form.program.clone(),
        restarts: form.restarts,
        log: form.log.clone(),
        log_source,
        stop_refused: form.stop_refused.clone(),
        http_urls: form.http_urls.clone(),
        low_port_drop_in: false,
    };
    if form.state.is_failing() {
        let failed_at = form.failed_at.unwrap_or(state.now - SignedDuration::from_mins(14));
        own.service.since = Some(failed_at);
        own.service.failure = failure_of(&own, failed_at);
    }
    own
}

fn port(form: &ServicePortForm) -> ServicePort {
    ServicePort {
        port: form.port,
        protocol: form.protocol,
        address: form.address,
        known_from: form.known_from,
        source: form.source.clone(),
    }
}

fn socket(form: &SocketForm) -> PracticeSocket {
    PracticeSocket {
        socket: Socket {
            remote: form.remote,
            service: form.service.as_deref().map(Into::into),
            backlog: form.backlog,
            v6only: form.local.is_ipv6().then_some(form.v6only),
            expires_ms: form.expires_seconds.map(|seconds| seconds.saturating_mul(1000)),
            pids: form.pids.as_slice().into(),
            ..Socket::bare(form.protocol, form.local, form.state)
        },
        reuse_address: form.reuse_address || form.state == SocketState::Listen,
        exclusive: form.exclusive,
        reconnects_after: form.reconnects_after,
    }
}

fn sockets(form: &SocketBlockForm) -> impl Iterator<Item = PracticeSocket> {
    (form.ports.start()..=form.ports.end()).map(|port| PracticeSocket {
        socket: Socket {
            remote: form.remote,
            pids: form.pids.as_slice().into(),
            ..Socket::bare(form.protocol, SocketAddr::new(form.address, port), form.state)
        },
        reuse_address: false,
        exclusive: false,
        reconnects_after: None,
    })
}

fn flow(form: &FlowForm) -> Flow {
    let local = SocketAddr::new(form.address, 0);
    let socket = Socket { remote: form.remote, pids: [form.pid].into(), ..Socket::bare(Protocol::Tcp, local, form.state) };
    let socket = PracticeSocket { socket, reuse_address: false, exclusive: false, reconnects_after: None };
    Flow { socket, each_ten_seconds: form.each_ten_seconds }
}
