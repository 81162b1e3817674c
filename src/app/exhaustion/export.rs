//! Samples in a file, one JSON document a line, for a spreadsheet or a look at it tomorrow.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

use crate::diagnosis::exhaustion::Sample;

/// The longest that the file grows: a day or two of a sample every ten seconds. It then becomes `FILE.1`, and another begins.
const LONGEST: u64 = 16 << 20;

/// Why samples cannot be written there.
#[derive(Debug, thiserror::Error)]
pub enum SampleFileError {
    /// The file has something else.
    #[error("{0} is there already and has no samples in it; name another file")]
    NotOurs(String),
    /// The system refused.
    #[error("{place} could not be written: {error}")]
    Io {
        /// Its path.
        place: String,
        /// What the system said.
        error: io::Error,
    },
}

/// A file of samples, bounded in length. Those of earlier watches stay in it.
#[derive(Debug)]
pub struct SampleFile {
    path: PathBuf,
    file: File,
    length: u64,
    longest: u64,
}

impl SampleFile {
    /// Opens or makes the file.
    ///
    /// # Errors
    /// Where it has something else than samples, or the system refuses.
    pub fn open(path: &Path) -> Result<Self, SampleFileError> {
        Self::with_length(path, LONGEST)
    }

    fn with_length(path: &Path, longest: u64) -> Result<Self, SampleFileError> {
        if let Ok(file) = File::open(path) {
            let mut first = String::new();
            // A file that is no text is none of ours either.
            let read = BufReader::new(file).read_line(&mut first);
            if read.is_err() || !(first.is_empty() || serde_json::from_str::<Sample>(&first).is_ok()) {
                return Err(SampleFileError::NotOurs(path.display().to_string()));
            }
        }
        let (file, length) = open(path).map_err(|error| could_not(path, error))?;
        Ok(Self { path: path.to_owned(), file, length, longest })
    }

    /// Adds a sample; it is written when this returns.
    ///
    /// # Errors
    /// Where the system refuses.
    pub fn append(&mut self, sample: &Sample) -> Result<(), SampleFileError> {
        self.write(sample).map_err(|error| could_not(&self.path, error))
    }

    fn write(&mut self, sample: &Sample) -> io::Result<()> {
        let line = serde_json::to_string(sample)? + "\n";
        let more = u64::try_from(line.len()).unwrap_or(u64::MAX);
        if self.length > 0 && self.length.saturating_add(more) > self.longest {
            let mut older = self.path.clone().into_os_string();
            older.push(".1");
            fs::rename(&self.path, older)?;
            (self.file, self.length) = open(&self.path)?;
        }
        self.file.write_all(line.as_bytes())?;
        self.length += more;
        Ok(())
    }
}

fn open(path: &Path) -> io::Result<(File, u64)> {
    let file = OpenOptions::new().create(true).append(true).open(path)?;
    let length = file.metadata()?.len();
    Ok((file, length))
}

fn could_not(path: &Path, error: io::Error) -> SampleFileError {
    SampleFileError::Io { place: path.display().to_string(), error }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use jiff::Timestamp;

    use super::{SampleFile, SampleFileError};
    use crate::diagnosis::exhaustion::Sample;

    fn sample(second: i64) -> Sample {
        Sample { time: Timestamp::new(second, 0).unwrap(), ranges: Vec::new(), piles: Vec::new() }
    }

    #[test]
    fn samples_are_added_to_those_of_earlier_watches() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ports.jsonl");
        for second in [1, 2] {
            SampleFile::open(&path).unwrap().append(&sample(second)).unwrap();
        }
        let lines = String::from_utf8(fs::read(&path).unwrap()).unwrap();
        let times: Vec<i64> = lines.lines().map(|line| serde_json::from_str::<Sample>(line).unwrap().time.as_second()).collect();
        assert_eq!(times, [1, 2]);
    }

    #[test]
    fn a_file_stays_bounded_with_the_newest_samples() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ports.jsonl");
        let mut file = SampleFile::with_length(&path, 500).unwrap();
        for second in 0..1000 {
            file.append(&sample(second)).unwrap();
        }
        let length: u64 = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().metadata().unwrap().len()).sum();
        assert!(length <= 1000, "{length} bytes");
        let newest = String::from_utf8(fs::read(&path).unwrap()).unwrap();
        assert!(newest.contains("1970-01-01T00:16:39Z"), "{newest}");
    }

    #[test]
    fn another_file_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("letter.txt");
        fs::write(&path, "Dear all,\n").unwrap();
        assert!(matches!(SampleFile::open(&path), Err(SampleFileError::NotOurs(_))));
        fs::write(&path, [0xFF, 0xFE, 0x00]).unwrap();
        assert!(matches!(SampleFile::open(&path), Err(SampleFileError::NotOurs(_))));
        assert_eq!(fs::read(&path).unwrap(), [0xFF, 0xFE, 0x00]);
    }
}
