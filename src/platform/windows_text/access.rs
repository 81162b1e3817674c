//! Who can change a file or folder of Windows, read from its security descriptor in the text form of Windows (SDDL,
//! <https://learn.microsoft.com/windows/win32/secauthz/security-descriptor-string-format>).
//!
//! Pure, and careful: what takes rights away is not counted on, and what is not understood counts as everything to everybody.

/// What lets somebody change the content of a file, replace it or give themselves the right to: write, append, delete, change the access list
/// or the owner. For a folder: make something in it as well.
pub const CHANGE: u32 = 0x0000_0002 | 0x0000_0004 | FROM_WITHIN;
/// What lets somebody exchange something that lies in a folder: delete any of it, or the folder, or change its access list or owner.
pub const EXCHANGE: u32 = 0x0000_0040 | FROM_WITHIN;

/// What lets somebody read a file, or list a folder.
pub const READ: u32 = 0x0000_0001 | 0x8000_0000 | GENERIC_ALL;

const FROM_WITHIN: u32 = DELETE | WRITE_DAC | WRITE_OWNER | GENERIC_WRITE | GENERIC_ALL;
const DELETE: u32 = 0x0001_0000;
const WRITE_DAC: u32 = 0x0004_0000;
const WRITE_OWNER: u32 = 0x0008_0000;
const GENERIC_WRITE: u32 = 0x4000_0000;
const GENERIC_ALL: u32 = 0x1000_0000;

/// The two-letter names of rights, for files and folders.
const RIGHTS: [(&str, u32); 21] = [
    ("CC", 0x0000_0001),
    ("DC", 0x0000_0002),
    ("LC", 0x0000_0004),
    ("SW", 0x0000_0008),
    ("RP", 0x0000_0010),
    ("WP", 0x0000_0020),
    ("DT", 0x0000_0040),
    ("LO", 0x0000_0080),
    ("CR", 0x0000_0100),
    ("SD", DELETE),
    ("RC", 0x0002_0000),
    ("WD", WRITE_DAC),
    ("WO", WRITE_OWNER),
    ("FA", 0x001f_01ff),
    ("FR", 0x0012_0089),
    ("FW", 0x0012_0116),
    ("FX", 0x0012_00a0),
    ("GA", GENERIC_ALL),
    ("GW", GENERIC_WRITE),
    ("GX", 0x2000_0000),
    ("GR", 0x8000_0000),
];

/// Accounts that have every right on the computer anyway: the system, its administrators, the installer of Windows.
const ALMIGHTY: [&str; 5] =
    ["SY", "S-1-5-18", "BA", "S-1-5-32-544", "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464"];
/// Administrators of a domain or of this computer by the last number of their SID: its first account, domain and enterprise administrators.
const ALMIGHTY_OF_DOMAIN: [&str; 3] = ["-500", "-512", "-519"];
/// The same in two letters.
const ALMIGHTY_SHORT: [&str; 3] = ["LA", "DA", "EA"];
/// Places for the owner, who is looked at anyway.
const OWNER: [&str; 3] = ["CO", "S-1-3-0", "S-1-3-4"];

/// Whoever can change it beside those who may.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stranger {
    /// An account or group, as a SID or in the two letters of SDDL.
    Account(String),
    /// It has no access list, or one that is not understood.
    Everybody,
}

/// The first stranger who owns the thing or has one of these rights; `None` where there is none. Administrators are no strangers, and
/// neither is `ours`.
pub fn stranger(sddl: &str, rights: u32, ours: Option<&str>) -> Option<Stranger> {
    let Some(parts) = Parts::read(sddl) else { return Some(Stranger::Everybody) };
    let trusted = |who: &str| is_almighty(who) || ours == Some(who);
    if !trusted(parts.owner) {
        return Some(Stranger::Account(parts.owner.to_owned()));
    }
    for entry in parts.entries {
        let Some(entry) = Entry::read(entry) else { return Some(Stranger::Everybody) };
        if entry.grants & rights != 0 && !trusted(entry.who) && !OWNER.contains(&entry.who) {
            return Some(Stranger::Account(entry.who.to_owned()));
        }
    }
    None
}

fn is_almighty(who: &str) -> bool {
    let of_domain = || who.starts_with("S-1-5-21-") && ALMIGHTY_OF_DOMAIN.iter().any(|end| who.ends_with(end));
    ALMIGHTY.contains(&who) || ALMIGHTY_SHORT.contains(&who) || of_domain()
}

/// `O:…G:…D:flags(entry)(entry)`; the group decides nothing.
struct Parts<'a> {
    owner: &'a str,
    entries: Vec<&'a str>,
}

