//! The one destination that a user names for a connection.

use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// The system's search for a name has so long.
const PATIENCE: Duration = Duration::from_secs(10);

/// Reads `10.0.0.5:443`, `[fe80::1]:443` or `dc1.example.org:445`; a name is looked up as every program on the computer does it. The first
/// address counts.
///
/// # Errors
/// What is wrong with it, for people.
pub fn destination(text: &str, may_look_up: bool) -> Result<SocketAddr, String> {
    if let Ok(address) = text.parse::<SocketAddr>() {
        return if address.port() == 0 { Err(form(text)) } else { Ok(address) };
    }
    let (host, port) = text.rsplit_once(':').ok_or_else(|| form(text))?;
    let port: u16 = port.parse().ok().filter(|port| *port > 0).ok_or_else(|| form(text))?;
    if host.is_empty() || host.contains([':', '/', ' ', '[', ']']) {
        return Err(form(text));
    }
    if !may_look_up {
        return Err(format!("{host} is a name, and this computer is not a real one: give an address (10.0.0.5:{port})"));
    }
    let (told, hear) = mpsc::channel();
    let name = host.to_owned();
    let search = move || {
        let found = (name.as_str(), port).to_socket_addrs().map(|mut all| all.next());
        // Nobody waits any more where it took too long.
        let _late = told.send(found);
    };
    thread::Builder::new().name("name".to_owned()).spawn(search).map_err(|error| format!("{host} was not looked up: {error}"))?;
    match hear.recv_timeout(PATIENCE) {
        Ok(Ok(Some(address))) => Ok(address),
        Ok(Ok(None)) => Err(format!("{host} has no address")),
        Ok(Err(error)) => Err(format!("{host} was not found: {error}; give its address instead")),
        Err(_) => Err(format!("{host} was not found within {} seconds; give its address instead", PATIENCE.as_secs())),
    }
}

fn form(text: &str) -> String {
    format!("\"{text}\" is no destination; name host and port: 10.0.0.5:443, [fe80::1]:443 or dc1.example.org:445")
}

#[cfg(test)]
mod tests {
    use super::destination;

    #[test]
    fn addresses_are_read_and_nonsense_is_refused() {
        assert_eq!(destination("10.0.0.5:443", false).unwrap().to_string(), "10.0.0.5:443");
        assert_eq!(destination("[::1]:443", false).unwrap().to_string(), "[::1]:443");
        for wrong in ["", "10.0.0.5", "10.0.0.5:0", "dc1", ":443", "dc1:0", "dc1:70000", "fe80::1:443", "http://dc1:80", "a b:1"]
        {
            assert!(destination(wrong, true).unwrap_err().contains("is no destination"), "{wrong}");
        }
        assert!(destination("dc1:445", false).unwrap_err().contains("give an address"));
    }
}
