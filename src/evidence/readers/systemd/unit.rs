//! Names of units, and what systemd says about them.

/// What the names of units end with.
const KINDS: [&str; 11] =
    [".service", ".socket", ".target", ".timer", ".mount", ".automount", ".path", ".swap", ".device", ".slice", ".scope"];
/// How many words of a message are looked at for the name of a unit.
const LOOKED_AT: usize = 6;

/// Whether a word is the name of a unit: `getty@tty1.service`.
pub fn is_unit(word: &str) -> bool {
    let stem = KINDS.iter().find_map(|kind| word.strip_suffix(kind)).unwrap_or_default();
    (1..=255).contains(&stem.len()) && stem.chars().all(|c| c.is_alphanumeric() || ":-_.@\\".contains(c))
}

/// The name of a unit as commands take it: without a kind it is a service.
pub fn full_name(word: &str) -> String {
    if is_unit(word) { word.to_owned() } else { format!("{word}.service") }
}

/// The unit that a message of systemd is about.
pub fn spoken_of(message: &str) -> Option<&str> {
    message.split_whitespace().take(LOOKED_AT).map(|word| word.trim_end_matches([':', '.', ','])).find(|word| is_unit(word))
}

/// Whether a message whose writer is not told has a form that systemd has: it begins with a unit, or with what is done to one.
pub fn is_of_systemd(message: &str) -> bool {
    let (first, rest) = message.split_once(' ').unwrap_or((message, ""));
    let begins = first.strip_suffix(':').is_some_and(is_unit);
    let does = ["Starting", "Started", "Stopping", "Stopped", "Reloading", "Reloaded", "Failed"].contains(&first);
    begins || does && spoken_of(rest).is_some()
}

/// Whether a message of systemd says that a unit failed.
pub fn says_failed(message: &str) -> bool {
    let begins = ["Failed to start ", "Failed to listen on "].iter().any(|start| message.starts_with(start));
    begins
        || message.contains("Failed with result")
        || message.contains("entered failed state")
        || message.strip_suffix(" failed.").is_some_and(is_unit)
        || ended_badly(message)
}

/// Whether the end of a process was none of its unit: it ended as it was told to, or only did not reload.
pub fn is_no_failure(message: &str) -> bool {
    let well = [": Deactivated successfully.", ": Succeeded."].iter().any(|end| message.ends_with(end));
    well || message.starts_with("Reload failed for ")
}

/// Whether it tells of the end of a process.
pub fn tells_an_end(message: &str) -> bool {
    message.contains("process exited, code=")
}

/// `Main process exited, code=exited, status=1/FAILURE`; a process that was stopped ended well.
pub fn ended_badly(message: &str) -> bool {
    if !tells_an_end(message) {
        return false;
    }
    let status = message.split_once("status=").and_then(|(_, rest)| rest.split(|c: char| !c.is_ascii_digit()).next());
    message.contains("code=dumped")
        || message.contains("code=exited")
            && status.and_then(|status| status.parse::<u8>().ok()).is_some_and(|status| status != 0)
}

#[cfg(test)]
mod tests {
    use super::{full_name, is_of_systemd, is_unit, says_failed, spoken_of};

    #[test]
    fn units_are_known_by_their_kind() {
        for unit in ["nginx.service", "getty@tty1.service", "dev-disk-by\\x2duuid.swap", "postgresql@15-main.service"] {
            assert!(is_unit(unit), "{unit}");
        }
        for none in ["nginx", ".service", "a b.service", "a/b.service", "", "nginx.services"] {
            assert!(!is_unit(none), "{none}");
        }
        assert_eq!((full_name("ssh").as_str(), full_name("ssh.socket").as_str()), ("ssh.service", "ssh.socket"));
    }

    #[test]
    fn the_messages_of_systemd_are_known_by_their_form() {
        for message in ["a.service: Scheduled restart job.", "Starting a.service - A...", "Failed to start a.service."] {
            assert!(is_of_systemd(message), "{message}");
        }
        for message in ["", "Starting the listener", "Failed to start: port in use", "see a.service: x"] {
            assert!(!is_of_systemd(message), "{message}");
        }
    }

    #[test]
    fn the_messages_of_a_failed_unit_are_known() {
        for message in [
            "nginx.service: Failed with result 'exit-code'.",
            "Failed to start nginx.service - A web server.",
            "Failed to listen on web.socket - The web.",
            "nginx.service: Main process exited, code=exited, status=1/FAILURE",
            "nginx.service: control process exited, code=exited status=1",
            "Unit nginx.service entered failed state.",
            "nginx.service failed.",
            "nginx.service: Main process exited, code=dumped, status=6/ABRT",
        ] {
            assert!(says_failed(message) && spoken_of(message).is_some(), "{message}");
        }
        for message in [
            "Started nginx.service - A web server.",
            "nginx.service: Main process exited, code=exited, status=0/SUCCESS",
            "nginx.service: Main process exited, code=killed, status=15/TERM",
            "nginx.service: Deactivated successfully.",
        ] {
            assert!(!says_failed(message), "{message}");
        }
    }
}