impl<'a> Parts<'a> {
    fn read(sddl: &'a str) -> Option<Self> {
        let (head, list) = sddl.split_once("D:")?;
        let owner = head.strip_prefix("O:")?;
        let owner = owner.split_once("G:").map_or(owner, |(owner, _)| owner);
        let entries = match list.find('(') {
            Some(first) => {
                Self::is_list(&list[..first]).then_some(())?;
                Self::split(&list[first..])?
            }
            // A list without an entry lets nobody in.
            None => Self::is_list(list).then(Vec::new)?,
        };
        Some(Self { owner, entries })
    }

    /// Whether these are flags of a list that is there: without one everybody may do everything.
    fn is_list(flags: &str) -> bool {
        flags.chars().all(|letter| matches!(letter, 'P' | 'A' | 'I' | 'R'))
    }

    /// The text within each pair of brackets. A condition in an entry has brackets of its own.
    fn split(list: &'a str) -> Option<Vec<&'a str>> {
        let mut entries = Vec::new();
        let (mut depth, mut begin) = (0_usize, 0);
        for (at, letter) in list.char_indices() {
            match letter {
                '(' => {
                    depth += 1;
                    if depth == 1 {
                        begin = at + 1;
                    }
                }
                ')' => {
                    depth = depth.checked_sub(1)?;
                    if depth == 0 {
                        entries.push(&list[begin..at]);
                    }
                }
                _ if depth == 0 => return None,
                _ => {}
            }
        }
        (depth == 0).then_some(entries)
    }
}

/// `kind;flags;rights;object;inherited object;who`.
struct Entry<'a> {
    grants: u32,
    who: &'a str,
}

impl<'a> Entry<'a> {
    fn read(text: &'a str) -> Option<Self> {
        let mut fields = text.split(';');
        let (kind, flags, rights) = (fields.next()?, fields.next()?, fields.next()?);
        let who = fields.nth(2)?;
        // It is for what will be made in the folder, not for the folder.
        let only_inherited = letters(flags).any(|flag| flag == "IO");
        let takes_away = matches!(kind, "D" | "OD" | "XD");
        let grants = if only_inherited || takes_away { 0 } else { mask(rights) };
        Some(Self { grants, who })
    }
}

/// The rights as a number; all where one is not known.
fn mask(rights: &str) -> u32 {
    if let Some(digits) = rights.strip_prefix("0x") {
        return u32::from_str_radix(digits, 16).unwrap_or(u32::MAX);
    }
    let value = |name: &str| RIGHTS.iter().find(|(own, _)| *own == name).map_or(u32::MAX, |(_, value)| *value);
    letters(rights).map(value).fold(0, |all, one| all | one)
}

/// Two letters each; whatever is left at the end by itself.
fn letters(text: &str) -> impl Iterator<Item = &str> {
    text.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).unwrap_or("?"))
}

#[cfg(test)]
mod tests {
    use super::{CHANGE, EXCHANGE, Stranger, stranger};

    const ME: &str = "S-1-5-21-1-2-3-1001";
    /// Recorded from documented defaults of Windows.
    const PROGRAM_FILES: &str = "O:S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464\
        D:PAI(A;;FA;;;S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464)(A;CIIO;GA;;;S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464)\
        (A;;0x1301bf;;;SY)(A;OICIIO;GA;;;SY)(A;;0x1301bf;;;BA)(A;OICIIO;GA;;;BA)(A;;0x1200a9;;;BU)(A;OICIIO;GXGR;;;BU)(A;OICIIO;GA;;;CO)(A;;0x1200a9;;;AC)";
    const DRIVE: &str = "O:S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464\
        D:PAI(A;;LC;;;AU)(A;OICIIO;SDGXGWGR;;;AU)(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;0x1200a9;;;BU)";
    /// What a folder gets that an administrator makes there.
    const TOOLS: &str =
        "O:BAD:AI(A;OICIID;FA;;;BA)(A;OICIID;FA;;;SY)(A;OICIID;0x1200a9;;;BU)(A;ID;0x1301bf;;;AU)(A;OICIIOID;SDGXGWGR;;;AU)";
    const DOWNLOADS: &str = "O:S-1-5-21-1-2-3-1001D:AI(A;OICIID;FA;;;SY)(A;OICIID;FA;;;BA)(A;OICIID;FA;;;S-1-5-21-1-2-3-1001)";
    /// Recorded in Wine.
    const WINE: &str = "O:S-1-5-21-1-2-3-1001D:(A;OICI;FA;;;SY)(A;OICI;FA;;;S-1-5-21-1-2-3-1001)(A;OICI;0x1200a9;;;WD)";

