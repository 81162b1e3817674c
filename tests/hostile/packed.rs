//! Archives: what they say of themselves is not believed.

use portmedic::evidence::{Input, Room, read, unpack};
use proptest::prelude::*;

use crate::archives::{gzipped, zipped};
use crate::cases;
use crate::damage::damaged_one_of;

const ROOM: Room = Room { files: 50, bytes: 1 << 20 };

fn samples() -> Vec<Vec<u8>> {
    let netstat = b"  TCP    0.0.0.0:1433    0.0.0.0:0    LISTENING    1234\r\n".repeat(40);
    let inner = zipped(&[("netstat.txt", &netstat), ("../../etc/passwd", b"x"), ("C:\\windows\\x", b"y")]);
    vec![zipped(&[("a/inner.zip", &inner), ("b.txt", &netstat)]), inner.clone(), gzipped(&netstat), gzipped(&inner)]
}

/// Unpacks it and reads what came out; the bytes that were taken from it.
fn look_at(bytes: Vec<u8>) -> usize {
    let mut room = ROOM;
    let inputs = unpack(Input::new("case.zip".to_owned(), bytes), &mut room);
    let taken: usize = inputs.iter().filter(|input| input.unread.is_none()).map(|input| input.bytes.len()).sum();
    // A file that is no archive is taken as it is.
    assert!(
        inputs.len() <= ROOM.files + 1 && (inputs.len() == 1 || taken as u64 <= ROOM.bytes),
        "{} files, {taken} bytes",
        inputs.len()
    );
    read(&inputs);
    taken
}

#[test]
fn the_archives_that_are_damaged_are_some() {
    let mut room = ROOM;
    assert_eq!(unpack(Input::new("a.zip".to_owned(), samples().remove(0)), &mut room).len(), 4);
}

#[test]
fn an_archive_that_would_fill_the_memory_is_left_alone() {
    let bomb = zipped(&[("zeros", &vec![0; 64 << 20])]);
    for archive in [gzipped(&bomb), zipped(&[("bomb.zip", &bomb)]), bomb] {
        assert_eq!(look_at(archive), 0);
    }
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn damaged_archives_are_read_to_their_end(bytes in damaged_one_of(samples())) {
        look_at(bytes);
    }
}
