//! How the other side of a connection begins to speak: after one polite question where its language is known, else in silence.

use std::io::{self, ErrorKind, Read as _, Write as _};
use std::net::{IpAddr, TcpStream};
use std::time::Duration;

use super::Patience;
use crate::machine::connect::{Greeting, GreetingKind, Opening};
use crate::machine::visible;

/// Those who speak first do so at once; who has not by then waits for its client.
const LONGEST: Duration = Duration::from_millis(1500);
/// More than the first words that tell a protocol.
const MOST_BYTES: usize = 4096;
/// The longest line that is kept.
const LONGEST_LINE: usize = 120;

/// Says `opening`, hears the first bytes and hangs up.
pub fn greet(mut stream: TcpStream, opening: Opening, patience: &Patience<'_>) -> Greeting {
    let (kind, text) = match hear(&mut stream, opening, &patience.at_most(LONGEST)) {
        Ok(Some(bytes)) if bytes.is_empty() => (GreetingKind::Closed, None),
        Ok(Some(bytes)) => tell(&bytes),
        Err(error)
            if matches!(error.kind(), ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe) =>
        {
            (GreetingKind::Reset, None)
        }
        Ok(None) | Err(_) => (GreetingKind::Silent, None),
    };
    Greeting { kind, text, opening }
}

/// The first bytes; none at all where the other side has closed, `None` where it says nothing in time.
fn hear(stream: &mut TcpStream, opening: Opening, patience: &Patience<'_>) -> io::Result<Option<Vec<u8>>> {
    stream.set_write_timeout(Some(LONGEST))?;
    stream.write_all(&words(opening, stream.peer_addr()?.ip()))?;
    let mut bytes = vec![0; MOST_BYTES];
    let heard = patience.in_slices(|slice| {
        let reading = stream.set_read_timeout(Some(slice.max(Duration::from_millis(1)))).and_then(|()| stream.read(&mut bytes));
        match reading {
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted) => None,
            other => Some(other),
        }
    });
    heard.transpose().map(|length| {
        length.map(|length| {
            bytes.truncate(length);
            bytes
        })
    })
}

fn words(opening: Opening, to: IpAddr) -> Vec<u8> {
    match opening {
        Opening::Nothing => Vec::new(),
        Opening::Tls => client_hello(),
        Opening::Http => {
            let host = if to.is_ipv6() { format!("[{to}]") } else { to.to_string() };
            format!("HEAD / HTTP/1.0\r\nHost: {host}\r\nUser-Agent: PortMedic\r\nConnection: close\r\n\r\n").into_bytes()
        }
        Opening::Tds => PRELOGIN.to_vec(),
    }
}

/// `PRELOGIN` of a client that does not encrypt: the version and encryption options ([MS-TDS] 2.2.6.5).
const PRELOGIN: [u8; 26] = [
    0x12, 0x01, 0x00, 0x1A, 0x00, 0x00, 0x01, 0x00, // a whole message of this kind, 26 bytes
    0x00, 0x00, 0x0B, 0x00, 0x06, // version: 6 bytes from byte 11 on
    0x01, 0x00, 0x11, 0x00, 0x01, // encryption: 1 byte from byte 17 on
    0xFF, // no more options
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, // version 0; not supported
];

/// The first message of TLS 1.2 (RFC 5246, 7.4.1.2) with ciphers that every server knows, and random bytes that are none: no secret follows.
fn client_hello() -> Vec<u8> {
    const CIPHERS: [u16; 6] = [0xC02F, 0xC030, 0xC02B, 0xC02C, 0x009C, 0x002F];
    const EXTENSIONS: [u8; 30] = [
        0x00, 0x0A, 0x00, 0x06, 0x00, 0x04, 0x00, 0x1D, 0x00, 0x17, // groups: x25519, secp256r1
        0x00, 0x0B, 0x00, 0x02, 0x01, 0x00, // uncompressed points
        0x00, 0x0D, 0x00, 0x0A, 0x00, 0x08, 0x04, 0x03, 0x08, 0x04, 0x04, 0x01, 0x02, 0x01, // signatures
    ];
    let mut body = vec![0x03, 0x03];
    body.extend([0x5A; 32]);
    body.push(0);
    body.extend([0, 12]);
    body.extend(CIPHERS.iter().flat_map(|cipher| cipher.to_be_bytes()));
    body.extend([1, 0]);
    body.extend([0, 30]);
    body.extend(EXTENSIONS);
    let length = |bytes: usize| u16::try_from(bytes).unwrap_or(u16::MAX).to_be_bytes();
    let mut hello = vec![0x16, 0x03, 0x01];
    hello.extend(length(body.len() + 4));
    hello.extend([0x01, 0x00]);
    hello.extend(length(body.len()));
    hello.extend(body);
    hello
}

/// The protocol of the first bytes, and the line or version that they tell.
fn tell(bytes: &[u8]) -> (GreetingKind, Option<String>) {
    let line = first_line(bytes);
    let kind = match bytes {
        // Handshake or alert of TLS (RFC 8446, 5.1).
        [0x15 | 0x16, 0x03, 0x00..=0x04, ..] => return (GreetingKind::Tls, None),
        // A whole answer of SQL Server ([MS-TDS] 2.2.3.1).
        [0x04, 0x00 | 0x01, _, _, ..] if bytes.len() >= 8 => return (GreetingKind::Tds, tds_version(bytes)),
        // The greeting or an error of MySQL: its length, its number, protocol 10 or an error.
        [_, _, 0x00, 0x00, 0x0A | 0xFF, rest @ ..] => {
            let version = rest.split(|byte| *byte == 0).next().unwrap_or_default();
            return (GreetingKind::Mysql, first_line(version));
        }
        _ if bytes.starts_with(b"HTTP/") => GreetingKind::Http,
        _ if bytes.starts_with(b"SSH-") => GreetingKind::Ssh,
        _ if bytes.starts_with(b"220 ") || bytes.starts_with(b"220-") || bytes.starts_with(b"554 ") => {
            let mail = line.as_deref().is_some_and(|line| line.to_ascii_uppercase().contains("SMTP"));
            if mail { GreetingKind::Smtp } else { GreetingKind::Text }
        }
        _ if line.is_some() => GreetingKind::Text,
        _ => GreetingKind::Binary,
    };
    (kind, line)
}

