//! Whether two files are the same.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// Whether both files are there and have the same contents.
pub fn is_same(one: &Path, other: &Path) -> bool {
    let same = || -> io::Result<bool> {
        let (one, other) = (File::open(one)?, File::open(other)?);
        Ok(one.metadata()?.len() == other.metadata()?.len() && same_bytes(one, other)?)
    };
    same().unwrap_or(false)
}

fn same_bytes(mut one: impl Read, mut other: impl Read) -> io::Result<bool> {
    const BLOCK: u64 = 1 << 20;
    let (mut left, mut right) = (Vec::new(), Vec::new());
    loop {
        left.clear();
        right.clear();
        one.by_ref().take(BLOCK).read_to_end(&mut left)?;
        other.by_ref().take(BLOCK).read_to_end(&mut right)?;
        if left != right {
            return Ok(false);
        }
        if left.is_empty() {
            return Ok(true);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{is_same, same_bytes};

    #[test]
    fn files_are_the_same_by_every_byte() {
        let folder = tempfile::tempdir().unwrap();
        let (one, other) = (folder.path().join("one"), folder.path().join("other"));
        let mut bytes = vec![7; (1 << 20) + 10];
        fs::write(&one, &bytes).unwrap();
        assert!(!is_same(&one, &other), "the other is not there");
        fs::write(&other, &bytes).unwrap();
        assert!(is_same(&one, &other));
        *bytes.last_mut().unwrap() = 8;
        fs::write(&other, &bytes).unwrap();
        assert!(!is_same(&one, &other));
        assert!(!same_bytes(&b"ab"[..], &b"abc"[..]).unwrap());
    }
}
