//! A client of SQL Server Browser: the SQL Server Resolution Protocol over UDP port 1434 ([MC-SQLR]).
//! <https://learn.microsoft.com/openspecs/windows_protocols/mc-sqlr/1ea6e25f-bff9-4364-ba21-5dc449a601b7>

use std::io::{self, ErrorKind};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::time::Duration;

use super::Patience;
use crate::machine::connect::{BrowserAnswer, BrowserResult, SqlInstance};
use crate::machine::{Port, visible};

/// Where SQL Server Browser receives (2.1).
pub const PORT: Port = 1434;
/// `CLNT_UCAST_EX` asks for every instance (2.2.2).
const EVERY: u8 = 0x03;
/// `CLNT_UCAST_INST` asks for one (2.2.3).
const ONE: u8 = 0x04;
/// `SVR_RESP` is every answer (2.2.5).
const ANSWER: u8 = 0x05;
/// The most bytes of an instance's name in a question (2.2.3).
const LONGEST_NAME: usize = 32;
/// More instances than one computer can have.
const MOST_INSTANCES: usize = 64;
/// More characters than a value has.
const LONGEST_VALUE: usize = 260;

/// Asks for one instance, and for all of them where that stays silent: a Browser that does not know the instance says nothing.
pub fn browse(at: SocketAddr, instance: &str, patience: &Patience<'_>) -> BrowserAnswer {
    let half = patience.at_most(patience.limit / 2);
    let result = ask(at, &question(instance), &half).unwrap_or_else(not_asked);
    let result = match result {
        BrowserResult::Silent if !patience.is_over() => ask(at, &[EVERY], &half).unwrap_or_else(not_asked),
        other => other,
    };
    BrowserAnswer { at, result }
}

#[expect(clippy::needless_pass_by_value, reason = "it takes what an error handler is given")]
fn not_asked(error: io::Error) -> BrowserResult {
    BrowserResult::NotAsked(visible(&error.to_string()))
}

fn question(instance: &str) -> Vec<u8> {
    let cut = (0..=instance.len().min(LONGEST_NAME)).rev().find(|end| instance.is_char_boundary(*end)).unwrap_or(0);
    let mut question = vec![ONE];
    question.extend_from_slice(&instance.as_bytes()[..cut]);
    question.push(0);
    question
}

/// Sends one question and takes the first answer of the one who was asked.
fn ask(at: SocketAddr, question: &[u8], patience: &Patience<'_>) -> io::Result<BrowserResult> {
    let any: IpAddr = if at.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
    let socket = UdpSocket::bind((any, 0))?;
    // Nobody else's packets arrive at a socket that is connected.
    socket.connect(at)?;
    socket.send(question)?;
    let mut bytes = vec![0; 1 << 16];
    let answer = patience.in_slices(|slice| {
        let waiting = socket.set_read_timeout(Some(slice.max(Duration::from_millis(1)))).and_then(|()| socket.recv(&mut bytes));
        match waiting {
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted) => None,
            other => Some(other),
        }
    });
    Ok(match answer {
        None => BrowserResult::Silent,
        Some(Ok(length)) => read(&bytes[..length]),
        // Windows tells of the message that nobody receives in this way.
        Some(Err(error)) if matches!(error.kind(), ErrorKind::ConnectionRefused | ErrorKind::ConnectionReset) => {
            BrowserResult::Refused
        }
        Some(Err(error)) => return Err(error),
    })
}

/// Reads an answer: its kind, its length, and names with values between semicolons; an empty name ends an instance (2.2.5).
pub fn read(bytes: &[u8]) -> BrowserResult {
    let nonsense = |why: &str| BrowserResult::Nonsense(why.to_owned());
    let Some((kind, rest)) = bytes.split_first() else { return nonsense("the answer is empty") };
    if *kind != ANSWER {
        return nonsense("the answer begins in another way");
    }
    let Some((length, data)) = rest.split_first_chunk::<2>() else { return nonsense("the answer is too short") };
    // A datagram that was cut still tells its first instances.
    let data = &data[..data.len().min(usize::from(u16::from_le_bytes(*length)))];
    // Names in the code page of that computer: what is ASCII is the same in all.
    let text = String::from_utf8_lossy(data);
    let mut instances: Vec<SqlInstance> = Vec::new();
    let mut current: Option<SqlInstance> = None;
    let mut words = text.split(';');
    while let Some(name) = words.next() {
        if name.is_empty() {
            instances.extend(current.take());
            if instances.len() >= MOST_INSTANCES {
                break;
            }
            continue;
        }
        let value: String = words.next().unwrap_or_default().chars().take(LONGEST_VALUE).collect();
        let empty = || SqlInstance { server: String::new(), name: String::new(), version: None, tcp: None, pipe: None };
        let own = current.get_or_insert_with(empty);
        match name.to_ascii_lowercase().as_str() {
            "servername" => own.server = value,
            "instancename" => own.name = value,
            "version" => own.version = Some(value),
            "tcp" => own.tcp = value.trim().parse().ok().filter(|port| *port > 0),
            "np" => own.pipe = Some(value),
            _ => {}
        }
    }
    instances.extend(current);
    instances.retain(|own| !own.name.is_empty());
    if instances.is_empty() && !data.is_empty() {
        return nonsense("the answer names no instance");
    }
    BrowserResult::Instances(instances)
}

