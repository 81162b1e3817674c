//! What the user set once and wants to find again: a small file in the user's own folder for settings.

use std::path::PathBuf;
use std::{fs, io};

use serde::{Deserialize, Serialize};

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

/// The settings.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// The theme.
    pub theme: ThemeChoice,
    /// Whether nothing on the screen shall move.
    pub reduce_motion: bool,
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

/// `$XDG_CONFIG_HOME/portmedic/settings.toml` or its usual place; `%APPDATA%` on Windows.
fn file() -> Option<PathBuf> {
    let folder = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let base = if cfg!(windows) {
        folder("APPDATA")
    } else {
        folder("XDG_CONFIG_HOME").or_else(|| folder("HOME").map(|home| home.join(".config")))
    };
    base.map(|base| base.join("portmedic").join("settings.toml"))
}
