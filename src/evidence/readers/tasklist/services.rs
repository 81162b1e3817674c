//! Processes of a table with the text of their services, and which text says that there are none.

use std::collections::HashMap;

use crate::evidence::fact::{Names, Place, ProcessNamed, Reading};
use crate::evidence::page::Page;

/// `N/A` as `tasklist` translates it.
const NONE: [&str; 22] = [
    "N/A",
    "Nicht zutreffend",
    "Nicht verfügbar",
    "Non disponible",
    "N/D",
    "No aplicable",
    "No disponible",
    "Non applicabile",
    "Nie dotyczy",
    "Brak",
    "Н/Д",
    "Не применимо",
    "Nincs",
    "Není k dispozici",
    "Yok",
    "Ej tillämpligt",
    "Saknas",
    "Niet van toepassing",
    "N.v.t.",
    "暂缺",
    "該当なし",
    "해당 없음",
];

/// A row of a table.
pub struct Row<'a> {
    /// The number of the process.
    pub pid: u32,
    /// Its executable.
    pub name: &'a str,
    /// Its services, or what says that it has none.
    pub services: String,
    /// Where it stands.
    pub place: Place,
}

/// Adds the processes of a table.
pub fn add(rows: &[Row<'_>], page: &Page<'_>, reading: &mut Reading) {
    let mut times: HashMap<&str, usize> = HashMap::new();
    for row in rows {
        *times.entry(row.services.as_str()).or_default() += 1;
    }
    // A service runs in one process: a text that several have in common, or that the system's own have, names none.
    let of_system: Vec<&str> = rows.iter().filter(|row| matches!(row.pid, 0 | 4)).map(|row| row.services.as_str()).collect();
    let is_none = |text: &str| times[text] > 1 || of_system.contains(&text) || NONE.contains(&text);
    let services: Vec<Names> =
        rows.iter().map(|row| if is_none(&row.services) { Names::default() } else { names(&row.services, page) }).collect();
    for (row, services) in rows.iter().zip(services) {
        reading.processes.push(ProcessNamed { pid: row.pid, name: page.name(row.name), services, place: row.place.clone() });
    }
}

/// The names of a list; libraries (`/m`) are no services.
fn names(text: &str, page: &Page<'_>) -> Names {
    let is_library = |name: &str| {
        name.rsplit_once('.').is_some_and(|(_, end)| ["dll", "exe", "drv", "ocx"].contains(&end.to_ascii_lowercase().as_str()))
    };
    let names = text.split(',').map(str::trim).filter(|name| !name.is_empty() && !is_library(name));
    names.map(|name| page.name(name)).collect()
}