#[cfg(test)]
mod tests {
    use std::net::UdpSocket;
    use std::sync::atomic::AtomicBool;
    use std::thread;
    use std::time::Duration;

    use proptest::prelude::*;

    use super::{browse, question, read};
    use crate::machine::connect::{BrowserResult, SqlInstance};
    use crate::platform::network::Patience;

    fn answer(data: &str) -> Vec<u8> {
        let mut bytes = vec![0x05];
        bytes.extend(u16::try_from(data.len()).unwrap().to_le_bytes());
        bytes.extend(data.as_bytes());
        bytes
    }

    const TWO: &str = "ServerName;DB1;InstanceName;MSSQLSERVER;IsClustered;No;Version;16.0.1000.6;tcp;1433;np;\\\\DB1\\pipe\\sql\\query;;ServerName;DB1;InstanceName;SALES;IsClustered;No;Version;15.0.2000.5;;";

    fn sales(tcp: Option<u16>) -> SqlInstance {
        SqlInstance {
            server: "DB1".to_owned(),
            name: "SALES".to_owned(),
            version: Some("15.0.2000.5".to_owned()),
            tcp,
            pipe: None,
        }
    }

    #[test]
    fn every_instance_of_an_answer_is_read() {
        let BrowserResult::Instances(all) = read(&answer(TWO)) else { panic!("no instances") };
        assert_eq!((all.len(), all[0].tcp, all[0].pipe.as_deref()), (2, Some(1433), Some(r"\\DB1\pipe\sql\query")));
        assert_eq!(all[1], sales(None));
    }

    #[test]
    fn what_is_no_answer_is_told_as_such() {
        for bytes in [&b""[..], b"\x05", b"\x05\x01", b"HTTP/1.1 400", b"\x05\x03\x00abc"] {
            assert!(matches!(read(bytes), BrowserResult::Nonsense(_)), "{bytes:?}");
        }
        assert_eq!(read(b"\x05\x00\x00"), BrowserResult::Instances(Vec::new()));
    }

    #[test]
    fn a_question_is_never_too_long() {
        assert_eq!(question("SALES"), b"\x04SALES\0");
        let long = question(&"ü".repeat(40));
        assert_eq!((long.len(), std::str::from_utf8(&long[1..33]).is_ok()), (34, true));
    }

    proptest! {
        #[test]
        fn no_bytes_break_the_reader(bytes in proptest::collection::vec(any::<u8>(), 0..200), text in "[;a-zA-Z0-9]{0,200}") {
            let _hostile = read(&bytes);
            if let BrowserResult::Instances(all) = read(&answer(&text)) {
                prop_assert!(all.len() <= super::MOST_INSTANCES + 1);
            }
        }
    }

    #[test]
    fn an_unknown_instance_is_told_from_a_silent_browser() {
        let server = UdpSocket::bind("127.0.0.1:0").unwrap();
        let at = server.local_addr().unwrap();
        let browser = thread::Builder::new().name("browser".to_owned());
        // It keeps silent on a question for one instance, and tells of all when asked for them.
        let browser = browser.spawn(move || {
            let mut bytes = [0; 64];
            loop {
                let (length, from) = server.recv_from(&mut bytes).unwrap();
                if bytes[..length] == [0x03] {
                    server.send_to(&answer(TWO), from).unwrap();
                    break;
                }
            }
        });
        let stop = AtomicBool::new(false);
        let patience = Patience { limit: Duration::from_millis(400), stop: &stop };
        let asked = browse(at, "ORDERS", &patience);
        assert!(matches!(&asked.result, BrowserResult::Instances(all) if all.len() == 2), "{asked:?}");
        browser.unwrap().join().unwrap();
        let refused = browse(at, "ORDERS", &patience);
        // Wine tells nobody that nobody receives.
        let untold = cfg!(windows) && refused.result == BrowserResult::Silent;
        assert!(untold || refused.result == BrowserResult::Refused, "{refused:?}");
    }
}
