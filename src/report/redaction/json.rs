//! The Case's own JSON form with words in the place of values, so that it still opens as a Case.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use serde_json::Value;

use super::{Kind, Redactor};

/// Fields whose texts are words of the form itself or times, and so name nobody.
const FORM: &[&str] = &[
    "cause",
    "confidence",
    "created",
    "family",
    "kind",
    "known_from",
    "of",
    "operation",
    "outcome",
    "port_known_from",
    "preview_kind",
    "protocol",
    "result",
    "risk",
    "runtime",
    "schema",
    "since",
    "started",
    "state",
    "store",
    "stores",
    "system",
    "taken_at",
    "time",
    "version",
    "active",
    "persistent",
    "range",
    "ports",
];

impl Redactor {
    /// Puts words into every text of a Case's JSON form.
    pub fn json(&mut self, value: &mut Value) {
        if let Some(host) = value.get_mut("host") {
            self.field(host, "name", Kind::Computer);
            self.field(host, "user", Kind::User);
        }
        self.value(value, "");
    }

    fn field(&mut self, object: &mut Value, field: &str, kind: Kind) {
        if let Some(Value::String(text)) = object.get_mut(field) {
            *text = self.name(kind, text);
        }
    }

    fn value(&mut self, value: &mut Value, field: &str) {
        match value {
            Value::String(text) if field == "user" => *text = self.name(Kind::User, text),
            Value::String(text) if !FORM.contains(&field) => {
                let shown = self.text(text);
                *text = self.stand_in(text).unwrap_or(shown);
            }
            Value::Array(values) => values.iter_mut().for_each(|value| self.value(value, field)),
            Value::Object(fields) => {
                for (field, value) in fields.iter_mut() {
                    if field == "asker" {
                        self.field(value, "name", Kind::User);
                    }
                    self.value(value, field);
                }
            }
            Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    /// For a text that is nothing but an address: an address that no computer has, with the number of its word. The Case's form has no
    /// room for a word there.
    fn stand_in(&self, text: &str) -> Option<String> {
        let (ip, port) = match text.parse::<SocketAddr>() {
            Ok(end) => (end.ip(), Some(end.port())),
            Err(_) => (text.parse::<IpAddr>().ok()?, None),
        };
        if number_of_stand_in(ip).is_some() {
            return Some(text.to_owned());
        }
        let hidden = &self.hidden[*self.known.get(&(Kind::Address, ip.to_canonical().to_string()))?];
        let number: u32 = hidden.word.rsplit_once('-')?.1.parse().ok()?;
        let ip = if ip.is_ipv4() { stand_in_v4(number).into() } else { stand_in_v6(number).into() };
        Some(port.map_or_else(|| IpAddr::to_string(&ip), |port| SocketAddr::new(ip, port).to_string()))
    }
}

/// Out of 240.0.0.0/4, which is given to nobody (RFC 1112).
fn stand_in_v4(number: u32) -> Ipv4Addr {
    Ipv4Addr::from(0xF000_0000 | (number & 0x00FF_FFFF))
}

/// Out of 100::/64, to which nothing is ever delivered (RFC 6666).
fn stand_in_v6(number: u32) -> Ipv6Addr {
    Ipv6Addr::from((0x0100_u128 << 112) | u128::from(number))
}

/// The number of the word for which an address stands.
pub(super) fn number_of_stand_in(ip: IpAddr) -> Option<u32> {
    match ip {
        IpAddr::V4(ip) if ip.octets()[0] == 0xF0 => Some(u32::from(ip) & 0x00FF_FFFF),
        IpAddr::V6(ip) if u128::from(ip) >> 32 == (0x0100_u128 << 80) => u32::try_from(u128::from(ip) & 0xFFFF_FFFF).ok(),
        _ => None,
    }
}
