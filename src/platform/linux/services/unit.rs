//! A unit as systemd shows it, and the service that it is for everybody else.

use jiff::{SignedDuration, Timestamp};

use super::control_group::ControlGroups;
use super::exec::Exec;
use super::properties::Properties;
use super::rights;
use super::systemctl::Manager;
use crate::catalog::{self, Product};
use crate::machine::{ListenSpec, Protocol, Service, ServiceKind, ServiceState, visible};

/// Restarts that make a unit that runs only just now one that fails in a loop.
const MANY_RESTARTS: u32 = 3;
/// How long such a unit must run to count as running.
const STABLE: SignedDuration = SignedDuration::from_secs(15);

/// A unit.
#[derive(Debug, Clone)]
pub struct Unit {
    /// What systemd shows of it.
    pub properties: Properties,
    /// Whose it is.
    pub manager: Manager,
    /// The commands that start it, in their order.
    pub commands: Vec<Exec>,
    /// The product it belongs to.
    pub product: Option<&'static Product>,
}

impl Unit {
    /// A unit from its properties; `None` where it is not there.
    pub fn new(properties: Properties, manager: Manager) -> Option<Self> {
        if properties.get("Id").is_empty() || properties.get("LoadState") == "not-found" {
            return None;
        }
        let names = ["ExecCondition", "ExecStartPre", "ExecStart", "ExecStartPost"];
        let commands = names.iter().flat_map(|name| properties.all(name)).filter_map(Exec::parse).collect();
        let product = catalog::product_of_unit(properties.get("Id"));
        Some(Self { properties, manager, commands, product })
    }

    /// Its full name.
    pub fn id(&self) -> &str {
        self.properties.get("Id")
    }

    /// Whether it is called so, by its name or an alias.
    pub fn is_called(&self, name: &str) -> bool {
        std::iter::once(self.id()).chain(self.properties.words("Names")).any(|own| own.eq_ignore_ascii_case(name))
    }

    /// Whether both are the same unit of the same manager.
    pub fn is_same(&self, other: &Self) -> bool {
        self.manager == other.manager && self.id() == other.id()
    }

    /// For a socket unit the services that it starts, for a service the socket units that start it.
    pub fn linked(&self) -> impl Iterator<Item = &str> {
        let (property, kind) = if self.is_socket() { ("Triggers", "service") } else { ("TriggeredBy", "socket") };
        self.properties.words(property).filter(move |name| name.rsplit_once('.').is_some_and(|(_, own)| own == kind))
    }

    /// Whether it listens for another unit.
    pub fn is_socket(&self) -> bool {
        self.id().ends_with(".socket")
    }

    /// The command that starts its main process.
    pub fn start_command(&self) -> Vec<String> {
        Exec::parse(self.properties.get("ExecStart")).map(|exec| exec.words).unwrap_or_default()
    }

    /// Whether it does nothing itself: umbrella units like Debian's `postgresql.service` only pull in others.
    pub fn is_umbrella(&self) -> bool {
        self.start_command().first().is_some_and(|program| program.rsplit('/').next() == Some("true"))
    }

    /// The state in one word, as of `now`.
    pub fn state(&self, now: Timestamp) -> ServiceState {
        let restarts = self.properties.number("NRestarts").unwrap_or(0);
        let sub_state = self.properties.get("SubState");
        match self.properties.get("ActiveState") {
            _ if self.cannot_load() => ServiceState::Failed,
            "failed" => ServiceState::Failed,
            "activating" if sub_state.starts_with("auto-restart") || restarts > 0 => ServiceState::Restarting,
            "activating" => ServiceState::Starting,
            "active" | "reloading" | "refreshing" => {
                let since = self.properties.time("ActiveEnterTimestamp");
                let new = since.is_some_and(|since| now.duration_since(since).abs() < STABLE);
                if restarts >= MANY_RESTARTS && new { ServiceState::Restarting } else { ServiceState::Running }
            }
            "deactivating" => ServiceState::Stopping,
            _ => ServiceState::Stopped,
        }
    }

    /// Whether it needs help, as of `now`.
    pub fn is_failing(&self, now: Timestamp) -> bool {
        self.state(now).is_failing()
    }

    /// Whether systemd could not read its file.
    pub fn cannot_load(&self) -> bool {
        matches!(self.properties.get("LoadState"), "error" | "bad-setting")
    }

    fn state_detail(&self) -> String {
        let properties = &self.properties;
        let (active, sub, result) = (properties.get("ActiveState"), properties.get("SubState"), properties.get("Result"));
        match properties.get("LoadState") {
            "loaded" | "" if active == "failed" => format!("failed ({result})"),
            "loaded" | "" => format!("{active} ({sub})"),
            load => format!("{load}, {active} ({sub})"),
        }
    }

    /// What it listens on, for a socket unit.
    pub fn listens(&self) -> Vec<ListenSpec> {
        let ipv6_only = self.properties.get("BindIPv6Only") == "ipv6-only";
        self.properties.all("Listen").filter_map(|line| listen(line, ipv6_only)).collect()
    }

