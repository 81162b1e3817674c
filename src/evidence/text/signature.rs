//! What a file is that is no text.

/// The first bytes of files that are no text, and what to call them.
const SIGNATURES: &[(&[u8], &str)] = &[
    (b"\x89PNG\r\n\x1a\n", "a picture (PNG)"),
    (b"\xff\xd8\xff", "a picture (JPEG)"),
    (b"GIF87a", "a picture (GIF)"),
    (b"GIF89a", "a picture (GIF)"),
    (b"II*\0", "a picture (TIFF)"),
    (b"MM\0*", "a picture (TIFF)"),
    (b"PK\x03\x04", "an archive (ZIP)"),
    (b"PK\x05\x06", "an archive (ZIP)"),
    (b"\x1f\x8b\x08", "an archive (gzip)"),
    (b"7z\xbc\xaf\x27\x1c", "an archive (7-Zip)"),
    (b"Rar!\x1a\x07", "an archive (RAR)"),
    (b"MSCF\0\0\0\0", "an archive (cabinet)"),
    (b"BZh91AY&SY", "an archive (bzip2)"),
    (b"\xfd7zXZ\0", "an archive (xz)"),
    (b"\x28\xb5\x2f\xfd", "an archive (zstd)"),
    (b"ElfFile\0", "a binary event log (EVTX)"),
    (b"\x30\0\0\0LfLe", "a binary event log (EVT)"),
    (b"\x7fELF", "a program (ELF)"),
    (b"\xcf\xfa\xed\xfe", "a program (Mach-O)"),
    (b"\xca\xfe\xba\xbe", "a program (Java or Mach-O)"),
    (b"%PDF-", "a document (PDF)"),
    (b"{\\rtf", "a document (RTF)"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a document (Office)"),
    (b"SQLite format 3\0", "a database (SQLite)"),
    (b"\x0a\x0d\x0d\x0a", "a capture of network packets (pcapng)"),
    (b"\xd4\xc3\xb2\xa1", "a capture of network packets (pcap)"),
    (b"\xa1\xb2\xc3\xd4", "a capture of network packets (pcap)"),
    (b"regf", "a registry hive"),
    (b"MDMP", "a memory dump"),
    (b"PAGEDU", "a memory dump"),
];

/// What a file is by its first bytes; `None` where they are of no such kind.
pub fn what(bytes: &[u8]) -> Option<&'static str> {
    let known = SIGNATURES.iter().find(|(start, _)| bytes.starts_with(start)).map(|(_, what)| *what);
    known.or_else(|| match bytes {
        // These beginnings are words as well: the zeros of their headers make them sure.
        [b'M', b'Z', header @ ..] if zeros(header) => Some("a program (EXE)"),
        [b'B', b'M', header @ ..] if zeros(header) => Some("a picture (BMP)"),
        [b'R', b'I', b'F', b'F', header @ ..] if header.get(4..8) == Some(b"WEBP") => Some("a picture (WebP)"),
        _ => None,
    })
}

fn zeros(header: &[u8]) -> bool {
    header.iter().take(32).filter(|byte| **byte == 0).count() >= 3
}

/// Whether bytes have so many control characters that they are no text: more than one in thirty. A row of zeros counts once: logs that
/// were being written at a power cut end with one.
pub fn is_no_text(bytes: &[u8]) -> bool {
    let is_control = |byte: u8| matches!(byte, 0..9 | 11 | 14..0x1a | 0x1c..0x20 | 0x7f);
    let mut controls = 0;
    let mut before = 0xff;
    for byte in bytes {
        if is_control(*byte) && !(*byte == 0 && before == 0) {
            controls += 1;
        }
        before = *byte;
    }
    controls > 1 && controls > bytes.len() / 30
}