    fn named(name: &str) -> Stranger {
        Stranger::Account(name.to_owned())
    }

    #[test]
    fn what_only_administrators_change_is_safe_for_everybody() {
        assert_eq!(stranger(PROGRAM_FILES, CHANGE, None), None);
        assert_eq!(stranger("O:BAG:BAD:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;0x1200a9;;;BU)", CHANGE, None), None);
    }

    #[test]
    fn a_folder_of_the_user_is_safe_for_that_user_alone() {
        for sddl in [DOWNLOADS, WINE] {
            assert_eq!(stranger(sddl, CHANGE, Some(ME)), None);
            assert_eq!(stranger(sddl, CHANGE, None), Some(named(ME)), "they own it");
            assert_eq!(stranger(sddl, CHANGE, Some("S-1-5-21-1-2-3-1002")), Some(named(ME)));
        }
    }

    #[test]
    fn a_folder_that_every_user_can_write_is_not_safe() {
        assert_eq!(stranger(TOOLS, CHANGE, Some(ME)), Some(named("AU")));
        assert_eq!(stranger(TOOLS, EXCHANGE, Some(ME)), Some(named("AU")), "they can delete it");
    }

    #[test]
    fn that_everybody_makes_folders_on_the_drive_exchanges_nothing_there() {
        assert_eq!(stranger(DRIVE, EXCHANGE, None), None);
        assert_eq!(stranger(DRIVE, CHANGE, None), Some(named("AU")));
    }

    #[test]
    fn the_owner_counts_and_so_do_rights_over_the_list() {
        assert_eq!(stranger("O:S-1-5-21-9-9-9-1005D:P(A;;FA;;;BA)", CHANGE, Some(ME)), Some(named("S-1-5-21-9-9-9-1005")));
        for right in ["WD", "WO", "SD", "GA", "GW", "FW", "FA", "0x40000", "DC", "LC"] {
            assert_eq!(stranger(&format!("O:BAD:(A;;{right};;;WD)"), CHANGE, None), Some(named("WD")), "{right}");
        }
        for right in ["FR", "FX", "GR", "GX", "RC", "0x1200a9", "CCSWRPLORC"] {
            assert_eq!(stranger(&format!("O:BAD:(A;;{right};;;WD)"), CHANGE, None), None, "{right}");
        }
    }

    #[test]
    fn administrators_of_a_domain_are_no_strangers() {
        assert_eq!(stranger("O:S-1-5-21-7-7-7-512D:(A;;FA;;;DA)(A;;FA;;;S-1-5-21-7-7-7-519)(A;;FA;;;LA)", CHANGE, None), None);
        assert_eq!(stranger("O:BAD:(A;;FA;;;S-1-5-21-7-7-7-513)", CHANGE, None), Some(named("S-1-5-21-7-7-7-513")));
        assert_eq!(stranger("O:BAD:(A;;FA;;;S-1-5-99-7-512)", CHANGE, None), Some(named("S-1-5-99-7-512")), "no domain's number");
    }

    #[test]
    fn a_right_that_is_taken_away_elsewhere_still_counts() {
        assert_eq!(stranger("O:BAD:(D;;FA;;;WD)(A;;FA;;;WD)", CHANGE, None), Some(named("WD")));
        assert_eq!(stranger("O:BAD:(D;;FA;;;WD)", CHANGE, None), None);
    }

    #[test]
    fn a_right_under_a_condition_counts_as_given() {
        let sddl = "O:BAD:(XA;;FA;;;WD;(@User.Title==\"PM\" && (Member_of {SID(BA)})))";
        assert_eq!(stranger(sddl, CHANGE, None), Some(named("WD")));
    }

    #[test]
    fn without_a_list_or_with_one_that_is_not_understood_everybody_counts() {
        for sddl in
            ["", "O:BA", "D:(A;;FA;;;BA)", "O:BAD:NO_ACCESS_CONTROL", "O:BAD:(A;;FA)", "O:BAD:(A;;FA;;;BA", "O:BAD:x(A;;FA;;;BA)"]
        {
            assert_eq!(stranger(sddl, CHANGE, None), Some(Stranger::Everybody), "{sddl}");
        }
        assert_eq!(stranger("O:BAD:(A;;ZZ;;;WD)", CHANGE, None), Some(named("WD")));
        assert_eq!(stranger("O:BAD:P", CHANGE, None), None, "an empty list lets nobody in");
    }
}
