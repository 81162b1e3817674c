//! Ports among the arguments of a command line.

use std::net::IpAddr;

use super::config::endpoints;
use crate::machine::{Port, Protocol};

/// A port that an argument tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Argument {
    /// The port.
    pub port: Port,
    /// The address; `None` for every address, or where it is not told.
    pub address: Option<IpAddr>,
    /// The protocol, where it is told.
    pub protocol: Option<Protocol>,
    /// The argument, with its value where that is the next word.
    pub text: String,
    /// Whether it is only a number, whose meaning is guessed.
    pub guessed: bool,
}

/// Options that take the port of another computer or program: what is in the name tells it.
const ELSEWHERE: [&str; 22] = [
    "remote",
    "upstream",
    "backend",
    "peer",
    "join",
    "target",
    "connect",
    "database",
    "db",
    "redis",
    "sql",
    "proxy",
    "master",
    "server-addr",
    "advertise",
    "public",
    "external",
    "broker",
    "dest",
    "forward",
    "report",
    "smtp",
];

/// Short options that take an endpoint to listen on: gunicorn's `-b`, Docker's `-H`, memcached's `-l`.
const SHORT: [&str; 4] = ["-b", "-H", "-l", "-a"];

/// The ports of a command line, clear ones first, a bare number last.
pub fn ports(command: &[String]) -> Vec<Argument> {
    let arguments: Vec<&str> = command.iter().skip(1).map(|word| word.trim_matches(['"', '\'', ';'])).collect();
    let udp = arguments.windows(2).any(|pair| pair[0].trim_start_matches('-') == "proto" && pair[1].starts_with("udp"));
    let mut found = Vec::new();
    let mut skip = false;
    for (index, argument) in arguments.iter().enumerate() {
        if std::mem::take(&mut skip) {
            continue;
        }
        let next = arguments.get(index + 1).copied().filter(|next| !next.starts_with('-'));
        let (option, value, joined) = match argument.split_once('=').filter(|_| argument.starts_with('-')) {
            Some((option, value)) => (option, Some(value), true),
            None => (*argument, next, false),
        };
        let told = if argument.starts_with('-') {
            attached(argument).or_else(|| value.map(|value| option_ports(option, value)).unwrap_or_default())
        } else {
            plain(argument)
        };
        let Some((ports, uses_value)) = told else { continue };
        let text = if uses_value && !joined { format!("{option} {}", value.unwrap_or_default()) } else { (*argument).to_owned() };
        skip = uses_value && !joined;
        let protocol = protocol(option, value.unwrap_or_default(), argument).or_else(|| udp.then_some(Protocol::Udp));
        found.extend(ports.into_iter().map(|(port, address)| Argument {
            port,
            address,
            protocol,
            text: text.clone(),
            guessed: false,
        }));
    }
    found.extend(last_number(&arguments, &found));
    found
}

/// Ports, and whether they came from the value of an option.
type Told = Option<(Vec<(Port, Option<IpAddr>)>, bool)>;

/// `-p8080`.
fn attached(argument: &str) -> Told {
    let digits = argument.strip_prefix("-p").or_else(|| argument.strip_prefix("-P")).filter(|digits| is_number(digits))?;
    some(endpoints(digits), false)
}

/// An option and its value.
fn option_ports(option: &str, value: &str) -> Told {
    let name = option.trim_start_matches('-').to_ascii_lowercase();
    if ELSEWHERE.iter().any(|word| name.contains(word)) {
        return None;
    }
    // -Dserver.port=8080 sets a property in Java.
    let takes_port = name.ends_with("port") || name.ends_with("ports") || option == "-p" || option == "-P";
    let takes_endpoint =
        ["listen", "bind", "addr", "address", "urls", "host"].iter().any(|word| name.contains(word)) || SHORT.contains(&option);
    let values = value.split(',');
    if takes_port {
        some(values.filter(|value| is_number(value) || is_endpoint(value)).flat_map(endpoints).collect(), true)
    } else if takes_endpoint {
        some(values.filter(|value| is_endpoint(value)).flat_map(endpoints).collect(), true)
    } else {
        None
    }
}

/// An argument that is no option: `0.0.0.0:8000`, `[::]:80`, `:8080`, `tcp://0.0.0.0:80`, socat's `TCP-LISTEN:8080,fork`.
fn plain(argument: &str) -> Told {
    if let Some((kind, rest)) = argument.split_once(':')
        && (kind.to_ascii_uppercase().ends_with("-LISTEN") || kind.to_ascii_uppercase().ends_with("-RECVFROM"))
    {
        return some(endpoints(rest.split(',').next().unwrap_or_default()), false);
    }
    let (_, bare) = argument.split_once("://").unwrap_or(("", argument));
    let host = bare.rsplit_once(':').map(|(host, _)| host)?;
    let local = host.is_empty()
        || host == "*"
        || host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok_and(|address| address.is_unspecified() || address.is_loopback());
    if local { some(endpoints(argument), false) } else { None }
}

