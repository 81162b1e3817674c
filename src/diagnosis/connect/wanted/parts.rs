//! The parts of what names a place to connect to.

use std::net::IpAddr;

use super::{WantedError, address_of};
use crate::catalog::{self, Product};
use crate::machine::{Port, is_hidden};

/// The parts of what was typed.
#[derive(Debug, Default)]
pub(super) struct Parts {
    pub host: String,
    pub port: Option<Port>,
    pub instance: Option<String>,
    /// The name of a product or scheme.
    name: Option<String>,
    pub pipe: bool,
}

impl Parts {
    /// Reads the first word, which may hold everything.
    pub fn read(text: &str, asked: &str) -> Result<Self, WantedError> {
        if text.to_ascii_lowercase().starts_with("(localdb)") {
            return Err(WantedError::LocalDb(asked.to_owned()));
        }
        let mut parts = Self::default();
        let mut rest = text;
        if let Some((scheme, after)) = text.split_once("://") {
            parts.name = Some(without_prefix(scheme, "jdbc:").unwrap_or(scheme).to_owned());
            rest = after;
        } else if let Some(after) = without_prefix(rest, "tcp:").or_else(|| without_prefix(rest, "admin:")) {
            rest = after;
        } else if let Some(after) = without_prefix(rest, "np:").or_else(|| rest.starts_with(r"\\").then_some(rest)) {
            parts.pipe = true;
            // \\host\pipe\MSSQL$SALES\sql\query
            let mut path = after.trim_start_matches('\\').split('\\');
            rest = path.next().unwrap_or_default();
            let pipe = path.nth(1).unwrap_or_default();
            parts.instance = pipe
                .get(.."MSSQL$".len())
                .filter(|own| own.eq_ignore_ascii_case("MSSQL$"))
                .map(|own| pipe[own.len()..].to_owned());
        }
        if let Some((before, port)) = rest.split_once(',') {
            parts.port = Some(port_of(port)?);
            rest = before;
        }
        if let Some((before, instance)) = rest.split_once('\\') {
            parts.instance = Some(instance.trim().to_owned()).filter(|name| !name.is_empty());
            rest = before;
        }
        let (host, port) = split_port(rest.trim())?;
        parts.set_port(port, asked)?;
        parts.host = match host.trim() {
            "." | "(local)" => "localhost".to_owned(),
            "" => return Err(WantedError::NoHost(asked.to_owned())),
            host if matches!(address_of(host), Some(IpAddr::V6(own)) if own.is_unicast_link_local() && !host.contains('%')) => {
                return Err(WantedError::NoInterface(host.to_owned()));
            }
            host if is_host(host) => host.to_owned(),
            host => return Err(WantedError::NotAHost(host.to_owned())),
        };
        if parts.instance.as_deref().is_some_and(|name| !is_instance(name)) {
            return Err(WantedError::NotAHost(text.to_owned()));
        }
        Ok(parts)
    }

    /// Takes the second word: a port, or a name.
    pub fn take(&mut self, what: &str, asked: &str) -> Result<(), WantedError> {
        let number = what.strip_suffix("/tcp").unwrap_or(what);
        if number.starts_with(|c: char| c.is_ascii_digit() || "+-".contains(c))
            && !number[1..].contains(|c: char| c.is_alphabetic())
        {
            let port = port_of(number)?;
            return self.set_port(Some(port), asked);
        }
        let name = what.strip_suffix(".service").unwrap_or(what);
        if catalog::product_called(name).is_some() || port_of_scheme(name).is_some() {
            self.name = Some(name.to_owned());
        } else if is_instance(what) {
            self.instance = Some(what.to_owned());
        } else {
            return Err(WantedError::NotAPort(what.to_owned()));
        }
        Ok(())
    }

    fn set_port(&mut self, port: Option<Port>, asked: &str) -> Result<(), WantedError> {
        match (self.port, port) {
            (Some(own), Some(other)) if own != other => Err(WantedError::TwoPorts(asked.to_owned())),
            _ => {
                self.port = self.port.or(port);
                Ok(())
            }
        }
    }

    /// The port that the scheme of a URL stands for.
    pub fn port_of_scheme(&self) -> Option<Port> {
        port_of_scheme(self.name.as_deref()?)
    }

    pub fn product(&self) -> Option<&'static Product> {
        let name = self.name.as_deref()?;
        // The scheme of a URL names a protocol.
        let known = match name.to_ascii_lowercase().as_str() {
            "http" | "https" => None,
            "postgres" => Some("postgresql"),
            _ => Some(name),
        };
        known.and_then(catalog::product_called)
    }
}

fn port_of_scheme(name: &str) -> Option<Port> {
    match name.to_ascii_lowercase().as_str() {
        "http" => Some(80),
        "https" => Some(443),
        _ => None,
    }
}

fn without_prefix<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let (head, rest) = text.split_at_checked(prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then_some(rest)
}

/// Splits `host:port`, `[::1]:port`, and an IPv6 address with no port.
fn split_port(text: &str) -> Result<(&str, Option<Port>), WantedError> {
    if let Some(inside) = text.strip_prefix('[') {
        let Some((host, after)) = inside.split_once(']') else { return Err(WantedError::NotAHost(text.to_owned())) };
        return match after.strip_prefix(':') {
            Some(port) => Ok((host, Some(port_of(port)?))),
            None if after.is_empty() => Ok((host, None)),
            None => Err(WantedError::NotAHost(text.to_owned())),
        };
    }
    match text.split_once(':') {
        Some((host, port)) if !port.contains(':') => Ok((host, Some(port_of(port)?))),
        _ => Ok((text, None)),
    }
}

fn port_of(text: &str) -> Result<Port, WantedError> {
    let text = text.trim();
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let port = digits.then(|| text.parse::<Port>().ok()).flatten().filter(|port| *port > 0);
    port.ok_or_else(|| WantedError::NotAPort(text.to_owned()))
}

/// What names of computers and addresses are made of; a leading `-` is a mistyped option.
fn is_host(text: &str) -> bool {
    let fits = |c: char| c.is_alphanumeric() || "-_.:%".contains(c);
    text.len() <= 255 && !text.starts_with('-') && text.chars().all(|c| fits(c) && !is_hidden(c))
}

/// What instances of SQL Server, and services, are called.
fn is_instance(text: &str) -> bool {
    let fits = |c: char| c.is_alphanumeric() || "-_.@#$".contains(c);
    !text.is_empty() && text.len() <= 128 && !text.starts_with('-') && text.chars().all(|c| fits(c) && !is_hidden(c))
}

/// The text without what only the server and its users shall know: a URL may hold a name, a password and more behind the computer.
pub(super) fn without_secrets(text: &str) -> String {
    let Some((scheme, after)) = text.split_once("://") else { return text.to_owned() };
    let authority = after.split(['/', '?', '#', ';']).next().unwrap_or_default();
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    format!("{scheme}://{host}")
}
