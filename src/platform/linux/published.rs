//! Ports that Docker publishes: `docker-proxy` has the port on this computer, a container is behind it.

use std::collections::BTreeSet;
use std::net::IpAddr;

use super::proc_file;
use super::processes::{container_of_process, network_namespace};
use crate::machine::Container;

/// The most processes whose addresses are compared.
const MAX_PROCESSES: usize = 256;

/// The container behind a process, where that is Docker's proxy; `pids` are the processes that may be in it.
pub fn container_behind(name: &str, command_line: &[String], pids: impl FnOnce() -> Vec<u32>) -> Option<Container> {
    let address = proxied_address(name, command_line)?;
    let found = container_with(address, &pids());
    Some(found.unwrap_or_else(|| Container { runtime: "docker".to_owned(), id: format!("with address {address}") }))
}

/// The container's address in `docker-proxy -proto tcp -host-ip 0.0.0.0 -host-port 8080 -container-ip 172.17.0.2 -container-port 80`.
fn proxied_address(name: &str, command_line: &[String]) -> Option<IpAddr> {
    if name != "docker-proxy" {
        return None;
    }
    let option = command_line.iter().position(|argument| argument == "-container-ip")?;
    command_line.get(option + 1)?.parse().ok()
}

/// The container whose network namespace has `address`.
fn container_with(address: IpAddr, pids: &[u32]) -> Option<Container> {
    let mut seen = BTreeSet::new();
    pids.iter().filter_map(|pid| Some((*pid, container_of_process(*pid)?))).take(MAX_PROCESSES).find_map(|(pid, container)| {
        // Where the namespace may not be seen, its processes cannot be told apart, and each is asked.
        let new = network_namespace(pid).is_none_or(|namespace| seen.insert(namespace));
        (new && has_address(pid, address)).then_some(container)
    })
}

fn has_address(pid: u32, address: IpAddr) -> bool {
    let read = |file: &str| proc_file::read(format!("/proc/{pid}/net/{file}")).unwrap_or_default();
    match address {
        IpAddr::V4(_) => is_local_in(&String::from_utf8_lossy(&read("fib_trie")), &address.to_string()),
        IpAddr::V6(address) => {
            let digits = format!("{:032x}", u128::from(address));
            String::from_utf8_lossy(&read("if_inet6")).lines().any(|line| line.starts_with(&digits))
        }
    }
}

/// Whether `/proc/PID/net/fib_trie` has `address` as a leaf that is the computer's own: `|-- 172.17.0.2`, then `/32 host LOCAL`.
fn is_local_in(routes: &str, address: &str) -> bool {
    let mut here = false;
    for line in routes.lines().map(str::trim) {
        if let Some(leaf) = line.strip_prefix("|-- ") {
            here = leaf == address;
        } else if here && line == "/32 host LOCAL" {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::{container_behind, is_local_in};

    fn arguments(text: &str) -> Vec<String> {
        text.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn the_proxy_tells_the_address_of_its_container() {
        let command_line = arguments(
            "/usr/bin/docker-proxy -proto tcp -host-ip 0.0.0.0 -host-port 8080 -container-ip 172.17.0.2 -container-port 80",
        );
        let container = container_behind("docker-proxy", &command_line, Vec::new).unwrap();
        assert_eq!((container.runtime.as_str(), container.id.as_str()), ("docker", "with address 172.17.0.2"));
    }

    #[test]
    fn other_programs_with_such_arguments_are_no_proxy() {
        assert_eq!(container_behind("python3", &arguments("x -container-ip 172.17.0.2"), Vec::new), None);
        assert_eq!(container_behind("docker-proxy", &arguments("docker-proxy -container-ip"), Vec::new), None);
    }

    #[test]
    fn an_address_is_the_containers_own_only_as_a_local_leaf() {
        let routes = "Local:\n  +-- 0.0.0.0/0 3 0 5\n     |-- 172.17.0.0\n        /16 link UNICAST\n     |-- 172.17.0.2\n        /32 host LOCAL\n\
                      \x20    |-- 172.17.0.20\n        /32 link BROADCAST\n";
        assert!(is_local_in(routes, "172.17.0.2"));
        for other in ["172.17.0.0", "172.17.0.20", "172.17.0"] {
            assert!(!is_local_in(routes, other), "{other}");
        }
    }
}
