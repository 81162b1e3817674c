//! Which processes have which sockets: nothing but `/proc/PID/fd` tells, one link a descriptor.

use std::collections::HashSet;
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use rustix::fs::{Mode, OFlags, RawDir, SeekFrom};
use rustix::io::Errno;
use rustix::path::{Arg, DecInt};

use crate::platform::crew;

/// More threads wait for each other in the kernel.
const MAX_THREADS: usize = 4;
/// Below this many processes a second thread takes longer to start than it saves.
const WORTH_A_THREAD: usize = 48;
/// So many numbers are asked for in vain, and one more for each eight descriptors, before the list of them is cheaper.
const MAX_HOLES: u32 = 16;

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
    scan_with(worth(pids), pids, wanted, || {})
}

/// Looks into them for every socket, and does something else at the same time: the first thread begins with that and then helps with the
/// rest, so that there are never more threads at work than cores.
pub fn scan_beside(pids: &[u32], other: impl Fn() + Sync) -> Holders {
    scan_with(worth(pids) + 1, pids, None, other)
}

/// How many threads these processes are worth.
fn worth(pids: &[u32]) -> usize {
    pids.len() / WORTH_A_THREAD + 1
}

fn scan_with(worth: usize, pids: &[u32], wanted: Option<&HashSet<u32>>, first: impl Fn() + Sync) -> Holders {
    let threads = match worth {
        // How many cores there are is told by several files.
        1 => 1,
        worth => thread::available_parallelism().map_or(1, |cores| cores.get().min(MAX_THREADS)).min(worth),
    };
    let next = AtomicUsize::new(0);
    let work = || {
        let mut share = Share::new(wanted);
        let mut list = Vec::with_capacity(32 << 10);
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            if index == 0 {
                first();
            } else if let Some(pid) = pids.get(index - 1) {
                share.look_into(*pid, list.spare_capacity_mut());
            } else {
                return share;
            }
        }
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
    found: Vec<(u32, u32)>,
    denied: usize,
    descriptors: Vec<Descriptors>,
}

impl<'a> Share<'a> {
    fn new(wanted: Option<&'a HashSet<u32>>) -> Self {
        Self { wanted, link: [0; 64], found: Vec::new(), denied: 0, descriptors: Vec::new() }
    }

    fn look_into(&mut self, pid: u32, list: &mut [MaybeUninit<u8>]) {
        // Any other error: it ended while we looked, and has no socket any more.
        if let Err(Errno::ACCESS | Errno::PERM) = self.sockets_of(pid, list) {
            self.denied += 1;
        }
    }

    fn sockets_of(&mut self, pid: u32, list: &mut [MaybeUninit<u8>]) -> rustix::io::Result<()> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let directory = rustix::fs::open(format!("/proc/{pid}/fd"), flags, Mode::empty())?;
        let mut descriptors = Descriptors { pid, all: 0, sockets: 0 };
        let next = self.by_number(&directory, &mut descriptors)?;
        self.by_list(&directory, list, next, &mut descriptors)?;
        self.descriptors.push(descriptors);
        Ok(())
    }

    /// Asks for one descriptor after another, as long as most of the numbers are in use, and gives the first that was not asked for. That
    /// spares the kernel the list of them, which costs it half as much as the links themselves. A kernel before 6.2 does not say how many
    /// there are, and is asked for none.
    ///
    /// Source: Linux, `Documentation/filesystems/proc.rst` on `/proc/PID/fd`: its size is the number of open files.
    fn by_number(&mut self, directory: &OwnedFd, descriptors: &mut Descriptors) -> rustix::io::Result<u32> {
        let there = u32::try_from(rustix::fs::fstat(directory)?.st_size).unwrap_or(0);
        let mut next = 0;
        while descriptors.all < there && next - descriptors.all <= there / 8 + MAX_HOLES {
            self.add(directory, DecInt::new(next), descriptors)?;
            next += 1;
        }
        Ok(next)
    }

    /// Reads the list of descriptors from this number on: those that lie far apart, and those that are left because others came meanwhile.
    fn by_list(
        &mut self,
        directory: &OwnedFd,
        list: &mut [MaybeUninit<u8>],
        first: u32,
        descriptors: &mut Descriptors,
    ) -> rustix::io::Result<()> {
        if first > 0 {
            // In the list, "." and ".." stand before the first of them.
            rustix::fs::seek(directory, SeekFrom::Start(u64::from(first) + 2))?;
        }
        let mut entries = RawDir::new(directory, list);
        while let Some(entry) = entries.next() {
            let entry = entry?;
            let number: Option<u32> = entry.file_name().to_str().ok().and_then(|name| name.parse().ok());
            if number.is_some_and(|number| number >= first) {
                self.add(directory, entry.file_name(), descriptors)?;
            }
        }
        Ok(())
    }

    /// Takes down what the descriptor of this name stands for, if there is one.
    fn add(&mut self, directory: &OwnedFd, name: impl Arg, descriptors: &mut Descriptors) -> rustix::io::Result<()> {
        let length = match rustix::fs::readlinkat_raw(directory, name, &mut self.link[..]) {
            Ok(length) => length,
            // Root may open the folder of a process without the right to look into it (`CAP_SYS_PTRACE`), as in a container.
            Err(denied @ (Errno::ACCESS | Errno::PERM)) => return Err(denied),
            Err(_) => return Ok(()),
        };
        descriptors.all += 1;
        let Some(inode) = self.link.get(..length).and_then(socket_inode) else { return Ok(()) };
        descriptors.sockets += 1;
        if self.wanted.is_none_or(|wanted| wanted.contains(&inode)) {
            self.found.push((inode, descriptors.pid));
        }
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
    fn a_socket_is_found_however_far_its_descriptor_lies_from_the_others() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let inode = u32::try_from(rustix::fs::fstat(listener.as_fd()).unwrap().st_ino).unwrap();
        let _far = rustix::io::fcntl_dupfd_cloexec(&listener, 1000).unwrap();
        drop(listener);
        assert_eq!(scan(&[std::process::id()], Some(&[inode].into())).of(inode).count(), 1);
    }

    #[test]
    fn a_process_that_is_gone_is_no_error() {
        let holders = scan(&[u32::MAX], None);
        assert_eq!(holders.denied, 0);
    }
}
