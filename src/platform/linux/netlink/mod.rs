//! Netlink: the kernel's own answer about sockets and addresses, asked without any tool.

mod message;

use std::io;
use std::os::fd::OwnedFd;
use std::time::Duration;

use rustix::net::{AddressFamily, Protocol, RecvFlags, SendFlags, SocketFlags, SocketType, sockopt};

pub use message::{array_at, attributes, messages, u8_at, u16_be_at, u32_at};

use message::{Content, header};

const NLM_F_REQUEST: u16 = 0x01;
const NLM_F_ACK: u16 = 0x04;
const NLM_F_DUMP: u16 = 0x300;

/// One system call takes at most 32 KiB of a dump.
const BUFFER: usize = 64 << 10;

/// The kernel answers at once; this only keeps a broken one from holding us for ever.
const ANSWER_WITHIN: Duration = Duration::from_secs(5);

/// How often a dump that changed under our eyes is taken again.
const ATTEMPTS: usize = 3;

/// An open netlink socket.
#[derive(Debug)]
pub struct Netlink {
    socket: OwnedFd,
    buffer: Vec<u8>,
    sequence: u32,
}

impl Netlink {
    /// Opens a socket for one netlink protocol; `None` is `NETLINK_ROUTE`.
    ///
    /// # Errors
    /// Where the system refuses: a seccomp filter, or a kernel without the protocol.
    pub fn open(protocol: Option<Protocol>) -> io::Result<Self> {
        let socket = rustix::net::socket_with(AddressFamily::NETLINK, SocketType::RAW, SocketFlags::CLOEXEC, protocol)?;
        sockopt::set_socket_timeout(&socket, sockopt::Timeout::Recv, Some(ANSWER_WITHIN))?;
        // More room than the default saves wake-ups on large tables; the answer is the same without.
        if let Err(error) = sockopt::set_socket_recv_buffer_size(&socket, 1 << 20) {
            debug_assert!(false, "SO_RCVBUF only refuses bad values: {error}");
        }
        Ok(Self { socket, buffer: vec![0; BUFFER], sequence: 0 })
    }

    /// Asks for a dump and reads each message of it with `read`, which leaves out what it does not understand.
    ///
    /// # Errors
    /// Where the kernel refuses the question, or its answer breaks the rules of netlink.
    pub fn dump<T>(&mut self, kind: u16, request: &[u8], read: impl Fn(&[u8]) -> Option<T>) -> io::Result<Vec<T>> {
        let mut rows = Vec::new();
        self.dump_into(&mut rows, kind, request, read)?;
        Ok(rows)
    }

    /// Does the same, adds the rows to those that are there, and says whether rows may be missing or double because the table changed each
    /// time it was read. A dump that ends in an error adds nothing.
    ///
    /// # Errors
    /// See [`Self::dump`].
    pub fn dump_into<T>(
        &mut self,
        rows: &mut Vec<T>,
        kind: u16,
        request: &[u8],
        read: impl Fn(&[u8]) -> Option<T>,
    ) -> io::Result<bool> {
        let before = rows.len();
        let mut interrupted = true;
        for _ in 0..ATTEMPTS {
            rows.truncate(before);
            let answer = self.exchange(kind, NLM_F_DUMP, request, |payload| rows.extend(read(payload)));
            interrupted = answer.inspect_err(|_| rows.truncate(before))?;
            if !interrupted {
                break;
            }
        }
        Ok(interrupted)
    }

    /// Gives an order that is answered with yes or no.
    ///
    /// # Errors
    /// Where the kernel refuses it, with the kernel's own error number.
    pub fn command(&mut self, kind: u16, request: &[u8]) -> io::Result<()> {
        self.exchange(kind, NLM_F_ACK, request, |_| {}).map(drop)
    }

    /// One request with its whole answer; whether a table that was dumped changed while it was read.
    fn exchange(&mut self, kind: u16, flags: u16, request: &[u8], mut each: impl FnMut(&[u8])) -> io::Result<bool> {
        self.sequence += 1;
        let mut question = header(kind, NLM_F_REQUEST | flags, self.sequence, request.len());
        question.extend_from_slice(request);
        rustix::net::send(&self.socket, &question, SendFlags::empty())?;

        let mut interrupted = false;
        loop {
            let (_, length) = match rustix::net::recv(&self.socket, &mut self.buffer[..], RecvFlags::TRUNC) {
                Err(rustix::io::Errno::INTR) => continue,
                answer => answer?,
            };
            let bytes =
                self.buffer.get(..length).ok_or_else(|| io::Error::other("the kernel sent a longer message than it may"))?;
            if bytes.is_empty() {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            // The rest of an earlier dump that ended in an error is not ours.
            for message in messages(bytes).filter(|message| message.sequence == self.sequence) {
                interrupted |= message.interrupted;
                match message.content {
                    Content::Data(payload) => each(payload),
                    Content::Done => return Ok(interrupted),
                    Content::Error(code) => return Err(io::Error::from_raw_os_error(code)),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{ATTEMPTS, Netlink};

    #[test]
    fn a_question_that_the_kernel_does_not_know_is_an_error() {
        let mut netlink = Netlink::open(Some(rustix::net::netlink::SOCK_DIAG)).unwrap();
        let answer = netlink.dump(20, &[0xFF; 56], |_| Some(()));
        assert!(answer.is_err(), "{answer:?}");
    }

    #[test]
    fn a_question_after_an_error_gets_its_own_answer() {
        const RTM_GETLINK: u16 = 18;
        let mut netlink = Netlink::open(None).unwrap();
        for _ in 0..ATTEMPTS {
            assert!(netlink.dump(0xFFF0, &[], |_| Some(())).is_err());
            let links = netlink.dump(RTM_GETLINK, &[0; 16], |_| Some(())).unwrap();
            assert!(!links.is_empty(), "every network namespace has a loopback link");
        }
    }
}
