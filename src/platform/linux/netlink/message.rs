//! The bytes of netlink: headers, messages, attributes. Every read is checked against the end.

/// The length of `struct nlmsghdr`.
const HEADER: usize = 16;
/// The length of `struct nlattr`.
const ATTRIBUTE_HEADER: usize = 4;

const NLMSG_NOOP: u16 = 1;
const NLMSG_ERROR: u16 = 2;
const NLMSG_DONE: u16 = 3;
const NLM_F_DUMP_INTR: u16 = 0x10;
/// The kind of an attribute without the two flags above it.
const NLA_TYPE_MASK: u16 = 0x3FFF;

/// One message of an answer.
#[derive(Debug, PartialEq, Eq)]
pub struct Message<'a> {
    /// The number of the question it answers.
    pub sequence: u32,
    /// Whether the table changed between two parts of the dump (`NLM_F_DUMP_INTR`).
    pub interrupted: bool,
    /// What it says.
    pub content: Content<'a>,
}

/// What a message says.
#[derive(Debug, PartialEq, Eq)]
pub enum Content<'a> {
    /// One row, in the form of its protocol.
    Data(&'a [u8]),
    /// The dump is complete.
    Done,
    /// The question was refused with this error number.
    Error(i32),
}

/// `struct nlmsghdr` for a payload of `length` bytes.
pub fn header(kind: u16, flags: u16, sequence: u32, length: usize) -> Vec<u8> {
    let total = u32::try_from(HEADER + length).unwrap_or(u32::MAX);
    let mut bytes = Vec::with_capacity(HEADER + length);
    bytes.extend_from_slice(&total.to_ne_bytes());
    bytes.extend_from_slice(&kind.to_ne_bytes());
    bytes.extend_from_slice(&flags.to_ne_bytes());
    bytes.extend_from_slice(&sequence.to_ne_bytes());
    bytes.extend_from_slice(&0_u32.to_ne_bytes());
    bytes
}

/// The messages in what one `recv` brought; ends at the first that is cut off.
pub fn messages(mut bytes: &[u8]) -> impl Iterator<Item = Message<'_>> {
    std::iter::from_fn(move || {
        loop {
            let length = u32_at(bytes, 0)? as usize;
            let (head, payload) = take(&mut bytes, length, HEADER)?;
            let kind = u16_at(head, 4)?;
            let content = match kind {
                NLMSG_NOOP => continue,
                // Both carry an error number, 0 for none: a dump can go wrong at its end too.
                NLMSG_ERROR | NLMSG_DONE => match i32_at(payload, 0) {
                    Some(code) if code < 0 => Content::Error(code.saturating_neg()),
                    _ => Content::Done,
                },
                _ => Content::Data(payload),
            };
            let interrupted = u16_at(head, 6)? & NLM_F_DUMP_INTR != 0;
            return Some(Message { sequence: u32_at(head, 8)?, interrupted, content });
        }
    })
}

/// The attributes in `bytes`, each with its kind; ends at the first that is cut off.
pub fn attributes(mut bytes: &[u8]) -> impl Iterator<Item = (u16, &[u8])> {
    std::iter::from_fn(move || {
        let length = usize::from(u16_at(bytes, 0)?);
        let (head, payload) = take(&mut bytes, length, ATTRIBUTE_HEADER)?;
        Some((u16_at(head, 2)? & NLA_TYPE_MASK, payload))
    })
}

/// Takes `length` bytes and the padding to the next multiple of four off `bytes`, split after the header.
fn take<'a>(bytes: &mut &'a [u8], length: usize, header: usize) -> Option<(&'a [u8], &'a [u8])> {
    let taken = bytes.get(..length)?;
    let split = taken.split_at_checked(header)?;
    *bytes = bytes.get(length.next_multiple_of(4)..).unwrap_or_default();
    Some(split)
}

/// The byte at `offset`.
pub fn u8_at(bytes: &[u8], offset: usize) -> Option<u8> {
    bytes.get(offset).copied()
}

