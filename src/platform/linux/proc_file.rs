//! Files that the kernel makes when they are read.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// Most of these files are shorter. The kernel gives no length, and for some of them walks through all its tables again at every read.
const USUAL: usize = 32 << 10;

/// Reads one of them, with few and long reads.
///
/// # Errors
/// Where it is not there or may not be read.
pub fn read(path: impl AsRef<Path>) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(USUAL);
    File::open(path)?.read_to_end(&mut bytes)?;
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