/// The last argument where it is nothing but a number: `python3 -m http.server 8000`.
fn last_number(arguments: &[&str], found: &[Argument]) -> Option<Argument> {
    let (last, before) = arguments.split_last().filter(|(last, _)| is_number(last))?;
    if before.last().is_some_and(|option| option.starts_with('-')) {
        return None;
    }
    let port: Port = last.parse().ok().filter(|port| *port > 0)?;
    let told = found.iter().any(|argument| argument.port == port);
    (!told).then(|| Argument { port, address: None, protocol: None, text: (*last).to_owned(), guessed: true })
}

fn protocol(option: &str, value: &str, argument: &str) -> Option<Protocol> {
    let says = |word: &str| [option, value, argument].iter().any(|text| text.to_ascii_lowercase().contains(word));
    match (says("tcp"), says("udp")) {
        (true, false) => Some(Protocol::Tcp),
        (false, true) => Some(Protocol::Udp),
        _ => None,
    }
}

fn some(ports: Vec<(Port, Option<IpAddr>)>, uses_value: bool) -> Told {
    (!ports.is_empty()).then_some((ports, uses_value))
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.len() <= 5 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether it has a host part, even an empty one. A name of another computer is none to listen on, but `localhost` is.
fn is_endpoint(text: &str) -> bool {
    text.contains(':')
}

#[cfg(test)]
mod tests {
    use super::ports;

    fn found(command: &str) -> Vec<String> {
        let words: Vec<String> = command.split(' ').map(str::to_owned).collect();
        let show = |argument: super::Argument| {
            let address = argument.address.map_or_else(|| "*".to_owned(), |address| address.to_string());
            let protocol = argument.protocol.map_or("-", super::Protocol::as_str);
            format!("{address} {} {protocol} [{}]{}", argument.port, argument.text, if argument.guessed { " ?" } else { "" })
        };
        ports(&words).into_iter().map(show).collect()
    }

    #[test]
    fn reads_clear_forms() {
        for (command, expected) in [
            ("app --port=8080", "* 8080 - [--port=8080]"),
            ("app --port 8080", "* 8080 - [--port 8080]"),
            ("app -p 8080", "* 8080 - [-p 8080]"),
            ("app -p8080", "* 8080 - [-p8080]"),
            ("java -Dserver.port=8081 -jar app.jar", "* 8081 - [-Dserver.port=8081]"),
            ("java -jar app.jar --server.port=8081", "* 8081 - [--server.port=8081]"),
            ("prometheus --web.listen-address=:9091", "* 9091 - [--web.listen-address=:9091]"),
            ("app --listen [::1]:80", "::1 80 - [--listen [::1]:80]"),
            ("gunicorn -b 127.0.0.1:8000 app:app", "127.0.0.1 8000 - [-b 127.0.0.1:8000]"),
            ("dockerd -H tcp://0.0.0.0:2375", "0.0.0.0 2375 tcp [-H tcp://0.0.0.0:2375]"),
            ("python3 manage.py runserver 0.0.0.0:8000", "0.0.0.0 8000 - [0.0.0.0:8000]"),
            ("socat UDP-LISTEN:5353,fork UDP:10.0.0.1:53", "* 5353 udp [UDP-LISTEN:5353,fork]"),
            ("openvpn --port 1195 --proto udp", "* 1195 udp [--port 1195]"),
            ("/bin/sh -c \"exec app --port 8080\"", "* 8080 - [--port 8080]"),
        ] {
            assert_eq!(found(command), [expected], "{command}");
        }
    }

    #[test]
    fn a_bare_number_at_the_end_is_a_guess() {
        assert_eq!(found("python3 /opt/lab/srv.py 1433"), ["* 1433 - [1433] ?"]);
        assert_eq!(found("app --port 80 1433"), ["* 80 - [--port 80]", "* 1433 - [1433] ?"]);
        assert_eq!(found("sleep 100"), ["* 100 - [100] ?"]);
        assert!(found("sleep 100000").is_empty() && found("app --timeout 3000").is_empty());
    }

    #[test]
    fn other_numbers_and_other_computers_are_no_ports() {
        for command in [
            "app --db-port 5432",
            "app --redis-addr=127.0.0.1:6379",
            "app --upstream-port=80",
            "app --workers 4 --timeout 30",
            "app -p /run/app.pid",
            "app --host 0.0.0.0",
            "app db.example.org:5432",
            "app --join 10.0.0.9:7000",
            "sshd -D",
            "app C:80:x",
            "8080",
        ] {
            assert!(found(command).is_empty(), "{command}: {:?}", found(command));
        }
    }
}
