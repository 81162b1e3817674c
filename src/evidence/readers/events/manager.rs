//! What the service control manager tells: the service in data or, where only the text was kept, in a sentence of any language.

use super::known::Told;
use super::log;
use crate::diagnosis::read_error_text;
use crate::evidence::port_error;
use crate::evidence::windows_event::{Event, FAILURES, SERVICE_CONTROL_MANAGER};
use crate::machine::FailureKind;

/// A service that did not start or ended.
pub struct End {
    /// Its name, as it is written there; `None` where the sentence hides it.
    pub service: Option<String>,
    /// The failure, where its port is to blame.
    pub told: Option<Told>,
}

/// Whether the event is one of the service control manager, also under the longer names that it had.
pub fn speaks(event: &Event) -> bool {
    event.provider.contains(SERVICE_CONTROL_MANAGER)
}

/// The service that did not start or ended; `None` for any other event.
pub fn end_of_service(event: &Event) -> Option<End> {
    if !FAILURES.contains(&event.id) {
        return None;
    }
    let message = event.message.as_deref().unwrap_or_default();
    let service = event.service().or_else(|| service_in(message, event.id)).map(str::to_owned);
    // 7001 is about the error of another service.
    let error = if event.id == 7001 { None } else { error(event, message) };
    let told =
        error.map(|(code, cause)| Told { product: product(event, service.as_deref()), port: None, protocol: None, code, cause });
    Some(End { service, told })
}

fn error(event: &Event, message: &str) -> Option<(String, FailureKind)> {
    let number = event.error().or_else(|| number_in(message));
    if let Some((number, kind)) = number.and_then(port_error) {
        return Some((number.to_string(), kind));
    }
    let last = || message.lines().last().unwrap_or_default().to_owned();
    // A list of PowerShell breaks long sentences.
    let all = || message.lines().skip(1).collect::<Vec<_>>().join(" ");
    let kind = kind_of_sentence(&last()).or_else(|| kind_of_sentence(&all()));
    let number = match kind? {
        FailureKind::InUse => 10048,
        FailureKind::Forbidden => 10013,
        FailureKind::Exhausted => 10055,
        FailureKind::Refused => 10061,
        _ => return None,
    };
    Some((number.to_string(), kind?))
}

/// What a sentence of Windows says that tells why a service ended. It is that of the call that did not work, and names no call.
fn kind_of_sentence(sentence: &str) -> Option<FailureKind> {
    let sentence = format!("bind: {sentence}");
    let in_brackets = || names_three_parts(&sentence).then_some(FailureKind::InUse);
    read_error_text(&sentence).map(|error| error.kind).or_else(in_brackets)
}

/// The number behind `%%`, or of Winsock, in a text.
fn number_in(text: &str) -> Option<u32> {
    if let Some((_, rest)) = text.split_once("%%") {
        return rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok();
    }
    text.split(|c: char| !c.is_ascii_digit()).filter_map(|word| word.parse().ok()).find(|number| port_error(*number).is_some())
}

/// The sentence of 10048 names in brackets what is used twice, in nearly every language: `(protocol/network address/port)`.
fn names_three_parts(text: &str) -> bool {
    text.split(['(', '\u{ff08}']).skip(1).any(|rest| {
        let inner = rest.split([')', '\u{ff09}']).next().unwrap_or_default();
        inner.split('/').filter(|part| !part.trim().is_empty()).count() == 3 && !inner.contains("://")
    })
}

fn product(event: &Event, service: Option<&str>) -> Option<String> {
    let named = event.name_in_binary().and_then(|name| log::product(&name));
    named.or_else(|| log::product(service?)).or_else(|| {
        // "SQL Server (SALES)" has the instance in brackets.
        let (product, instance) = service?.strip_suffix(')')?.rsplit_once('(')?;
        log::product(instance).or_else(|| log::product(product.trim()))
    })
}

