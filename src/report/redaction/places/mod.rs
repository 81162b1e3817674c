//! What can be told from its form alone: addresses, mail addresses, folders, and the names that stand in well-known places.

mod address;
mod path;
mod secret;
mod server;

pub use address::word_of_stand_in;
pub use path::is_own_folder;
pub use server::servers;

use super::{Kind, boundary, known};

/// A value in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// What it is.
    pub kind: Kind,
    /// The word for it, without the number.
    pub stem: &'static str,
    /// What makes it the same value as another spelling.
    pub key: String,
    /// How many bytes it takes.
    pub length: usize,
}

impl Place {
    fn new(kind: Kind, key: impl Into<String>, length: usize) -> Self {
        Self { kind, stem: kind.name(), key: key.into(), length }
    }
}

/// The value that begins at `at`.
pub fn at(text: &str, at: usize) -> Option<Place> {
    let rest = &text[at..];
    if let Some(place) = login_at(text, at).or_else(|| secret::at(text, at)) {
        return Some(place);
    }
    if let Some(path) = path::at(text, at) {
        return Some(path);
    }
    if !boundary::before(text, at) {
        return home_at(text, at);
    }
    mail_at(rest).or_else(|| sid_at(rest)).or_else(|| address::at(text, at)).or_else(|| home_at(text, at))
}

/// A name that ends with one of the domains, and what makes it the same as another spelling.
pub fn in_domain(text: &str, at: usize, domains: &[String]) -> Option<(usize, String)> {
    let token = host_name(&text[at..]);
    let lower = token.to_lowercase();
    let inside = |domain: &String| lower.strip_suffix(domain.as_str()).is_some_and(|head| head.len() > 1 && head.ends_with('.'));
    domains.iter().any(inside).then_some((token.len(), lower))
}

/// Words that stand for hidden values already: `user-1`.
pub fn words(text: &str) -> Vec<String> {
    let word_characters = |c: char| !(c.is_ascii_alphanumeric() || c == '-');
    let is_word = |token: &&str| {
        let (stem, number) = token.rsplit_once('-').unwrap_or_default();
        matches!(stem, "computer" | "domain" | "user" | "address" | "path" | "secret")
            && !number.is_empty()
            && number.chars().all(|c| c.is_ascii_digit())
    };
    let mut words: Vec<String> = text.split(word_characters).filter(is_word).map(str::to_owned).collect();
    words.extend(word_of_stand_in(text));
    words
}

/// The users that a text names by their place: `/home/anna`, `C:\Users\anna`, `user "anna"`, `user=anna`, `User Id=anna`, `-U anna`.
pub fn users(text: &str) -> Vec<String> {
    let homes = text.char_indices().filter_map(|(at, _)| home_at(text, at).map(|place| text[at..at + place.length].to_owned()));
    let mut users: Vec<String> = homes.collect();
    // Ascii only: offsets into the text stay true.
    let lower = text.to_ascii_lowercase();
    for (at, word) in lower.match_indices("user").chain(lower.match_indices("uid")) {
        let behind = at + word.len();
        let more = ["name", " id"].into_iter().find(|more| lower[behind..].starts_with(more)).unwrap_or_default();
        let rest = &text[behind + more.len()..];
        let quoted = ["=\"", "='", " \"", " '", ": \"", ": '"].iter().find_map(|sign| {
            let rest = rest.strip_prefix(sign)?;
            rest.split_once(['"', '\'']).map(|(name, _)| name)
        });
        let plain = || rest.strip_prefix('=').map(|rest| rest.split(|c: char| !is_name_character(c)).next().unwrap_or_default());
        users.extend(quoted.or_else(plain).filter(|name| name.chars().all(is_name_character)).map(str::to_owned));
    }
    users.extend(users_of_options(text).into_iter().map(str::to_owned));
    users.retain(|user| !user.is_empty() && !known::is_account_of_system(user));
    users
}

/// The users of `-U anna` and `--user anna`, with or without `:password`, and of `sudo -u anna`.
fn users_of_options(text: &str) -> Vec<&str> {
    let words: Vec<&str> = text.split_whitespace().map(|word| word.trim_matches(['"', '\'', '`'])).collect();
    let calls = |programs: &[&str]| words.iter().any(|word| programs.contains(&word.rsplit('/').next().unwrap_or(word)));
    // There `--user` means the user's own units.
    let own_units = calls(&["systemctl", "systemd-run", "journalctl", "busctl"]);
    let takes_user = calls(&["sudo", "runuser", "curl", "mysql", "mysqldump", "mysqladmin", "mariadb"]);
    let is_option = |word: &str| match word {
        "-U" | "--username" => true,
        "--user" => !own_units,
        "-u" => takes_user,
        _ => false,
    };
    let values = words.windows(2).filter(|pair| is_option(pair[0])).map(|pair| pair[1]);
    values.filter_map(|value| value.split(|c: char| !(is_name_character(c) || c == '\\')).next()).collect()
}

