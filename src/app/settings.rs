//! What the user set once and wants to find again: a small file in the user's own folder for settings.

use std::path::PathBuf;
use std::{fmt, fs, io};

use serde::{Deserialize, Serialize};

use crate::platform::{folder, home};
use crate::report::Hide;

/// Which theme to show.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ThemeChoice {
    /// The one of the system.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl ThemeChoice {
    /// All choices, in the order in which they are shown.
    pub const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    /// Its word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::System => "As the system",
            Self::Light => "Light",
            Self::Dark => "Dark",
        }
    }
}

/// How large everything is, in hundredths of what the system asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Scale(u16);

impl Scale {
    /// The scales, from the smallest.
    pub const ALL: [Self; 5] = [Self(80), Self(100), Self(125), Self(150), Self(200)];

    /// The factor. A scale that a hand wrote into the file is brought within bounds.
    pub fn factor(self) -> f32 {
        f32::from(self.0.clamp(Self::ALL[0].0, Self::ALL[4].0)) / 100.0
    }

    /// The next larger one.
    #[must_use]
    pub fn larger(self) -> Self {
        Self::ALL.into_iter().find(|scale| scale.0 > self.0).unwrap_or(self)
    }

    /// The next smaller one.
    #[must_use]
    pub fn smaller(self) -> Self {
        Self::ALL.into_iter().rev().find(|scale| scale.0 < self.0).unwrap_or(self)
    }
}

impl Default for Scale {
    fn default() -> Self {
        Self(100)
    }
}

impl fmt::Display for Scale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\u{a0}%", self.0)
    }
}

/// The settings.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// The theme.
    pub theme: ThemeChoice,
    /// Whether nothing on the screen shall move.
    pub reduce_motion: bool,
    /// How large everything is.
    pub scale: Scale,
    /// What reports hide until somebody wants it otherwise for one of them.
    pub hide: Hide,
}

impl Settings {
    /// The saved settings; the usual ones where there are none or they cannot be read: a lost theme must not keep the window shut.
    pub fn load() -> Self {
        file().and_then(|path| fs::read(path).ok()).and_then(|bytes| toml::from_slice(&bytes).ok()).unwrap_or_default()
    }

    /// Saves them.
    ///
    /// # Errors
    /// Where there is no folder for settings, or it cannot be written.
    pub fn save(&self) -> io::Result<()> {
        let path = file().ok_or_else(|| io::Error::other("this user has no folder for settings"))?;
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(path, toml::to_string(self).map_err(io::Error::other)?)
    }
}

/// `$XDG_CONFIG_HOME/portmedic/settings.toml` or its usual place; `%LOCALAPPDATA%\PortMedic` on Windows.
fn file() -> Option<PathBuf> {
    let own = if cfg!(windows) {
        folder("LOCALAPPDATA")?.join("PortMedic")
    } else {
        folder("XDG_CONFIG_HOME").or_else(|| home().map(|home| home.join(".config")))?.join("portmedic")
    };
    Some(own.join("settings.toml"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_end_at_the_smallest_and_the_largest() {
        assert_eq!(Scale::default().larger().to_string(), "125\u{a0}%");
        assert_eq!(Scale(200).larger(), Scale(200));
        assert_eq!(Scale(80).smaller(), Scale(80));
        assert_eq!(Scale(110).smaller(), Scale(100), "one that is not in the list finds its way back");
        assert!((Scale(9000).factor() - 2.0).abs() < f32::EPSILON);
    }

    #[test]
    fn a_file_of_an_older_version_keeps_what_it_says() {
        let settings: Settings = toml::from_str("theme = \"dark\"").unwrap();
        assert_eq!(settings, Settings { theme: ThemeChoice::Dark, ..Settings::default() });
    }
}
