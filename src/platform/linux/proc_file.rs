//! Files that the kernel makes when they are read.

use std::io;
use std::path::Path;

use rustix::buffer::spare_capacity;
use rustix::fs::{Mode, OFlags};
use rustix::io::retry_on_intr;

/// Most of these files are shorter. The kernel gives no length, and for some of them walks through all its tables again at every read.
const USUAL: usize = 32 << 10;

/// Reads one of them, with few and long reads, and without the questions for its length that the standard library begins with.
///
/// # Errors
/// Where it is not there or may not be read.
pub fn read(path: impl AsRef<Path>) -> io::Result<Vec<u8>> {
    let file = retry_on_intr(|| rustix::fs::open(path.as_ref(), OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty()))?;
    let mut bytes = Vec::with_capacity(USUAL);
    while retry_on_intr(|| rustix::io::read(&file, spare_capacity(&mut bytes)))? > 0 {
        if bytes.capacity() - bytes.len() < USUAL / 2 {
            bytes.reserve(USUAL);
        }
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::{USUAL, read};

    #[test]
    fn a_long_file_is_read_whole() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        let long: Vec<u8> = (0..=u8::MAX).cycle().take(5 * USUAL + 1).collect();
        file.write_all(&long).unwrap();
        assert_eq!(read(file.path()).unwrap(), long);
    }

    #[test]
    fn a_file_that_is_not_there_is_an_error() {
        assert_eq!(read("/proc/none").unwrap_err().kind(), std::io::ErrorKind::NotFound);
    }
}
