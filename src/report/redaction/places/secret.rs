//! Passwords, keys and tokens: what stands behind a name that says so, as command lines, connection strings, headers and logs write it.

use super::{Kind, Place};

/// What the names of secrets end with, without what parts their words: `PGPASSWORD`, `db_password`, `--api-key`, `SharedAccessKey`.
const NAMES: &[&str] = &[
    "password",
    "passwd",
    "passphrase",
    "pwd",
    "secret",
    "token",
    "apikey",
    "accesskey",
    "accountkey",
    "secretkey",
    "privatekey",
    "authorization",
    "requirepass",
    "masterauth",
];

/// Words that are the name of a secret only alone or as the last of several: `--pass`, `REDIS_PASS`, not `bypass`.
const WORDS: &[&str] = &["pass", "pw"];

/// Names that end like that of a secret and are none.
const NO_SECRETS: &[&str] = &["nopasswd"];

/// What may stand between `Authorization:` and the secret (RFC 9110, section 11.6.2).
const SCHEMES: &[&str] = &["basic", "bearer", "digest", "negotiate", "ntlm", "token"];

/// Options that take `user:password`.
const LOGINS: &[&str] = &["-u", "--user", "--proxy-user"];

/// The secret that begins at `at`.
pub fn at(text: &str, at: usize) -> Option<Place> {
    let (head, rest) = text.split_at(at);
    if rest.starts_with(|c: char| c.is_whitespace() || "\"'\\=".contains(c)) || rest.starts_with("N'") {
        return None;
    }
    let length = in_url(text, at).or_else(|| behind_login(head, rest)).or_else(|| behind_name(head, rest))?;
    let value = &rest[..length];
    // Many programs write signs in the place of a password.
    let is_masked = value.chars().all(|c| matches!(c, '*' | '\u{2022}'));
    (!is_masked).then(|| Place::new(Kind::Secret, value, length))
}

/// The password of `postgres://anna:password@db01`.
fn in_url(text: &str, at: usize) -> Option<usize> {
    let login = text[..at].strip_suffix(':')?;
    let (_, user) = login.rsplit_once("://")?;
    let end = super::login_end(text, login.len() - user.len())?;
    (!user.contains([':', '@']) && end > at + 1).then(|| end - 1 - at)
}

/// The password of `-u anna:password`.
fn behind_login(head: &str, rest: &str) -> Option<usize> {
    let before = head.strip_suffix(':')?;
    let (options, user) = before.rsplit_once(char::is_whitespace)?;
    let option = options.split_whitespace().next_back()?;
    let length = end_of_word(rest);
    // `docker run -u 1000:1000` names a user and a group.
    let is_number = rest[..length].chars().all(|c| c.is_ascii_digit());
    (LOGINS.contains(&option) && !user.contains(':') && !is_number).then_some(length)
}

/// The value behind the name of a secret.
fn behind_name(head: &str, rest: &str) -> Option<usize> {
    let (head, quote) = strip_quote(head);
    if let Some(length) = behind_scheme(head, rest) {
        return Some(length);
    }
    let name = match strip_sign(head) {
        Some(name) => name,
        // `--password value` and `PASSWORD 'value'`; another option behind it is no value.
        None => option_or_quoted(head, quote.is_some()).filter(|_| !rest.starts_with('-'))?,
    };
    if !is_name(name) || is_working_folder(name, rest) {
        return None;
    }
    let value = quote.map_or_else(|| end_of_plain(rest), |quote| end_of_quoted(rest, quote));
    let is_scheme = SCHEMES.contains(&rest[..value].to_ascii_lowercase().as_str());
    (value > 0 && !is_scheme).then_some(value)
}

/// The token of `Authorization: Bearer token`, and of `Bearer token` alone.
fn behind_scheme(head: &str, rest: &str) -> Option<usize> {
    let before = head.strip_suffix(' ')?.trim_end();
    let (before, scheme) = before.split_at(start_of_word(before));
    let scheme = scheme.to_ascii_lowercase();
    let of_header = || strip_sign(strip_quote(before).0).is_some_and(|name| name.to_ascii_lowercase().ends_with("authorization"));
    (scheme == "bearer" || SCHEMES.contains(&scheme.as_str()) && of_header()).then(|| end_of_word(rest))
}

/// What stands before the quote with which a value begins, and that quote with the backslashes before it, as JSON within a log has them.
fn strip_quote(head: &str) -> (&str, Option<&str>) {
    if !head.ends_with(['"', '\'']) {
        return (head, None);
    }
    let before = head[..head.len() - 1].trim_end_matches('\\');
    let quote = &head[before.len()..];
    // SQL Server writes `N'text'`.
    (before.strip_suffix(" N").unwrap_or(before), Some(quote))
}

/// What stands before a `=`, `:`, `=>` or `:=`, where the text ends with one.
fn strip_sign(head: &str) -> Option<&str> {
    let head = head.trim_end_matches(' ');
    let before = head.strip_suffix("=>").or_else(|| head.strip_suffix(":=")).or_else(|| head.strip_suffix(['=', ':']))?;
    Some(strip_quote(before.trim_end()).0)
}

