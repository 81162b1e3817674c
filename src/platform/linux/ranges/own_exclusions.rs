//! The text of our own file of exclusions.
//!
//! The last file wins and lists do not merge, so its line must repeat what the other files reserve, or those reservations would be gone
//! after the next start. Comments tell which ports are ours and which are repeated, so that taking ours away later gives nobody else's
//! away, and ports that the other files no longer reserve do not stay for ever.

use std::fmt;

use super::kernel::{Setting, parse_list};
use crate::machine::PortSet;
use crate::remedy::paths::{OWN_PORTS_MARK, REPEATED_PORTS_MARK};

/// The ports in our own file, by whose they are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OwnExclusions {
    /// Those that PortMedic was asked to exclude.
    pub own: PortSet,
    /// Those that are repeated from other files.
    pub repeated: PortSet,
    /// Those that somebody wrote into the line by hand.
    pub by_hand: PortSet,
    /// Comments that somebody wrote into the file by hand, line by line.
    pub notes: Vec<String>,
}

/// What every file of ours begins with.
const HEAD: [&str; 2] = [
    "# Ports that are never handed out to clients, kept by PortMedic. Change them with \"portmedic exclude\".",
    "# Such lists do not merge, the last file wins: this line also holds what the files before it reserve.",
];

impl OwnExclusions {
    /// Reads the text of the file. `None` where it is not in our form, or sets something else too: then somebody else wrote it.
    pub fn parse(text: &str) -> Option<Self> {
        let mut ports = Self::default();
        let mut marked = false;
        let mut line_ports = PortSet::new();
        for line in text.lines() {
            if let Some(list) = line.strip_prefix(OWN_PORTS_MARK.trim_end()) {
                ports.own = parse_list(list.trim())?;
                marked = true;
            } else if let Some(list) = line.strip_prefix(REPEATED_PORTS_MARK.trim_end()) {
                ports.repeated = parse_list(list.trim())?;
            } else if line.trim_start().starts_with(['#', ';']) {
                ports.notes.extend((!HEAD.contains(&line)).then(|| line.to_owned()));
            } else if let Some((key, value)) = line.split_once('=') {
                line_ports = (key.trim() == key_of_list()).then(|| parse_list(value.trim()))??;
            } else if !line.trim().is_empty() {
                return None;
            }
        }
        ports.by_hand = line_ports.difference(&ports.own).difference(&ports.repeated);
        marked.then_some(ports)
    }

    /// Whether nothing in it is anybody's but what other files hold.
    pub fn is_empty(&self) -> bool {
        self.own.is_empty() && self.by_hand.is_empty() && self.notes.is_empty()
    }

    /// All ports of the line.
    pub fn all(&self) -> PortSet {
        self.own.union(&self.repeated).union(&self.by_hand)
    }
}

/// The text of the file.
impl fmt::Display for OwnExclusions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        HEAD.iter().try_for_each(|line| writeln!(f, "{line}"))?;
        writeln!(f, "{}", format!("{OWN_PORTS_MARK}{}", self.own).trim_end())?;
        writeln!(f, "{}", format!("{REPEATED_PORTS_MARK}{}", self.repeated).trim_end())?;
        self.notes.iter().try_for_each(|note| writeln!(f, "{note}"))?;
        // A line that only repeats would hold on to what the other files say today.
        if self.own.is_empty() && self.by_hand.is_empty() {
            return Ok(());
        }
        writeln!(f, "{} = {}", key_of_list(), self.all())
    }
}

fn key_of_list() -> String {
    Setting::ReservedPorts.key().replace('/', ".")
}

#[cfg(test)]
mod tests {
    use super::OwnExclusions;
    use crate::machine::PortSet;
    use proptest::prelude::*;

    fn set(text: &str) -> PortSet {
        text.parse().unwrap()
    }

    #[test]
    fn reads_what_it_writes() {
        let ports = OwnExclusions { own: set("1433,8080-8090"), repeated: set("30000-32767"), ..OwnExclusions::default() };
        assert!(ports.to_string().ends_with("\nnet.ipv4.ip_local_reserved_ports = 1433,8080-8090,30000-32767\n"));
        assert_eq!(OwnExclusions::parse(&ports.to_string()), Some(ports));
    }

    #[test]
    fn an_empty_list_leaves_no_blank_at_the_end_of_its_line_and_is_read_with_one() {
        let ports = OwnExclusions { own: set("1433"), ..OwnExclusions::default() };
        let text = ports.to_string();
        assert!(text.lines().all(|line| line == line.trim_end()), "{text:?}");
        assert_eq!(OwnExclusions::parse(&text).as_ref(), Some(&ports));
        // Earlier versions wrote it.
        assert_eq!(OwnExclusions::parse(&text.replace("repeated:\n", "repeated: \n")), Some(ports));
    }

    #[test]
    fn keeps_ports_that_were_written_by_hand() {
        let ports = OwnExclusions { own: set("1433"), repeated: set("5000"), ..OwnExclusions::default() };
        let edited = ports.to_string().replace("= 1433,5000", "= 1433,5000,6000");
        assert_eq!(OwnExclusions::parse(&edited).unwrap().by_hand, set("6000"));
    }

    #[test]
    fn a_file_of_somebody_else_is_not_taken_for_ours() {
        assert_eq!(OwnExclusions::parse("net.ipv4.ip_local_reserved_ports = 1433\n"), None);
        let ours = OwnExclusions { own: set("1433"), ..OwnExclusions::default() }.to_string();
        for line in ["net.core.somaxconn = 4096", "vm.swappiness=10", "-net.ipv4.tcp_tw_reuse = 1", "include other.conf"] {
            assert_eq!(OwnExclusions::parse(&format!("{ours}{line}\n")), None, "{line} would be lost");
        }
    }

    #[test]
    fn comments_that_were_written_by_hand_stay_in_their_order() {
        let ours = OwnExclusions { own: set("1433"), ..OwnExclusions::default() }.to_string();
        let edited = ours.replace("net.ipv4", "# asked for by Kim, 2026-03\n; ticket 4711\nnet.ipv4");
        let mut ports = OwnExclusions::parse(&edited).unwrap();
        ports.own = set("1433,8080");
        let text = ports.to_string();
        assert!(text.contains("\n# asked for by Kim, 2026-03\n; ticket 4711\n"), "{text}");
        assert_eq!(text.lines().count(), edited.lines().count(), "the head is there once: {text}");
    }

    fn ports() -> impl Strategy<Value = PortSet> {
        proptest::collection::vec(1..=u16::MAX, 0..60)
            .prop_map(|all| all.into_iter().map(crate::machine::PortRange::single).collect())
    }

    proptest! {
        #[test]
        fn whatever_is_in_it_is_there_again_after_it_was_written(
            own in ports(), repeated in ports(), extra in ports(), notes in proptest::collection::vec("[#;][ -~äß端]{0,40}", 0..5),
        ) {
            let by_hand = extra.difference(&own).difference(&repeated);
            let all = OwnExclusions { own, repeated, by_hand, notes };
            prop_assert_eq!(OwnExclusions::parse(&all.to_string()), Some(all));
        }

        #[test]
        fn no_text_breaks_the_reader(text: String, lines in proptest::collection::vec("(# |-)?[a-z./_]{0,40} ?=? ?[0-9,-]{0,20}", 0..8)) {
            for text in [text, lines.join("\n")] {
                if let Some(ports) = OwnExclusions::parse(&text) {
                    prop_assert_eq!(OwnExclusions::parse(&ports.to_string()).map(|again| again.all()), Some(ports.all()));
                }
            }
        }
    }
}
