//! The same for a computer with Windows: what people meet there, and what differs from Linux.

mod plans;
mod promises;
mod proofs;
mod verdicts;

use portmedic::machine::{
    BindResult, BindTest, DynamicRange, Exclusion, FailureKind, Family, Host, HttpSysUrl, KnownFrom, Port, PortproxyRule,
    Process, Protocol, Service, ServiceKind, ServicePort, ServiceState, Snapshot, Socket, Store, System,
};

use crate::machine::{With, connection, failed, ip, linux, listener, process, range, running, udp};
use crate::verdicts::failure;

pub const TCP: Protocol = Protocol::Tcp;
pub const UDP: Protocol = Protocol::Udp;

/// A Windows server that an administrator looks at: usual dynamic ranges, nothing excluded, no socket, no service.
pub fn windows() -> Snapshot {
    let host = Host {
        system: System::Windows,
        version: "Windows Server 2022".to_owned(),
        user: r"SRV1\Administrator".to_owned(),
        network_namespace: None,
        ..linux().host
    };
    let mut snapshot = Snapshot { unprivileged_port_start: None, host, ..linux() };
    snapshot.dynamic_ranges.clear();
    windows_range(windows_range(snapshot, TCP, 49152, 65535), UDP, 49152, 65535)
}

/// Replaces the dynamic range of one protocol, in both families and both stores.
pub fn windows_range(mut snapshot: Snapshot, protocol: Protocol, start: Port, end: Port) -> Snapshot {
    snapshot.dynamic_ranges.retain(|row| row.protocol != Some(protocol));
    for family in [Family::Ipv4, Family::Ipv6] {
        for store in [Store::Active, Store::Persistent] {
            snapshot.dynamic_ranges.push(DynamicRange {
                range: range(start, end),
                protocol: Some(protocol),
                family: Some(family),
                store,
                source: "netsh int show dynamicport".to_owned(),
            });
        }
    }
    snapshot
}

/// Answers of the bind test as Windows gives them; without `SO_REUSEADDR`, which means something else there.
pub fn asked(mut snapshot: Snapshot, protocol: Protocol, port: Port, result: BindResult) -> Snapshot {
    let error = match result {
        BindResult::Free => None,
        BindResult::Denied => Some("10013 (forbidden by its access permissions)"),
        _ => Some("10048 (only one usage of each socket address)"),
    };
    snapshot.bind_tests.extend(["0.0.0.0", "127.0.0.1", "::", "::1"].map(|address| BindTest {
        protocol,
        address: ip(address),
        port,
        v6only: false,
        reuse_address: false,
        result,
        error: error.map(str::to_owned),
    }));
    snapshot
}

/// Excludes a port as an administrator does, or reserves a range as WinNAT does (then it is not persistent).
pub fn excluded(mut snapshot: Snapshot, protocol: Protocol, (start, end): (Port, Port), administered: bool) -> Snapshot {
    let stores: &[Store] = if administered { &[Store::Active, Store::Persistent] } else { &[Store::Active] };
    for store in stores {
        snapshot.exclusions.push(Exclusion {
            range: range(start, end),
            protocol: Some(protocol),
            family: None,
            store: *store,
            administered,
            owner: None,
            source: "netsh int ipv4 show excludedportrange".to_owned(),
        });
    }
    snapshot
}

pub fn windows_service(service: Service, product: &str) -> Service {
    Service {
        kind: ServiceKind::WindowsService,
        cgroup: None,
        may_bind_low_ports: None,
        product: Some(product.to_owned()),
        state_detail: service.state.as_str().to_owned(),
        ..service
    }
}

/// A service that does not run because of its port.
pub fn waiting(name: &str, product: &str, (port, protocol): (Port, Protocol)) -> Service {
    let told = failure(FailureKind::InUse, "10048: Only one usage of each socket address is normally permitted.");
    let wanted =
        ServicePort { port, protocol, address: None, known_from: KnownFrom::Configuration, source: "registry".to_owned() };
    Service { ports: vec![wanted], ..windows_service(failed(name, told), product) }
}

pub fn exe(pid: u32, name: &str) -> Process {
    Process {
        exe: Some(format!(r"C:\Program Files\{name}")),
        command_line: Some(vec![format!(r"C:\Program Files\{name}")]),
        uid: None,
        user: Some(r"NT AUTHORITY\SYSTEM".to_owned()),
        network_namespace: None,
        ..process(pid, name)
    }
}

pub fn service_exe(pid: u32, name: &str, service: &str) -> Process {
    Process { service: Some(service.to_owned()), ..exe(pid, name) }
}

pub fn plain(socket: Socket) -> Socket {
    Socket { inode: None, cookie: None, uid: None, v6only: None, reuse_port: None, ..socket }
}

/// SQL Server waits for 1433, which a connection of the backup agent has, because Visual Studio's setup widened the range.
pub fn client_on_1433() -> Snapshot {
    let snapshot = windows_range(windows(), TCP, 1024, 65534)
        .with_process(service_exe(64, "backup.exe", "BackupAgent"))
        .with_service(waiting("MSSQLSERVER", "SQL Server", (1433, TCP)))
        .with_service(windows_service(running("BackupAgent", 64), "Backup Agent"))
        .with_socket(plain(connection("10.0.0.5:1433", "10.0.0.9:443", &[64])));
    asked(snapshot, TCP, 1433, BindResult::InUse)
}

