//! What both ends of the pipe between PortMedic and its helper on Windows agree on.

use std::io::{self, Read, Write};
use std::sync::Arc;

use crate::platform::windows::ffi::{PIPE_USE, Pipe};

/// What the name of the pipe begins with.
pub const NAME: &str = "portmedic-";

/// Who may open it: the user that asks, the system and administrators, and nobody over the network. No one may make another end.
pub fn descriptor(user: &str) -> String {
    format!("D:P(A;;{PIPE_USE:#x};;;{user})(A;;FA;;;SY)(A;;{PIPE_USE:#x};;;BA)")
}

/// Whether it is a name as PortMedic makes them.
pub fn is_name(name: &str) -> bool {
    let digits = name.strip_prefix(NAME).unwrap_or_default();
    digits.len() == 32 && digits.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'))
}

/// A pipe that one thread reads while another writes.
#[derive(Debug)]
pub struct Both(pub Arc<Pipe>);

impl Read for Both {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.as_ref().read(buffer)
    }
}

impl Write for Both {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.as_ref().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.as_ref().flush()
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::sync::Arc;
    use std::thread;
    use std::time::Duration;

    use super::{Both, NAME, descriptor, is_name};
    use crate::platform::windows::ffi::{PIPE_USE, Pipe, account_of, descriptor_of, unguessable_name};

    const SOON: Duration = Duration::from_secs(10);

    /// A pipe as PortMedic makes it for its helper, and its name.
    fn pipe() -> (Pipe, String) {
        let name = format!("{NAME}{}", unguessable_name().unwrap());
        let pipe = Pipe::create(&name, &descriptor(&account_of(None).unwrap())).unwrap();
        (pipe, name)
    }

    #[test]
    fn the_name_is_another_one_each_time_and_is_recognised() {
        let (one, other) = (unguessable_name().unwrap(), unguessable_name().unwrap());
        assert_ne!(one, other);
        assert!(is_name(&format!("{NAME}{one}")));
        for name in ["", "portmedic-", "x", &one, &format!("{NAME}{one}0"), &format!("{NAME}..\\{}", &one[3..])] {
            assert!(!is_name(name), "{name}");
        }
    }

    #[test]
    fn only_this_user_the_system_and_administrators_come_in_and_none_makes_another_end() {
        let (pipe, _name) = pipe();
        let user = account_of(None).unwrap();
        let told = descriptor_of(&pipe).unwrap();
        let (_owner, list) = told.split_once("D:").unwrap();
        let (flags, entries) = list.split_once('(').unwrap();
        assert_eq!(flags, "P", "nothing is inherited");
        let mut entries: Vec<&str> = entries.trim_end_matches(')').split(")(").collect();
        entries.sort_unstable();
        let mut wanted = ["A;;FA;;;SY".to_owned(), "A;;0x100183;;;BA".to_owned(), format!("A;;0x100183;;;{user}")];
        wanted.sort_unstable();
        assert_eq!(entries, wanted);
        // The right to make another end is 4 (FILE_CREATE_PIPE_INSTANCE).
        assert_eq!((PIPE_USE, PIPE_USE & 4), (0x0010_0183, 0));
    }

    #[test]
    fn nobody_can_be_there_before_under_the_same_name() {
        let (_pipe, name) = pipe();
        assert!(Pipe::create(&name, "D:P(A;;FA;;;WD)").is_err());
    }

    #[test]
    fn a_second_one_is_not_let_in() {
        let (pipe, name) = pipe();
        let _first = Pipe::open(&name).unwrap();
        assert!(pipe.accept(SOON).unwrap());
        assert!(Pipe::open(&name).is_err());
    }

    #[test]
    fn each_end_knows_the_process_of_the_other() {
        let (pipe, name) = pipe();
        let client = Pipe::open(&name).unwrap();
        assert!(pipe.accept(SOON).unwrap());
        assert_eq!((pipe.client().unwrap(), client.server().unwrap()), (std::process::id(), std::process::id()));
    }

    #[test]
    fn an_end_that_nobody_opens_is_not_waited_for() {
        let (pipe, _name) = pipe();
        assert!(!pipe.accept(Duration::from_millis(1)).unwrap());
        assert!(!pipe.accept(Duration::from_millis(1)).unwrap(), "and can be asked again");
    }

    #[test]
    fn what_does_not_come_is_not_waited_for() {
        let (pipe, name) = pipe();
        let client = Pipe::open(&name).unwrap();
        assert!(pipe.accept(SOON).unwrap());
        let error = client.read_within(&mut [0; 8], Some(Duration::from_millis(1))).unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::TimedOut);
        (&pipe).write_all(b"late").unwrap();
        let mut heard = [0; 4];
        (&client).read_exact(&mut heard).unwrap();
        assert_eq!(&heard, b"late", "nothing was lost");
    }

    #[test]
    fn one_thread_writes_while_another_waits_to_read() {
        let (pipe, name) = pipe();
        let client = Arc::new(Pipe::open(&name).unwrap());
        assert!(pipe.accept(SOON).unwrap());
        let mut waiting = Both(Arc::clone(&client));
        let reader = thread::Builder::new().name("reader".to_owned()).spawn(move || {
            let mut heard = String::new();
            waiting.read_to_string(&mut heard).map(|_| heard)
        });
        let reader = reader.unwrap();
        Both(client).write_all(b"said while the other waits").unwrap();
        let mut heard = [0; 26];
        (&pipe).read_exact(&mut heard).unwrap();
        (&pipe).write_all(b"heard").unwrap();
        drop(pipe);
        assert_eq!(reader.join().unwrap().unwrap(), "heard", "and its end is the end of what is read");
    }
}
