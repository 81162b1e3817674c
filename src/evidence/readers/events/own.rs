//! Events that programs write about their own ports: the text says what a log would say.

use super::known::Told;
use super::log;
use crate::catalog;
use crate::diagnosis::{ErrorText, read_error_text};
use crate::evidence::logs::protocol_of_port;
use crate::evidence::windows_event::Event;
use crate::machine::{FailureKind, Protocol};

/// SQL Server's events that tell of a port; the later ones only say that it gives up.
const SQL_SERVER: [u32; 5] = [26023, 26024, 17182, 17826, 17120];

/// What a program tells of its own port.
pub fn read(event: &Event) -> Option<Told> {
    let provider = event.provider.to_uppercase();
    let is_sql = provider.starts_with("MSSQL");
    let text = event.message.clone().unwrap_or_else(|| event.data.join("\n"));
    let text = if is_sql { format!("Error: {}, Severity: 16, State: 1.\n{text}", event.id) } else { text };
    let error = read_error_text(&text);
    if is_sql {
        return SQL_SERVER.contains(&event.id).then(|| Told {
            product: Some("sqlserver".to_owned()),
            port: error.as_ref().and_then(|error| error.port),
            protocol: Some(Protocol::Tcp),
            code: event.id.to_string(),
            cause: error.map_or(FailureKind::Unknown, |error| error.kind),
        });
    }
    let error = error.filter(is_about_a_port)?;
    let product = product(&event.provider, &error);
    Some(Told {
        protocol: error.protocol.or_else(|| protocol_of_port(error.port, product.as_deref())),
        product,
        port: error.port,
        code: code_in(&text).unwrap_or_else(|| event.id.to_string()),
        cause: error.kind,
    })
}

/// Events of any program are read, so that only those count that leave no doubt.
fn is_about_a_port(error: &ErrorText) -> bool {
    match error.kind {
        FailureKind::InUse | FailureKind::Exhausted => true,
        FailureKind::Forbidden | FailureKind::Privileged | FailureKind::Refused => error.port.is_some(),
        _ => false,
    }
}

/// The product of the provider: `MSExchangeTransport`, `Microsoft-Windows-TerminalServices-RemoteConnectionManager`.
fn product(provider: &str, error: &ErrorText) -> Option<String> {
    if provider.contains("TerminalServices") {
        return Some("rdp".to_owned());
    }
    let told = || catalog::product_called(error.product.as_deref()?).map(|product| product.id.clone());
    log::product(provider).or_else(told)
}

/// The number of Winsock in a text.
fn code_in(text: &str) -> Option<String> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric());
    let number = |word: &str| match word.strip_prefix("0x") {
        Some(hex) => u32::from_str_radix(hex, 16).ok(),
        None => word.parse().ok(),
    };
    words.filter_map(number).find_map(|number| crate::evidence::port_error(number).map(|(number, _)| number.to_string()))
}
