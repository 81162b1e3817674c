//! Whether somebody else could exchange a program before it runs with administrator rights.

use std::path::Path;

use crate::machine::visible;
use crate::platform::windows::ffi;
use crate::platform::windows_text::access::{CHANGE, EXCHANGE, Stranger, stranger};

/// Walks from the file up to the drive, past what is not there yet. What lies beside the file counts as well: Windows looks for libraries
/// there first. Administrators may change all of it, and so may `trusted`.
///
/// # Errors
/// Who else can, in words.
pub fn check(program: &Path, trusted: Option<&str>) -> Result<(), String> {
    let is_there = |part: &&Path| part.symlink_metadata().is_ok();
    for (height, part) in program.ancestors().enumerate().filter(|(_, part)| is_there(part)) {
        let rights = if height < 2 { CHANGE } else { EXCHANGE };
        let descriptor =
            ffi::descriptor_of_path(part).map_err(|error| format!("{} could not be looked at: {error}", part.display()))?;
        if let Some(who) = stranger(&descriptor, rights, trusted) {
            return Err(format!("{} can be changed by {}", part.display(), name(who)));
        }
    }
    Ok(())
}

fn name(who: Stranger) -> String {
    match who {
        Stranger::Account(sid) => ffi::account_name(&sid).map_or(sid, |name| visible(&name)),
        Stranger::Everybody => "everybody".to_owned(),
    }
}