/// The Network Policy Server waits for 1645/udp, which the DNS server took for its socket pool.
pub fn dns_on_1645() -> Snapshot {
    let mut snapshot = windows_range(windows(), UDP, 1025, 65534)
        .with_process(service_exe(71, "dns.exe", "DNS"))
        .with_service(Service {
            ports: [1645, 1646, 1812, 1813].map(|port| waiting("IAS", "", (port, UDP)).ports.remove(0)).to_vec(),
            ..waiting("IAS", "Network Policy Server", (1645, UDP))
        })
        .with_service(windows_service(running("DNS", 71), "DNS Server"))
        .with_socket(plain(udp("0.0.0.0:1645", &[71])));
    snapshot.windows.dns_socket_pool = Some(portmedic::machine::DnsSocketPool { size: 2500, excluded: "5353".parse().unwrap() });
    asked(snapshot, UDP, 1645, BindResult::InUse)
}

/// BlackBerry Router waits for 3101, which LSASS was given for RPC.
pub fn lsass_on_3101() -> Snapshot {
    let snapshot = windows_range(windows(), TCP, 1025, 5000)
        .with_process(exe(9, "lsass.exe"))
        .with_service(waiting("BBRouter", "BlackBerry Router", (3101, TCP)))
        .with_socket(plain(listener("0.0.0.0:3101", &[9])));
    asked(snapshot, TCP, 3101, BindResult::InUse)
}

/// A program waits for 50080, which lies in a block of WinNAT.
pub fn winnat_on_50080() -> Snapshot {
    let told = failure(FailureKind::Forbidden, "listen tcp 0.0.0.0:50080: bind: An attempt was made to access a socket (10013)");
    let app = Service { failure: Some(told), ..waiting("DemoApp", "Demo App", (50080, TCP)) };
    let snapshot = excluded(windows().with_service(app), TCP, (50000, 50099), false);
    asked(snapshot, TCP, 50080, BindResult::Denied)
}

/// Apache waits for 80, where HTTP.sys listens for a site of IIS.
pub fn http_sys_on_80() -> Snapshot {
    let mut snapshot = windows()
        .with_process(exe(4, "System"))
        .with_process(exe(88, "w3wp.exe"))
        .with_service(waiting("Apache2.4", "Apache", (80, TCP)))
        .with_service(windows_service(running("W3SVC", 87), "IIS"))
        .with_socket(plain(listener("[::]:80", &[4])));
    snapshot.windows.http_sys.push(HttpSysUrl {
        url: "http://*:80/".to_owned(),
        queue: Some("DefaultAppPool".to_owned()),
        app_pool: Some("DefaultAppPool".to_owned()),
        pids: vec![88],
    });
    asked(snapshot, TCP, 80, BindResult::Denied)
}

/// A web server waits for 8080, where a portproxy rule listens.
pub fn portproxy_on_8080() -> Snapshot {
    let svchost = Process { service: None, ..exe(95, "svchost.exe") };
    let socket = Socket { service: Some("iphlpsvc".into()), ..plain(listener("0.0.0.0:8080", &[95])) };
    let mut snapshot = windows()
        .with_process(svchost)
        .with_service(waiting("Tomcat10", "Tomcat", (8080, TCP)))
        .with_service(windows_service(running("iphlpsvc", 95), "IP Helper"))
        .with_socket(socket);
    snapshot.windows.portproxy.push(PortproxyRule {
        listen_family: Family::Ipv4,
        listen_address: "*".to_owned(),
        listen_port: 8080,
        connect_family: Family::Ipv4,
        connect_address: "172.20.0.2".to_owned(),
        connect_port: 80,
    });
    asked(snapshot, TCP, 8080, BindResult::InUse)
}

/// The same service, running with its port.
pub fn healed(before: &Snapshot, name: &str, socket: Socket) -> Snapshot {
    let mut after = before.clone();
    after.sockets = vec![socket];
    after.processes.insert(500, service_exe(500, "srv.exe", name));
    for service in after.services.iter_mut().filter(|service| service.name == name) {
        service.state = ServiceState::Running;
        service.main_pid = Some(500);
        service.pids = vec![500];
        service.failure = None;
    }
    after
}

/// Every situation above, with the port and protocol in question.
pub fn situations() -> Vec<(Snapshot, portmedic::diagnosis::Symptom)> {
    let of = |name: &str, port, protocol| portmedic::diagnosis::Symptom {
        protocol: Some(protocol),
        ..crate::verdicts::of_service(name, port)
    };
    vec![
        (client_on_1433(), of("MSSQLSERVER", 1433, TCP)),
        (dns_on_1645(), of("IAS", 1645, UDP)),
        (lsass_on_3101(), of("BBRouter", 3101, TCP)),
        (winnat_on_50080(), of("DemoApp", 50080, TCP)),
        (http_sys_on_80(), of("Apache2.4", 80, TCP)),
        (portproxy_on_8080(), of("Tomcat10", 8080, TCP)),
    ]
}