/// The option with which the text ends, or its last word where a quote follows.
fn option_or_quoted(head: &str, quoted: bool) -> Option<&str> {
    let before = head.strip_suffix(' ')?.trim_end();
    let word = before.split_whitespace().next_back()?;
    (quoted || word.starts_with('-')).then_some(before)
}

/// Whether the text ends with the name of a secret.
fn is_name(text: &str) -> bool {
    let name = &text[start_of_word(text)..];
    let last = name.rsplit(['-', '_', '.']).next().unwrap_or_default().to_ascii_lowercase();
    let whole: String = name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    let ends = NAMES.iter().any(|name| whole.ends_with(name)) || WORDS.contains(&last.as_str());
    ends && !NO_SECRETS.contains(&whole.as_str())
}

/// `PWD=/home/anna` is the folder a program runs in.
fn is_working_folder(name: &str, value: &str) -> bool {
    let name = &name[start_of_word(name)..];
    matches!(name, "PWD" | "OLDPWD") && value.starts_with('/')
}

/// Where the last word of a text begins, as names of options and variables are written.
fn start_of_word(text: &str) -> usize {
    text.trim_end_matches(|c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')).len()
}

fn end_of_word(text: &str) -> usize {
    text.find(|c: char| c.is_whitespace() || "\"'`,;".contains(c)).unwrap_or(text.len())
}

/// Where a value ends that began with this quote: at one with no more backslashes, or with its line where the text was cut.
fn end_of_quoted(text: &str, quote: &str) -> usize {
    let line = text.lines().next().unwrap_or_default();
    let sign = quote.trim_start_matches('\\');
    let ends = line.match_indices(sign).map(|(at, _)| line[..at].trim_end_matches('\\').len()..at);
    let end = ends.into_iter().find(|slashes| slashes.len() < quote.len());
    end.map_or(line.len(), |slashes| slashes.start)
}

/// Where a value without quotes ends. In a connection string it goes up to the semicolon, with its blanks.
fn end_of_plain(text: &str) -> usize {
    if let Some(inner) = text.strip_prefix('{') {
        return inner.find('}').map_or_else(|| end_of_word(text), |end| end + 2);
    }
    let word = text.find(|c: char| c.is_whitespace() || "\"'`;&".contains(c)).unwrap_or(text.len());
    let part = text.find([';', '=', '"', '\'', '\n']).filter(|end| text[*end..].starts_with(';'));
    let goes_on =
        |end: &usize| text[*end + 1..].split(';').next().is_some_and(|next| next.trim().is_empty() || next.contains('='));
    match part.filter(goes_on) {
        Some(end) if !text[..end].ends_with(' ') => end,
        _ => text[..word].trim_end_matches([',', ')', ']', '}']).len(),
    }
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
    fn secrets_are_told_by_the_name_before_them() {
        let cases = [
            ("bkagent --password=hunter2 --port 1433", vec!["hunter2"]),
            ("bkagent --password hunter2, -pw 'a b' --api-key k1", vec!["hunter2", "a b", "k1"]),
            ("env PGPASSWORD=hunter2 REDIS_PASS=x1 psql", vec!["hunter2", "x1"]),
            ("Server=db01;User Id=anna;Password=my pass;Database=shop", vec!["my pass"]),
            ("Driver={x};Uid=anna;Pwd={a;b};Port=1", vec!["{a;b}"]),
            ("DSN=x;Pwd=hunter2;", vec!["hunter2"]),
            ("GET /x?token=abc123&api_key=def&port=80", vec!["abc123", "def"]),
            ("curl -H 'Authorization: Bearer eyJ.a-b_c' -H 'authorization: Basic YTpi' x", vec!["eyJ.a-b_c", "YTpi"]),
            ("Authorization: k9, x-auth-token: t8", vec!["k9", "t8"]),
            (r#"{"user":"anna","password":"a \" b", "port":1}"#, vec![r#"a \" b"#]),
            (r#"msg="{\"password\": \"hun ter\"}""#, vec!["hun ter"]),
            ("ALTER LOGIN anna WITH PASSWORD = N'hun ter'; PASSWORD 'x y'", vec!["hun ter", "x y"]),
            ("requirepass=hunter2 javax.net.ssl.keyStorePassword=hunter3", vec!["hunter2", "hunter3"]),
            ("curl -u anna:hunter2 http://x", vec!["hunter2"]),
            ("postgres://postgres:s3cr@t@db01/shop and http://x:80/a@b", vec!["s3cr@t"]),
            ("a (password=hunter2), b", vec!["hunter2"]),
            ("password=\"cut off", vec!["cut off"]),
            ("password=hunter2 failed; retry", vec!["hunter2"]),
        ];
        for (text, wanted) in cases {
            assert_eq!(all(text), wanted, "{text}");
        }
    }

    #[test]
    fn what_is_no_secret_stays() {
        for text in [
            "Failed password for anna from 10.0.0.5 port 22",
            "sudo: anna : TTY=pts/0 ; PWD=/home/anna ; USER=root ; COMMAND=/usr/bin/x",
            "NOPASSWD: ALL, bypass=1, max_tokens=5, compass: north",
            "mysql --password --host db01, --password-file=/run/x",
            "password=**** and password=\"\"",
            "docker run --user 1000:1000 nginx",
            "the token is old, a pass at port 80",
        ] {
            assert_eq!(all(text), Vec::<&str>::new(), "{text}");
        }
    }
}
