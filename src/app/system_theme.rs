//! Whether the desktop is dark. Windows and macOS tell the window itself; on Linux the desktop's portal knows.

/// What the desktop says; `None` where nothing answers or it has no preference.
///
/// The portal's setting is 1 for dark and 2 for light
/// (<https://flatpak.github.io/xdg-desktop-portal/docs/doc-org.freedesktop.portal.Settings.html>).
#[cfg(target_os = "linux")]
pub fn is_dark() -> Option<bool> {
    use std::time::Duration;

    const QUESTION: [&str; 9] = [
        "--user",
        "--timeout=2",
        "call",
        "org.freedesktop.portal.Desktop",
        "/org/freedesktop/portal/desktop",
        "org.freedesktop.portal.Settings",
        "Read",
        "ss",
        "org.freedesktop.appearance",
    ];
    let question: Vec<&str> = QUESTION.into_iter().chain(["color-scheme"]).collect();
    let answer = crate::platform::command::run("busctl", &question, Duration::from_secs(3)).ok()?;
    read(&answer.stdout).filter(|_| answer.success())
}

/// Elsewhere the window system tells.
#[cfg(not(target_os = "linux"))]
pub const fn is_dark() -> Option<bool> {
    None
}

/// Reads `v v u 1`.
#[cfg(any(target_os = "linux", test))]
fn read(answer: &str) -> Option<bool> {
    match answer.split_whitespace().next_back()? {
        "1" => Some(true),
        "2" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn the_portals_numbers_are_read() {
        assert_eq!(read("v v u 1\n"), Some(true));
        assert_eq!(read("v v u 2\n"), Some(false));
        assert_eq!(read("v v u 0\n"), None);
        assert_eq!(read(""), None);
    }
}