    /// The service that it is, without its failure and ports.
    pub fn service(&self, now: Timestamp, groups: &ControlGroups) -> Service {
        let properties = &self.properties;
        let id = self.id();
        let is_socket = self.is_socket();
        let cgroup = Some(properties.get("ControlGroup")).filter(|path| !path.is_empty());
        Service {
            name: id.to_owned(),
            kind: if is_socket { ServiceKind::SocketUnit } else { ServiceKind::Unit },
            user_manager: self.manager == Manager::User,
            description: Some(properties.get("Description")).filter(|text| *text != id).map(visible).unwrap_or_default(),
            product: self.product.map(|product| product.name.clone()),
            state: self.state(now),
            state_detail: self.state_detail(),
            since: properties.time("StateChangeTimestamp"),
            starts_by_itself: match properties.get("UnitFileState") {
                "enabled" | "enabled-runtime" => Some(true),
                "disabled" | "masked" | "masked-runtime" => Some(false),
                _ => None,
            },
            failure: None,
            start_limit_hit: properties.get("Result") == "start-limit-hit",
            main_pid: properties.number("MainPID").filter(|pid| *pid > 0),
            pids: cgroup.map(|path| groups.processes(path)).unwrap_or_default(),
            cgroup: cgroup.map(str::to_owned),
            user: Some(properties.get("User")).filter(|user| !matches!(*user, "" | "root" | "0")).map(str::to_owned),
            may_bind_low_ports: if is_socket { Some(self.manager == Manager::System) } else { rights::may_bind_low_ports(self) },
            command_line: self.start_command(),
            listens: self.listens(),
            linked: self.linked().map(str::to_owned).collect(),
            ports: Vec::new(),
        }
    }
}

/// `0.0.0.0:1433 (Stream)`. `None` for everything that is no port: paths, `vsock:`, netlink.
fn listen(line: &str, ipv6_only: bool) -> Option<ListenSpec> {
    let (address, kind) = line.rsplit_once(" (")?;
    let protocol = match kind.trim_end_matches(')') {
        "Stream" => Protocol::Tcp,
        "Datagram" => Protocol::Udp,
        _ => return None,
    };
    let socket: std::net::SocketAddr = address.parse().ok()?;
    // systemd writes a bare port as [::], which serves IPv4 too unless the unit says otherwise.
    let every = socket.ip().is_unspecified() && socket.is_ipv6() && !ipv6_only;
    Some(ListenSpec { protocol, address: (!every).then(|| socket.ip()), port: socket.port() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unit(text: &str) -> Unit {
        Unit::new(Properties::parse_all(text).remove(0), Manager::System).unwrap()
    }

    const NOW: &str = "2026-11-21T03:10:00Z";

    fn state(text: &str) -> ServiceState {
        unit(&format!("Id=a.service\nLoadState=loaded\n{text}")).state(NOW.parse().unwrap())
    }

    #[test]
    fn a_unit_that_comes_back_again_and_again_is_restarting() {
        assert_eq!(state("ActiveState=failed\nSubState=failed"), ServiceState::Failed);
        assert_eq!(state("ActiveState=activating\nSubState=auto-restart"), ServiceState::Restarting);
        assert_eq!(state("ActiveState=activating\nSubState=start\nNRestarts=0"), ServiceState::Starting);
        assert_eq!(state("ActiveState=activating\nSubState=start-pre\nNRestarts=2"), ServiceState::Restarting);
        let just_up = "ActiveState=active\nActiveEnterTimestamp=Sat 2026-11-21 03:09:58 UTC";
        assert_eq!(state(&format!("{just_up}\nNRestarts=40")), ServiceState::Restarting);
        assert_eq!(state(&format!("{just_up}\nNRestarts=1")), ServiceState::Running);
        let long_up = "ActiveState=active\nActiveEnterTimestamp=Sat 2026-11-21 02:09:58 UTC";
        assert_eq!(state(&format!("{long_up}\nNRestarts=40")), ServiceState::Running);
        assert_eq!(state("ActiveState=inactive"), ServiceState::Stopped);
    }

    #[test]
    fn a_unit_whose_file_is_wrong_failed() {
        let unit = unit("Id=a.service\nLoadState=bad-setting\nActiveState=inactive\nSubState=dead");
        let service = unit.service(NOW.parse().unwrap(), &ControlGroups::find());
        assert_eq!((service.state, service.state_detail.as_str()), (ServiceState::Failed, "bad-setting, inactive (dead)"));
    }

    #[test]
    fn a_unit_that_is_not_there_is_none() {
        let properties = Properties::parse_all("Id=a.service\nLoadState=not-found").remove(0);
        assert!(Unit::new(properties, Manager::System).is_none());
    }

    #[test]
    fn a_socket_unit_tells_its_ports_and_its_service() {
        let unit = unit(
            "Listen=0.0.0.0:1433 (Stream)\nListen=[::]:53 (Datagram)\nListen=/run/web.sock (Stream)\n\
             Id=web.socket\nTriggers=web.service\nLoadState=loaded",
        );
        let service = unit.service(NOW.parse().unwrap(), &ControlGroups::find());
        let ports: Vec<_> = service.listens.iter().map(|listen| (listen.port, listen.protocol, listen.address)).collect();
        assert_eq!(ports, [(1433, Protocol::Tcp, Some("0.0.0.0".parse().unwrap())), (53, Protocol::Udp, None)]);
        assert_eq!(service.linked, ["web.service"]);
        assert_eq!(service.kind, ServiceKind::SocketUnit);
    }

    #[test]
    fn an_alias_is_a_name() {
        let unit = unit("Id=mariadb.service\nNames=mysql.service mariadb.service\nLoadState=loaded");
        assert!(unit.is_called("mysql.service") && unit.is_called("MariaDB.service") && !unit.is_called("mysqld.service"));
        assert_eq!(unit.product.unwrap().name, "MariaDB");
    }
}
