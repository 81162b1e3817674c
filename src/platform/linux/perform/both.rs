//! Changes a setting in the running kernel and in our own file, both or neither.

use crate::platform::PlatformError;

/// A setting of the running kernel.
pub trait Running {
    /// What it is set to.
    type Value: PartialEq;

    /// Reads it.
    fn read(&self) -> Result<Self::Value, PlatformError>;

    /// Sets it and reads it back. An error where the kernel kept another value.
    fn set(&self, value: &Self::Value) -> Result<(), PlatformError>;

    /// A value for a sentence.
    fn words(value: &Self::Value) -> String;
}

/// Sets the running value (`None` leaves it alone), then changes our file. Where one of the two cannot be done, the running value goes back
/// to what it was.
pub fn change<S: Running>(
    setting: &S,
    wanted: Option<&S::Value>,
    change_file: impl FnOnce() -> Result<(), PlatformError>,
) -> Result<(), PlatformError> {
    let before = setting.read()?;
    wanted
        .filter(|wanted| **wanted != before)
        .map_or(Ok(()), |wanted| setting.set(wanted))
        .and_then(|()| change_file())
        .map_err(|error| put_back(setting, &before, error))
}

/// Brings the running value back after `error`, where it is another one by now.
fn put_back<S: Running>(setting: &S, before: &S::Value, error: PlatformError) -> PlatformError {
    if setting.read().is_ok_and(|now| now == *before) {
        return error;
    }
    match setting.set(before) {
        Ok(()) => error,
        Err(second) => PlatformError::Failed {
            what: error.to_string(),
            why: format!("and what was there before ({}) could not be put back: {second}", S::words(before)),
        },
    }
}

#[cfg(test)]
mod tests {
    use std::cell::{Cell, RefCell};

    use super::{Running, change};
    use crate::platform::PlatformError;

    /// A kernel that keeps 7 in place of 13, and may refuse a value altogether.
    struct Kernel {
        value: Cell<u32>,
        refuses: Option<u32>,
        written: RefCell<Vec<u32>>,
    }

    fn kernel(refuses: Option<u32>) -> Kernel {
        Kernel { value: Cell::new(1), refuses, written: RefCell::default() }
    }

    fn error(why: &str) -> PlatformError {
        PlatformError::Failed { what: "could not".to_owned(), why: why.to_owned() }
    }

    impl Running for Kernel {
        type Value = u32;

        fn read(&self) -> Result<u32, PlatformError> {
            Ok(self.value.get())
        }

        fn set(&self, value: &u32) -> Result<(), PlatformError> {
            self.written.borrow_mut().push(*value);
            if self.refuses == Some(*value) {
                return Err(error("refused"));
            }
            self.value.set(if *value == 13 { 7 } else { *value });
            if *value == 13 { Err(error("the kernel kept 7")) } else { Ok(()) }
        }

        fn words(value: &u32) -> String {
            value.to_string()
        }
    }

    #[test]
    fn both_are_changed_the_kernel_first() {
        let kernel = kernel(None);
        change(&kernel, Some(&2), || if kernel.value.get() == 2 { Ok(()) } else { Err(error("too early")) }).unwrap();
        assert_eq!(kernel.value.get(), 2);
    }

    #[test]
    fn a_value_that_the_kernel_did_not_keep_goes_back_and_the_file_is_not_touched() {
        let kernel = kernel(None);
        let ended = change(&kernel, Some(&13), || panic!("the file is not to be touched"));
        assert!(ended.unwrap_err().to_string().contains("kept 7"));
        assert_eq!(kernel.value.get(), 1);
    }

    #[test]
    fn the_running_value_goes_back_where_the_file_cannot_be_written() {
        let kernel = kernel(None);
        assert!(change(&kernel, Some(&2), || Err(error("read-only"))).unwrap_err().to_string().contains("read-only"));
        assert_eq!(kernel.value.get(), 1);
    }

    #[test]
    fn what_could_not_be_put_back_is_told_too() {
        let ended = change(&kernel(Some(1)), Some(&13), || Ok(())).unwrap_err().to_string();
        assert!(ended.contains("kept 7") && ended.contains("(1) could not be put back"), "{ended}");
    }

    #[test]
    fn what_is_as_wanted_or_not_wanted_is_not_written() {
        let kernel = kernel(None);
        for wanted in [None, Some(&1)] {
            change(&kernel, wanted, || Ok(())).unwrap();
        }
        assert!(kernel.written.borrow().is_empty());
    }
}
