//! Folders in a text: which are the system's own, the same on every computer, and which tell of the people who use it.

use super::{Kind, Place};

/// First folders that every Unix has, and control groups, which look like folders.
const OF_UNIX: &[&str] = &[
    "bin",
    "boot",
    "dev",
    "docker",
    "etc",
    "init.scope",
    "kubepods",
    "lib",
    "lib32",
    "lib64",
    "lxc",
    "nix",
    "opt",
    "proc",
    "run",
    "sbin",
    "snap",
    "sys",
    "system.slice",
    "tmp",
    "user.slice",
    "usr",
    "var",
];

/// First folders of a Windows drive that every Windows has.
const OF_WINDOWS: &[&str] = &["windows", "program files", "program files (x86)", "programdata", "inetpub", "winnt", "pipe"];

/// Folders below which a user's name comes next.
const HOMES: &[&str] = &["/home/", "/users/", "\\users\\", "\\\\users\\\\", "\\documents and settings\\", "%2fhome%2f"];

/// Whether a path is one that the system does not have on every computer.
pub fn is_own_folder(path: &str) -> bool {
    at(path, 0).is_some()
}

/// The private path that begins at `at`.
pub fn at(text: &str, at: usize) -> Option<Place> {
    let rest = &text[at..];
    let before = text[..at].chars().next_back();
    let path = if rest.starts_with('/') {
        unix(text, at, before)?
    } else if rest.starts_with("\\\\") && before != Some('\\') {
        share(rest)?
    } else {
        drive(rest).filter(|_| before.is_none_or(|before| !before.is_alphanumeric()))?
    };
    Some(Place::new(Kind::Path, key(path), path.len()))
}

/// One spelling of a path: Windows knows no case, and logs double its backslashes.
fn key(path: &str) -> String {
    if path.starts_with('/') {
        return path.to_owned();
    }
    let parts: Vec<&str> = path.split('\\').filter(|part| !part.is_empty()).collect();
    parts.join("\\").to_lowercase()
}

fn unix(text: &str, at: usize, before: Option<char>) -> Option<&str> {
    let rest = &text[at..];
    let home = HOMES.iter().any(|home| rest.get(..home.len()).is_some_and(|head| head.eq_ignore_ascii_case(home)));
    // Two slashes after a colon begin the host of a URL; a path begins where no word ends.
    let begins = before.is_none_or(|before| !before.is_alphanumeric() && !matches!(before, '/' | '.' | '~' | '*' | '_'));
    let is_url = rest.starts_with("//") && !rest.starts_with("///");
    if !(begins || home) || is_url {
        return None;
    }
    let end = rest.find(|c: char| c.is_whitespace() || "\"'`<>|;,:()[]{}".contains(c)).unwrap_or(rest.len());
    let path = rest[..end].trim_end_matches(['.', '/', '!', '?']);
    let mut folders = path.split('/').filter(|folder| !folder.is_empty());
    let first = folders.next()?.to_lowercase();
    // One folder alone tells nothing: `/home`, `/srv`, the `/tcp` of a port.
    (!OF_UNIX.contains(&first.as_str()) && folders.next().is_some()).then_some(path)
}

/// `\\SERVER\share\…`; not a device (`\\.\pipe`) or a long path (`\\?\C:\`).
fn share(text: &str) -> Option<&str> {
    server_of_share(text, 0)?;
    Some(windows_end(text, 0))
}

/// The server of a share whose backslashes begin at `at`.
pub fn server_of_share(text: &str, at: usize) -> Option<&str> {
    let head = &text[..at];
    let mut before = head.chars().rev();
    let begins = match (before.next(), before.next(), before.next()) {
        // The colon of a drive ends no label, unlike that of `np:\\SERVER\pipe`.
        (Some(':'), Some(letter), further) => !letter.is_ascii_alphabetic() || further.is_some_and(char::is_alphanumeric),
        (Some(last), _, _) => !last.is_alphanumeric() && !"\\._-$%})".contains(last),
        (None, _, _) => true,
    };
    if !begins {
        return None;
    }
    let rest = text[at..].trim_start_matches('\\');
    let end = rest.find(|c: char| !(c.is_alphanumeric() || matches!(c, '.' | '-' | '_')))?;
    let server = &rest[..end];
    (rest[end..].starts_with('\\') && server.chars().any(char::is_alphanumeric)).then_some(server)
}

