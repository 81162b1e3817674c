//! The ports that a service wants, and where each is known from.

use super::environment;
use super::unit::Unit;
use crate::machine::{KnownFrom, ListenSpec, Protocol, ServicePort, StartFailure};
use crate::platform::services::config::{Files, Place, Setting, settings_of};
use crate::platform::services::ports::{self, Told};

/// The ports of a unit, the best known first. `sockets` are the socket units that start it, by name, with what they listen on.
pub fn of(unit: &Unit, failure: Option<&StartFailure>, sockets: &[(&str, &[ListenSpec])], files: &dyn Files) -> Vec<ServicePort> {
    if unit.is_umbrella() {
        return Vec::new();
    }
    let system = from_sockets(sockets).collect();
    if unit.is_socket() {
        return ports::of(Told { failure, system, ..Told::default() });
    }
    let variables = environment::variables(unit, files);
    let command = environment::expand(&unit.start_command(), &variables);
    let settings = settings(unit, &command, files);
    let own = variables.get("PORT").and_then(|port| port.parse().ok()).filter(|port| *port > 0).map(|port| ServicePort {
        port,
        protocol: Protocol::Tcp,
        address: None,
        known_from: KnownFrom::Configuration,
        source: format!("the variable PORT of {}", unit.id()),
    });
    let own = own.into_iter().collect();
    ports::of(Told { product: unit.product, failure, system, settings, own, command: &command })
}

fn from_sockets(sockets: &[(&str, &[ListenSpec])]) -> impl Iterator<Item = ServicePort> {
    sockets.iter().flat_map(|(name, listens)| {
        listens.iter().map(move |listen| ServicePort {
            port: listen.port,
            protocol: listen.protocol,
            address: listen.address,
            known_from: KnownFrom::SocketUnit,
            source: format!("Listen= of {name}"),
        })
    })
}

