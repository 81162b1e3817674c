//! One file, packed with gzip, as rotated logs are.

use flate2::read::MultiGzDecoder;

use super::{NotUnpacked, Room, read};
use crate::evidence::read::Input;

/// The file; its name is that of the archive, since its own need not be there.
pub fn members(archive: &Input, room: &mut Room) -> Result<Vec<Input>, NotUnpacked> {
    let bytes = read(MultiGzDecoder::new(archive.bytes.as_slice()), room).map_err(|why| match why {
        NotUnpacked::Member(why) => NotUnpacked::Archive(why),
        why => why,
    })?;
    Ok(vec![Input::new(archive.name.clone(), bytes)])
}
