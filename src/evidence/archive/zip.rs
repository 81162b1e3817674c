//! The files of a zip archive.

use std::io::{Cursor, Read};

use zip::ZipArchive;
use zip::read::ZipFile;
use zip::result::ZipError;

use super::{NotUnpacked, Room, is_clutter, read};
use crate::evidence::read::Input;

/// Documents of Office are archives, too; this file is in each.
const IN_DOCUMENTS: &str = "[Content_Types].xml";

/// The files, in the order of the archive. One that cannot be unpacked keeps its place, with the reason.
pub fn members(archive: &Input, room: &mut Room) -> Result<Vec<Input>, NotUnpacked> {
    let damaged = |why: ZipError| NotUnpacked::Archive(why.to_string());
    let mut files = ZipArchive::new(Cursor::new(archive.bytes.as_slice())).map_err(damaged)?;
    if files.index_for_name(IN_DOCUMENTS).is_some() {
        return Err(NotUnpacked::Document);
    }
    let mut members = Vec::new();
    for index in 0..files.len() {
        // As it is packed: that also names files that are locked.
        let name = name(&files.by_index_raw(index).map_err(damaged)?).map_err(damaged)?;
        let Some(name) = name else { continue };
        let mut member = Input::new(format!("{}/{name}", archive.name), Vec::new());
        match files.by_index(index).map_err(reason).and_then(|file| read(file, room)) {
            Ok(bytes) => member.bytes = bytes,
            Err(NotUnpacked::NoRoom) => return Err(NotUnpacked::NoRoom),
            Err(why) => member.unread = Some(why.to_string()),
        }
        members.push(member);
    }
    if members.is_empty() { Err(NotUnpacked::Empty) } else { Ok(members) }
}

/// The name of a file with its folders; `None` for what is no file, or tells nothing.
fn name<R: Read + ?Sized>(file: &ZipFile<'_, R>) -> Result<Option<String>, ZipError> {
    // Old programs on Windows part folders with their own sign.
    let name = file.name()?.replace('\\', "/");
    let is_file = !file.is_dir() && !file.is_symlink() && !name.ends_with('/');
    Ok(Some(name).filter(|name| is_file && !name.split('/').any(is_clutter)))
}

fn reason(why: ZipError) -> NotUnpacked {
    match why {
        ZipError::InvalidPassword | ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) => NotUnpacked::Locked,
        ZipError::CompressionMethodNotSupported(_) | ZipError::UnsupportedArchive(_) => NotUnpacked::Method,
        why => NotUnpacked::Member(why.to_string()),
    }
}