/// The number in network order at `offset`.
pub fn u16_be_at(bytes: &[u8], offset: usize) -> Option<u16> {
    array_at(bytes, offset).map(u16::from_be_bytes)
}

/// The number in this machine's order at `offset`.
pub fn u32_at(bytes: &[u8], offset: usize) -> Option<u32> {
    array_at(bytes, offset).map(u32::from_ne_bytes)
}

fn u16_at(bytes: &[u8], offset: usize) -> Option<u16> {
    array_at(bytes, offset).map(u16::from_ne_bytes)
}

fn i32_at(bytes: &[u8], offset: usize) -> Option<i32> {
    array_at(bytes, offset).map(i32::from_ne_bytes)
}

/// The `N` bytes at `offset`.
pub fn array_at<const N: usize>(bytes: &[u8], offset: usize) -> Option<[u8; N]> {
    bytes.get(offset..)?.first_chunk().copied()
}

#[cfg(test)]
mod tests {
    use super::{Content, Message, NLM_F_DUMP_INTR, NLMSG_DONE, NLMSG_ERROR, NLMSG_NOOP, attributes, header, messages};

    fn message(kind: u16, flags: u16, payload: &[u8]) -> Vec<u8> {
        let mut bytes = header(kind, flags, 7, payload.len());
        bytes.extend_from_slice(payload);
        bytes.resize(bytes.len().next_multiple_of(4), 0);
        bytes
    }

    #[test]
    fn an_answer_is_read_message_by_message() {
        let bytes = [
            message(NLMSG_NOOP, 0, &[]),
            message(20, 0, b"odd"),
            message(20, NLM_F_DUMP_INTR, b"even"),
            message(NLMSG_DONE, 0, &[0; 4]),
        ]
        .concat();
        let seen: Vec<_> = messages(&bytes).collect();
        let data = |payload, interrupted| Message { sequence: 7, interrupted, content: Content::Data(payload) };
        assert_eq!(
            seen,
            [data(b"odd", false), data(b"even", true), Message { sequence: 7, interrupted: false, content: Content::Done }]
        );
    }

    #[test]
    fn an_error_keeps_its_number_in_an_error_message_and_at_the_end_of_a_dump() {
        for kind in [NLMSG_ERROR, NLMSG_DONE] {
            let bytes = message(kind, 0, &(-13_i32).to_ne_bytes());
            assert_eq!(messages(&bytes).next().map(|message| message.content), Some(Content::Error(13)));
        }
    }

    #[test]
    fn a_message_that_is_cut_off_or_shorter_than_its_header_is_not_read() {
        let whole = message(20, 0, b"body");
        assert_eq!(messages(&whole[..whole.len() - 1]).count(), 0);
        let mut liar = whole;
        liar[..4].copy_from_slice(&8_u32.to_ne_bytes());
        assert_eq!(messages(&liar).count(), 0);
        liar[..4].copy_from_slice(&0_u32.to_ne_bytes());
        assert_eq!(messages(&liar).count(), 0, "a length of 0 must not go on for ever");
    }

    #[test]
    fn attributes_are_read_without_their_flags_and_padding() {
        let mut bytes = Vec::new();
        for (kind, payload) in [(11_u16, &[1_u8][..]), (0x8015, &[9, 0, 0, 0, 0, 0, 0, 0])] {
            bytes.extend_from_slice(&u16::try_from(4 + payload.len()).unwrap().to_ne_bytes());
            bytes.extend_from_slice(&kind.to_ne_bytes());
            bytes.extend_from_slice(payload);
            bytes.resize(bytes.len().next_multiple_of(4), 0);
        }
        let seen: Vec<_> = attributes(&bytes).collect();
        assert_eq!(seen, [(11, &[1_u8][..]), (21, &[9, 0, 0, 0, 0, 0, 0, 0])]);
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_break_the_reader(bytes: Vec<u8>) {
            for message in messages(&bytes) {
                if let Content::Data(payload) = message.content {
                    attributes(payload).for_each(drop);
                }
            }
            attributes(&bytes).for_each(drop);
        }
    }
}