fn is_name_character(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '.' | '-' | '_')
}

/// The name of a user right behind the folder of all users.
fn home_at(text: &str, at: usize) -> Option<Place> {
    let length = path::user_behind_home(text, at)?;
    let name = &text[at..at + length];
    (!known::is_account_of_system(name)).then(|| Place::new(Kind::User, name.to_lowercase(), length))
}

/// The characters of a host name at the begin of a text.
fn host_name(text: &str) -> &str {
    let end = text.find(|c: char| !(c.is_alphanumeric() || matches!(c, '.' | '-' | '_'))).unwrap_or(text.len());
    text[..end].trim_end_matches(['.', '-'])
}

/// Who logs in with which password, in a URL: the `anna:secret` of `postgres://anna:secret@db01/shop`.
fn login_at(text: &str, at: usize) -> Option<Place> {
    let login = &text[at..login_end(text, at)? - '@'.len_utf8()];
    (!login.is_empty() && !known::is_account_of_system(login)).then(|| Place::new(Kind::User, login, login.len()))
}

/// Where the computer begins in a URL of which `at` is right behind the `://`, where somebody logs in before.
fn login_end(text: &str, at: usize) -> Option<usize> {
    if !text[..at].ends_with("://") {
        return None;
    }
    let rest = &text[at..];
    let end = rest.find(|c: char| c.is_whitespace() || "/?#\"'`<>".contains(c)).unwrap_or(rest.len());
    // A password may have an @ in it.
    rest[..end].rfind('@').map(|sign| at + sign + 1)
}

/// A mail address. Template units (`postgresql@15-main.service`) look like one and are none.
fn mail_at(text: &str) -> Option<Place> {
    let local = text.find(|c: char| !(c.is_alphanumeric() || "._%+-".contains(c)))?;
    let domain = text[local..].strip_prefix('@').map(host_name)?;
    let (_, last) = domain.rsplit_once('.')?;
    let is_unit = matches!(
        last,
        "service"
            | "socket"
            | "target"
            | "slice"
            | "scope"
            | "timer"
            | "mount"
            | "automount"
            | "path"
            | "device"
            | "swap"
            | "conf"
    );
    let is_top_level = last.len() > 1 && last.chars().all(char::is_alphabetic);
    let length = local + 1 + domain.len();
    (local > 0 && is_top_level && !is_unit).then(|| Place::new(Kind::User, text[..length].to_lowercase(), length))
}

/// The number of an account on Windows; those of the system are shorter.
fn sid_at(text: &str) -> Option<Place> {
    const START: &str = "S-1-5-21-";
    let rest = text.strip_prefix(START)?;
    let length = START.len() + rest.find(|c: char| !(c.is_ascii_digit() || c == '-')).unwrap_or(rest.len());
    Some(Place::new(Kind::User, &text[..length], length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_are_told_by_where_they_stand() {
        let cases = [
            (r#"password authentication failed for user "anna""#, vec!["anna"]),
            ("USER=anna ; COMMAND=/usr/bin/x", vec!["anna"]),
            ("USERNAME=Anna and UserName='ben'", vec!["Anna", "ben"]),
            ("/home/anna/bin and /home/postgres/x", vec!["anna"]),
            (r"C:\Users\Anna\x c:\\users\\ben\\y", vec!["Anna", "ben"]),
            ("the user manager; User=www-data; user: root", vec![]),
            ("Server=db01;User Id=anna;Password=x; Uid=ben", vec!["anna", "ben"]),
            ("psql -U anna -h db01, sqlcmd -U 'ben' --user clara:x", vec!["anna", "ben", "clara"]),
            ("sudo -u anna ls; journalctl -u nginx", vec!["anna"]),
            ("systemctl --user start x; sort -u y", vec![]),
        ];
        for (text, wanted) in cases {
            assert_eq!(users(text), wanted, "{text}");
        }
    }

    #[test]
    fn template_units_are_no_mail() {
        assert_eq!(mail_at("postgresql@15-main.service"), None);
        assert_eq!(mail_at("user@1000.service"), None);
        assert_eq!(mail_at("Anna.Weber@example.net, x").map(|place| place.length), Some(22));
    }
}