/// The first line, where the bytes are text.
fn first_line(bytes: &[u8]) -> Option<String> {
    let line = bytes.split(|byte| matches!(byte, b'\r' | b'\n')).next().unwrap_or_default();
    let text = std::str::from_utf8(&line[..line.len().min(4 * LONGEST_LINE)]).ok()?.trim();
    let is_text = !text.is_empty() && !text.chars().any(|character| character.is_control() && character != '\t');
    is_text.then(|| visible(&text.chars().take(LONGEST_LINE).collect::<String>()))
}

/// The version in the answer to `PRELOGIN`.
fn tds_version(bytes: &[u8]) -> Option<String> {
    let body = bytes.get(8..)?;
    let option = body.chunks(5).take_while(|option| option[0] != 0xFF).find(|option| option[0] == 0x00)?;
    let offset = usize::from(u16::from_be_bytes([*option.get(1)?, *option.get(2)?]));
    let [major, minor, build_high, build_low] = *body.get(offset..)?.first_chunk::<4>()?;
    Some(format!("version {major}.{minor}.{}", u16::from_be_bytes([build_high, build_low])))
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::{Shutdown, TcpListener, TcpStream};
    use std::sync::atomic::AtomicBool;
    use std::thread;
    use std::time::Duration;

    use proptest::prelude::*;

    use super::{GreetingKind, Opening, Patience, client_hello, greet, tell};

    #[test]
    fn the_first_bytes_tell_the_protocol() {
        let prelogin_answer = [
            0x04, 0x01, 0x00, 0x1A, 0, 0, 1, 0, 0x00, 0x00, 0x0B, 0x00, 0x06, 0x01, 0x00, 0x11, 0x00, 0x01, 0xFF, 16, 0, 0x03,
            0xE8, 0, 0, 2,
        ];
        for (bytes, kind, text) in [
            (&b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n"[..], GreetingKind::Ssh, Some("SSH-2.0-OpenSSH_9.2p1 Debian-2")),
            (b"220 mail.example ESMTP Postfix\r\n", GreetingKind::Smtp, Some("220 mail.example ESMTP Postfix")),
            (b"220 (vsFTPd 3.0.3)\r\n", GreetingKind::Text, Some("220 (vsFTPd 3.0.3)")),
            (b"HTTP/1.1 200 OK\r\nServer: nginx\r\n", GreetingKind::Http, Some("HTTP/1.1 200 OK")),
            (b"\x15\x03\x03\x00\x02\x02\x28", GreetingKind::Tls, None),
            (b"J\x00\x00\x00\x0a8.0.36\x00\x10", GreetingKind::Mysql, Some("8.0.36")),
            (&prelogin_answer, GreetingKind::Tds, Some("version 16.0.1000")),
            (b"+OK ready\r\n", GreetingKind::Text, Some("+OK ready")),
            (b"\x00\x01\x02\xff", GreetingKind::Binary, None),
        ] {
            assert_eq!(tell(bytes), (kind, text.map(str::to_owned)), "{bytes:?}");
        }
    }

    #[test]
    fn the_lengths_in_the_greeting_of_tls_are_right() {
        let hello = client_hello();
        let record = usize::from(u16::from_be_bytes([hello[3], hello[4]]));
        let message = usize::from(u16::from_be_bytes([hello[7], hello[8]]));
        assert_eq!((hello.len() - 5, hello.len() - 9), (record, message));
    }

    proptest! {
        #[test]
        fn no_bytes_break_the_reader(bytes in proptest::collection::vec(any::<u8>(), 1..64)) {
            let (_, text) = tell(&bytes);
            prop_assert!(text.is_none_or(|text| text.chars().count() <= 8 * super::LONGEST_LINE));
        }
    }

    /// What is heard of a server that acts so.
    fn heard(opening: Opening, act: impl FnOnce(TcpStream) + Send + 'static) -> GreetingKind {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (server, _) = listener.accept().unwrap();
        let server = thread::Builder::new().name("server".to_owned()).spawn(move || act(server)).unwrap();
        let stop = AtomicBool::new(false);
        let kind = greet(client, opening, &Patience { limit: Duration::from_millis(300), stop: &stop }).kind;
        server.join().unwrap();
        kind
    }

    #[test]
    fn silence_an_end_and_a_first_word_are_told_apart() {
        let silent = heard(Opening::Nothing, |mut stream| assert_eq!(stream.read(&mut [0; 9]).unwrap(), 0, "nothing is sent"));
        assert_eq!(silent, GreetingKind::Silent);
        assert_eq!(heard(Opening::Nothing, |stream| stream.shutdown(Shutdown::Both).unwrap()), GreetingKind::Closed);
        assert_eq!(heard(Opening::Nothing, |mut stream| stream.write_all(b"SSH-2.0-x\r\n").unwrap()), GreetingKind::Ssh);
        let http = heard(Opening::Http, |mut stream| {
            let mut bytes = [0; 6];
            stream.read_exact(&mut bytes).unwrap();
            assert_eq!(&bytes, b"HEAD /");
            stream.write_all(b"HTTP/1.0 404 Not Found\r\n\r\n").unwrap();
        });
        assert_eq!(http, GreetingKind::Http);
    }
}
