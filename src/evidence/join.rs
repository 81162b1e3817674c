//! What one table says about the rows of another: processes by their number, of one computer and one look.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::fact::{Name, Place, ProcessNamed, Reading, SectionStart};

/// Names the processes of sockets that another table names.
pub fn processes(reading: &mut Reading) {
    let (looks, computers) = (Sections::new(&reading.samples), Sections::new(&reading.machines));
    let several = reading.machines.iter().any(|machine| !machine.name.eq_ignore_ascii_case(&reading.machines[0].name));
    let computer = |place: &Place| {
        let index = computers.of(place).filter(|_| several)?;
        Some(reading.machines[index].name.to_ascii_lowercase())
    };
    let mut same_part = Named::default();
    let mut other_files = Named::default();
    for (index, process) in reading.processes.iter().enumerate() {
        let (place, computer) = (&process.place, computer(&process.place));
        same_part.add((process.pid, Some((place.file.clone(), looks.of(place))), computer.clone()), index, &reading.processes);
        if !looks.has(&place.file) {
            other_files.add((process.pid, None, computer), index, &reading.processes);
        }
    }
    for socket in &mut reading.sockets {
        let Some(pid) = socket.pid else { continue };
        let (place, computer) = (&socket.place, computer(&socket.place));
        let here = same_part.get(&(pid, Some((place.file.clone(), looks.of(place))), computer.clone()));
        let Some(index) = here.or_else(|| other_files.get(&(pid, None, computer))) else { continue };
        let process = &reading.processes[index];
        socket.process.get_or_insert_with(|| process.name.clone());
        if socket.services.is_empty() {
            socket.services = process.services.clone();
        }
    }
}

/// A process, the part of a file it stands in where that matters, and the computer where there are several.
type Key = (u32, Option<(Name, Option<usize>)>, Option<String>);

/// The processes by their key; `None` where tables name one number differently.
#[derive(Default)]
struct Named(HashMap<Key, Option<usize>>);

impl Named {
    fn add(&mut self, key: Key, index: usize, processes: &[ProcessNamed]) {
        match self.0.entry(key) {
            Entry::Vacant(place) => drop(place.insert(Some(index))),
            Entry::Occupied(mut known) => {
                let Some(before) = *known.get() else { return };
                let (old, new) = (&processes[before], &processes[index]);
                if !same_program(&old.name, &new.name) {
                    known.insert(None);
                } else if old.services.is_empty() {
                    known.insert(Some(index));
                }
            }
        }
    }

    fn get(&self, key: &Key) -> Option<usize> {
        self.0.get(key).copied().flatten()
    }
}

/// PowerShell leaves `.exe` out.
fn same_program(one: &str, other: &str) -> bool {
    let plain = |name: &str| name.to_ascii_lowercase().trim_end_matches(".exe").to_owned();
    plain(one) == plain(other)
}

/// Where the sections of each file begin.
struct Sections(HashMap<Name, Vec<(u32, usize)>>);

impl Sections {
    fn new(starts: &[SectionStart]) -> Self {
        let mut files: HashMap<Name, Vec<(u32, usize)>> = HashMap::new();
        for (index, start) in starts.iter().enumerate() {
            files.entry(start.place.file.clone()).or_default().push((start.place.line, index));
        }
        Self(files)
    }

    fn has(&self, file: &Name) -> bool {
        self.0.get(file).is_some_and(|starts| starts.len() > 1)
    }

    /// The section of a place: the last one that begins before it.
    fn of(&self, place: &Place) -> Option<usize> {
        let starts = self.0.get(&place.file)?;
        let after = starts.partition_point(|(line, _)| *line <= place.line);
        starts.get(after.checked_sub(1)?).map(|(_, index)| *index)
    }
}
