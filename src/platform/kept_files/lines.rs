//! Files of lines that only grow: each line is there as a whole or not at all.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};

/// Adds a line, its end included; it is on the disk when this returns.
///
/// # Errors
/// Where the system refuses, as on a full disk. A line that was cut off goes again, or the next one would be lost with it.
pub fn add_line(file: &mut File, line: &str) -> io::Result<()> {
    let whole = file.metadata()?.len();
    let end = file.seek(SeekFrom::End(0)).map(drop);
    let written = end.and_then(|()| file.write_all(line.as_bytes())).and_then(|()| file.sync_data());
    written.map_err(|error| match file.set_len(whole) {
        Ok(()) => error,
        Err(second) => io::Error::other(format!("{error}; and its last line stays cut off: {second}")),
    })
}

/// A crash may have cut the last line off. The next one begins a line of its own, or both would be lost.
///
/// # Errors
/// Where the file cannot be read or written.
pub fn end_the_last_line(file: &mut File) -> io::Result<()> {
    if file.seek(SeekFrom::End(0))? == 0 {
        return Ok(());
    }
    file.seek(SeekFrom::End(-1))?;
    let mut last = [0];
    file.read_exact(&mut last)?;
    if last == *b"\n" { Ok(()) } else { add_line(file, "\n") }
}
