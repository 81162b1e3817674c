//! Which processes have which sockets: nothing but `/proc/PID/fd` tells, one link a descriptor.

use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use rustix::fs::{FileType, Mode, OFlags, RawDir};
use rustix::io::Errno;

use crate::platform::crew;

/// More threads wait for each other in the kernel.
const MAX_THREADS: usize = 4;
/// Below this many processes a second thread takes longer to start than it saves.
const WORTH_A_THREAD: usize = 48;
/// How many processes a thread takes at a time.
const SHARE: usize = 8;

/// What a scan found.
#[derive(Debug, Default)]
pub struct Holders {
    /// Inode of a socket and a process that has it, each once, in ascending order.
    pairs: Vec<(u32, u32)>,
    /// How many processes we were not allowed to look into.
    pub denied: usize,
    /// The descriptors of each process that was looked into.
    pub descriptors: Vec<Descriptors>,
}

/// The open descriptors of a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Descriptors {
    /// The process.
    pub pid: u32,
    /// All of them.
    pub all: u32,
    /// Those that are sockets, of whatever kind.
    pub sockets: u32,
}

impl Holders {
    /// Every process that has this socket, in ascending order, as far as was looked.
    pub fn of(&self, inode: u32) -> impl Iterator<Item = u32> + '_ {
        let first = self.pairs.partition_point(|(own, _)| *own < inode);
        self.pairs[first..].iter().take_while(move |(own, _)| *own == inode).map(|(_, pid)| *pid)
    }

    /// Adds what a scan of other processes found.
    pub fn extend(&mut self, other: Self) {
        self.denied += other.denied;
        self.descriptors.extend(other.descriptors);
        self.pairs.extend(other.pairs);
        self.put_in_order();
    }

    #[expect(clippy::stable_sort_primitive, reason = "what comes from one process is mostly in order, which only this sort uses")]
    fn put_in_order(&mut self) {
        self.pairs.sort();
        self.pairs.dedup();
    }
}

/// Looks into the processes `pids` for sockets: those with the inodes `wanted`, or all.
pub fn scan(pids: &[u32], wanted: Option<&HashSet<u32>>) -> Holders {
    let threads = match pids.len() / WORTH_A_THREAD + 1 {
        // How many cores there are is told by several files.
        1 => 1,
        worth => thread::available_parallelism().map_or(1, |cores| cores.get().min(MAX_THREADS)).min(worth),
    };
    let next = AtomicUsize::new(0);
    let work = || {
        let mut share = Share::new(wanted);
        loop {
            let start = next.fetch_add(SHARE, Ordering::Relaxed);
            let Some(rest) = pids.get(start..) else { break };
            for pid in rest.iter().take(SHARE) {
                share.look_into(*pid);
            }
        }
        share
    };
    let mut holders = Holders::default();
    for share in crew::together(threads, "holders", work) {
        holders.denied += share.denied;
        holders.descriptors.extend(share.descriptors);
        holders.pairs.extend(share.found);
    }
    holders.put_in_order();
    holders
}

/// One thread's part of a scan.
struct Share<'a> {
    wanted: Option<&'a HashSet<u32>>,
    link: [u8; 64],
    buffer: Vec<u8>,
    found: Vec<(u32, u32)>,
    denied: usize,
    descriptors: Vec<Descriptors>,
}

impl<'a> Share<'a> {
    fn new(wanted: Option<&'a HashSet<u32>>) -> Self {
        let buffer = Vec::with_capacity(32 << 10);
        Self { wanted, link: [0; 64], buffer, found: Vec::new(), denied: 0, descriptors: Vec::new() }
    }

    fn look_into(&mut self, pid: u32) {
        // Any other error: it ended while we looked, and has no socket any more.
        if let Err(Errno::ACCESS | Errno::PERM) = self.sockets_of(pid) {
            self.denied += 1;
        }
    }

    fn sockets_of(&mut self, pid: u32) -> rustix::io::Result<()> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let directory = rustix::fs::open(format!("/proc/{pid}/fd"), flags, Mode::empty())?;
        let mut entries = RawDir::new(&directory, self.buffer.spare_capacity_mut());
        let mut descriptors = Descriptors { pid, all: 0, sockets: 0 };
        while let Some(entry) = entries.next() {
            let entry = entry?;
            if entry.file_type() != FileType::Symlink {
                continue;
            }
            descriptors.all += 1;
            let Ok(length) = rustix::fs::readlinkat_raw(&directory, entry.file_name(), &mut self.link[..]) else { continue };
            let inode = self.link.get(..length).and_then(socket_inode);
            descriptors.sockets += u32::from(inode.is_some());
            if let Some(inode) = inode.filter(|inode| self.wanted.is_none_or(|wanted| wanted.contains(inode))) {
                self.found.push((inode, pid));
            }
        }
        self.descriptors.push(descriptors);
        Ok(())
    }
}

/// `socket:[4711]`: the inode of the socket that a descriptor stands for. The kernel counts them in 32 bits (`get_next_ino`).
fn socket_inode(link: &[u8]) -> Option<u32> {
    let digits = link.strip_prefix(b"socket:[")?.strip_suffix(b"]")?;
    std::str::from_utf8(digits).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::os::fd::AsFd;

    use super::{scan, socket_inode};
    use crate::platform::linux::processes;

    #[test]
    fn a_link_names_a_socket_or_something_else() {
        assert_eq!(socket_inode(b"socket:[4711]"), Some(4711));
        for other in [&b"pipe:[4711]"[..], b"/tmp/socket:[4711]", b"socket:[]", b"socket:[47", b"anon_inode:[eventfd]"] {
            assert_eq!(socket_inode(other), None);
        }
    }

    #[test]
    fn we_have_our_own_socket_once_however_many_descriptors_name_it() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let inode = u32::try_from(rustix::fs::fstat(listener.as_fd()).unwrap().st_ino).unwrap();
        let _copy = listener.try_clone().unwrap();
        let pids = processes::all();
        assert!(pids.contains(&std::process::id()));
        assert!(scan(&pids, Some(&[inode].into())).of(inode).any(|pid| pid == std::process::id()));
        let ours: Vec<u32> = scan(&[std::process::id()], None).of(inode).collect();
        assert_eq!(ours, [std::process::id()], "once, not once a descriptor");
        assert_eq!(scan(&pids, Some(&[inode ^ 1 << 31].into())).of(inode).count(), 0);
    }

    #[test]
    fn a_process_that_is_gone_is_no_error() {
        let holders = scan(&[u32::MAX], None);
        assert_eq!(holders.denied, 0);
    }
}
