//! A line with a prompt and the command that was typed behind it.

/// A command that somebody typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Command<'a> {
    /// Its text, without the prompt.
    pub text: &'a str,
    /// Its line, from 0.
    pub at: usize,
    /// The computer that the prompt names.
    pub computer: Option<&'a str>,
}

impl<'a> Command<'a> {
    /// The command of a line, where it is one; its text is empty behind a bare prompt.
    pub fn of_line(line: &'a str, at: usize) -> Option<Self> {
        let line = line.trim();
        let plain = |text: &'a str| Self { text: text.trim(), at, computer: None };
        if is_netsh(line) {
            return Some(plain(line));
        }
        if let Some((computer, text)) = remote(line) {
            return Some(Self { computer: Some(computer), ..plain(text) });
        }
        windows(line).map(plain).or_else(|| {
            let (computer, text) = unix(line)?;
            Some(Self { text: text.trim(), at, computer })
        })
    }

    /// Its words in small letters.
    pub fn words(&self) -> impl Iterator<Item = String> {
        self.text.split_whitespace().map(str::to_ascii_lowercase)
    }
}

fn is_netsh(line: &str) -> bool {
    line.split_whitespace()
        .next()
        .is_some_and(|word| word.eq_ignore_ascii_case("netsh") || word.eq_ignore_ascii_case("netsh.exe"))
}

/// `[SRV01]: PS C:\x>` in front of a command, with the computer.
fn remote(line: &str) -> Option<(&str, &str)> {
    let (computer, prompt) = line.strip_prefix('[')?.split_once("]: PS ")?;
    let is_name = !computer.is_empty() && computer.chars().all(|c| c.is_alphanumeric() || "-_.".contains(c));
    windows(prompt).filter(|_| is_name).map(|text| (computer, text))
}

/// `C:\>`, `PS C:\x>` and `PS>` in front of a command.
fn windows(line: &str) -> Option<&str> {
    let path = line.strip_prefix("PS").map_or(line, |rest| rest.trim_start().trim_start_matches('>').trim_start());
    let has_drive = path.as_bytes().first().is_some_and(u8::is_ascii_alphabetic) && path[1..].starts_with(":\\");
    if has_drive || path.starts_with("\\\\") {
        return path.split_once('>').map(|(_, command)| command.trim_start_matches('>'));
    }
    line.strip_prefix("PS")
        .filter(|rest| rest.trim_start().starts_with('>'))
        .map(|rest| rest.trim_start().trim_start_matches('>'))
}

/// `$`, `#`, `user@host:~$` and `[user@host ~]#` in front of a command, with the computer.
fn unix(line: &str) -> Option<(Option<&str>, &str)> {
    for sign in ["$ ", "# "] {
        let Some((prompt, command)) = line.split_once(sign) else { continue };
        if prompt.is_empty() && sign == "$ " {
            return Some((None, command));
        }
        let inner = prompt.strip_prefix('[').and_then(|prompt| prompt.strip_suffix(']')).unwrap_or(prompt);
        let is_one_word = !inner.contains(char::is_whitespace) || inner.len() < prompt.len();
        if let Some((user, place)) = inner.split_once('@')
            && is_one_word
            && !user.is_empty()
        {
            let host = place.split([':', ' ']).next().filter(|host| !host.is_empty())?;
            return Some((Some(host), command));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::Command;

    #[test]
    fn the_command_behind_a_prompt_is_found() {
        let prompts = [
            (r"C:\Windows\system32>netsh int ipv4 show dynamicport tcp", "netsh int ipv4 show dynamicport tcp", None),
            (r"PS C:\> netstat -ano", "netstat -ano", None),
            (r"PS> C:\Program Files\X> netstat -ano", "netstat -ano", None),
            (r"[SRV-01]: PS C:\Users\adm> netstat -ano", "netstat -ano", Some("SRV-01")),
            ("PS> Get-NetTCPConnection", "Get-NetTCPConnection", None),
            (r"C:\>", "", None),
            ("netsh int ipv6 show dynamicport udp", "netsh int ipv6 show dynamicport udp", None),
            ("$ sysctl net.ipv4", "sysctl net.ipv4", None),
            ("root@web01:/etc# ss -tulpn", "ss -tulpn", Some("web01")),
            ("[admin@db02 ~]$ netstat -tlpn", "netstat -tlpn", Some("db02")),
        ];
        for (line, text, computer) in prompts {
            assert_eq!(Command::of_line(line, 3), Some(Command { text, at: 3, computer }), "{line}");
        }
    }

    #[test]
    fn what_is_no_prompt_is_none() {
        for line in [
            "",
            "  TCP    0.0.0.0:80   0.0.0.0:0   LISTENING   4",
            "# a comment",
            "path C:\\x > y",
            "a@b.test wrote: 5 $ more",
            "é:\\>x",
        ] {
            assert_eq!(Command::of_line(line, 0), None, "{line}");
        }
    }
}
