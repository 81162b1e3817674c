//! States of sockets, as people type them.

use std::collections::BTreeSet;

use crate::machine::{SocketState, visible};

/// The states that one word means: `fin-wait` means two.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct States(pub Vec<SocketState>);

/// Reads a state as the Ports page, our JSON, `ss` or `netstat` write it; the beginning of the word is enough.
pub fn parse_states(text: &str) -> Result<States, String> {
    let letters =
        |text: &str| text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect::<String>();
    let wanted = match letters(text).as_str() {
        "SYNRECV" | "SYNRCVD" => "SYNRECEIVED".to_owned(),
        other => other.to_owned(),
    };
    let is_meant = |state: &SocketState| [state.as_str(), state.in_words()].iter().any(|word| letters(word).starts_with(&wanted));
    let states: Vec<_> = SocketState::ALL.into_iter().filter(is_meant).collect();
    if wanted.is_empty() || states.is_empty() {
        let plain: BTreeSet<_> = SocketState::ALL.iter().map(|state| state.in_words().to_lowercase()).collect();
        let names: Vec<_> = SocketState::ALL.iter().map(|state| state.as_str().to_lowercase().replace('_', "-")).collect();
        let plain: Vec<_> = plain.into_iter().collect();
        return Err(format!(
            "\"{}\" is no state of a socket; the states are {}, or as `ss` calls them {}",
            visible(text),
            plain.join(", "),
            names.join(", ")
        ));
    }
    Ok(States(states))
}

#[cfg(test)]
mod tests {
    use super::{States, parse_states};
    use crate::machine::SocketState;

    #[test]
    fn a_state_is_known_by_the_names_that_other_tools_give_it() {
        let cases = [
            ("listen", SocketState::Listen),
            ("LISTENING", SocketState::Listen),
            ("ESTAB", SocketState::Established),
            ("time-wait", SocketState::TimeWait),
            ("TIME_WAIT", SocketState::TimeWait),
            ("SYN-RECV", SocketState::SynReceived),
            ("UNCONN", SocketState::Unconnected),
            ("fin_wait_2", SocketState::FinWait2),
            ("bound", SocketState::Bound),
            ("Half closed", SocketState::CloseWait),
            ("connected", SocketState::Established),
        ];
        for (text, state) in cases {
            assert_eq!(parse_states(text), Ok(States(vec![state])), "{text}");
        }
        assert_eq!(parse_states("fin-wait"), Ok(States(vec![SocketState::FinWait1, SocketState::FinWait2])));
    }

    #[test]
    fn another_word_is_refused_with_the_words_that_are_known() {
        for text in ["", "-", "open", "listening on"] {
            let told = parse_states(text).unwrap_err();
            assert!(told.contains("connected") && told.contains("time-wait"), "{told}");
        }
    }
}
