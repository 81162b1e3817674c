//! What people see first where no port is left: they name no port, no service and no error, only what does not work.
//!
//! The four are those of <https://learn.microsoft.com/troubleshoot/windows-client/networking/tcp-ip-port-exhaustion-troubleshooting>: each
//! is an outgoing connection, and fails for want of a port while what needs none, such as a local sign-in, works.

use serde::{Deserialize, Serialize};

/// Something that does not work and needs an outgoing connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Complaint {
    /// Nobody can sign in with an account of the domain.
    DomainSignIn,
    /// Group Policy is not updated.
    GroupPolicy,
    /// Shares of other servers cannot be opened.
    FileShares,
    /// No remote desktop of another computer can be opened.
    RemoteDesktop,
    /// Programs cannot connect anywhere.
    Outgoing,
}

/// The words of each complaint: all of a row must occur, in whatever order and case.
const WORDS: &[(Complaint, &[&[&str]])] = &[
    (Complaint::GroupPolicy, &[&["group", "policy"], &["gpupdate"], &["gpo"]]),
    (
        Complaint::DomainSignIn,
        &[
            &["domain", "sign"],
            &["domain", "log"],
            &["domain", "account"],
            &["domain", "credential"],
            &["domain", "unavailable"],
            &["netlogon"],
        ],
    ),
    (Complaint::RemoteDesktop, &[&["rdp"], &["remote", "desktop"], &["mstsc"]]),
    (Complaint::FileShares, &[&["share"], &["unc", "path"], &["network", "path"], &["mapped", "drive"]]),
    (
        Complaint::Outgoing,
        &[
            &["outgoing"],
            &["outbound"],
            &["port", "exhaust"],
            &["run", "out", "port"],
            &["ran", "out", "port"],
            &["connect", "anywhere"],
        ],
    ),
];

impl Complaint {
    /// All of them, the most telling first.
    pub const ALL: [Self; 5] = [Self::DomainSignIn, Self::GroupPolicy, Self::FileShares, Self::RemoteDesktop, Self::Outgoing];

    /// What does not work, in the words of who sees it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::DomainSignIn => "Domain sign-in fails, local works",
            Self::GroupPolicy => "Group Policy is not updated",
            Self::FileShares => "File shares cannot be opened",
            Self::RemoteDesktop => "Remote desktop cannot be opened from here",
            Self::Outgoing => "Nothing connects any more",
        }
    }

    /// Reads a complaint; `None` where the text is none of these.
    pub fn read(text: &str) -> Option<Self> {
        let text = text.to_lowercase();
        let words: Vec<&str> = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
        // Short ones are whole words: "share" begins "shares", and "rdp" begins nothing.
        let occurs = |part: &&str| words.iter().any(|word| if part.len() <= 3 { word == part } else { word.starts_with(*part) });
        let fits = |rows: &&[&[&str]]| rows.iter().any(|row| row.iter().all(occurs));
        WORDS.iter().find(|(_, rows)| fits(rows)).map(|(complaint, _)| *complaint)
    }

    /// Why it needs a port: a sentence.
    pub const fn why(self) -> &'static str {
        match self {
            Self::DomainSignIn => {
                "Signing in with an account of the domain asks a domain controller over an outgoing connection; a local account asks nobody."
            }
            Self::GroupPolicy => "Group Policy is fetched from a domain controller over outgoing connections.",
            Self::FileShares => "A share of another server is opened over an outgoing connection.",
            Self::RemoteDesktop => "A remote desktop of another computer is opened over an outgoing connection.",
            Self::Outgoing => "Every outgoing connection needs a port of the dynamic range.",
        }
    }

    /// Where to look where ports are left.
    pub const fn otherwise(self) -> &'static str {
        match self {
            Self::DomainSignIn | Self::GroupPolicy => {
                "Look for another reason: the name of the domain controller (nslookup), its port 389 or 445, the time of the computer"
            }
            Self::FileShares => {
                "Look for another reason: the name of the server (nslookup), its port 445, the rights on the share"
            }
            Self::RemoteDesktop => "Look for another reason: the name of the computer (nslookup), its port 3389",
            Self::Outgoing => "Look for another reason: names (nslookup), routes, firewalls",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Complaint;

    #[test]
    fn complaints_are_read_in_the_words_of_people() {
        for (text, complaint) in [
            ("domain sign-in fails but local works", Complaint::DomainSignIn),
            ("Unable to sign in to the machine with domain credentials", Complaint::DomainSignIn),
            ("users cannot log on with their domain accounts", Complaint::DomainSignIn),
            ("Group Policy update failed", Complaint::GroupPolicy),
            ("gpupdate fails", Complaint::GroupPolicy),
            ("the file shares are inaccessible", Complaint::FileShares),
            ("cannot open network path", Complaint::FileShares),
            ("RDP from the server fails", Complaint::RemoteDesktop),
            ("no remote desktop to other servers", Complaint::RemoteDesktop),
            ("outbound connections fail", Complaint::Outgoing),
            ("is this port exhaustion?", Complaint::Outgoing),
        ] {
            assert_eq!(Complaint::read(text), Some(complaint), "{text}");
        }
    }

    #[test]
    fn each_is_read_in_its_own_words() {
        for complaint in Complaint::ALL.into_iter().filter(|own| *own != Complaint::Outgoing) {
            assert_eq!(Complaint::read(complaint.as_str()), Some(complaint));
        }
    }

    #[test]
    fn other_texts_are_no_complaint() {
        for text in ["", "SQL Server", "it does not start", "import failed", "the policy of the house", "a sign of age"] {
            assert_eq!(Complaint::read(text), None, "{text}");
        }
    }
}