/// What the configuration of its product says; `None` where there is none to read.
fn settings(unit: &Unit, command: &[String], files: &dyn Files) -> Option<Vec<Setting>> {
    let name = unit.id().rsplit_once('.').map_or(unit.id(), |(name, _)| name);
    let instance = name.split_once('@').map(|(_, instance)| instance);
    let folder = unit.properties.get("WorkingDirectory").trim_start_matches(['!', '-']);
    let product = unit.product?;
    settings_of(&Place { product, config: &product.config, command, instance, folder }, files)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::FailureKind;
    use crate::platform::linux::services::properties::Properties;
    use crate::platform::linux::services::systemctl::Manager;
    use crate::platform::services::config::testing::Folder;

    fn unit(text: &str) -> Unit {
        Unit::new(Properties::parse_all(&format!("LoadState=loaded\n{text}")).remove(0), Manager::System).unwrap()
    }

    fn shown(ports: &[ServicePort]) -> Vec<String> {
        let show = |port: &ServicePort| {
            let address = port.address.map_or_else(|| "*".to_owned(), |address| address.to_string());
            format!("{}/{} {address} {:?} [{}]", port.port, port.protocol.as_str(), port.known_from, port.source)
        };
        ports.iter().map(show).collect()
    }

    fn in_use(port: u16, protocol: Option<Protocol>) -> StartFailure {
        StartFailure {
            kind: FailureKind::InUse,
            message: "line".to_owned(),
            source: "journalctl".to_owned(),
            time: None,
            port: Some(port),
            protocol,
            address: None,
        }
    }

    const NGINX: &str =
        "Id=nginx.service\nExecStart={ path=/usr/sbin/nginx ; argv[]=/usr/sbin/nginx ; ignore_errors=no ; status=0/0 }";

    #[test]
    fn the_most_trusted_place_comes_first_and_doubles_go() {
        let files = Folder::new(&[("/etc/nginx/nginx.conf", "http { server {\nlisten 8080;\nlisten 10.0.0.1:81; } }")]);
        let failure = in_use(81, Some(Protocol::Tcp));
        let ports = of(&unit(NGINX), Some(&failure), &[], &files);
        assert_eq!(shown(&ports), ["81/tcp 10.0.0.1 Log [line]", "8080/tcp * Configuration [/etc/nginx/nginx.conf:2]"]);
    }

    #[test]
    fn a_log_line_without_protocol_takes_it_from_the_configuration() {
        let files = Folder::new(&[("/etc/nginx/nginx.conf", "stream { server { listen 53 udp; } }")]);
        let ports = of(&unit(NGINX), Some(&in_use(53, None)), &[], &files);
        assert_eq!(shown(&ports), ["53/udp * Log [line]"]);
    }

    #[test]
    fn a_log_line_without_protocol_means_both_where_the_service_wants_both() {
        let ports = of(&unit("Id=dnsmasq.service"), Some(&in_use(53, None)), &[], &Folder::default());
        assert_eq!(shown(&ports), ["53/tcp * Log [line]", "53/udp * Log [line]"]);
    }

    #[test]
    fn a_socket_unit_has_its_own_ports_only() {
        let files = Folder::new(&[("/etc/cups/cupsd.conf", "Listen localhost:631\n")]);
        assert!(of(&unit("Id=cups.socket"), None, &[], &files).is_empty());
        assert_eq!(of(&unit("Id=cups.service"), None, &[], &files).len(), 1);
    }

    #[test]
    fn a_socket_unit_counts_more_than_the_configuration() {
        let files = Folder::new(&[("/etc/ssh/sshd_config", "Port 22\n")]);
        let listens = vec![ListenSpec { protocol: Protocol::Tcp, address: None, port: 2222 }];
        let ports = of(&unit("Id=ssh.service"), None, &[("ssh.socket", &listens)], &files);
        assert_eq!(
            shown(&ports),
            ["2222/tcp * SocketUnit [Listen= of ssh.socket]", "22/tcp * Configuration [/etc/ssh/sshd_config:1]"]
        );
    }

    #[test]
    fn the_catalogue_helps_where_nothing_else_does() {
        let none = Folder::default();
        let redis = of(&unit("Id=redis-server.service"), None, &[], &none);
        assert_eq!((redis[0].port, redis[0].known_from), (6379, KnownFrom::Catalogue));
        let silent = Folder::new(&[("/etc/ssh/sshd_config", "")]);
        let ssh = of(&unit("Id=ssh.service"), None, &[], &silent);
        assert_eq!(shown(&ssh), ["22/tcp * Catalogue [usual for OpenSSH server; /etc/ssh/sshd_config names no other]"]);
    }

    #[test]
    fn an_argument_counts_more_than_the_catalogue_and_a_guess_less() {
        let exec = |arguments: &str| format!("ExecStart={{ path=/x ; argv[]=/x {arguments} ; ignore_errors=no ; status=0/0 }}");
        let none = Folder::default();
        let own = of(&unit(&format!("Id=prometheus.service\n{}", exec("--web.listen-address=:9091"))), None, &[], &none);
        assert_eq!(shown(&own), ["9091/tcp * CommandLine [--web.listen-address=:9091]"]);
        let guess = of(&unit(&format!("Id=prometheus.service\n{}", exec("7000"))), None, &[], &none);
        assert_eq!(guess.iter().map(|port| port.port).collect::<Vec<_>>(), [9090, 7000]);
    }

    #[test]
    fn a_small_number_is_a_port_only_where_a_port_was_denied() {
        let unit = unit("Id=low.service\nExecStart={ path=/x ; argv[]=/x 81 ; ignore_errors=no ; status=0/0 }");
        let failure = |kind| StartFailure { kind, port: None, ..in_use(1, None) };
        let count = |failure: Option<&StartFailure>| of(&unit, failure, &[], &Folder::default()).len();
        assert_eq!(count(Some(&failure(FailureKind::Forbidden))), 1);
        assert_eq!((count(None), count(Some(&failure(FailureKind::NotAPort)))), (0, 0));
    }

    #[test]
    fn a_variable_may_name_the_port() {
        let ports = of(&unit("Id=app.service\nEnvironment=NODE_ENV=production PORT=3000"), None, &[], &Folder::default());
        assert_eq!(shown(&ports), ["3000/tcp * Configuration [the variable PORT of app.service]"]);
    }

    #[test]
    fn an_umbrella_has_no_port() {
        let text = "Id=postgresql.service\nExecStart={ path=/bin/true ; argv[]=/bin/true ; ignore_errors=no ; status=0/0 }";
        assert!(of(&unit(text), None, &[], &Folder::default()).is_empty());
    }
}