/// `C:\…`, also with slashes, where the first folder is not one of the system.
fn drive(text: &str) -> Option<&str> {
    let mut characters = text.chars();
    let letter = characters.next()?;
    if !letter.is_ascii_alphabetic() || characters.next()? != ':' || !matches!(characters.next()?, '\\' | '/') {
        return None;
    }
    let path = windows_end(text, 2);
    let below = path[2..].trim_start_matches(['\\', '/']).to_lowercase();
    let first = below.split(['\\', '/']).next().unwrap_or_default();
    // A name with blanks ends at the text's own blank where nothing is below it: its begin is enough to know the system's folders.
    let of_system = OF_WINDOWS.iter().any(|folder| first == *folder || (folder.contains(' ') && folder.starts_with(first)));
    (!first.is_empty() && !of_system).then_some(path)
}

/// A Windows path from its begin to its end. Blanks belong to it while a backslash follows the word behind them.
fn windows_end(text: &str, from: usize) -> &str {
    let stop = |c: char| "\"'`<>|;,*?:()[]{}".contains(c) || c.is_control();
    let whole = text[from..].find(stop).map_or(text.len(), |end| from + end);
    let mut end = text[..whole].find(char::is_whitespace).unwrap_or(whole);
    while end < whole {
        let word = text[end..whole].trim_start();
        let start = whole - word.len();
        let next = word.find(char::is_whitespace).map_or(whole, |length| start + length);
        let one_blank = start == end + 1;
        // `and \\server\share` begins another path.
        let goes_on = text[start..next].find('\\').is_some_and(|at| at > 0);
        if !one_blank || !goes_on {
            break;
        }
        end = next;
    }
    text[..end].trim_end_matches(['.', '\\', '!'])
}

/// The length of the user's name that begins at `at`, right behind the folder of all users.
pub fn user_behind_home(text: &str, at: usize) -> Option<usize> {
    let head = &text[..at];
    let behind = |home: &str| {
        let from = head.len().checked_sub(home.len());
        from.and_then(|from| head.get(from..)).is_some_and(|tail| tail.eq_ignore_ascii_case(home))
    };
    if !HOMES.iter().any(|home| behind(home)) {
        return None;
    }
    let rest = &text[at..];
    let length = rest.find(|c: char| c.is_whitespace() || "\\/%\"'`<>|;,:()[]{}".contains(c)).unwrap_or(rest.len());
    (length > 0 && !rest.starts_with('.')).then_some(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str) -> Vec<&str> {
        let mut found = Vec::new();
        let mut end = 0;
        for (start, _) in text.char_indices() {
            if start >= end
                && let Some(place) = at(text, start)
            {
                end = start + place.length;
                found.push(&text[start..end]);
            }
        }
        found
    }

    #[test]
    fn own_folders_are_found_to_their_end() {
        let cases = [
            ("exec /home/anna/bin/server.", vec!["/home/anna/bin/server"]),
            ("-I/home/anna/x \"/srv/shop/a b\"", vec!["/home/anna/x", "/srv/shop/a"]),
            ("in /home/anna/app.conf:12", vec!["/home/anna/app.conf"]),
            ("file:///home/anna/x", vec!["///home/anna/x"]),
            (r"C:\Users\Anna Meyer\app.exe -v", vec![r"C:\Users\Anna Meyer\app.exe"]),
            (r"C:\\Users\\anna\\x.log, D:\SQLData\shop.mdf", vec![r"C:\\Users\\anna\\x.log", r"D:\SQLData\shop.mdf"]),
            (r"\\FILES01\shop\x and \\\\files02\\y", vec![r"\\FILES01\shop\x", r"\\\\files02\\y"]),
        ];
        for (text, wanted) in cases {
            assert_eq!(all(text), wanted, "{text}");
        }
    }

    #[test]
    fn folders_of_the_system_stay() {
        for text in [
            "/usr/sbin/nginx /etc/nginx/nginx.conf:3 /var/lib/postgresql/15/main /proc/net/tcp /run/x",
            "/system.slice/nginx.service and 0::/user.slice/user-1000.slice/x",
            r"C:\Windows\System32\svchost.exe C:\Program Files\Microsoft SQL Server\x.exe",
            r"\\.\pipe\sql\query and \\?\C:",
            "1433/tcp, and/or, http://x/y, /tcp, a / b, %1/%2",
        ] {
            assert_eq!(all(text), Vec::<&str>::new(), "{text}");
        }
    }

    #[test]
    fn one_path_in_two_spellings_is_one_value() {
        assert_eq!(key(r"C:\\Users\\Anna\\x"), key(r"c:\users\anna\x"));
    }
}
