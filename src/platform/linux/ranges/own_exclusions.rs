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
}

impl OwnExclusions {
    /// Reads the text of the file. `None` where it is not in our form: then somebody else wrote it.
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
            } else if let Some((_, value)) = line.split_once('=').filter(|_| !line.starts_with('#')) {
                line_ports = parse_list(value.trim())?;
            }
        }
        ports.by_hand = line_ports.difference(&ports.own).difference(&ports.repeated);
        marked.then_some(ports)
    }

    /// All ports of the line.
    pub fn all(&self) -> PortSet {
        self.own.union(&self.repeated).union(&self.by_hand)
    }
}

/// The text of the file.
impl fmt::Display for OwnExclusions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "# Ports that are never handed out to clients, kept by PortMedic. Change them with \"portmedic exclude\".")?;
        writeln!(f, "# Such lists do not merge, the last file wins: this line also holds what the files before it reserve.")?;
        writeln!(f, "{}", format!("{OWN_PORTS_MARK}{}", self.own).trim_end())?;
        writeln!(f, "{}", format!("{REPEATED_PORTS_MARK}{}", self.repeated).trim_end())?;
        writeln!(f, "{} = {}", Setting::ReservedPorts.key().replace('/', "."), self.all())
    }
}

#[cfg(test)]
mod tests {
    use super::OwnExclusions;
    use crate::machine::PortSet;

    fn set(text: &str) -> PortSet {
        text.parse().unwrap()
    }

    #[test]
    fn reads_what_it_writes() {
        let ports = OwnExclusions { own: set("1433,8080-8090"), repeated: set("30000-32767"), by_hand: PortSet::new() };
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
        let ports = OwnExclusions { own: set("1433"), repeated: set("5000"), by_hand: PortSet::new() };
        let edited = ports.to_string().replace("= 1433,5000", "= 1433,5000,6000");
        assert_eq!(OwnExclusions::parse(&edited).unwrap().by_hand, set("6000"));
    }

    #[test]
    fn a_file_of_somebody_else_is_not_taken_for_ours() {
        assert_eq!(OwnExclusions::parse("net.ipv4.ip_local_reserved_ports = 1433\n"), None);
    }
}
