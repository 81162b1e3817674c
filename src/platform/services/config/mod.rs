//! The ports that a product's own configuration tells. Each reader is pure: text in, ports out; the files come through [`Files`].

mod apache;
mod endpoint;
mod haproxy;
mod mysql;
mod nginx;
mod place;
mod postgresql;
mod redis;
mod settings;
mod sshd;
#[cfg(test)]
pub mod testing;

use std::net::IpAddr;

use crate::machine::{Port, Protocol};

pub use endpoint::endpoints;
pub use place::{Place, settings_of};

/// How deep files may include each other.
const DEEPEST: usize = 8;

/// The files that a configuration is made of.
pub trait Files {
    /// The text of a file; `None` where it is not there or may not be read.
    fn read(&self, path: &str) -> Option<String>;
    /// The paths that fit a pattern with `*`, in order. A path without one is given back, whether it is there or not.
    fn matching(&self, pattern: &str) -> Vec<String>;
    /// Whether the path is a folder.
    fn is_folder(&self, path: &str) -> bool;
}

/// A port that a configuration tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// The port.
    pub port: Port,
    /// The address; `None` for every address.
    pub address: Option<IpAddr>,
    /// The protocol.
    pub protocol: Protocol,
    /// The file.
    pub file: String,
    /// The line, counted from 1; `None` where the file is silent and the product's usual port holds.
    pub line: Option<usize>,
}

/// A path that a file names, which may be relative to `folder`. Paths of Windows are written with slashes, as programs there take them, too.
pub fn absolute(path: &str, folder: &str) -> String {
    let path = if has_drive(path) || has_drive(folder) { path.replace('\\', "/") } else { path.to_owned() };
    if path.starts_with('/') || has_drive(&path) { path } else { format!("{}/{path}", folder.trim_end_matches('/')) }
}

/// Whether a path begins with a drive of Windows: `C:`.
fn has_drive(path: &str) -> bool {
    let mut characters = path.chars();
    characters.next().is_some_and(|letter| letter.is_ascii_alphabetic()) && characters.next() == Some(':')
}

/// The folder of a file.
fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}
