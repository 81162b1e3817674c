//! Which shared libraries of the window system are missing, with the package that brings each. They are loaded by name while the window
//! opens, so a bare server starts the program and only then finds out.

/// A library and who brings it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Library {
    /// The file that is loaded.
    pub file: &'static str,
    /// The package on Debian and Ubuntu.
    pub debian: &'static str,
    /// The package on Fedora and its relatives.
    pub fedora: &'static str,
}

const fn library(file: &'static str, debian: &'static str, fedora: &'static str) -> Library {
    Library { file, debian, fedora }
}

/// What a window on X11 needs.
const X11: [Library; 6] = [
    library("libX11.so.6", "libx11-6", "libX11"),
    library("libX11-xcb.so.1", "libx11-xcb1", "libX11-xcb"),
    library("libXcursor.so.1", "libxcursor1", "libXcursor"),
    library("libXi.so.6", "libxi6", "libXi"),
    library("libxkbcommon.so.0", "libxkbcommon0", "libxkbcommon"),
    library("libxkbcommon-x11.so.0", "libxkbcommon-x11-0", "libxkbcommon-x11"),
];

/// What a window on Wayland needs.
const WAYLAND: [Library; 2] = [
    library("libwayland-client.so.0", "libwayland-client0", "libwayland-client"),
    library("libxkbcommon.so.0", "libxkbcommon0", "libxkbcommon"),
];

/// What draws: one of the two is enough.
const DRAWING: [Library; 2] =
    [library("libvulkan.so.1", "mesa-vulkan-drivers", "mesa-vulkan-drivers"), library("libEGL.so.1", "libegl1", "mesa-libEGL")];

/// The libraries that are missing here.
pub fn missing() -> Vec<Library> {
    if !cfg!(target_os = "linux") {
        return Vec::new();
    }
    let wayland = std::env::var_os("WAYLAND_DISPLAY").is_some_and(|value| !value.is_empty());
    missing_of(wayland, &|file| is_installed(file))
}

fn missing_of(wayland: bool, installed: &dyn Fn(&str) -> bool) -> Vec<Library> {
    let system: &[Library] = if wayland { &WAYLAND } else { &X11 };
    let mut missing: Vec<Library> = system.iter().copied().filter(|library| !installed(library.file)).collect();
    if !DRAWING.iter().any(|library| installed(library.file)) {
        missing.extend(DRAWING);
    }
    missing
}

/// Whether the loader would find the file: in its cache, or in a folder where it always looks.
fn is_installed(file: &str) -> bool {
    const FOLDERS: [&str; 8] = [
        "/lib",
        "/usr/lib",
        "/lib64",
        "/usr/lib64",
        "/lib/x86_64-linux-gnu",
        "/usr/lib/x86_64-linux-gnu",
        "/lib/aarch64-linux-gnu",
        "/usr/lib/aarch64-linux-gnu",
    ];
    let in_folder = || FOLDERS.iter().any(|folder| std::path::Path::new(folder).join(file).exists());
    in_folder() || std::fs::read("/etc/ld.so.cache").is_ok_and(|cache| contains_name(&cache, file))
}

/// The loader's cache holds each file's name, ended by a zero byte.
fn contains_name(cache: &[u8], file: &str) -> bool {
    let name: Vec<u8> = std::iter::once(0).chain(file.bytes()).chain(std::iter::once(0)).collect();
    cache.windows(name.len()).any(|window| window == name)
}

/// The commands that install these libraries, one for each family of distributions.
pub fn install_commands(missing: &[Library]) -> Vec<String> {
    let list = |package: fn(&Library) -> &'static str| {
        let mut names: Vec<&str> = missing.iter().map(package).collect();
        names.dedup();
        names.join(" ")
    };
    vec![
        format!("Debian, Ubuntu:  sudo apt install {}", list(|library| library.debian)),
        format!("Fedora, RHEL:    sudo dnf install {}", list(|library| library.fedora)),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_keyboard_library_is_named_with_its_packages() {
        let missing = missing_of(false, &|file| file != "libxkbcommon-x11.so.0");
        assert_eq!(missing.iter().map(|library| library.file).collect::<Vec<_>>(), ["libxkbcommon-x11.so.0"]);
        let commands = install_commands(&missing);
        assert!(commands[0].ends_with("sudo apt install libxkbcommon-x11-0"), "{commands:?}");
        assert!(commands[1].ends_with("sudo dnf install libxkbcommon-x11"), "{commands:?}");
    }

    #[test]
    fn one_way_to_draw_is_enough() {
        assert!(missing_of(false, &|file| file != "libvulkan.so.1").is_empty());
        assert_eq!(missing_of(true, &|file| !DRAWING.iter().any(|library| library.file == file)).len(), 2);
    }

    #[test]
    fn the_loaders_cache_is_searched_for_whole_names() {
        let cache = b"\0libX11.so.6\0/usr/lib/libX11.so.6\0libxkbcommon-x11.so.0\0";
        assert!(contains_name(cache, "libX11.so.6"));
        assert!(!contains_name(cache, "libxkbcommon-x11.so"));
        assert!(!contains_name(cache, "X11.so.6"));
    }
}
