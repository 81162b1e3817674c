//! What an archive holds, unpacked in memory. Nothing is written, and the names in it are only shown; what it says of its size is not
//! believed.

mod gzip;
mod zip;

use std::io::Read;

use super::read::Input;

/// How many archives may lie in each other: a folder of packed logs that was packed as a whole has two.
const MOST_NESTED: usize = 3;

/// How much more may be taken in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    /// How many files.
    pub files: usize,
    /// How many bytes.
    pub bytes: u64,
}

impl Room {
    /// Takes room for a file that has so many bytes; `None` where there is not enough.
    pub fn take(&mut self, bytes: u64) -> Option<()> {
        *self = Self { files: self.files.checked_sub(1)?, bytes: self.bytes.checked_sub(bytes)? };
        Some(())
    }
}

/// Why an archive, or a file in one, cannot be unpacked; in plain words, with what to do.
#[derive(Debug, thiserror::Error)]
enum NotUnpacked {
    #[error("this archive is damaged or cut off, so nothing in it can be read ({0}); copy it here once more")]
    Archive(String),
    #[error("this file is damaged in its archive ({0}); copy the archive here once more")]
    Member(String),
    #[error("this file is locked with a password; unpack the archive and open what is in it")]
    Locked,
    #[error("this file is packed in a way that PortMedic does not know; unpack the archive and open what is in it")]
    Method,
    #[error("what this archive holds is too large or has too many files; unpack it and open only what belongs to the failure")]
    NoRoom,
    #[error("this archive holds no file")]
    Empty,
    #[error("archives lie too deep in each other here; unpack this one and open what is in it")]
    TooDeep,
    #[error("this is a document (Office), no text; save what it shows as text")]
    Document,
}

/// The files that an archive holds, also those of archives in it; any other file as it is. An archive that cannot be unpacked stays one
/// file, with the reason.
pub fn unpack(input: Input, room: &mut Room) -> Vec<Input> {
    unpack_nested(input, room, 0)
}

fn unpack_nested(input: Input, room: &mut Room, depth: usize) -> Vec<Input> {
    let members = match input.bytes.as_slice() {
        [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => zip::members,
        [0x1f, 0x8b, 8, ..] => gzip::members,
        _ => return vec![input],
    };
    let mut left = *room;
    let unpacked = if depth < MOST_NESTED { members(&input, &mut left) } else { Err(NotUnpacked::TooDeep) };
    match unpacked {
        Ok(members) => {
            *room = left;
            members.into_iter().flat_map(|member| unpack_nested(member, room, depth + 1)).collect()
        }
        Err(why) => vec![Input { unread: Some(why.to_string()), ..input }],
    }
}

/// Reads a file of an archive, as far as there is room.
fn read(from: impl Read, room: &mut Room) -> Result<Vec<u8>, NotUnpacked> {
    let mut bytes = Vec::new();
    let read = from.take(room.bytes + 1).read_to_end(&mut bytes);
    room.take(bytes.len() as u64).ok_or(NotUnpacked::NoRoom)?;
    read.map_err(|why| NotUnpacked::Member(why.to_string()))?;
    Ok(bytes)
}

/// Whether a file or folder of this name is written by a desktop for itself, and tells nothing.
pub fn is_clutter(name: &str) -> bool {
    matches!(name, "__MACOSX" | ".DS_Store" | "Thumbs.db" | "desktop.ini")
}