/// How languages put the name of a service into the sentence: what stands before it and what behind it. The first that fits counts; those
/// of the longer sentences come first.
const AROUND: [(&str, &[&str]); 26] = [
    ("while waiting for the ", &[" service to connect"]),
    ("transaction response from the ", &[" service"]),
    ("connexion du service ", &["."]),
    ("mit dem Dienst ", &[" wurde", "."]),
    ("transacción del servicio ", &["."]),
    ("conectara el servicio ", &["."]),
    ("The ", &[" service "]),
    ("Der Dienst ", &[" wurde", " ist", " konnte", " hing", " hat", " hängt"]),
    ("Dienst ", &[" wurde", " ist", " konnte", " hat"]),
    ("Le service ", &[" s'est", " s\u{2019}est", " n'a", " n\u{2019}a", " est", " a ", " dépend", " en attente"]),
    ("El servicio ", &[" terminó", " no ", " se ", " depende", " quedó", " ha "]),
    ("Il servizio ", &[" è ", " non ", " dipende", " si ", " ha "]),
    ("Servizio ", &[" terminato", " interrotto", " non ", " bloccato"]),
    ("O serviço ", &[" foi ", " não ", " terminou", " depende", " falhou", " travou", " parou"]),
    ("De service ", &[" is ", " kan ", " kon ", " wordt ", " beëindigd"]),
    ("De ", &["-service ", " service "]),
    ("Tjänsten ", &[" avslutades", " kunde ", " är ", " hängde"]),
    ("Tjenesten ", &[" blev ", " ble ", " kunne ", " stoppede", " stoppet", " er "]),
    ("Usługa ", &[" zakończyła", " nie ", " została", " niespodziewanie", " zależy", " zawiesi"]),
    ("Služba ", &[" byla ", " skončila", " neočekávaně", " se ", " neuspě", " přestala", " závisí"]),
    ("Служба ", &[" заверш", " не", " был", " является", " завис"]),
    ("A(z) ", &[" szolgáltatás"]),
    ("A ", &[" szolgáltatás"]),
    ("Palvelu ", &[" päättyi", " lopetettiin", " ei "]),
    // A name can end in the same word.
    ("", &[" サービス", " 服务", " 服務", " 서비스", " hizmeti"]),
    ("", &["サービス", "服务", "服務", "서비스"]),
];

/// The name of the service in the text of an event: in quotation marks, or between words that are known.
fn service_in(text: &str, id: u32) -> Option<&str> {
    let first = text.lines().find(|line| !line.trim().is_empty())?.trim();
    quoted(first).or_else(|| {
        AROUND.iter().find_map(|(before, behind)| {
            let at = first.find(before)?;
            // Only a sentence about waiting has the name in its middle.
            if at > 0 && !matches!(id, 7009 | 7011) {
                return None;
            }
            let rest = &first[at + before.len()..];
            let end = behind.iter().filter_map(|behind| rest.find(behind)).min()?;
            Some(rest[..end].trim()).filter(|name| !name.is_empty())
        })
    })
}

/// The first text in quotation marks of any kind.
fn quoted(line: &str) -> Option<&str> {
    const MARKS: [(char, char); 6] = [
        ('"', '"'),
        ('\u{201e}', '\u{201c}'),
        ('\u{201c}', '\u{201d}'),
        ('\u{ab}', '\u{bb}'),
        ('\u{300c}', '\u{300d}'),
        ('\u{201d}', '\u{201d}'),
    ];
    MARKS.iter().find_map(|(open, close)| {
        let (_, rest) = line.split_once(*open)?;
        let (name, _) = rest.split_once(*close)?;
        Some(name.trim()).filter(|name| !name.is_empty())
    })
}

#[cfg(test)]
mod tests {
    use super::{names_three_parts, service_in};

    #[test]
    fn the_service_is_found_in_sentences_of_many_languages() {
        let sentences = [
            (
                7024,
                "The SQL Server (MSSQLSERVER) service terminated with the following service-specific error: ",
                "SQL Server (MSSQLSERVER)",
            ),
            (7031, "The Print Spooler service terminated unexpectedly.  It has done this 1 time(s).", "Print Spooler"),
            (
                7009,
                "A timeout was reached (30000 milliseconds) while waiting for the Contoso Agent service to connect.",
                "Contoso Agent",
            ),
            (
                7024,
                "Der Dienst \"SQL Server (SALES)\" wurde mit dem folgenden dienstspezifischen Fehler beendet: ",
                "SQL Server (SALES)",
            ),
            (7023, "Der Dienst DNS-Server wurde mit folgendem Fehler beendet:", "DNS-Server"),
            (7024, "Le service Serveur DNS s\u{2019}est arrêté avec l\u{2019}erreur :", "Serveur DNS"),
            (7023, "El servicio Servidor DNS terminó con el error siguiente:", "Servidor DNS"),
            (7023, "Il servizio Server DNS è stato arrestato con il seguente errore:", "Server DNS"),
            (7023, "Служба \"DNS-сервер\" завершена", "DNS-сервер"),
            (7023, "Web 発行サービス サービスは、次のエラーで終了しました: ", "Web 発行サービス"),
            (7023, "DNS Server サービスは、次のエラーで終了しました: ", "DNS Server"),
        ];
        for (id, text, name) in sentences {
            assert_eq!(service_in(text, id), Some(name), "{text}");
        }
        assert_eq!(service_in("", 7024), None);
        assert_eq!(service_in("N/A", 7024), None);
    }

    #[test]
    fn the_brackets_of_10048_are_known_in_any_language() {
        assert!(names_three_parts("(protocole/adresse réseau/port)"));
        assert!(names_three_parts("\u{ff08}协议/网络地址/端口\u{ff09}"));
        assert!(!names_three_parts("(http://a/b) (a/b)"));
    }
}
