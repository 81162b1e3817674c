//! How verdicts read: plain headlines, hostile names made visible, the promised JSON.

use portmedic::diagnosis::{Symptom, diagnose};
use portmedic::machine::{BindResult, FailureKind, Protocol, Snapshot};

use crate::machine::{With, connection, failed, linux, listener, process, resting, tcp};
use crate::verdicts::{client_on_1433, failure, in_use, of_service, port};

const TCP: Protocol = Protocol::Tcp;

/// A situation for every cause that can arise on Linux.
pub fn situations() -> Vec<(Snapshot, Symptom)> {
    let told = |kind, message: &str| Symptom { failure: Some(failure(kind, message)), ..port(80) };
    let held = |socket| linux().with_process(process(9, "agent")).with_socket(socket).with_bind_tests(TCP, 80, BindResult::InUse);
    vec![
        (client_on_1433(), of_service("demo-db.service", 1433)),
        (held(listener("0.0.0.0:80", &[9])), port(80)),
        (held(listener("0.0.0.0:80", &[])), port(80)),
        (held(connection("10.0.0.5:80", "10.0.0.9:50000", &[9])), port(80)),
        (held(connection("10.0.0.5:80", "10.0.0.9:500", &[9])), port(80)),
        (held(tcp("0.0.0.0:80", portmedic::machine::SocketState::Bound, &[9])), port(80)),
        (held(resting("10.0.0.5:80", "10.0.0.9:5000", 1_000)), port(80)),
        (linux().with_bind_tests(TCP, 80, BindResult::InUse), port(80)),
        (linux().with_bind_tests(TCP, 80, BindResult::Free), port(80)),
        (linux(), told(FailureKind::Privileged, "bind: Permission denied")),
        (linux(), told(FailureKind::NotLocal, "bind: Cannot assign requested address")),
        (linux(), told(FailureKind::Refused, "connect: Connection refused")),
        (linux(), told(FailureKind::Exhausted, "connect: Cannot assign requested address")),
        (linux(), told(FailureKind::NotAPort, "certificate expired")),
        (linux(), Symptom::default()),
        (linux().with_service(failed("demo-db.service", in_use())), of_service("demo-db.service", 1433)),
    ]
}

#[test]
fn a_headline_is_one_plain_sentence_without_numbers_but_the_port() {
    for (snapshot, symptom) in situations() {
        let verdict = diagnose(&snapshot, &symptom).verdict;
        let port = symptom.port.map(|port| port.to_string()).unwrap_or_default();
        let rest = verdict.headline.replace(&port, "");
        assert!(!rest.contains(|c: char| c.is_ascii_digit()), "{}", verdict.headline);
        assert!(!verdict.headline.ends_with('.') && verdict.headline.len() < 90, "{}", verdict.headline);
        assert!(verdict.explanation.ends_with(['.', '"']) || symptom.failure.is_some(), "{}", verdict.explanation);
        assert!(verdict.next_step.starts_with(char::is_uppercase) && !verdict.next_step.ends_with('.'), "{}", verdict.next_step);
        assert!(!verdict.confidence_because.is_empty());
        for evidence in &verdict.evidence {
            assert!(!evidence.fact.ends_with('.') && !evidence.source.is_empty() && evidence.time.is_some(), "{evidence:?}");
        }
    }
}

#[test]
fn no_text_speaks_of_failure_in_words_that_blame() {
    for (snapshot, symptom) in situations() {
        let verdict = diagnose(&snapshot, &symptom).verdict;
        let texts = [&verdict.headline, &verdict.explanation, &verdict.next_step];
        for word in ["failed", "invalid", "illegal", "cure"] {
            assert!(texts.iter().all(|text| !text.to_lowercase().contains(word)), "{word} in {texts:?}");
        }
    }
}

#[test]
fn a_hostile_process_name_cannot_turn_the_headline_around() {
    let snapshot = linux().with_process(process(9, "a\u{202E}b\n")).with_socket(listener("0.0.0.0:80", &[9])).with_bind_tests(
        TCP,
        80,
        BindResult::InUse,
    );
    let diagnosis = diagnose(&snapshot, &port(80));
    let verdict = serde_json::to_string(&diagnosis.verdict).unwrap();
    assert!(!verdict.contains('\u{202E}') && verdict.contains("a\\\\u{202e}b"), "{verdict}");
}

#[test]
fn a_verdict_has_the_promised_json_form() {
    let diagnosis = diagnose(&client_on_1433(), &of_service("demo-db.service", 1433));
    let json = serde_json::to_value(&diagnosis.verdict).unwrap();
    assert_eq!(json["cause"], "held_by_client");
    assert_eq!(json["confidence"], "certain");
    for key in ["headline", "explanation", "next_step"] {
        assert!(json[key].is_string(), "{key}");
    }
    for key in ["fact", "source", "time"] {
        assert!(json["evidence"][0][key].is_string(), "{key}");
    }
}
